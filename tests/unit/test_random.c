// SPDX-License-Identifier: GPL-2.0-or-later
/* test_random: the published sequence, and no bias in what is built on it. */
#include "sevpinbench/random.h"

#include "run_suite.h"
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(random_is_splitmix64)
{
	struct random r = {.state = 1234567};

	ck_assert_uint_eq(random_next(&r), UINT64_C(6457827717110365317));
	ck_assert_uint_eq(random_next(&r), UINT64_C(3203168211198807973));
	ck_assert_uint_eq(random_next(&r), UINT64_C(9817491932198370423));
}
END_TEST

START_TEST(random_below_is_below)
{
	static const uint64_t bound[] = {1, 2, 3, 10, 1000003, UINT64_C(1) << 63, UINT64_MAX};
	struct random r = {.state = 5};

	for (size_t i = 0; i < LENGTH(bound); i++)
		for (unsigned n = 0; n < 1000; n++)
			ck_assert_uint_lt(random_below(&r, bound[i]), bound[i]);
}
END_TEST

/*
 * Of [0, 3 * 2^62) a third lies below 2^62. A bare modulo sends half of all 64-bit values there.
 */
START_TEST(random_below_is_not_biased)
{
	struct random r = {.state = 7};
	unsigned low = 0;

	for (unsigned i = 0; i < 30000; i++)
		low += random_below(&r, UINT64_C(3) << 62) < UINT64_C(1) << 62;
	/* Standard deviation 82. */
	ck_assert_uint_gt(low, 10000 - 400);
	ck_assert_uint_lt(low, 10000 + 400);
}
END_TEST

START_TEST(shuffle_is_a_permutation)
{
	uint32_t index[1000];
	bool seen[1000] = {false};
	struct random r = {.state = 3};
	unsigned moved = 0;

	for (uint32_t i = 0; i < LENGTH(index); i++)
		index[i] = i;
	random_shuffle(&r, index, LENGTH(index));
	for (uint32_t i = 0; i < LENGTH(index); i++) {
		ck_assert_uint_lt(index[i], LENGTH(index));
		ck_assert(!seen[index[i]]);
		seen[index[i]] = true;
		moved += index[i] != i;
	}
	ck_assert_uint_gt(moved, 980);
}
END_TEST

START_TEST(shuffle_repeats_with_its_seed)
{
	uint32_t a[50], b[50], none = 17;
	struct random first = {.state = 11}, second = {.state = 11};

	for (uint32_t i = 0; i < LENGTH(a); i++)
		a[i] = b[i] = i;
	random_shuffle(&first, a, LENGTH(a));
	random_shuffle(&second, b, LENGTH(b));
	ck_assert_mem_eq(a, b, sizeof(a));
	random_shuffle(&first, a, LENGTH(a));
	ck_assert_mem_ne(a, b, sizeof(a));
	random_shuffle(&first, &none, 1);
	random_shuffle(&first, &none, 0);
	ck_assert_uint_eq(none, 17);
}
END_TEST

/* The place of a permutation of 0..4 among the 120. */
static unsigned permutation_number(const uint32_t *index)
{
	unsigned number = 0, smaller;

	for (unsigned i = 0; i < 5; i++) {
		smaller = 0;
		for (unsigned j = i + 1; j < 5; j++)
			smaller += index[j] < index[i];
		number = number * (5 - i) + smaller;
	}
	return number;
}

/*
 * All 120 orders of 5 come equally often. Chi-square with 119 degrees of freedom lies between
 * 76 and 172 with 99.8%; the usual wrong shuffle (swap with any of all places) gives thousands.
 */
START_TEST(shuffle_is_not_biased)
{
	const double expected = 1000;
	unsigned count[120] = {0};
	struct random r = {.state = 2026};
	double chi_square = 0;

	for (unsigned i = 0; i < 120 * 1000; i++) {
		uint32_t index[5] = {0, 1, 2, 3, 4};

		random_shuffle(&r, index, 5);
		count[permutation_number(index)]++;
	}
	for (unsigned i = 0; i < 120; i++)
		chi_square += (count[i] - expected) * (count[i] - expected) / expected;
	ck_assert_double_gt(chi_square, 76);
	ck_assert_double_lt(chi_square, 172);
}
END_TEST

static Suite *random_suite(void)
{
	const TTest *const test[] = {
		random_is_splitmix64,	  random_below_is_below,	 random_below_is_not_biased,
		shuffle_is_a_permutation, shuffle_repeats_with_its_seed, shuffle_is_not_biased,
	};
	TCase *tcase = tcase_create("random");
	Suite *suite = suite_create("random");

	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(random_suite());
}
