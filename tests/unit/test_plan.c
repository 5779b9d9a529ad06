// SPDX-License-Identifier: GPL-2.0-or-later
/* test_plan: what was asked for becomes cells, or is refused. */
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What most of the tests below change in one place or two. */
static const struct plan_request usual = {
	.guest_type = GUEST_TYPE_VM,
	.size_count = 1,
	.mode_count = 3,
	.guest_bytes = {UNITS_GIB},
	.mode = {PIN_MODE_EAGER, PIN_MODE_DEMAND, PIN_MODE_NONE},
	.backing_count = 1,
	.prefault_count = 1,
	.touch_count = 1,
	.backing = {BACKING_ANON},
	.vcpus = 1,
	.touch = {{.is_share = true, .millionths = 100000}},
	.chunk_bytes = 2 * UNITS_MIB,
	.numa_node = -1,
};

static struct cell cells[PLAN_SIZES * PIN_MODE_COUNT];

static int plan(const struct plan_request *p)
{
	struct fault f = {0};
	int n;

	memset(cells, 0x5a, sizeof(cells));
	n = plan_cells(p, cells, LENGTH(cells), &f);
	ck_assert_msg(n >= 0, "%s: %s", f.op, f.object);
	ck_assert(!fault_is_set(&f));
	return n;
}

START_TEST(each_size_in_each_mode)
{
	static const struct {
		uint64_t bytes;
		enum pin_mode mode;
		enum pin_mechanism mechanism;
		uint64_t chunk_bytes;
	} expected[] = {
		{4 * UNITS_GIB, PIN_MODE_NONE, PIN_MECHANISM_NONE, 0},
		{4 * UNITS_GIB, PIN_MODE_DEMAND, PIN_MECHANISM_USERFAULT, 2 * UNITS_MIB},
		{4 * UNITS_GIB, PIN_MODE_EAGER, PIN_MECHANISM_IO_URING, 0},
		{256 * UNITS_MIB, PIN_MODE_NONE, PIN_MECHANISM_NONE, 0},
		{256 * UNITS_MIB, PIN_MODE_DEMAND, PIN_MECHANISM_USERFAULT, 2 * UNITS_MIB},
		{256 * UNITS_MIB, PIN_MODE_EAGER, PIN_MECHANISM_IO_URING, 0},
	};
	struct plan_request p = usual;

	p.size_count = 2;
	p.guest_bytes[0] = 4 * UNITS_GIB;
	p.guest_bytes[1] = 256 * UNITS_MIB;
	p.mode[0] = PIN_MODE_NONE;
	p.mode[2] = PIN_MODE_EAGER;
	ck_assert_int_eq(plan(&p), (int)LENGTH(expected));
	for (size_t i = 0; i < LENGTH(expected); i++) {
		ck_assert_uint_eq(cells[i].guest_bytes, expected[i].bytes);
		ck_assert_int_eq((int)cells[i].pin, (int)expected[i].mode);
		ck_assert_int_eq((int)cells[i].mechanism, (int)expected[i].mechanism);
		ck_assert_uint_eq(cells[i].chunk_bytes, expected[i].chunk_bytes);
	}
}
END_TEST

START_TEST(the_rest_is_handed_on)
{
	struct plan_request p = usual;

	p.backing[0] = BACKING_MEMFD;
	p.prefault_threads[0] = 3;
	p.vcpus = 5;
	p.touch_order = TOUCH_ORDER_RANDOM;
	p.touch_op = TOUCH_OP_READ;
	p.numa_node = 2;
	ck_assert_int_eq(plan(&p), 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq((int)cells[i].guest_type, GUEST_TYPE_VM);
		ck_assert_int_eq((int)cells[i].backing, BACKING_MEMFD);
		ck_assert_uint_eq(cells[i].prefault_threads, 3);
		ck_assert_uint_eq(cells[i].vcpus, 5);
		ck_assert_int_eq((int)cells[i].touch_order, TOUCH_ORDER_RANDOM);
		ck_assert_int_eq((int)cells[i].touch_op, TOUCH_OP_READ);
		ck_assert_int_eq(cells[i].numa_node, 2);
		ck_assert_str_eq(cells[i].note, "");
	}
}
END_TEST

