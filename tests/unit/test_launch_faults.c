// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_launch_faults: each call by which a start asks something of the kernel fails once. Whatever
 * failed, a start ends, tells it, and leaves no file, mapping, thread or pin behind. Needs
 * /dev/kvm.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/host.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"

#include "launch_cells.h"
#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <liburing.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the calls ---- */

enum call {
	CALL_OPEN,
	CALL_IOCTL,
	CALL_IOCTL_VALUE,
	CALL_MMAP,
	CALL_MADVISE,
	CALL_MEMFD,
	CALL_FTRUNCATE,
	CALL_USERFAULTFD,
	CALL_READ,
	CALL_PREAD,
	CALL_RING,
	CALL_SPARSE,
	CALL_PIN,
	CALL_UNPIN,
	CALL_THREAD,
	CALL_EPOLL,
	CALL_EPOLL_ADD,
	CALL_EPOLL_WAIT,
	CALL_EVENTFD,
	CALL_TIMER,
	CALL_CALLOC,
};

/* Cells of the table below that make a call, a bit each. */
#define IN_ALL	    0x1f
#define IN_PINNED   0x17
#define IN_DEMAND   0x6
#define IN_FILE	    0x4
#define IN_THREADED 0x1e

#define ANY (-1)

/* The errors that the kernel may plausibly give; 0 ends the list. */
static const struct {
	const char *name;
	int err[4];
	int harmless; /* a start that met this error is a good one; ANY: each of them */
	unsigned cells;
} calls[] = {
	[CALL_OPEN] = {"open", {EACCES, EMFILE}, 0, IN_ALL},
	[CALL_IOCTL] = {"ioctl", {EINVAL, ENOMEM, EAGAIN}, 0, IN_ALL},
	[CALL_IOCTL_VALUE] = {"ioctl (value)", {EINVAL, ENOMEM, EINTR}, 0, IN_ALL},
	[CALL_MMAP] = {"mmap", {ENOMEM}, 0, IN_ALL},
	[CALL_MADVISE] = {"madvise", {EINVAL, ENOMEM, EINTR}, 0, IN_ALL},
	[CALL_MEMFD] = {"memfd_create", {ENOMEM, EMFILE}, 0, IN_FILE},
	[CALL_FTRUNCATE] = {"ftruncate", {ENOMEM, EINTR}, 0, IN_FILE},
	[CALL_USERFAULTFD] = {"userfaultfd", {EPERM, ENOSYS}, 0, IN_DEMAND},
	[CALL_READ] = {"read", {EAGAIN, EINTR, EIO}, 0, IN_DEMAND},
	[CALL_PREAD] = {"pread", {EIO, EINTR}, ANY, IN_ALL},
	[CALL_RING] = {"io_uring_setup", {EPERM, ENOMEM}, 0, IN_PINNED},
	[CALL_SPARSE] = {"io_uring_register, sparse", {EINVAL, ENOMEM}, 0, IN_PINNED},
	[CALL_PIN] = {"io_uring_register, update", {ENOMEM, EFAULT, EINTR}, 0, IN_PINNED},
	[CALL_UNPIN] = {"io_uring_register, unregister", {ENXIO}, ANY, IN_PINNED},
	[CALL_THREAD] = {"pthread_create", {EAGAIN}, 0, IN_THREADED},
	[CALL_EPOLL] = {"epoll_create1", {EMFILE}, 0, IN_DEMAND},
	[CALL_EPOLL_ADD] = {"epoll_ctl", {ENOMEM}, 0, IN_DEMAND},
	[CALL_EPOLL_WAIT] = {"epoll_wait", {EINTR, EBADF}, EINTR, IN_DEMAND},
	[CALL_EVENTFD] = {"eventfd", {EMFILE}, 0, IN_DEMAND},
	[CALL_TIMER] = {"setitimer", {EINVAL}, ANY, IN_ALL},
	[CALL_CALLOC] = {"calloc", {ENOMEM}, 0, IN_PINNED},
};

/* The call that fails: its number-th, with err. Several threads ask. */
static struct {
	bool armed;
	enum call call;
	unsigned number;
	int err;
	unsigned seen;
	bool hit;
} chosen;

/* 0, or the error that this call must have. */
static int error_of(enum call call)
{
	if (!__atomic_load_n(&chosen.armed, __ATOMIC_ACQUIRE) || call != chosen.call)
		return 0;
	if (__atomic_add_fetch(&chosen.seen, 1, __ATOMIC_ACQ_REL) != chosen.number)
		return 0;
	__atomic_store_n(&chosen.hit, true, __ATOMIC_RELEASE);
	return chosen.err;
}

