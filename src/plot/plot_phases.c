// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_phases: where the time of a start goes: a bar a cell in plan order, stacked from the
 * medians of its phases, with the touch of the working set behind them in a lighter shade.
 */
#include "plot.h"

#include "gnuplot.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BARS	  100
#define BIG_SHARE	  0.04 /* of some bar: from there on a phase is named */
#define CHAR_PIXELS	  6    /* of the small type inside and beside bars */
#define LABEL_CHAR_PIXELS 7    /* of their labels */
#define LAST_PHASE	  PHASE_TOUCH
#define PARTS		  (LAST_PHASE + 2) /* the phases, and "other" */
#define OTHER		  (LAST_PHASE + 1)
#define ROOM		  0.34 /* behind the longest bar, for its numbers */
#define KEY_COLUMNS	  3 /* gnuplot makes as many rows as it needs, so ask for no more than fit */

/* A phase has the same colour in every picture of a theme; text on it is black or white. */
struct look {
	const char *colour, *text;
};

static const struct look looks[PARTS] = {
	[PHASE_OPEN] = {"#000000", "#FFFFFF"},
	[PHASE_VM_CREATE] = {"#CC79A7", "#000000"},
	[PHASE_SEV_INIT] = {"#8C6D31", "#FFFFFF"},
	[PHASE_MEM_MAP] = {"#F0E442", "#000000"},
	[PHASE_PREFAULT] = {"#56B4E9", "#000000"},
	[PHASE_MEMSLOT] = {"#E69F00", "#000000"},
	[PHASE_PIN] = {"#D55E00", "#000000"},
	[PHASE_PAYLOAD] = {"#555555", "#FFFFFF"},
	[PHASE_LAUNCH_START] = {"#4B0082", "#FFFFFF"},
	[PHASE_LAUNCH_UPDATE] = {"#8B0000", "#FFFFFF"},
	[PHASE_LAUNCH_UPDATE_VMSA] = {"#B8860B", "#000000"},
	[PHASE_LAUNCH_MEASURE] = {"#2F4F4F", "#FFFFFF"},
	[PHASE_LAUNCH_FINISH] = {"#708090", "#FFFFFF"},
	[PHASE_VCPU_CREATE] = {"#009E73", "#000000"},
	[PHASE_FIRST_INSTRUCTION] = {"#0072B2", "#FFFFFF"},
	[PHASE_TOUCH] = {"#DDDDDD", "#000000"},
	[OTHER] = {"#999999", "#000000"},
};

/* What would not be seen on dark paper, or would shine there, is another colour. */
static struct look look_of(const struct plot_job *j, int part)
{
	static const struct look dark_touch = {"#3D434D", "#F0F0F0"},
				 dark_open = {"#F0F0F0", "#000000"};

	if (j->style.theme == PLOT_THEME_DARK && part == PHASE_TOUCH)
		return dark_touch;
	if (j->style.theme == PLOT_THEME_DARK && part == PHASE_OPEN)
		return dark_open;
	return looks[part];
}

struct phases_plot {
	const struct plot_job *job;
	const struct cell_view *view;
	FILE *out;
	uint32_t bars, left_out;
	uint32_t cell[MAX_BARS];
	bool big[PARTS];
	double longest_ns;
	unsigned bar_pixels, axis_pixels; /* a bar's height with its gap; the axis' length, about */
};

static double median_of(const struct phases_plot *p, uint32_t bar, int phase)
{
	return p->view->summary[p->cell[bar]].phase_ns[phase].median;
}

/* The length of a part of a bar; "other" is what is too small everywhere to be named. */
static double part_ns(const struct phases_plot *p, uint32_t bar, int part)
{
	double sum = 0;
	int phase;

	if (part != OTHER)
		return p->big[part] ? median_of(p, bar, part) : 0;
	for (phase = 0; phase <= LAST_PHASE; phase++)
		sum += p->big[phase] ? 0 : median_of(p, bar, phase);
	return sum;
}

static double bar_ns(const struct phases_plot *p, uint32_t bar)
{
	double sum = 0;
	int phase;

	for (phase = 0; phase <= LAST_PHASE; phase++)
		sum += median_of(p, bar, phase);
	return sum;
}

static void choose_bars(struct phases_plot *p)
{
	uint32_t i;

	for (i = 0; i < p->view->record->cell_count; i++) {
		if (p->view->summary[i].startup_ns.n == 0)
			continue;
		if (p->bars < MAX_BARS)
			p->cell[p->bars++] = i;
		else
			p->left_out++;
	}
}

