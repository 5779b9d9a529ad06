// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_round: guests that start at once: what each of them and the host account for, and what
 * becomes of a round of which one fails or dies. Needs /dev/kvm.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/launch.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"

#include "launch_cells.h"
#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define GUESTS	      3
#define PAGES	      1024				   /* of a guest */
#define FOREIGN	      SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS) /* another process of this host */

/* ---- what goes wrong: in the first process that comes by ---- */

enum harm { HARM_NONE, HARM_FAIL, HARM_KILL, HARM_SIGNAL };

static enum harm *harm; /* shared by all processes */
static pid_t leader;
static bool fork_fails;

int __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
int __real_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	enum harm mine = HARM_NONE;

	if (harm && getpid() != leader)
		mine = __atomic_exchange_n(harm, HARM_NONE, __ATOMIC_ACQ_REL);

	if (mine == HARM_KILL)
		raise(SIGKILL);
	if (mine == HARM_SIGNAL)
		raise(SIGTERM);
	return mine == HARM_FAIL ? -ENOSPC : __real_sys_ioctl(fd, request, arg);
}

int __wrap_sys_fork(void);
int __real_sys_fork(void);
int __wrap_sys_fork(void)
{
	return fork_fails ? -EAGAIN : __real_sys_fork();
}

/* Pins of somebody else that the host counts at a reading: before, touched, after. */
static int64_t others[3];
static unsigned readings;
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __real_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	/* Guests do not look: theirs would be another's number. */
	ck_assert_int_eq(getpid() == leader, c->vmstat_fd >= 0);
	if (getpid() != leader)
		return __real_pin_counters_host_pages(c);
	return __real_pin_counters_host_pages(c) + others[readings < 3 ? readings++ : 2];
}

/* ---- rounds ---- */

static struct launch launch;
static struct sample_room room[GUESTS];
static struct sample sample[GUESTS]; /* the same, their rooms apart */
static struct process_state before;

static void open_launch(void)
{
	const struct launch_options o = {.guests = GUESTS};
	struct fault f = {0};

	ck_assert_int_eq(stop_install(), 0);
	harm = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(harm, MAP_FAILED);
	leader = getpid();
	before = process_state_now();
	ck_assert_int_eq(launch_open(&launch, &o, &f), 0);
}

static void close_launch(void)
{
	launch_close(&launch);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	process_state_is_as(&before, "after the rounds");
}

static int start_once(struct cell c)
{
	int r;

	c = launch_cell(c);
	c.parallel = GUESTS;
	c.touch_bytes = 64 * UNITS_PAGE_BYTES;
	memset(room, 0x5a, sizeof(room));
	readings = 0;
	r = launch_round(&launch, &c, 7, room);
	for (int i = 0; i < GUESTS; i++)
		sample[i] = room[i].sample;
	return r;
}

/* Again where somebody else on this host pinned meanwhile. */
static int start(struct cell c)
{
	int r = 0;

	for (int i = 0; i < 20; i++) {
		r = start_once(c);
		if (!(sample[0].flags & SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS)))
			break;
	}
	return r;
}

static int64_t rise(const struct sample *s, enum pin_boundary b)
{
	return s->pins[b].host_pages - s->pins[PIN_BOUNDARY_BEFORE].host_pages;
}

static void all_is_well(int64_t pages)
{
	uint64_t startup;

	for (uint32_t i = 0; i < GUESTS; i++) {
		const struct sample *s = &sample[i];

		ck_assert_msg(s->flags == 0, "guest %u: flags %#x: %s %s %s", i, s->flags,
			      s->detail, s->failure->op, s->failure->object);
		ck_assert_uint_eq(s->guest, i);
		ck_assert_uint_eq(s->order, 7);
		ck_assert(sample_startup_ns(s, &startup));
		ck_assert_uint_ge(s->first_ns, s->start_ns + startup);
		ck_assert_int_eq(s->pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages, pages);
		ck_assert_int_eq(s->pins[PIN_BOUNDARY_AFTER_TOUCH].vmpin_pages, pages);
		/* The host's count is of all of them, where all of them are there. */
		ck_assert_int_eq(s->pins[PIN_BOUNDARY_FIRST_INSTRUCTION].host_pages,
				 SAMPLE_NO_COUNT);
		if (s->pins[PIN_BOUNDARY_BEFORE].host_pages >= 0)
			ck_assert_int_eq(rise(s, PIN_BOUNDARY_AFTER_TOUCH), GUESTS * pages);
		ck_assert_int_eq(rise(s, PIN_BOUNDARY_AFTER_DESTROY), 0);
		ck_assert_uint_eq(s->touched_pages, 64);
	}
}

