// SPDX-License-Identifier: GPL-2.0-or-later
/* result_bars: results as charts of characters, for a terminal. */
#include "sevpinbench/result_bars.h"

#include "plot.h"
#include "sevpinbench/cell_view.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define USUAL_COLUMNS 80
#define LEAST_BAR     4
#define LABEL_CHARS   44 /* longer ones are cut */
#define TEXT_BYTES    (LABEL_CHARS * 4 + 8)
#define MAX_BINS      120

/* What a chart is made of: the chart of a cell and the words behind it. */
struct bars;
struct kind {
	void (*chart)(const struct bars *b, uint32_t cell);
	void (*words)(const struct bars *b, uint32_t cell, char *buf, size_t size);
};

struct bars {
	const struct cell_view *view;
	const struct bars_style *style;
	FILE *out;
	size_t label, value; /* widths */
	unsigned bar;	     /* characters for the longest */
	double longest_ns;
};

/* What stands for the startup, for less than a whole character of it, and for the touch. */
static const char *const blocks[2][3] = {{"#", "#", "."}, {"█", "▏", "░"}};
static const char *const levels[2][9] = {{" ", ".", ":", "-", "=", "+", "*", "#", "@"},
					 {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}};
static const char *const mode_colour[PIN_MODE_COUNT] = {"\033[33m", "\033[36m", "\033[32m"};

static void label_of(const struct bars *b, uint32_t cell, char *buf)
{
	char text[PLOT_LABEL];

	plot_cell_label(b->view, cell, b->view->mechanism_differs, true, text, sizeof(text));
	plain_text(text, LABEL_CHARS, buf, TEXT_BYTES);
}

static double touch_ns(const struct bars *b, uint32_t cell)
{
	const struct cell_summary *s = &b->view->summary[cell];

	return s->working_set_ns.n ? fmax(s->working_set_ns.median - s->startup_ns.median, 0) : 0;
}

/* "4.48 s, touched 6.67 s" */
static void value_of(const struct bars *b, uint32_t cell, char *buf, size_t size)
{
	const struct cell_summary *s = &b->view->summary[cell];
	char startup[16], touched[16];

	units_format_ns(cell_view_whole(s->startup_ns.median), startup, sizeof(startup));
	snprintf(buf, size, "%s", startup);
	if (s->working_set_ns.n > 0)
		snprintf(buf, size, "%s, touched %s", startup,
			 units_format_ns(cell_view_whole(s->working_set_ns.median), touched,
					 sizeof(touched)));
}

/* "24.1 ms to 6.67 s" */
static void range_of(const struct bars *b, uint32_t cell, char *buf, size_t size)
{
	const struct stats_summary *s = &b->view->summary[cell].startup_ns;
	double fastest, slowest;
	char low[16], high[16];

	cell_view_startup_range(b->view, cell, &fastest, &slowest);
	snprintf(buf, size, "%s to %s, n %zu",
		 units_format_ns(cell_view_whole(fastest), low, sizeof(low)),
		 units_format_ns(cell_view_whole(slowest), high, sizeof(high)), s->n);
}

/* Widths, from all cells that have something to show. Returns false where none has. */
static bool measure(struct bars *b, const struct kind *kind)
{
	unsigned columns = b->style->columns ? b->style->columns : USUAL_COLUMNS;
	char label[TEXT_BYTES], text[64];
	size_t taken;
	uint32_t i;

	for (i = 0; i < b->view->record->cell_count; i++) {
		if (b->view->summary[i].startup_ns.n == 0)
			continue;
		label_of(b, i, label);
		kind->words(b, i, text, sizeof(text));
		b->label = plain_text_width(label) > b->label ? plain_text_width(label) : b->label;
		b->value = strlen(text) > b->value ? strlen(text) : b->value;
		b->longest_ns =
			fmax(b->longest_ns, b->view->summary[i].startup_ns.median + touch_ns(b, i));
	}
	taken = b->label + b->value + 4;
	b->bar = columns > taken + LEAST_BAR ? columns - (unsigned)taken : LEAST_BAR;
	return b->longest_ns >= 1;
}

static void put_times(const struct bars *b, const char *what, unsigned count)
{
	while (count-- > 0)
		fputs(what, b->out);
}

