// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_userfault: what is touched is pinned, by the page or the chunk, at the right moment, by one
 * fault handler or several, and given back.
 *
 * tests/run: one at a time
 */
#include "pin_scene.h"

/* What a handler is told to stop by. */
static bool writes_fail;
ssize_t __real_sys_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes)
{
	return writes_fail ? -EIO : __real_sys_write(fd, buf, bytes);
}

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

/* A handler that cannot be told to stop would be waited for without end. */
START_TEST(handlers_stop_whatever_fails)
{
	if (!can_use(PIN_MECHANISM_USERFAULT, BACKING_ANON))
		return;
	open_all(PIN_MECHANISM_USERFAULT, BACKING_ANON, 16 * UNITS_MIB, UNITS_MIB);
	start();
	poke(0, 1);
	writes_fail = true;
	close_all();
	writes_fail = false;
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

static Suite *userfault_suite(void)
{
	const TTest *const faulting[] = {
		file_memory_is_pinned_before_it_is_shown,
		prefaulted_file_memory_is_pinned_on_demand,
		more_chunks_than_a_ring_takes,
		no_ring_for_more_chunks,
		copies_cut_short_go_on,
		host_write_that_cannot_be_pinned,
		one_handler_of_several_fails,
	};
	Suite *suite = suite_create("userfault");
	TCase *demand = tcase_create("demand");

	/* valgrind knows no userfaultfd. */
	tcase_set_tags(demand, "slow");
	add_all(demand, faulting, LENGTH(faulting));
	tcase_add_loop_test(demand, demand_pins_what_is_touched, 0, (int)LENGTH(demands));
	tcase_add_loop_test(demand, host_writes_are_pinned_first, 0, 2);
	tcase_add_loop_test(demand, several_handlers_serve_it_all, 0, (int)LENGTH(handled));
	tcase_add_loop_test(demand, touched_at_once_is_pinned_once, 0, 2);
	tcase_add_loop_test(demand, demand_that_fails_lets_all_go, 0, (int)LENGTH(broken));
	tcase_add_test(demand, handlers_stop_whatever_fails);
	suite_add_tcase(suite, demand);
	return suite;
}

int main(void)
{
	return run_pin_suite(userfault_suite());
}