START_TEST(each_has_its_pins_and_the_host_all)
{
	for (int k = 0; k < 3; k++) {
		ck_assert_int_eq(start((struct cell){EAGER}), 0);
		all_is_well(PAGES);
		ck_assert_int_eq(start((struct cell){NONE}), 0);
		all_is_well(0);
	}
}
END_TEST

START_TEST(others_pins_are_everyones_to_tell)
{
	others[1] = 9;
	ck_assert_int_eq(start_once((struct cell){EAGER}), 0);
	for (uint32_t i = 0; i < GUESTS; i++) {
		ck_assert_uint_eq(sample[i].flags, SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS));
		ck_assert_ptr_nonnull(strstr(sample[i].detail, "all 3 guests: after_touch: host"));
	}
	others[1] = 0;
}
END_TEST

/* What each harm comes to: of one guest alone, and the next round is a good one. */
static const struct {
	enum harm harm;
	int err;
	const char *op, *object;
} harms[] = {
	{HARM_FAIL, ENOSPC, "", ""},
	{HARM_KILL, ESRCH, "guest process", "was killed by SIGKILL"},
	{HARM_SIGNAL, EINTR, "guest process", "was sent a signal"},
};

START_TEST(one_that_fails_fails_alone)
{
	uint32_t failed = 0;

	*harm = harms[_i].harm;
	ck_assert_int_eq(start_once((struct cell){EAGER}), -EIO);
	for (uint32_t i = 0; i < GUESTS; i++) {
		const struct sample *s = &sample[i];

		ck_assert_uint_eq(s->guest, i);
		if (!(s->flags & FOREIGN))
			ck_assert_int_eq(rise(s, PIN_BOUNDARY_AFTER_DESTROY), 0);
		if (sample_is_valid(s))
			continue;
		failed++;
		ck_assert_uint_eq(s->flags & ~FOREIGN, SAMPLE_BIT(SAMPLE_FLAG_FAILED));
		ck_assert_int_eq(s->failure->err, harms[_i].err);
		ck_assert_ptr_nonnull(strstr(s->failure->op, harms[_i].op));
		ck_assert_ptr_nonnull(strstr(s->failure->object, harms[_i].object));
	}
	ck_assert_uint_eq(failed, 1);
	ck_assert(!sample_round_is_whole(sample, GUESTS, GUESTS));
	ck_assert_int_eq(start((struct cell){EAGER}), 0);
	all_is_well(PAGES);
	ck_assert(sample_round_is_whole(sample, GUESTS, GUESTS));
}
END_TEST

START_TEST(a_process_that_cannot_be_replaced)
{
	*harm = HARM_KILL;
	ck_assert_int_eq(start_once((struct cell){EAGER}), -EIO);
	fork_fails = true;
	ck_assert_int_eq(start((struct cell){EAGER}), -EAGAIN);
	for (uint32_t i = 0; i < GUESTS; i++) {
		ck_assert_uint_eq(sample[i].flags, SAMPLE_BIT(SAMPLE_FLAG_FAILED));
		ck_assert_str_eq(sample[i].failure->op, "fork");
		ck_assert_uint_eq(sample[i].guest, i);
	}
	fork_fails = false;
	ck_assert_int_eq(start((struct cell){EAGER}), 0);
	all_is_well(PAGES);
}
END_TEST

START_TEST(a_signal_ends_all)
{
	stop_request(SIGTERM);
	ck_assert_int_eq(start((struct cell){EAGER}), -EINTR);
	for (uint32_t i = 0; i < GUESTS; i++) {
		ck_assert_uint_eq(sample[i].flags & ~FOREIGN, SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED));
		if (!(sample[i].flags & FOREIGN))
			ck_assert_int_eq(rise(&sample[i], PIN_BOUNDARY_AFTER_DESTROY), 0);
	}
}
END_TEST

START_TEST(processes_that_cannot_be_made)
{
	const struct launch_options o = {.guests = GUESTS};
	const struct process_state was = process_state_now();
	struct launch other;
	struct fault f = {0};

	fork_fails = true;
	ck_assert_int_eq(launch_open(&other, &o, &f), -EAGAIN);
	ck_assert_str_eq(f.op, "fork");
	launch_close(&other);
	process_state_is_as(&was, "after no crew");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {each_has_its_pins_and_the_host_all,
				      others_pins_are_everyones_to_tell,
				      a_process_that_cannot_be_replaced, a_signal_ends_all,
				      processes_that_cannot_be_made};
	Suite *suite;
	TCase *tcase;

	if (!launch_has_kvm())
		return 77;
	if (!launch_can_use(PIN_MECHANISM_IO_URING, BACKING_ANON)) {
		printf("left out: io_uring cannot pin here\n");
		return 77;
	}
	suite = suite_create("round");
	tcase = tcase_create("round");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, open_launch, close_launch);
	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, one_that_fails_fails_alone, 0, (int)LENGTH(harms));
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
