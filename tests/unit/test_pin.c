// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pin: real pins on plain memory, without a guest: what is asked for is pinned, once, at the
 * right moment, and given back. A mechanism that may not be used here is said, and its tests left
 * out.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/pin.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"

#include "launch_cells.h"
#include "process_state.h"
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

static void install(void)
{
	ck_assert_int_eq(stop_install(), 0);
}

/* Asked in main(), for the reason that launch_can_use() gives. */
static bool usable[2][2];

static void probe_all(void)
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

static bool can_use(enum pin_mechanism m, enum backing b)
{
	return usable[m == PIN_MECHANISM_USERFAULT][guest_memory_is_file(b)];
}

static void tell_failure(void *arg)
{
	ck_assert_ptr_eq(arg, &pin);
	__atomic_add_fetch(&failures_told, 1, __ATOMIC_RELAXED);
}

static unsigned pin_threads, pin_vcpus, pin_cpus;

/* CPU 0 as often as is needed: handlers that are told apart by what they serve, not by where. */
static const int somewhere[8];

static void open_pin(enum pin_mechanism m, uint64_t bytes, uint64_t chunk_bytes)
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

static void open_all(enum pin_mechanism m, enum backing b, uint64_t bytes, uint64_t chunk_bytes)
{
	bool alias = m == PIN_MECHANISM_USERFAULT && guest_memory_is_file(b);
	struct fault f = {0};

	open_pin(m, bytes, chunk_bytes);
	ck_assert_int_eq(guest_memory_open(&memory, b, bytes, -1, alias, &f), 0);
}

static void start(void)
{
	struct fault f = {0};
	int r = pin_start(&pin, &memory, NULL, &f);

	ck_assert_msg(r == 0, "%s: %s: %s", f.op, f.object, strerror(-r));
}

/* A pin may still be under way: its anonymous chunk is seen between the copy and the pin. */
static void must_hold(uint64_t pages)
{
	for (int i = 0; i < 1000 && ledger_pages(&pin.ledger) != pages; i++)
		usleep(1000);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), pages);
	ck_assert_uint_eq(process_vmpin_pages(), pages);
}

/* Give it all back, and look whether that was all. */
static void close_all(void)
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

/* ---- the tables ---- */

START_TEST(mechanisms)
{
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_VM, PIN_MODE_EAGER), PIN_MECHANISM_IO_URING);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_VM, PIN_MODE_DEMAND), PIN_MECHANISM_USERFAULT);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_VM, PIN_MODE_NONE), PIN_MECHANISM_NONE);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_ES, PIN_MODE_EAGER),
			 PIN_MECHANISM_KVM_REGION);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_ES, PIN_MODE_DEMAND),
			 PIN_MECHANISM_USERFAULT);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_ES, PIN_MODE_NONE), PIN_MECHANISM_NONE);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_SNP, PIN_MODE_EAGER),
			 PIN_MECHANISM_GUEST_MEMFD);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_SNP, PIN_MODE_DEMAND),
			 PIN_MECHANISM_GUEST_MEMFD);
	ck_assert_int_eq(pin_mechanism(GUEST_TYPE_SEV_SNP, PIN_MODE_NONE), -ENOTSUP);
	ck_assert(!pin_counts_in_vmpin(GUEST_TYPE_SEV_SNP, PIN_MECHANISM_GUEST_MEMFD));
	ck_assert(!pin_counts_in_vmpin(GUEST_TYPE_SEV_ES, PIN_MECHANISM_KVM_DEMAND));
	ck_assert(pin_has_chunks(PIN_MECHANISM_USERFAULT));
	ck_assert(!pin_has_chunks(PIN_MECHANISM_IO_URING));
	ck_assert(!pin_has_chunks(PIN_MECHANISM_NONE));
	ck_assert(pin_counts_in_vmpin(GUEST_TYPE_VM, PIN_MECHANISM_IO_URING));
	ck_assert(pin_counts_in_vmpin(GUEST_TYPE_VM, PIN_MECHANISM_USERFAULT));
	ck_assert(!pin_counts_in_vmpin(GUEST_TYPE_VM, PIN_MECHANISM_NONE));
}
END_TEST

