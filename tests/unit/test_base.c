// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base: fault, words, clock, sys and stop: what all other modules stand on. */
#include "sevpinbench/clock.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/words.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- fault ---- */

START_TEST(fault_carries_what_was_set)
{
	struct fault f = {.has_fw = true, .fw = 7, .hint = "of before"};

	ck_assert(!fault_is_set(&f));
	ck_assert_int_eq(fault_set(&f, ENOMEM, "mmap", "guest memory, %d GiB", 64), -ENOMEM);
	ck_assert(fault_is_set(&f));
	ck_assert_str_eq(f.op, "mmap");
	ck_assert_str_eq(f.object, "guest memory, 64 GiB");
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert(!f.has_fw);
	ck_assert_str_eq(f.hint, "");
	fault_hint(&f, "take %s", "less");
	ck_assert_str_eq(f.hint, "take less");
}
END_TEST

START_TEST(fault_may_be_nobodys)
{
	ck_assert_int_eq(fault_set(NULL, EIO, "read", "%s", "x"), -EIO);
	fault_hint(NULL, "nobody reads %d", 1);
}
END_TEST

START_TEST(fault_text_is_cut)
{
	char longer[2 * FAULT_HINT_LEN];
	struct fault f;

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fault_set(&f, EIO, longer, "%s", longer);
	fault_hint(&f, "%s", longer);
	ck_assert_uint_eq(strlen(f.op), FAULT_OP_LEN - 1);
	ck_assert_uint_eq(strlen(f.object), FAULT_OBJECT_LEN - 1);
	ck_assert_uint_eq(strlen(f.hint), FAULT_HINT_LEN - 1);
}
END_TEST

START_TEST(fault_becomes_words)
{
	struct fault f;
	char text[512], one[1] = {'x'};

	fault_set(&f, EACCES, "open", "/dev/kvm");
	fault_hint(&f, "not for this text");
	fault_text(&f, text, sizeof(text));
	ck_assert_str_eq(text, "open: /dev/kvm: Permission denied");
	fault_text(&f, text, 9);
	ck_assert_str_eq(text, "open: /d");
	fault_text(&f, one, 1);
	ck_assert_int_eq(one[0], '\0');

	f.has_fw = true;
	f.fw = 0x1b;
	fault_text(&f, text, sizeof(text));
	ck_assert_str_eq(text, "open: /dev/kvm: Permission denied (firmware status 0x1b)");

	/* No call failed, or there is no object. */
	fault_set(&f, 0, "KVM_RUN", "vCPU 0: triple fault");
	fault_text(&f, text, sizeof(text));
	ck_assert_str_eq(text, "KVM_RUN: vCPU 0: triple fault");
	fault_set(&f, ENOENT, "read", "%s", "");
	fault_text(&f, text, sizeof(text));
	ck_assert_str_eq(text, "read: No such file or directory");
}
END_TEST

/* ---- words ---- */

static const struct {
	const struct words *words;
	const char *list;
} sets[] = {
	{&words_guest_type, "vm, sev, sev-es, sev-snp"},
	{&words_pin_mode, "eager, demand, none"},
	{&words_pin_mechanism, "none, kvm-region, kvm-demand, userfault, io-uring, guest-memfd"},
	{&words_backing, "anon, thp, memfd, hugetlb-2M, hugetlb-1G"},
	{&words_touch_order, "seq, random"},
	{&words_touch_op, "write, read"},
	{&words_phase, "open, vm-create, sev-init, mem-map, prefault, memslot, pin, payload, "
		       "launch-start, launch-update, launch-update-vmsa, launch-measure, "
		       "launch-finish, vcpu-create, "
		       "first-instruction, touch, vcpu-stop, unpin, destroy"},
	{&words_pin_order, "memslot-first, region-first"},
	{&words_pin_boundary, "before, after_pin, first_instruction, after_touch, after_destroy"},
	{&words_sample_flag, "failed, leak, foreign-pins, pin-mismatch, folio-units, "
			     "pins-unreadable, touch-short, timeout, interrupted, "
			     "disturbed, host-changed"},
	{&words_platform, "hardware, virtual, emulated"},
	{&words_audit_verdict, "PASS, FAIL, SKIP, INFO"},
};

