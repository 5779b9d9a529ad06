// SPDX-License-Identifier: GPL-2.0-or-later
/* serial: values that were taken one after the other resemble their neighbours. */
#include "sevpinbench/two_samples.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#define DRIFT_P		0.05
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

#define QUARTERS 4

/* The statistic of Kruskal and Wallis over consecutive quarters, without ties' correction. */
static bool quarters_differ(const double *values, const double *sorted, size_t n)
{
	double middle = ((double)n - 1) / 2, between = 0, all = 0, sum, rank;
	size_t q, i, from, to;

	for (q = 0; q < QUARTERS; q++) {
		from = n * q / QUARTERS;
		to = n * (q + 1) / QUARTERS;
		for (i = from, sum = 0; i < to; i++) {
			rank = rank_of(sorted, n, values[i]) - middle;
			sum += rank;
			all += rank * rank;
		}
		between += sum * sum / (double)(to - from);
	}
	return all > 0 &&
	       gsl_cdf_chisq_Q(between / (all / ((double)n - 1)), QUARTERS - 1) < DRIFT_P;
}

/* The median of a run of values, without memory: of the ranks that they have among all. */
static double run_median(const double *values, const double *sorted, size_t n, size_t from,
			 size_t to)
{
	size_t low = 0, high = n - 1, at, i, below;

	/* The least of all values that half of the run does not exceed. */
	while (low < high) {
		at = low + (high - low) / 2;
		for (i = from, below = 0; i < to; i++)
			below += values[i] <= sorted[at];
		if (2 * below >= to - from)
			high = at;
		else
			low = at + 1;
	}
	return sorted[low];
}

/*
 * A random walk of n steps of variance v has quarters' means whose steps vary by v n/6, and a mean
 * that varies by v n/3: twice as much.
 */
double stats_drift(const double *values, const double *sorted, size_t n)
{
	double median[QUARTERS], squares = 0;
	size_t q;

	if (n < 2 * QUARTERS || !quarters_differ(values, sorted, n))
		return 0;
	for (q = 0; q < QUARTERS; q++)
		median[q] = run_median(values, sorted, n, n * q / QUARTERS, n * (q + 1) / QUARTERS);
	for (q = 1; q < QUARTERS; q++)
		squares += (median[q] - median[q - 1]) * (median[q] - median[q - 1]);
	return sqrt(2 * squares / (QUARTERS - 1));
}
