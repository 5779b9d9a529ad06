// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_boot: the boot area as the guest's CPU would see it. Page tables are walked in software for
 * guests of many sizes; what the payload does is played, truthfully and not.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/boot.h"
#include "sevpinbench/payload.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define LOOKED_AT (16 * UNITS_MIB) /* where writes behind the boot area are looked for */

/* Page table bits, here once more on purpose: AMD APM vol. 2, 5.4. */
#define PRESENT	 0x01u
#define WRITABLE 0x02u
#define ACCESSED 0x20u
#define DIRTY	 0x40u
#define LARGE	 0x80u
#define ADDRESS	 0x000ffffffffff000ULL

static struct guest_memory memory = GUEST_MEMORY_CLOSED;

static void open_memory(uint64_t bytes)
{
	struct fault f = {0};
	int r = guest_memory_open(&memory, BACKING_ANON, bytes, -1, false, &f);

	ck_assert_msg(r == 0, "%s %s: %s", f.op, f.object, strerror(-r));
}

static void close_memory(void)
{
	guest_memory_close(&memory);
}

static struct payload_slot *slot(uint32_t id)
{
	return (struct payload_slot *)(void *)(memory.host + (size_t)id * PAYLOAD_SLOT_BYTES);
}

/* ---- sizes ---- */

static const struct {
	uint64_t guest_bytes;
	bool pages_1g;
	uint64_t boot_bytes;
} areas[] = {
	/* Tables from 0x5000 on: PML4, one page table, PDPTs, and page directories. */
	{2 * UNITS_MIB, false, 0x9000},
	{64 * UNITS_MIB, false, 0x9000},
	{64 * UNITS_MIB, true, 0x9000},
	{UNITS_GIB, false, 0x9000},
	{UNITS_GIB, true, 0x9000},
	{UNITS_GIB + UNITS_PAGE_BYTES, false, 0xa000},
	{2 * UNITS_GIB, false, 0xa000},
	/* The top is at 5 GiB from here on: the hole is mapped too. */
	{2 * UNITS_GIB + UNITS_PAGE_BYTES, false, 0xd000},
	{3 * UNITS_GIB, false, 0xd000},
	{3 * UNITS_GIB, true, 0x9000},
	{64 * UNITS_GIB, false, 0x5000 + (3 + 66) * 4096},
	{64 * UNITS_GIB, true, 0x9000},
	{510 * UNITS_GIB, false, 0x5000 + (3 + 512) * 4096},
	{512 * UNITS_GIB, false, 0x5000 + (4 + 514) * 4096},
	{512 * UNITS_GIB, true, 0xa000},
	{8191 * UNITS_GIB, false, 0x5000 + (2 + 17 + 8193) * 4096},
};

START_TEST(area_has_room_for_its_tables)
{
	ck_assert_uint_eq(boot_area_bytes(areas[_i].guest_bytes, UINT64_MAX, areas[_i].pages_1g),
			  areas[_i].boot_bytes);
	ck_assert_uint_lt(areas[_i].boot_bytes, areas[_i].guest_bytes);
}
END_TEST

/* It is that of the working set, however large the guest. */
START_TEST(area_does_not_grow_with_the_guest)
{
	static const struct {
		uint64_t guest_bytes, touch_bytes, boot_bytes;
	} row[] = {
		{UNITS_GIB, 64 * UNITS_MIB, 0x9000},
		{64 * UNITS_GIB, 0, 0x9000},
		{1024 * UNITS_GIB, 64 * UNITS_MIB, 0x9000},
		{8191 * UNITS_GIB, 64 * UNITS_MIB, 0x9000},
		/* Where the tables, at their largest, and it end in another GiB. */
		{64 * UNITS_GIB, UNITS_GIB, 0xa000},
		{64 * UNITS_GIB, UNITS_GIB - 0x5000 - (3 + 66) * 4096, 0x9000},
		{64 * UNITS_GIB, UNITS_GIB - 0x5000 - (3 + 66) * 4096 + 1, 0xa000},
		{64 * UNITS_GIB, 2 * UNITS_GIB, 0xd000},
	};

	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_uint_eq(boot_area_bytes(row[i].guest_bytes, row[i].touch_bytes, false),
				  row[i].boot_bytes);
}
END_TEST

