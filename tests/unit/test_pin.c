// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pin: what is asked for is pinned beforehand, once, by one thread or several, and given back.
 *
 * tests/run: one at a time
 */
#include "pin_scene.h"

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
	Suite *suite = suite_create("pin");
	TCase *eager = tcase_create("eager");

	add_all(eager, plain, LENGTH(plain));
	tcase_add_loop_test(eager, eager_pins_it_all, 0, (int)LENGTH(eagers));
	tcase_add_loop_test(eager, a_team_pins_it_all, 0, (int)LENGTH(teams));
	tcase_add_loop_test(eager, a_team_of_which_one_fails, 0, 4);
	suite_add_tcase(suite, eager);
	return suite;
}

int main(void)
{
	return run_pin_suite(pin_suite());
}
