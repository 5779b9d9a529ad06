/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit_scene: a kernel and guests as the audit sees them, played, with a pin mechanism that is
 * wrong in one way: no KVM is needed.
 */
#ifndef TESTS_AUDIT_SCENE_H
#define TESTS_AUDIT_SCENE_H

#include "sevpinbench/audit.h"
#include "sevpinbench/host_moves.h"
#include "sevpinbench/host_pagemap.h"
#include "sevpinbench/host_zones.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/units.h"

#include "../../src/audit/holder.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GUEST_BYTES (4 * UNITS_MIB)
#define PAGES	    (GUEST_BYTES / UNITS_PAGE_BYTES)
#define BOOT_PAGES  9
#define ZERO_FRAME  7
#define FIRST_FRAME 1000
#define COPY_FRAME  500000
#define MOVED_FRAME 1000000  /* by compaction */
#define ZONE_FRAME  10000000 /* ZONE_MOVABLE begins there */
#define OWN_FRAMES  77000    /* of the audit's own memory */

/* What is wrong with the mechanism that is played. */
enum wrong {
	RIGHT,
	COUNTS_NOTHING,	  /* pages are pinned and nobody counts them */
	PINS_ZERO_PAGE,	  /* in place of pages that are not there yet */
	PLAIN_REFERENCES, /* held, but by no pin */
	WANDERS,	  /* pages go elsewhere after they were pinned */
	PINS_ALL_AT_ONCE, /* where they should be pinned on demand */
	SHARES,		  /* pages are another process's, too */
	NOT_RESIDENT,	  /* what is pinned is in nobody's memory */
	TAKES_TWICE,	  /* twice the memory that the guest has */
	COMPACTED,	  /* compaction moves what is pinned */
	STAYS_IN_ZONE,	  /* pins in ZONE_MOVABLE */
	DROPS_WITH_SLOT,  /* some pins end with their memslot */
	LEAKS_WITH_SLOT,  /* they outlive the guest whose memslot was deleted */
	LEAKS,		  /* the end of a guest gives nothing back */
	UNREGISTERS_NOTHING,
	KNOWS_NO_LIMIT,
	LIMITS_TOO_MUCH,
	LAUNCH_IS_FREE,
	TAKES_ANY_REGION,
	FLUSHES_AT_PIN, /* once a page, where there is a memslot */
	FLUSHES_AT_TOUCH,
	OTHER_NODE,
};

static enum wrong wrong;
static enum pin_mode mode;
static bool unreadable; /* the counters */
static int64_t pinned, flushes;
static enum phase now;
static uint64_t touched_pages;
static pid_t parent;
static bool compacted, compacts = true, slots_deleted, has_zone = true;
static int collapse_err;
static struct vm played_vm;
static int64_t run_base; /* pins when the guest that runs was started */
static unsigned char memory[GUEST_BYTES] __attribute__((aligned(4096)));

/* ---- the kernel, as far as the audit sees it ---- */

int __wrap_launch_probe(struct launch_limits *l, struct fault *f);
int __wrap_launch_probe(struct launch_limits *l, struct fault *f)
{
	(void)f;
	*l = (struct launch_limits){.sev = true};
	return 0;
}

int __wrap_launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *k, bool *found,
				   struct fault *f);
int __wrap_launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *k, bool *found,
				   struct fault *f)
{
	(void)t;
	(void)k;
	(void)f;
	*found = true;
	return 0;
}

int __wrap_host_numa_collect(struct host_node *node, int max);
int __wrap_host_numa_collect(struct host_node *node, int max)
{
	(void)max;
	node[0] = (struct host_node){.id = 0, .total_bytes = 1};
	node[1] = (struct host_node){.id = 1, .total_bytes = 1};
	return 2;
}

static bool is_pinned(uint64_t page)
{
	if (mode == PIN_MODE_NONE || wrong == PINS_ZERO_PAGE)
		return false;
	return mode == PIN_MODE_EAGER || wrong == PINS_ALL_AT_ONCE ||
	       page < BOOT_PAGES + touched_pages;
}

/* A plain reference keeps a page where it is, too. */
int __wrap_host_numa_move(void *page, int node);
int __wrap_host_numa_move(void *page, int node)
{
	(void)node;
	return !is_pinned((uint64_t)((unsigned char *)page - memory) / UNITS_PAGE_BYTES);
}

int __wrap_host_numa_node_of(void *page);
int __wrap_host_numa_node_of(void *page)
{
	(void)page;
	return 0;
}

