// SPDX-License-Identifier: GPL-2.0-or-later
/* expect: which pages of a guest should be pinned when. */
#include "sevpinbench/boot.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/units.h"
#include "story.h"

#define MAILBOX_PAGES (BOOT_MAILBOX_BYTES / UNITS_PAGE_BYTES)
#define HUGE_PAGES    512
#define LAST_PAGES    2 /* an SEV-SNP guest's CPUID table and secrets */

/* Pages from the start of memory on that host or guest have used by then. */
static uint64_t reach(const struct story *s, enum moment m)
{
	if (m < MOMENT_LAUNCHED)
		return 0;
	return m < MOMENT_TOUCHED ? s->boot_pages : s->boot_pages + s->touch_pages;
}

/* What comes with a page that is pinned on demand: its chunk, or the huge page that it is in. */
static uint64_t unit_pages(const struct cell *cell)
{
	if (pin_has_chunks(cell->mechanism))
		return cell->chunk_bytes / UNITS_PAGE_BYTES;
	return cell->backing == BACKING_ANON ? 1 : HUGE_PAGES;
}

enum expectation expect_page(const struct cell *cell, const struct story *s, enum moment m,
			     uint64_t page)
{
	bool chunks = pin_has_chunks(cell->mechanism);
	uint64_t end = reach(s, m), unit = unit_pages(cell);

	if (cell->pin == PIN_MODE_NONE || m == MOMENT_BEFORE)
		return EXPECT_FREE;
	if (cell->pin == PIN_MODE_EAGER)
		return EXPECT_PINNED;
	/* The mailbox is no private memory; the last pages are part of the launch. */
	if (cell->mechanism == PIN_MECHANISM_GUEST_MEMFD && page < MAILBOX_PAGES)
		return EXPECT_FREE;
	if (cell->mechanism == PIN_MECHANISM_GUEST_MEMFD && page + LAST_PAGES >= s->pages)
		return end > 0 ? EXPECT_PINNED : EXPECT_FREE;
	/* Of the mailbox a guest touches the slots of the vCPUs that it has. */
	if (page < MAILBOX_PAGES && end > 0 && !chunks)
		return EXPECT_EITHER;
	if (page < end)
		return EXPECT_PINNED;
	if (page < (end + unit - 1) / unit * unit)
		return chunks ? EXPECT_PINNED : EXPECT_EITHER;
	return EXPECT_FREE;
}

struct expect_range expect_pages(const struct cell *cell, const struct story *s, enum moment m)
{
	struct expect_range range = {0, 0};

	for (uint64_t i = 0; i < s->pages; i++) {
		enum expectation e = expect_page(cell, s, m, i);

		range.least += e == EXPECT_PINNED;
		range.most += e != EXPECT_FREE;
	}
	return range;
}
