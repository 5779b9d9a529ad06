// SPDX-License-Identifier: GPL-2.0-or-later
/* test_gate_words: why a figure has its verdict, each reason in turn. */
#include "../../src/report/gate_words.h"

#include "run_suite.h"
#include "sevpinbench/units.h"
#include <check.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MS	      1e6

/* A start of 100 ms is 12 ms longer, 5 ms are its bound; each case changes what it is about. */
static const struct compare_row changed = {
	.metric = COMPARE_STARTUP,
	.base = {.n = 20, .median = 100 * MS},
	.new = {.n = 20, .median = 112 * MS},
	.shift = {.estimate = 12 * MS},
	.relative = {.known = true, .value = 0.12},
};

static const struct {
	const char *wanted;
	struct gate_row row;
	double drift, trend, shift;
	bool exact, new_is_empty, disagrees;
} cases[] = {
	{.wanted = "startup latency 100 ms -> 112 ms (+12.00%): more than the bound, 5.00 ms; p "
		   "0.0002, "
		   "allowed 0.01",
	 .row = {.verdict = GATE_FAIL, .p = 0.0002}},
	{.wanted = ": more than the bound, 5.00 ms", .row = {.verdict = GATE_FAIL}, .exact = true},
	{.wanted = "; measured again 1x, failed each time (+11.0 ms)",
	 .row = {.verdict = GATE_FAIL,
		 .p = 0.0002,
		 .again_count = 1,
		 .again = {{.n = 20, .shift = 11 * MS, .verdict = GATE_FAIL}}}},
	{.wanted = ": it failed at first, and then neither failed nor was clear",
	 .row = {.verdict = GATE_CANT_TELL,
		 .again_count = 1,
		 .again = {{.n = 20, .shift = 4 * MS, .verdict = GATE_CANT_TELL}}}},
	{.wanted = "; was to be measured again, and was not",
	 .row = {.verdict = GATE_CANT_TELL, .again_count = 1}},
	{.wanted = ": NEW did not measure it",
	 .row = {.verdict = GATE_CANT_TELL},
	 .new_is_empty = true},
	{.wanted = ": results of one side differ among each other as much",
	 .row = {.verdict = GATE_CANT_TELL},
	 .disagrees = true},
	{.wanted = ": the host drifted as much while it was measured",
	 .row = {.verdict = GATE_CANT_TELL, .p = 0.001, .detectable = 20 * MS},
	 .trend = 1},
	{.wanted = ": the host drifted as much while it was measured",
	 .row = {.verdict = GATE_CANT_TELL, .p = 0.001, .detectable = 20 * MS},
	 .drift = 3},
	{.wanted = ": noise hides changes below 20.0 ms, where 10.0 ms is asked for; 80 runs a "
		   "side would do",
	 .row = {.verdict = GATE_CANT_TELL, .p = 0.2, .detectable = 20 * MS, .runs = 80}},
	{.wanted = ": noise hides changes below 20.0 ms",
	 .row = {.verdict = GATE_NOISY, .detectable = 20 * MS, .p = 1}},
	{.wanted = ": more than the bound was seen, which may be chance",
	 .row = {.verdict = GATE_CANT_TELL, .p = 0.2, .detectable = 8 * MS}},
	{.wanted = ": the host drifted, which may hide a change",
	 .row = {.verdict = GATE_CANT_TELL, .p = 1, .detectable = 8 * MS},
	 .trend = 0.5,
	 .shift = -1 * MS},
	{.wanted = ": too few samples: 20 and 20",
	 .row = {.verdict = GATE_CANT_TELL, .p = 1, .detectable = -1},
	 .shift = 1 * MS},
	{.wanted = "startup latency 100 ms -> 112 ms (+12.00%)",
	 .row = {.verdict = GATE_PASS, .p = 1}},
};

/* Loop index: the case. Nothing stands behind what is wanted but what was measured again. */
START_TEST(a_reason)
{
	struct compare_row row = changed;
	struct gate_row judged = cases[_i].row;
	struct gate g = {.drift = cases[_i].drift > 0 ? cases[_i].drift : 1,
			 .trend = cases[_i].trend};
	const char *wanted = cases[_i].wanted;
	char text[GATE_SENTENCE], *at;

	gate_config_default(&g.config);
	row.exact = cases[_i].exact;
	row.base.disagrees = cases[_i].disagrees;
	if (cases[_i].shift < 0 || cases[_i].shift > 0)
		row.shift.estimate = cases[_i].shift;
	if (cases[_i].new_is_empty)
		row.new = (struct compare_figure){0};
	judged.row = &row;
	judged.bound = 5 * MS;
	at = strstr(gate_row_sentence(&g, &judged, text, sizeof(text)), wanted);
	ck_assert_msg(at, "wanted \"%s\", got \"%s\"", wanted, text);
	ck_assert_msg(!at[strlen(wanted)] || judged.again_count > 0 || judged.verdict == GATE_NOISY,
		      "behind \"%s\" stands \"%s\"", wanted, at + strlen(wanted));
}
END_TEST

/* So many runs as nobody takes are not all that is said. */
START_TEST(another_way_out)
{
	const struct compare_side none = {0};
	const struct compare c = {.base = &none, .new = &none};
	struct gate g = {.compare = &c, .verdict = GATE_CANT_TELL, .runs = 1072, .more = 1052};
	char text[GATE_SENTENCE];

	ck_assert_ptr_nonnull(strstr(
		gate_verdict_sentence(&g, text, sizeof(text)),
		"; 1072 runs a side would do, 1052 more of NEW; or a wider bound (--config)"));
	g.runs = 30;
	ck_assert_ptr_null(strstr(gate_verdict_sentence(&g, text, sizeof(text)), "--config"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gate words");
	TCase *tcase = tcase_create("reasons");

	tcase_add_loop_test(tcase, a_reason, 0, (int)LENGTH(cases));
	tcase_add_test(tcase, another_way_out);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