static struct host_page frame_of(uint64_t page)
{
	bool copies = getpid() != parent && wrong != PLAIN_REFERENCES;
	uint64_t frame = FIRST_FRAME + page;

	if (wrong == PINS_ZERO_PAGE && (now < PHASE_PAYLOAD || mode == PIN_MODE_DEMAND))
		frame = ZERO_FRAME;
	else if (wrong == STAYS_IN_ZONE || now < PHASE_PIN)
		frame += ZONE_FRAME;
	if (wrong == WANDERS && now == PHASE_TOUCH)
		frame += PAGES;
	if (copies && is_pinned(page))
		frame += COPY_FRAME;
	if (compacted && compacts && (wrong == COMPACTED || !is_pinned(page)))
		frame += MOVED_FRAME;
	return (struct host_page){.frame = frame, .shared = wrong == SHARES};
}

int __wrap_host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page);
int __wrap_host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page)
{
	const unsigned char *at = addr;
	bool guests = at >= memory && at < memory + GUEST_BYTES;

	for (uint64_t i = 0; i < pages; i++)
		page[i] = guests ? frame_of(i)
				 : (struct host_page){.frame = OWN_FRAMES + i +
							       (compacted && compacts)};
	return 0;
}

int __wrap_host_pagemap_kinds(struct host_page *page, uint64_t pages);
int __wrap_host_pagemap_kinds(struct host_page *page, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		page[i].zero = page[i].frame == ZERO_FRAME;
	return 0;
}

struct host_resident __wrap_host_pagemap_resident(const void *addr, uint64_t bytes);
struct host_resident __wrap_host_pagemap_resident(const void *addr, uint64_t bytes)
{
	bool none = wrong == NOT_RESIDENT || (wrong == PINS_ZERO_PAGE && mode == PIN_MODE_DEMAND);

	(void)addr;
	(void)bytes;
	if (now < PHASE_PREFAULT)
		return (struct host_resident){0, 500};
	/* The heap has become a huge page meanwhile. */
	return (struct host_resident){none ? 0 : PAGES, wrong == TAKES_TWICE ? 500 + PAGES : 100};
}

int __wrap_host_moves_compact(void);
int __wrap_host_moves_compact(void)
{
	compacted = true;
	return unreadable ? -EACCES : 0;
}

/* A plain reference keeps small pages apart, too; nobody holds the audit's own. */
int __wrap_host_moves_collapse(void *addr, uint64_t bytes);
int __wrap_host_moves_collapse(void *addr, uint64_t bytes)
{
	const unsigned char *at = addr;
	bool guests = at >= memory && at < memory + GUEST_BYTES;

	ck_assert_uint_eq(bytes, 2 * UNITS_MIB);
	if (collapse_err)
		return collapse_err;
	return !guests || !is_pinned((uint64_t)(at - memory) / UNITS_PAGE_BYTES);
}

int __wrap_host_zones_collect(struct host_zone *zone, int max);
int __wrap_host_zones_collect(struct host_zone *zone, int max)
{
	(void)max;
	zone[0] = (struct host_zone){.frames = ZONE_FRAME};
	zone[1] = (struct host_zone){
		.movable = true, .first_frame = ZONE_FRAME, .frames = ZONE_FRAME};
	return has_zone ? 2 : 1;
}

int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return unreadable ? -1 : pinned;
}

int64_t __wrap_pin_counters_node_pages(struct pin_counters *c, int node);
int64_t __wrap_pin_counters_node_pages(struct pin_counters *c, int node)
{
	(void)c;
	return unreadable ? -1 : node == (wrong == OTHER_NODE ? 0 : 1) ? pinned : 0;
}

