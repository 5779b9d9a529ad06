// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_pins: how much of a guest is pinned, over its life and against the share that it touches.
 * The area between eager and demand is what demand pinning saves.
 */
#include "plot.h"

#include "gnuplot.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES   20
#define MAX_POINTS  64 /* of touched shares in a line */
#define WORTH_WORDS 15 /* percent: an area so high is named */
#define LEFT_EDGE   86

struct pins_point {
	double x, percent;
};

/* Cells alike but for their working set. */
struct pins_line {
	uint32_t cell; /* the one shown over its life: that with the smallest working set */
	unsigned style;
	struct pins_point life[PIN_BOUNDARY_COUNT], touch[MAX_POINTS];
	uint32_t lives, touches;
	char label[PLOT_LABEL];
};

struct pins_plot {
	const struct plot_job *job;
	struct pins_line *line;
	uint32_t lines, left_out;
	bool by_touch, disproved;
};

static const struct cell *cell_of(const struct pins_plot *p, uint32_t i)
{
	return &p->job->view->record->cell[i].cell;
}

/* The pinned share of the guest in percent; false where it is not known. */
static bool pinned_percent(struct pins_plot *p, uint32_t cell, enum pin_boundary at,
			   double *percent)
{
	bool disproved;
	const struct stats_summary *s = cell_view_pinned(p->job->view, cell, at, &disproved);
	uint64_t pages = units_pages(cell_of(p, cell)->guest_bytes);

	if (s->n == 0 || pages == 0)
		return false;
	p->disproved |= disproved;
	*percent = fmin(s->median / (double)pages * 100, 1e6);
	return true;
}

/* Of cells that differ in size alone the largest stands for all. */
static bool is_largest(const struct pins_plot *p, uint32_t cell)
{
	const struct cell_view *v = p->job->view;
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (v->group[i] == v->group[cell] && v->summary[i].valid > 0 &&
		    cell_of(p, i)->guest_bytes > cell_of(p, cell)->guest_bytes)
			return false;
	}
	return true;
}

static struct pins_line *line_of(struct pins_plot *p, uint32_t cell)
{
	uint32_t i;

	for (i = 0; i < p->lines; i++) {
		if (cell_view_same_touch_line(p->job->view, p->line[i].cell, cell))
			return &p->line[i];
	}
	if (i == MAX_LINES) {
		p->left_out++;
		return NULL;
	}
	p->line[p->lines].cell = cell;
	return &p->line[p->lines++];
}

static void add_touch(struct pins_plot *p, struct pins_line *line, uint32_t cell)
{
	const struct cell *c = cell_of(p, cell);
	struct pins_point point;
	uint32_t i;

	point.x = c->guest_bytes ? (double)c->touch_bytes / (double)c->guest_bytes * 100 : 0;
	if (line->touches == MAX_POINTS ||
	    !pinned_percent(p, cell, PIN_BOUNDARY_AFTER_TOUCH, &point.percent))
		return;
	for (i = line->touches++; i > 0 && line->touch[i - 1].x > point.x; i--)
		line->touch[i] = line->touch[i - 1];
	line->touch[i] = point;
	p->by_touch |= line->touches > 1;
	if (c->touch_bytes < cell_of(p, line->cell)->touch_bytes)
		line->cell = cell;
}

static void label_line(struct pins_plot *p, struct pins_line *line)
{
	struct cell_view v = *p->job->view;
	char name[PLOT_LABEL - 64];

	v.trait_differs[CELL_TRAIT_TOUCH] = false;
	plot_cell_label(&v, line->cell, true, true, name, sizeof(name));
	snprintf(line->label, sizeof(line->label), "%s, n %" PRIu32, name,
		 v.summary[line->cell].whole_rounds);
}