START_TEST(working_set)
{
	static const struct {
		struct plan_touch touch;
		uint64_t guest_bytes, bytes;
	} row[] = {
		{{.is_share = true, .millionths = 100000}, UNITS_GIB, 26214 * 4096ULL},
		{{.is_share = true, .millionths = 1000000}, UNITS_GIB, UNITS_GIB},
		{{.is_share = true, .millionths = 0}, UNITS_GIB, 0},
		{{.is_share = true, .millionths = 1}, UNITS_GIB, 0},
		{{.is_share = true, .millionths = 4}, UNITS_GIB, 4096},
		{{.is_share = true, .millionths = 1000000}, 8191 * UNITS_GIB, 8191 * UNITS_GIB},
		{{.is_share = true, .millionths = 500000, .cap_bytes = UNITS_MIB},
		 UNITS_GIB,
		 UNITS_MIB},
		{{.is_share = true, .millionths = 500000, .cap_bytes = UNITS_GIB},
		 UNITS_GIB,
		 UNITS_GIB / 2},
		{{.bytes = 64 * UNITS_MIB}, UNITS_GIB, 64 * UNITS_MIB},
		{{.bytes = 64 * UNITS_MIB + 4095}, UNITS_GIB, 64 * UNITS_MIB},
		{{.bytes = 8 * UNITS_GIB}, UNITS_GIB, UNITS_GIB},
		{{.bytes = UINT64_MAX}, UNITS_GIB, UNITS_GIB},
		{{.bytes = 0}, UNITS_GIB, 0},
	};
	struct plan_request p = usual;

	p.mode_count = 1;
	for (size_t i = 0; i < LENGTH(row); i++) {
		p.touch[0] = row[i].touch;
		p.guest_bytes[0] = row[i].guest_bytes;
		ck_assert_int_eq(plan(&p), 1);
		ck_assert_uint_eq(cells[0].touch_bytes, row[i].bytes);
	}
}
END_TEST

/* What cannot be had is left out, and the cell says so to who reads its numbers. */
START_TEST(notes)
{
	struct plan_request p = usual;

	p.prefault_threads[0] = 2;
	plan(&p);
	ck_assert_uint_eq(cells[0].prefault_threads, 2);
	ck_assert_str_eq(cells[0].note, "");
	ck_assert_uint_eq(cells[1].prefault_threads, 0);
	ck_assert_ptr_nonnull(strstr(cells[1].note, "not prefaulted"));
	ck_assert_uint_eq(cells[2].prefault_threads, 2);

	p.prefault_threads[0] = 0;
	p.backing[0] = BACKING_THP;
	plan(&p);
	ck_assert_str_eq(cells[0].note, "");
	ck_assert_ptr_nonnull(strstr(cells[1].note, "4 KiB"));
	ck_assert_str_eq(cells[2].note, "");
}
END_TEST

START_TEST(smallest_and_largest)
{
	struct plan_request p = usual;

	p.guest_bytes[0] = 2 * UNITS_MIB;
	ck_assert_int_eq(plan(&p), 3);
	p.guest_bytes[0] = 8191 * UNITS_GIB;
	ck_assert_int_eq(plan(&p), 3);
	p.guest_bytes[0] = UNITS_GIB;
	p.chunk_bytes = UNITS_GIB;
	ck_assert_int_eq(plan(&p), 3);
	p.chunk_bytes = 4096;
	ck_assert_int_eq(plan(&p), 3);
	/* Whoever pins nothing on demand need not care about the chunk. */
	p.chunk_bytes = 3 * UNITS_MIB;
	p.mode[1] = PIN_MODE_NONE;
	ck_assert_int_eq(plan(&p), 2);
}
END_TEST

