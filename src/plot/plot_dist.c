// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_dist: a small panel a cell: on its left the samples in the order in which they were taken,
 * on its right how many of them were below each time (the ECDF). Both share the time axis, so
 * drift, two clusters and outliers can be seen at once.
 */
#include "plot.h"

#include "gnuplot.h"
#include "sevpinbench/plain_text.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#define MAX_PANELS   60
#define MAX_DOTS     2000  /* a panel, */
#define ALL_DOTS     16000 /* and all panels, which are smaller where they are many */
#define STEP_DOTS    4	   /* so many dots for a step: a curve has room for fewer */
#define MANY_DOTS    40	   /* fewer are drawn larger */
#define PANEL_HEIGHT 140
#define NARROW_CHARS 34	 /* a label that stands above one of three panels in a row */
#define TIME_LABELS  70	 /* pixels on a panel's left */
#define LEAST_PANEL  250 /* pixels, so that the words below it stand apart */
#define LABEL_PIXEL  6	 /* of a character of its label */

struct panel_sample {
	uint32_t order;
	double ns;
};

struct dist_plot {
	const struct plot_job *job;
	uint32_t cell[MAX_PANELS];
	uint32_t panels, left_out;
	uint32_t columns, rows;
	uint64_t dots, dots_of; /* drawn, of so many samples */
};

