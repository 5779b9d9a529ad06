// SPDX-License-Identifier: GPL-2.0-or-later
/* test_plan_needs: what a cell needs of the host, in exact numbers. */
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define PAGES(n) ((n)*4096ULL)
#define FIXED	 (32 * UNITS_MIB)
#define RING	 (64 * UNITS_KIB)

/* Without memlock_bytes, which follow. 1G guests, but for the last rows; the touch is 10%, 26,214
 * pages, or all; the boot area 9. */
static const struct {
	const char *what;
	struct cell cell;
	bool pages_1g;
	struct plan_needs needs;
} needs[] = {
	{"eager",
	 {.pin = PIN_MODE_EAGER, .mechanism = PIN_MECHANISM_IO_URING},
	 false,
	 {.pinned_bytes = UNITS_GIB,
	  .resident_bytes = UNITS_GIB,
	  .table_bytes = 262144 * (12 + 24),
	  .touch_pages = 26214,
	  .rings = 1,
	  .files = 32}},
	{"demand: 26,223 pages are 51.2 chunks",
	 {.pin = PIN_MODE_DEMAND,
	  .mechanism = PIN_MECHANISM_USERFAULT,
	  .chunk_bytes = 2 * UNITS_MIB},
	 false,
	 {.pinned_bytes = 52 * 2 * UNITS_MIB,
	  .resident_bytes = 52 * 2 * UNITS_MIB,
	  .table_bytes = 262144 * 12 + 26624 * 24,
	  .touch_pages = 26214,
	  .rings = 1,
	  .files = 32}},
	{"demand by the page",
	 {.pin = PIN_MODE_DEMAND, .mechanism = PIN_MECHANISM_USERFAULT, .chunk_bytes = 4096},
	 false,
	 {.pinned_bytes = PAGES(26223),
	  .resident_bytes = PAGES(26223),
	  .table_bytes = 262144 * 12 + 26223 * 24,
	  .touch_pages = 26214,
	  .rings = 3,
	  .files = 34}},
	{"demand by the page, all of them",
	 {.pin = PIN_MODE_DEMAND,
	  .mechanism = PIN_MECHANISM_USERFAULT,
	  .chunk_bytes = 4096,
	  .touch_bytes = UNITS_GIB},
	 false,
	 {.pinned_bytes = UNITS_GIB,
	  .resident_bytes = UNITS_GIB,
	  .table_bytes = 262144 * (12 + 24),
	  .touch_pages = 262135,
	  .rings = 17,
	  .files = 48}},
	{"none",
	 {.pin = PIN_MODE_NONE},
	 false,
	 {.resident_bytes = PAGES(26223),
	  .table_bytes = 262144 * 12 + 26223 * 24,
	  .touch_pages = 26214,
	  .files = 32}},
	{"none, prefaulted",
	 {.pin = PIN_MODE_NONE, .prefault_threads = 1},
	 false,
	 {.resident_bytes = UNITS_GIB,
	  .table_bytes = 262144 * (12 + 24),
	  .touch_pages = 26214,
	  .files = 32}},
	{"none, thp",
	 {.pin = PIN_MODE_NONE, .backing = BACKING_THP},
	 false,
	 {.resident_bytes = 52 * 2 * UNITS_MIB,
	  .table_bytes = 262144 * 12 + 26624 * 24,
	  .touch_pages = 26214,
	  .files = 32}},
	{"none, hugetlb-2M",
	 {.pin = PIN_MODE_NONE, .backing = BACKING_HUGETLB_2M},
	 false,
	 {.resident_bytes = 52 * 2 * UNITS_MIB,
	  .table_bytes = 262144 * 12 + 26624 * 24,
	  .huge_pages = 52,
	  .touch_pages = 26214,
	  .files = 32}},
	{"eager, hugetlb-2M",
	 {.pin = PIN_MODE_EAGER,
	  .mechanism = PIN_MECHANISM_IO_URING,
	  .backing = BACKING_HUGETLB_2M},
	 false,
	 {.pinned_bytes = UNITS_GIB,
	  .resident_bytes = UNITS_GIB,
	  .table_bytes = 262144 * (12 + 24),
	  .huge_pages = 512,
	  .touch_pages = 26214,
	  .rings = 1,
	  .files = 32}},
	{"demand, hugetlb-1G",
	 {.pin = PIN_MODE_DEMAND,
	  .mechanism = PIN_MECHANISM_USERFAULT,
	  .backing = BACKING_HUGETLB_1G,
	  .chunk_bytes = UNITS_GIB,
	  .guest_bytes = 4 * UNITS_GIB,
	  .touch_bytes = UNITS_GIB},
	 false,
	 /* A GiB behind the boot area reaches into the second page. */
	 {.pinned_bytes = 2 * UNITS_GIB,
	  .resident_bytes = 2 * UNITS_GIB,
	  .table_bytes = 1048576 * 12 + 524288 * 24,
	  .huge_pages = 2,
	  .touch_pages = 262144,
	  .rings = 1,
	  .files = 32}},
	{"demand, prefaulted through the alias",
	 {.pin = PIN_MODE_DEMAND,
	  .mechanism = PIN_MECHANISM_USERFAULT,
	  .backing = BACKING_MEMFD,
	  .chunk_bytes = 2 * UNITS_MIB,
	  .prefault_threads = 2},
	 false,
	 {.pinned_bytes = 52 * 2 * UNITS_MIB,
	  .resident_bytes = UNITS_GIB,
	  .table_bytes = 262144 * (12 + 24),
	  .touch_pages = 26214,
	  .rings = 1,
	  .files = 32}},
	{"64G, 2M page tables: 9 pages of boot area, for what is touched",
	 {.pin = PIN_MODE_NONE, .guest_bytes = 64 * UNITS_GIB, .touch_bytes = UNITS_MIB},
	 false,
	 {.resident_bytes = PAGES(9 + 256),
	  .table_bytes = 16777216 * 12 + 265 * 24,
	  .touch_pages = 256,
	  .files = 32}},
	{"64G, 1G page tables",
	 {.pin = PIN_MODE_NONE, .guest_bytes = 64 * UNITS_GIB, .touch_bytes = UNITS_MIB},
	 true,
	 {.resident_bytes = PAGES(9 + 256),
	  .table_bytes = 16777216 * 12 + 265 * 24,
	  .touch_pages = 256,
	  .files = 32}},
	{"64G in 4K chunks: more rings than one can have files for, by default",
	 {.pin = PIN_MODE_DEMAND,
	  .mechanism = PIN_MECHANISM_USERFAULT,
	  .chunk_bytes = 4096,
	  .guest_bytes = 64 * UNITS_GIB,
	  .touch_bytes = 64 * UNITS_GIB},
	 true,
	 {.pinned_bytes = 64 * UNITS_GIB,
	  .resident_bytes = 64 * UNITS_GIB,
	  .table_bytes = 16777216ULL * (12 + 24),
	  .touch_pages = 16777207,
	  .rings = 1025,
	  .files = 1056}},
	{"thp, no more than the guest has",
	 {.pin = PIN_MODE_NONE,
	  .backing = BACKING_THP,
	  .guest_bytes = 3 * UNITS_MIB,
	  .touch_bytes = 3 * UNITS_MIB},
	 false,
	 {.resident_bytes = 3 * UNITS_MIB,
	  .table_bytes = 768 * (12 + 24),
	  .touch_pages = 759,
	  .files = 32}},
};