int64_t __wrap_flush_counter_read(const struct flush_counter *c);
int64_t __wrap_flush_counter_read(const struct flush_counter *c)
{
	(void)c;
	return flushes;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* ---- guests ---- */

/* How many pages the counter says are pinned once the guest has come so far. */
static int64_t counted(enum phase done)
{
	bool held = mode == PIN_MODE_EAGER || wrong == PINS_ALL_AT_ONCE;

	if (mode == PIN_MODE_NONE || wrong == COUNTS_NOTHING || wrong == PLAIN_REFERENCES)
		return 0;
	if (held)
		return PAGES;
	return done < PHASE_PAYLOAD
		       ? 0
		       : BOOT_PAGES + (done == PHASE_TOUCH ? (int64_t)touched_pages : 0);
}

static void reach(struct launch *l, struct sample *s, enum phase done, int boundary, int64_t base)
{
	const struct guest_memory m = {.host = memory, .bytes = GUEST_BYTES, .memfd = -1};
	const struct launch_view view = {&played_vm, &m, BOOT_PAGES * UNITS_PAGE_BYTES,
					 touched_pages};

	now = done;
	if (done >= PHASE_PIN)
		pinned = base + counted(done);
	if (boundary >= 0)
		s->pins[boundary] = (struct pin_point){-1, -1, unreadable ? -1 : pinned};
	l->options.pause(l->options.pause_arg, done, &view);
}

int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out)
{
	struct sample *s = &out->sample;
	const uint64_t room = PAGES - BOOT_PAGES;
	int64_t base = pinned;

	run_base = base;
	compacted = slots_deleted = false;
	now = PHASE_OPEN;
	sample_room_clear(out);
	s->order = order;
	s->counts.flushes_known = 1;
	touched_pages = c->touch_bytes / UNITS_PAGE_BYTES;
	touched_pages = touched_pages < room ? touched_pages : room;
	s->pins[PIN_BOUNDARY_BEFORE] = (struct pin_point){-1, -1, unreadable ? -1 : base};
	reach(l, s, PHASE_MEM_MAP, -1, base);
	reach(l, s, PHASE_PREFAULT, -1, base);
	reach(l, s, PHASE_PIN, PIN_BOUNDARY_AFTER_PIN, base);
	reach(l, s, PHASE_PAYLOAD, -1, base);
	reach(l, s, PHASE_LAUNCH_UPDATE, -1, base);
	reach(l, s, PHASE_FIRST_INSTRUCTION, PIN_BOUNDARY_FIRST_INSTRUCTION, base);
	reach(l, s, PHASE_TOUCH, PIN_BOUNDARY_AFTER_TOUCH, base);
	now = PHASE_DESTROY;
	if (wrong != LEAKS)
		pinned = base;
	if (wrong == LEAKS_WITH_SLOT && slots_deleted)
		pinned += 5;
	s->pins[PIN_BOUNDARY_AFTER_DESTROY] = (struct pin_point){-1, -1, unreadable ? -1 : pinned};
	out->count[SAMPLE_FLUSHES][PHASE_DESTROY] = 2;
	if (wrong == FLUSHES_AT_PIN && c->pin_order == PIN_ORDER_MEMSLOT_FIRST)
		out->count[SAMPLE_FLUSHES][PHASE_PIN] = PAGES;
	if (wrong == FLUSHES_AT_TOUCH)
		out->count[SAMPLE_FLUSHES][PHASE_TOUCH] = (int64_t)touched_pages;
	return 0;
}

int __wrap_vm_set_memory(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t bytes, void *host,
			 struct fault *f);
int __wrap_vm_set_memory(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t bytes, void *host,
			 struct fault *f)
{
	(void)f;
	ck_assert(vm == &played_vm && slot == 0 && gpa == 0 && bytes == 0 && host == memory);
	slots_deleted = true;
	if (wrong == DROPS_WITH_SLOT && pinned > run_base)
		pinned -= 7;
	return 0;
}

/* ---- an audit of it ---- */

static struct audit_report report;

static void run_audit(enum pin_mode m, const char *const *wanted, size_t count)
{
	const struct audit_request asked = {.guest_type = GUEST_TYPE_SEV,
					    .pin = m,
					    .backing = BACKING_ANON,
					    .guest_bytes = GUEST_BYTES,
					    .wanted = wanted,
					    .wanted_count = count};
	struct fault f = {0};

	mode = m;
	pinned = 77; /* somebody else's, from before */
	parent = getpid();
	ck_assert_int_eq(audit_run(&asked, &report, &f), 0);
}

/* " counted-node own-pages", in the order of the table. */
static void collect_failed(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < report.count; i++) {
		const struct audit_result *r = &report.result[i];

		ck_assert_msg(r->found[0] && r->expected[0], "%s says nothing", r->test->id);
		ck_assert_msg((r->verdict == AUDIT_FAIL) == (r->consequence[0] != '\0'),
			      "%s: consequence \"%s\"", r->test->id, r->consequence);
		if (r->verdict == AUDIT_FAIL)
			used += (size_t)snprintf(text + used, size - used, " %s", r->test->id);
	}
}

#endif
