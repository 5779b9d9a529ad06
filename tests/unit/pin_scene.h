/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin_scene: real pins on plain memory, without a guest, and what the library asks of the kernel
 * for them, watched and disturbed. A mechanism that may not be used here is said, and its tests
 * left out.
 */
#ifndef TESTS_PIN_SCENE_H
#define TESTS_PIN_SCENE_H

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
#include <linux/ioctl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct pin pin;
static struct guest_memory memory = GUEST_MEMORY_CLOSED;
static unsigned failures_told;

/* ---- what the library asks of the kernel, watched and disturbed ---- */

static struct {
	unsigned rings;	      /* set up */
	unsigned ranges;      /* asked to be pinned */
	unsigned fail_range;  /* this one is not; 0 all are */
	bool pretend;	      /* say that it was pinned, and do nothing */
	unsigned stop_at;     /* SIGINT comes with this range */
	struct iovec last[4]; /* the first ranges, as asked */
	bool shown_early;     /* a range was in the guest's mapping before it was pinned */
	int ring_result;
	unsigned long request; /* of the userfaultfd, that fails or is cut short */
	int request_result;
	unsigned cut; /* so many UFFDIO_COPY do half */
	unsigned copies;
} kernel;

int __real_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);
int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);
int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
	if (kernel.ring_result < 0)
		return kernel.ring_result;
	__atomic_add_fetch(&kernel.rings, 1, __ATOMIC_RELAXED);
	return __real_io_uring_queue_init(entries, ring, flags);
}

int __real_io_uring_register_buffers_update_tag(struct io_uring *ring, unsigned off,
						const struct iovec *iovecs, const __u64 *tags,
						unsigned nr);
int __wrap_io_uring_register_buffers_update_tag(struct io_uring *ring, unsigned off,
						const struct iovec *iovecs, const __u64 *tags,
						unsigned nr);
int __wrap_io_uring_register_buffers_update_tag(struct io_uring *ring, unsigned off,
						const struct iovec *iovecs, const __u64 *tags,
						unsigned nr)
{
	const unsigned char *base = iovecs[0].iov_base;
	unsigned range = __atomic_add_fetch(&kernel.ranges, 1, __ATOMIC_RELAXED);

	if (range <= LENGTH(kernel.last))
		kernel.last[range - 1] = iovecs[0];
	if (memory.alias && process_has_page(memory.host + (base - memory.alias)))
		kernel.shown_early = true;
	if (range == kernel.stop_at)
		stop_request(SIGINT);
	if (range == kernel.fail_range)
		return -ENOMEM;
	if (kernel.pretend)
		return 1;
	return __real_io_uring_register_buffers_update_tag(ring, off, iovecs, tags, nr);
}

int __real_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	struct uffdio_copy *copy = arg;

	if (request == kernel.request)
		return kernel.request_result;
	if (request != UFFDIO_COPY)
		return __real_sys_ioctl(fd, request, arg);
	kernel.copies++;
	if (kernel.cut == 0 || copy->len < 8192)
		return __real_sys_ioctl(fd, request, arg);
	/* What the kernel does where the address space changes meanwhile. */
	kernel.cut--;
	copy->len = copy->len / 8192 * 4096;
	ck_assert_int_eq(__real_sys_ioctl(fd, request, arg), 0);
	return -EAGAIN;
}

static int userfaultfd_result;
int __real_sys_userfaultfd(int flags);
int __wrap_sys_userfaultfd(int flags);
int __wrap_sys_userfaultfd(int flags)
{
	return userfaultfd_result ? userfaultfd_result : __real_sys_userfaultfd(flags);
}

/* ---- opening and closing ---- */

static inline void install(void)
{
	ck_assert_int_eq(stop_install(), 0);
}

/* Asked in main(), for the reason that launch_can_use() gives. */
static bool usable[2][2];

static inline void probe_all(void)
{
	static const struct {
		enum pin_mechanism mechanism;
		enum backing backing;
	} row[] = {{PIN_MECHANISM_IO_URING, BACKING_ANON},
		   {PIN_MECHANISM_USERFAULT, BACKING_ANON},
		   {PIN_MECHANISM_USERFAULT, BACKING_MEMFD}};

	for (size_t i = 0; i < LENGTH(row); i++)
		usable[row[i].mechanism == PIN_MECHANISM_USERFAULT]
		      [row[i].backing != BACKING_ANON] =
			      launch_can_use(row[i].mechanism, row[i].backing);
	usable[0][1] = usable[0][0];
}

static inline bool can_use(enum pin_mechanism m, enum backing b)
{
	return usable[m == PIN_MECHANISM_USERFAULT][guest_memory_is_file(b)];
}

static inline void tell_failure(void *arg)
{
	ck_assert_ptr_eq(arg, &pin);
	__atomic_add_fetch(&failures_told, 1, __ATOMIC_RELAXED);
}

static unsigned pin_threads, pin_vcpus, pin_cpus;

/* CPU 0 as often as is needed: handlers that are told apart by what they serve, not by where. */
static const int somewhere[8];

static inline void open_pin(enum pin_mechanism m, uint64_t bytes, uint64_t chunk_bytes)
{
	const struct pin_config c = {.guest_type = GUEST_TYPE_VM,
				     .mechanism = m,
				     .guest_bytes = bytes,
				     .chunk_bytes = chunk_bytes,
				     .threads = pin_threads,
				     .vcpus = pin_vcpus,
				     .work_at = UNITS_MIB,
				     .work_bytes =
					     bytes > 2 * UNITS_MIB ? bytes - 2 * UNITS_MIB : 0,
				     .cpus = somewhere,
				     .cpu_count = pin_cpus,
				     .on_failure = tell_failure,
				     .on_failure_arg = &pin};
	struct fault f = {0};
	int r = pin_open(&pin, &c, &f);

	ck_assert_msg(r == 0, "%s: %s", f.op, f.object);
}

static inline void open_all(enum pin_mechanism m, enum backing b, uint64_t bytes,
			    uint64_t chunk_bytes)
{
	bool alias = m == PIN_MECHANISM_USERFAULT && guest_memory_is_file(b);
	struct fault f = {0};

	open_pin(m, bytes, chunk_bytes);
	ck_assert_int_eq(guest_memory_open(&memory, b, bytes, -1, alias, &f), 0);
}

static inline void start(void)
{
	struct fault f = {0};
	int r = pin_start(&pin, &memory, NULL, &f);

	ck_assert_msg(r == 0, "%s: %s: %s", f.op, f.object, strerror(-r));
}

/* A pin may still be under way: its anonymous chunk is seen between the copy and the pin. */
static inline void must_hold(uint64_t pages)
{
	for (int i = 0; i < 1000 && ledger_pages(&pin.ledger) != pages; i++)
		usleep(1000);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), pages);
	ck_assert_uint_eq(process_vmpin_pages(), pages);
}

/* Give it all back, and look whether that was all. */
static inline void close_all(void)
{
	pin_release(&pin);
	must_hold(0);
	pin_close(&pin);
	guest_memory_close(&memory);
	pin_close(&pin); /* once more does no harm */
	/* A thread that was joined may be seen for a moment longer. */
	for (int i = 0; i < 2000 && process_threads() != 1; i++)
		usleep(1000);
	ck_assert_uint_eq(process_threads(), 1);
}

static inline void add_all(TCase *tcase, const TTest *const *tests, size_t count)
{
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, install, NULL);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
}

/* What can be used here must be known before a test changes what the kernel says. */
static inline int run_pin_suite(Suite *suite)
{
	probe_all();
	kernel.rings = 0;
	return run_suite(suite);
}

#endif
