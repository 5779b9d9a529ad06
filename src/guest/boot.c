// SPDX-License-Identifier: GPL-2.0-or-later
/* boot: the boot area at the start of guest memory. */
#include "sevpinbench/boot.h"

#include "sevpinbench/payload.h"
#include "sevpinbench/random.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Page table entry bits (AMD APM vol. 2, 5.4). Accessed and dirty are set beforehand, so that
   the guest's page walks write nothing. */
#define PTE_PRESENT  (1u << 0)
#define PTE_WRITABLE (1u << 1)
#define PTE_ACCESSED (1u << 5)
#define PTE_DIRTY    (1u << 6)
#define PTE_LARGE    (1u << 7)
#define PTE_TABLE    (PTE_PRESENT | PTE_WRITABLE | PTE_ACCESSED)
#define PTE_LEAF     (PTE_TABLE | PTE_DIRTY)

#define ENTRIES	      512u
#define SPAN_2M	      (2 * UNITS_MIB)
#define SPAN_1G	      UNITS_GIB
#define SPAN_512G     (512 * UNITS_GIB)
#define MAILBOX_PAGES (BOOT_MAILBOX_BYTES / UNITS_PAGE_BYTES)

#define CHECK_OFFSET(field, offset) \
	_Static_assert(offsetof(struct payload_slot, field) == (offset), #field)
CHECK_OFFSET(first_page, PAYLOAD_FIRST_PAGE);
CHECK_OFFSET(pages, PAYLOAD_PAGES);
CHECK_OFFSET(mask, PAYLOAD_MASK);
CHECK_OFFSET(multiplier, PAYLOAD_MULTIPLIER);
CHECK_OFFSET(increment, PAYLOAD_INCREMENT);
CHECK_OFFSET(shift, PAYLOAD_SHIFT);
CHECK_OFFSET(state, PAYLOAD_STATE);
CHECK_OFFSET(low_bytes, PAYLOAD_LOW_BYTES);
CHECK_OFFSET(hole_bytes, PAYLOAD_HOLE_BYTES);
CHECK_OFFSET(flags, PAYLOAD_FLAGS);
CHECK_OFFSET(started, PAYLOAD_STARTED);
CHECK_OFFSET(tsc_first, PAYLOAD_TSC_FIRST);
CHECK_OFFSET(touched, PAYLOAD_TOUCHED);
CHECK_OFFSET(tsc_done, PAYLOAD_TSC_DONE);
CHECK_OFFSET(finished, PAYLOAD_FINISHED);
_Static_assert(sizeof(struct payload_slot) == PAYLOAD_SLOT_BYTES, "slot");
_Static_assert(BOOT_MAX_VCPUS *PAYLOAD_SLOT_BYTES == BOOT_MAILBOX_BYTES, "mailbox");

/* Where each table of a guest lies. */
struct tables {
	uint64_t pml4, pt, pdpt, pd; /* guest physical addresses of the first of each kind */
	uint64_t pdpts, pds;	     /* how many */
	uint64_t end;
};

static uint64_t spans(uint64_t bytes, uint64_t span)
{
	return bytes / span + (bytes % span != 0);
}

/* Tables of so much of a guest's memory. */
static struct tables lay_out(uint64_t bytes, bool pages_1g)
{
	uint64_t top = guest_memory_top_gpa(bytes);
	struct tables t;

	t.pdpts = spans(top, SPAN_512G);
	t.pds = pages_1g ? 1 : spans(top, SPAN_1G); /* the first GiB needs one for its 4K part */
	t.pml4 = BOOT_TABLES_GPA;
	t.pt = t.pml4 + UNITS_PAGE_BYTES;
	t.pdpt = t.pt + UNITS_PAGE_BYTES;
	t.pd = t.pdpt + t.pdpts * UNITS_PAGE_BYTES;
	t.end = t.pd + t.pds * UNITS_PAGE_BYTES;
	return t;
}

/*
 * How far the tables must reach: over themselves, at their largest, and the working set behind
 * them. Tables of all memory would make every start cost by the guest's size, in writing and
 * pinning them.
 */
static uint64_t reach(uint64_t guest_bytes, uint64_t touch_bytes, bool pages_1g)
{
	uint64_t room = guest_bytes - lay_out(guest_bytes, pages_1g).end;

	return touch_bytes < room ? guest_bytes - room + touch_bytes : guest_bytes;
}

uint64_t boot_area_bytes(uint64_t guest_bytes, uint64_t touch_bytes, bool pages_1g)
{
	return lay_out(reach(guest_bytes, touch_bytes, pages_1g), pages_1g).end;
}

uint64_t boot_touch_pages(uint64_t guest_bytes, uint64_t touch_bytes, bool pages_1g)
{
	uint64_t room = guest_bytes - boot_area_bytes(guest_bytes, touch_bytes, pages_1g);

	return (touch_bytes < room ? touch_bytes : room) / UNITS_PAGE_BYTES;
}

static uint64_t *table_at(const struct guest_memory *m, uint64_t gpa)
{
	return (uint64_t *)(void *)(m->host + gpa);
}

static void write_tables(struct guest_memory *m, const struct boot_config *c)
{
	const uint64_t mapped = reach(m->bytes, c->touch_bytes, c->pages_1g);
	const struct tables t = lay_out(mapped, c->pages_1g);
	const uint64_t mask = c->encryption_mask;
	uint64_t gibs = spans(guest_memory_top_gpa(mapped), SPAN_1G);
	uint64_t *table = table_at(m, t.pml4);
	uint64_t i;

	for (i = 0; i < t.pdpts; i++)
		table[i] = (t.pdpt + i * UNITS_PAGE_BYTES) | PTE_TABLE | mask;

	table = table_at(m, t.pdpt); /* the PDPTs lie behind one another */
	for (i = 0; i < gibs; i++)
		table[i] = i < t.pds ? (t.pd + i * UNITS_PAGE_BYTES) | PTE_TABLE | mask
				     : (i * SPAN_1G) | PTE_LEAF | PTE_LARGE | mask;

	table = table_at(m, t.pd); /* and so do the directories */
	table[0] = t.pt | PTE_TABLE | mask;
	for (i = 1; i < t.pds * ENTRIES; i++)
		table[i] = (i * SPAN_2M) | PTE_LEAF | PTE_LARGE | mask;

	table = table_at(m, t.pt);
	for (i = 0; i < ENTRIES; i++)
		table[i] = (i * UNITS_PAGE_BYTES) | PTE_LEAF | (i < MAILBOX_PAGES ? 0 : mask);
}

static struct payload_slot *slot_of(const struct guest_memory *m, uint32_t id)
{
	return (struct payload_slot *)(void *)m->host + id;
}

/* The random order of one share: parameters of a full-period generator over its indices. */
static void set_random(struct payload_slot *s, uint64_t seed)
{
	struct random r = {seed};
	unsigned bits = 1;

	while ((1ULL << bits) < s->pages)
		bits++;
	s->mask = (1ULL << bits) - 1;
	s->multiplier = (random_next(&r) & ~7ULL) | 5; /* full period: 1 mod 4 */
	s->increment = random_next(&r) | 1;	       /* and odd */
	s->state = random_next(&r) & s->mask;
	s->shift = bits / 2 + 1;
	s->flags |= PAYLOAD_FLAG_RANDOM;
}

static void write_slot(struct guest_memory *m, const struct boot_config *c, uint32_t id)
{
	uint64_t pages = boot_touch_pages(m->bytes, c->touch_bytes, c->pages_1g);
	uint64_t first = pages * id / c->vcpus;
	struct payload_slot *s = slot_of(m, id);

	*s = (struct payload_slot){
		.first_page =
			boot_area_bytes(m->bytes, c->touch_bytes, c->pages_1g) / UNITS_PAGE_BYTES +
			first,
		.pages = pages * (id + 1) / c->vcpus - first,
		.low_bytes = GUEST_MEMORY_LOW_BYTES,
		.hole_bytes = GUEST_MEMORY_HIGH_GPA - GUEST_MEMORY_LOW_BYTES,
		.flags = (c->op == TOUCH_OP_READ ? PAYLOAD_FLAG_READ : 0) |
			 (c->halts ? PAYLOAD_FLAG_HALTS : 0) |
			 (c->validates ? PAYLOAD_FLAG_SNP : 0),
	};
	if (c->order == TOUCH_ORDER_RANDOM)
		set_random(s, c->seed + id);
}

void boot_write(struct guest_memory *m, const struct boot_config *c)
{
	uint32_t id;

	memcpy(m->host + BOOT_PAYLOAD_GPA, payload_code, (size_t)(payload_code_end - payload_code));
	write_tables(m, c);
	for (id = 0; id < c->vcpus; id++)
		write_slot(m, c, id);
}

struct vcpu_start boot_start(const struct boot_config *c, uint32_t id)
{
	return (struct vcpu_start){
		.rip = BOOT_PAYLOAD_GPA +
		       (c->halts ? (uint64_t)(payload_code_halting - payload_code) : 0),
		.rdi = id * (uint64_t)sizeof(struct payload_slot),
		.cr3 = BOOT_TABLES_GPA | c->encryption_mask,
	};
}

/* What the payload writes to a page: its guest physical address. */
static bool page_is_written(const struct guest_memory *m, uint64_t page)
{
	uint64_t offset = page * UNITS_PAGE_BYTES;
	uint64_t gpa = offset < GUEST_MEMORY_LOW_BYTES
			       ? offset
			       : offset - GUEST_MEMORY_LOW_BYTES + GUEST_MEMORY_HIGH_GPA;

	return *(const uint64_t *)(const void *)(m->host + offset) == gpa;
}

int boot_verify(const struct guest_memory *m, const struct boot_config *c, uint64_t *touched_pages,
		struct fault *f)
{
	/* Encrypted memory looks like noise from here: only the mailbox tells. */
	bool readable = c->encryption_mask == 0 && c->op == TOUCH_OP_WRITE;
	uint32_t id;

	*touched_pages = 0;
	for (id = 0; id < c->vcpus; id++) {
		const struct payload_slot *s = slot_of(m, id);
		uint64_t last = s->first_page + s->pages - 1;

		*touched_pages += s->touched;
		if (s->started != PAYLOAD_MAGIC_STARTED || s->finished != PAYLOAD_MAGIC_FINISHED ||
		    s->touched != s->pages)
			return fault_set(
				f, EIO, "mailbox",
				"vCPU %u: started %#llx, finished %#llx, %llu of %llu "
				"pages touched",
				id, (unsigned long long)s->started, (unsigned long long)s->finished,
				(unsigned long long)s->touched, (unsigned long long)s->pages);
		if (readable && s->pages > 0 &&
		    (!page_is_written(m, s->first_page) || !page_is_written(m, last)))
			return fault_set(f, EIO, "guest memory",
					 "vCPU %u did not write page %llu or %llu as it said", id,
					 (unsigned long long)s->first_page,
					 (unsigned long long)last);
	}
	return 0;
}
