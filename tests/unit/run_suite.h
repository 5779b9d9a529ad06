/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_suite: how each unit test program runs its suite. */
#ifndef TESTS_RUN_SUITE_H
#define TESTS_RUN_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Run and free it. The exit status of the program: 77 where all tests have tags that are left out,
 * which tests/run reports as skipped.
 */
static inline int run_suite(Suite *suite)
{
	const char *left_out = getenv("CK_EXCLUDE_TAGS");
	SRunner *runner = srunner_create(suite);
	int failed, ran;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	if (ran > 0 || !left_out)
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;
	printf("all tests here have a tag that is left out: %s\n", left_out);
	return 77;
}

#endif
