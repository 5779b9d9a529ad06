// SPDX-License-Identifier: GPL-2.0-or-later
/* test_check_pinning: what a host lets be pinned, by whom, when, and how much of it. */
#include "check_scene.h"
#include "run_suite.h"

START_TEST(memlock_too_small)
{
	struct scene s = good;
	struct check_report *r;
	const struct check_result *memlock;

	s.memlock_bytes = 8 * UNITS_MIB;
	r = play(&s, GUEST_TYPE_SEV, 64 * UNITS_GIB, PIN_MODE_EAGER);
	check_golden(r, "check-memlock.txt", false);
	FAILS(r, "memlock");
	memlock = find(r, "memlock");
	ck_assert_ptr_nonnull(strstr(memlock->fix, "/etc/security/limits.d/"));
	ck_assert_ptr_nonnull(strstr(memlock->fix, "LimitMEMLOCK="));
	ck_assert_ptr_nonnull(strstr(memlock->fix, "<hard_limit unit='KiB'>"));
	free(r);
}
END_TEST

/* The bound is exact: what is registered, and what a launch update pins beside it. */
START_TEST(memlock_just_enough)
{
	struct scene s = good;
	struct check_report *r;
	unsigned long long kib;

	s.memlock_bytes = 1;
	r = play_sev(&s);
	ck_assert_int_eq(sscanf(find(r, "memlock")->expected, "%llu KiB", &kib), 1);
	ck_assert_uint_gt(kib, UNITS_GIB / UNITS_KIB);
	ck_assert_uint_lt(kib, UNITS_GIB / UNITS_KIB + 1024);
	free(r);
	for (int less = 0; less <= 1; less++) {
		drop_root();
		s.memlock_bytes = (int64_t)(kib * UNITS_KIB) - less;
		r = play_sev(&s);
		expect(r, "memlock", less ? CHECK_FAIL : CHECK_PASS);
		free(r);
	}
}
END_TEST

/* Debian's 6.1: taken, not pinned, and a flush for each page touched. */
START_TEST(what_the_kernel_pins)
{
	static const struct {
		int64_t registered, touched;
		enum pin_mode asked;
		enum check_verdict verdict;
		const char *found;
	} row[] = {
		{1024, 1024, PIN_MODE_EAGER, CHECK_PASS, "eager: 1024 of 1024"},
		{1030, 1024, PIN_MODE_DEMAND, CHECK_INFO, "made in user space"},
		{1, 520, PIN_MODE_DEMAND, CHECK_PASS, "demand: 1 of 1024"},
		{1, 520, PIN_MODE_EAGER, CHECK_WARN, "demand: 1 of 1024"},
		{0, 0, PIN_MODE_EAGER, CHECK_WARN, "neither: of 1024 pages registered 0"},
		{12, 300, PIN_MODE_DEMAND, CHECK_WARN, "neither: of 1024 pages registered 12"},
	};
	struct scene s = good;
	struct check_report *r;

	s.prefault = 1024;
	for (size_t i = 0; i < LENGTH(row); i++) {
		s.registered = row[i].registered;
		s.touched = row[i].touched;
		r = play(&s, GUEST_TYPE_SEV, UNITS_GIB, row[i].asked);
		expect(r, "pin-mode", row[i].verdict);
		ck_assert_msg(strstr(find(r, "pin-mode")->found, row[i].found), "%s",
			      find(r, "pin-mode")->found);
		expect(r, "cache-flushes", row[i].registered ? CHECK_INFO : CHECK_WARN);
		if (strncmp(row[i].found, "neither", strlen("neither")) == 0)
			ck_assert_ptr_nonnull(strstr(find(r, "pin-mode")->found,
						     "memory that was there before, 1024"));
		free(r);
		drop_root();
	}
}
END_TEST

/* A vm guest is pinned by this program: another outcome than the one meant is wrong. */
START_TEST(what_this_program_pins)
{
	static const struct {
		enum pin_mode asked;
		int64_t registered, touched;
		enum check_verdict verdict;
	} row[] = {
		{PIN_MODE_EAGER, 1024, 1024, CHECK_PASS}, {PIN_MODE_EAGER, 0, 768, CHECK_FAIL},
		{PIN_MODE_DEMAND, 0, 768, CHECK_PASS},	  {PIN_MODE_DEMAND, 1024, 1024, CHECK_FAIL},
		{PIN_MODE_NONE, 0, 0, CHECK_PASS},	  {PIN_MODE_NONE, 1024, 1024, CHECK_FAIL},
	};
	struct scene s = good;
	struct check_report *r;

	for (size_t i = 0; i < LENGTH(row); i++) {
		s.registered = row[i].registered;
		s.touched = row[i].touched;
		r = play(&s, GUEST_TYPE_VM, UNITS_GIB, row[i].asked);
		expect(r, "pin-mode", row[i].verdict);
		free(r);
		drop_root();
	}
}
END_TEST

START_TEST(userfaultfd_only_for_demand)
{
	struct scene s = good;
	struct check_report *r;

	s.userfault_err = EPERM;
	r = play_sev(&s);
	expect(r, "userfaultfd", CHECK_INFO);
	free(r);
	drop_root();
	r = play(&s, GUEST_TYPE_SEV, UNITS_GIB, PIN_MODE_DEMAND);
	expect(r, "userfaultfd", CHECK_FAIL);
	free(r);
	drop_root();
	s.registered = 0; /* a kernel that pins on demand itself */
	s.touched = 600;
	r = play(&s, GUEST_TYPE_SEV, UNITS_GIB, PIN_MODE_DEMAND);
	expect(r, "userfaultfd", CHECK_INFO);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	free(r);
}
END_TEST

int main(void)
{
	const TTest *const test[] = {memlock_too_small, memlock_just_enough, what_the_kernel_pins,
				     what_this_program_pins, userfaultfd_only_for_demand};
	TCase *tcase = tcase_create("pinning");
	Suite *suite = suite_create("check_pinning");

	tcase_add_checked_fixture(tcase, NULL, drop_root);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
