// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_unmovable: what can the kernel move of a guest's memory, and where is what it cannot? */
#include "context.h"

#include "sevpinbench/host_zones.h"
#include "sevpinbench/pin.h"
#include <errno.h>

#define MIGRATION \
	"Documentation/mm/page_migration.rst; Documentation/core-api/pin_user_pages.rst: FOLL_PIN"
#define LONGTERM                                                               \
	"Documentation/core-api/pin_user_pages.rst: FOLL_LONGTERM; mm/gup.c: " \
	"check_and_migrate_movable_pages(); Documentation/admin-guide/mm/memory-hotplug.rst"

static void test_nodes(struct audit_context *c, struct audit_result *r)
{
	const struct story_moves *pinned, *others;
	const struct story *s;

	if (c->node_count < 2) {
		audit_skip(r, "this host has one NUMA node: there is nowhere to move to");
		return;
	}
	s = context_seen_story(c, STORY_ASKED, r);
	if (!s)
		return;
	pinned = &s->probes.to_node;
	others = &s->probes.others_to_node;
	audit_expect(r, "0 of %llu pages to be pinned move to another node, %llu of %llu others do",
		     (unsigned long long)pinned->tried, (unsigned long long)others->tried,
		     (unsigned long long)others->tried);
	if (s->probes.move_err)
		audit_unseen(r, s->probes.move_err, "move_pages(2)");
	else if (pinned->moved)
		audit_fail(r, consequence_not_pinned, "moved: %llu of %llu pages to be pinned",
			   (unsigned long long)pinned->moved, (unsigned long long)pinned->tried);
	else
		audit_judge(r, others->moved == others->tried, consequence_too_much,
			    "moved: 0 of %llu pages to be pinned, %llu of %llu others",
			    (unsigned long long)pinned->tried, (unsigned long long)others->moved,
			    (unsigned long long)others->tried);
}

/*
 * Which pages compaction moves is its own affair: only what must not move can be wrong. Where it
 * left most of our own alone, it may have left the guest's alone, too, though it could have moved
 * them.
 */
static void test_compaction(struct audit_context *c, struct audit_result *r)
{
	const struct story_moves *pinned, *others, *control;
	const struct story *s = context_seen_story(c, STORY_ASKED, r);

	if (!s)
		return;
	pinned = &s->probes.compacted;
	others = &s->probes.others_compacted;
	control = &s->probes.control_compacted;
	audit_expect(r, "compaction moves 0 of %llu pages to be pinned",
		     (unsigned long long)pinned->tried);
	if (s->probes.compact_err)
		audit_unseen(r, s->probes.compact_err, "/proc/sys/vm/compact_memory");
	else if (pinned->moved)
		audit_fail(r, consequence_not_pinned, "moved: %llu of %llu pages to be pinned",
			   (unsigned long long)pinned->moved, (unsigned long long)pinned->tried);
	else if (pinned->tried == 0 || control->moved < (control->tried + 1) / 2)
		audit_info(
			r,
			"moved: none of %llu pages to be pinned, %llu of %llu others, %llu of %llu "
			"of our own: too few to tell",
			(unsigned long long)pinned->tried, (unsigned long long)others->moved,
			(unsigned long long)others->tried, (unsigned long long)control->moved,
			(unsigned long long)control->tried);
	else
		audit_pass(
			r,
			"moved: none of %llu pages to be pinned, %llu of %llu others, %llu of %llu "
			"of our own",
			(unsigned long long)pinned->tried, (unsigned long long)others->moved,
			(unsigned long long)others->tried, (unsigned long long)control->moved,
			(unsigned long long)control->tried);
}

struct zoned {
	uint64_t pages, before, pinned; /* to be pinned; in ZONE_MOVABLE before that, and then */
};

static struct zoned count_zoned(const struct cell *cell, const struct story *s,
				const struct host_zone *zone, int count)
{
	bool eager = cell->pin == PIN_MODE_EAGER;
	enum moment at = eager ? MOMENT_REGISTERED : MOMENT_TOUCHED;
	struct zoned n = {0};

	for (uint64_t i = 0; i < s->pages; i++) {
		if (expect_page(cell, s, at, i) != EXPECT_PINNED)
			continue;
		n.pages++;
		n.before += host_zones_is_movable(zone, count, s->page[MOMENT_BEFORE][i].frame);
		n.pinned += host_zones_is_movable(zone, count, s->page[at][i].frame);
	}
	return n;
}

/* Of memory that is there before it is pinned, where there is such: it has to be moved first. */
static void test_zone(struct audit_context *c, struct audit_result *r)
{
	bool chunks = pin_has_chunks(c->cell.mechanism);
	struct host_zone zone[HOST_ZONES];
	int count = host_zones_collect(zone, HOST_ZONES), movable = 0;
	const struct story *s;
	struct zoned n;

	for (int i = 0; i < count; i++)
		movable += zone[i].movable;
	if (c->cell.pin == PIN_MODE_NONE || movable == 0) {
		audit_skip(r, c->cell.pin == PIN_MODE_NONE ? "pin mode none pins nothing"
			      : count < 0		   ? "/proc/zoneinfo cannot be read"
					  : "this host has no ZONE_MOVABLE (boot it with "
					    "kernelcore=, movablecore= or movable_node)");
		return;
	}
	s = context_seen_story(c, chunks ? STORY_ASKED : STORY_WRITTEN, r);
	if (!s)
		return;
	n = count_zoned(&c->cell, s, zone, count);
	audit_expect(r, "0 of %llu pages to be pinned in ZONE_MOVABLE",
		     (unsigned long long)n.pages);
	if (n.pinned == 0 && n.before == 0 && !chunks)
		audit_info(r, "0 of %llu pages in ZONE_MOVABLE, also before they were pinned",
			   (unsigned long long)n.pages);
	else
		audit_judge(
			r, n.pinned == 0,
			"memory that the host must be able to clear, to take it out or for large "
			"requests, is blocked for as long as the guest lives",
			"in ZONE_MOVABLE: %llu of %llu pages, %llu of them before they were pinned",
			(unsigned long long)n.pinned, (unsigned long long)n.pages,
			(unsigned long long)n.before);
}

static const struct audit_test tests[] = {
	{"unmovable", "move_pages(2) leaves pinned pages where they are, and moves the others",
	 MIGRATION, test_nodes},
	{"unmovable-compaction",
	 "compaction of the host's memory leaves pinned pages where they are", MIGRATION,
	 test_compaction},
	{"unmovable-zone",
	 "pages are moved out of ZONE_MOVABLE before they are pinned for the long term", LONGTERM,
	 test_zone},
};

const struct audit_subject audit_unmovable = {"unmovable", tests, LENGTH(tests)};
