// SPDX-License-Identifier: GPL-2.0-or-later
/* test_gang: each has a number, all are waited for, and nobody is left. */
#include "sevpinbench/gang.h"

#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static struct gang gang;
static unsigned done[GANG_MAX];
static pthread_t by[GANG_MAX];
static int on[GANG_MAX];
static unsigned fail_thread; /* this one is not made; 0 all are */
static unsigned made;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
			  void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
			  void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
			  void *arg)
{
	return ++made == fail_thread ? EAGAIN : __real_pthread_create(thread, attr, start, arg);
}

static void work(void *arg, unsigned number)
{
	ck_assert_ptr_eq(arg, &done);
	done[number]++;
	by[number] = pthread_self();
	on[number] = sched_getcpu();
}

static void must_be_alone(void)
{
	for (int i = 0; i < 2000 && process_threads() != 1; i++)
		usleep(1000);
	ck_assert_uint_eq(process_threads(), 1);
}

/* Loop index: whether the caller works, too. */
START_TEST(each_does_its_share)
{
	struct fault f = {0};
	unsigned i, round;

	ck_assert_int_eq(gang_open(&gang, 5, _i, NULL, 0, &f), 0);
	ck_assert_uint_eq(process_threads(), 1 + 5 - (unsigned)_i);
	for (round = 1; round < 4; round++) {
		gang_run(&gang, work, &done);
		for (i = 0; i < 5; i++)
			ck_assert_uint_eq(done[i], round);
		ck_assert_int_eq(pthread_equal(by[0], pthread_self()) != 0, _i);
		ck_assert(!pthread_equal(by[1], pthread_self()));
	}
	ck_assert_uint_eq(done[5], 0);
	gang_close(&gang);
	gang_close(&gang); /* once more does no harm */
	must_be_alone();
}
END_TEST

START_TEST(each_on_its_cpu)
{
	cpu_set_t set;
	int cpu[CPU_SETSIZE], i, n = 0;
	struct fault f = {0};

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	for (i = CPU_SETSIZE - 1; i >= 0; i--) {
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	}
	ck_assert_int_eq(gang_open(&gang, 4, false, cpu, (unsigned)n, &f), 0);
	gang_run(&gang, work, &done);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(on[i], cpu[i % n]);
	gang_close(&gang);
}
END_TEST

START_TEST(limits)
{
	struct fault f = {0};

	ck_assert_int_eq(gang_open(&gang, 0, true, NULL, 0, &f), 0);
	ck_assert_uint_eq(gang.count, 1);
	gang_run(&gang, work, &done);
	ck_assert_uint_eq(done[0], 1);
	gang_close(&gang);
	ck_assert_int_eq(gang_open(&gang, GANG_MAX + 10, true, NULL, 0, &f), 0);
	ck_assert_uint_eq(gang.count, GANG_MAX);
	gang_close(&gang); /* without having worked */
	must_be_alone();
}
END_TEST

START_TEST(a_thread_too_many)
{
	struct fault f = {0};

	fail_thread = 3;
	ck_assert_int_eq(gang_open(&gang, 6, _i, NULL, 0, &f), -EAGAIN);
	ck_assert_str_eq(f.op, "pthread_create");
	ck_assert_str_eq(f.object, _i ? "thread 4 of 6" : "thread 3 of 6");
	ck_assert_uint_eq(gang.count, 0);
	must_be_alone();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gang");
	TCase *tcase = tcase_create("gang");

	tcase_add_loop_test(tcase, each_does_its_share, 0, 2);
	tcase_add_test(tcase, each_on_its_cpu);
	tcase_add_test(tcase, limits);
	tcase_add_loop_test(tcase, a_thread_too_many, 0, 2);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