START_TEST(touch_pages_are_behind_the_area)
{
	static const struct {
		uint64_t guest_bytes, touch_bytes, pages;
	} row[] = {
		{64 * UNITS_MIB, 0, 0},
		{64 * UNITS_MIB, 4095, 0},
		{64 * UNITS_MIB, 4096, 1},
		{64 * UNITS_MIB, 10 * UNITS_MIB, 2560},
		/* Cut at the end of memory: 16384 pages less 9 of the boot area. */
		{64 * UNITS_MIB, 64 * UNITS_MIB, 16375},
		{64 * UNITS_MIB, 64 * UNITS_MIB - 9 * 4096, 16375},
		{64 * UNITS_MIB, 64 * UNITS_MIB - 10 * 4096, 16374},
		{64 * UNITS_MIB, UINT64_MAX, 16375},
		{2 * UNITS_MIB, 2 * UNITS_MIB, 503},
	};

	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_uint_eq(boot_touch_pages(row[i].guest_bytes, row[i].touch_bytes, false),
				  row[i].pages);
}
END_TEST

/* ---- page tables ---- */

static const uint64_t walked_bytes[] = {
	2 * UNITS_MIB, 64 * UNITS_MIB, UNITS_GIB, 3 * UNITS_GIB, 64 * UNITS_GIB, 512 * UNITS_GIB,
};
#define WALKED_SMALL 3 /* of them are small enough for any checker of memory */

struct leaf {
	uint64_t gpa, bytes;
};

/*
 * Each ck_assert_() is a message to the runner, too much for each of a million entries: what must
 * hold for all of them is asked this way.
 */
#define REQUIRE(condition, gpa, value)                                                             \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg("%#llx: %#llx is not " #condition, (unsigned long long)(gpa), \
				     (unsigned long long)(value));                                 \
	} while (0)

/* Follow one entry: what it says must be right, whatever it points to. Its address is returned. */
static uint64_t check_entry(uint64_t entry, bool is_leaf, uint64_t mask, uint64_t gpa)
{
	uint64_t bits = PRESENT | WRITABLE | ACCESSED | (is_leaf ? DIRTY : 0);
	bool mailbox = is_leaf && !(entry & LARGE) && gpa < BOOT_MAILBOX_BYTES;

	REQUIRE((entry & bits) == bits, gpa, entry);
	REQUIRE((entry & mask) == (mailbox ? 0 : mask), gpa, entry);
	REQUIRE((entry & ~(ADDRESS | LARGE | bits)) == 0, gpa, entry);
	return entry & ADDRESS & ~mask;
}

/* The page that maps gpa; bytes 0 where there is none. */
static struct leaf walk(uint64_t cr3, uint64_t mask, uint64_t end, uint64_t gpa)
{
	uint64_t table = cr3 & ADDRESS & ~mask;
	int shift;

	for (shift = 39; shift >= 12; shift -= 9) {
		const uint64_t *entries = (const uint64_t *)(const void *)(memory.host + table);
		uint64_t entry = entries[(gpa >> shift) & 511];
		bool is_leaf = shift == 12 || (entry & LARGE);

		if (entry == 0)
			break;
		table = check_entry(entry, is_leaf, mask, gpa);
		if (is_leaf)
			return (struct leaf){table, 1ULL << shift};
		REQUIRE(table >= BOOT_TABLES_GPA && table < end, gpa, table);
	}
	return (struct leaf){0, 0};
}

/* Every address of the guest maps to itself, in the pages that it should. */
static void walk_all(uint64_t bytes, bool pages_1g, uint64_t mask)
{
	const struct boot_config c = {
		.pages_1g = pages_1g, .encryption_mask = mask, .vcpus = 1, .touch_bytes = bytes};
	uint64_t top = guest_memory_top_gpa(bytes), gpa = 0, leaves = 0, huge = 0;
	uint64_t end = boot_area_bytes(bytes, bytes, pages_1g), cr3;
	struct leaf leaf;

	open_memory(bytes);
	boot_write(&memory, &c);
	cr3 = boot_start(&c, 0).cr3;
	ck_assert_uint_eq(cr3, BOOT_TABLES_GPA | mask);
	for (leaf = walk(cr3, mask, end, 0); leaf.bytes; leaf = walk(cr3, mask, end, gpa)) {
		REQUIRE(leaf.gpa == gpa, gpa, leaf.gpa);
		leaves++;
		huge += leaf.bytes == UNITS_GIB;
		gpa += leaf.bytes;
	}
	/* All of memory, and nothing beyond the GiB in which it ends. */
	ck_assert_uint_eq(gpa, (top + UNITS_GIB - 1) / UNITS_GIB * UNITS_GIB);
	/* The first 2 MiB in 4K pages; with 1G pages, only the rest of that GiB in 2M ones. */
	ck_assert_uint_eq(huge, pages_1g ? gpa / UNITS_GIB - 1 : 0);
	ck_assert_uint_eq(leaves - huge, pages_1g ? 512 + 511 : 512 + gpa / (2 * UNITS_MIB) - 1);
	close_memory();
}