START_TEST(needs_in_numbers)
{
	struct plan_needs e = needs[_i].needs;
	struct cell c = needs[_i].cell;
	struct plan_needs n;

	if (c.guest_bytes == 0)
		c.guest_bytes = UNITS_GIB;
	if (c.touch_bytes == 0)
		c.touch_bytes = PAGES(26214);
	e.kernel_bytes = e.table_bytes + FIXED;
	e.memlock_bytes = e.pinned_bytes + e.rings * RING;
	e.files += 2 * (uint64_t)c.vcpus; /* the vCPU, and KVM's figures about it */
	memset(&n, 0x5a, sizeof(n));
	plan_needs(&c, needs[_i].pages_1g, &n);
	ck_assert_msg(memcmp(&n, &e, sizeof(n)) == 0,
		      "%s: pinned %llu, memlock %llu, resident %llu, tables %llu, kernel %llu, "
		      "huge %llu, "
		      "touch %llu, files %llu, rings %llu",
		      needs[_i].what, (unsigned long long)n.pinned_bytes,
		      (unsigned long long)n.memlock_bytes, (unsigned long long)n.resident_bytes,
		      (unsigned long long)n.table_bytes, (unsigned long long)n.kernel_bytes,
		      (unsigned long long)n.huge_pages, (unsigned long long)n.touch_pages,
		      (unsigned long long)n.files, (unsigned long long)n.rings);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan needs");
	TCase *tcase = tcase_create("plan needs");

	tcase_add_loop_test(tcase, needs_in_numbers, 0, (int)LENGTH(needs));
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
