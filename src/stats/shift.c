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
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STRANDS 8
#define KNOWN	64    /* counts that are remembered: the ranks asked for lie close together */
#define FEW	4096u /* differences that are sorted in less time than all are counted */
#define TURNS	8     /* in which that should be reached; not, where many are equal */

struct differences {
	const double *x, *y;
	size_t m, n;
	double *room; /* for room_for values */
	size_t room_for;
	unsigned known;
	struct {
		double limit, rank; /* so many differences are at most so great */
	} at[KNOWN];
};

/*
 * A part of y is counted from i to end; as y grows, fewer x are small enough: j is the first x that
 * is great enough.
 */
struct strand {
	size_t i, end, j;
};

static struct strand strand_from(const struct differences *d, double limit, size_t from, size_t end)
{
	struct strand s = {from, end, 0};
	size_t high = d->m, middle;

	while (s.j < high && from < end) {
		middle = (s.j + high) / 2;
		if (d->y[from] - d->x[middle] > limit)
			s.j = middle + 1;
		else
			high = middle;
	}
	return s;
}

/* Of the differences that are at most "high": how many, and which of them are above "low". */
struct tally {
	double low, high;
	uint64_t count;
	size_t gathered; /* in the room */
};

static void gather_row(const struct differences *d, const struct strand *s, struct tally *t)
{
	const double y = d->y[s->i];
	size_t j;

	for (j = s->j; j < d->m && y - d->x[j] > t->low && t->gathered < d->room_for; j++)
		d->room[t->gathered++] = y - d->x[j];
}

/*
 * A step forward in x or y, without a branch to be guessed wrong: those that are gathered are few.
 */
static inline void strand_step(const struct differences *d, struct strand *s, struct tally *t,
			       bool gathers)
{
	const double difference = d->y[s->i] - d->x[s->j];
	const size_t above = difference > t->high;

	if (gathers && __builtin_expect((long)((difference > t->low) - above), 0))
		gather_row(d, s, t);
	else
		t->count += (d->m - s->j) & (above - 1);
	s->j += above;
	s->i += 1 - above;
}

/* So many steps stay within both samples for certain. */
static size_t strand_safe(const struct differences *d, const struct strand *s)
{
	size_t in_y = s->end - s->i, in_x = d->m - s->j;

	return in_y < in_x ? in_y : in_x;
}

/* Each step waits for the one before it, so parts of y are gone through side by side. */
static inline __attribute__((always_inline)) void walk(const struct differences *d, struct tally *t,
						       bool gathers)
{
	struct strand s[STRANDS];
	size_t k, safe, least;

	for (k = 0; k < STRANDS; k++)
		s[k] = strand_from(d, t->high, d->n * k / STRANDS, d->n * (k + 1) / STRANDS);
	do {
		for (k = 0, least = SIZE_MAX; k < STRANDS; k++) {
			safe = strand_safe(d, &s[k]);
			least = safe < least ? safe : least;
		}
		for (safe = least; safe > 0; safe--) {
			for (k = 0; k < STRANDS; k++)
				strand_step(d, &s[k], t, gathers);
		}
	} while (least > 0);
	for (k = 0; k < STRANDS; k++) {
		while (strand_safe(d, &s[k]) > 0)
			strand_step(d, &s[k], t, gathers);
	}
}

/* How many differences are at most so great. */
static double count_to(const struct differences *d, double limit)
{
	struct tally t = {.high = limit};

	walk(d, &t, false);
	return (double)t.count;
}

/* All differences in (low, high], which must fit the room. Returns their number. */
static size_t gather(const struct differences *d, double low, double high)
{
	struct tally t = {.low = low, .high = high};

	walk(d, &t, true);
	return t.gathered;
}

/* Between two values there are the ranks above low_rank and up to high_rank. */
struct bracket {
	double low, high, low_rank, high_rank;
};

/*
 * Where to count next: a hair below and above where the rank should lie if all were even, so that
 * it is soon enclosed on both sides; the hair grows while that is not so. Now and then in the
 * middle.
 */
static double next_limit(const struct bracket *b, double rank, unsigned turn)
{
	double range = b->high_rank - b->low_rank, part = (rank - b->low_rank) / range;
	double hair = fmin(0.02, ldexp(FEW / 4.0, (int)(turn / 2)) / range);
	double limit;

	part = turn % 4 == 3 ? 0.5 : part + (turn % 2 ? hair : -hair);
	limit = b->low + (b->high - b->low) * fmin(1 - hair / 2, fmax(hair / 2, part));
	return limit > b->low && limit < b->high ? limit : b->low + (b->high - b->low) / 2;
}