START_TEST(tables_map_one_to_one)
{
	static const uint64_t masks[] = {0, 1ULL << 47, 1ULL << 51};

	for (size_t i = 0; i < LENGTH(masks); i++) {
		walk_all(walked_bytes[_i], false, masks[i]);
		walk_all(walked_bytes[_i], true, masks[i]);
	}
}
END_TEST

/* What lies behind the boot area is not touched: it may be absent, and pinned on demand only. */
START_TEST(nothing_is_written_behind)
{
	static unsigned char present[LOOKED_AT / UNITS_PAGE_BYTES];
	uint64_t bytes = walked_bytes[_i], i;
	const struct boot_config c = {
		.vcpus = BOOT_MAX_VCPUS, .touch_bytes = bytes, .order = TOUCH_ORDER_RANDOM};
	uint64_t end = boot_area_bytes(bytes, bytes, false) / UNITS_PAGE_BYTES;
	uint64_t pages = units_pages(bytes < LOOKED_AT ? bytes : LOOKED_AT);

	open_memory(bytes);
	boot_write(&memory, &c);
	ck_assert_int_eq(mincore(memory.host, pages * UNITS_PAGE_BYTES, present), 0);
	for (i = 0; i < pages; i++)
		REQUIRE((present[i] & 1) == (i < end), i * UNITS_PAGE_BYTES, present[i]);
}
END_TEST

START_TEST(vcpus_start_at_the_payload)
{
	const struct boot_config c = {.encryption_mask = 1ULL << 51, .vcpus = BOOT_MAX_VCPUS};
	size_t code_bytes = (size_t)(payload_code_end - payload_code);

	ck_assert_uint_gt(code_bytes, 0);
	ck_assert_uint_le(code_bytes, BOOT_TABLES_GPA - BOOT_PAYLOAD_GPA);
	open_memory(4 * UNITS_MIB);
	boot_write(&memory, &c);
	ck_assert_mem_eq(memory.host + BOOT_PAYLOAD_GPA, payload_code, code_bytes);
	for (uint32_t id = 0; id < c.vcpus; id++) {
		struct vcpu_start s = boot_start(&c, id);

		ck_assert_uint_eq(s.rip, 0x4000);
		ck_assert_uint_eq(s.rdi, id * 128ULL);
		ck_assert_uint_eq(s.cr3, 0x5000 | 1ULL << 51);
	}
}
END_TEST

/* ---- the shares of the vCPUs ---- */

static const struct {
	uint32_t vcpus;
	uint64_t touch_bytes;
} shares[] = {
	{1, 4096}, {1, 1000 * 4096},  {2, 1001 * 4096},	     {3, 1000 * 4096},
	{7, 4096}, {128, 100 * 4096}, {128, 16 * UNITS_MIB}, {5, 0},
};

START_TEST(shares_cover_the_working_set)
{
	const struct boot_config c = {.vcpus = shares[_i].vcpus,
				      .touch_bytes = shares[_i].touch_bytes,
				      .op = TOUCH_OP_READ};
	uint64_t next = 9, pages, least = UINT64_MAX, most = 0;

	open_memory(16 * UNITS_MIB);
	pages = boot_touch_pages(memory.bytes, c.touch_bytes, false);
	boot_write(&memory, &c);
	for (uint32_t id = 0; id < c.vcpus; id++) {
		const struct payload_slot *s = slot(id);

		ck_assert_uint_eq(s->first_page, next);
		next += s->pages;
		least = s->pages < least ? s->pages : least;
		most = s->pages > most ? s->pages : most;
		ck_assert_uint_eq(s->flags, PAYLOAD_FLAG_READ);
		ck_assert_uint_eq(s->low_bytes, 2 * UNITS_GIB);
		ck_assert_uint_eq(s->hole_bytes, 2 * UNITS_GIB);
		ck_assert_uint_eq(s->started | s->touched | s->finished, 0);
	}
	ck_assert_uint_eq(next, 9 + pages);
	ck_assert_uint_le(most - least, 1);
}
END_TEST