START_TEST(mechanism_that_is_none_here)
{
	const struct pin_config c = {.guest_type = GUEST_TYPE_VM,
				     .mechanism = PIN_MECHANISM_KVM_REGION,
				     .guest_bytes = UNITS_MIB};
	struct fault f = {0};

	ck_assert_int_eq(pin_open(&pin, &c, &f), -ENOTSUP);
	ck_assert_str_eq(f.object, "kvm-region");
	pin_close(&pin);
	ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_KVM_REGION, BACKING_ANON, &f),
			 -ENOTSUP);
}
END_TEST

START_TEST(none_pins_nothing)
{
	struct fault f = {0};

	open_all(PIN_MECHANISM_NONE, BACKING_ANON, 4 * UNITS_MIB, 0);
	start();
	memset(memory.host, 1, memory.bytes);
	ck_assert_int_eq(pin_before_host_write(&pin, 0, 4096, &f), 0);
	ck_assert_int_eq(pin_failure(&pin, &f), 0);
	ck_assert_ptr_null(pin_fault_times(&pin));
	must_hold(0);
	close_all();
}
END_TEST

START_TEST(closing_what_was_never_open)
{
	pin_release(&pin);
	pin_close(&pin);
	ck_assert_ptr_null(pin.ops);
}
END_TEST

/* ---- forbidden ---- */

START_TEST(probe_tells_what_forbids_it)
{
	static const struct {
		int err;
		const char *hint;
	} row[] = {
		{EPERM, "io_uring_disabled"},
		{ENOSYS, "no io_uring"},
		{ENOMEM, "MEMLOCK"},
		{EMFILE, "ulimit -n"},
	};
	struct fault f;

	for (size_t i = 0; i < LENGTH(row); i++) {
		kernel.ring_result = -row[i].err;
		f = (struct fault){0};
		ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_IO_URING, BACKING_ANON, &f),
				 -row[i].err);
		ck_assert_int_eq(f.err, row[i].err);
		ck_assert_str_eq(f.op, "io_uring_setup");
		ck_assert_msg(strstr(f.hint, row[i].hint), "%s", f.hint);
		ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_NONE, BACKING_ANON, &f), 0);
	}
}
END_TEST

START_TEST(probe_tells_userfaultfd_too)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_MEMFD))
		return;
	userfaultfd_result = -EPERM;
	ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_USERFAULT, BACKING_ANON, &f),
			 -EPERM);
	ck_assert_ptr_nonnull(strstr(f.hint, "unprivileged_userfaultfd"));
	ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_IO_URING, BACKING_ANON, &f), 0);
	userfaultfd_result = -ENOSYS;
	ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_USERFAULT, BACKING_ANON, &f),
			 -ENOSYS);
	ck_assert_ptr_nonnull(strstr(f.hint, "no userfaultfd"));
	userfaultfd_result = 0;
	/* An old kernel: no minor faults on file memory. */
	kernel.request = UFFDIO_API;
	kernel.request_result = -EINVAL;
	ck_assert_int_eq(pin_probe(GUEST_TYPE_VM, PIN_MECHANISM_USERFAULT, BACKING_MEMFD, &f),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.hint, "--backing anon"));
}
END_TEST

/* ---- eager ---- */

static const struct {
	enum backing backing;
	uint64_t bytes;
} eagers[] = {
	{BACKING_ANON, 4096},	       {BACKING_ANON, 64 * UNITS_MIB},	{BACKING_ANON, 5 * 4096},
	{BACKING_THP, 16 * UNITS_MIB}, {BACKING_MEMFD, 16 * UNITS_MIB},
};

START_TEST(eager_pins_it_all)
{
	unsigned files = process_files();

	if (!can_use(PIN_MECHANISM_IO_URING, eagers[_i].backing))
		return;
	open_all(PIN_MECHANISM_IO_URING, eagers[_i].backing, eagers[_i].bytes, 0);
	must_hold(0);
	start();
	must_hold(eagers[_i].bytes / 4096);
	ck_assert(process_has_page(memory.host));
	ck_assert(process_has_page(memory.host + memory.bytes - 1));
	ck_assert_ptr_null(pin_fault_times(&pin));
	close_all();
	ck_assert_uint_eq(process_files(), files);
}
END_TEST

START_TEST(eager_pins_a_gib_at_once)
{
	const uint64_t bytes = 2 * UNITS_GIB + UNITS_GIB / 2;

	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	kernel.pretend = true;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, bytes, 0);
	start();
	ck_assert_uint_eq(kernel.ranges, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_ptr_eq(kernel.last[i].iov_base, memory.host + i * UNITS_GIB);
		ck_assert_uint_eq(kernel.last[i].iov_len, i < 2 ? UNITS_GIB : UNITS_GIB / 2);
	}
	ck_assert_uint_eq(ledger_pages(&pin.ledger), bytes / 4096);
	close_all();
}
END_TEST

