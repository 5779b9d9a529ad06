// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_chart_script: the chart as gnuplot's script. */
#include "gnuplot.h"
#include "plot_chart.h"
#include "sevpinbench/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MAX_DOTS  8000 /* of all points: beyond it, dots hide each other and fill the file */
#define X_TICKS	  12
#define FIT_STEPS 40

/* Octaves, or on a linear axis the plain length. */
static double x_length(const struct chart *c)
{
	return c->log_x ? log2(c->high_x / c->low_x) : c->high_x - c->low_x;
}

/* x moved by a share of the axis, as the axis counts. */
static double x_moved(const struct chart *c, double x, double share)
{
	double length = x_length(c);

	/* With one place only there is nothing else across. */
	if (!(length > 0))
		length = c->log_x ? 8 : fmax(c->high_x, 1);
	return c->log_x ? x * exp2(share * length) : x + share * length;
}

/* By what a line's marks stand beside their place: a little apart, or they would hide each other.
 */
static double aside(const struct chart *c, uint32_t line)
{
	bool one_place = !(x_length(c) > 0);
	double step = one_place ? 0.4 / c->lines : fmin(0.012, 0.06 / c->lines);

	return ((double)line - (double)(c->lines - 1) / 2) * step;
}

/* A number of few digits: the last bits of exp2() differ from CPU to CPU, a script should not. */
static void put_x(const struct chart *c, double x)
{
	if (c->axis == CHART_AXIS_BYTES)
		fprintf(c->job->out, "%.0f", fmin(fmax(x, 1), 0x1p63));
	else
		fprintf(c->job->out, "%.6g", x);
}

/* What the axis can show of a sample; false where it has no dot. */
static bool dot_of(const struct chart *c, const struct sample *s, double *y)
{
	return sample_is_valid(s) && c->value(s, y) && *y >= 1;
}

static void put_dot(struct chart *c, const struct chart_point *p, uint32_t i, double y)
{
	/* The golden ratio spreads any number of dots evenly, the same way each time. */
	double beside = fmod(i * 0.6180339887498949, 1) - 0.5;

	put_x(c, x_moved(c, p->x, aside(c, p->line) + beside * 0.012));
	fprintf(c->job->out, " %.0f\n", y);
	c->dots++;
}

/* Where they are too many every so many-th, and the fastest and the slowest of all. */
static void put_dots(struct chart *c, const struct chart_point *p)
{
	const struct record_cell *cell;
	uint32_t every, i, fastest = 0, slowest = 0;
	double y, least = INFINITY, most = 0;

	if (p->cell == CHART_REFERENCE)
		return;
	cell = &c->job->view->record->cell[p->cell];
	every = cell->sample_count / (MAX_DOTS / c->points + 1) + 1;
	for (i = 0; i < cell->sample_count; i++) {
		if (!dot_of(c, &cell->sample[i], &y))
			continue;
		c->dots_of++;
		if (i % every == 0)
			put_dot(c, p, i, y);
		fastest = y < least ? i : fastest;
		least = fmin(least, y);
		slowest = y > most ? i : slowest;
		most = fmax(most, y);
	}
	if (fastest % every)
		put_dot(c, p, fastest, least);
	if (slowest % every && slowest != fastest)
		put_dot(c, p, slowest, most);
}

/*
 * A straight line that meets the times of large guests may fall below all that was seen of small
 * ones; on a logarithmic axis it would dive, and show nothing but that.
 */
static void put_fit(const struct chart *c, uint32_t line, uint32_t first, uint32_t last)
{
	const struct stats_line *fit = &c->line[line].trend.line;
	double x, y, lowest = INFINITY;
	double from = c->point[first].x, to = c->point[last - 1].x;
	uint32_t i;

	for (i = first; i < last; i++)
		lowest = fmin(lowest, c->point[i].low);
	for (i = 0; i <= FIT_STEPS; i++) {
		x = c->log_x ? from * pow(to / from, (double)i / FIT_STEPS)
			     : from + (to - from) * i / FIT_STEPS;
		y = (fit->intercept + fit->slope * x / c->fit_x) * 1e9;
		if (y < lowest * 0.8)
			continue;
		put_x(c, x_moved(c, x, aside(c, line)));
		fprintf(c->job->out, " %.5g\n", y);
	}
}

