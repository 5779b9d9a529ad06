// SPDX-License-Identifier: GPL-2.0-or-later
/* test_histogram: exact where it must be, within its error bound everywhere else. */
#include "sevpinbench/histogram.h"
#include "sevpinbench/random.h"

#include "run_suite.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(histogram_of_nothing_and_of_one)
{
	struct histogram h;

	memset(&h, 0xa5, sizeof(h));
	histogram_reset(&h);
	ck_assert_uint_eq(h.count, 0);
	ck_assert_uint_eq(histogram_quantile(&h, 0), 0);
	ck_assert_uint_eq(histogram_quantile(&h, 1000), 0);
	histogram_add(&h, 123456789);
	for (unsigned permille = 0; permille <= 1200; permille += 100)
		ck_assert_uint_eq(histogram_quantile(&h, permille), 123456789);
	ck_assert_uint_eq(h.count, 1);
	ck_assert_uint_eq(h.sum_ns, 123456789);
	ck_assert_uint_eq(h.max_ns, 123456789);
}
END_TEST

START_TEST(histogram_is_exact_below_32)
{
	struct histogram h;

	histogram_reset(&h);
	for (unsigned ns = 0; ns < 32; ns++)
		histogram_add(&h, ns);
	/* At least half of 0..31 do not exceed 15; 16 values do. */
	ck_assert_uint_eq(histogram_quantile(&h, 500), 15);
	ck_assert_uint_eq(histogram_quantile(&h, 501), 16);
	ck_assert_uint_eq(histogram_quantile(&h, 31), 0);
	ck_assert_uint_eq(histogram_quantile(&h, 32), 1);
	ck_assert_uint_eq(histogram_quantile(&h, 968), 30);
	ck_assert_uint_eq(histogram_quantile(&h, 969), 31);
	ck_assert_uint_eq(histogram_quantile(&h, 1000), 31);
}
END_TEST

/* What a single value reads back as: never below, at most 1/32 above. */
static void check_error_bound(struct histogram *h, uint64_t ns)
{
	uint64_t told;

	histogram_reset(h);
	histogram_add(h, ns);
	histogram_add(h, UINT64_MAX);
	told = histogram_quantile(h, 500);
	ck_assert_msg(told >= ns && told - ns <= ns / 32, "%llu reads back as %llu",
		      (unsigned long long)ns, (unsigned long long)told);
}

START_TEST(histogram_error_bound)
{
	struct random r = {.state = 1};
	struct histogram h;

	for (unsigned bit = 0; bit < 64; bit++) {
		check_error_bound(&h, (UINT64_C(1) << bit) - 1);
		check_error_bound(&h, UINT64_C(1) << bit);
		check_error_bound(&h, (UINT64_C(1) << bit) + 1);
	}
	check_error_bound(&h, UINT64_MAX);
	for (unsigned i = 0; i < 30000; i++)
		check_error_bound(&h, random_next(&r) >> random_below(&r, 64));
}
END_TEST

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Against the sorted values themselves, for every permille. */
START_TEST(histogram_quantiles_of_many)
{
	static uint64_t value[4321];
	struct random r = {.state = 99};
	const size_t n = LENGTH(value);
	uint64_t exact, told, sum = 0;
	struct histogram h;

	histogram_reset(&h);
	for (size_t i = 0; i < n; i++) {
		value[i] = 1000 + random_below(&r, UINT64_C(1) << (10 + i % 20));
		histogram_add(&h, value[i]);
		sum += value[i];
	}
	qsort(value, n, sizeof(value[0]), compare_u64);
	ck_assert_uint_eq(h.count, n);
	ck_assert_uint_eq(h.sum_ns, sum);
	ck_assert_uint_eq(h.max_ns, value[n - 1]);
	for (unsigned permille = 1; permille <= 1000; permille++) {
		exact = value[(n * permille + 999) / 1000 - 1];
		told = histogram_quantile(&h, permille);
		ck_assert_msg(told >= exact && told - exact <= exact / 32,
			      "%u permille: %llu, told %llu", permille, (unsigned long long)exact,
			      (unsigned long long)told);
	}
	ck_assert_uint_eq(histogram_quantile(&h, 1000), value[n - 1]);
}
END_TEST

START_TEST(histogram_with_a_very_large_count)
{
	struct histogram h;

	histogram_reset(&h);
	histogram_add(&h, 1);
	histogram_add(&h, 20);
	h.bucket[1] = UINT64_C(1) << 62;
	h.bucket[20] = UINT64_C(1) << 62;
	h.count = UINT64_C(1) << 63;
	ck_assert_uint_eq(histogram_quantile(&h, 500), 1);
	ck_assert_uint_eq(histogram_quantile(&h, 501), 20);
	ck_assert_uint_eq(histogram_quantile(&h, 999), 20);
}
END_TEST

static const struct {
	unsigned values, powers; /* of two, over which they are spread */
	double above;		 /* a step's end is at most so much above the longest value in it */
} spread[] = {{0, 1, 0},	{1, 1, 0},	  {13, 20, 0.032},
	      {5000, 2, 0.032}, {5000, 12, 0.25}, {5000, 62, 1}};

/* Each value is in just one step; steps rise, and end near their values. */
START_TEST(histogram_steps_hold_all_values)
{
	static uint64_t value[5000];
	struct random r = {(uint64_t)_i};
	struct histogram h;
	struct histogram_step step[64];
	unsigned i, n, seen = 0;

	histogram_reset(&h);
	for (i = 0; i < spread[_i].values; i++) {
		value[i] = UINT64_C(1) << random_below(&r, spread[_i].powers);
		value[i] += random_below(&r, value[i]);
		histogram_add(&h, value[i]);
	}
	qsort(value, i, sizeof(value[0]), compare_u64);
	n = histogram_steps(&h, step, LENGTH(step));
	ck_assert_uint_le(n, LENGTH(step));
	for (i = 0; i < n; i++) {
		ck_assert_uint_gt(step[i].count, 0);
		ck_assert(i == 0 || step[i].ns > step[i - 1].ns);
		ck_assert(i == 0 || value[seen] > step[i - 1].ns);
		seen += (unsigned)step[i].count;
		ck_assert_uint_le(seen, spread[_i].values);
		ck_assert_uint_le(value[seen - 1], step[i].ns);
		ck_assert_uint_le(step[i].ns - value[seen - 1],
				  (uint64_t)((double)value[seen - 1] * spread[_i].above));
	}
	ck_assert_uint_eq(seen, spread[_i].values);
	ck_assert(n == 0 || step[n - 1].ns == h.max_ns);
}
END_TEST

static Suite *histogram_suite(void)
{
	const TTest *const test[] = {
		histogram_of_nothing_and_of_one,
		histogram_is_exact_below_32,
		histogram_error_bound,
		histogram_quantiles_of_many,
		histogram_with_a_very_large_count,
	};
	TCase *tcase = tcase_create("histogram");
	Suite *suite = suite_create("histogram");

	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	tcase_add_loop_test(tcase, histogram_steps_hold_all_values, 0, LENGTH(spread));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(histogram_suite());
}