/* The sequence of payload.h, from the numbers in the slot: every page of the share once. */
static uint64_t visit_all(const struct payload_slot *s, unsigned char *seen, uint64_t *in_place)
{
	uint64_t state = s->state, index, visited, steps = 0;

	memset(seen, 0, s->pages);
	*in_place = 0;
	for (visited = 0; visited < s->pages; steps++) {
		REQUIRE(steps <= s->mask, s->pages, steps);
		state = (state * s->multiplier + s->increment) & s->mask;
		index = state ^ (state >> s->shift);
		if (index >= s->pages)
			continue;
		REQUIRE(!seen[index], s->pages, index);
		seen[index] = 1;
		*in_place += index == visited++;
	}
	return state;
}

static const uint64_t random_pages[] = {1, 2, 3, 4, 5, 64, 100, 1000, 1024, 1025, 4000};

START_TEST(random_order_visits_each_page_once)
{
	static unsigned char seen[4096];
	struct boot_config c = {.vcpus = 2, .order = TOUCH_ORDER_RANDOM};
	uint64_t pages = random_pages[_i], in_place, end[2];
	struct payload_slot first;

	open_memory(64 * UNITS_MIB);
	c.touch_bytes = 2 * pages * UNITS_PAGE_BYTES;
	for (c.seed = 0; c.seed < 20; c.seed++) {
		boot_write(&memory, &c);
		for (uint32_t id = 0; id < 2; id++) {
			ck_assert_uint_eq(slot(id)->flags, PAYLOAD_FLAG_RANDOM);
			ck_assert_uint_eq(slot(id)->pages, pages);
			ck_assert_uint_lt(slot(id)->mask / 2, pages);
			end[id] = visit_all(slot(id), seen, &in_place);
			/* No sequence in disguise: by chance one page is where it would be. */
			if (pages >= 64)
				ck_assert_uint_le(in_place, 8);
		}
		if (pages >= 64)
			ck_assert(end[0] != end[1] || slot(0)->state != slot(1)->state);
	}
	/* The seed alone decides. */
	first = *slot(0);
	boot_write(&memory, &c);
	ck_assert_mem_ne(slot(0), &first, sizeof(first));
	c.seed--;
	boot_write(&memory, &c);
	ck_assert_mem_eq(slot(0), &first, sizeof(first));
}
END_TEST

/* ---- what the guest says of itself ---- */

static uint64_t *page_at(uint64_t page)
{
	return (uint64_t *)(void *)(memory.host + page * UNITS_PAGE_BYTES);
}

/* Play the payload, at the ends of each share. */
static void play(const struct boot_config *c)
{
	for (uint32_t id = 0; id < c->vcpus; id++) {
		struct payload_slot *s = slot(id);
		const uint64_t ends[] = {s->first_page, s->first_page + s->pages - 1};

		s->started = PAYLOAD_MAGIC_STARTED;
		s->touched = s->pages;
		s->finished = PAYLOAD_MAGIC_FINISHED;
		for (size_t i = 0; i < LENGTH(ends) && s->pages && c->op == TOUCH_OP_WRITE; i++) {
			uint64_t offset = ends[i] * UNITS_PAGE_BYTES;

			*page_at(ends[i]) =
				offset < 2 * UNITS_GIB ? offset : offset + 2 * UNITS_GIB;
		}
	}
}

static const struct boot_config truths[] = {
	{.vcpus = 1, .touch_bytes = 4096},
	{.vcpus = 1, .touch_bytes = 8 * UNITS_MIB},
	{.vcpus = 3, .touch_bytes = 1000 * 4096},
	{.vcpus = 3, .touch_bytes = 1000 * 4096, .op = TOUCH_OP_READ},
	{.vcpus = 3, .touch_bytes = 1000 * 4096, .order = TOUCH_ORDER_RANDOM},
	{.vcpus = 128, .touch_bytes = 5 * 4096},
	{.vcpus = 4, .touch_bytes = 0},
	/* The last page is above the hole, and holds an address from 4 GiB on. */
	{.vcpus = 1, .touch_bytes = 8 * UNITS_GIB},
};

START_TEST(truth_is_believed)
{
	const struct boot_config *c = &truths[_i];
	struct fault f = {0};
	uint64_t touched = 1;

	open_memory(2 * UNITS_GIB + 8 * UNITS_MIB);
	boot_write(&memory, c);
	play(c);
	ck_assert_int_eq(boot_verify(&memory, c, &touched, &f), 0);
	ck_assert(!fault_is_set(&f));
	ck_assert_uint_eq(touched, boot_touch_pages(memory.bytes, c->touch_bytes, false));
}
END_TEST

