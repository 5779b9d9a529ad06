// SPDX-License-Identifier: GPL-2.0-or-later
/* test_run_audit: "run --audit": how each cell is marked, and what the exit status says of it. */
/* What is tested is local to these files. */
#include "../../cmd/output.c"	 /* NOLINT(bugprone-suspicious-include) */
#include "../../cmd/run_audit.c" /* NOLINT(bugprone-suspicious-include) */

#include "run_suite.h"
#include <check.h>
#include <signal.h>

/* What the audit of every cell comes to. */
static enum { PASSES, FAILS, UNSEEN, NOT_OF_THIS_SIZE, NO_GUEST, NO_MEMORY, STOPPED } outcome;
static uint64_t asked_bytes[2]; /* of memory, for a private and a shared cell */
static int audits, said;

void say(const char *verb, const char *fmt, ...)
{
	(void)verb;
	(void)fmt;
	said++;
}

int say_fault(const char *verb, const char *asked, const struct fault *f)
{
	(void)verb;
	(void)asked;
	(void)f;
	return 0;
}

int __wrap_stop_signal(void);
int __wrap_stop_signal(void)
{
	return outcome == STOPPED && audits > 0 ? SIGINT : 0;
}

bool __wrap_preflight_memory_now(const struct cell *c, const struct launch_limits *l,
				 struct record_refusal *why);
bool __wrap_preflight_memory_now(const struct cell *c, const struct launch_limits *l,
				 struct record_refusal *why)
{
	(void)l;
	asked_bytes[c->backing == BACKING_MEMFD] = c->guest_bytes;
	snprintf(why->reason, sizeof(why->reason), "needs more than there is");
	snprintf(why->hint, sizeof(why->hint), "make room");
	return outcome != NO_MEMORY;
}

int __wrap_audit_cell(const struct cell *cell, const struct host_facts *host,
		      struct kernel_pinning *pinning, struct audit_report *report, struct fault *f);
int __wrap_audit_cell(const struct cell *cell, const struct host_facts *host,
		      struct kernel_pinning *pinning, struct audit_report *report, struct fault *f)
{
	static const struct audit_test tests[] = {{"one", "right is one", "a book", NULL},
						  {"two", "right is two", "a book", NULL}};

	(void)cell;
	(void)host;
	(void)pinning;
	audits++;
	*report = (struct audit_report){.count = 2, .unseen = outcome == UNSEEN};
	report->result[0] = (struct audit_result){&tests[0], AUDIT_PASS, false, "1", "1", ""};
	report->result[1] = (struct audit_result){&tests[1], AUDIT_INFO, false, "2", "3", ""};
	if (outcome == FAILS) {
		report->result[1].verdict = AUDIT_FAIL;
		snprintf(report->result[1].consequence, AUDIT_TEXT, "two is missed");
	}
	report->tally[AUDIT_FAIL] = outcome == FAILS;
	if (outcome == NOT_OF_THIS_SIZE)
		return fault_set(f, EINVAL, "--guest-mem", "64G: from 4M to 1G");
	if (outcome == NO_GUEST)
		return fault_set(f, EBUSY, "KVM_SEV_INIT", "no ASID");
	return 0;
}

static const struct {
	int outcome;
	enum audit_verdict verdict;
	const char *reason, *hint;
	int code;
} cases[] = {
	{PASSES, AUDIT_PASS, "", "", EXIT_FINE},
	{FAILS, AUDIT_FAIL, "", "", EXIT_MEASURED},
	{UNSEEN, AUDIT_INFO, "run as root", "", EXIT_LACKS},
	{NOT_OF_THIS_SIZE, AUDIT_SKIP, "64G: from 4M to 1G", "audit --guest-mem 1G", EXIT_LACKS},
	{NO_GUEST, AUDIT_SKIP, "no ASID", "", EXIT_LACKS},
	{NO_MEMORY, AUDIT_SKIP, "needs more", "make room", EXIT_LACKS},
	{STOPPED, AUDIT_SKIP, "ended by a signal", "", EXIT_LACKS},
};