static int by_order(const void *a, const void *b)
{
	const struct panel_sample *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static int by_time(const void *a, const void *b)
{
	const struct panel_sample *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

static size_t collect(const struct record_cell *c, struct panel_sample *to)
{
	uint64_t ns;
	uint32_t i;
	size_t n = 0;

	for (i = 0; i < c->sample_count; i++) {
		if (!sample_is_valid(&c->sample[i]) || !sample_startup_ns(&c->sample[i], &ns))
			continue;
		to[n].order = c->sample[i].order;
		to[n++].ns = (double)ns;
	}
	return n;
}

/* Where they are too many every so many-th, and the fastest and the slowest of all. */
static void put_run(struct dist_plot *p, const struct panel_sample *s, size_t n, size_t every)
{
	size_t i, fastest = 0, slowest = 0;

	for (i = 0; i < n; i++) {
		fastest = s[i].ns < s[fastest].ns ? i : fastest;
		slowest = s[i].ns > s[slowest].ns ? i : slowest;
	}
	for (i = 0; i < n; i++) {
		if (i % every && i != fastest && i != slowest)
			continue;
		fprintf(p->job->out, "%.4f %.0f\n", n > 1 ? (double)i / (double)(n - 1) : 0.5,
			s[i].ns);
		p->dots++;
	}
	p->dots_of += n;
}

/* Of sorted samples; up to the last one. */
static void put_steps(const struct dist_plot *p, const struct panel_sample *s, size_t n,
		      size_t every)
{
	size_t i;

	for (i = every - 1; i < n; i += every)
		fprintf(p->job->out, "%.4f %.0f\n", 1.1 + 0.5 * (double)(i + 1) / (double)n,
			s[i].ns);
	if (n > 0 && n % every)
		fprintf(p->job->out, "1.6000 %.0f\n", s[n - 1].ns);
}

/* $runN: place in the run from 0 to 1, and time. $ecdfN: share at or below, drawn from 1.1 to 1.6.
 */
static int put_panel_data(struct dist_plot *p, uint32_t panel)
{
	const struct record_cell *c = &p->job->view->record->cell[p->cell[panel]];
	struct panel_sample *s = calloc((size_t)c->sample_count + 1, sizeof(*s));
	FILE *out = p->job->out;
	size_t n, every;

	if (!s)
		return -ENOMEM;
	n = collect(c, s);
	every = n / (p->panels > ALL_DOTS / MAX_DOTS ? ALL_DOTS / p->panels : MAX_DOTS) + 1;
	qsort(s, n, sizeof(*s), by_order);
	fprintf(out, "$run%" PRIu32 " << END\n", panel);
	put_run(p, s, n, every);
	qsort(s, n, sizeof(*s), by_time);
	fprintf(out, "END\n$ecdf%" PRIu32 " << END\n1.1 %.0f\n", panel, n ? s[0].ns : 0);
	put_steps(p, s, n, every > 1 ? every * STEP_DOTS : 1);
	fprintf(out, "END\n");
	free(s);
	return 0;
}

static void put_panel(const struct dist_plot *p, uint32_t panel, const struct plot_frame *f)
{
	const struct plot_job *j = p->job;
	const struct stats_summary *s = &j->view->summary[p->cell[panel]].startup_ns;
	const char *colour = plot_line_colour(
		j->style.theme, (unsigned)j->view->record->cell[p->cell[panel]].cell.pin);
	const uint32_t column = panel % p->columns, row = panel / p->columns;
	double width = (double)(f->width - 16) / p->columns;
	double height = (double)(f->height - plot_frame_above(j) - 66) / p->rows;
	double left = 10 + TIME_LABELS + width * column;
	double top = plot_frame_above(j) + 16 + height * row;
	char label[PLOT_LABEL], text[PLOT_LABEL + 64];
	double low, high;

	plot_cell_label(j->view, p->cell[panel], j->view->mechanism_differs, true, label,
			sizeof(label));
	snprintf(text, sizeof(text), "n %zu, %s", s->n, label);
	/* The frame's own labels are drawn once, with the first panel. */
	fprintf(j->out, "%sset lmargin at screen %.1f/%u\nset rmargin at screen %.1f/%u\n",
		panel ? "unset label\n" : "", left, f->width, left + width - TIME_LABELS - 14,
		f->width);
	fprintf(j->out, "set tmargin at screen 1-%.1f/%u\nset bmargin at screen 1-%.1f/%u\n", top,
		f->height, top + height - 48, f->height);
	fprintf(j->out, "set label ");
	gnuplot_put_text(text, (size_t)(width - 20) / LABEL_PIXEL, j->out);
	fprintf(j->out,
		" at graph 0, graph 1 left offset 0, character 0.6 noenhanced font \",%u\" "
		"textcolor rgb \"%s\"\n",
		plot_small_type(j), plot_ink(j->style.theme, PLOT_INK_TEXT));
	cell_view_startup_range(j->view, p->cell[panel], &low, &high);
	plot_near_time_axis('y', low, high, j->out);
	fprintf(j->out,
		"plot %.10g with lines dashtype 3 linewidth 1 linecolor rgb \"%s\" notitle, \\\n"
		"\t$run%" PRIu32 " using 1:2 with points pointtype 7 pointsize %s linecolor rgb "
		"\"%s\" notitle, \\\n\t$ecdf%" PRIu32 " using 1:2 with steps linewidth 1.5 "
		"linecolor rgb \"%s\" notitle\n",
		s->median, plot_ink(j->style.theme, PLOT_INK_AXIS), panel,
		s->n > MANY_DOTS ? "0.4" : "0.7", colour, panel, colour);
}

static size_t widest_label(const struct dist_plot *p)
{
	char label[PLOT_LABEL];
	size_t widest = 0, here;
	uint32_t i;

	for (i = 0; i < p->panels; i++) {
		plot_cell_label(p->job->view, p->cell[i], p->job->view->mechanism_differs, true,
				label, sizeof(label));
		here = plain_text_width(label);
		widest = here > widest ? here : widest;
	}
	return widest;
}

/* Rows below each other, so many columns, and how high that is. */
static void arrange(struct dist_plot *p, uint32_t columns, struct plot_frame *f)
{
	p->columns = columns;
	p->rows = (p->panels + columns - 1) / columns;
	f->height = plot_frame_above(p->job) + 66 + p->rows * (p->rows < 3 ? 2 : 1) * PANEL_HEIGHT;
}

static void choose_for_readme(struct dist_plot *p, struct plot_frame *f)
{
	arrange(p, p->panels > 12 && widest_label(p) < NARROW_CHARS ? 3 : p->panels > 3 ? 2 : 1, f);
}

/* A slide shrinks what does not fit into 16:9: the fewest pixels make the largest letters. */
static void choose_for_slide(struct dist_plot *p, struct plot_frame *f)
{
	uint32_t columns, best = 1, widest = (uint32_t)(widest_label(p) + 8) * LABEL_PIXEL + 20;
	unsigned least = UINT_MAX, wide;

	widest = widest > LEAST_PANEL ? widest : LEAST_PANEL;
	for (columns = 1; columns <= p->panels; columns++) {
		arrange(p, columns, f);
		wide = columns * widest + 16;
		wide = wide > PLOT_WIDTH ? wide : PLOT_WIDTH;
		if (f->height * 16 / 9 > wide)
			wide = f->height * 16 / 9;
		if (wide < least) {
			least = wide;
			best = columns;
		}
	}
	arrange(p, best, f);
	f->width = least;
}

static void footer_text(const struct dist_plot *p, char *buf, size_t size)
{
	char dots[64] = "";

	if (p->dots < p->dots_of)
		snprintf(dots, sizeof(dots), "%" PRIu64 " of %" PRIu64 " samples", p->dots,
			 p->dots_of);
	if (p->left_out > 0)
		snprintf(buf, size,
			 "left: %s%srun order; right: ECDF; dotted: median; "
			 "%" PRIu32 " further cells left out",
			 dots, dots[0] ? " in " : "", p->left_out);
	else
		snprintf(buf, size,
			 "startup latency; left: %s in run order; right: share of samples at or "
			 "below; dotted: median",
			 dots[0] ? dots : "each sample");
}

static void put_script(struct dist_plot *p)
{
	const struct plot_job *j = p->job;
	char footer[256];
	struct plot_frame f = {
		.width = PLOT_WIDTH,
		.title = "Samples in run order, and their distribution",
		.footer = footer,
	};
	uint32_t i;

	if (j->style.size == PLOT_SIZE_SLIDE)
		choose_for_slide(p, &f);
	else
		choose_for_readme(p, &f);
	footer_text(p, footer, sizeof(footer));
	plot_frame_fit(j, &f);
	plot_frame_put(&f, j);
	fprintf(j->out, "set multiplot\nset xrange [-0.03:1.63]\n");
	fprintf(j->out,
		"set xtics (\"first\" 0, \"last\" 1, \"half\" 1.35, \"all\" 1.6) "
		"offset 0,0.5 font \",%u\"\nset ytics font \",%u\"\n",
		plot_small_type(j), plot_small_type(j));
	fprintf(j->out, "set grid ytics linetype 1 linecolor rgb \"%s\"\n",
		plot_ink(j->style.theme, PLOT_INK_GRID));
	for (i = 0; i < p->panels; i++)
		put_panel(p, i, &f);
	fprintf(j->out, "unset multiplot\n");
	plot_frame_end(j);
}

int plot_dist_put(const struct plot_job *j)
{
	struct dist_plot p = {.job = j};
	uint32_t i;
	int err = 0;

	for (i = 0; i < j->view->record->cell_count; i++) {
		if (j->view->summary[i].startup_ns.n == 0)
			continue;
		if (p.panels < MAX_PANELS)
			p.cell[p.panels++] = i;
		else
			p.left_out++;
	}
	if (p.panels == 0)
		return -ENODATA;
	for (i = 0; i < p.panels && !err; i++)
		err = put_panel_data(&p, i);
	if (!err)
		put_script(&p);
	return err;
}
