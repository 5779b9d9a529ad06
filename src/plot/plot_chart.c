// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_chart: a plot of latencies against something: what is in it. */
#include "plot_chart.h"

#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_FROM 12 /* x from 1 to so much more is better seen on a logarithmic axis */

int chart_open(struct chart *c, uint32_t points)
{
	c->room = points;
	c->point = calloc((size_t)points + 1, sizeof(*c->point));
	c->line = calloc(CHART_LINES, sizeof(*c->line));
	if (c->point && c->line)
		return 0;
	chart_close(c);
	return -ENOMEM;
}

void chart_close(struct chart *c)
{
	free(c->point);
	free(c->line);
	c->point = NULL;
	c->line = NULL;
}

uint32_t chart_line_of(struct chart *c, uint32_t cell,
		       bool (*same)(const struct cell_view *v, uint32_t a, uint32_t b))
{
	uint32_t i;

	for (i = 0; i < c->lines; i++) {
		if (c->line[i].cell != CHART_REFERENCE && same(c->job->view, c->line[i].cell, cell))
			return i;
	}
	if (i == CHART_LINES)
		c->left_out++;
	else
		c->line[c->lines++].cell = cell;
	return i;
}

static void add_point(struct chart *c, const struct chart_point *p)
{
	if (c->points == c->room)
		return;
	if (c->points == 0) {
		c->low_x = c->high_x = p->x;
		c->low_y = INFINITY;
	}
	c->low_x = fmin(c->low_x, p->x);
	c->high_x = fmax(c->high_x, p->x);
	c->point[c->points++] = *p;
}

/* Every dot is to be seen: of guests at once the summary knows rounds only. */
static void widen(struct chart *c, const struct record_cell *cell)
{
	double y;
	uint32_t i;

	for (i = 0; i < cell->sample_count; i++) {
		if (!sample_is_valid(&cell->sample[i]) || !c->value(&cell->sample[i], &y))
			continue;
		c->low_y = fmin(c->low_y, fmax(y, 1));
		c->high_y = fmax(c->high_y, y);
	}
}

void chart_add(struct chart *c, uint32_t line, uint32_t cell, double x,
	       const struct stats_summary *s)
{
	bool known = s->ci_low.known && s->ci_high.known;
	struct chart_point p = {.line = line,
				.cell = cell,
				.x = x,
				.n = (uint32_t)s->n,
				.median = s->median,
				.low = known ? fmax(s->ci_low.value, 1) : s->median,
				.high = known ? s->ci_high.value : s->median};

	/* A logarithmic axis has no 0. */
	if (line >= CHART_LINES || s->n == 0 || s->median < 1 || x <= 0)
		return;
	add_point(c, &p);
	widen(c, &c->job->view->record->cell[cell]);
}

uint32_t chart_add_reference(struct chart *c, const char *label, unsigned style)
{
	if (c->lines == CHART_LINES)
		return CHART_LINES;
	c->line[c->lines].cell = CHART_REFERENCE;
	c->line[c->lines].style = style;
	snprintf(c->line[c->lines].label, sizeof(c->line[0].label), "%s", label);
	return c->lines++;
}

void chart_add_reference_point(struct chart *c, uint32_t line, double x, double y)
{
	struct chart_point p = {
		.line = line, .cell = CHART_REFERENCE, .x = x, .median = y, .low = y, .high = y};

	if (line >= CHART_LINES)
		return;
	add_point(c, &p);
	c->low_y = fmin(c->low_y, y);
	c->high_y = fmax(c->high_y, y);
}

static int compare_points(const void *a, const void *b)
{
	const struct chart_point *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->x < y->x || x->x > y->x)
		return x->x < y->x ? -1 : 1;
	return (x->cell > y->cell) - (x->cell < y->cell);
}

