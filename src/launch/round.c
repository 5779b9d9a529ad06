// SPDX-License-Identifier: GPL-2.0-or-later
/* round: guests that start at once, each in a process of its own. */
#include "sevpinbench/clock.h"
#include "sevpinbench/crew.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "start.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* What the leader tells its members, and they it. */
struct board {
	struct cell cell;
	uint32_t order;
	struct sample_room room[]; /* a guest each */
};

struct round {
	struct crew crew;
	struct launch_options options; /* of the leader */
	/* A member's own; in the leader they stay empty. */
	uint32_t member;
	struct launch launch;
	int *cpus;
};

/* ---- a member ---- */

static void meet(void *arg, int where)
{
	struct round *r = arg;

	crew_meet(&r->crew, r->member, (uint32_t)where);
}

/*
 * The guests are spread over the CPUs that there are: each has its vCPUs on the next ones. Where
 * none were named, the kernel spreads them, but for those that stay beside their fault handlers:
 * these begin on different ones.
 */
static void take_cpus(struct round *r, const struct cell *c)
{
	const struct launch_options *o = &r->options;
	const uint64_t first = r->member * (uint64_t)c->vcpus;
	unsigned i;

	r->launch.options.cpu_turn = (unsigned)first + 1;
	for (i = 0; i < o->cpu_count; i++)
		r->cpus[i] = o->cpus[(first + i) % o->cpu_count];
	if (o->cpu_count)
		sys_run_on_cpu(r->cpus[0]);
}

/* Once in a member's life. */
static int settle_in(struct round *r, struct fault *f)
{
	struct launch_options o = r->options;

	o.guests = 0;
	o.pinning = NULL; /* switched by the leader, for all */
	o.meet = meet;
	o.meet_arg = r;
	if (o.cpu_count && !r->cpus)
		r->cpus = calloc(o.cpu_count, sizeof(*r->cpus));
	if (o.cpu_count && !r->cpus)
		return fault_set(f, ENOMEM, "calloc", "%u CPUs", o.cpu_count);
	o.cpus = r->cpus;
	return launch_open(&r->launch, &o, f);
}

static void start_guest(struct crew *crew, uint32_t member, void *arg)
{
	struct round *r = arg;
	struct board *b = crew->board;
	struct sample_room *room = &b->room[member];
	struct fault f = {0};

	r->member = member;
	if (!r->launch.start && settle_in(r, &f) < 0) {
		room->sample.flags |= SAMPLE_BIT(SAMPLE_FLAG_FAILED);
		room->failure = f;
		return;
	}
	take_cpus(r, &b->cell);
	launch_run(&r->launch, &b->cell, b->order, room);
}

/* ---- the leader ---- */

int round_open(struct launch *l, struct fault *f)
{
	const uint32_t guests = l->options.guests;
	struct round *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return fault_set(f, ENOMEM, "calloc", "state of %u guests at once", guests);
	r->options = l->options;
	err = crew_open(&r->crew, guests,
			sizeof(struct board) + guests * sizeof(struct sample_room), start_guest, r,
			f);
	if (err < 0) {
		free(r);
		return err;
	}
	l->round = r;
	return 0;
}

void round_close(struct round *r)
{
	if (!r)
		return;
	crew_close(&r->crew);
	free(r);
}

static void fail(struct sample *s, const struct fault *f)
{
	s->flags |= SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	*s->failure = *f;
}

/* It was stopped, or the kernel holds it: its own alarms did not bring it out. */
static void tell_delay(struct sample *s, uint32_t guest, const struct cell *c)
{
	struct fault f = {0};

	fault_set(&f, ETIMEDOUT, "guest process",
		  "that of guest %u of %u did not come back, and was killed", guest, c->parallel);
	fault_hint(&f, "somebody stopped it (SIGSTOP), or a call of the kernel did not end: see "
		       "dmesg");
	fail(s, &f);
	s->flags |= SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT);
}

static void tell_loss(struct sample *s, uint32_t guest, const struct cell *c, int status)
{
	const int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	struct fault f = {0};

	if (by)
		fault_set(&f, ESRCH, "guest process", "that of guest %u of %u was killed by SIG%s",
			  guest, c->parallel, sigabbrev_np(by) ? sigabbrev_np(by) : "?");
	else
		fault_set(&f, ESRCH, "guest process", "that of guest %u of %u ended with status %d",
			  guest, c->parallel, WEXITSTATUS(status));
	fault_hint(&f, by == SIGKILL ? "somebody killed it, or the kernel for want of memory: see "
				       "dmesg"
				     : "not by itself: see dmesg");
	fail(s, &f);
}

/* A signal that was meant for one guest alone ends its sample, not the campaign. */
static void tell_interruption(struct crew *crew, struct sample *s, uint32_t guest,
			      const struct cell *c)
{
	struct fault f = {0};

	s->flags &= ~SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
	fault_set(&f, EINTR, "guest process", "that of guest %u of %u was sent a signal", guest,
		  c->parallel);
	fault_hint(&f, "signals are for the process that leads them");
	fail(s, &f);
	crew_dismiss(crew, guest); /* it would end every sample from now on */
}

static void collect(struct round *r, const struct cell *c, struct sample_room *out)
{
	const struct board *b = r->crew.board;
	struct sample *s;
	uint32_t i;
	int status;

	for (i = 0; i < c->parallel; i++) {
		out[i] = b->room[i];
		sample_room_tie(&out[i]);
		s = &out[i].sample;
		s->guest = i;
		if (crew_is_overdue(&r->crew, i))
			tell_delay(s, i, c);
		else if (crew_is_lost(&r->crew, i, &status))
			tell_loss(s, i, c, status);
		else if (s->flags & SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED) && !stop_signal())
			tell_interruption(&r->crew, s, i, c);
	}
}

