// SPDX-License-Identifier: GPL-2.0-or-later
/* test_ledger: nothing is counted twice, the last chunk may be short, and size costs nothing. */
#include "sevpinbench/ledger.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct ledger ledger;

static int mmap_result;
int __real_sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset);
int __wrap_sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset);
int __wrap_sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	if (mmap_result == 0)
		return __real_sys_mmap(addr, bytes, prot, flags, fd, offset);
	*addr = NULL;
	return mmap_result;
}

static void open_ledger(uint64_t total_bytes, uint64_t chunk_bytes)
{
	struct fault f = {0};

	ck_assert_int_eq(ledger_open(&ledger, total_bytes, chunk_bytes, &f), 0);
	ck_assert(!fault_is_set(&f));
}

static void close_ledger(void)
{
	ledger_close(&ledger);
}

static const struct {
	uint64_t total, chunk, chunks, last_bytes;
} rows[] = {
	{4096, 4096, 1, 4096},
	{4096, 2 * UNITS_MIB, 1, 4096},
	{2 * UNITS_MIB, 4096, 512, 4096},
	{64 * UNITS_MIB, 2 * UNITS_MIB, 32, 2 * UNITS_MIB},
	{5 * UNITS_MIB, 2 * UNITS_MIB, 3, UNITS_MIB},
	{2 * UNITS_GIB + 8192, UNITS_GIB, 3, 8192},
	{64 * 4096, 4096, 64, 4096},
	{65 * 4096, 4096, 65, 4096},
};

START_TEST(chunks_are_counted_in_pages)
{
	uint64_t i, pages = 0;

	open_ledger(rows[_i].total, rows[_i].chunk);
	ck_assert_uint_eq(ledger.chunks, rows[_i].chunks);
	ck_assert_uint_eq(ledger_pages(&ledger), 0);
	/* From the end, so that the short one is not the last to be added. */
	for (i = ledger.chunks; i-- > 0;) {
		uint64_t bytes = i == ledger.chunks - 1 ? rows[_i].last_bytes : rows[_i].chunk;

		ck_assert(!ledger_has(&ledger, i));
		ck_assert_uint_eq(ledger_chunk_bytes(&ledger, i), bytes);
		ledger_add(&ledger, i);
		pages += bytes / 4096;
		ck_assert(ledger_has(&ledger, i));
		ck_assert_uint_eq(ledger_pages(&ledger), pages);
	}
	ck_assert_uint_eq(pages, rows[_i].total / 4096);
}
END_TEST

START_TEST(a_chunk_is_one_bit)
{
	static const uint64_t added[] = {0, 1, 63, 64, 127, 199};
	uint64_t i;
	size_t at = 0;

	open_ledger(200 * UNITS_MIB, UNITS_MIB);
	for (i = 0; i < LENGTH(added); i++)
		ledger_add(&ledger, added[i]);
	for (i = 0; i < 200; i++) {
		bool in = at < LENGTH(added) && added[at] == i;

		ck_assert_int_eq(ledger_has(&ledger, i), in);
		at += in;
	}
	ck_assert_uint_eq(ledger_pages(&ledger), LENGTH(added) * 256);
	ledger_clear(&ledger);
	ck_assert_uint_eq(ledger_pages(&ledger), 0);
}
END_TEST

/* 64 GiB in 4K chunks are 2 MiB of bits, of which only what was written to is in memory. */
START_TEST(size_costs_no_memory)
{
	static unsigned char present[512];
	unsigned resident = 0;

	open_ledger(64 * UNITS_GIB, 4096);
	ck_assert_uint_eq(ledger.chunks, 1 << 24);
	ledger_add(&ledger, 0);
	ledger_add(&ledger, (1 << 24) - 1);
	ck_assert_int_eq(mincore(ledger.bits, 2 * UNITS_MIB, present), 0);
	for (size_t i = 0; i < LENGTH(present); i++)
		resident += present[i] & 1;
	ck_assert_int_eq(present[0] & present[511] & 1, 1);
	/* A host that gives huge pages to everybody gives one here too. */
	ck_assert(resident == 2 || resident == 512);
}
END_TEST

static void *read_pages(void *arg)
{
	uint64_t last = 0, now;

	(void)arg;
	do {
		now = ledger_pages(&ledger);
		if (now < last || now % 16 != 0)
			return &ledger;
		last = now;
	} while (now < 100000ULL * 16);
	return NULL;
}

START_TEST(pages_may_be_read_meanwhile)
{
	pthread_t reader;
	void *wrong;

	open_ledger(100000ULL * 65536, 65536);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_pages, NULL), 0);
	for (uint64_t i = 0; i < ledger.chunks; i++)
		ledger_add(&ledger, i);
	ck_assert_int_eq(pthread_join(reader, &wrong), 0);
	ck_assert_ptr_null(wrong);
}
END_TEST

START_TEST(without_memory)
{
	struct fault f = {0};

	mmap_result = -ENOMEM;
	ck_assert_int_eq(ledger_open(&ledger, UNITS_GIB, 4096, &f), -ENOMEM);
	mmap_result = 0;
	ck_assert_str_eq(f.op, "mmap");
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert_ptr_null(ledger.bits);
}
END_TEST

START_TEST(closed_twice)
{
	open_ledger(UNITS_GIB, 4096);
	ledger_close(&ledger);
	ck_assert_ptr_null(ledger.bits);
	ck_assert_uint_eq(ledger_pages(&ledger), 0);
	ledger_close(&ledger);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_chunk_is_one_bit, size_costs_no_memory,
				      pages_may_be_read_meanwhile, without_memory, closed_twice};
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_add_checked_fixture(tcase, NULL, close_ledger);
	tcase_add_loop_test(tcase, chunks_are_counted_in_pages, 0, (int)LENGTH(rows));
	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