START_TEST(eager_ends_at_a_signal)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	kernel.pretend = true;
	kernel.stop_at = 2;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 4 * UNITS_GIB, 0);
	ck_assert_int_eq(pin_start(&pin, &memory, NULL, &f), -EINTR);
	ck_assert_int_eq(f.err, EINTR);
	ck_assert_uint_eq(kernel.ranges, 2);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), 2 * UNITS_GIB / 4096);
	close_all();
}
END_TEST

START_TEST(eager_that_fails)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	kernel.fail_range = 1;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 4 * UNITS_MIB, 0);
	ck_assert_int_eq(pin_start(&pin, &memory, NULL, &f), -ENOMEM);
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert_ptr_nonnull(strstr(f.object, "4 MiB"));
	ck_assert_ptr_nonnull(strstr(f.hint, "ulimit -l"));
	must_hold(0);
	close_all();
}
END_TEST

START_TEST(eager_without_a_ring)
{
	struct fault f = {0};

	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 4 * UNITS_MIB, 0);
	kernel.ring_result = -EPERM;
	ck_assert_int_eq(pin_start(&pin, &memory, NULL, &f), -EPERM);
	ck_assert_ptr_nonnull(strstr(f.hint, "io_uring_disabled"));
	close_all();
}
END_TEST

/* ---- eager, by several threads ---- */

static const struct {
	enum backing backing;
	uint64_t bytes;
	unsigned threads, rings, ranges; /* those that have something to do, and their stretches */
} teams[] = {
	{BACKING_ANON, 64 * UNITS_MIB, 2, 2, 2},
	{BACKING_ANON, 62 * UNITS_MIB, 4, 4, 4}, /* the last one's is shorter */
	{BACKING_ANON, 6 * UNITS_MIB, 64, 3, 3}, /* more threads than stretches */
	{BACKING_ANON, 5 * 4096, 2, 1, 1},
	{BACKING_THP, 16 * UNITS_MIB, 3, 3, 3},
	{BACKING_MEMFD, 16 * UNITS_MIB, 3, 3, 3},
};

START_TEST(a_team_pins_it_all)
{
	unsigned files = process_files();

	if (!can_use(PIN_MECHANISM_IO_URING, teams[_i].backing))
		return;
	pin_threads = teams[_i].threads;
	open_all(PIN_MECHANISM_IO_URING, teams[_i].backing, teams[_i].bytes, 0);
	ck_assert_uint_eq(process_threads(), teams[_i].threads); /* made before the clock runs */
	must_hold(0);
	start();
	must_hold(teams[_i].bytes / 4096);
	ck_assert_uint_eq(kernel.rings, teams[_i].rings);
	ck_assert_uint_eq(kernel.ranges, teams[_i].ranges);
	for (uint64_t at = 0; at < teams[_i].bytes; at += 4096)
		ck_assert(process_has_page(memory.host + at));
	close_all();
	ck_assert_uint_eq(process_files(), files);
}
END_TEST

/* No stretch is longer than a GiB, and each thread has as many. */
START_TEST(a_team_shares_evenly)
{
	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	pin_threads = 2;
	kernel.pretend = true;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 3 * UNITS_GIB, 0);
	start();
	ck_assert_uint_eq(kernel.ranges, 4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(kernel.last[i].iov_len, 768 * UNITS_MIB);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), 3 * UNITS_GIB / 4096);
	close_all();
	ck_assert_uint_eq(pin_team_chunk_bytes(&pin_ops_io_uring, 7 * UNITS_GIB, 3, UNITS_GIB),
			  UNITS_GIB);
	ck_assert_uint_eq(
		pin_team_chunk_bytes(&pin_ops_kvm_region, 7 * UNITS_GIB, 2, 2 * UNITS_MIB),
		7 * UNITS_GIB / 2);
	ck_assert_uint_eq(
		pin_team_chunk_bytes(&pin_ops_kvm_region, 7 * UNITS_GIB, 1, 2 * UNITS_MIB),
		pin_ops_kvm_region.max_range_bytes);
}
END_TEST

