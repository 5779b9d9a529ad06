/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rank_sum: the statistic of Mann and Whitney and its distribution under chance alone. */
#ifndef STATS_RANK_SUM_H
#define STATS_RANK_SUM_H

#include <stddef.h>

struct rank_sum {
	size_t m, n;
	double u;    /* pairs with y above x; a tie counts 1/2 */
	double ties; /* the sum of t^3 - t over all groups of t equal values */
};

/* Of two sorted samples. */
void rank_sum_take(const double *x, size_t m, const double *y, size_t n, struct rank_sum *r);

/*
 * P(U <= u) and P(U >= u) by counting all ways to draw. The first wants samples without ties, the
 * second all values. 0 or -ENOMEM.
 */
int rank_sum_exact(const struct rank_sum *r, double *below, double *above);
int rank_sum_exact_ties(const double *x, const double *y, const struct rank_sum *r, double *below,
			double *above);

/*
 * ways[u] for u = 0 .. m n: in how many of all draws U comes to u, without ties, as a share of all.
 * NULL without memory; the caller frees it.
 */
double *rank_sum_shares(size_t m, size_t n);

#endif