static void choose_phases(struct phases_plot *p)
{
	uint32_t bar;
	int phase;

	/* The touch is no part of the startup, so it never hides among others. */
	p->big[PHASE_TOUCH] = true;
	for (bar = 0; bar < p->bars; bar++) {
		p->longest_ns = fmax(p->longest_ns, bar_ns(p, bar));
		for (phase = 0; phase <= LAST_PHASE; phase++)
			p->big[phase] |= median_of(p, bar, phase) > BIG_SHARE * bar_ns(p, bar);
	}
}

/* "eager 1G", with the type, mechanism and traits that tell it from its neighbours. */
static void bar_label(const struct phases_plot *p, uint32_t bar, char *buf, size_t size)
{
	plot_cell_label(p->view, p->cell[bar], p->view->mechanism_differs, true, buf, size);
}

static size_t widest_label(const struct phases_plot *p)
{
	char label[PLOT_LABEL];
	size_t widest = 0;
	uint32_t bar;

	for (bar = 0; bar < p->bars; bar++) {
		bar_label(p, bar, label, sizeof(label));
		widest = strlen(label) > widest ? strlen(label) : widest;
	}
	return widest;
}

/* Parts from left to right: "other" comes before the touch, which is no part of the startup. */
static int part_at(int order)
{
	return order == LAST_PHASE ? OTHER : order == OTHER ? LAST_PHASE : order;
}

/* "$partN": from, to and row of that part in every bar. */
static void put_data(const struct phases_plot *p)
{
	double from[MAX_BARS] = {0}, ns;
	int part, order;
	uint32_t bar;

	for (order = 0; order < PARTS; order++) {
		part = part_at(order);
		fprintf(p->out, "$part%d << END\n", part);
		for (bar = 0; bar < p->bars; bar++) {
			ns = part_ns(p, bar, part);
			fprintf(p->out, "%.17g %.17g %" PRIu32 "\n", from[bar], from[bar] + ns,
				bar + 1);
			from[bar] += ns;
		}
		fprintf(p->out, "END\n");
	}
}

/* Labels rather than ticks: gnuplot cuts a tick's label at 50 bytes and takes '%' for a format. */
static void put_bar_labels(const struct phases_plot *p)
{
	char label[PLOT_LABEL];
	uint32_t bar;

	fprintf(p->out, "set yrange [%" PRIu32 ".5:0.5]\nunset ytics\n", p->bars);
	for (bar = 0; bar < p->bars; bar++) {
		bar_label(p, bar, label, sizeof(label));
		fprintf(p->out, "set label ");
		gnuplot_put_text(label, sizeof(label), p->out);
		fprintf(p->out,
			" at graph 0, first %" PRIu32 " right offset character -0.8, 0 "
			"noenhanced textcolor rgb \"%s\"\n",
			bar + 1, plot_ink(p->job->style.theme, PLOT_INK_TEXT));
	}
}

static void put_bar_text(const struct phases_plot *p, const char *text, double x, uint32_t bar,
			 const char *place, const char *colour)
{
	fprintf(p->out, "set label ");
	gnuplot_put_text(text, PLOT_LABEL, p->out);
	fprintf(p->out,
		" at first %.17g, first %" PRIu32 " %s front noenhanced font \",%u\" "
		"textcolor rgb \"%s\"\n",
		x, bar + 1, place, plot_small_type(p->job), colour);
}

/* Write a part's name into it, with its time where that fits too. */
static void name_part(const struct phases_plot *p, uint32_t bar, int part, double from)
{
	const char *name = part == OTHER ? "other" : words_text(&words_phase, (unsigned)part);
	double ns = part_ns(p, bar, part);
	double pixels = ns / (p->longest_ns * (1 + ROOM)) * p->axis_pixels;
	char text[64], time[16];

	snprintf(text, sizeof(text), "%s %s", name,
		 units_format_ns(cell_view_whole(ns), time, sizeof(time)));
	if ((double)((strlen(text) + 1) * CHAR_PIXELS) > pixels)
		snprintf(text, sizeof(text), "%s", name);
	if ((double)((strlen(text) + 1) * CHAR_PIXELS) <= pixels)
		put_bar_text(p, text, from + ns / 2, bar, "center", look_of(p->job, part).text);
}