static void collect(struct pins_plot *p)
{
	const struct cell_view *v = p->job->view;
	uint32_t i, cell[MAX_LINES];
	unsigned style[MAX_LINES];
	struct pins_line *line;
	int at;

	for (i = 0; i < v->record->cell_count; i++) {
		if (v->summary[i].valid == 0 || !is_largest(p, i))
			continue;
		line = line_of(p, i);
		if (line)
			add_touch(p, line, i);
	}
	for (i = 0; i < p->lines; i++) {
		line = &p->line[i];
		cell[i] = line->cell;
		label_line(p, line);
		for (at = 0; at < PIN_BOUNDARY_COUNT; at++) {
			line->life[line->lives].x = at;
			line->lives += pinned_percent(p, line->cell, (enum pin_boundary)at,
						      &line->life[line->lives].percent);
		}
	}
	plot_line_styles(v, cell, p->lines, style);
	for (i = 0; i < p->lines; i++)
		p->line[i].style = style[i];
}

/* By how much demand stays below eager, at most, of all that is drawn. */
static double saved(const struct pins_line *eager, const struct pins_line *demand)
{
	double most = 0;
	uint32_t e, d;

	for (e = 0; e < eager->touches; e++) {
		for (d = 0; d < demand->touches; d++) {
			if (fabs(eager->touch[e].x - demand->touch[d].x) < 1e-6)
				most = fmax(most,
					    eager->touch[e].percent - demand->touch[d].percent);
		}
	}
	return most;
}

/* The first line with eager pins whose twin pins on demand, and less, and that twin. */
static bool find_pair(const struct pins_plot *p, const struct pins_line **eager,
		      const struct pins_line **demand)
{
	uint32_t e, d;

	for (e = 0; e < p->lines; e++) {
		for (d = 0; d < p->lines; d++) {
			*eager = &p->line[e];
			*demand = &p->line[d];
			if (cell_of(p, (*eager)->cell)->pin == PIN_MODE_EAGER &&
			    cell_of(p, (*demand)->cell)->pin == PIN_MODE_DEMAND &&
			    cell_view_touch_comparable(p->job->view, (*eager)->cell,
						       (*demand)->cell) &&
			    saved(*eager, *demand) >= WORTH_WORDS)
				return true;
		}
	}
	return false;
}

static void put_points(const struct pins_plot *p, const char *name, uint32_t number,
		       const struct pins_point *point, uint32_t n)
{
	uint32_t i;

	fprintf(p->job->out, "$%s%" PRIu32 " << END\n", name, number);
	for (i = 0; i < n; i++)
		fprintf(p->job->out, "%.6g %.6g\n", point[i].x, point[i].percent);
	fprintf(p->job->out, "END\n");
}

/* The label goes where the two are furthest apart; of equals it goes to the middle of a life. */
static void name_area(const struct pins_point *eager, const struct pins_point *demand,
		      double *widest, struct pins_point *label)
{
	double here = eager->percent - demand->percent;

	if (here > *widest ||
	    (here > *widest - 2 && fabs(eager->x - PIN_BOUNDARY_FIRST_INSTRUCTION) < 0.1)) {
		*widest = fmax(here, *widest);
		label->x = eager->x;
		label->percent = demand->percent + here / 2;
	}
}

/* "x demand eager" where both are known. */
static void put_area(const struct pins_plot *p, const char *name, const struct pins_point *eager,
		     uint32_t eagers, const struct pins_point *demand, uint32_t demands,
		     struct pins_point *label)
{
	double widest = WORTH_WORDS;
	uint32_t e, d;

	fprintf(p->job->out, "$%s << END\n", name);
	for (e = 0; e < eagers; e++) {
		for (d = 0; d < demands; d++) {
			if (fabs(eager[e].x - demand[d].x) > 1e-6)
				continue;
			fprintf(p->job->out, "%.6g %.6g %.6g\n", eager[e].x, demand[d].percent,
				fmax(eager[e].percent, demand[d].percent));
			name_area(&eager[e], &demand[d], &widest, label);
		}
	}
	fprintf(p->job->out, "END\n");
}

