// SPDX-License-Identifier: GPL-2.0-or-later
/* story: one guest from its start to its end, and all that was seen of its memory. */
#include "story.h"

#include "holder.h"
#include "probes.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESIDENT_READINGS 3

enum pretouch { PRETOUCH_NOT, PRETOUCH_READ, PRETOUCH_WRITE };

/* How a story differs from what is asked for. */
static const struct story_plan {
	enum pretouch pretouch;
	bool looks;		/* at every page, at every moment */
	bool probes;		/* and at what the kernel can do with them */
	unsigned touch_percent; /* of the guest; of 0, so many pages: */
	unsigned touch_pages;
} plans[STORY_COUNT] = {
	[STORY_ASKED] = {.looks = true, .probes = true, .touch_percent = 50},
	[STORY_READ] = {.pretouch = PRETOUCH_READ, .looks = true, .touch_percent = 50},
	[STORY_WRITTEN] = {.pretouch = PRETOUCH_WRITE, .looks = true, .touch_percent = 50},
	[STORY_IDLE] = {.touch_pages = 0},
	[STORY_ONE] = {.touch_pages = 1},
	[STORY_ALL] = {.touch_percent = 100},
	[STORY_REGION_FIRST] = {.touch_percent = 100},
	[STORY_MEMSLOT_FIRST] = {.touch_percent = 50},
	[STORY_NODE] = {.touch_percent = 50},
	[STORY_SLOTLESS] = {.touch_percent = 50},
	[STORY_UNREGISTERED] = {.touch_percent = 50},
};

/* At the end of which phase a moment is; the last that comes of several is meant. */
static const struct {
	enum phase phase;
	enum moment moment;
} moments[] = {
	{PHASE_PREFAULT, MOMENT_BEFORE},	{PHASE_PIN, MOMENT_REGISTERED},
	{PHASE_PAYLOAD, MOMENT_LAUNCHED}, /* of a vm guest */
	{PHASE_LAUNCH_UPDATE, MOMENT_LAUNCHED}, {PHASE_FIRST_INSTRUCTION, MOMENT_STARTED},
	{PHASE_TOUCH, MOMENT_TOUCHED},
};

/* A story in the making. */
struct teller {
	struct audit_context *context;
	const struct story_plan *plan;
	const struct cell *cell;
	struct story *story;
	int64_t node_before[2];
};

struct cell story_cell(const struct audit_context *c, enum story_name name)
{
	const struct story_plan *p = &plans[name];
	struct cell cell = c->cell;

	cell.touch_bytes = p->touch_percent ? cell.guest_bytes / 100 * p->touch_percent
					    : p->touch_pages * UNITS_PAGE_BYTES;
	cell.touch_bytes = cell.touch_bytes / UNITS_PAGE_BYTES * UNITS_PAGE_BYTES;
	if (name == STORY_REGION_FIRST)
		cell.pin_order = PIN_ORDER_REGION_FIRST;
	if (name == STORY_MEMSLOT_FIRST)
		cell.pin_order = PIN_ORDER_MEMSLOT_FIRST;
	if (name == STORY_NODE)
		cell.numa_node = c->node[1];
	return cell;
}

static void pretouch(const struct guest_memory *m, enum pretouch how)
{
	for (uint64_t i = 0; i < m->bytes; i += UNITS_PAGE_BYTES) {
		volatile unsigned char *byte = m->host + i;

		if (how == PRETOUCH_READ)
			(void)*byte;
		else
			*byte = 0;
	}
}

/* Pins ever made on the two nodes, less those given back. */
static void count_nodes(struct audit_context *c, int64_t *pages)
{
	for (int i = 0; i < 2; i++)
		pages[i] = c->node_count > 1
				   ? pin_counters_node_pages(&c->launch.counters, c->node[i])
				   : -1;
}

/* The walk passes over a huge page that changes under it, so one reading may be too low. */
static struct host_resident resident(const struct guest_memory *m)
{
	struct host_resident most = {-1, -1}, now;

	for (int i = 0; i < RESIDENT_READINGS; i++) {
		now = host_pagemap_resident(m->host, m->bytes);
		if (now.here_pages > most.here_pages)
			most.here_pages = now.here_pages;
		if (now.elsewhere_pages > most.elsewhere_pages)
			most.elsewhere_pages = now.elsewhere_pages;
	}
	return most;
}

static void look(struct teller *t, enum moment at, const struct launch_view *v)
{
	struct story *s = t->story;
	int err;

	s->pages = v->memory->bytes / UNITS_PAGE_BYTES;
	s->boot_pages = v->boot_bytes / UNITS_PAGE_BYTES;
	s->touch_pages = v->touch_pages;
	if (!s->page[at] || s->look_err)
		return;
	err = host_pagemap_frames(v->memory->host, s->pages, s->page[at]);
	if (!err)
		err = host_pagemap_kinds(s->page[at], s->pages);
	if (!err && at == MOMENT_TOUCHED) {
		s->resident = resident(v->memory);
		if (t->plan->probes)
			err = probe_child(v->memory, s->child, s->pages);
	}
	s->look_err = err;
	if (!err && at == MOMENT_TOUCHED && t->plan->probes)
		probe_all(t->context, t->cell, s, v->memory);
}

