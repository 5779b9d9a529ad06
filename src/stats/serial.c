// SPDX-License-Identifier: GPL-2.0-or-later
/* serial: values that were taken one after the other resemble their neighbours. */
#include "sevpinbench/two_samples.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1024 /* values, from which on parts are made */

#define CORRELATION_MAX 0.9 /* a series that only drifts tells nothing, but not with infinity */

/* How many of the sorted values are less. No branch depends on them: none is guessed wrong. */
static size_t count_less(const double *sorted, size_t n, double value)
{
	const double *from = sorted;
	size_t half;

	for (; n > 1; n -= half) {
		half = n / 2;
		from += half & -(size_t)(from[half - 1] < value);
	}
	return (size_t)(from - sorted) + (n > 0 && *from < value);
}

/*
 * Where values of a part of the range begin among the sorted ones: many values are searched for in
 * their part alone, which is short, and near in memory.
 */
struct parts {
	const double *sorted;
	size_t n, count;
	double least, scale;
	uint32_t *from; /* of each part, and the end; NULL: there is only one */
};

static size_t part_of(const struct parts *p, double value)
{
	double part = (value - p->least) * p->scale; /* grows as the value does */

	return part < (double)p->count ? (size_t)part : p->count - 1;
}

static void parts_open(struct parts *p, const double *sorted, size_t n)
{
	size_t i, part = 0;
	double range = n ? sorted[n - 1] - sorted[0] : 0;

	*p = (struct parts){.sorted = sorted, .n = n, .count = n / 2};
	if (n < MANY || n > UINT32_MAX || !(range > 0) || !isfinite(range))
		return;
	p->least = sorted[0];
	p->scale = (double)p->count / range;
	p->from = isfinite(p->scale) ? calloc(p->count + 1, sizeof(*p->from)) : NULL;
	if (!p->from)
		return; /* slower */
	for (i = 0; i < n; i++) {
		while (part < part_of(p, sorted[i]))
			p->from[++part] = (uint32_t)i;
	}
	while (part < p->count)
		p->from[++part] = (uint32_t)n;
}

/* The mean rank of a value, which is among the sorted ones, from 0. */
static double rank_of(const struct parts *p, double value)
{
	size_t part = p->from ? part_of(p, value) : 0, low = p->from ? p->from[part] : 0;
	size_t end = p->from ? p->from[part + 1] : p->n, first, last;

	first = low + count_less(p->sorted + low, end - low, value);
	last = first + 1;
	if (last < end && p->sorted[last] <= value)
		last += count_less(p->sorted + last, end - last, nextafter(value, INFINITY));
	return ((double)first + (double)last - 1) / 2;
}

void stats_ranks(const double *values, const double *sorted, size_t n, double *ranks)
{
	double middle = ((double)n - 1) / 2;
	struct parts parts;
	size_t i;

	if (n > 0 && sorted[0] >= sorted[n - 1]) { /* all are equal */
		memset(ranks, 0, n * sizeof(*ranks));
		return;
	}
	parts_open(&parts, sorted, n);
	for (i = 0; i < n; i++)
		ranks[i] = rank_of(&parts, values[i]) - middle;
	free(parts.from);
}

double stats_inflation(const double *ranks, size_t n)
{
	double product = 0, square = 0, r;
	size_t i;

	if (n < 4)
		return 1;
	for (i = 0; i < n; i++) {
		product += i ? ranks[i - 1] * ranks[i] : 0;
		square += ranks[i] * ranks[i];
	}
	if (square <= 0)
		return 1;
	r = fmin(CORRELATION_MAX, product / square + 1 / (double)n);
	return r > 0 ? (1 + r) / (1 - r) : 1;
}

/* The power of one wave: cosines at the middles of n equal steps (the discrete cosine transform).
 */
static double wave(const double *ranks, size_t n, unsigned k)
{
	double step = M_PI * k / (double)n, c = cos(step), s = sin(step), sum = 0, old;
	double x = cos(step / 2), y = sin(step / 2);
	size_t i;

	/* (x, y) is turned by a step each time, which takes no cosine. */
	for (i = 0; i < n; i++) {
		sum += ranks[i] * x;
		old = x;
		x = x * c - y * s;
		y = old * s + y * c;
	}
	return sum * sum * 2 / (double)n;
}

/* From a tenth to nine tenths of them: 2.56 deviations of normal values, 2.77 of evenly spread. */
static double deviation(const double *sorted, size_t n)
{
	size_t tail = n / 10;

	return (sorted[n - 1 - tail] - sorted[tail]) / 2.6;
}

double stats_rise(const double *ranks, const double *sorted, size_t n)
{
	double product = 0, rank_square = 0, time_square = 0, t;
	size_t i;

	if (n < STATS_WAVES_LEAST_N)
		return 0;
	for (i = 0; i < n; i++) {
		t = ((double)i + 0.5) / (double)n - 0.5;
		product += ranks[i] * t;
		rank_square += ranks[i] * ranks[i];
		time_square += t * t;
	}
	if (rank_square <= 0)
		return 0;
	return product / time_square * deviation(sorted, n) / sqrt(rank_square / (double)n);
}

bool stats_waves(const double *ranks, size_t n, double power[STATS_WAVES])
{
	double square = 0;
	unsigned k;
	size_t i;

	for (i = 0; i < n; i++)
		square += ranks[i] * ranks[i];
	if (n < STATS_WAVES_LEAST_N || square <= 0)
		return false;
	for (k = 0; k < STATS_WAVES; k++)
		power[k] = wave(ranks, n, k + 1) * ((double)n - 1) / square;
	return true;
}
