// SPDX-License-Identifier: GPL-2.0-or-later
/* serial: values that were taken one after the other resemble their neighbours. */
#include "sevpinbench/two_samples.h"

#include "sort.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* The mean rank of a value, which is among the sorted ones, from 0. */
static double rank_of(const double *sorted, size_t n, double value)
{
	size_t first = count_less(sorted, n, value), last = first + 1;

	if (last < n && sorted[last] <= value)
		last += count_less(sorted + last, n - last, nextafter(value, INFINITY));
	return ((double)first + (double)last - 1) / 2;
}

/* The same of all values, by their places in the order. False: not this way. */
static bool rank_all(const double *values, const double *sorted, size_t n, double *ranks)
{
	uint32_t *place = calloc(n, sizeof(*place));
	const bool known = place && sort_places(values, n, place);
	size_t i, k, end;

	for (i = 0; known && i < n; i = end) {
		for (end = i + 1; end < n && sorted[end] <= sorted[i]; end++)
			;
		for (k = i; k < end; k++)
			ranks[place[k]] = ((double)i + (double)end - 1) / 2;
	}
	free(place);
	return known;
}

void stats_ranks(const double *values, const double *sorted, size_t n, double *ranks)
{
	double middle = ((double)n - 1) / 2;
	bool known;
	size_t i;

	if (n == 0)
		return;
	if (sorted[0] >= sorted[n - 1]) { /* all are equal */
		memset(ranks, 0, n * sizeof(*ranks));
		return;
	}
	known = rank_all(values, sorted, n, ranks);
	for (i = 0; i < n; i++)
		ranks[i] = (known ? ranks[i] : rank_of(sorted, n, values[i])) - middle;
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