/* What the others have pinned is on the books, and given back. */
START_TEST(a_team_of_which_one_fails)
{
	unsigned files = process_files();
	struct fault f = {0};
	uint64_t pages;

	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	pin_threads = 4;
	kernel.fail_range = 1 + (unsigned)_i;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 64 * UNITS_MIB, 0);
	ck_assert_int_eq(pin_start(&pin, &memory, NULL, &f), -ENOMEM);
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert_ptr_nonnull(strstr(f.object, "16 MiB"));
	pages = ledger_pages(&pin.ledger);
	ck_assert_uint_le(pages, 3 * 16 * 256);
	ck_assert_uint_ge(pages, (uint64_t)_i * 16 * 256);
	must_hold(pages);
	close_all();
	ck_assert_uint_eq(process_files(), files);
}
END_TEST

START_TEST(a_team_ends_at_a_signal)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_IO_URING, BACKING_ANON))
		return;
	pin_threads = 2;
	kernel.pretend = true;
	kernel.stop_at = 2;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 8 * UNITS_GIB, 0);
	ck_assert_int_eq(pin_start(&pin, &memory, NULL, &f), -EINTR);
	ck_assert_int_eq(f.err, EINTR);
	/* Each of them may have had one under way. */
	ck_assert_uint_le(kernel.ranges, 3);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), kernel.ranges * UNITS_GIB / 4096);
	close_all();
}
END_TEST

/* Closed without having been asked to pin, as where an earlier step of the start has failed. */
START_TEST(a_team_that_never_ran)
{
	pin_threads = 8;
	open_all(PIN_MECHANISM_IO_URING, BACKING_ANON, 64 * UNITS_MIB, 0);
	ck_assert_uint_eq(process_threads(), 8);
	close_all();
}
END_TEST

/* ---- on demand ---- */

static const struct {
	enum backing backing;
	uint64_t bytes, chunk_bytes;
} demands[] = {
	{BACKING_ANON, 16 * UNITS_MIB, 2 * UNITS_MIB},
	{BACKING_ANON, 16 * UNITS_MIB, 4096},
	{BACKING_ANON, 16 * UNITS_MIB, 16 * UNITS_MIB},
	/* The last chunk is shorter. */
	{BACKING_ANON, 5 * UNITS_MIB, 2 * UNITS_MIB},
	{BACKING_ANON, 16 * UNITS_MIB + 12288, 8 * UNITS_MIB},
	{BACKING_THP, 16 * UNITS_MIB, 2 * UNITS_MIB},
	{BACKING_MEMFD, 16 * UNITS_MIB, 2 * UNITS_MIB},
	{BACKING_MEMFD, 16 * UNITS_MIB, 4096},
	{BACKING_MEMFD, 5 * UNITS_MIB, 2 * UNITS_MIB},
};

/* To write there may call the fault handler: that must see what was set before, and we after. */
static void poke(uint64_t offset, unsigned char value)
{
	__atomic_store_n(memory.host + offset, value, __ATOMIC_SEQ_CST);
}

/* A page somewhere: it was absent, it is zero, and it keeps what is written. */
static void touch(uint64_t offset, unsigned char value)
{
	ck_assert(!process_has_page(memory.host + offset));
	ck_assert_int_eq(memory.host[offset], 0);
	poke(offset, value);
	ck_assert_int_eq(memory.host[offset], value);
}

START_TEST(demand_pins_what_is_touched)
{
	uint64_t bytes = demands[_i].bytes, chunk = demands[_i].chunk_bytes;
	uint64_t last = (bytes - 1) / chunk, last_bytes = bytes - last * chunk;
	unsigned files = process_files();
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_USERFAULT, demands[_i].backing))
		return;
	open_all(PIN_MECHANISM_USERFAULT, demands[_i].backing, bytes, chunk);
	start();
	must_hold(0);
	touch(bytes - 1, 1);
	must_hold(last_bytes / 4096);
	ck_assert(process_has_page(memory.host + last * chunk));
	/* The chunk is there: no second fault in it, and none is counted. */
	poke(last * chunk, 2);
	if (last > 0) {
		ck_assert(!process_has_page(memory.host));
		ck_assert(!process_has_page(memory.host + last * chunk - 1));
		touch(chunk / 2, 3);
		must_hold((last_bytes + chunk) / 4096);
	}
	if (last > 1)
		ck_assert(!process_has_page(memory.host + chunk));
	ck_assert_int_eq(pin_failure(&pin, &f), 0);
	pin_release(&pin);
	ck_assert_uint_eq(pin_fault_times(&pin)->count, last > 0 ? 2 : 1);
	ck_assert_uint_gt(pin_fault_times(&pin)->max_ns, 0);
	ck_assert_uint_eq(failures_told, 0);
	close_all();
	ck_assert_uint_eq(process_files(), files);
}
END_TEST

