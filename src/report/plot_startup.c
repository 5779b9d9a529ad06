// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_startup: startup latency against the guest's size, a line for each group of cells that
 * differ in size alone. Lines differ in colour, mark and dashes, so a grey print can be read.
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

#define MAX_LINES     28
#define MAX_DOTS      20000 /* of all cells: beyond it, dots hide each other and fill the file */
#define KEY_ROW_CHARS 104
#define SIZE_TICKS    12

/* The looks of lines. The first of each pin mode is that mode's own; more lines take the rest. */
static const char *const colours[] = {PLOT_VERMILLION, PLOT_BLUE,  PLOT_GREEN,	 PLOT_PURPLE,
				      PLOT_ORANGE,     PLOT_BLACK, PLOT_SKY_BLUE};
static const unsigned marks[] = {7, 5, 9, 13, 11, 4, 6, 8, 12, 10}; /* gnuplot's pointtype */
static const unsigned dashes[] = {1, 2, 4, 3, 5};		    /* and dashtype */
#define COLOURS (sizeof(colours) / sizeof(colours[0]))
#define MARKS	(sizeof(marks) / sizeof(marks[0]))
#define DASHES	(sizeof(dashes) / sizeof(dashes[0]))

/* Where a colour comes back, mark and dashes are others. */
static const char *colour_of(unsigned style)
{
	return colours[style % COLOURS];
}

static unsigned mark_of(unsigned style)
{
	return marks[(style % COLOURS + style / COLOURS * 3) % MARKS];
}

static unsigned dashes_of(unsigned style)
{
	return dashes[(style % COLOURS + style / COLOURS) % DASHES];
}

/* A cell that is drawn, and the line it belongs to. */
struct point {
	uint32_t line, cell;
	uint64_t bytes;
};

struct startup_plot {
	const struct cell_view *view;
	FILE *out;
	struct point *point; /* by line, then size */
	uint32_t points;
	uint32_t lines, left_out;  /* groups drawn, and cells beyond MAX_LINES */
	uint32_t first[MAX_LINES]; /* a cell of each line */
	unsigned style[MAX_LINES];
	uint64_t low_bytes, high_bytes;
	double low_ns, high_ns;
	double octaves;	       /* from the smallest size to the largest */
	uint32_t dots_of_cell; /* at most */
	bool dots_thinned;
};

static void choose_styles(struct startup_plot *p)
{
	bool mode_taken[PIN_MODE_COUNT] = {false};
	unsigned next = PIN_MODE_COUNT;
	uint32_t i;

	for (i = 0; i < p->lines; i++) {
		unsigned mode = (unsigned)p->view->record->cell[p->first[i]].cell.pin;

		if (mode < PIN_MODE_COUNT && !mode_taken[mode]) {
			mode_taken[mode] = true;
			p->style[i] = mode;
		} else {
			p->style[i] = next++;
		}
	}
}

/* The line of the cell's group, new if need be; MAX_LINES where there is no room for it. */
static uint32_t line_of(struct startup_plot *p, uint32_t cell)
{
	uint32_t i;

	for (i = 0; i < p->lines; i++) {
		if (p->view->group[p->first[i]] == p->view->group[cell])
			return i;
	}
	if (i < MAX_LINES)
		p->first[p->lines++] = cell;
	return i;
}

static void add_cell(struct startup_plot *p, uint32_t cell)
{
	const struct stats_summary *s = &p->view->summary[cell].startup_ns;
	uint64_t bytes = p->view->record->cell[cell].cell.guest_bytes;
	uint32_t line;

	/* A logarithmic axis has no 0. */
	if (s->n == 0 || s->median < 1 || bytes == 0)
		return;
	line = line_of(p, cell);
	if (line == MAX_LINES) {
		p->left_out++;
		return;
	}
	if (p->points == 0 || bytes < p->low_bytes)
		p->low_bytes = bytes;
	if (bytes > p->high_bytes)
		p->high_bytes = bytes;
	p->low_ns = fmin(p->low_ns, fmax(s->min, 1));
	p->high_ns = fmax(p->high_ns, s->max);
	p->point[p->points++] = (struct point){.line = line, .cell = cell, .bytes = bytes};
}

static int compare_points(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return (x->cell > y->cell) - (x->cell < y->cell);
}

/*
 * By what a line's marks stand beside the size they belong to: a little apart, or they would
 * cover each other; well apart where there is one size only and so nothing else across.
 */
static double factor_aside(const struct startup_plot *p, uint32_t line)
{
	double step = p->octaves > 0 ? p->octaves * fmin(0.012, 0.07 / p->lines) : 1.2 / p->lines;

	return exp2(((double)line - (double)(p->lines - 1) / 2) * step);
}