/* The names inside a bar, and behind it the latencies that the user waits for. */
static void put_bar_texts(const struct phases_plot *p, uint32_t bar)
{
	const struct cell_summary *s = &p->view->summary[p->cell[bar]];
	char startup[16], touched[16], text[64];
	double from = 0;
	int part, order;

	for (order = 0; order < PARTS; order++) {
		part = part_at(order);
		name_part(p, bar, part, from);
		from += part_ns(p, bar, part);
	}
	units_format_ns(cell_view_whole(s->startup_ns.median), startup, sizeof(startup));
	snprintf(text, sizeof(text), "%s", startup);
	if (s->working_set_ns.n > 0)
		snprintf(text, sizeof(text), "%s, touched %s", startup,
			 units_format_ns(cell_view_whole(s->working_set_ns.median), touched,
					 sizeof(touched)));
	put_bar_text(p, text, from, bar, "left offset character 0.6, 0",
		     plot_ink(p->job->style.theme, PLOT_INK_TEXT));
}

static void put_parts(const struct phases_plot *p)
{
	int part, order;
	bool first = true;

	for (order = 0; order < PARTS; order++) {
		part = part_at(order);
		if (part != OTHER && !p->big[part])
			continue;
		fprintf(p->out,
			"%s$part%d using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror "
			"linewidth 0.5 fillcolor rgb \"%s\" title \"%s\"",
			first ? "plot " : ", \\\n\t", part, look_of(p->job, part).colour,
			part == OTHER ? "other" : words_text(&words_phase, (unsigned)part));
		first = false;
	}
}

static void footer_text(const struct phases_plot *p, char *buf, size_t size)
{
	size_t used, n, least = SIZE_MAX, most = 0;
	uint32_t i;

	for (i = 0; i < p->bars; i++) {
		n = p->view->summary[p->cell[i]].startup_ns.n;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	used = (size_t)snprintf(buf, size, "parts: medians, n %zu", least);
	if (most > least)
		used += (size_t)snprintf(buf + used, size - used, " to %zu", most);
	used += (size_t)snprintf(buf + used, size - used,
				 "; behind them: median startup, then with the touch; other: all "
				 "phases not named");
	if (p->left_out > 0)
		snprintf(buf + used, size - used, "; %" PRIu32 " further cells left out",
			 p->left_out);
}

static unsigned count_parts(const struct phases_plot *p)
{
	unsigned parts = 1; /* "other" */
	int phase;

	for (phase = 0; phase <= LAST_PHASE; phase++)
		parts += p->big[phase];
	return parts;
}

static void put_axes(const struct phases_plot *p, const struct plot_frame *frame, unsigned left)
{
	enum plot_theme theme = p->job->style.theme;

	fprintf(p->out, "set lmargin at screen %u.0/%u\n", left, frame->width);
	fprintf(p->out, "set style fill solid 1 border linecolor rgb \"%s\"\n",
		plot_ink(theme, PLOT_INK_PAPER));
	fprintf(p->out, "set grid xtics back linetype 1 linecolor rgb \"%s\"\n",
		plot_ink(theme, PLOT_INK_GRID));
	fprintf(p->out, "set key samplen 1.5\n");
	fprintf(p->out, "set xlabel \"time\" noenhanced\n");
	put_bar_labels(p);
	plot_linear_time_axis('x', p->longest_ns, ROOM, p->out);
}

static void put_script(struct phases_plot *p)
{
	size_t label = widest_label(p);
	unsigned parts = count_parts(p), left = (unsigned)label * LABEL_CHAR_PIXELS + 30;
	char footer[512];
	struct plot_frame frame = {
		.width = PLOT_WIDTH + (label > 24 ? (unsigned)(label - 24) * LABEL_CHAR_PIXELS : 0),
		.title = "Where the time of a guest's start goes, phase by phase",
		.footer = footer,
		.key_columns = parts < KEY_COLUMNS ? parts : KEY_COLUMNS,
		.key_rows = (parts + KEY_COLUMNS - 1) / KEY_COLUMNS,
	};
	uint32_t bar;

	p->bar_pixels = p->bars > 8 ? 22 : 40;
	frame.height = plot_frame_above(p->job) + p->bars * p->bar_pixels +
		       plot_frame_below(p->job, frame.key_rows);
	plot_frame_fit(p->job, &frame);
	p->axis_pixels = frame.width - 28 - left;
	put_data(p);
	footer_text(p, footer, sizeof(footer));
	plot_frame_put(&frame, p->job);
	put_axes(p, &frame, left);
	for (bar = 0; bar < p->bars; bar++)
		put_bar_texts(p, bar);
	put_parts(p);
	plot_frame_end(p->job);
}

int plot_phases_put(const struct plot_job *j)
{
	struct phases_plot p = {.job = j, .view = j->view, .out = j->out};

	choose_bars(&p);
	choose_phases(&p);
	if (p.bars == 0 || p.longest_ns < 1)
		return -ENODATA;
	put_script(&p);
	return 0;
}
