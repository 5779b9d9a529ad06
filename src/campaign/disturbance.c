// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * disturbance: what happened on the host while a sample was taken that is none of its doing.
 *
 * The bounds are what moves a start by some percent. What the sample does itself must stay below
 * them: it allocates its guest's memory and tables once, and once more where pinning moves the
 * pages (out of ZONE_MOVABLE, mm/gup.c), and moves each page once at most. What the kernel
 * allocates beside them was measured; bounds that leave more than that hide whoever allocates
 * beside a short sample.
 */
#include "sevpinbench/disturbance.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"
#include <stdarg.h>
#include <stdio.h>

#define STOLEN_LEAST_NS 20000000 /* two ticks: one may hold a nanosecond only */
#define STOLEN_SHARE	0.05	 /* of the sample's time */
#define WAITED_LEAST_NS 2000000	 /* less than a slice that the scheduler gives away */
#define WAITED_SHARE	0.10
/* The threads of an interpreted kernel itself, with one CPU, take up to 13 ms, a quarter of the
 * time. */
#define EMULATED_LEAST_NS 30000000
#define EMULATED_SHARE	  0.35
#define OTHERS_PAGES_A_S  25000.0 /* 100 MB a second, a few percent of memory bandwidth */
#define SLACK_PAGES	  1024	  /* of a guest: files, caches; 50 to 250 were seen */
#define VCPU_PAGES	  192	  /* with its thread; 110 to 125 were seen */
#define SLACK_SHARE	  32	  /* of its memory and tables; a 200th was seen */
#define MOVED_SLACK_PAGES 2048
#define CHUNK_PAGES	  4	/* what the kernel takes to note a pinned chunk; 2 or 3 were seen */
#define PACE_TURNS	  10000 /* of dependent multiplications: 10 us at 4 GHz */
#define PACE_TRIES	  7
#define PACE_CHANGE	  0.10

/* The shortest of some tries: interruptions lengthen one of them, a slower clock all. */
static uint64_t measure_pace(void)
{
	uint64_t least = UINT64_MAX, start, took;
	volatile uint64_t sink;
	int try, i;

	for (try = 0; try < PACE_TRIES; try++) {
		uint64_t x = 3;

		start = clock_now_ns();
		for (i = 0; i < PACE_TURNS; i++)
			x = x * 0x9e3779b97f4a7c15u + 1;
		sink = x;
		took = clock_now_ns() - start;
		least = took < least ? took : least;
	}
	(void)sink;
	return least;
}

void disturbance_open(struct disturbance *d, const struct host_facts *host, bool pages_1g)
{
	*d = (struct disturbance){.host = host, .pages_1g = pages_1g};
	d->placed = sched_getaffinity(0, sizeof(d->cpus), &d->cpus) == 0;
	/* An interpreter's pace is its own affair. */
	if (host->platform != PLATFORM_EMULATED)
		d->pace_ns = measure_pace();
}

void disturbance_begin(struct disturbance *d)
{
	host_watch_read(&d->before);
	d->start_ns = clock_now_ns();
}

/* By how much a sum has grown; 0 where that is not known. */
static int64_t growth(int64_t before, int64_t after)
{
	return before < 0 || after < before ? 0 : after - before;
}

/* Threads of ours that can want a CPU at once, of which this one is. */
static int own_threads(const struct cell *c)
{
	int running = (int)c->vcpus + pin_has_chunks(c->mechanism);

	return (int)c->prefault_threads > running ? (int)c->prefault_threads : running;
}

/*
 * This thread maps, pins, launches and runs the first vCPU. Where ours alone fill the CPUs they
 * wait for each other, and guests at once are other processes'.
 */
static void judge_waiting(const struct disturbance *d, const struct host_watch *now,
			  uint64_t took_ns, const struct cell *c, struct sample *s)
{
	int64_t waited = growth(d->before.waited_ns, now->waited_ns);
	bool emulated = d->host->platform == PLATFORM_EMULATED;
	int64_t least = emulated ? EMULATED_LEAST_NS : WAITED_LEAST_NS;
	double share = emulated ? EMULATED_SHARE : WAITED_SHARE;

	if (cell_guests(c) > 1 || (d->placed && own_threads(c) > CPU_COUNT(&d->cpus)))
		return;
	if (waited >= least && (double)waited > share * (double)took_ns)
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "other processes had this one's CPU for %.1f ms of %.1f",
			       (double)waited / 1e6, (double)took_ns / 1e6);
}