/* These are in files of users: none may change, and none may move to another value. */
START_TEST(words_stay_as_they_are)
{
	char list[512];

	ck_assert_str_eq(words_list(sets[_i].words, list, sizeof(list)), sets[_i].list);
	ck_assert_uint_gt(strlen(sets[_i].words->what), 0);
	for (unsigned i = 0; i < sets[_i].words->count; i++)
		ck_assert_int_eq(words_value(sets[_i].words, words_text(sets[_i].words, i)),
				 (int)i);
}
END_TEST

START_TEST(words_match_their_enums)
{
	ck_assert_str_eq(words_text(&words_guest_type, GUEST_TYPE_SEV_SNP), "sev-snp");
	ck_assert_str_eq(words_text(&words_pin_mode, PIN_MODE_NONE), "none");
	ck_assert_str_eq(words_text(&words_pin_mechanism, PIN_MECHANISM_IO_URING), "io-uring");
	ck_assert_str_eq(words_text(&words_backing, BACKING_HUGETLB_1G), "hugetlb-1G");
	ck_assert_str_eq(words_text(&words_touch_order, TOUCH_ORDER_RANDOM), "random");
	ck_assert_str_eq(words_text(&words_touch_op, TOUCH_OP_READ), "read");
	ck_assert_str_eq(words_text(&words_phase, PHASE_FIRST_INSTRUCTION), "first-instruction");
	ck_assert_str_eq(words_text(&words_phase, PHASE_DESTROY), "destroy");
	ck_assert_str_eq(words_text(&words_pin_boundary, PIN_BOUNDARY_AFTER_DESTROY),
			 "after_destroy");
	ck_assert_str_eq(words_text(&words_sample_flag, SAMPLE_FLAG_INTERRUPTED), "interrupted");
	ck_assert_str_eq(words_text(&words_platform, PLATFORM_EMULATED), "emulated");
}
END_TEST

START_TEST(words_that_are_none)
{
	char list[12];

	ck_assert_str_eq(words_text(&words_pin_mode, PIN_MODE_COUNT), "?");
	ck_assert_str_eq(words_text(&words_pin_mode, UINT_MAX), "?");
	ck_assert_int_eq(words_value(&words_pin_mode, ""), -1);
	ck_assert_int_eq(words_value(&words_pin_mode, "Eager"), -1);
	ck_assert_int_eq(words_value(&words_pin_mode, "eage"), -1);
	ck_assert_int_eq(words_value(&words_pin_mode, "eager "), -1);
	ck_assert_int_eq(words_value(&words_pin_mode, "?"), -1);
	ck_assert_str_eq(words_list(&words_pin_mode, list, sizeof(list)), "eager, dema");
}
END_TEST

/* ---- clock ---- */

START_TEST(clock_runs_on)
{
	const struct timespec nap = {.tv_nsec = 20000000};
	uint64_t start = clock_now_ns(), last = start, now;

	for (int i = 0; i < 1000; i++) {
		now = clock_now_ns();
		ck_assert_uint_ge(now, last);
		last = now;
	}
	nanosleep(&nap, NULL);
	now = clock_now_ns();
	/* The nap is measured by another clock, which NTP may slew by some permille. */
	ck_assert_uint_ge(now - last, 19000000);
	ck_assert_uint_lt(now - start, 4000000000u);
}
END_TEST

