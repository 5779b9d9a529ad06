/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * histogram: counts of durations in fixed memory, whatever their number.
 *
 * Log-linear buckets (as in HdrHistogram): 32 to each power of two, so a quantile is at most
 * 1/32 = 3.2% above the true value; values below 32 ns are exact. No allocation, no failure.
 * One writer at a time; the caller locks where there are more.
 */
#ifndef SEVPINBENCH_HISTOGRAM_H
#define SEVPINBENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_BUCKETS  ((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t count, max_ns, sum_ns;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_reset(struct histogram *h);
void histogram_add(struct histogram *h, uint64_t ns);

/* Add the values of another one. */
void histogram_merge(struct histogram *h, const struct histogram *other);

/*
 * The smallest bucket limit that at least permille/1000 of the values do not exceed, never above
 * the true maximum; 0 where there are no values.
 */
uint64_t histogram_quantile(const struct histogram *h, unsigned permille);

/* So many values are at most so long, and longer than those of the step before. */
struct histogram_step {
	uint64_t ns, count;
};

/*
 * The distribution in at most room steps (room at least 64), the shortest first, none empty; the
 * last ends at the true maximum. Where there are more buckets in use than room, neighbours are put
 * together, all by the same factor, so a step's end is further above its values. Returns how many.
 */
unsigned histogram_steps(const struct histogram *h, struct histogram_step *to, unsigned room);

#endif