/* Axes of one panel; its edges are in pixels from the left. */
static void put_axes(const struct pins_plot *p, const struct plot_frame *f, unsigned left,
		     unsigned right, const char *x_title)
{
	const struct plot_job *j = p->job;

	fprintf(j->out, "set xlabel \"%s\" noenhanced\n", x_title);
	if (j->style.format != PLOT_FORMAT_TERM)
		fprintf(j->out, "set lmargin at screen %u.0/%u\nset rmargin at screen %u.0/%u\n",
			left, f->width, right, f->width);
	fprintf(j->out,
		"set yrange [0:108]\nset ytics (\"0\" 0, \"25%%%%\" 25, \"50%%%%\" 50, \"75%%%%\" "
		"75, \"100%%%%\" 100)\n");
}

static void put_area_label(const struct pins_plot *p, const struct pins_point *at, bool left)
{
	if (at->percent <= 0 || p->job->style.format == PLOT_FORMAT_TERM)
		return;
	fprintf(p->job->out,
		"set label \"what demand saves\" at first %.6g, first %.6g %s offset character %s, "
		"0 front noenhanced font \",%u\" textcolor rgb \"%s\"\n",
		at->x, at->percent, left ? "left" : "center", left ? "0.8" : "0",
		plot_small_type(p->job), plot_ink(p->job->style.theme, PLOT_INK_TEXT));
}

static void put_panel(const struct pins_plot *p, const char *name, bool area, bool key)
{
	const struct plot_job *j = p->job;
	bool term = j->style.format == PLOT_FORMAT_TERM;
	uint32_t i;

	fprintf(j->out, "plot ");
	if (area && !term)
		fprintf(j->out,
			"$area_%s using 1:2:3 with filledcurves fillcolor rgb \"%s\" notitle, "
			"\\\n\t",
			name, plot_ink(j->style.theme, PLOT_INK_FILL));
	for (i = 0; i < p->lines; i++) {
		fprintf(j->out,
			"%s$%s%" PRIu32 " using 1:2 with linespoints pointtype %u pointsize 0.9 "
			"dashtype %u linewidth 1.8 linecolor rgb \"%s\" ",
			i ? ", \\\n\t" : "", name, i,
			term ? i + 1 : plot_line_mark(p->line[i].style),
			plot_line_dashes(p->line[i].style),
			plot_line_colour(j->style.theme, p->line[i].style));
		fprintf(j->out, key ? "title " : "notitle");
		if (key)
			gnuplot_put_text(p->line[i].label, sizeof(p->line[i].label), j->out);
	}
	fprintf(j->out, "\n");
}

static unsigned key_columns(const struct pins_plot *p, bool two)
{
	size_t widest = 1;
	uint32_t i;

	for (i = 0; i < p->lines; i++)
		widest = strlen(p->line[i].label) > widest ? strlen(p->line[i].label) : widest;
	/* gnuplot gives the key the width of the first panel. */
	return plot_key_columns(widest, p->lines, two);
}

/* Points that lie on each other's line are no less visible: a line without touch is drawn once. */
static void put_data(const struct pins_plot *p, bool area, struct pins_point label[2])
{
	const struct pins_line *eager = NULL, *demand = NULL;
	uint32_t i;

	for (i = 0; i < p->lines; i++) {
		put_points(p, "life", i, p->line[i].life, p->line[i].lives);
		put_points(p, "touch", i, p->line[i].touch, p->line[i].touches);
	}
	if (!area || !find_pair(p, &eager, &demand))
		return;
	put_area(p, "area_life", eager->life, eager->lives, demand->life, demand->lives, &label[0]);
	put_area(p, "area_touch", eager->touch, eager->touches, demand->touch, demand->touches,
		 &label[1]);
}

