// SPDX-License-Identifier: GPL-2.0-or-later
/* random: splitmix64, a uniform number below a bound, and the shuffle built on it. */
#include "sevpinbench/random.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t random_below(struct random *r, uint64_t bound)
{
	/* 2^64 mod bound: values below it would make the first residues one case likelier. */
	uint64_t surplus = (UINT64_MAX - bound + 1) % bound;
	uint64_t value;

	do
		value = random_next(r);
	while (value < surplus);
	return value % bound;
}

void random_shuffle(struct random *r, uint32_t *index, size_t n)
{
	uint32_t held;
	size_t other;

	for (size_t last = n; last > 1; last--) {
		other = random_below(r, last);
		held = index[last - 1];
		index[last - 1] = index[other];
		index[other] = held;
	}
}
