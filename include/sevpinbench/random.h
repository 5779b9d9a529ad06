/* SPDX-License-Identifier: GPL-2.0-or-later */
/* random: a small seeded generator, so that a campaign can be repeated in the same order. */
#ifndef SEVPINBENCH_RANDOM_H
#define SEVPINBENCH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014). Any state is a good state. */
struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);

/* Uniform in [0, bound), without modulo bias. bound must not be 0. */
uint64_t random_below(struct random *r, uint64_t bound);

/* Fisher-Yates shuffle of n indices. */
void random_shuffle(struct random *r, uint32_t *index, size_t n);

#endif