/*
 * A place on the axis as whole bytes: the last bits of exp2() differ from CPU to CPU, and a script
 * should not. A logarithmic axis has no 0.
 */
static uint64_t at_bytes(double bytes)
{
	uint64_t whole = cell_view_whole(bytes + 0.5);

	return whole > 0 ? whole : 1;
}

static void put_dots(struct startup_plot *p, const struct point *point)
{
	const struct record_cell *c = &p->view->record->cell[point->cell];
	uint32_t every = c->sample_count / p->dots_of_cell + 1, i;
	double x = (double)point->bytes * factor_aside(p, point->line);
	double spread = p->octaves > 0 ? 0.014 * p->octaves : 0.15;
	uint64_t ns;

	p->dots_thinned |= every > 1;
	for (i = 0; i < c->sample_count; i += every) {
		/* The golden ratio spreads any number of dots evenly, the same way each time. */
		double aside = fmod(i * 0.6180339887498949, 1) - 0.5;

		if (sample_is_valid(&c->sample[i]) && sample_startup_ns(&c->sample[i], &ns) &&
		    ns > 0)
			fprintf(p->out, "%" PRIu64 " %" PRIu64 "\n",
				at_bytes(x * exp2(aside * spread)), ns);
	}
}

static void put_median(const struct startup_plot *p, const struct point *point)
{
	const struct stats_summary *s = &p->view->summary[point->cell].startup_ns;
	bool known = s->ci_low.known && s->ci_high.known;

	fprintf(p->out, "%" PRIu64 " %.17g %.17g %.17g\n",
		at_bytes((double)point->bytes * factor_aside(p, point->line)), s->median,
		known ? fmax(s->ci_low.value, 1) : s->median, known ? s->ci_high.value : s->median);
}

/* $dotsN has "x ns" of each sample, $lineN "x median low high" of each cell. */
static void put_data(struct startup_plot *p)
{
	uint32_t line, i;

	for (line = 0; line < p->lines; line++) {
		fprintf(p->out, "$dots%" PRIu32 " << END\n", line);
		for (i = 0; i < p->points; i++) {
			if (p->point[i].line == line)
				put_dots(p, &p->point[i]);
		}
		fprintf(p->out, "END\n$line%" PRIu32 " << END\n", line);
		for (i = 0; i < p->points; i++) {
			if (p->point[i].line == line)
				put_median(p, &p->point[i]);
		}
		fprintf(p->out, "END\n");
	}
}

/* "eager (io-uring), 2 vCPUs, n 10" */
static void line_label(const struct startup_plot *p, uint32_t line, char *buf, size_t size)
{
	const struct cell *c = &p->view->record->cell[p->first[line]].cell;
	char differences[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2], n[64];
	size_t least = SIZE_MAX, most = 0, here;
	uint32_t i;

	for (i = 0; i < p->points; i++) {
		if (p->point[i].line != line)
			continue;
		here = p->view->summary[p->point[i].cell].startup_ns.n;
		least = here < least ? here : least;
		most = here > most ? here : most;
	}
	snprintf(n, sizeof(n), "%zu to %zu", least, most);
	if (least == most)
		snprintf(n, sizeof(n), "%zu", most);
	snprintf(buf, size, "%s%s%s (%s)%s, n %s",
		 p->view->type_differs ? words_text(&words_guest_type, c->guest_type) : "",
		 p->view->type_differs ? " " : "", words_text(&words_pin_mode, c->pin),
		 cell_view_mechanism(c),
		 cell_view_differences(p->view, p->first[line], differences, sizeof(differences)),
		 n);
}

/* A key below the axis, in as many columns as its labels leave room for. Returns its rows. */
static unsigned key_columns(const struct startup_plot *p, unsigned *columns)
{
	char label[PLOT_LABEL];
	size_t widest = 0;
	uint32_t i;

	for (i = 0; i < p->lines; i++) {
		line_label(p, i, label, sizeof(label));
		widest = strlen(label) > widest ? strlen(label) : widest;
	}
	*columns = (unsigned)(KEY_ROW_CHARS / (widest + 9));
	if (*columns == 0)
		*columns = 1;
	if (*columns > p->lines)
		*columns = p->lines;
	return (p->lines + *columns - 1) / *columns;
}