START_TEST(each_cell_is_marked)
{
	const struct launch_limits limits = {0};
	struct kernel_pinning pinning = KERNEL_PINNING_CLOSED;
	struct record r = {0};

	outcome = cases[_i].outcome;
	ck_assert_int_eq(record_open(&r, 2, 0), 0);
	r.cell[0].cell.guest_bytes = r.cell[1].cell.guest_bytes = UNITS_MIB;
	r.cell[1].cell.backing = BACKING_MEMFD;
	ck_assert_int_eq(output_exit_code(&r), EXIT_FINE);
	run_audit(&r, &limits, &pinning, _i % 2);
	ck_assert_int_eq(audits, outcome == NO_MEMORY ? 0 : outcome == STOPPED ? 1 : 2);
	ck_assert_int_eq(said, _i % 2 ? 0 : outcome == STOPPED ? 1 : 2);
	for (int i = 0; i < 2; i++) {
		const struct record_audit *a = &r.cell[i].audit;

		ck_assert(a->asked);
		ck_assert_int_eq(a->verdict, cases[_i].verdict);
		ck_assert_msg(strstr(a->reason, cases[_i].reason) &&
				      strstr(a->hint, cases[_i].hint),
			      "%s; %s", a->reason, a->hint);
		ck_assert((a->verdict == AUDIT_SKIP || a->verdict == AUDIT_INFO) ==
			  (a->reason[0] != '\0'));
	}
	ck_assert_int_eq(output_exit_code(&r), cases[_i].code);
	record_close(&r);
}
END_TEST

START_TEST(a_report_is_kept_whole)
{
	const struct launch_limits limits = {0};
	struct kernel_pinning pinning = KERNEL_PINNING_CLOSED;
	const struct record_audit_test *t;
	struct record r = {0};

	outcome = FAILS;
	ck_assert_int_eq(record_open(&r, 2, 0), 0);
	r.cell[0].cell.guest_bytes = r.cell[1].cell.guest_bytes = UNITS_MIB;
	r.cell[1].cell.backing = BACKING_MEMFD;
	run_audit(&r, &limits, &pinning, true);
	/* fork(2) copies private memory, and no other. */
	ck_assert_uint_eq(asked_bytes[0], 2 * UNITS_MIB);
	ck_assert_uint_eq(asked_bytes[1], UNITS_MIB);
	ck_assert_uint_eq(r.cell[1].audit.test_count, 2);
	t = &r.cell[1].audit.test[1];
	ck_assert_str_eq(t->id, "two");
	ck_assert_int_eq(t->verdict, AUDIT_FAIL);
	ck_assert_str_eq(t->expected, "2");
	ck_assert_str_eq(t->found, "3");
	ck_assert_str_eq(t->consequence, "two is missed");
	record_close(&r);
}
END_TEST

/* A failure outweighs numbers that cannot be trusted, and those outweigh what was not looked at. */
START_TEST(the_worst_decides_the_exit_status)
{
	struct sample s = {.flags = SAMPLE_BIT(SAMPLE_FLAG_PIN_MISMATCH)};
	struct record r = {0};

	ck_assert_int_eq(record_open(&r, 1, 0), 0);
	r.cell[0].audit = (struct record_audit){.asked = true, .verdict = AUDIT_FAIL};
	r.cell[0].sample = &s;
	r.cell[0].sample_count = 1;
	ck_assert_int_eq(output_exit_code(&r), EXIT_MEASURED);
	r.cell[0].audit.verdict = AUDIT_SKIP;
	ck_assert_int_eq(output_exit_code(&r), EXIT_UNTRUSTED);
	r.cell[0].sample = NULL;
	r.cell[0].sample_count = 0;
	ck_assert_int_eq(output_exit_code(&r), EXIT_LACKS);
	record_close(&r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run_audit");
	TCase *tests = tcase_create("run_audit");

	tcase_add_loop_test(tests, each_cell_is_marked, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, a_report_is_kept_whole);
	tcase_add_test(tests, the_worst_decides_the_exit_status);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