/* The Makefile looks for "__wrap_NAME(" in this file: hence the name once more in full. */
#define WRAP(type, name, call, wrapped, arguments, failed) \
	__typeof__(name) __real_##name;                    \
	type wrapped;                                      \
	type wrapped                                       \
	{                                                  \
		int err = error_of(call);                  \
                                                           \
		if (err)                                   \
			return failed;                     \
		return __real_##name arguments;            \
	}

WRAP(int, sys_open, CALL_OPEN, __wrap_sys_open(const char *path, int flags, mode_t mode),
     (path, flags, mode), -err)
WRAP(int, sys_ioctl, CALL_IOCTL, __wrap_sys_ioctl(int fd, unsigned long request, void *arg),
     (fd, request, arg), -err)
WRAP(int, sys_ioctl_value, CALL_IOCTL_VALUE,
     __wrap_sys_ioctl_value(int fd, unsigned long request, unsigned long value),
     (fd, request, value), -err)
WRAP(int, sys_mmap, CALL_MMAP,
     __wrap_sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset),
     (addr, bytes, prot, flags, fd, offset), (*addr = NULL, -err))
WRAP(int, sys_madvise, CALL_MADVISE, __wrap_sys_madvise(void *addr, size_t bytes, int advice),
     (addr, bytes, advice), -err)
WRAP(int, sys_memfd, CALL_MEMFD, __wrap_sys_memfd(const char *name, unsigned flags), (name, flags),
     -err)
WRAP(int, sys_ftruncate, CALL_FTRUNCATE, __wrap_sys_ftruncate(int fd, off_t bytes), (fd, bytes),
     -err)
WRAP(int, sys_userfaultfd, CALL_USERFAULTFD, __wrap_sys_userfaultfd(int flags), (flags), -err)
WRAP(ssize_t, sys_read, CALL_READ, __wrap_sys_read(int fd, void *buf, size_t bytes),
     (fd, buf, bytes), -err)
WRAP(ssize_t, sys_pread, CALL_PREAD,
     __wrap_sys_pread(int fd, void *buf, size_t bytes, off_t offset), (fd, buf, bytes, offset),
     -err)
WRAP(int, io_uring_queue_init, CALL_RING,
     __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags),
     (entries, ring, flags), -err)
WRAP(int, io_uring_register_buffers_sparse, CALL_SPARSE,
     __wrap_io_uring_register_buffers_sparse(struct io_uring *ring, unsigned nr), (ring, nr), -err)
WRAP(int, io_uring_register_buffers_update_tag, CALL_PIN,
     __wrap_io_uring_register_buffers_update_tag(struct io_uring *ring, unsigned off,
						 const struct iovec *iovecs, const __u64 *tags,
						 unsigned nr),
     (ring, off, iovecs, tags, nr), -err)
WRAP(int, io_uring_unregister_buffers, CALL_UNPIN,
     __wrap_io_uring_unregister_buffers(struct io_uring *ring), (ring), -err)
WRAP(int, pthread_create, CALL_THREAD,
     __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
			   void *arg),
     (thread, attr, run, arg), err)
WRAP(int, epoll_create1, CALL_EPOLL, __wrap_epoll_create1(int flags), (flags), (errno = err, -1))
WRAP(int, epoll_ctl, CALL_EPOLL_ADD,
     __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event), (epfd, op, fd, event),
     (errno = err, -1))
WRAP(int, epoll_wait, CALL_EPOLL_WAIT,
     __wrap_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout),
     (epfd, events, max, timeout), (errno = err, -1))
WRAP(int, eventfd, CALL_EVENTFD, __wrap_eventfd(unsigned count, int flags), (count, flags),
     (errno = err, -1))
WRAP(int, setitimer, CALL_TIMER,
     __wrap_setitimer(__itimer_which_t which, const struct itimerval *new, struct itimerval *old),
     (which, new, old), (errno = err, -1))
WRAP(void *, calloc, CALL_CALLOC, __wrap_calloc(size_t n, size_t bytes), (n, bytes),
     (errno = err, NULL))

/* What others pin on this host is none of this test's business. */
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return (int64_t)process_vmpin_pages();
}

/* A count that could not be read keeps a start waiting for it to settle, a second: not here. */
int __real_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	return chosen.call == CALL_PREAD ? 0 : __real_nanosleep(wanted, left);
}