/* $dotsN has "x y" of each sample, $lineN "x median low high" of each cell, $fitN "x y". */
static void put_data(struct chart *c)
{
	FILE *out = c->job->out;
	uint32_t line, i, first, last;

	for (line = 0, first = 0; line < c->lines; line++, first = last) {
		for (last = first; last < c->points && c->point[last].line == line; last++)
			;
		fprintf(out, "$dots%" PRIu32 " << END\n", line);
		for (i = first; i < last; i++)
			put_dots(c, &c->point[i]);
		fprintf(out, "END\n$line%" PRIu32 " << END\n", line);
		for (i = first; i < last; i++) {
			put_x(c, x_moved(c, c->point[i].x, aside(c, line)));
			fprintf(out, " %.10g %.10g %.10g\n", c->point[i].median, c->point[i].low,
				c->point[i].high);
		}
		fprintf(out, "END\n");
		if (!chart_is_fitted(&c->line[line]))
			continue;
		fprintf(out, "$fit%" PRIu32 " << END\n", line);
		put_fit(c, line, first, last);
		fprintf(out, "END\n");
	}
}

/* A key below the axis, in as many columns as its labels leave room for. Returns its rows. */
static unsigned key_rows(const struct chart *c, unsigned *columns)
{
	size_t widest = 0;
	uint32_t i;

	for (i = 0; i < c->lines; i++)
		widest = strlen(c->line[i].label) > widest ? strlen(c->line[i].label) : widest;
	*columns = plot_key_columns(widest, c->lines, false);
	return (c->lines + *columns - 1) / *columns;
}

char *chart_x_text(const struct chart *c, double x, char *buf, size_t size)
{
	if (c->axis == CHART_AXIS_SHARE)
		plot_share_label(x, buf, size);
	else if (fmod(x, UNITS_MIB) > 0)
		units_format_bytes(cell_view_whole(x), buf, size);
	else
		units_format_size(cell_view_whole(x), buf, size);
	return buf;
}

/* How far apart ticks must be, as the axis counts. */
static double tick_room(const struct chart *c, double from, double to)
{
	return c->log_x ? log2(to / from) : to - from;
}

/* The places measured; where they are too many for their labels, those far enough apart. */
static void put_x_ticks(const struct chart *c)
{
	double room = x_length(c) / X_TICKS, last = 0, next;
	/* Where all is in one place, as far as marks are set apart: aside(). */
	double margin = !(x_length(c) > 0) && c->lines > 1 ? 0.24 : 0.06;
	FILE *out = c->job->out;
	bool first = true;
	char label[32];
	uint32_t i;

	fprintf(out, c->log_x ? "set logscale x 2\nset xrange [" : "set xrange [");
	put_x(c, x_moved(c, c->low_x, -margin));
	fputc(':', out);
	put_x(c, x_moved(c, c->high_x, margin));
	fprintf(out, "]\nset xtics (");
	for (;; last = next, first = false) {
		next = INFINITY;
		for (i = 0; i < c->points; i++) {
			double x = c->point[i].x;

			if (first || (x > last && tick_room(c, last, x) >= room))
				next = fmin(next, x);
		}
		if (isinf(next))
			break;
		fprintf(out, "%s", first ? "" : ", ");
		/* In the label of a tick, and there alone, gnuplot takes '%' for a format. */
		chart_x_text(c, next, label, sizeof(label) - 1);
		if (c->axis == CHART_AXIS_SHARE)
			snprintf(label + strlen(label), 2, "%%");
		gnuplot_put_text(label, sizeof(label), out);
		fputc(' ', out);
		put_x(c, next);
	}
	fprintf(out, ")\n");
}

static const char *colour_of(const struct chart *c, uint32_t line)
{
	return c->line[line].cell == CHART_REFERENCE
		       ? plot_ink(c->job->style.theme, PLOT_INK_AXIS)
		       : plot_line_colour(c->job->style.theme, c->line[line].style);
}

