// SPDX-License-Identifier: GPL-2.0-or-later
/* sort: few values by comparing them, many by their digits. */
#include "sevpinbench/two_samples.h"

#include <gsl/gsl_sort.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEW	   2048
#define DIGIT_BITS 11
#define DIGITS	   (1u << DIGIT_BITS)
#define PASSES	   6 /* of 11 bits, for 64 */

/* Numbers that have the order of the doubles: the sign's bit turned, and negative ones mirrored. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

static double value_of(uint64_t key)
{
	double value;

	key ^= key >> 63 ? UINT64_C(1) << 63 : UINT64_MAX;
	memcpy(&value, &key, sizeof(value));
	return value;
}

/* One pass: by one digit, stable. A digit that all share is passed over; returns false then. */
static int sort_by_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t place[DIGITS] = {0}, i, sum = 0, count;

	for (i = 0; i < n; i++)
		place[from[i] >> shift & (DIGITS - 1)]++;
	if (place[from[0] >> shift & (DIGITS - 1)] == n)
		return 0;
	for (i = 0; i < DIGITS; i++) {
		count = place[i];
		place[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
	return 1;
}

static void sort_many(double *values, uint64_t *keys, size_t n)
{
	uint64_t *from = keys, *to = keys + n, *other;
	size_t i;
	unsigned pass;

	for (i = 0; i < n; i++)
		from[i] = key_of(values[i]);
	for (pass = 0; pass < PASSES; pass++) {
		if (sort_by_digit(from, to, n, pass * DIGIT_BITS)) {
			other = from;
			from = to;
			to = other;
		}
	}
	for (i = 0; i < n; i++)
		values[i] = value_of(from[i]);
}

/* As counts often are, which do not differ. */
static int is_sorted(const double *values, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (!(values[i - 1] <= values[i]))
			return 0;
	}
	return 1;
}

void stats_sort(double *values, size_t n)
{
	uint64_t *keys;

	if (is_sorted(values, n))
		return;
	keys = n > FEW ? calloc(n, 2 * sizeof(*keys)) : NULL;
	if (keys)
		sort_many(values, keys, n);
	else
		gsl_sort(values, 1, n); /* also without memory: slower, in place */
	free(keys);
}