START_TEST(clock_labels)
{
	char text[21], stamp[17];

	clock_format_utc(0, text, sizeof(text));
	ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
	clock_format_utc(1795473065, text, sizeof(text));
	ck_assert_str_eq(text, "2026-11-23T22:31:05Z");
	clock_format_stamp(1795473065, stamp, sizeof(stamp));
	ck_assert_str_eq(stamp, "20261123T223105Z");
	/* No such year, or no room: no text rather than half of one. */
	clock_format_utc(INT64_MAX, text, sizeof(text));
	ck_assert_str_eq(text, "");
	clock_format_stamp(1795473065, stamp, sizeof(stamp) - 1);
	ck_assert_str_eq(stamp, "");
	ck_assert_int_ge(clock_wall_s(), (int64_t)time(NULL) - 1);
	ck_assert_int_le(clock_wall_s(), (int64_t)time(NULL) + 1);
}
END_TEST

/* ---- sys ---- */

/* What write(2) does next: a short count, an errno below 0, 0, or all that was asked. */
#define ALL LONG_MAX

static const long *script;
static char written[64];
static size_t written_bytes;

ssize_t __real_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_write(int fd, const void *buf, size_t bytes)
{
	long step;

	if (!script)
		return __real_write(fd, buf, bytes);
	step = *script++;
	if (step < 0) {
		errno = (int)-step;
		return -1;
	}
	if ((size_t)step < bytes)
		bytes = (size_t)step;
	ck_assert_uint_le(written_bytes + bytes, sizeof(written));
	memcpy(written + written_bytes, buf, bytes);
	written_bytes += bytes;
	return (ssize_t)bytes;
}

/* Write text in the given steps, all of which must be taken. */
static int write_by(const long *steps, size_t count, const char *text)
{
	int r;

	written_bytes = 0;
	script = steps;
	r = sys_write_all(1, text, strlen(text));
	ck_assert_ptr_eq(script, steps + count);
	script = NULL;
	return r;
}

START_TEST(write_all_goes_on)
{
	static const long steps[] = {1, -EINTR, 3, -EINTR, -EINTR, 2, ALL};

	ck_assert_int_eq(write_by(steps, LENGTH(steps), "abcdefghij"), 0);
	ck_assert_uint_eq(written_bytes, 10);
	ck_assert_mem_eq(written, "abcdefghij", 10);
	ck_assert_int_eq(write_by(steps, 0, ""), 0);
}
END_TEST

START_TEST(write_all_tells_the_error)
{
	static const long full[] = {4, -ENOSPC};
	static const long nothing[] = {4, 0};

	ck_assert_int_eq(write_by(full, LENGTH(full), "abcdefghij"), -ENOSPC);
	ck_assert_uint_eq(written_bytes, 4);
	/* A write that takes nothing for ever must not be asked for ever. */
	ck_assert_int_eq(write_by(nothing, LENGTH(nothing), "abcdefghij"), -EIO);
}
END_TEST

