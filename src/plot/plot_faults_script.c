// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_faults_script: the plot of demand faults as gnuplot's script. */
#include "gnuplot.h"
#include "plot_faults.h"
#include "sevpinbench/plain_text.h"

#include <inttypes.h>
#include <math.h>

#define MAX_STEPS 20000 /* of the samples' own lines: beyond it, they hide each other */
#define MAX_TURNS 4000	/* of a line: beyond it, not all are put */

/* Of such a line, what differs by less from the turn before it: a third of a pixel. */
#define LEAST_TIME   1.004 /* times as long */
#define LEAST_HEIGHT 4e-4  /* of the axis */

static const struct record_cell *cell_of(const struct faults_plot *p, uint32_t cell)
{
	return &p->job->view->record->cell[cell];
}

/* How far up the axis a share stands: all of them would be infinitely far. */
static double height(const struct faults_plot *p, double seen, double all)
{
	return seen < all ? fmin(-log10(1 - seen / all), p->top) : p->top;
}

/* "time height" at the end of each step. */
static void put_steps(const struct faults_plot *p, const struct histogram_step *step, size_t steps)
{
	double all = faults_sum(step, steps), seen = 0, ns = 0, high = 0, last_ns = 0,
	       last_high = 0;
	size_t i;

	for (i = 0; i < steps; i++) {
		seen += (double)step[i].count;
		if (i + 1 < steps && step[i + 1].ns == step[i].ns)
			continue;
		ns = step[i].ns ? (double)step[i].ns : 1;
		high = height(p, seen, all);
		if (steps > MAX_TURNS && i + 1 < steps && ns < LEAST_TIME * last_ns &&
		    high < last_high + LEAST_HEIGHT * p->top)
			continue;
		if (last_ns == 0)
			fprintf(p->job->out, "%.0f 0\n", ns);
		fprintf(p->job->out, "%.0f %.4f\n", ns, high);
		last_ns = ns;
		last_high = high;
	}
}

/* "time height low high": where the percentiles are; low and high as the interval of a median. */
static void put_marks(const struct faults_plot *p, const struct faults_line *line)
{
	unsigned k;

	for (k = 0; k < FAULTS_PERCENTILES; k++) {
		const struct stats_summary *s = &line->percentile[k];
		bool known = s->ci_low.known && s->ci_high.known;
		double at = s->median;

		if (s->n == 0 || (k == FAULTS_P90 && line->steps > 0))
			continue;
		if (line->steps > 0)
			at = faults_percentile(line, faults_percentiles[k].permille);
		fprintf(p->job->out, "%.6g %.4f %.6g %.6g\n", at,
			height(p, faults_percentiles[k].permille, 1000),
			known ? fmax(s->ci_low.value, 1) : at, known ? s->ci_high.value : at);
	}
}

/* $allN: the line; $markN: its percentiles; $eachN: a line a sample, with blank lines between. */
static void put_data(struct faults_plot *p, uint32_t number)
{
	const struct faults_line *line = &p->line[number];
	const struct record_cell *c = cell_of(p, line->cell);
	FILE *out = p->job->out;
	uint32_t i, every = (uint32_t)(line->steps * p->lines / MAX_STEPS) + 1;

	fprintf(out, "$all%" PRIu32 " << END\n", number);
	put_steps(p, line->step, line->steps);
	fprintf(out, "END\n$mark%" PRIu32 " << END\n", number);
	put_marks(p, line);
	fprintf(out, "END\n");
	if (line->steps == 0)
		return;
	fprintf(out, "$each%" PRIu32 " << END\n", number);
	for (i = 0; i < c->sample_count; i++) {
		if (!faults_counts(&c->sample[i]))
			continue;
		p->thin_of++;
		if (i % every)
			continue;
		p->thin++;
		put_steps(p, c->sample[i].faults.step, c->sample[i].faults.steps);
		fprintf(out, "\n");
	}
	fprintf(out, "END\n");
}

static void put_axes(const struct faults_plot *p)
{
	FILE *out = p->job->out;
	char nines[8] = "";
	int at;

	fprintf(out, "set xlabel \"time to serve one fault: fill, pin, wake\" noenhanced\n");
	if (p->job->style.format != PLOT_FORMAT_TERM)
		fprintf(out,
			"set ylabel \"faults served within that time\" noenhanced\n"
			"set grid xtics ytics linetype 1 linecolor rgb \"%s\"\n",
			plot_ink(p->job->style.theme, PLOT_INK_GRID));
	plot_log_time_axis('x', p->low_ns, p->high_ns, out);
	fprintf(out,
		"set yrange [0:%.4f]\nset ytics (\"0\" 0, \"p50\" 0.30103, \"p90\" 1, \"p99\" 2",
		p->top);
	for (at = 3; at < p->top; at++) {
		nines[at - 3] = '9';
		fprintf(out, ", \"p99.%s\" %d", nines, at);
	}
	fprintf(out, ")\n");
}

