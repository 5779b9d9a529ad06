// SPDX-License-Identifier: GPL-2.0-or-later
/* summary: what a handful of timings says: median, spread, tail, and how sure the median is. */
#include "sevpinbench/two_samples.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_statistics_double.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The fewest values for which a quantile is more than the maximum under another name. */
#define P90_MIN 10
#define P99_MIN 100

/* What a 95% interval leaves out at each end. */
#define CI_TAIL 0.025

/* Quantiles of sorted values; unknown where they are too few. */
static struct stats_figure quantile(const double *sorted, size_t n, double fraction, size_t min)
{
	if (n < min)
		return (struct stats_figure){.known = false};
	return (struct stats_figure){
		.known = true,
		.value = gsl_stats_quantile_from_sorted_data(sorted, 1, n, fraction),
	};
}

/*
 * The largest k such that x(k) and x(n+1-k) enclose the median with at least 95%; 0 where even
 * the extremes do not. Each value is below the median with probability 1/2, so x(k) is above it
 * when fewer than k are: P(Binomial(n, 1/2) <= k - 1). That grows with k, so bisect.
 */
static unsigned ci_rank(unsigned n)
{
	unsigned good = 0, bad = n / 2 + 1, k;

	while (bad - good > 1) {
		k = good + (bad - good) / 2;
		if (gsl_cdf_binomial_P(k - 1, 0.5, n) <= CI_TAIL)
			good = k;
		else
			bad = k;
	}
	return good;
}

static pthread_mutex_t gsl_handler = PTHREAD_MUTEX_INITIALIZER;

static void median_ci(const double *sorted, size_t n, struct stats_summary *out)
{
	gsl_error_handler_t *former;
	unsigned k;

	if (n > UINT_MAX)
		return;
	/* GSL's own handler aborts the program when a series does not converge. It is one for all
	   threads. */
	pthread_mutex_lock(&gsl_handler);
	former = gsl_set_error_handler_off();
	k = ci_rank((unsigned)n);
	gsl_set_error_handler(former);
	pthread_mutex_unlock(&gsl_handler);
	if (k == 0)
		return;
	out->ci_low = (struct stats_figure){.known = true, .value = sorted[k - 1]};
	out->ci_high = (struct stats_figure){.known = true, .value = sorted[n - k]};
}

void stats_summarise_sorted(const double *sorted, size_t n, struct stats_summary *out)
{
	memset(out, 0, sizeof(*out));
	out->n = n;
	if (n == 0)
		return;
	out->min = sorted[0];
	out->max = sorted[n - 1];
	out->median = gsl_stats_median_from_sorted_data(sorted, 1, n);
	out->p90 = quantile(sorted, n, 0.90, P90_MIN);
	out->p99 = quantile(sorted, n, 0.99, P99_MIN);
	median_ci(sorted, n, out);
}

/* The median distance from the median: from there to both sides, the nearer value first. */
static double median_distance(const double *sorted, size_t n, double median)
{
	size_t above = n / 2, below = above, taken;
	double distance = 0, before = 0;

	for (taken = 0; taken <= n / 2; taken++) {
		before = distance;
		if (below == 0 ||
		    (above < n && fabs(sorted[above] - median) <= fabs(sorted[below - 1] - median)))
			distance = fabs(sorted[above++] - median);
		else
			distance = fabs(sorted[--below] - median);
	}
	return n % 2 ? distance : (before + distance) / 2;
}

int stats_summarise(const double *values, size_t n, struct stats_summary *out)
{
	double *sorted;

	memset(out, 0, sizeof(*out));
	out->n = n;
	if (n == 0)
		return 0;
	sorted = calloc(n, sizeof(*sorted));
	if (!sorted) {
		out->n = 0;
		return -ENOMEM;
	}
	memcpy(sorted, values, n * sizeof(*sorted));
	stats_sort(sorted, n);
	stats_summarise_sorted(sorted, n, out);
	out->mad = median_distance(sorted, n, out->median);
	free(sorted);
	return 0;
}

double stats_median(double *values, size_t n)
{
	stats_sort(values, n);
	return gsl_stats_median_from_sorted_data(values, 1, n);
}