/* Lengths are rounded where they end, so parts together are as long as the whole. */
static void put_bar(const struct bars *b, uint32_t cell)
{
	const char *const *block = blocks[b->style->unicode];
	unsigned mode = (unsigned)b->view->record->cell[cell].cell.pin;
	const char *colour = b->style->colour && mode < PIN_MODE_COUNT ? mode_colour[mode] : "";
	double startup = b->view->summary[cell].startup_ns.median;
	unsigned end = (unsigned)(startup / b->longest_ns * b->bar + 0.5);
	unsigned whole = (unsigned)((startup + touch_ns(b, cell)) / b->longest_ns * b->bar + 0.5);
	unsigned used = end;

	fputs(colour, b->out);
	put_times(b, block[0], end);
	if (end == 0) {
		fputs(block[1], b->out);
		used = 1;
	}
	if (whole > used)
		put_times(b, block[2], whole - used);
	fputs(colour[0] ? "\033[0m" : "", b->out);
	put_times(b, " ", b->bar - (whole > used ? whole : used));
}

static void put_row(const struct bars *b, uint32_t cell, const struct kind *kind)
{
	char label[TEXT_BYTES], text[64];

	label_of(b, cell, label);
	kind->words(b, cell, text, sizeof(text));
	put_times(b, " ", (unsigned)(b->label - plain_text_width(label)));
	fprintf(b->out, "%s  ", label);
	kind->chart(b, cell);
	fprintf(b->out, "  %s\n", text);
}

/* How many samples each part of the way from the fastest to the slowest has. */
static void put_spread(const struct bars *b, uint32_t cell)
{
	const struct record_cell *c = &b->view->record->cell[cell];
	double low, high;
	unsigned bins = b->bar > MAX_BINS ? MAX_BINS : b->bar, bin, most = 1;
	unsigned count[MAX_BINS] = {0};
	uint64_t ns;
	uint32_t i;

	cell_view_startup_range(b->view, cell, &low, &high);
	for (i = 0; i < c->sample_count; i++) {
		if (!sample_is_valid(&c->sample[i]) || !sample_startup_ns(&c->sample[i], &ns))
			continue;
		bin = high > low ? (unsigned)(((double)ns - low) / (high - low) * (bins - 1)) : 0;
		count[bin]++;
		most = count[bin] > most ? count[bin] : most;
	}
	for (bin = 0; bin < bins; bin++)
		fputs(levels[b->style->unicode][(count[bin] * 8 + most - 1) / most], b->out);
}

static void put_head(const struct bars *b, bool spread)
{
	if (spread)
		fprintf(b->out, "startup samples of each cell, from its fastest to its slowest");
	else
		fprintf(b->out, "median startup %s, then touching the working set %s",
			blocks[b->style->unicode][0], blocks[b->style->unicode][2]);
	fprintf(b->out, "%s\n",
		b->view->record->host.platform == PLATFORM_EMULATED ? " (EMULATED)" : "");
}

static int print(const struct record *const *r, const char *const *name, uint32_t count,
		 const struct bars_style *style, FILE *out, bool spread)
{
	static const struct kind kinds[2] = {{put_bar, value_of}, {put_spread, range_of}};
	struct cell_view v;
	struct bars b = {.view = &v, .style = style, .out = out};
	uint32_t i;
	int err = cell_view_open_several(&v, r, name, count);

	if (err)
		return err;
	err = measure(&b, &kinds[spread]) ? 0 : -ENODATA;
	if (!err)
		put_head(&b, spread);
	for (i = 0; i < v.record->cell_count && !err; i++) {
		if (v.summary[i].startup_ns.n > 0)
			put_row(&b, i, &kinds[spread]);
	}
	cell_view_close(&v);
	return err;
}

int result_bars_print(const struct record *const *r, const char *const *name, uint32_t count,
		      const struct bars_style *style, FILE *out)
{
	return print(r, name, count, style, out, false);
}

int result_bars_print_spread(const struct record *const *r, const char *const *name, uint32_t count,
			     const struct bars_style *style, FILE *out)
{
	return print(r, name, count, style, out, true);
}
