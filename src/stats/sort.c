// SPDX-License-Identifier: GPL-2.0-or-later
/* sort: few values by comparing them, many by their digits. */
#include "sort.h"

#include "sevpinbench/two_samples.h"
#include <gsl/gsl_sort.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEW	   2048
#define DIGIT_BITS 11
#define DIGITS	   (1u << DIGIT_BITS)

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

/* What values differ in: so many bits of their keys above the least one, from the lowest that do.
 */
struct digits {
	uint64_t least;
	unsigned lowest, bits;
};

static struct digits find_digits(const double *values, size_t n)
{
	uint64_t first = key_of(values[0]), least = first, most = first, differ = 0, key;
	struct digits d = {0};
	size_t i;

	for (i = 1; i < n; i++) {
		key = key_of(values[i]);
		differ |= key ^ first;
		least = key < least ? key : least;
		most = key > most ? key : most;
	}
	d.least = least;
	d.lowest = differ ? (unsigned)__builtin_ctzll(differ) : 0;
	d.bits = differ ? 64 - (unsigned)__builtin_clzll((most - least) >> d.lowest) : 0;
	return d;
}

static uint64_t digits_of(const struct digits *d, double value)
{
	return (key_of(value) - d->least) >> d->lowest;
}

/* One pass: by one digit, stable. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t place[DIGITS] = {0}, i, sum = 0, count;

	for (i = 0; i < n; i++)
		place[from[i] >> shift & (DIGITS - 1)]++;
	for (i = 0; i < DIGITS; i++) {
		count = place[i];
		place[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* By the bits from first to end; there is room for n behind the keys. Returns where they are then.
 */
static const uint64_t *sort_keys(uint64_t *keys, size_t n, unsigned first, unsigned end)
{
	uint64_t *from = keys, *to = keys + n, *other;

	for (; first < end; first += DIGIT_BITS) {
		sort_by_digit(from, to, n, first);
		other = from;
		from = to;
		to = other;
	}
	return from;
}

static void sort_many(double *values, uint64_t *keys, size_t n)
{
	const struct digits d = find_digits(values, n);
	const uint64_t *sorted;
	size_t i;

	for (i = 0; i < n; i++)
		keys[i] = digits_of(&d, values[i]);
	sorted = sort_keys(keys, n, 0, d.bits);
	for (i = 0; i < n; i++)
		values[i] = value_of((sorted[i] << d.lowest) + d.least);
}

bool sort_places(const double *values, size_t n, uint32_t *place)
{
	const unsigned place_bits = n > 1 ? 64 - (unsigned)__builtin_clzll(n - 1) : 1;
	const uint64_t *sorted;
	struct digits d;
	uint64_t *keys;
	size_t i;

	if (n <= FEW || place_bits > 32)
		return false;
	d = find_digits(values, n);
	keys = d.bits + place_bits <= 64 ? calloc(n, 2 * sizeof(*keys)) : NULL;
	if (!keys)
		return false;
	for (i = 0; i < n; i++)
		keys[i] = digits_of(&d, values[i]) << place_bits | i;
	sorted = sort_keys(keys, n, place_bits, place_bits + d.bits);
	for (i = 0; i < n; i++)
		place[i] = (uint32_t)(sorted[i] & ((UINT64_C(1) << place_bits) - 1));
	free(keys);
	return true;
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
