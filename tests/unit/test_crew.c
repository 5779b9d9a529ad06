// SPDX-License-Identifier: GPL-2.0-or-later
/* test_crew: child processes that meet, die, are replaced, and never outlive who leads them. */
#include "sevpinbench/crew.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MEMBERS	      5

/* What a member does at its next task, and what it has done. */
enum order { ORDER_MEET, ORDER_LEAVE, ORDER_DIE, ORDER_EXIT, ORDER_SLEEP, ORDER_STOP };

struct board {
	enum order order[MEMBERS];
	int passed[MEMBERS], tasks[MEMBERS], told[MEMBERS];
	pid_t pid[MEMBERS];
};

static struct crew crew;
static uint64_t most_ns = 20000000000u;

static void pass(const struct timespec *time)
{
	nanosleep(time, NULL);
}

static void work(struct crew *c, uint32_t member, void *arg)
{
	const struct timespec a_while = {.tv_nsec = 2000000 * (long)member};
	struct board *b = c->board;

	ck_assert_ptr_eq(arg, &crew);
	b->pid[member] = getpid();
	b->tasks[member]++;
	if (b->order[member] == ORDER_LEAVE)
		return;
	pass(&a_while);
	if (b->order[member] == ORDER_STOP)
		raise(SIGSTOP);
	crew_meet(c, member, 1);
	b->passed[member] = 1;
	b->told[member] = stop_signal();
	if (b->order[member] == ORDER_DIE)
		raise(SIGKILL);
	if (b->order[member] == ORDER_EXIT)
		_exit(3);
	pass(&a_while);
	crew_meet(c, member, 2);
	b->passed[member] = 2;
	while (b->order[member] == ORDER_SLEEP && !stop_signal())
		pass(&a_while);
}

static unsigned fork_fails_at; /* 0: never */
int __wrap_sys_fork(void);
int __real_sys_fork(void);
int __wrap_sys_fork(void)
{
	return fork_fails_at && --fork_fails_at == 0 ? -EAGAIN : __real_sys_fork();
}

static void open_crew(void)
{
	struct fault f = {0};

	ck_assert_int_eq(stop_install(), 0);
	ck_assert_int_eq(crew_open(&crew, MEMBERS, sizeof(struct board), work, &crew, &f), 0);
}