/* vCPU 1 of 3 lies; each way of it is a row. */
static void not_started(struct payload_slot *s)
{
	s->started = 0;
}
static void started_wrong(struct payload_slot *s)
{
	s->started ^= 1;
}
static void not_finished(struct payload_slot *s)
{
	s->finished = 0;
}
static void touched_none(struct payload_slot *s)
{
	s->touched = 0;
}
static void touched_one_less(struct payload_slot *s)
{
	s->touched--;
}
static void touched_one_more(struct payload_slot *s)
{
	s->touched++;
}
static void first_not_written(struct payload_slot *s)
{
	*page_at(s->first_page) = 0;
}
static void first_written_wrong(struct payload_slot *s)
{
	*page_at(s->first_page) ^= 1ULL << 32;
}
static void last_not_written(struct payload_slot *s)
{
	*page_at(s->first_page + s->pages - 1) = 0;
}

static const struct {
	void (*tell)(struct payload_slot *s);
	bool in_mailbox; /* else seen in memory alone, and only where that can be read */
} lies[] = {
	{not_started, true},	    {started_wrong, true},	  {not_finished, true},
	{touched_none, true},	    {touched_one_less, true},	  {touched_one_more, true},
	{first_not_written, false}, {first_written_wrong, false}, {last_not_written, false},
};

static int verify_lie(struct boot_config *c, struct fault *f)
{
	uint64_t touched;

	boot_write(&memory, c);
	play(c);
	lies[c->seed].tell(slot(1));
	*f = (struct fault){0};
	return boot_verify(&memory, c, &touched, f);
}

START_TEST(lies_are_seen)
{
	struct boot_config c = {.vcpus = 3, .touch_bytes = 1000 * 4096, .seed = (uint64_t)_i};
	struct fault f;

	open_memory(64 * UNITS_MIB);
	ck_assert_int_eq(verify_lie(&c, &f), -EIO);
	ck_assert_int_eq(f.err, EIO);
	ck_assert_str_eq(f.op, lies[_i].in_mailbox ? "mailbox" : "guest memory");
	ck_assert_ptr_nonnull(strstr(f.object, "vCPU 1"));

	/* Reads leave no trace, and encrypted memory cannot be read. */
	c.op = TOUCH_OP_READ;
	ck_assert_int_eq(verify_lie(&c, &f), lies[_i].in_mailbox ? -EIO : 0);
	c.op = TOUCH_OP_WRITE;
	c.encryption_mask = 1ULL << 47;
	ck_assert_int_eq(verify_lie(&c, &f), lies[_i].in_mailbox ? -EIO : 0);
}
END_TEST

static Suite *boot_suite(void)
{
	Suite *suite = suite_create("boot");
	TCase *sizes = tcase_create("sizes"), *tables = tcase_create("tables");
	TCase *big = tcase_create("tables of big guests"), *slots = tcase_create("mailbox");

	tcase_add_loop_test(sizes, area_has_room_for_its_tables, 0, (int)LENGTH(areas));
	tcase_add_test(sizes, area_does_not_grow_with_the_guest);
	tcase_add_test(sizes, touch_pages_are_behind_the_area);
	suite_add_tcase(suite, sizes);
	tcase_add_checked_fixture(tables, NULL, close_memory);
	tcase_add_loop_test(tables, tables_map_one_to_one, 0, WALKED_SMALL);
	tcase_add_loop_test(tables, nothing_is_written_behind, 0, WALKED_SMALL);
	tcase_add_test(tables, vcpus_start_at_the_payload);
	suite_add_tcase(suite, tables);
	/* A memory checker keeps books on memory by its size: not for these. */
	tcase_set_tags(big, "slow");
	tcase_set_timeout(big, 60);
	tcase_add_checked_fixture(big, NULL, close_memory);
	tcase_add_loop_test(big, tables_map_one_to_one, WALKED_SMALL, (int)LENGTH(walked_bytes));
	tcase_add_loop_test(big, nothing_is_written_behind, WALKED_SMALL,
			    (int)LENGTH(walked_bytes));
	suite_add_tcase(suite, big);
	tcase_add_checked_fixture(slots, NULL, close_memory);
	tcase_add_loop_test(slots, shares_cover_the_working_set, 0, (int)LENGTH(shares));
	tcase_add_loop_test(slots, random_order_visits_each_page_once, 0,
			    (int)LENGTH(random_pages));
	tcase_add_loop_test(slots, truth_is_believed, 0, (int)LENGTH(truths));
	tcase_add_loop_test(slots, lies_are_seen, 0, (int)LENGTH(lies));
	suite_add_tcase(suite, slots);
	return suite;
}

int main(void)
{
	return run_suite(boot_suite());
}