/* The trend through the medians of at least three places, where the kind of plot wants one. */
static int find_trends(struct chart *c)
{
	struct stats_point *place = calloc((size_t)c->points + 1, sizeof(*place));
	uint32_t i, line;
	int err = place ? 0 : -ENOMEM;
	size_t n;

	for (line = 0; line < c->lines && c->fit_x > 0 && !err; line++) {
		for (i = 0, n = 0; i < c->points; i++) {
			const struct chart_point *p = &c->point[i];

			if (p->line != line)
				continue;
			place[n++] = (struct stats_point){
				.x = p->x / c->fit_x,
				.y = units_ns_to_s(cell_view_whole(p->median)),
				.low = units_ns_to_s(cell_view_whole(p->low)),
				.high = units_ns_to_s(cell_view_whole(p->high))};
		}
		if (c->line[line].cell == CHART_REFERENCE)
			continue;
		err = stats_find_trend(place, n, &c->line[line].trend);
		c->line[line].trending = err == 0;
		err = err == -EINVAL ? 0 : err;
	}
	free(place);
	return err;
}

bool chart_is_fitted(const struct chart_line *line)
{
	return line->trending && (line->trend.even || !line->trend.clear);
}

/* "eager (io-uring), 2 vCPUs, n 10, +0.612 s/GiB" */
static void label_line(struct chart *c, uint32_t number)
{
	struct chart_line *line = &c->line[number];
	struct cell_view v = *c->job->view;
	uint32_t least = UINT32_MAX, most = 0, i;
	char name[PLOT_LABEL - 160], n[64], slope[64] = "";

	if (line->cell == CHART_REFERENCE)
		return;
	for (i = 0; i < c->points; i++) {
		if (c->point[i].line != number)
			continue;
		least = c->point[i].n < least ? c->point[i].n : least;
		most = c->point[i].n > most ? c->point[i].n : most;
	}
	snprintf(n, sizeof(n), "%" PRIu32 " to %" PRIu32, least, most);
	if (least == most)
		snprintf(n, sizeof(n), "%" PRIu32, most);
	if (line->trending && !line->trend.clear)
		snprintf(slope, sizeof(slope), "no clear trend");
	else if (line->trending)
		c->slope_text(&line->trend.line, &c->job->view->record->cell[line->cell].cell,
			      slope, sizeof(slope));
	/* What the axis tells differs from point to point of the line. */
	if (c->axis == CHART_AXIS_SHARE)
		v.trait_differs[CELL_TRAIT_TOUCH] = false;
	plot_cell_label(&v, line->cell, true, c->axis != CHART_AXIS_BYTES, name, sizeof(name));
	snprintf(line->label, sizeof(line->label), "%s, n %s%s%s%s", name, n, slope[0] ? ", " : "",
		 slope, line->trending && !chart_is_fitted(line) ? " unevenly" : "");
}

/* Numbers of looks, and the labels; reference lines bring their own. */
static void dress_lines(struct chart *c)
{
	uint32_t cell[CHART_LINES], i, count = 0;
	unsigned style[CHART_LINES];

	for (i = 0; i < c->lines; i++) {
		label_line(c, i);
		if (c->line[i].cell != CHART_REFERENCE)
			cell[count++] = c->line[i].cell;
	}
	plot_line_styles(c->job->view, cell, count, style);
	for (i = 0, count = 0; i < c->lines; i++) {
		if (c->line[i].cell != CHART_REFERENCE)
			c->line[i].style = style[count++];
	}
}

int chart_put(struct chart *c)
{
	if (c->points == 0)
		return -ENODATA;
	qsort(c->point, c->points, sizeof(*c->point), compare_points);
	c->log_x = c->axis == CHART_AXIS_BYTES ||
		   (c->axis == CHART_AXIS_SHARE && c->high_x / c->low_x >= LOG_FROM);
	if (find_trends(c) != 0)
		return -ENOMEM;
	dress_lines(c);
	chart_put_script(c);
	return 0;
}