static void close_crew(void)
{
	crew_close(&crew);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static void all_have_passed(uint32_t count, int meeting)
{
	const struct board *b = crew.board;

	for (uint32_t i = 0; i < MEMBERS; i++)
		ck_assert_int_eq(b->passed[i], i < count ? meeting : 0);
}

static void begin(uint32_t count)
{
	struct board *b = crew.board;
	struct fault f = {0};

	for (uint32_t i = 0; i < MEMBERS; i++)
		b->passed[i] = 0;
	ck_assert_int_eq(crew_begin(&crew, count, &f), 0);
}

static void finish(uint32_t first)
{
	for (uint32_t meeting = first; meeting <= 2; meeting++) {
		crew_await(&crew, meeting, most_ns);
		crew_let_go(&crew, meeting);
	}
	crew_await(&crew, CREW_DONE, most_ns);
}

START_TEST(they_meet)
{
	const struct timespec a_while = {.tv_nsec = 20000000};
	const struct board *b = crew.board;
	int status;

	for (uint32_t count = 1; count <= MEMBERS; count++) {
		begin(count);
		crew_await(&crew, 1, most_ns);
		pass(&a_while);
		all_have_passed(count, 0); /* nobody goes on before the others are let go */
		crew_let_go(&crew, 1);
		crew_await(&crew, 2, most_ns);
		pass(&a_while);
		all_have_passed(count, 1);
		crew_let_go(&crew, 2);
		crew_await(&crew, CREW_DONE, most_ns);
		all_have_passed(count, 2);
	}
	/* The same processes each time, and none had a task that was not its. */
	for (uint32_t i = 0; i < MEMBERS; i++) {
		ck_assert(!crew_is_lost(&crew, i, &status));
		ck_assert_int_eq(b->tasks[i], MEMBERS - i);
	}
}
END_TEST

START_TEST(one_that_leaves_early_holds_nobody_up)
{
	struct board *b = crew.board;

	b->order[2] = ORDER_LEAVE;
	begin(MEMBERS);
	finish(1);
	ck_assert_int_eq(b->passed[2], 0);
	ck_assert_int_eq(b->passed[3], 2);
}
END_TEST

START_TEST(one_that_dies_is_told_and_replaced)
{
	struct board *b = crew.board;
	pid_t first;
	int status;

	b->order[1] = ORDER_DIE;
	b->order[3] = ORDER_EXIT;
	begin(MEMBERS);
	finish(1);
	ck_assert(crew_is_lost(&crew, 1, &status));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert(crew_is_lost(&crew, 3, &status));
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	ck_assert(!crew_is_lost(&crew, 2, &status));
	first = b->pid[1];
	b->order[1] = b->order[3] = ORDER_MEET;
	begin(MEMBERS);
	finish(1);
	all_have_passed(MEMBERS, 2);
	ck_assert(!crew_is_lost(&crew, 1, &status));
	ck_assert_int_ne(b->pid[1], first);
	crew_dismiss(&crew, 4);
	ck_assert(crew_is_lost(&crew, 4, &status));
	begin(MEMBERS);
	finish(1);
	all_have_passed(MEMBERS, 2);
}
END_TEST

/* Nothing wakes it but SIGCONT, and nobody sends that. */
START_TEST(one_that_is_stopped_is_given_up)
{
	struct board *b = crew.board;
	int status;

	most_ns = 300000000;
	b->order[2] = ORDER_STOP;
	begin(MEMBERS);
	finish(1);
	ck_assert(crew_is_lost(&crew, 2, &status));
	ck_assert(crew_is_overdue(&crew, 2));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert(!crew_is_overdue(&crew, 1) && !crew_is_lost(&crew, 1, &status));
	ck_assert_int_eq(b->passed[3], 2);
	most_ns = 20000000000u;
	b->order[2] = ORDER_MEET;
	begin(MEMBERS);
	finish(1);
	all_have_passed(MEMBERS, 2);
	ck_assert(!crew_is_overdue(&crew, 2));
}
END_TEST

START_TEST(a_place_that_cannot_be_filled)
{
	struct board *b = crew.board;
	struct fault f = {0};

	crew_dismiss(&crew, 0);
	crew_dismiss(&crew, 2);
	fork_fails_at = 2;
	ck_assert_int_eq(crew_begin(&crew, MEMBERS, &f), -EAGAIN);
	ck_assert_str_eq(f.op, "fork");
	ck_assert_str_eq(f.object, "process 3 of 5");
	ck_assert_uint_gt(strlen(f.hint), 0);
	begin(MEMBERS);
	finish(1);
	all_have_passed(MEMBERS, 2);
	ck_assert_int_eq(b->tasks[1], 1);
}
END_TEST

START_TEST(a_crew_that_cannot_be_made)
{
	struct crew other;
	struct fault f = {0};

	fork_fails_at = 3;
	ck_assert_int_eq(crew_open(&other, MEMBERS, 8, work, &crew, &f), -EAGAIN);
	ck_assert_str_eq(f.object, "process 3 of 5");
	ck_assert_ptr_null(other.board);
	crew_close(&other);
}
END_TEST

START_TEST(a_signal_is_passed_on)
{
	struct board *b = crew.board;

	for (int i = 0; i < MEMBERS; i++)
		b->order[i] = ORDER_SLEEP;
	begin(MEMBERS);
	crew_await(&crew, 1, most_ns);
	stop_request(SIGTERM);
	finish(1);
	for (int i = 0; i < MEMBERS; i++)
		ck_assert_int_eq(b->passed[i], 2);
}
END_TEST

/* The leader has slept while all of them came: there is nobody to wait for. */
START_TEST(a_signal_is_passed_on_to_those_who_wait)
{
	const struct timespec a_while = {.tv_nsec = 100000000};
	struct board *b = crew.board;

	stop_request(SIGTERM);
	begin(MEMBERS);
	pass(&a_while);
	finish(1);
	for (int i = 0; i < MEMBERS; i++)
		ck_assert_int_eq(b->told[i], SIGTERM);
}
END_TEST

/* Members whose leader is killed become this process's children, if they live on. */
START_TEST(none_outlives_its_leader)
{
	int status;
	pid_t leader;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	leader = fork();
	if (leader == 0) {
		struct crew own;

		/* Some at a meeting, some without a task. */
		if (crew_open(&own, MEMBERS, sizeof(struct board), work, &crew, NULL) == 0 &&
		    crew_begin(&own, 2, NULL) == 0)
			crew_await(&own, 1, most_ns);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(leader, &status, 0), leader);
	for (int i = 0; i < MEMBERS; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	ck_assert_int_eq(wait(&status), -1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {they_meet,
				      one_that_leaves_early_holds_nobody_up,
				      one_that_dies_is_told_and_replaced,
				      one_that_is_stopped_is_given_up,
				      a_place_that_cannot_be_filled,
				      a_crew_that_cannot_be_made,
				      a_signal_is_passed_on,
				      a_signal_is_passed_on_to_those_who_wait};
	Suite *suite = suite_create("crew");
	TCase *tcase = tcase_create("crew"), *alone = tcase_create("leader");

	tcase_add_checked_fixture(tcase, open_crew, close_crew);
	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_test(alone, none_outlives_its_leader);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, alone);
	return run_suite(suite);
}
