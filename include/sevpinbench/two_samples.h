/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * two_samples: is the second sample greater or less than the first, by how much, and how sure is
 * that. By ranks, so that neither outliers nor the shape of the distribution matter. All samples
 * are given sorted, smallest first.
 */
#ifndef SEVPINBENCH_TWO_SAMPLES_H
#define SEVPINBENCH_TWO_SAMPLES_H

#include "sevpinbench/stats.h"
#include <stdbool.h>
#include <stddef.h>

/* Up to so many values in all, p is exact; above, it is the normal distribution's. */
#define STATS_EXACT_MAX 100

struct stats_test {
	double u; /* pairs in which the second sample's value is the greater; a tie is 1/2 */
	double p_greater; /* of the second sample so great or greater by chance alone */
	double p_less;
	double p_two; /* twice the lesser of both, at most 1 */
	bool exact;
};

/*
 * Mann-Whitney test of x (m values) against y (n). Ties share their mean rank; where m + n is at
 * most STATS_EXACT_MAX the p are those of the permutation distribution given the ties, else of the
 * normal distribution with corrections for ties and continuity (Lehmann, Nonparametrics, 1.3-1.5).
 * inflation (1 or more) is how many times the variance of the rank sum is greater than among
 * independent values (stats_inflation()); 1 changes nothing.
 * Returns 0, -EINVAL where a sample is empty, or -ENOMEM.
 */
int stats_mann_whitney(const double *x, size_t m, const double *y, size_t n, double inflation,
		       struct stats_test *out);

/* The least one-sided p that m and n values can give, whatever they are. */
double stats_least_p(size_t m, size_t n, double inflation);

struct stats_shift {
	double estimate;	       /* Hodges-Lehmann: the median of all differences y - x */
	struct stats_figure low, high; /* unknown where the samples are too small for the level */
};

/*
 * By how much y is greater than x, with the interval that belongs to the test above: both ends are
 * differences, chosen by rank, and each is missed with probability tail at most. Takes
 * O((m + n) log) steps and no more memory than m + n values. Returns 0, -EINVAL or -ENOMEM.
 */
int stats_shift(const double *x, size_t m, const double *y, size_t n, double tail, double inflation,
		struct stats_shift *out);

/* The same with two tails, an interval each; the estimate is made once. */
int stats_shift_twice(const double *x, size_t m, const double *y, size_t n, const double tail[2],
		      double inflation, struct stats_shift out[2]);

/* The mean rank of each value among all of its sample, less their middle. sorted: the same values.
 */
void stats_ranks(const double *values, const double *sorted, size_t n, double *ranks);

/*
 * By how much the variance of the mean rank of n values, in the order in which they were taken, is
 * greater than among independent ones: (1 + r) / (1 - r), with r the correlation of the ranks of
 * neighbours, less its bias of -1/n; never below 1. ranks: of stats_ranks().
 * From n = 4 on; 1 below. (Priestley, Spectral Analysis and Time Series, 5.3, for AR(1).)
 */
double stats_inflation(const double *ranks, size_t n);

/*
 * The power of the slowest waves in ranks: of the cosine that goes once from top to bottom while
 * they are taken, twice, and so on; among independent values each is 1 on average. How the middle
 * of a whole sample moves from one time to the next continues this row towards no wave at all
 * (Lazarus, Lewis, Stock and Watson, HAR Inference, J. Bus. Econ. Stat. 36, 2018).
 * False where there are too few values or all are equal.
 */
#define STATS_WAVES	    2
#define STATS_WAVES_LEAST_N 8
bool stats_waves(const double *ranks, size_t n, double power[STATS_WAVES]);

/*
 * By how much n values went up (or, below 0, down) from the first to the last that was taken, in
 * their own unit: the line through their ranks, which no outlier bends, where the middle 80% of the
 * values tell what a rank is worth. Within 7% of the least-squares line, for values that are normal
 * and for such as only rise. 0 where there are fewer than STATS_WAVES_LEAST_N.
 * ranks: of stats_ranks(); sorted: the same values.
 */
double stats_rise(const double *ranks, const double *sorted, size_t n);

/*
 * Holm's adjustment of n p-values for having been asked together: adjusted[i] <= alpha where the
 * hypothesis i may be rejected with a family-wise error of alpha (Holm 1979). adjusted may be p.
 * 0 or -ENOMEM.
 */
int stats_holm(const double *p, size_t n, double *adjusted);

/* The quantile of the standard normal distribution above which a share tail lies. */
double stats_normal_quantile(double tail);

/* Sort in place, smallest first. Not-a-number must not occur. */
void stats_sort(double *values, size_t n);

#endif