/* Every combination of the lists, in a stable order, modes innermost; no cell twice. */
START_TEST(lists_combine)
{
	static const struct {
		enum backing backing;
		uint64_t touch_bytes;
		uint32_t prefault_threads;
		enum pin_order order;
		enum pin_mode mode;
	} expected[] = {
		{BACKING_ANON, UNITS_MIB, 0, PIN_ORDER_REGION_FIRST, PIN_MODE_EAGER},
		{BACKING_ANON, UNITS_MIB, 0, PIN_ORDER_REGION_FIRST, PIN_MODE_NONE},
		{BACKING_ANON, UNITS_MIB, 0, PIN_ORDER_MEMSLOT_FIRST, PIN_MODE_EAGER},
		{BACKING_ANON, UNITS_MIB, 2, PIN_ORDER_REGION_FIRST, PIN_MODE_EAGER},
		{BACKING_ANON, UNITS_MIB, 2, PIN_ORDER_REGION_FIRST, PIN_MODE_NONE},
		{BACKING_ANON, UNITS_MIB, 2, PIN_ORDER_MEMSLOT_FIRST, PIN_MODE_EAGER},
		{BACKING_ANON, UNITS_GIB, 0, PIN_ORDER_REGION_FIRST, PIN_MODE_EAGER},
	};
	struct plan_request p = usual;
	int i, n;

	p.mode_count = 2;
	p.mode[1] = PIN_MODE_NONE;
	p.backing_count = 2;
	p.backing[1] = BACKING_MEMFD;
	p.touch_count = 2;
	p.touch[0] = (struct plan_touch){.bytes = UNITS_MIB};
	p.touch[1] = (struct plan_touch){.bytes = UNITS_GIB};
	p.prefault_count = 2;
	p.prefault_threads[1] = 2;
	p.pin_order_count = 2;
	p.pin_order[0] = PIN_ORDER_REGION_FIRST;
	p.pin_order[1] = PIN_ORDER_MEMSLOT_FIRST;
	n = plan(&p);
	ck_assert_int_eq(n, 2 * 2 * 2 * 3);
	for (i = 0; i < (int)LENGTH(expected); i++) {
		ck_assert_int_eq((int)cells[i].backing, (int)expected[i].backing);
		ck_assert_uint_eq(cells[i].touch_bytes, expected[i].touch_bytes);
		ck_assert_uint_eq(cells[i].prefault_threads, expected[i].prefault_threads);
		ck_assert_int_eq((int)cells[i].pin_order, (int)expected[i].order);
		ck_assert_int_eq((int)cells[i].pin, (int)expected[i].mode);
	}
	ck_assert_int_eq((int)cells[n / 2].backing, BACKING_MEMFD);
}
END_TEST

START_TEST(guests_at_once_are_a_list)
{
	static const uint32_t expected[] = {1, 1, 1, 4, 4, 4};
	struct plan_request p = usual;

	ck_assert_int_eq(plan(&p), 3);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(cells[i].parallel, 1);
	p.parallel_count = 2;
	p.parallel[0] = 1;
	p.parallel[1] = 4;
	ck_assert_int_eq(plan(&p), 6);
	for (int i = 0; i < 6; i++) {
		ck_assert_uint_eq(cells[i].parallel, expected[i]);
		ck_assert_int_eq((int)cells[i].pin, (int)usual.mode[i % 3]);
	}
}
END_TEST

/* Threads that pin are crossed with eager pinning alone, which is the only one that has them. */
START_TEST(only_eager_pins_by_threads)
{
	struct plan_request p = usual;
	struct plan_needs needs;
	int i, eager = 0, n;

	p.pin_threads_count = 2;
	p.pin_threads[0] = 4;
	p.pin_threads[1] = 1;
	n = plan(&p);
	for (i = 0; i < n; i++) {
		if (cells[i].pin != PIN_MODE_EAGER) {
			ck_assert_uint_eq(cells[i].pin_threads, 1);
			continue;
		}
		ck_assert_uint_eq(cells[i].pin_threads, eager++ ? 1 : 4);
		plan_needs(&cells[i], false, &needs);
		ck_assert_uint_eq(needs.rings, cells[i].pin_threads);
	}
	ck_assert_int_eq(eager, 2);
	ck_assert_int_eq(n, 2 + 1 + 1);
	p.pin_threads_count = 0;
	ck_assert_int_eq(plan(&p), 3);
	ck_assert_uint_eq(cells[0].pin_threads, 1);
}
END_TEST