static bool is_close(const struct differences *d, const struct bracket *b, unsigned turn)
{
	double left = b->high_rank - b->low_rank;

	return left <= (double)d->room_for && (left <= FEW || turn >= TURNS);
}

static double count_and_note(struct differences *d, double limit)
{
	double rank = count_to(d, limit);

	if (d->known < KNOWN) {
		d->at[d->known].limit = limit;
		d->at[d->known++].rank = rank;
	}
	return rank;
}

/* The narrowest around the rank that is known. */
static void find_bracket(const struct differences *d, double rank, struct bracket *b)
{
	unsigned i;

	*b = (struct bracket){d->at[0].limit, d->y[d->n - 1] - d->x[0], d->at[0].rank,
			      (double)d->m * (double)d->n};
	for (i = 1; i < d->known; i++) {
		if (d->at[i].rank < rank && d->at[i].limit > b->low) {
			b->low = d->at[i].limit;
			b->low_rank = d->at[i].rank;
		} else if (d->at[i].rank >= rank && d->at[i].limit < b->high) {
			b->high = d->at[i].limit;
			b->high_rank = d->at[i].rank;
		}
	}
}

/* The difference with this rank, from 1; *next (where not NULL) the one with the next. */
static double select_rank(struct differences *d, double rank, double *next)
{
	struct bracket b;
	double limit, count;
	unsigned turn;
	size_t used, at;

	if (d->known == 0)
		count_and_note(d, d->y[0] - d->x[d->m - 1]);
	if (next)
		*next = NAN;
	if (rank <= d->at[0].rank)
		return d->at[0].limit;
	find_bracket(d, rank, &b);
	for (turn = 0; !is_close(d, &b, turn); turn++) {
		limit = next_limit(&b, rank, turn);
		if (limit <= b.low || limit >= b.high)
			return b.high; /* nothing lies between: all that is left are equal */
		count = count_and_note(d, limit);
		if (count >= rank) {
			b.high = limit;
			b.high_rank = count;
		} else {
			b.low = limit;
			b.low_rank = count;
		}
	}
	used = gather(d, b.low, b.high);
	stats_sort(d->room, used);
	at = (size_t)(rank - b.low_rank) - 1;
	if (next && at + 1 < used)
		*next = d->room[at + 1];
	return d->room[at];
}

/* The median of all differences. */
static double middle(struct differences *d)
{
	double mn = (double)d->m * (double)d->n, next;
	double value = select_rank(d, floor((mn + 1) / 2), &next);

	if (fmod(mn, 2) != 0)
		return value;
	if (isnan(next))
		next = select_rank(d, mn / 2 + 1, NULL);
	return (value + next) / 2;
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

static int shifts(struct differences *d, const double *tail, unsigned tails, double inflation,
		  struct stats_shift *out)
{
	double mn = (double)d->m * (double)d->n, rank = 0;
	unsigned i;
	int err = 0;

	memset(out, 0, tails * sizeof(*out));
	if (d->m == 0 || d->n == 0)
		return -EINVAL;
	d->room_for = d->m + d->n + 16;
	d->room = malloc(d->room_for * sizeof(*d->room));
	if (!d->room)
		return -ENOMEM;
	out[0].estimate = middle(d);
	for (i = 0; i < tails && !err; i++) {
		out[i].estimate = out[0].estimate;
		err = end_rank(d->m, d->n, tail[i], inflation, &rank);
		if (err || rank < 1)
			continue;
		out[i].low = (struct stats_figure){true, select_rank(d, rank, NULL)};
		out[i].high = (struct stats_figure){true, select_rank(d, mn + 1 - rank, NULL)};
	}
	free(d->room);
	return err;
}

int stats_shift(const double *x, size_t m, const double *y, size_t n, double tail, double inflation,
		struct stats_shift *out)
{
	struct differences d = {.x = x, .y = y, .m = m, .n = n};

	return shifts(&d, &tail, 1, inflation, out);
}

int stats_shift_twice(const double *x, size_t m, const double *y, size_t n, const double tail[2],
		      double inflation, struct stats_shift out[2])
{
	struct differences d = {.x = x, .y = y, .m = m, .n = n};

	return shifts(&d, tail, 2, inflation, out);
}