static void put_life(const struct pins_plot *p, const struct plot_frame *f, unsigned right)
{
	const struct cell *c = cell_of(p, p->line[0].cell);
	FILE *out = p->job->out;
	char share[16], title[64] = "over the guest's life";

	if (p->by_touch && c->guest_bytes)
		snprintf(title, sizeof(title), "over the guest's life, %s touched",
			 plot_share_label((double)c->touch_bytes / (double)c->guest_bytes * 100,
					  share, sizeof(share)));
	put_axes(p, f, LEFT_EDGE, right, title);
	if (p->job->style.format != PLOT_FORMAT_TERM)
		fprintf(out, "set ylabel \"pinned share of the guest's memory\" noenhanced\n");
	fprintf(out,
		"set xrange [-0.2:4.2]\nset xtics (\"before\" 0, \"pinned\" 1, \"first instr.\" "
		"2, \"touched\" 3, \"destroyed\" 4)\n");
}

static void put_touch(const struct pins_plot *p, const struct plot_frame *f, unsigned left)
{
	FILE *out = p->job->out;

	fprintf(out, "unset label\nunset ylabel\nunset key\n");
	put_axes(p, f, left, f->width - 28, "after the touch, by the touched share");
	fprintf(out, "set xrange [0:104]\nset xtics (\"0\" 0, \"25%%%%\" 25, \"50%%%%\" 50, "
		     "\"75%%%%\" 75, "
		     "\"100%%%%\" 100)\n");
}

static void put_script(struct pins_plot *p)
{
	const struct plot_job *j = p->job;
	const struct pins_line *eager, *demand;
	struct pins_point label[2] = {{0, 0}, {0, 0}};
	bool area = find_pair(p, &eager, &demand);
	bool two = p->by_touch && j->style.format != PLOT_FORMAT_TERM;
	unsigned columns = key_columns(p, two), rows = (p->lines + columns - 1) / columns;
	char footer[256], more[64] = "";
	struct plot_frame f = {
		.width = PLOT_WIDTH,
		.height = PLOT_HEIGHT + (rows > 3 ? (rows - 3) * 18 : 0),
		.title = "How much of a guest is pinned",
		.footer = footer,
		.key_rows = rows,
		.key_columns = columns,
	};

	if (p->left_out > 0)
		snprintf(more, sizeof(more), "; %" PRIu32 " cells left out", p->left_out);
	snprintf(footer, sizeof(footer),
		 "medians of pages %s; of sizes the "
		 "largest%s%s",
		 p->disproved ? "by this program's account, the host's where that "
				"disproves it"
			      : "by this program's account",
		 j->style.format == PLOT_FORMAT_TERM ? "" : "; equal lines hide each other", more);
	plot_frame_fit(j, &f);
	put_data(p, area, label);
	plot_frame_put(&f, j);
	if (j->style.format != PLOT_FORMAT_TERM)
		fprintf(j->out, "set grid ytics linetype 1 linecolor rgb \"%s\"\n",
			plot_ink(j->style.theme, PLOT_INK_GRID));
	if (two)
		fprintf(j->out, "set multiplot\n");
	put_life(p, &f, two ? f.width / 2 - 20 : f.width - 28);
	put_area_label(p, &label[0], false);
	put_panel(p, "life", area, true);
	if (two) {
		put_touch(p, &f, f.width / 2 + 50);
		put_area_label(p, &label[1], true);
		put_panel(p, "touch", area, false);
		fprintf(j->out, "unset multiplot\n");
	}
	plot_frame_end(j);
}

int plot_pins_put(const struct plot_job *j)
{
	struct pins_plot p = {.job = j};
	uint32_t i, known = 0;

	p.line = calloc(MAX_LINES, sizeof(*p.line));
	if (!p.line)
		return -ENOMEM;
	collect(&p);
	for (i = 0; i < p.lines; i++)
		known += p.line[i].lives;
	if (known > 0)
		put_script(&p);
	free(p.line);
	return known > 0 ? 0 : -ENODATA;
}