/* Memory that cannot be prefaulted for demand makes no second cell. */
START_TEST(lists_that_come_to_the_same)
{
	struct plan_request p = usual;

	p.prefault_count = 2;
	p.prefault_threads[1] = 1;
	ck_assert_int_eq(plan(&p), 2 + 1 + 2);
}
END_TEST

START_TEST(too_many_cells)
{
	struct plan_request p = usual;
	struct fault f = {0};

	ck_assert_int_eq(plan_cells(&p, cells, 2, &f), -E2BIG);
	ck_assert_str_eq(f.object, "more than 2 cells");
}
END_TEST

/* ---- refusals ---- */

static const struct {
	enum guest_type type;
	enum backing backing;
	uint64_t guest_bytes, chunk_bytes;
	int result;
	const char *op, *part;
} refusals[] = {
	{GUEST_TYPE_SEV_SNP, BACKING_ANON, UNITS_GIB, 2 * UNITS_MIB, -ENOTSUP, "--pin",
	 "there are no sev-snp guests with pin mode none"},
	{GUEST_TYPE_SEV_SNP, BACKING_THP, UNITS_GIB, 2 * UNITS_MIB, -EINVAL, "--backing",
	 "guest_memfd"},
	{GUEST_TYPE_VM, BACKING_ANON, 0, 4096, -EINVAL, "--guest-mem", "0 is less than the 2M"},
	{GUEST_TYPE_VM, BACKING_ANON, UNITS_MIB, 4096, -EINVAL, "--guest-mem",
	 "1M is less than the 2M"},
	{GUEST_TYPE_VM, BACKING_ANON, 2 * UNITS_MIB - 4096, 4096, -EINVAL, "--guest-mem",
	 "2044K is less"},
	{GUEST_TYPE_VM, BACKING_ANON, 8192 * UNITS_GIB, 2 * UNITS_MIB, -EINVAL, "--guest-mem",
	 "8T is more than the 8 TiB"},
	{GUEST_TYPE_VM, BACKING_ANON, UINT64_MAX - 4095, 4096, -EINVAL, "--guest-mem", "is more"},
	{GUEST_TYPE_VM, BACKING_ANON, UNITS_GIB + 1, 4096, -EINVAL, "--guest-mem",
	 "1073741825 is not a whole number of 4K pages"},
	{GUEST_TYPE_VM, BACKING_HUGETLB_2M, UNITS_GIB + UNITS_MIB, 2 * UNITS_MIB, -EINVAL,
	 "--guest-mem", "1025M is not a whole number of 2M pages"},
	{GUEST_TYPE_VM, BACKING_HUGETLB_1G, UNITS_GIB / 2, UNITS_GIB, -EINVAL, "--guest-mem",
	 "512M is not a whole number of 1G pages"},
	{GUEST_TYPE_VM, BACKING_ANON, UNITS_GIB, 3 * UNITS_MIB, -EINVAL, "--chunk",
	 "3M does not divide a guest of 1G"},
	{GUEST_TYPE_VM, BACKING_ANON, 2 * UNITS_MIB, 4 * UNITS_MIB, -EINVAL, "--chunk",
	 "4M does not divide a guest of 2M"},
	{GUEST_TYPE_VM, BACKING_HUGETLB_2M, UNITS_GIB, UNITS_MIB, -EINVAL, "--chunk",
	 "1M is smaller than a page of backing hugetlb-2M"},
	{GUEST_TYPE_VM, BACKING_HUGETLB_1G, UNITS_GIB, 2 * UNITS_MIB, -EINVAL, "--chunk",
	 "2M is smaller than a page of backing hugetlb-1G"},
	{GUEST_TYPE_VM, BACKING_ANON, UNITS_GIB, 2048, -EINVAL, "--chunk",
	 "2K is smaller than a page of backing anon"},
};

