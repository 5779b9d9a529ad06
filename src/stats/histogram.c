// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * histogram: log-linear buckets. Below SUB values have a bucket each; above, every power of two
 * is cut into SUB buckets of equal width, so the width is at most 1/SUB of the value.
 */
#include "sevpinbench/histogram.h"

#include <string.h>

#define SUB (1U << HISTOGRAM_SUB_BITS)

static unsigned bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns < SUB)
		return (unsigned)ns;
	shift = 63 - HISTOGRAM_SUB_BITS - (unsigned)__builtin_clzll(ns);
	/* ns >> shift keeps the leading one and SUB_BITS behind it, so it is in [SUB, 2 SUB). */
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(ns >> shift);
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_limit(unsigned bucket)
{
	unsigned shift;

	if (bucket < SUB)
		return bucket;
	shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
	/* In the last bucket the shift leaves 0, and 0 - 1 is the right answer: UINT64_MAX. */
	return ((uint64_t)(bucket % SUB + SUB + 1) << shift) - 1;
}

/* The place, from 1, of the value that has permille/1000 of count at or below it. */
static uint64_t rank_of(uint64_t count, unsigned permille)
{
	uint64_t rank;

	if (permille >= 1000)
		return count;
	rank = count / 1000 * permille + (count % 1000 * permille + 999) / 1000;
	return rank > 0 ? rank : 1;
}

void histogram_reset(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->bucket[bucket_of(ns)]++;
	h->count++;
	h->sum_ns += ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	unsigned i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->bucket[i] += other->bucket[i];
	h->count += other->count;
	h->sum_ns += other->sum_ns;
	if (other->max_ns > h->max_ns)
		h->max_ns = other->max_ns;
}

uint64_t histogram_quantile(const struct histogram *h, unsigned permille)
{
	uint64_t rank, limit, seen = 0;

	if (h->count == 0)
		return 0;
	rank = rank_of(h->count, permille);
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank) {
			limit = bucket_limit(i);
			return limit < h->max_ns ? limit : h->max_ns;
		}
	}
	return h->max_ns;
}

/* 2^wide buckets as one; the number of steps, of which the first room are filled in. */
static unsigned steps_of(const struct histogram *h, unsigned wide, struct histogram_step *to,
			 unsigned room)
{
	unsigned i, n = 0, last = UINT32_MAX;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t limit = bucket_limit((i >> wide << wide) + (1U << wide) - 1);

		if (h->bucket[i] == 0)
			continue;
		if (i >> wide != last && n++ < room)
			to[n - 1] = (struct histogram_step){.ns = limit};
		last = i >> wide;
		if (n <= room)
			to[n - 1].count += h->bucket[i];
	}
	if (n > 0 && n <= room && to[n - 1].ns > h->max_ns)
		to[n - 1].ns = h->max_ns;
	return n;
}

unsigned histogram_steps(const struct histogram *h, struct histogram_step *to, unsigned room)
{
	unsigned wide = 0, n;

	/* One bucket a power of two is the widest: 60 of them, which fit. */
	while ((n = steps_of(h, wide, to, room)) > room && wide < HISTOGRAM_SUB_BITS)
		wide++;
	return n < room ? n : room;
}