START_TEST(host_writes_are_pinned_first)
{
	struct fault f = {0};
	enum backing b = _i ? BACKING_MEMFD : BACKING_ANON;

	if (!can_use(PIN_MECHANISM_USERFAULT, b))
		return;
	open_all(PIN_MECHANISM_USERFAULT, b, 16 * UNITS_MIB, UNITS_MIB);
	start();
	/* The last byte of one chunk, all of the next, the first byte of the one behind it. */
	ck_assert_int_eq(pin_before_host_write(&pin, 2 * UNITS_MIB - 1, UNITS_MIB + 2, &f), 0);
	must_hold(3 * 256);
	ck_assert(process_has_page(memory.host + UNITS_MIB));
	ck_assert(process_has_page(memory.host + 4 * UNITS_MIB - 1));
	ck_assert(!process_has_page(memory.host + UNITS_MIB - 1));
	ck_assert(!process_has_page(memory.host + 4 * UNITS_MIB));
	memset(memory.host + UNITS_MIB, 1, 3 * UNITS_MIB);
	/* Once more is no second pin. */
	ck_assert_int_eq(pin_before_host_write(&pin, UNITS_MIB, 1, &f), 0);
	ck_assert_uint_eq(kernel.ranges, 3);
	pin_release(&pin);
	ck_assert_uint_eq(pin_fault_times(&pin)->count, 0);
	close_all();
}
END_TEST

/* The pin is taken on the alias, before the guest can see the page. */
START_TEST(file_memory_is_pinned_before_it_is_shown)
{
	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_MEMFD))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_MEMFD, 8 * UNITS_MIB, UNITS_MIB);
	ck_assert_ptr_nonnull(memory.alias);
	start();
	touch(5 * UNITS_MIB + 123, 1);
	ck_assert_uint_eq(kernel.ranges, 1);
	ck_assert_ptr_eq(kernel.last[0].iov_base, memory.alias + 5 * UNITS_MIB);
	ck_assert_uint_eq(kernel.last[0].iov_len, UNITS_MIB);
	ck_assert(!kernel.shown_early);
	ck_assert_int_eq(memory.alias[5 * UNITS_MIB + 123], 1); /* they are one memory */
	close_all();
}
END_TEST

/* Prefaulted file memory is in the file, but not yet in the guest's mapping. */
START_TEST(prefaulted_file_memory_is_pinned_on_demand)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_MEMFD))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_MEMFD, 8 * UNITS_MIB, UNITS_MIB);
	ck_assert_int_eq(guest_memory_prefault(&memory, NULL, &f), 0);
	start();
	must_hold(0);
	touch(3 * UNITS_MIB, 1);
	must_hold(256);
	ck_assert(!kernel.shown_early);
	close_all();
}
END_TEST

/* More handlers than one: each with a userfaultfd, a ring and chunks of its own. */
static const struct {
	enum backing backing;
	uint64_t bytes, chunk_bytes;
	unsigned vcpus, cpus, handlers;
} handled[] = {
	{BACKING_ANON, 16 * UNITS_MIB, 64 * UNITS_KIB, 4, 2, 2},
	{BACKING_ANON, 16 * UNITS_MIB, 64 * UNITS_KIB, 3, 8, 3},
	{BACKING_ANON, 16 * UNITS_MIB + 12288, 2 * UNITS_MIB, 4, 4, 4},
	/* One chunk for all of them: some have nothing to serve. */
	{BACKING_ANON, 16 * UNITS_MIB, 16 * UNITS_MIB, 4, 4, 4},
	{BACKING_MEMFD, 16 * UNITS_MIB, 64 * UNITS_KIB, 5, 3, 3},
	{BACKING_ANON, 16 * UNITS_MIB, 64 * UNITS_KIB, 4, 0, 1},
	{BACKING_ANON, 16 * UNITS_MIB, 64 * UNITS_KIB, 0, 4, 1},
};