static void put_line(const struct chart *c, uint32_t i)
{
	const struct chart_line *line = &c->line[i];
	bool fitted = chart_is_fitted(line);
	FILE *out = c->job->out;

	fprintf(out,
		", \\\n\t$line%" PRIu32 " using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 "
		"linecolor rgb \"%s\" notitle",
		i, colour_of(c, i));
	if (fitted)
		fprintf(out,
			", \\\n\t$fit%" PRIu32 " using 1:2 with lines dashtype %u linewidth 1.5 "
			"linecolor rgb \"%s\" notitle",
			i, plot_line_dashes(line->style), colour_of(c, i));
	fprintf(out, ", \\\n\t$line%" PRIu32 " using 1:2 with %s pointtype %u pointsize 0.8 ", i,
		fitted ? "points" : "linespoints", plot_line_mark(line->style));
	if (!fitted)
		fprintf(out, "dashtype %u linewidth 1.5 ", plot_line_dashes(line->style));
	/* The key shows the dashes too, where the line is another plot's. */
	fprintf(out, "linecolor rgb \"%s\" %s", colour_of(c, i), fitted ? "notitle" : "title ");
	if (fitted)
		fprintf(out,
			", \\\n\tNaN with linespoints pointtype %u pointsize 0.8 dashtype %u "
			"linewidth 1.5 linecolor rgb \"%s\" title ",
			plot_line_mark(line->style), plot_line_dashes(line->style),
			colour_of(c, i));
	gnuplot_put_text(line->label, sizeof(line->label), out);
}

/* A terminal has room for lines alone: a mark a letter, no dots and no bars. */
static void put_term_lines(const struct chart *c)
{
	uint32_t i;

	for (i = 0; i < c->lines; i++) {
		fprintf(c->job->out,
			"%s$line%" PRIu32 " using 1:2 with linespoints pointtype %" PRIu32
			" title ",
			i ? ", \\\n\t" : "plot ", i, i + 1);
		gnuplot_put_text(c->line[i].label, sizeof(c->line[i].label), c->job->out);
	}
}

static void put_lines(const struct chart *c)
{
	uint32_t i;

	if (c->job->style.format == PLOT_FORMAT_TERM) {
		put_term_lines(c);
		return;
	}
	for (i = 0; i < c->lines; i++)
		fprintf(c->job->out,
			"%s$dots%" PRIu32 " using 1:2 with points pointtype 7 pointsize 0.35 "
			"linecolor rgb \"#B0%s\" notitle",
			i ? ", \\\n\t" : "plot ", i, colour_of(c, i) + 1);
	for (i = 0; i < c->lines; i++)
		put_line(c, i);
}

static void footer_text(const struct chart *c, char *buf, size_t size)
{
	char dots[64] = "each sample";
	bool fitted = false, joined = false;
	uint32_t i;
	int used;

	if (c->job->style.format == PLOT_FORMAT_TERM) {
		snprintf(buf, size, "%s; medians", c->y_title);
		return;
	}
	for (i = 0; i < c->lines; i++) {
		fitted |= chart_is_fitted(&c->line[i]);
		joined |= c->line[i].trending && !chart_is_fitted(&c->line[i]);
	}
	if (c->dots < c->dots_of)
		snprintf(dots, sizeof(dots), "%" PRIu64 " of %" PRIu64 " samples", c->dots,
			 c->dots_of);
	used = snprintf(buf, size, "marks: medians%s; bars: 95%% CI%s; dots: %s",
			c->lines > 1 ? ", set a little apart" : "",
			fitted && joined ? "; lines: least squares, uneven ones join medians"
			: fitted	 ? "; lines: least squares"
					 : "",
			dots);
	if (c->left_out > 0)
		snprintf(buf + used, size - (size_t)used, "; %" PRIu32 " cells left out",
			 c->left_out);
}

void chart_put_script(struct chart *c)
{
	const struct plot_job *j = c->job;
	unsigned columns, rows = key_rows(c, &columns);
	char footer[256];
	struct plot_frame frame = {
		.width = PLOT_WIDTH,
		/* Many lines make a taller picture, not a flatter plot. */
		.height = PLOT_HEIGHT + (rows > 3 ? (rows - 3) * 18 : 0),
		.title = c->title,
		.footer = footer,
		.key_rows = rows,
		.key_columns = columns,
	};

	put_data(c);
	footer_text(c, footer, sizeof(footer));
	plot_frame_fit(j, &frame);
	plot_frame_put(&frame, j);
	if (j->style.format != PLOT_FORMAT_TERM)
		fprintf(j->out, "set grid xtics ytics linetype 1 linecolor rgb \"%s\"\n",
			plot_ink(j->style.theme, PLOT_INK_GRID));
	fprintf(j->out, "set xlabel \"%s\" noenhanced\n", c->x_title);
	if (j->style.format != PLOT_FORMAT_TERM)
		fprintf(j->out, "set ylabel \"%s\" noenhanced\n", c->y_title);
	put_x_ticks(c);
	plot_log_time_axis('y', c->low_y, c->high_y, j->out);
	if (j->style.format != PLOT_FORMAT_TERM)
		chart_put_crossings(c);
	put_lines(c);
	plot_frame_end(j);
}