/* ---- the starts ---- */

static const struct cell cells[] = {
	{EAGER, .vcpus = 1, .touch_bytes = 8 * 4096},
	{DEMAND, .vcpus = 3, .touch_bytes = 64 * 4096, .chunk_bytes = 64 * UNITS_KIB},
	{DEMAND, .backing = BACKING_MEMFD, .vcpus = 2, .touch_bytes = 64 * 4096,
	 .chunk_bytes = 128 * UNITS_KIB, .prefault_threads = 2},
	{NONE, .vcpus = 2, .touch_bytes = 8 * 4096, .prefault_threads = 2},
	{EAGER, .vcpus = 1, .touch_bytes = 8 * 4096, .pin_threads = 2},
};

static struct launch launch;
static struct cell cell;
static bool usable[LENGTH(cells)];

static void close_launch(void)
{
	launch_close(&launch);
}

/* Start once with the chosen failure. Was it met? */
static bool start_with(enum call call, unsigned number, int err)
{
	struct sample_room room;
	const struct sample *s = &room.sample;
	char what[600];
	int r;

	chosen.call = call;
	chosen.number = number;
	chosen.err = err;
	chosen.seen = 0;
	chosen.hit = false;
	__atomic_store_n(&chosen.armed, true, __ATOMIC_RELEASE);
	r = launch_run(&launch, &cell, 0, &room);
	__atomic_store_n(&chosen.armed, false, __ATOMIC_RELEASE);
	snprintf(what, sizeof(what), "%s, call %u: %s: %d, flags %#x, %s %s", calls[call].name,
		 number, strerror(err), r, s->flags, s->failure->op, s->detail);
	if (r == 0 || calls[call].harmless == ANY || calls[call].harmless == err) {
		if (r != 0 || !sample_is_valid(s) || fault_is_set(s->failure))
			ck_abort_msg("%s: not valid", what);
	} else if (!(s->flags & SAMPLE_BIT(SAMPLE_FLAG_FAILED)) || sample_is_valid(s) ||
		   s->failure->op[0] == '\0' || s->failure->err != err || r != -err) {
		ck_abort_msg("%s: does not tell its failure", what);
	} else if (s->flags & (SAMPLE_BIT(SAMPLE_FLAG_LEAK) | SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) |
			       SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED))) {
		ck_abort_msg("%s: says what is not so", what);
	}
	return chosen.hit;
}

/* Loop index: a cell, and a call. */
START_TEST(each_call_fails_once)
{
	const enum call call = (enum call)((unsigned)_i % LENGTH(calls));
	const unsigned which = (unsigned)_i / LENGTH(calls);
	const struct launch_options none = {0};
	struct process_state before;
	struct fault f = {0};
	unsigned met = 0;
	char what[80];

	if (!usable[which])
		return;
	ck_assert_int_eq(stop_install(), 0);
	cell = launch_cell(cells[which]);
	ck_assert_int_eq(launch_open(&launch, &none, &f), 0);
	/* The first ones leave what the C library keeps: stacks, arenas. */
	ck_assert(!start_with(call, 0, EIO));
	ck_assert(!start_with(call, 0, EIO));
	before = process_state_now();
	for (size_t e = 0; e < LENGTH(calls[call].err) && calls[call].err[e]; e++) {
		for (unsigned k = 1; start_with(call, k, calls[call].err[e]); k++) {
			snprintf(what, sizeof(what), "%s, call %u: %s", calls[call].name, k,
				 strerror(calls[call].err[e]));
			process_state_is_as(&before, what);
			met++;
		}
	}
	ck_assert_msg((met > 0) == (calls[call].cells >> which & 1), "%s was met %u times",
		      calls[call].name, met);
}
END_TEST

static void add_cells(Suite *suite, const char *tags, size_t first, size_t end)
{
	TCase *tcase = tcase_create("launch faults");

	tcase_set_tags(tcase, tags);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, NULL, close_launch);
	tcase_add_loop_test(tcase, each_call_fails_once, (int)(first * LENGTH(calls)),
			    (int)(end * LENGTH(calls)));
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite;

	if (!launch_has_kvm())
		return 77;
	suite = suite_create("launch faults");
	for (size_t i = 0; i < LENGTH(cells); i++)
		usable[i] = launch_can_use(cells[i].mechanism, cells[i].backing);
	add_cells(suite, "quick", 0, 1);
	add_cells(suite, "slow", 1, LENGTH(cells));
	return run_suite(suite);
}
