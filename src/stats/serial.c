// SPDX-License-Identifier: GPL-2.0-or-later
/* serial: values that were taken one after the other resemble their neighbours. */
#include "sevpinbench/two_samples.h"

#include <math.h>

#define CORRELATION_MAX 0.9 /* a series that only drifts tells nothing, but not with infinity */

/* The mean rank of a value among the sorted ones, from 0. */
static double rank_of(const double *sorted, size_t n, double value)
{
	size_t low = 0, high = n, first;

	while (low < high) {
		if (sorted[low + (high - low) / 2] < value)
			low += (high - low) / 2 + 1;
		else
			high = low + (high - low) / 2;
	}
	first = low;
	for (high = n; low < high;) {
		if (sorted[low + (high - low) / 2] <= value)
			low += (high - low) / 2 + 1;
		else
			high = low + (high - low) / 2;
	}
	return ((double)first + (double)low - 1) / 2;
}

double stats_inflation(const double *values, const double *sorted, size_t n)
{
	double middle = ((double)n - 1) / 2, last, now, product = 0, square = 0, r;
	size_t i;

	if (n < 4)
		return 1;
	last = rank_of(sorted, n, values[0]) - middle;
	square = last * last;
	for (i = 1; i < n; i++) {
		now = rank_of(sorted, n, values[i]) - middle;
		product += last * now;
		square += now * now;
		last = now;
	}
	if (square <= 0)
		return 1;
	r = fmin(CORRELATION_MAX, product / square + 1 / (double)n);
	return r > 0 ? (1 + r) / (1 - r) : 1;
}