START_TEST(several_handlers_serve_it_all)
{
	const uint64_t bytes = handled[_i].bytes, chunk = handled[_i].chunk_bytes;
	const uint64_t chunks = (bytes + chunk - 1) / chunk;
	unsigned files = process_files();
	struct fault f = {0};
	uint64_t at;

	if (!can_use(PIN_MECHANISM_USERFAULT, handled[_i].backing))
		return;
	pin_vcpus = handled[_i].vcpus;
	pin_cpus = handled[_i].cpus;
	open_all(PIN_MECHANISM_USERFAULT, handled[_i].backing, bytes, chunk);
	ck_assert_uint_eq(process_threads(), 1 + handled[_i].handlers);
	start();
	ck_assert_uint_eq(kernel.rings, handled[_i].handlers);
	/* The host writes across the bounds of two of them, the guest touches the rest. */
	ck_assert_int_eq(pin_before_host_write(&pin, 0, bytes / 2, &f), 0);
	for (at = 0; at < bytes; at += 4096)
		poke(at, 1);
	pin_settle(&pin);
	ck_assert_uint_eq(ledger_pages(&pin.ledger), bytes / 4096);
	must_hold(bytes / 4096);
	ck_assert_uint_eq(kernel.ranges, chunks);
	ck_assert(!kernel.shown_early);
	ck_assert_int_eq(pin_failure(&pin, &f), 0);
	pin_release(&pin);
	ck_assert_uint_eq(pin_fault_times(&pin)->count, chunks - (bytes / 2 + chunk - 1) / chunk);
	close_all();
	ck_assert_uint_eq(process_files(), files);
}
END_TEST

/* Where one of them fails, those that wait for it go on, and the others serve as before. */
START_TEST(one_handler_of_several_fails)
{
	struct fault f = {0};
	uint64_t at;

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	pin_vcpus = pin_cpus = 4;
	kernel.fail_range = 3;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, 16 * UNITS_MIB, UNITS_MIB);
	start();
	for (at = 0; at < memory.bytes; at += UNITS_MIB)
		poke(at, 1);
	pin_settle(&pin);
	ck_assert_int_eq(pin_failure(&pin, &f), -ENOMEM);
	ck_assert_str_eq(f.op, "io_uring_register(BUFFERS_UPDATE)");
	ck_assert_uint_eq(__atomic_load_n(&failures_told, __ATOMIC_RELAXED), 1);
	/* Its own first chunks, two of them, and all of the other three. */
	ck_assert_uint_eq(ledger_pages(&pin.ledger), (16 - 5 + 2) * 256);
	close_all();
}
END_TEST

struct toucher {
	pthread_t thread;
	pthread_barrier_t *together;
	uint64_t chunk_bytes, offset;
};

