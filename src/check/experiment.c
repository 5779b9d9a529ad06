// SPDX-License-Identifier: GPL-2.0-or-later
/* experiment: start a tiny guest and see what is pinned when. */
#include "experiment.h"

#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/units.h"
#include <sys/resource.h>

/* Large against what else a host pins in a moment; within the usual limit of locked memory (8 MiB)
   with what a launch and an io_uring add. */
#define GUEST_BYTES (4 * UNITS_MIB)
#define CHUNK_BYTES UNITS_MIB

/*
 * An SEV guest's cell names kvm-demand as its mechanism: the one that registers all memory and
 * expects nothing of what is pinned when, which is the question here.
 */
static struct cell make_cell(enum guest_type t, enum pin_mode m, bool prefault)
{
	struct cell c = {.guest_type = t,
			 .pin = m,
			 .guest_bytes = GUEST_BYTES,
			 .vcpus = 1,
			 .parallel = 1,
			 .touch_bytes = GUEST_BYTES / 2,
			 .prefault_threads = prefault,
			 .numa_node = -1};
	int mechanism = pin_mechanism(t, m);

	if (t == GUEST_TYPE_VM) {
		c.mechanism = mechanism < 0 ? PIN_MECHANISM_NONE : (enum pin_mechanism)mechanism;
		c.chunk_bytes = pin_has_chunks(c.mechanism) ? CHUNK_BYTES : 0;
		return c;
	}
	c.pin_order = PIN_ORDER_REGION_FIRST;
	c.sev_policy = cell_policy(t, CELL_POLICY_NODBG);
	c.mechanism = PIN_MECHANISM_GUEST_MEMFD;
	if (t == GUEST_TYPE_SEV_SNP)
		return c;
	c.pin = PIN_MODE_DEMAND;
	c.mechanism = PIN_MECHANISM_KVM_DEMAND;
	return c;
}

/* Pages more than before, by the counter that sees this guest's pins; -1 where it cannot be read.
 */
static int64_t rise(const struct sample *s, enum pin_boundary b, const struct cell *c)
{
	const struct pin_point *before = &s->pins[PIN_BOUNDARY_BEFORE], *at = &s->pins[b];
	bool by_vmpin = pin_counts_in_vmpin(c->guest_type, c->mechanism);
	int64_t from = by_vmpin ? before->vmpin_pages : before->host_pages;
	int64_t to = by_vmpin ? at->vmpin_pages : at->host_pages;

	if (c->mechanism == PIN_MECHANISM_GUEST_MEMFD) /* the file's own account */
		return at->ledger_pages;
	if (from < 0 || to < 0)
		return -1;
	return to > from ? to - from : 0;
}

/* The guest touches half its memory, so that the two ways of pinning come out far apart. */
static enum experiment_outcome judge(const struct experiment *e)
{
	const int64_t pages = (int64_t)units_pages(e->guest_bytes);

	if (e->registered_pages < 0 || e->touched_pages < 0)
		return EXPERIMENT_UNREADABLE;
	if (e->registered_pages >= pages / 4 * 3)
		return EXPERIMENT_EAGER;
	if (e->touched_pages >= pages / 2)
		return EXPERIMENT_DEMAND;
	return EXPERIMENT_NEITHER;
}

/* One start. False where it failed, with the fault. */
static bool start(struct launch *l, const struct cell *c, struct sample_room *s,
		  struct experiment *e)
{
	launch_run(l, c, 0, s);
	if (!(s->sample.flags &
	      (SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED))))
		return true;
	e->outcome = EXPERIMENT_FAILED;
	e->fault = s->failure;
	return false;
}

/* As much locked memory as "run" would give itself. What it was before is returned. */
static struct rlimit raise_memlock(void)
{
	struct rlimit before = {RLIM_INFINITY, RLIM_INFINITY}, raised;

	if (getrlimit(RLIMIT_MEMLOCK, &before) == 0) {
		raised = (struct rlimit){before.rlim_max, before.rlim_max};
		setrlimit(RLIMIT_MEMLOCK, &raised);
	}
	return before;
}

void experiment_make(struct experiment *e, enum guest_type t, enum pin_mode m)
{
	struct cell cell = make_cell(t, m, false);
	const struct launch_options options = {.count_flushes = true};
	struct launch l = {0};
	struct rlimit memlock;
	struct sample_room room;
	const struct sample *s = &room.sample;

	*e = (struct experiment){.guest_bytes = cell.guest_bytes, .touch_bytes = cell.touch_bytes};
	if (launch_open(&l, &options, &e->fault) < 0) {
		e->outcome = EXPERIMENT_FAILED;
		return;
	}
	memlock = raise_memlock();
	if (start(&l, &cell, &room, e)) {
		sample_startup_ns(s, &e->startup_ns);
		e->registered_pages = rise(s, PIN_BOUNDARY_AFTER_PIN, &cell);
		e->touched_pages = rise(s, PIN_BOUNDARY_AFTER_TOUCH, &cell);
		e->flushes_known = sample_flushes(s, &e->flushes);
		e->outcome = judge(e);
	}
	/* Not pinned at all: is it so with memory that was there before, too? */
	if (e->outcome == EXPERIMENT_NEITHER && t != GUEST_TYPE_VM && t != GUEST_TYPE_SEV_SNP) {
		cell = make_cell(t, m, true);
		e->has_prefault = start(&l, &cell, &room, e);
		if (e->has_prefault)
			e->prefault_pages = rise(s, PIN_BOUNDARY_AFTER_PIN, &cell);
	}
	setrlimit(RLIMIT_MEMLOCK, &memlock);
	launch_close(&l);
}
