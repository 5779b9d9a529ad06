// SPDX-License-Identifier: GPL-2.0-or-later
/* test_stats: summary and line against published and independently computed answers. */
#include "sevpinbench/stats.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* So that a refused allocation returns NULL under the address sanitizer too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* mpg of R's data set mtcars; R 4 gives the answers used below. */
static const double mtcars_mpg[] = {
	21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8,
	16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5,
	15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4,
};

/* Data set Norris of the NIST Statistical Reference Datasets: y, x. */
static const double norris[][2] = {
	{0.1, 0.2},	{338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1},
	{228.1, 226.5}, {668.5, 666.3}, {998.5, 996.3}, {449.1, 448.6}, {778.9, 777.0},
	{559.2, 558.2}, {0.3, 0.4},	{0.1, 0.6},	{778.1, 775.5}, {668.8, 666.9},
	{339.3, 338.0}, {448.9, 447.5}, {10.8, 11.6},	{557.7, 556.0}, {228.3, 228.1},
	{998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3},	{0.6, 0.3},
	{557.6, 556.8}, {339.3, 339.1}, {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0},
	{10.2, 11.1},	{117.6, 118.3}, {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9},
	{0.2, 0.5},
};

/* 1, 2, .. n in a scrambled order (7919 is a prime above every n used). */
static void fill_scrambled(double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = (double)(i * 7919 % n + 1);
}

START_TEST(summary_agrees_with_r)
{
	struct stats_summary s;

	ck_assert_int_eq(stats_summarise(mtcars_mpg, LENGTH(mtcars_mpg), &s), 0);
	ck_assert_uint_eq(s.n, 32);
	ck_assert_double_eq_tol(s.median, 19.2, 1e-12);
	ck_assert_double_eq_tol(s.mad, 3.65, 1e-12);
	ck_assert_double_eq(s.min, 10.4);
	ck_assert_double_eq(s.max, 33.9);
	ck_assert(s.p90.known);
	ck_assert_double_eq_tol(s.p90.value, 30.09, 1e-12);
	ck_assert(!s.p99.known);
	/* x(10) and x(23): P(Binomial(32, 1/2) <= 9) = 0.0100, <= 10 is 0.0251. */
	ck_assert(s.ci_low.known && s.ci_high.known);
	ck_assert_double_eq(s.ci_low.value, 15.8);
	ck_assert_double_eq(s.ci_high.value, 21.5);
}
END_TEST

START_TEST(summary_leaves_its_input_alone)
{
	double values[LENGTH(mtcars_mpg)];
	struct stats_summary s;

	memcpy(values, mtcars_mpg, sizeof(values));
	ck_assert_int_eq(stats_summarise(values, LENGTH(values), &s), 0);
	ck_assert_mem_eq(values, mtcars_mpg, sizeof(values));
}
END_TEST

START_TEST(summary_of_nothing)
{
	struct stats_summary s;

	memset(&s, 0xa5, sizeof(s));
	ck_assert_int_eq(stats_summarise(NULL, 0, &s), 0);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_double_eq(s.median, 0);
	ck_assert_double_eq(s.mad, 0);
	ck_assert_double_eq(s.min, 0);
	ck_assert_double_eq(s.max, 0);
	ck_assert(!s.p90.known && !s.p99.known && !s.ci_low.known && !s.ci_high.known);
}
END_TEST

START_TEST(summary_of_one)
{
	const double value = 42.5;
	struct stats_summary s;

	ck_assert_int_eq(stats_summarise(&value, 1, &s), 0);
	ck_assert_uint_eq(s.n, 1);
	ck_assert_double_eq(s.median, 42.5);
	ck_assert_double_eq(s.mad, 0);
	ck_assert_double_eq(s.min, 42.5);
	ck_assert_double_eq(s.max, 42.5);
	ck_assert(!s.p90.known && !s.p99.known && !s.ci_low.known && !s.ci_high.known);
}
END_TEST