/* The sizes measured; where they are too many for their labels, those far enough apart. */
static void put_size_ticks(const struct startup_plot *p)
{
	double room = p->octaves / SIZE_TICKS, margin = p->octaves > 0 ? 0.06 * p->octaves : 1.5;
	uint64_t last = 0, next;
	char label[24];
	uint32_t i;

	fprintf(p->out, "set logscale x 2\nset xrange [%" PRIu64 ":%" PRIu64 "]\nset xtics (",
		at_bytes((double)p->low_bytes * exp2(-margin)),
		at_bytes((double)p->high_bytes * exp2(margin)));
	for (;; last = next) {
		next = 0;
		for (i = 0; i < p->points; i++) {
			uint64_t bytes = p->point[i].bytes;

			if (bytes > last &&
			    (last == 0 || log2((double)bytes / (double)last) >= room) &&
			    (next == 0 || bytes < next))
				next = bytes;
		}
		if (next == 0)
			break;
		fprintf(p->out, "%s\"%s\" %" PRIu64, last > 0 ? ", " : "",
			units_format_size(next, label, sizeof(label)), next);
	}
	fprintf(p->out, ")\n");
}

static void put_lines(const struct startup_plot *p)
{
	char label[PLOT_LABEL];
	uint32_t i;

	for (i = 0; i < p->lines; i++)
		fprintf(p->out,
			"%s$dots%" PRIu32 " using 1:2 with points pointtype 7 pointsize 0.35 "
			"linecolor rgb \"#B0%s\" notitle",
			i ? ", \\\n\t" : "plot ", i, colour_of(p->style[i]) + 1);
	for (i = 0; i < p->lines; i++) {
		line_label(p, i, label, sizeof(label));
		fprintf(p->out,
			", \\\n\t$line%" PRIu32 " using 1:2:3:4 with yerrorbars pointtype 0 "
			"linewidth 1.5 linecolor rgb \"%s\" notitle",
			i, colour_of(p->style[i]));
		fprintf(p->out,
			", \\\n\t$line%" PRIu32 " using 1:2 with linespoints pointtype %u "
			"pointsize 0.7 dashtype %u linewidth 1.5 linecolor rgb \"%s\" title ",
			i, mark_of(p->style[i]), dashes_of(p->style[i]), colour_of(p->style[i]));
		gnuplot_put_text(label, sizeof(label), p->out);
	}
	fprintf(p->out, "\nunset output\n");
}

static void put_script(struct startup_plot *p, enum plot_format format, const char *output)
{
	char footer[256], left_out[64] = "";
	unsigned columns, rows = key_columns(p, &columns);
	struct plot_frame frame = {
		.format = format,
		.output = output,
		.width = PLOT_WIDTH,
		/* Many lines make a taller picture, not a flatter plot. */
		.height = PLOT_HEIGHT + (rows > 3 ? (rows - 3) * 18 : 0),
		.title = "Startup latency of a guest, by its memory size",
		.footer = footer,
		.key_rows = rows,
		.key_columns = columns,
	};

	put_data(p);
	if (p->left_out > 0)
		snprintf(left_out, sizeof(left_out),
			 "; %" PRIu32 " cells of further lines left out", p->left_out);
	snprintf(footer, sizeof(footer),
		 "marks: medians, lines set a little apart; bars: 95%% CI of the median; faint "
		 "dots: "
		 "%s%s",
		 p->dots_thinned ? "some of the samples" : "each sample", left_out);
	plot_frame_put(&frame, p->view, p->out);
	fprintf(p->out, "set grid xtics ytics linetype 1 linecolor rgb \"#E4E4E4\"\n");
	fprintf(p->out, "set xlabel \"guest memory\" noenhanced\n");
	fprintf(p->out, "set ylabel \"startup latency: open /dev/kvm to first instruction\" "
			"noenhanced\n");
	put_size_ticks(p);
	plot_log_time_axis('y', p->low_ns, p->high_ns, p->out);
	put_lines(p);
}

int plot_startup_put(const struct cell_view *v, enum plot_format format, const char *output,
		     FILE *out)
{
	struct startup_plot p = {.view = v, .out = out, .low_ns = INFINITY};
	uint32_t i;

	p.point = calloc((size_t)v->record->cell_count + 1, sizeof(*p.point));
	if (!p.point)
		return -ENOMEM;
	for (i = 0; i < v->record->cell_count; i++)
		add_cell(&p, i);
	if (p.points > 0) {
		qsort(p.point, p.points, sizeof(*p.point), compare_points);
		choose_styles(&p);
		p.octaves = log2((double)p.high_bytes / (double)p.low_bytes);
		p.dots_of_cell = MAX_DOTS / p.points + 1;
		put_script(&p, format, output);
	}
	free(p.point);
	return p.points > 0 ? 0 : -ENODATA;
}