static void *touch_all(void *arg)
{
	const struct toucher *t = arg;
	uint64_t chunk;

	for (chunk = 0; chunk < memory.bytes; chunk += t->chunk_bytes) {
		pthread_barrier_wait(t->together);
		__atomic_fetch_add(memory.host + chunk + t->offset, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

START_TEST(touched_at_once_is_pinned_once)
{
	const uint64_t bytes = 16 * UNITS_MIB, chunk = 64 * UNITS_KIB;
	enum backing b = _i ? BACKING_MEMFD : BACKING_ANON;
	pthread_barrier_t together;
	struct toucher t[3];
	uint64_t i;

	if (!can_use(PIN_MECHANISM_USERFAULT, b))
		return;
	open_all(PIN_MECHANISM_USERFAULT, b, bytes, chunk);
	start();
	pthread_barrier_init(&together, NULL, LENGTH(t));
	/* Two in the same page, one at the other end of the chunk. */
	for (i = 0; i < LENGTH(t); i++) {
		t[i] = (struct toucher){.together = &together,
					.chunk_bytes = chunk,
					.offset = i < 2 ? 0 : chunk - 1};
		ck_assert_int_eq(pthread_create(&t[i].thread, NULL, touch_all, &t[i]), 0);
	}
	for (i = 0; i < LENGTH(t); i++)
		pthread_join(t[i].thread, NULL);
	must_hold(bytes / 4096);
	ck_assert_uint_eq(kernel.ranges, bytes / chunk);
	for (i = 0; i < bytes; i += chunk) {
		/* No write was lost to a page that took another's place. */
		if (memory.host[i] != 2 || memory.host[i + chunk - 1] != 1)
			ck_abort_msg("chunk %llu: %d, %d", (unsigned long long)(i / chunk),
				     memory.host[i], memory.host[i + chunk - 1]);
	}
	pin_release(&pin);
	ck_assert_uint_ge(pin_fault_times(&pin)->count, bytes / chunk);
	ck_assert_uint_le(pin_fault_times(&pin)->count, LENGTH(t) * bytes / chunk);
	pthread_barrier_destroy(&together);
	close_all();
}
END_TEST

START_TEST(more_chunks_than_a_ring_takes)
{
	const uint64_t first = PIN_IO_URING_FIRST_RANGES;
	const uint64_t chunks = first + PIN_IO_URING_RANGES_PER_RING + 100;
	uint64_t i;

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, chunks * 4096, 4096);
	start();
	ck_assert_uint_eq(kernel.rings, 1);
	for (i = 0; i < first; i++)
		poke(i * 4096, 1);
	ck_assert_uint_eq(kernel.rings, 1);
	for (; i < first + PIN_IO_URING_RANGES_PER_RING; i++)
		poke(i * 4096, 1);
	ck_assert_uint_eq(kernel.rings, 2);
	for (; i < chunks; i++)
		poke(i * 4096, 1);
	ck_assert_uint_eq(kernel.rings, 3);
	ck_assert_uint_eq(pin_io_uring_rings(0), 1);
	ck_assert_uint_eq(pin_io_uring_rings(first), 1);
	ck_assert_uint_eq(pin_io_uring_rings(first + 1), 2);
	ck_assert_uint_eq(pin_io_uring_rings(first + PIN_IO_URING_RANGES_PER_RING), 2);
	ck_assert_uint_eq(pin_io_uring_rings(chunks), 3);
	must_hold(chunks);
	pin_release(&pin);
	ck_assert_uint_eq(pin_fault_times(&pin)->count, chunks);
	close_all();
}
END_TEST

/* The second ring cannot be had. */
START_TEST(no_ring_for_more_chunks)
{
	struct fault f = {0};
	uint64_t i;

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, 2 * PIN_IO_URING_RANGES_PER_RING * 4096,
		 4096);
	start();
	kernel.pretend = true;
	kernel.ring_result = -EMFILE;
	for (i = 0; i <= PIN_IO_URING_FIRST_RANGES; i++)
		poke(i * 4096, 1);
	ck_assert_int_eq(pin_failure(&pin, &f), -EMFILE);
	ck_assert_ptr_nonnull(strstr(f.hint, "ulimit -n"));
	ck_assert_uint_eq(failures_told, 1);
	close_all();
}
END_TEST

START_TEST(copies_cut_short_go_on)
{
	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, 16 * UNITS_MIB, 8 * UNITS_MIB);
	start();
	kernel.cut = 5;
	touch(0, 1);
	ck_assert_uint_eq(kernel.cut, 0);
	ck_assert_uint_gt(kernel.copies, 5);
	for (uint64_t i = 0; i < 8 * UNITS_MIB; i += 4096) {
		if (!process_has_page(memory.host + i))
			ck_abort_msg("a hole at %#llx", (unsigned long long)i);
	}
	must_hold(2048);
	close_all();
}
END_TEST

/* ---- on demand, and it fails ---- */

static const struct {
	enum backing backing;
	unsigned range;	       /* the pin that fails; 0 none */
	unsigned long request; /* or what is asked of the userfaultfd, from the second chunk on */
	int err;
	const char *op;
} broken[] = {
	{BACKING_ANON, 1, 0, ENOMEM, "io_uring_register(BUFFERS_UPDATE)"},
	{BACKING_ANON, 2, 0, ENOMEM, "io_uring_register(BUFFERS_UPDATE)"},
	{BACKING_ANON, 7, 0, ENOMEM, "io_uring_register(BUFFERS_UPDATE)"},
	{BACKING_MEMFD, 1, 0, ENOMEM, "io_uring_register(BUFFERS_UPDATE)"},
	{BACKING_MEMFD, 3, 0, ENOMEM, "io_uring_register(BUFFERS_UPDATE)"},
	{BACKING_ANON, 0, UFFDIO_COPY, ENOMEM, "ioctl(UFFDIO_COPY)"},
	{BACKING_ANON, 0, UFFDIO_COPY, ENOSPC, "ioctl(UFFDIO_COPY)"},
	{BACKING_ANON, 0, UFFDIO_WAKE, EINVAL, "ioctl(UFFDIO_WAKE)"},
	{BACKING_MEMFD, 0, UFFDIO_CONTINUE, EFAULT, "ioctl(UFFDIO_CONTINUE)"},
};