START_TEST(summary_of_equal_values)
{
	double values[120];
	struct stats_summary s;

	for (size_t i = 0; i < LENGTH(values); i++)
		values[i] = 7;
	ck_assert_int_eq(stats_summarise(values, LENGTH(values), &s), 0);
	ck_assert_double_eq(s.median, 7);
	ck_assert_double_eq(s.mad, 0);
	ck_assert(s.p90.known && s.p99.known && s.ci_low.known && s.ci_high.known);
	ck_assert_double_eq(s.p90.value, 7);
	ck_assert_double_eq(s.p99.value, 7);
	ck_assert_double_eq(s.ci_low.value, 7);
	ck_assert_double_eq(s.ci_high.value, 7);
}
END_TEST

START_TEST(summary_with_ties)
{
	/* Deviations from the median 2: 0 0 0 0 1 1 8. */
	const double values[] = {2, 1, 2, 10, 2, 1, 2};
	struct stats_summary s;

	ck_assert_int_eq(stats_summarise(values, LENGTH(values), &s), 0);
	ck_assert_double_eq(s.median, 2);
	ck_assert_double_eq(s.mad, 0);
	ck_assert_double_eq(s.ci_low.value, 1);
	ck_assert_double_eq(s.ci_high.value, 10);
}
END_TEST

START_TEST(quantiles_of_type_7)
{
	double values[101];
	struct stats_summary s;

	/* R: quantile(1:10, 0.9) is 9.1; type 6 says 9.9, type 1 says 9. */
	fill_scrambled(values, 10);
	ck_assert_int_eq(stats_summarise(values, 10, &s), 0);
	ck_assert_double_eq_tol(s.p90.value, 9.1, 1e-12);
	ck_assert_double_eq(s.median, 5.5);
	ck_assert_double_eq(s.mad, 2.5);
	/* R: quantile(1:100, c(0.9, 0.99)) is 90.1, 99.01. */
	fill_scrambled(values, 100);
	ck_assert_int_eq(stats_summarise(values, 100, &s), 0);
	ck_assert_double_eq_tol(s.p90.value, 90.1, 1e-12);
	ck_assert_double_eq_tol(s.p99.value, 99.01, 1e-12);
	fill_scrambled(values, 101);
	ck_assert_int_eq(stats_summarise(values, 101, &s), 0);
	ck_assert_double_eq_tol(s.p99.value, 100, 1e-12);
}
END_TEST

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Against all distances made and sorted; of values on a grid, so that many are alike. */
START_TEST(mad_is_the_median_of_distances)
{
	double values[60], distance[60];
	struct stats_summary s;
	uint64_t chance = 1;

	for (size_t round = 0; round < 3000; round++) {
		size_t n = 1 + round % LENGTH(values);

		for (size_t i = 0; i < n; i++) {
			chance = chance * 6364136223846793005u + 1442695040888963407u;
			values[i] = (double)((chance >> 33) % (1 + round % 97));
		}
		ck_assert_int_eq(stats_summarise(values, n, &s), 0);
		for (size_t i = 0; i < n; i++)
			distance[i] = fabs(values[i] - s.median);
		qsort(distance, n, sizeof(distance[0]), by_value);
		ck_assert_double_eq(s.mad, (distance[(n - 1) / 2] + distance[n / 2]) / 2);
	}
}
END_TEST

/* From how many values on each figure is given. */
START_TEST(figures_need_enough_values)
{
	double values[100];
	struct stats_summary s;

	for (size_t n = 1; n <= LENGTH(values); n++) {
		fill_scrambled(values, n);
		ck_assert_int_eq(stats_summarise(values, n, &s), 0);
		ck_assert_int_eq(s.ci_low.known, n >= 6);
		ck_assert_int_eq(s.ci_high.known, n >= 6);
		ck_assert_int_eq(s.p90.known, n >= 10);
		ck_assert_int_eq(s.p99.known, n >= 100);
	}
}
END_TEST

/* Conover, table of order-statistic intervals for the median at 95%. */
START_TEST(ci_of_published_sizes)
{
	static const struct {
		size_t n;
		double low, high;
	} row[] = {{6, 1, 6},  {7, 1, 7},   {8, 1, 8},	{9, 2, 8},
		   {10, 2, 9}, {15, 4, 12}, {20, 6, 15}};
	double values[20];
	struct stats_summary s;

	for (size_t i = 0; i < LENGTH(row); i++) {
		fill_scrambled(values, row[i].n);
		ck_assert_int_eq(stats_summarise(values, row[i].n, &s), 0);
		ck_assert_double_eq(s.ci_low.value, row[i].low);
		ck_assert_double_eq(s.ci_high.value, row[i].high);
	}
}
END_TEST

