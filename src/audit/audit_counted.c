// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_counted: do pins appear in the kernel's counts when, where and as many as they should? */
#include "context.h"

#include <errno.h>
#include <stdio.h>

#define VMSTAT \
	"Documentation/core-api/pin_user_pages.rst: nr_foll_pin_acquired, nr_foll_pin_released"

static void judge_count(struct audit_result *r, int64_t found, struct expect_range want)
{
	audit_expect(r, "%lld to %lld pages", (long long)want.least, (long long)want.most);
	if (want.least == want.most)
		audit_expect(r, "%lld pages", (long long)want.least);
	if (found < 0)
		audit_unseen(r, -EACCES, "the pin counters");
	else if (found < want.least)
		audit_fail(r, consequence_not_pinned, "%lld pages", (long long)found);
	else
		audit_judge(r, found <= want.most, consequence_too_much, "%lld pages",
			    (long long)found);
}

/* What the kernel counts of this guest's pins. */
static int64_t counted(const struct audit_context *c, const struct story *s, enum pin_boundary b)
{
	return c->cell.mechanism == PIN_MECHANISM_GUEST_MEMFD
		       ? story_allocated(s, b)
		       : story_rise(s, b, context_by_vmpin(c));
}

static void at_boundary(struct audit_context *c, struct audit_result *r, enum pin_boundary b,
			enum moment m)
{
	const struct story *s = context_story(c, STORY_ASKED, r);

	if (s)
		judge_count(r, counted(c, s, b), expect_pages(&c->cell, s, m));
}

static void test_registered(struct audit_context *c, struct audit_result *r)
{
	at_boundary(c, r, PIN_BOUNDARY_AFTER_PIN, MOMENT_REGISTERED);
}

static void test_started(struct audit_context *c, struct audit_result *r)
{
	at_boundary(c, r, PIN_BOUNDARY_FIRST_INSTRUCTION, MOMENT_STARTED);
}

/* One guest each for no page, one, half and all; one that is wrong is enough. */
static void test_touched(struct audit_context *c, struct audit_result *r)
{
	static const enum story_name names[] = {STORY_IDLE, STORY_ONE, STORY_ASKED, STORY_ALL};
	char expected[AUDIT_TEXT] = "", found[AUDIT_TEXT] = "";
	struct audit_result one, worst = {.verdict = AUDIT_PASS};
	size_t used[2] = {0, 0};

	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct story *s = context_story(c, names[i], r);
		const struct cell cell = story_cell(c, names[i]);
		unsigned long long touched;

		if (!s)
			return;
		one = *r;
		judge_count(&one, counted(c, s, PIN_BOUNDARY_AFTER_TOUCH),
			    expect_pages(&cell, s, MOMENT_TOUCHED));
		if (one.verdict != AUDIT_PASS)
			worst = one;
		touched = s->touch_pages;
		used[0] +=
			(size_t)snprintf(expected + used[0], sizeof(expected) - used[0],
					 "%s%s after %llu", i ? ", " : "", one.expected, touched);
		used[1] += (size_t)snprintf(found + used[1], sizeof(found) - used[1],
					    "%s%s after %llu", i ? ", " : "", one.found, touched);
	}
	r->verdict = worst.verdict;
	r->unseen = worst.unseen;
	snprintf(r->consequence, sizeof(r->consequence), "%s", worst.consequence);
	audit_expect(r, "%s", expected);
	snprintf(r->found, sizeof(r->found), "%s", found);
}

/* Bound to the second of two nodes: its pins are that node's. */
static void test_node(struct audit_context *c, struct audit_result *r)
{
	const struct story *s;
	struct expect_range want;

	if (c->node_count < 2) {
		audit_skip(r, "this host has one NUMA node");
		return;
	}
	s = context_story(c, STORY_NODE, r);
	if (!s)
		return;
	want = expect_pages(&c->cell, s, MOMENT_TOUCHED);
	audit_expect(r, "%lld to %lld on node %d, 0 on node %d", (long long)want.least,
		     (long long)want.most, c->node[1], c->node[0]);
	if (s->node_rise[0] < 0 && s->node_rise[1] < 0)
		audit_unseen(r, -EACCES, "the pin counters of the nodes");
	else
		audit_judge(r,
			    s->node_rise[1] >= want.least && s->node_rise[1] <= want.most &&
				    s->node_rise[0] == 0,
			    "guest memory is pinned on a node that it was not bound to: every "
			    "access crosses over, or it is not pinned at all",
			    "%lld on node %d, %lld on node %d", (long long)s->node_rise[1],
			    c->node[1], (long long)s->node_rise[0], c->node[0]);
}

static const struct audit_test tests[] = {
	{"counted-registered",
	 "registering pins all of the memory (eager) or nothing of it (demand, none)", VMSTAT,
	 test_registered},
	{"counted-started",
	 "at its first instruction a guest has all of its memory pinned (eager), what it was "
	 "started from (demand), or nothing (none)",
	 VMSTAT, test_started},
	{"counted-touched",
	 "with nothing, a page, half, and all of its memory touched a guest has pinned all of it "
	 "(eager), what it has touched (demand), or nothing (none)",
	 VMSTAT, test_touched},
	{"counted-node", "the pins of memory that is bound to a NUMA node are that node's", VMSTAT,
	 test_node},
};

const struct audit_subject audit_counted = {"counted", tests, LENGTH(tests)};