/* Who waits for a page that will not be served must not wait for ever. */
START_TEST(demand_that_fails_lets_all_go)
{
	struct fault f = {0};
	uint64_t chunk, pinned;

	if (!can_use(PIN_MECHANISM_USERFAULT, broken[_i].backing))
		return;
	open_all(PIN_MECHANISM_USERFAULT, broken[_i].backing, 16 * UNITS_MIB, UNITS_MIB);
	start();
	kernel.fail_range = broken[_i].range;
	ck_assert_int_eq(pin_failure(&pin, &f), 0);
	for (chunk = 0; chunk < 16; chunk++) {
		poke(chunk * UNITS_MIB, 1);
		kernel.request_result = -broken[_i].err;
		kernel.request = broken[_i].request;
	}
	ck_assert_int_eq(pin_failure(&pin, &f), -broken[_i].err);
	ck_assert_int_eq(f.err, broken[_i].err);
	ck_assert_str_eq(f.op, broken[_i].op);
	ck_assert_uint_eq(__atomic_load_n(&failures_told, __ATOMIC_RELAXED), 1);
	pinned = broken[_i].range ? broken[_i].range - 1 : 1;
	/* It was pinned, and only then could nobody be woken or shown it. */
	if (broken[_i].request == UFFDIO_WAKE)
		pinned++;
	ck_assert_uint_eq(ledger_pages(&pin.ledger), pinned * 256);
	kernel.request = 0;
	pin_release(&pin);
	ck_assert_uint_eq(pin_fault_times(&pin)->count,
			  pinned - (broken[_i].request == UFFDIO_WAKE));
	close_all();
}
END_TEST

/* The host's own write finds no pin: an error for the caller, not a failure of the handler. */
START_TEST(host_write_that_cannot_be_pinned)
{
	struct fault f = {0};

	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, 16 * UNITS_MIB, UNITS_MIB);
	start();
	kernel.fail_range = 2;
	ck_assert_int_eq(pin_before_host_write(&pin, 0, 4 * UNITS_MIB, &f), -ENOMEM);
	ck_assert_str_eq(f.op, "io_uring_register(BUFFERS_UPDATE)");
	ck_assert_uint_eq(kernel.ranges, 2);
	must_hold(256);
	close_all();
}
END_TEST

static void add_all(TCase *tcase, const TTest *const *tests, size_t count)
{
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, install, NULL);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
}

static Suite *pin_suite(void)
{
	const TTest *const plain[] = {
		mechanisms,
		mechanism_that_is_none_here,
		none_pins_nothing,
		closing_what_was_never_open,
		probe_tells_what_forbids_it,
		probe_tells_userfaultfd_too,
		eager_pins_a_gib_at_once,
		eager_ends_at_a_signal,
		eager_that_fails,
		eager_without_a_ring,
		a_team_shares_evenly,
		a_team_ends_at_a_signal,
		a_team_that_never_ran,
	};
	const TTest *const faulting[] = {
		file_memory_is_pinned_before_it_is_shown,
		prefaulted_file_memory_is_pinned_on_demand,
		more_chunks_than_a_ring_takes,
		no_ring_for_more_chunks,
		copies_cut_short_go_on,
		host_write_that_cannot_be_pinned,
		one_handler_of_several_fails,
	};
	Suite *suite = suite_create("pin");
	TCase *eager = tcase_create("eager"), *demand = tcase_create("demand");

	add_all(eager, plain, LENGTH(plain));
	tcase_add_loop_test(eager, eager_pins_it_all, 0, (int)LENGTH(eagers));
	tcase_add_loop_test(eager, a_team_pins_it_all, 0, (int)LENGTH(teams));
	tcase_add_loop_test(eager, a_team_of_which_one_fails, 0, 4);
	suite_add_tcase(suite, eager);
	/* valgrind knows no userfaultfd. */
	tcase_set_tags(demand, "slow");
	add_all(demand, faulting, LENGTH(faulting));
	tcase_add_loop_test(demand, demand_pins_what_is_touched, 0, (int)LENGTH(demands));
	tcase_add_loop_test(demand, host_writes_are_pinned_first, 0, 2);
	tcase_add_loop_test(demand, several_handlers_serve_it_all, 0, (int)LENGTH(handled));
	tcase_add_loop_test(demand, touched_at_once_is_pinned_once, 0, 2);
	tcase_add_loop_test(demand, demand_that_fails_lets_all_go, 0, (int)LENGTH(broken));
	suite_add_tcase(suite, demand);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(pin_suite());
	int failed;

	probe_all();
	kernel.rings = 0;
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