/* As a VMM does that takes memory from its guest; or, in one piece, as at the guest's end. */
static void take_memory(struct teller *t, const struct launch_view *v)
{
	struct story_taken *taken = &t->story->taken;
	const struct guest_memory *m = v->memory;
	struct guest_memory_slot slot[GUEST_MEMORY_SLOTS];
	int n = t->plan == &plans[STORY_SLOTLESS] ? guest_memory_slots(m, slot) : 0;

	taken->before = pin_counters_host_pages(&t->context->launch.counters);
	for (int i = 0; i < n && taken->err == 0; i++)
		taken->err = vm_set_memory(v->vm, (uint32_t)i, slot[i].gpa, 0, slot[i].host, NULL);
	if (t->plan == &plans[STORY_UNREGISTERED])
		taken->err = sev_unregister_region(v->vm, m->host, m->bytes, NULL);
	taken->after = pin_counters_host_pages(&t->context->launch.counters);
}

static void on_pause(void *arg, enum phase done, const struct launch_view *v)
{
	struct teller *t = arg;
	int64_t now[2];

	if (done == PHASE_MEM_MAP)
		t->story->resident_before = resident(v->memory);
	if (done == PHASE_MEM_MAP && t->plan->pretouch)
		pretouch(v->memory, t->plan->pretouch);
	if (done == PHASE_TOUCH) {
		count_nodes(t->context, now);
		for (int i = 0; i < 2; i++)
			t->story->node_rise[i] = now[i] < 0 ? -1 : now[i] - t->node_before[i];
	}
	for (size_t i = 0; i < LENGTH(moments); i++) {
		if (moments[i].phase == done)
			look(t, moments[i].moment, v);
	}
	if (done == PHASE_TOUCH &&
	    (t->plan == &plans[STORY_SLOTLESS] || t->plan == &plans[STORY_UNREGISTERED]))
		take_memory(t, v);
}

/* Written, so that what is seen does not count as memory that the guest has become resident in. */
static struct host_page *make_pages(uint64_t pages)
{
	struct host_page *page = reallocarray(NULL, pages, sizeof(*page));

	if (page)
		memset(page, 0, pages * sizeof(*page));
	return page;
}

static int make_room(struct story *s, uint64_t pages)
{
	bool all = true;

	for (int i = 0; i < MOMENT_COUNT; i++) {
		s->page[i] = make_pages(pages);
		all = all && s->page[i];
	}
	s->child = make_pages(pages);
	return all && s->child ? 0 : -ENOMEM;
}

int story_tell(struct audit_context *c, enum story_name name, struct story *s)
{
	const struct cell cell = story_cell(c, name);
	struct teller t = {.context = c, .plan = &plans[name], .cell = &cell, .story = s};

	if (t.plan->looks && make_room(s, cell.guest_bytes / UNITS_PAGE_BYTES) < 0)
		return -ENOMEM;
	count_nodes(c, t.node_before);
	c->launch.options.pause = on_pause;
	c->launch.options.pause_arg = &t;
	s->result = launch_run(&c->launch, &cell, name, &s->room);
	c->launch.options.pause = NULL;
	/* Only a guest that did not get to its end: a flag is a finding. */
	if (!(s->room.sample.flags &
	      (SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED))))
		s->result = 0;
	return 0;
}

/* A story that another one tells as well: no guest is started for it. */
static enum story_name same_story(const struct audit_context *c, enum story_name name)
{
	bool same = name == STORY_REGION_FIRST && c->cell.pin_order == PIN_ORDER_REGION_FIRST;

	return same ? STORY_ALL : name;
}

const struct story *story_get(struct audit_context *c, enum story_name name)
{
	struct story *s;

	name = same_story(c, name);
	s = c->story[name];

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (s && story_tell(c, name, s) < 0) {
		story_free(s);
		s = NULL;
	}
	c->story[name] = s;
	return s;
}

void story_free(struct story *s)
{
	for (int i = 0; s && i < MOMENT_COUNT; i++)
		free(s->page[i]);
	if (s)
		free(s->child);
	free(s);
}

int64_t story_allocated(const struct story *s, enum pin_boundary b)
{
	return s->room.sample.pins[b].ledger_pages;
}

int64_t story_rise(const struct story *s, enum pin_boundary b, bool by_vmpin)
{
	const struct pin_point *before = &s->room.sample.pins[PIN_BOUNDARY_BEFORE];
	const struct pin_point *at = &s->room.sample.pins[b];
	int64_t from = by_vmpin ? before->vmpin_pages : before->host_pages;
	int64_t to = by_vmpin ? at->vmpin_pages : at->host_pages;

	if (from < 0 || to < 0)
		return -1;
	return to > from ? to - from : 0;
}