/* Allocated is pinned; nothing is registered, and no limit of locked memory counts it. */
START_TEST(snp_cells)
{
	struct plan_request p = usual;
	struct plan_needs needs;
	struct fault f = {0};

	p.guest_type = GUEST_TYPE_SEV_SNP;
	p.mode_count = 2; /* eager, demand */
	p.sev_policy = 1;
	p.kvm_demand = true; /* of SEV guests */
	p.guest_bytes[0] = 64 * UNITS_MIB;
	ck_assert_int_eq(plan_cells(&p, cells, LENGTH(cells), &f), 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq((int)cells[i].mechanism, PIN_MECHANISM_GUEST_MEMFD);
		ck_assert_uint_eq(cells[i].sev_policy, 0x30000);
		ck_assert_uint_eq(cells[i].chunk_bytes, 0);
		plan_needs(&cells[i], false, &needs);
		ck_assert_uint_eq(needs.memlock_bytes, 0);
		if (i == 0)
			ck_assert_uint_eq(needs.pinned_bytes, 64 * UNITS_MIB);
		else
			ck_assert_uint_lt(needs.pinned_bytes, 64 * UNITS_MIB);
	}
	p.prefault_threads[0] = 1;
	ck_assert_int_eq(plan_cells(&p, cells, LENGTH(cells), &f), -EINVAL);
	ck_assert_str_eq(f.op, "--prefault");
	p.prefault_threads[0] = 0;
	p.numa_node = 0;
	ck_assert_int_eq(plan_cells(&p, cells, LENGTH(cells), &f), -EINVAL);
	ck_assert_str_eq(f.op, "--numa-node");
}
END_TEST

/* Bit 2 of the policy goes with the type; a guest with the one and not the other cannot be. */
START_TEST(es_policy)
{
	struct plan_request p = usual;
	struct fault f = {0};

	p.guest_type = GUEST_TYPE_SEV_ES;
	p.sev_policy = 1;
	ck_assert_int_gt(plan_cells(&p, cells, LENGTH(cells), &f), 0);
	ck_assert_uint_eq(cells[0].sev_policy, 5);
	ck_assert_int_eq((int)cells[0].pin_order, PIN_ORDER_REGION_FIRST);
	p.sev_policy = 5;
	ck_assert_int_gt(plan_cells(&p, cells, LENGTH(cells), &f), 0);
	ck_assert_uint_eq(cells[0].sev_policy, 5);
	p.guest_type = GUEST_TYPE_SEV;
	ck_assert_int_eq(plan_cells(&p, cells, LENGTH(cells), &f), -EINVAL);
	ck_assert_str_eq(f.op, "--sev-policy");
	ck_assert_str_eq(f.object, "0x5 asks for SEV-ES (bit 2): take --guest-type sev-es");
	p.sev_policy = 1;
	ck_assert_int_gt(plan_cells(&p, cells, LENGTH(cells), &f), 0);
	ck_assert_uint_eq(cells[0].sev_policy, 1);
}
END_TEST

START_TEST(refused_with_the_reason)
{
	struct plan_request p = usual;
	struct fault f = {0};

	p.guest_type = refusals[_i].type;
	p.backing[0] = refusals[_i].backing;
	/* A good size before the bad one does not hide it. */
	p.size_count = 2;
	p.guest_bytes[1] = refusals[_i].guest_bytes;
	p.chunk_bytes = refusals[_i].chunk_bytes;
	p.mode[0] = PIN_MODE_DEMAND;
	p.mode[1] = PIN_MODE_EAGER;
	ck_assert_int_eq(plan_cells(&p, cells, LENGTH(cells), &f), refusals[_i].result);
	ck_assert_int_eq(f.err, -refusals[_i].result);
	ck_assert_str_eq(f.op, refusals[_i].op);
	ck_assert_msg(strstr(f.object, refusals[_i].part), "\"%s\" does not say \"%s\"", f.object,
		      refusals[_i].part);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {es_policy,
				      snp_cells,
				      each_size_in_each_mode,
				      the_rest_is_handed_on,
				      working_set,
				      notes,
				      smallest_and_largest,
				      lists_combine,
				      guests_at_once_are_a_list,
				      lists_that_come_to_the_same,
				      only_eager_pins_by_threads,
				      too_many_cells};
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("plan");

	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, refused_with_the_reason, 0, (int)LENGTH(refusals));
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
