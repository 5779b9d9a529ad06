// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_chart_cross: where eager and demand cost the same. Said only where it is beyond doubt: both
 * lines have medians at the same places, they change sides once, and at both ends their intervals
 * are apart.
 */
#include "plot_chart.h"

#include "gnuplot.h"

#include <math.h>
#include <stdio.h>

#define MAX_CROSSINGS 6

static const struct chart_point *find(const struct chart *c, uint32_t line, double x)
{
	uint32_t i;

	for (i = 0; i < c->points; i++) {
		if (c->point[i].line == line && !(c->point[i].x < x) && !(c->point[i].x > x))
			return &c->point[i];
	}
	return NULL;
}

static bool apart(const struct chart_point *a, const struct chart_point *b)
{
	return a->low > b->high || b->low > a->high;
}

/* Between two places: a start costs so much a byte, so times grow in a straight line. */
static void meet(const struct chart_point *const a[2], const struct chart_point *const b[2],
		 double *x, double *y)
{
	double before = a[0]->median - b[0]->median, behind = a[1]->median - b[1]->median;
	double share = before / (before - behind);

	*x = a[0]->x + (a[1]->x - a[0]->x) * share;
	*y = a[0]->median + (a[1]->median - a[0]->median) * share;
}

static bool cross(const struct chart *c, uint32_t one, uint32_t other, double *x, double *y)
{
	const struct chart_point *a[2] = {0}, *b[2] = {0}, *first[2] = {0};
	unsigned changes = 0;
	uint32_t i;

	for (i = 0; i < c->points; i++) {
		if (c->point[i].line != one)
			continue;
		a[1] = &c->point[i];
		b[1] = find(c, other, a[1]->x);
		if (!b[1])
			continue;
		if (!a[0]) {
			first[0] = a[1];
			first[1] = b[1];
		} else if ((a[0]->median > b[0]->median) != (a[1]->median > b[1]->median)) {
			changes++;
			meet(a, b, x, y);
		}
		a[0] = a[1];
		b[0] = b[1];
	}
	return changes == 1 && apart(first[0], first[1]) && apart(a[0], b[0]);
}

static void put_crossing(const struct chart *c, double x, double y, unsigned number)
{
	const char *ink = plot_ink(c->job->style.theme, PLOT_INK_TEXT);
	char at[32], text[96];
	FILE *out = c->job->out;

	chart_x_text(c, c->axis == CHART_AXIS_BYTES ? floor(x / 0x1p20 + 0.5) * 0x1p20 : x, at,
		     sizeof(at));
	snprintf(text, sizeof(text), "eager = demand at about %s", at);
	fprintf(out,
		"set arrow from first %.6g, graph 0 to first %.6g, graph %.2f nohead dashtype 3 "
		"linewidth 1 linecolor rgb \"%s\"\n",
		x, x, 0.97 - number * 0.05, ink);
	fprintf(out,
		"set label at first %.6g, first %.6g \"\" point pointtype 6 pointsize 2 linewidth "
		"2 "
		"linecolor rgb \"%s\" front\n",
		x, y, ink);
	fprintf(out, "set label ");
	gnuplot_put_text(text, sizeof(text), out);
	fprintf(out,
		" at first %.6g, graph %.2f %s offset character %s, 0 noenhanced front font "
		"\",%u\" "
		"textcolor rgb \"%s\"\n",
		x, 0.97 - number * 0.05, x > sqrt(c->low_x * c->high_x) ? "right" : "left",
		x > sqrt(c->low_x * c->high_x) ? "-0.7" : "0.7", plot_small_type(c->job), ink);
}

void chart_put_crossings(const struct chart *c)
{
	const struct cell_view *v = c->job->view;
	unsigned count = 0;
	uint32_t e, d;
	double x, y;

	for (e = 0; e < c->lines && c->comparable; e++) {
		for (d = 0; d < c->lines && count < MAX_CROSSINGS; d++) {
			uint32_t a = c->line[e].cell, b = c->line[d].cell;

			if (a != CHART_REFERENCE && b != CHART_REFERENCE &&
			    v->record->cell[a].cell.pin == PIN_MODE_EAGER &&
			    v->record->cell[b].cell.pin == PIN_MODE_DEMAND &&
			    c->comparable(v, a, b) && cross(c, e, d, &x, &y))
				put_crossing(c, x, y, count++);
		}
	}
}
