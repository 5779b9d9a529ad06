// SPDX-License-Identifier: GPL-2.0-or-later
/* test_audit_request: what an audit can be asked for, and its table of tests. */
#include "audit_holders.h"
#include "audit_scene.h"
#include "run_suite.h"

START_TEST(tests_are_chosen_by_id_or_subject)
{
	static const char *const wanted[] = {"own-pages-read", "flushes"};

	run_audit(PIN_MODE_EAGER, wanted, 2);
	ck_assert_uint_eq(report.count, 6);
	ck_assert_str_eq(report.result[0].test->id, "own-pages-read");
	ck_assert_str_eq(report.result[1].test->id, "flushes-register");
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *wanted, *option;
} refused[] = {
	{2 * UNITS_MIB, "huge", "--guest-mem"},	  {5 * UNITS_MIB, "huge", "--guest-mem"},
	{2 * UNITS_GIB, "huge", "--guest-mem"},	  {GUEST_BYTES, "own", NULL},
	{GUEST_BYTES, "own-pages-", "arguments"}, {GUEST_BYTES, "", "arguments"},
	{GUEST_BYTES, "hug", "arguments"},
};

START_TEST(what_there_is_not_is_refused)
{
	const struct audit_request asked = {.guest_type = GUEST_TYPE_SEV,
					    .pin = PIN_MODE_NONE,
					    .guest_bytes = refused[_i].bytes,
					    .wanted = &refused[_i].wanted,
					    .wanted_count = 1};
	struct fault f = {0};
	int r = audit_run(&asked, &report, &f);

	ck_assert_int_eq(r, refused[_i].option ? -EINVAL : 0);
	if (refused[_i].option)
		ck_assert_str_eq(f.op, refused[_i].option);
}
END_TEST

/* An id is a name for ever: small letters and hyphens, no two the same, each with its words. */
START_TEST(the_table_is_well_formed)
{
	const char *id[AUDIT_TESTS];
	size_t count = 0;

	for (size_t s = 0; s < audit_subject_count; s++) {
		for (size_t i = 0; i < audit_subjects[s]->count; i++) {
			const struct audit_test *t = &audit_subjects[s]->tests[i];

			ck_assert_uint_lt(count, AUDIT_TESTS);
			ck_assert_uint_eq(strspn(t->id, "abcdefghijklmnopqrstuvwxyz-"),
					  strlen(t->id));
			ck_assert(t->title[0] && t->source[0] && t->run);
			for (size_t j = 0; j < count; j++)
				ck_assert_str_ne(id[j], t->id);
			id[count++] = t->id;
		}
	}
}
END_TEST

/* The cell's own guests are meant, whatever its samples touch and encrypt; and flushes of its
 * order. */
START_TEST(a_cell_is_audited_as_it_is)
{
	const struct cell cell = {.guest_type = GUEST_TYPE_SEV,
				  .mechanism = PIN_MECHANISM_KVM_REGION,
				  .guest_bytes = GUEST_BYTES,
				  .vcpus = 3,
				  .touch_bytes = 1,
				  .touch_op = TOUCH_OP_READ,
				  .launch_update_bytes = UNITS_MIB,
				  .pin_order = (enum pin_order)_i,
				  .numa_node = -1};
	struct kernel_pinning pinning = KERNEL_PINNING_CLOSED;
	const struct host_facts host = {.name = "a host"};
	char failed[1024];
	struct fault f = {0};

	parent = getpid();
	wrong = FLUSHES_AT_PIN;
	ck_assert_int_eq(audit_cell(&cell, &host, &pinning, &report, &f), 0);
	ck_assert_str_eq(report.host.name, "a host");
	ck_assert_uint_eq(report.cell.vcpus, 3);
	ck_assert_uint_eq(report.cell.touch_bytes, GUEST_BYTES / 2);
	ck_assert_int_eq(report.cell.touch_op, TOUCH_OP_WRITE);
	ck_assert_uint_eq(report.cell.launch_update_bytes, 0);
	collect_failed(failed, sizeof(failed));
	ck_assert_str_eq(failed, _i == PIN_ORDER_MEMSLOT_FIRST ? " flushes-register-memslot" : "");
}
END_TEST

START_TEST(a_cell_of_another_size_is_refused)
{
	const struct cell cell = {.guest_bytes = 64 * UNITS_GIB};
	struct kernel_pinning pinning = KERNEL_PINNING_CLOSED;
	const struct host_facts host = {0};
	struct fault f = {0};

	ck_assert_int_eq(audit_cell(&cell, &host, &pinning, &report, &f), -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.object, "64G: from 4M to 1G"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit_request");
	TCase *tests = tcase_create("audit_request");

	tcase_add_test(tests, tests_are_chosen_by_id_or_subject);
	tcase_add_loop_test(tests, what_there_is_not_is_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tests, the_table_is_well_formed);
	tcase_add_loop_test(tests, a_cell_is_audited_as_it_is, 0, PIN_ORDER_COUNT);
	tcase_add_test(tests, a_cell_of_another_size_is_refused);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