static void judge_time(const struct disturbance *d, const struct host_watch *now, uint64_t took_ns,
		       struct sample *s)
{
	int64_t stolen = growth(d->before.stolen_ns, now->stolen_ns);
	uint64_t pace = d->pace_ns ? measure_pace() : 0;
	double change = d->pace_ns ? (double)pace / (double)d->pace_ns - 1 : 0;

	if (stolen >= STOLEN_LEAST_NS && (double)stolen > STOLEN_SHARE * (double)took_ns)
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "the hypervisor gave %lld ms of this host's CPU time to others",
			       (long long)(stolen / 1000000));
	if (change > PACE_CHANGE || change < -PACE_CHANGE)
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "the CPU runs %.0f%% %s than as the campaign began: its clock, or a "
			       "neighbour on the same core",
			       change > 0 ? change * 100 : -change * 100,
			       change > 0 ? "slower" : "faster");
}

/*
 * What it allocates for pins that are made chunk by chunk, and gives back in part at once. A fault
 * in a hole where a huge page may be takes one and clears it, before it looks whether the fault is
 * for a userfaultfd (mm/huge_memory.c, __do_huge_pmd_anonymous_page()).
 */
static int64_t chunk_pages(const struct cell *c, uint64_t resident_bytes)
{
	uint64_t pages = 0;

	if (!pin_has_chunks(c->mechanism) || c->chunk_bytes == 0)
		return 0;
	pages = c->touch_bytes / c->chunk_bytes * CHUNK_PAGES;
	if (c->backing == BACKING_THP)
		pages += units_pages(resident_bytes);
	return (int64_t)(pages * cell_guests(c));
}

static void judge_memory(const struct disturbance *d, const struct host_watch *now,
			 uint64_t took_ns, const struct cell *c, struct sample *s)
{
	int64_t allocated = growth(d->before.allocated_pages, now->allocated_pages);
	int64_t migrated = growth(d->before.migrated_pages, now->migrated_pages);
	int64_t reclaims = growth(d->before.reclaims, now->reclaims);
	int64_t swapped = growth(d->before.swapped_pages, now->swapped_pages);
	struct plan_needs needs;
	int64_t own, slack, moved, others;

	plan_needs(c, d->pages_1g, &needs);
	own = (int64_t)(units_pages(needs.resident_bytes + needs.table_bytes) * cell_guests(c));
	slack = own / SLACK_SHARE + chunk_pages(c, needs.resident_bytes) +
		(int64_t)(SLACK_PAGES + VCPU_PAGES * (uint64_t)c->vcpus) * cell_guests(c);
	moved = migrated < own ? migrated : own; /* to pages that were allocated for them */
	others = allocated - own - moved - slack;
	if (others > 0 && (double)others > OTHERS_PAGES_A_S * units_ns_to_s(took_ns))
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "others allocated %lld pages or more meanwhile", (long long)others);
	if (migrated > own + MOVED_SLACK_PAGES)
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "the kernel moved %lld pages meanwhile, the guest has %lld",
			       (long long)migrated, (long long)own);
	if (reclaims > 0 || swapped > 0)
		sample_confess(
			s, SAMPLE_FLAG_DISTURBED,
			"the host ran short of memory: %lld allocations had to wait for some, %lld "
			"pages were swapped",
			(long long)reclaims, (long long)swapped);
}

/*
 * Where a CPU goes offline, the kernel lets those that it was alone for run anywhere, and leaves it
 * at that when the CPU comes back: the guests do not run where they were wanted.
 */
static void judge_place(const struct disturbance *d, struct sample *s)
{
	cpu_set_t now;

	if (d->placed && sched_getaffinity(0, sizeof(now), &now) == 0 && !CPU_EQUAL(&now, &d->cpus))
		sample_confess(
			s, SAMPLE_FLAG_HOST_CHANGED,
			"this process might run on %d CPUs, and now on %d%s: a CPU went offline, "
			"or somebody moved it",
			CPU_COUNT(&d->cpus), CPU_COUNT(&now),
			CPU_COUNT(&now) == CPU_COUNT(&d->cpus) ? " others" : "");
}

void disturbance_end(struct disturbance *d, const struct cell *c, struct sample *s)
{
	uint64_t took_ns = clock_now_ns() - d->start_ns;
	struct host_watch now;
	char text[SAMPLE_DETAIL_LEN];

	host_watch_read(&now);
	if (host_watch_settings_changed(d->host, text, sizeof(text)))
		sample_confess(s, SAMPLE_FLAG_HOST_CHANGED, "%s", text);
	judge_place(d, s);
	judge_time(d, &now, took_ns, s);
	judge_waiting(d, &now, took_ns, c, s);
	judge_memory(d, &now, took_ns, c, s);
}