START_TEST(calls_return_errno)
{
	char byte = 0;
	void *p = &byte;
	int fd = -1;

	ck_assert_int_eq(sys_open("/nonexistent", O_RDONLY, 0), -ENOENT);
	ck_assert_int_eq(sys_ioctl(-1, 0, NULL), -EBADF);
	ck_assert_int_eq(sys_ioctl_value(-1, 0, 0), -EBADF);
	ck_assert_int_eq(sys_mmap(&p, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), -EINVAL);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(sys_madvise(NULL, 4096, -1), -EINVAL);
	ck_assert_int_eq(sys_memfd("x", ~0u), -EINVAL);
	ck_assert_int_eq(sys_ftruncate(-1, 0), -EBADF);
	ck_assert_int_eq((int)sys_read(-1, &byte, 1), -EBADF);
	ck_assert_int_eq((int)sys_pread(-1, &byte, 1, 0), -EBADF);
	ck_assert_int_eq((int)sys_write(-1, &byte, 1), -EBADF);
	ck_assert_int_eq(sys_write_all(-1, &byte, 1), -EBADF);
	ck_assert_int_eq(sys_fsync(-1), -EBADF);
	ck_assert_int_eq(sys_rename("/nonexistent", "/nonexistent2"), -ENOENT);
	ck_assert_int_eq(sys_unlink("/nonexistent"), -ENOENT);
	sys_close(&fd);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(descriptors_are_not_inherited)
{
	int fd[] = {sys_open("/dev/null", O_RDWR, 0), sys_memfd("test", 0)};

	for (size_t i = 0; i < LENGTH(fd); i++) {
		int number = fd[i];

		ck_assert_int_ge(number, 0);
		ck_assert_int_eq(fcntl(number, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		sys_close(&fd[i]);
		ck_assert_int_eq(fd[i], -1);
		ck_assert_int_eq(fcntl(number, F_GETFD), -1);
	}
}
END_TEST

START_TEST(unmapped_once)
{
	void *p;

	ck_assert_int_eq(
		sys_mmap(&p, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 0);
	memset(p, 1, 8192);
	ck_assert_int_eq(sys_madvise(p, 8192, MADV_DONTNEED), 0);
	ck_assert_int_eq(*(char *)p, 0);
	sys_munmap(&p, 8192);
	ck_assert_ptr_null(p);
	sys_munmap(&p, 8192);
}
END_TEST

/* ---- stop ---- */

static int hook_calls;
static void *hook_arg;

static void hook(void *arg)
{
	hook_calls++;
	hook_arg = arg;
	errno = EBADMSG;
}

/* Whoever starts the tests may have signals ignored; those stay so (ignored_signals_stay_so). */
static void install(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < LENGTH(signals); i++)
		ck_assert_ptr_ne(signal(signals[i], SIG_DFL), SIG_ERR);
	ck_assert_int_eq(stop_install(), 0);
}

START_TEST(stop_at_each_signal)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	ck_assert_int_eq(stop_signal(), 0);
	stop_set_hook(hook, &hook_calls);
	ck_assert_int_eq(hook_calls, 0);
	errno = 0;
	ck_assert_int_eq(raise(signals[_i]), 0);
	ck_assert_int_eq(errno, 0); /* whatever the hook did */
	ck_assert_int_eq(stop_signal(), signals[_i]);
	ck_assert_int_eq(hook_calls, 1);
	ck_assert_ptr_eq(hook_arg, &hook_calls);
	stop_set_hook(NULL, NULL);
	raise(signals[_i]);
	ck_assert_int_eq(hook_calls, 1);
}
END_TEST

START_TEST(stop_that_came_before_the_hook)
{
	stop_request(SIGTERM);
	ck_assert_int_eq(stop_signal(), SIGTERM);
	stop_set_hook(hook, NULL);
	ck_assert_int_eq(hook_calls, 1);
	stop_set_hook(NULL, NULL);
}
END_TEST

START_TEST(other_signals_stop_nothing)
{
	int pipes[2];

	stop_set_hook(hook, NULL);
	ck_assert_int_eq(raise(SIGUSR1), 0);
	ck_assert_int_eq(pipe(pipes), 0);
	close(pipes[0]);
	ck_assert_int_eq((int)sys_write(pipes[1], "x", 1), -EPIPE); /* and no SIGPIPE's death */
	close(pipes[1]);
	ck_assert_int_eq(stop_signal(), 0);
	ck_assert_int_eq(hook_calls, 0);
	ck_assert(!stop_alarm_rang());
}
END_TEST

START_TEST(going_on_is_counted)
{
	unsigned before = stop_continued();

	stop_set_hook(hook, NULL);
	ck_assert_int_eq(raise(SIGCONT), 0);
	ck_assert_int_eq(raise(SIGCONT), 0);
	ck_assert_uint_eq(stop_continued() - before, 2);
	ck_assert_int_eq(stop_signal(), 0);
	ck_assert_int_eq(hook_calls, 0);
}
END_TEST

/* As nohup has SIGHUP. */
START_TEST(ignored_signals_stay_so)
{
	ck_assert_ptr_ne(signal(SIGHUP, SIG_IGN), SIG_ERR);
	ck_assert_int_eq(stop_install(), 0);
	ck_assert_int_eq(raise(SIGHUP), 0);
	ck_assert_int_eq(stop_signal(), 0);
	ck_assert_int_eq(raise(SIGINT), 0);
	ck_assert_int_eq(stop_signal(), SIGINT);
}
END_TEST

/* A call that waits comes back: without that a kick would kick nobody. */
static void *wake_caller(void *arg)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	const pthread_t *caller = arg;

	for (int i = 0; i < 20; i++) {
		nanosleep(&nap, NULL);
		pthread_kill(*caller, SIGUSR1);
	}
	return NULL;
}

START_TEST(signals_end_calls)
{
	pthread_t self = pthread_self(), waker;
	int pipes[2];
	char byte;

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(pthread_create(&waker, NULL, wake_caller, &self), 0);
	ck_assert_int_eq((int)sys_read(pipes[0], &byte, 1), -EINTR);
	pthread_join(waker, NULL);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

START_TEST(alarm_rings_once)
{
	uint64_t start = clock_now_ns();

	stop_set_hook(hook, NULL);
	ck_assert_int_eq(stop_alarm(30000000), 0);
	ck_assert(!stop_alarm_rang());
	while (!stop_alarm_rang() && clock_now_ns() - start < 3000000000u)
		usleep(1000);
	ck_assert(stop_alarm_rang());
	ck_assert_uint_ge(clock_now_ns() - start, 29000000);
	ck_assert_int_eq(hook_calls, 1);
	/* No wish to end the run. */
	ck_assert_int_eq(stop_signal(), 0);
	usleep(50000);
	ck_assert_int_eq(hook_calls, 1);
	/* Cancelling does not forget that it rang; setting it again does. */
	ck_assert_int_eq(stop_alarm(0), 0);
	ck_assert(stop_alarm_rang());
	ck_assert_int_eq(stop_alarm(20000000), 0);
	ck_assert(!stop_alarm_rang());
	ck_assert_int_eq(stop_alarm(0), 0);
	usleep(40000);
	ck_assert(!stop_alarm_rang());
	ck_assert_int_eq(hook_calls, 1);
	stop_set_hook(NULL, NULL);
}
END_TEST

static void add_all(Suite *suite, const char *name, const TTest *const *tests, size_t count)
{
	TCase *tcase = tcase_create(name);

	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

static Suite *base_suite(void)
{
	const TTest *const fault[] = {fault_carries_what_was_set, fault_may_be_nobodys,
				      fault_text_is_cut, fault_becomes_words};
	const TTest *const plain[] = {words_match_their_enums, words_that_are_none, clock_runs_on,
				      clock_labels};
	const TTest *const sys[] = {write_all_goes_on, write_all_tells_the_error,
				    calls_return_errno, descriptors_are_not_inherited,
				    unmapped_once};
	const TTest *const stop[] = {
		stop_that_came_before_the_hook, other_signals_stop_nothing, going_on_is_counted,
		ignored_signals_stay_so,	signals_end_calls,	    alarm_rings_once};
	Suite *suite = suite_create("base");
	TCase *words = tcase_create("words");
	TCase *stops = tcase_create("stop");

	add_all(suite, "fault", fault, LENGTH(fault));
	tcase_add_loop_test(words, words_stay_as_they_are, 0, (int)LENGTH(sets));
	suite_add_tcase(suite, words);
	add_all(suite, "words and clock", plain, LENGTH(plain));
	add_all(suite, "sys", sys, LENGTH(sys));
	tcase_add_checked_fixture(stops, install, NULL);
	tcase_add_loop_test(stops, stop_at_each_signal, 0, 3);
	for (size_t i = 0; i < LENGTH(stop); i++)
		tcase_add_test(stops, stop[i]);
	suite_add_tcase(suite, stops);
	return suite;
}

int main(void)
{
	return run_suite(base_suite());
}