/* P(Binomial(n, 1/2) <= k), term by term. */
static long double binomial_at_most(unsigned n, unsigned k)
{
	long double term = ldexpl(1, -(int)n), sum = term;

	for (unsigned i = 0; i < k; i++) {
		term = term * (n - i) / (i + 1);
		sum += term;
	}
	return sum;
}

/* The pair covers 95%, and the next closer pair does not. */
START_TEST(ci_is_the_closest_that_covers)
{
	double values[1000];
	struct stats_summary s;
	unsigned k;

	for (unsigned n = 6; n <= LENGTH(values); n += n < 200 ? 1 : 97) {
		fill_scrambled(values, n);
		ck_assert_int_eq(stats_summarise(values, n, &s), 0);
		k = (unsigned)s.ci_low.value;
		ck_assert_double_eq(s.ci_high.value, n + 1 - k);
		ck_assert_msg(binomial_at_most(n, k - 1) <= 0.025L, "n %u k %u: too close", n, k);
		ck_assert_msg(binomial_at_most(n, k) > 0.025L, "n %u k %u: too wide", n, k);
	}
}
END_TEST

START_TEST(summary_without_memory)
{
	const double value = 1;
	/* Twice as many bytes as there are addresses, and volatile so that nobody foresees it. */
	volatile size_t n = SIZE_MAX / 4;
	struct stats_summary s;

	ck_assert_int_eq(stats_summarise(&value, n, &s), -ENOMEM);
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

START_TEST(line_of_norris)
{
	double x[LENGTH(norris)], y[LENGTH(norris)];
	struct stats_line line;

	for (size_t i = 0; i < LENGTH(norris); i++) {
		y[i] = norris[i][0];
		x[i] = norris[i][1];
	}
	ck_assert_int_eq(stats_fit_line(x, y, LENGTH(norris), &line), 0);
	ck_assert_uint_eq(line.n, 36);
	ck_assert_double_eq_tol(line.slope, 1.00211681802045, 1e-12);
	ck_assert_double_eq_tol(line.intercept, -0.262323073774029, 1e-11);
	ck_assert_double_eq_tol(line.r2, 0.999993745883712, 1e-12);
}
END_TEST

START_TEST(line_through_exact_points)
{
	const double x[] = {1, 2, 4, 8}, y[] = {5, 7, 11, 19}, flat[] = {3, 3, 3, 3};
	const double cross[] = {1, -1, -1, 1}, square[] = {-3, -1, 1, 3};
	struct stats_line line;

	ck_assert_int_eq(stats_fit_line(x, y, 4, &line), 0);
	ck_assert_double_eq_tol(line.slope, 2, 1e-12);
	ck_assert_double_eq_tol(line.intercept, 3, 1e-12);
	ck_assert_double_eq_tol(line.r2, 1, 1e-12);
	ck_assert_int_eq(stats_fit_line(x, flat, 4, &line), 0);
	ck_assert_double_eq(line.slope, 0);
	ck_assert_double_eq(line.intercept, 3);
	ck_assert_double_eq(line.r2, 1);
	/* Points that no sloping line describes. */
	ck_assert_int_eq(stats_fit_line(square, cross, 4, &line), 0);
	ck_assert_double_eq_tol(line.slope, 0, 1e-12);
	ck_assert_double_eq_tol(line.r2, 0, 1e-12);
	ck_assert(line.r2 >= 0);
}
END_TEST

START_TEST(line_refuses_what_has_none)
{
	const double x[] = {1, 2, 3}, y[] = {1, 2, 3}, same[] = {5, 5, 5};
	const double nan_y[] = {1, NAN, 3}, huge[] = {-1e300, 0, 1e300};
	struct stats_line line;

	ck_assert_int_eq(stats_fit_line(x, y, 3, &line), 0);
	for (size_t n = 0; n < 3; n++)
		ck_assert_int_eq(stats_fit_line(x, y, n, &line), -EINVAL);
	ck_assert_int_eq(stats_fit_line(same, y, 3, &line), -EINVAL);
	ck_assert_int_eq(stats_fit_line(nan_y, y, 3, &line), -EINVAL);
	ck_assert_int_eq(stats_fit_line(x, nan_y, 3, &line), -EINVAL);
	ck_assert_int_eq(stats_fit_line(huge, y, 3, &line), -EINVAL);
	ck_assert_uint_eq(line.n, 0);
}
END_TEST

/* y and its interval of +-2%, at 1, 2, 4 and so on. */
static int trend_of(const double *y, size_t n, double half_width, struct stats_trend *t)
{
	struct stats_point p[8];
	size_t i, k;

	for (i = 0; i < n; i++) {
		k = n - 1 - i; /* in any order */
		p[k] = (struct stats_point){(double)(1u << i), y[i], y[i] * (1 - half_width),
					    y[i] * (1 + half_width)};
	}
	return stats_find_trend(p, n, t);
}

START_TEST(trend_that_a_line_tells)
{
	const double y[] = {13, 23, 43, 83};
	struct stats_trend t;

	ck_assert_int_eq(trend_of(y, 4, 0.02, &t), 0);
	ck_assert(t.clear && t.even);
	ck_assert_double_eq_tol(t.line.slope, 10, 1e-12);
	ck_assert_double_eq_tol(t.least, 10, 1e-12);
	ck_assert_double_eq_tol(t.most, 10, 1e-12);
}
END_TEST

/* The last of them costs much more: the line passes far from the first. */
START_TEST(trend_that_bends)
{
	const double y[] = {13, 23, 43, 83, 500};
	struct stats_trend t;

	ck_assert_int_eq(trend_of(y, 5, 0.02, &t), 0);
	ck_assert(t.clear && !t.even);
	ck_assert_double_eq_tol(t.least, 10, 1e-12);
	ck_assert_double_eq_tol(t.most, (500 - 83) / 8.0, 1e-12);
	/* With such intervals it may be noise, and without any nobody knows. */
	ck_assert_int_eq(trend_of(y, 5, 9, &t), 0);
	ck_assert(t.even);
	ck_assert_int_eq(trend_of(y, 5, 0, &t), 0);
	ck_assert(t.even);
}
END_TEST

START_TEST(trend_that_is_none)
{
	const double y[] = {10, 30, 10, 30, 10};
	const struct stats_point same[] = {{1, 2, 0, 0}, {1, 4, 0, 0}, {2, 5, 0, 0}};
	const struct stats_point wild[] = {{1, 2, 0, 0}, {2, NAN, 0, 0}, {3, 5, 0, 0}};
	struct stats_trend t;

	ck_assert_int_eq(trend_of(y, 5, 0.02, &t), 0);
	ck_assert(!t.clear);
	ck_assert_int_eq(trend_of(y, 2, 0.02, &t), -EINVAL);
	ck_assert_uint_eq(t.line.n, 0);
	ck_assert_int_eq(stats_find_trend(same, 3, &t), -EINVAL);
	ck_assert_int_eq(stats_find_trend(wild, 3, &t), -EINVAL);
	ck_assert_int_eq(stats_find_trend(wild, 0, &t), -EINVAL);
}
END_TEST

static Suite *stats_suite(void)
{
	const TTest *const test[] = {
		summary_agrees_with_r,	   summary_leaves_its_input_alone,
		summary_of_nothing,	   summary_of_one,
		summary_of_equal_values,   summary_with_ties,
		quantiles_of_type_7,	   figures_need_enough_values,
		ci_of_published_sizes,	   ci_is_the_closest_that_covers,
		summary_without_memory,	   line_of_norris,
		line_through_exact_points, line_refuses_what_has_none,
		trend_that_a_line_tells,   trend_that_bends,
		trend_that_is_none,	   mad_is_the_median_of_distances,
	};
	TCase *tcase = tcase_create("stats");
	Suite *suite = suite_create("stats");

	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(stats_suite());
}
