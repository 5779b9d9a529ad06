// SPDX-License-Identifier: GPL-2.0-or-later
/* trend: a line through medians, and whether it tells what they do. */
#include "sevpinbench/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define R2_CLEAR 0.5  /* less than half of what is seen is explained by where it is */
#define FAR_OFF	 0.25 /* of the median: more than anybody would call a line's own roughness */

static int by_place(const void *a, const void *b)
{
	const struct stats_point *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

/* Noise moves a median within its interval; a line that bends passes outside of it. */
static bool is_far_off(const struct stats_line *line, const struct stats_point *p)
{
	double y = line->intercept + line->slope * p->x;

	return p->low < p->high && (y < p->low || y > p->high) &&
	       fabs(y - p->y) > FAR_OFF * fabs(p->y);
}

/* The mean of the points at the same place, from point i on; i becomes the first behind them. */
static struct stats_point next_place(const struct stats_point *sorted, size_t n, size_t *i)
{
	struct stats_point place = {.x = sorted[*i].x};
	size_t from = *i;

	for (; *i < n && !(sorted[*i].x > place.x); (*i)++)
		place.y += sorted[*i].y;
	place.y /= (double)(*i - from);
	return place;
}

/* Returns the number of places. */
static size_t find_steps(const struct stats_point *sorted, size_t n, struct stats_trend *out)
{
	struct stats_point last = {0}, here;
	size_t i = 0, places;
	double slope;

	out->least = INFINITY;
	out->most = -INFINITY;
	for (places = 0; i < n; places++, last = here) {
		here = next_place(sorted, n, &i);
		if (places == 0)
			continue;
		slope = (here.y - last.y) / (here.x - last.x);
		out->least = fmin(out->least, slope);
		out->most = fmax(out->most, slope);
	}
	return places;
}

static int find(const struct stats_point *sorted, double *x, double *y, size_t n,
		struct stats_trend *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		x[i] = sorted[i].x;
		y[i] = sorted[i].y;
	}
	if (find_steps(sorted, n, out) < 3 || stats_fit_line(x, y, n, &out->line) < 0)
		return -EINVAL;
	out->clear = out->line.r2 >= R2_CLEAR;
	out->even = true;
	for (i = 0; i < n; i++)
		out->even &= !is_far_off(&out->line, &sorted[i]);
	return 0;
}

int stats_find_trend(const struct stats_point *point, size_t n, struct stats_trend *out)
{
	struct stats_point *sorted = calloc(n + 1, sizeof(*sorted));
	double *xy = calloc(2 * n + 1, sizeof(*xy));
	struct stats_trend trend = {0};
	int err = sorted && xy ? 0 : -ENOMEM;
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < n && !err; i++) {
		sorted[i] = point[i];
		err = isfinite(point[i].x) && isfinite(point[i].y) ? 0 : -EINVAL;
	}
	if (!err) {
		qsort(sorted, n, sizeof(*sorted), by_place);
		err = find(sorted, xy, xy + n, n, &trend);
	}
	if (!err)
		*out = trend;
	free(sorted);
	free(xy);
	return err;
}
