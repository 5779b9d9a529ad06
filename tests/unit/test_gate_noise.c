// SPDX-License-Identifier: GPL-2.0-or-later
/* test_gate_noise: hosts that wander while they are measured. */
#include "../../src/compare/gate_noise.h"
#include "compare_scene.h"
#include "sevpinbench/random.h"

static struct random chance = {7};

/* About normal, with a deviation of 1. */
static double noise(void)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += (double)random_below(&chance, 1000000) / 1e6;
	return sum - 6;
}

/*
 * Starts of 300 ms and 2% of noise, longer by from, and each by step longer than the one before: so
 * that neighbours resemble each other little, and the trend is clear in all together.
 */
static void drift(struct record *r, double from, double step)
{
	uint32_t i, k;

	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].sample_count; k++) {
			double factor = 1 + from + step * k + 0.02 * noise();

			for (int p = 0; p < PHASE_COUNT; p++)
				r->cell[i].sample[k].phases_ns[p] = (uint64_t)(20e6 * factor);
		}
	}
}

/* The middles are a tenth apart in the first three, which trends alone can do. */
static const struct {
	double base_from, base_step, new_from, new_step;
	bool told;
} trends[] = {
	{0, 0.005, 0.1, 0.005, false}, /* it goes on */
	{0, -0.005, 0, 0.005, false},  /* each began at the same place */
	{0, 0, 0, 0.01, false},	       /* in NEW alone */
	{0, 0.005, 0.25, 0.005, true}, /* farther than it can have gone on */
	{0, 0.003, 0.4, -0.003, true}, /* NEW comes down, from far above what base ever was */
	{0, 0, 0.1, 0, true},	       /* none */
};

START_TEST(a_trend_is_no_regression)
{
	drift(&s.a, trends[_i].base_from, trends[_i].base_step);
	drift(&s.b, trends[_i].new_from, trends[_i].new_step);
	judge(0);
	ck_assert_double_gt(row(0, COMPARE_STARTUP)->row->shift.estimate,
			    row(0, COMPARE_STARTUP)->bound);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict,
			 trends[_i].told ? GATE_FAIL : GATE_CANT_TELL);
	ck_assert_double_ge(s.g.trend, 0);
	ck_assert_double_le(s.g.trend, 1);
}
END_TEST

/* Less than the bound was seen; but base went up, and NEW down, which may have hidden the rest. */
START_TEST(a_trend_that_hides_is_not_passed)
{
	drift(&s.a, 0, 0.002);
	drift(&s.b, 0.078, -0.002);
	judge(0);
	ck_assert_double_lt(row(0, COMPARE_STARTUP)->row->shift.estimate,
			    row(0, COMPARE_STARTUP)->bound);
	ck_assert_double_lt(row(0, COMPARE_STARTUP)->detectable,
			    GATE_TWICE * row(0, COMPARE_STARTUP)->bound);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_CANT_TELL);
}
END_TEST

static const struct {
	double base, new, trend, explained, hidden; /* in ms */
} rises[] = {
	{10, 10, 1, 12, 0},			 /* it goes on: 10 ms, a fifth more for certainty */
	{-10, 10, 1, 12, 0}, {10, -10, 1, 0, 5}, /* the other way; half of it */
	{-10, -10, 1, 0, 5}, {10, 0, 1, 6, 2.5}, /* who knows where base's went */
	{0, 10, 1, 6, 0},    {10, 10, 0.5, 6, 0}, /* it may be chance */
	{10, 10, 0, 0, 0},
};

START_TEST(trends_explain_and_hide)
{
	struct compare_row r = {.metric = COMPARE_STARTUP};
	struct gate g = {.trend = rises[_i].trend};

	r.base.rise = rises[_i].base * 1e6;
	r.new.rise = rises[_i].new * 1e6;
	ck_assert_double_eq_tol(gate_noise_explained(&g, &r), rises[_i].explained * 1e6, 1);
	ck_assert_double_eq_tol(gate_noise_hidden(&g, &r), rises[_i].hidden * 1e6, 1);
	r.metric = COMPARE_PINNED_TOUCHED; /* no host wanders in pages */
	ck_assert_double_eq(gate_noise_explained(&g, &r), 0);
	ck_assert_double_eq(gate_noise_hidden(&g, &r), 0);
}
END_TEST

/* Nothing wanders, nothing is hidden. */
START_TEST(quiet_hosts_pass)
{
	drift(&s.a, 0, 0);
	drift(&s.b, 0, 0);
	judge(0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_PASS);
	ck_assert_double_lt(s.g.drift, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gate_noise");
	TCase *trend = tcase_create("trend");

	tcase_add_checked_fixture(trend, open_scene, close_scene);
	tcase_add_loop_test(trend, a_trend_is_no_regression, 0, sizeof(trends) / sizeof(trends[0]));
	tcase_add_test(trend, a_trend_that_hides_is_not_passed);
	tcase_add_loop_test(trend, trends_explain_and_hide, 0, sizeof(rises) / sizeof(rises[0]));
	tcase_add_test(trend, quiet_hosts_pass);
	suite_add_tcase(suite, trend);
	return run_suite(suite);
}
