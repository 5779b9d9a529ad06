// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_audit: pin mechanisms that are wrong, each in one way, must make the matching tests FAIL and
 * no others.
 */
#include "audit_holders.h"
#include "audit_scene.h"
#include "run_suite.h"

#define TESTS 33 /* of the table */

#define COUNTED " counted-registered counted-started counted-touched counted-node"

static const struct {
	enum wrong wrong;
	enum pin_mode mode;
	const char *failed;
} mechanisms[] = {
	{RIGHT, PIN_MODE_EAGER, ""},
	{RIGHT, PIN_MODE_DEMAND, ""},
	{RIGHT, PIN_MODE_NONE, ""},
	{COUNTS_NOTHING, PIN_MODE_EAGER, COUNTED},
	{COUNTS_NOTHING, PIN_MODE_DEMAND, " counted-started counted-touched counted-node"},
	{PINS_ZERO_PAGE, PIN_MODE_EAGER,
	 " own-pages own-pages-read own-pages-written long-term long-term-held launch-pages "
	 "unmovable "
	 "unmovable-compaction"},
	{PINS_ZERO_PAGE, PIN_MODE_DEMAND,
	 " own-pages own-pages-read own-pages-written own-pages-resident long-term launch-pages "
	 "unmovable"},
	{SHARES, PIN_MODE_EAGER, " own-pages own-pages-read own-pages-written"},
	{SHARES, PIN_MODE_DEMAND, " own-pages own-pages-read own-pages-written"},
	{NOT_RESIDENT, PIN_MODE_EAGER, " own-pages-resident"},
	{TAKES_TWICE, PIN_MODE_DEMAND, " own-pages-resident"},
	{PLAIN_REFERENCES, PIN_MODE_EAGER, COUNTED " long-term launch-pages"},
	{PLAIN_REFERENCES, PIN_MODE_DEMAND,
	 " counted-started counted-touched counted-node long-term launch-pages"},
	{WANDERS, PIN_MODE_EAGER, " own-pages own-pages-read own-pages-written launch-pages"},
	{WANDERS, PIN_MODE_DEMAND, " launch-pages"},
	{PINS_ALL_AT_ONCE, PIN_MODE_DEMAND, COUNTED " long-term unmovable"},
	{COMPACTED, PIN_MODE_EAGER, " unmovable-compaction"},
	{COMPACTED, PIN_MODE_DEMAND, " unmovable-compaction"},
	{STAYS_IN_ZONE, PIN_MODE_EAGER, " unmovable-zone"},
	{STAYS_IN_ZONE, PIN_MODE_DEMAND, " unmovable-zone"},
	{DROPS_WITH_SLOT, PIN_MODE_EAGER, " released-memslot"},
	{DROPS_WITH_SLOT, PIN_MODE_DEMAND, " released-memslot"},
	{LEAKS_WITH_SLOT, PIN_MODE_EAGER, " released-memslot"},
	{LEAKS, PIN_MODE_EAGER, " released-close released-memslot released-kill released-exec"},
	{UNREGISTERS_NOTHING, PIN_MODE_EAGER,
	 " released-unregister idempotent-twice idempotent-overlap idempotent-unaligned "
	 "idempotent-unknown"},
	{UNREGISTERS_NOTHING, PIN_MODE_DEMAND, " released-unregister"},
	{KNOWS_NO_LIMIT, PIN_MODE_EAGER, " limit-exact limit-launch"},
	{LAUNCH_IS_FREE, PIN_MODE_EAGER, " limit-launch"},
	{LIMITS_TOO_MUCH, PIN_MODE_DEMAND, " limit-exact limit-launch"},
	{TAKES_ANY_REGION, PIN_MODE_EAGER, " idempotent-empty idempotent-wrap"},
	{FLUSHES_AT_PIN, PIN_MODE_EAGER, " flushes-register-memslot"},
	{FLUSHES_AT_TOUCH, PIN_MODE_EAGER, " flushes-touch"},
	{OTHER_NODE, PIN_MODE_EAGER, " counted-node"},
};

START_TEST(each_wrong_mechanism_fails_its_tests)
{
	char failed[1024];

	wrong = mechanisms[_i].wrong;
	run_audit(mechanisms[_i].mode, NULL, 0);
	collect_failed(failed, sizeof(failed));
	ck_assert_str_eq(failed, mechanisms[_i].failed);
	ck_assert_uint_eq(report.count, TESTS);
}
END_TEST

START_TEST(what_cannot_be_read_fails_nothing)
{
	unreadable = true;
	run_audit(PIN_MODE_EAGER, NULL, 0);
	ck_assert_uint_eq(report.tally[AUDIT_FAIL], 0);
	ck_assert(report.unseen);
}
END_TEST

/* The verdict of the one test that is asked for, and what it says. */
static void judge_one(const char *id, enum audit_verdict verdict, const char *says)
{
	run_audit(PIN_MODE_EAGER, &id, 1);
	ck_assert_int_eq(report.result[0].verdict, verdict);
	ck_assert_msg(strstr(report.result[0].found, says), "%s: %s", id, report.result[0].found);
}

/* What an experiment cannot tell on this kernel is no verdict. */
START_TEST(what_cannot_be_told_is_information)
{
	compacts = false;
	judge_one("unmovable-compaction", AUDIT_INFO, "too few to tell");
	collapse_err = -EINVAL;
	judge_one("long-term-held", AUDIT_INFO, "a reference cannot be told from no hold at all");
	has_zone = false;
	judge_one("unmovable-zone", AUDIT_SKIP, "no ZONE_MOVABLE");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");

	tcase_add_loop_test(tests, each_wrong_mechanism_fails_its_tests, 0,
			    sizeof(mechanisms) / sizeof(mechanisms[0]));
	tcase_add_test(tests, what_cannot_be_read_fails_nothing);
	tcase_add_test(tests, what_cannot_be_told_is_information);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