/* What all guests together had pinned at a boundary; unknown where one did not get there. */
static int64_t sum_ledgers(const struct sample_room *r, uint32_t guests, enum pin_boundary b)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < guests; i++) {
		if (!sample_is_valid(&r[i].sample) || r[i].sample.pins[b].ledger_pages < 0)
			return SAMPLE_NO_COUNT;
		sum += r[i].sample.pins[b].ledger_pages;
	}
	return sum;
}

/* The same by each process's VmPin, above what the leader itself has pinned. */
static int64_t sum_vmpins(const struct sample_room *r, uint32_t guests, enum pin_boundary b,
			  int64_t leader)
{
	int64_t sum = leader;
	uint32_t i;

	for (i = 0; i < guests; i++) {
		const struct pin_point *pins = r[i].sample.pins;
		const int64_t before = pins[PIN_BOUNDARY_BEFORE].vmpin_pages;

		if (leader < 0 || before < 0 || pins[b].vmpin_pages < 0)
			return SAMPLE_NO_COUNT;
		sum += pins[b].vmpin_pages - before;
	}
	return sum;
}

/* Hold the host's counts against the guests' accounts, and tell each guest what came of it. */
static void judge(struct launch *l, const struct cell *c, struct sample *whole,
		  struct sample_room *out)
{
	static const enum pin_boundary told[] = {PIN_BOUNDARY_BEFORE, PIN_BOUNDARY_AFTER_TOUCH,
						 PIN_BOUNDARY_AFTER_DESTROY};
	const enum pin_boundary touched = PIN_BOUNDARY_AFTER_TOUCH;
	char detail[SAMPLE_DETAIL_LEN];
	struct sample *s;
	uint32_t i, k;

	whole->pins[touched].ledger_pages = sum_ledgers(out, c->parallel, touched);
	whole->pins[touched].vmpin_pages =
		sum_vmpins(out, c->parallel, touched, whole->pins[PIN_BOUNDARY_BEFORE].vmpin_pages);
	pin_points_judge(&l->counters, c, true, whole);
	snprintf(detail, sizeof(detail), "all %u guests: %.200s", c->parallel, whole->detail);
	for (i = 0; i < c->parallel; i++) {
		s = &out[i].sample;
		for (k = 0; k < sizeof(told) / sizeof(told[0]); k++)
			s->pins[told[k]].host_pages = whole->pins[told[k]].host_pages;
		if (whole->flags && s->detail[0] == '\0')
			snprintf(s->detail, SAMPLE_DETAIL_LEN, "%s", detail);
		s->flags |= whole->flags;
	}
}

static void count(struct launch *l, struct sample *whole, enum pin_boundary b)
{
	whole->pins[b].vmpin_pages = pin_counters_vmpin_pages(&l->counters);
	whole->pins[b].host_pages = pin_counters_host_pages(&l->counters);
}

/* Each guest gives up by itself long before that; who cannot, is given up. */
static uint64_t time_up_ns(const struct cell *c)
{
	uint64_t ns = 0;
	unsigned i;

	for (i = 0; i < start_step_count; i++)
		ns += launch_step_time_ns(start_steps[i].phase, c);
	return ns;
}

/* From the task to the end of the last guest. whole gets the host's counts. */
static void conduct(struct launch *l, const struct cell *c, struct sample *whole)
{
	struct crew *crew = &l->round->crew;
	const uint64_t most_ns = time_up_ns(c);

	crew_await(crew, LAUNCH_READY, most_ns);
	count(l, whole, PIN_BOUNDARY_BEFORE);
	crew_let_go(crew, LAUNCH_READY);
	crew_await(crew, LAUNCH_UP, most_ns);
	count(l, whole, PIN_BOUNDARY_AFTER_TOUCH);
	crew_let_go(crew, LAUNCH_UP);
	crew_await(crew, CREW_DONE, most_ns);
	count(l, whole, PIN_BOUNDARY_AFTER_DESTROY);
}

static bool all_valid(const struct sample_room *r, uint32_t guests)
{
	uint32_t i;

	for (i = 0; i < guests && sample_is_valid(&r[i].sample); i++)
		;
	return i == guests;
}

int launch_round(struct launch *l, const struct cell *c, uint32_t order, struct sample_room *out)
{
	struct board *b = l->round->crew.board;
	struct fault f = {0};
	struct sample_room whole;
	uint32_t i;
	int r;

	b->cell = *c;
	b->order = order;
	for (i = 0; i < c->parallel; i++)
		launch_blank(&b->room[i], order, l->options.epoch_ns);
	launch_blank(&whole, order, l->options.epoch_ns);
	r = launch_switch_pinning(l->options.pinning, c, &f);
	if (r == 0)
		r = crew_begin(&l->round->crew, c->parallel, &f);
	if (r == 0)
		conduct(l, c, &whole.sample);
	collect(l->round, c, out);
	for (i = 0; i < c->parallel && r < 0; i++)
		fail(&out[i].sample, &f);
	if (r < 0)
		return r;
	judge(l, c, &whole.sample, out);
	return all_valid(out, c->parallel) ? 0 : stop_signal() ? -EINTR : -EIO;
}
