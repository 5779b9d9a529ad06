// SPDX-License-Identifier: GPL-2.0-or-later
/* rank_sum: the statistic of Mann and Whitney and its distribution under chance alone. */
#include "rank_sum.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The next group of equal values in both: how many of each. */
static void next_group(const double *x, size_t m, size_t *i, const double *y, size_t n, size_t *j)
{
	double value = *i == m ? y[*j] : *j == n ? x[*i] : fmin(x[*i], y[*j]);

	while (*i < m && x[*i] <= value)
		++*i;
	while (*j < n && y[*j] <= value)
		++*j;
}

void rank_sum_take(const double *x, size_t m, const double *y, size_t n, struct rank_sum *r)
{
	size_t i = 0, j = 0, from_i, from_j;
	double group;

	*r = (struct rank_sum){.m = m, .n = n};
	while (i < m || j < n) {
		from_i = i;
		from_j = j;
		next_group(x, m, &i, y, n, &j);
		r->u += (double)(j - from_j) *
			((double)from_i +
			 (double)(i - from_i) / 2); /* x below, and half the ties */
		group = (double)(i - from_i + j - from_j);
		r->ties += group * group * group - group;
	}
}

/*
 * The numbers of ways are the coefficients of the Gaussian binomial (m + n over m): the product of
 * (1 - q^(n+i)) / (1 - q^i) for i = 1 .. m, each a polynomial (Andrews, The Theory of Partitions,
 * ch. 3). All are exact in a double as long as they stay below 2^53, and to 16 digits above.
 */
double *rank_sum_shares(size_t m, size_t n)
{
	size_t top = m * n, i, u;
	double *ways = calloc(top + 1, sizeof(*ways));
	double all = 0;

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (i = 1; i <= m; i++) {
		for (u = top; u >= n + i; u--)
			ways[u] -= ways[u - n - i];
		for (u = i; u <= top; u++)
			ways[u] += ways[u - i];
	}
	for (u = 0; u <= top; u++)
		all += ways[u];
	for (u = 0; u <= top; u++)
		ways[u] /= all;
	return ways;
}

int rank_sum_exact(const struct rank_sum *r, double *below, double *above)
{
	double *share = rank_sum_shares(r->m, r->n);
	size_t u = (size_t)r->u, i;

	if (!share)
		return -ENOMEM;
	*below = *above = 0;
	/* From the ends, where the shares are small, so that nothing small is lost. */
	for (i = 0; i <= u; i++)
		*below += share[i];
	for (i = r->m * r->n + 1; i-- > u;)
		*above += share[i];
	free(share);
	return 0;
}

/* Twice the mean ranks of all values, which are whole numbers. */
static void fill_ranks(const double *x, const double *y, const struct rank_sum *r, uint32_t *twice)
{
	size_t i = 0, j = 0, from, to;

	while (i < r->m || j < r->n) {
		from = i + j;
		next_group(x, r->m, &i, y, r->n, &j);
		for (to = from; to < i + j; to++)
			twice[to] = (uint32_t)(from + i + j + 1);
	}
}

/*
 * ways[k * stride + s]: in how many ways k of the values seen so far have the (doubled) rank sum s.
 * A value more: with it or without it. Only sums that k values can have are looked at (not above
 * those of the k greatest so far), and only k from which all can still be drawn.
 */
static void count_ways(double *ways, size_t stride, size_t drawn, const uint32_t *twice, size_t all)
{
	size_t v, k, s, top, least;

	ways[0] = 1;
	for (v = 0; v < all; v++) {
		least = drawn + v + 1 > all ? drawn + v + 1 - all : 1;
		for (k = v + 1 < drawn ? v + 1 : drawn; k >= least && k >= 1; k--) {
			for (s = v + 1 - k, top = 0; s <= v; s++)
				top += twice[s];
			for (s = twice[v]; s <= top; s++)
				ways[k * stride + s] += ways[(k - 1) * stride + s - twice[v]];
		}
	}
}

int rank_sum_exact_ties(const double *x, const double *y, const struct rank_sum *r, double *below,
			double *above)
{
	size_t all = r->m + r->n, drawn = r->m < r->n ? r->m : r->n, stride = all * (all + 1) + 1;
	/* U of the smaller sample, and the doubled rank sum that belongs to it. */
	double u = r->n <= r->m ? r->u : (double)r->m * (double)r->n - r->u;
	size_t at = (size_t)(2 * u) + drawn * (drawn + 1), s;
	uint32_t *twice = calloc(all, sizeof(*twice));
	double *ways = calloc((drawn + 1) * stride, sizeof(*ways));
	double low = 0, high = 0, total = 0;

	if (twice && ways) {
		fill_ranks(x, y, r, twice);
		count_ways(ways, stride, drawn, twice, all);
		for (s = 0; s < stride; s++) {
			low += s <= at ? ways[drawn * stride + s] : 0;
			high += s >= at ? ways[drawn * stride + s] : 0;
			total += ways[drawn * stride + s];
		}
		*below = (r->n <= r->m ? low : high) / total;
		*above = (r->n <= r->m ? high : low) / total;
	}
	free(twice);
	free(ways);
	return total > 0 ? 0 : -ENOMEM;
}
