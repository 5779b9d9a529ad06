// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shift: by how much one sample is above another. All m n differences are never made: they form a
 * matrix whose rows and columns are sorted, in which those up to a value are counted in m + n
 * steps. The value is closed in upon until few enough differences are left to be looked at.
 */
#include "sevpinbench/two_samples.h"

#include "rank_sum.h"
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct differences {
	const double *x, *y;
	size_t m, n;
	double *room; /* for room_for values */
	size_t room_for;
};

/* How many differences are at most so great. */
static double count_to(const struct differences *d, double limit)
{
	size_t i, j = 0;
	double count = 0;

	/* As y grows, fewer x are small enough: j is the first x that is great enough. */
	for (i = 0; i < d->n; i++) {
		while (j < d->m && d->y[i] - d->x[j] > limit)
			j++;
		count += (double)(d->m - j);
	}
	return count;
}

/* All differences in (low, high], which must fit the room. Returns their number. */
static size_t gather(const struct differences *d, double low, double high)
{
	size_t i, k, j = 0, used = 0;

	for (i = 0; i < d->n; i++) {
		while (j < d->m && d->y[i] - d->x[j] > high)
			j++;
		for (k = j; k < d->m && d->y[i] - d->x[k] > low && used < d->room_for; k++)
			d->room[used++] = d->y[i] - d->x[k];
	}
	return used;
}

/* Where to count next: by turns where the rank should lie if all were even, and in the middle. */
static double next_limit(double low, double high, double low_rank, double high_rank, double rank,
			 unsigned turn)
{
	double part = turn % 3 == 2 ? 0.5 : (rank - low_rank) / (high_rank - low_rank);
	/* A hair to the far side, so that the rank is soon enclosed on both. */
	double limit =
		low + (high - low) * fmin(0.99, fmax(0.01, part + (turn % 3 ? 0.02 : -0.02)));

	return limit > low && limit < high ? limit : low + (high - low) / 2;
}

/* The difference with this rank, from 1. */
static double select_rank(const struct differences *d, double rank)
{
	double low = d->y[0] - d->x[d->m - 1], high = d->y[d->n - 1] - d->x[0];
	double low_rank = count_to(d, low), high_rank = (double)d->m * (double)d->n;
	double limit, count;
	unsigned turn;
	size_t used;

	if (rank <= low_rank)
		return low;
	for (turn = 0; high_rank - low_rank > (double)d->room_for; turn++) {
		limit = next_limit(low, high, low_rank, high_rank, rank, turn);
		if (limit <= low || limit >= high)
			return high; /* nothing lies between: all that is left are equal */
		count = count_to(d, limit);
		if (count >= rank) {
			high = limit;
			high_rank = count;
		} else {
			low = limit;
			low_rank = count;
		}
	}
	used = gather(d, low, high);
	stats_sort(d->room, used);
	return d->room[(size_t)(rank - low_rank) - 1];
}

/* The rank of the lower end: as many differences lie below it as U may come to with this tail. */
static int end_rank(size_t m, size_t n, double tail, double inflation, double *rank)
{
	double mn = (double)m * (double)n, sum = 0, *share;
	size_t k = 0;

	if (m + n > STATS_EXACT_MAX) {
		*rank = floor(mn / 2 -
			      stats_normal_quantile(tail) *
				      sqrt(mn * (double)(m + n + 1) / 12 * inflation) -
			      0.5) +
			1;
		return 0;
	}
	share = rank_sum_shares(m, n);
	if (!share)
		return -ENOMEM;
	while (k < m * n && sum + share[k] <= tail)
		sum += share[k++];
	free(share);
	*rank = k == 0 ? 0 : floor(mn / 2 - (mn / 2 - (double)k) * sqrt(inflation));
	return 0;
}

int stats_shift(const double *x, size_t m, const double *y, size_t n, double tail, double inflation,
		struct stats_shift *out)
{
	struct differences d = {.x = x, .y = y, .m = m, .n = n, .room_for = m + n + 16};
	double mn = (double)m * (double)n, rank = 0;
	int err;

	memset(out, 0, sizeof(*out));
	if (m == 0 || n == 0)
		return -EINVAL;
	err = end_rank(m, n, tail, inflation, &rank);
	d.room = malloc(d.room_for * sizeof(*d.room));
	if (err || !d.room) {
		free(d.room);
		return -ENOMEM;
	}
	out->estimate = select_rank(&d, floor((mn + 1) / 2));
	if (fmod(mn, 2) == 0)
		out->estimate = (out->estimate + select_rank(&d, mn / 2 + 1)) / 2;
	if (rank >= 1) {
		out->low = (struct stats_figure){true, select_rank(&d, rank)};
		out->high = (struct stats_figure){true, select_rank(&d, mn + 1 - rank)};
	}
	free(d.room);
	return 0;
}