/* The line with its key; a terminal has room for marks alone, a letter each. */
static void put_line(const struct faults_plot *p, uint32_t i)
{
	const struct faults_line *line = &p->line[i];
	const char *colour = plot_line_colour(p->job->style.theme, line->style);
	unsigned mark = plot_line_mark(line->style), dashes = plot_line_dashes(line->style);
	FILE *out = p->job->out;

	if (p->job->style.format == PLOT_FORMAT_TERM) {
		fprintf(out, "%s$%s%" PRIu32 " using 1:2 with points pointtype %" PRIu32 " title ",
			i ? ", \\\n\t" : "plot ", line->steps ? "all" : "mark", i, i + 1);
		gnuplot_put_text(line->label, sizeof(line->label), out);
		return;
	}
	if (line->steps > 0)
		fprintf(out,
			"%s$all%" PRIu32
			" using 1:2 with steps dashtype %u linewidth 1.8 linecolor "
			"rgb \"%s\" notitle",
			i || p->distributions ? ", \\\n\t" : "plot ", i, dashes, colour);
	else
		fprintf(out,
			"%s$mark%" PRIu32
			" using 1:2:3:4 with xerrorbars pointtype 0 linewidth 1.5 "
			"linecolor rgb \"%s\" notitle, \\\n\t$mark%" PRIu32
			" using 1:2 with lines dashtype %u linewidth 1.2 linecolor rgb \"%s\" "
			"notitle",
			i || p->distributions ? ", \\\n\t" : "plot ", i, colour, i, dashes, colour);
	fprintf(out,
		", \\\n\t$mark%" PRIu32
		" using 1:2 with points pointtype %u pointsize 1 linecolor rgb "
		"\"%s\" notitle, \\\n\tNaN with linespoints pointtype %u pointsize 1 dashtype %u "
		"linewidth 1.8 linecolor rgb \"%s\" title ",
		i, mark, colour, mark, dashes, colour);
	gnuplot_put_text(line->label, sizeof(line->label), out);
}

static void put_lines(const struct faults_plot *p)
{
	const char *before = "plot ";
	uint32_t i;

	for (i = 0; i < p->lines && p->job->style.format != PLOT_FORMAT_TERM; i++) {
		if (p->line[i].steps == 0)
			continue;
		fprintf(p->job->out,
			"%s$each%" PRIu32 " using 1:2 with steps linewidth 0.6 linecolor rgb "
			"\"#A0%s\" notitle",
			before, i, plot_line_colour(p->job->style.theme, p->line[i].style) + 1);
		before = ", \\\n\t";
	}
	for (i = 0; i < p->lines; i++)
		put_line(p, i);
}

static void footer_text(const struct faults_plot *p, char *buf, size_t size)
{
	char thin[64] = "each sample";
	int used;

	if (p->job->style.format == PLOT_FORMAT_TERM) {
		snprintf(buf, size, "faults served within that time, of all samples");
		return;
	}
	if (p->thin < p->thin_of)
		snprintf(thin, sizeof(thin), "%" PRIu64 " of %" PRIu64, p->thin, p->thin_of);
	used = snprintf(buf, size, "%s%s%s%s%s",
			p->distributions ? "lines: faults of all samples; thin: of " : "",
			p->distributions ? thin : "",
			p->distributions ? "; marks: p50, p99, p99.9" : "",
			p->distributions && p->percentiles ? "; with " : "",
			p->percentiles ? "bars: medians of the samples' percentiles, 95% CI" : "");

	if (p->left_out > 0)
		snprintf(buf + used, size - (size_t)used, "; %" PRIu32 " cells left out",
			 p->left_out);
}

void faults_put_script(struct faults_plot *p)
{
	char footer[256];
	size_t widest = 1, here;
	uint32_t i;
	struct plot_frame f = {
		.width = PLOT_WIDTH,
		.title = "Time to serve a demand fault",
		.footer = footer,
	};

	for (i = 0; i < p->lines; i++) {
		here = plain_text_width(p->line[i].label);
		widest = here > widest ? here : widest;
	}
	f.key_columns = plot_key_columns(widest, p->lines, false);
	f.key_rows = (p->lines + f.key_columns - 1) / f.key_columns;
	f.height = PLOT_HEIGHT + (f.key_rows > 3 ? (f.key_rows - 3) * 18 : 0);
	for (i = 0; i < p->lines; i++)
		put_data(p, i);
	footer_text(p, footer, sizeof(footer));
	plot_frame_fit(p->job, &f);
	plot_frame_put(&f, p->job);
	put_axes(p);
	put_lines(p);
	plot_frame_end(p->job);
}
