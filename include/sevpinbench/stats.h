/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: pure functions on arrays of doubles. Numbers in, numbers out; nothing is modified where it
   is not said. */
#ifndef SEVPINBENCH_STATS_H
#define SEVPINBENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* A figure that the sample may be too small to give. */
struct stats_figure {
	bool known;
	double value;
};

struct stats_summary {
	size_t n;
	double median, mad, min, max;	     /* 0 where n is 0; mad is unscaled */
	struct stats_figure p90;	     /* known from n >= 10 */
	struct stats_figure p99;	     /* known from n >= 100 */
	struct stats_figure ci_low, ci_high; /* 95% CI of the median; known from n >= 6 */
};

/*
 * Summarise n values in any order. Quantiles are type 7 (R's default, gsl_stats_quantile).
 * The interval is the distribution-free one by order statistics: the closest pair x(k),
 * x(n+1-k) whose binomial coverage is at least 95% (Conover, Practical Nonparametric
 * Statistics, 3.2); below n = 6 no such pair exists.
 * Returns 0 or -ENOMEM (it sorts a copy).
 */
int stats_summarise(const double *values, size_t n, struct stats_summary *out);

/* The same of values that are sorted already, without mad (0) and without memory of its own. */
void stats_summarise_sorted(const double *sorted, size_t n, struct stats_summary *out);

/* The median of n values, at least one; they are left sorted. */
double stats_median(double *values, size_t n);

struct stats_line {
	size_t n;
	double intercept, slope, r2;
};

/*
 * Least-squares line through n points. Returns 0, or -EINVAL where fewer than three points or
 * all x alike leave no line worth telling. r2 is 1 where all y are alike and on the line.
 */
int stats_fit_line(const double *x, const double *y, size_t n, struct stats_line *out);

/* A median at a place, and its interval; low and high alike: it has none. */
struct stats_point {
	double x, y, low, high;
};

/* How medians grow with the place, and whether a line may stand for them. */
struct stats_trend {
	struct stats_line line;
	bool clear;	    /* the line explains half of what is seen or more */
	bool even;	    /* no median lies far off it: a quarter, and by its interval */
	double least, most; /* of the slopes from place to place */
};

/*
 * The trend of n points in any order. 0, -ENOMEM, or -EINVAL where they have fewer than three
 * places or are not finite: out is zeroed.
 */
int stats_find_trend(const struct stats_point *point, size_t n, struct stats_trend *out);

#endif
