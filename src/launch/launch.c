// SPDX-License-Identifier: GPL-2.0-or-later
/* launch: one start of one guest, each step timed on its own. */
#include "sevpinbench/launch.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/stop.h"
#include "start.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* How long a step may take before the guest is given up: this, and so much for each page that it
   is about (an interpreter on cold memory needs some 100 us to touch one; a chunk of a GiB may take
   seconds; encryption was seen to take 0.5 ms). */
#define STEP_TIME_NS	  60000000000u
#define STEP_TIME_PAGE_NS 2000000u

int launch_open(struct launch *l, const struct launch_options *o, struct fault *f)
{
	int r;

	*l = (struct launch){.options = *o};
	l->start = malloc(sizeof(*l->start));
	if (!l->start) {
		fault_set(f, ENOMEM, "malloc", "state of a guest start");
		return -ENOMEM;
	}
	memset(l->start, 0, sizeof(*l->start)); /* and so touched */
	pin_counters_open(&l->counters);
	if (o->meet)
		pin_counters_leave_host(&l->counters);
	if (o->count_flushes)
		flush_counter_open(&l->flushes);
	r = o->guests > 1 ? round_open(l, f) : 0;
	if (r < 0)
		launch_close(l);
	return r;
}

void launch_close(struct launch *l)
{
	if (!l->start)
		return;
	round_close(l->round);
	l->round = NULL;
	flush_counter_close(&l->flushes);
	pin_counters_close(&l->counters);
	free(l->start);
	l->start = NULL;
}

static void kick_team(void *arg)
{
	vcpu_team_kick(&((struct start *)arg)->team);
}

static void abort_team(void *arg)
{
	vcpu_team_abort(&((struct start *)arg)->team);
}

int launch_switch_pinning(struct kernel_pinning *k, const struct cell *c, struct fault *f)
{
	if (!k || c->guest_type == GUEST_TYPE_VM || c->guest_type == GUEST_TYPE_SEV_SNP)
		return 0;
	return kernel_pinning_set(
		k, c->mechanism == PIN_MECHANISM_KVM_DEMAND ? PIN_MODE_DEMAND : PIN_MODE_EAGER, f);
}

/* How pins are made and faults served, and where. */
static struct pin_config pin_config(struct start *s)
{
	const struct cell *c = s->cell;
	const struct placement *p = &s->placement;

	return (struct pin_config){
		.guest_type = c->guest_type,
		.mechanism = c->mechanism,
		.guest_bytes = c->guest_bytes,
		.chunk_bytes = c->chunk_bytes,
		.threads = c->pin_threads,
		.backing = c->backing,
		.vcpus = c->vcpus,
		/* With pages of 1 GiB it lies a little before that, which is known too late; who
		   serves a chunk at an edge is no matter. */
		.work_at = boot_area_bytes(c->guest_bytes, c->touch_bytes, false),
		.work_bytes =
			boot_touch_pages(c->guest_bytes, c->touch_bytes, false) * UNITS_PAGE_BYTES,
		.cpus = p->cpu,
		.cpu_count = p->fixed ? p->cpu_count : 0,
		.on_failure = abort_team,
		.on_failure_arg = s,
	};
}

static int open_threads(struct start *s, struct fault *f)
{
	const struct placement *p = &s->placement;
	const struct pin_config pin = pin_config(s);
	uint32_t prefault = s->cell->prefault_threads;
	bool near = prefault == 0 || placement_is_near(p, s->cell);
	int r = vcpu_team_open(&s->team, s->cell->vcpus, p->cpu, p->fixed ? p->cpu_count : 0, f);

	/* The caller takes a share where that is local to it. */
	if (r == 0 && (prefault > 1 || !near))
		r = gang_open(&s->prefaulters, prefault, near, p->near, p->near_count, f);
	return r < 0 ? r : pin_open(&s->pin, &pin, f);
}

static void close_threads(struct start *s)
{
	pin_close(&s->pin);
	gang_close(&s->prefaulters);
	vcpu_team_close(&s->team);
	placement_give_back(&s->placement);
}

/* Everything that is made before the clock runs: tables, threads, placement. */
static int prepare(struct launch *l, const struct cell *c, struct fault *f)
{
	const struct launch_options *o = &l->options;
	struct start *s = l->start;
	int r;

	s->cell = c;
	s->vm = (struct vm)VM_CLOSED;
	s->sev_fd = -1;
	s->guest_memfd = -1;
	s->encrypted_bytes = 0;
	s->memory = (struct guest_memory)GUEST_MEMORY_CLOSED;
	s->pin = (struct pin){0};
	s->prefaulters.count = 0;
	s->boot = (struct boot_config){.halts = c->guest_type >= GUEST_TYPE_SEV_ES,
				       .validates = c->guest_type == GUEST_TYPE_SEV_SNP,
				       .vcpus = c->vcpus,
				       .touch_bytes = c->touch_bytes,
				       .order = c->touch_order,
				       .op = c->touch_op,
				       .seed = o->seed};
	placement_take(&s->placement, o, c);
	r = open_threads(s, f);
	return r < 0 ? r : launch_switch_pinning(o->pinning, c, f);
}

/* Run one step on the clock; what the kernel counted meanwhile is read after it. */
static int timed(struct launch *l, const struct step *step, struct sample_room *out,
		 struct fault *f)
{
	struct sample *s = &out->sample;
	uint64_t start, end;
	int r;

	if (step->wanted && !step->wanted(l->start->cell))
		return 0;
	start = clock_now_ns();
	r = step->run(l->start, f);
	end = clock_now_ns();
	s->phases_ns[step->phase] += end - start;
	if (r < 0)
		return r;
	if (step->phase == PHASE_FIRST_INSTRUCTION)
		s->first_ns = end - l->options.epoch_ns;
	s->phases_done |= 1u << step->phase;
	observe_step(l, step, out);
	return 0;
}

/* Let whoever wants to look at the guest do so; what that costs is nobody's. */
static void hold(struct launch *l, enum phase done)
{
	const struct launch_options *o = &l->options;
	struct start *s = l->start;
	const struct launch_view view = {
		.vm = &s->vm,
		.memory = &s->memory,
		.boot_bytes = boot_area_bytes(s->cell->guest_bytes, s->cell->touch_bytes,
					      s->boot.pages_1g),
		.touch_pages = boot_touch_pages(s->cell->guest_bytes, s->cell->touch_bytes,
						s->boot.pages_1g),
	};

	if (!o->pause || !s->memory.host)
		return;
	stop_alarm(0);
	o->pause(o->pause_arg, done, &view);
	observe_resume(l);
}

/* All guests of a round may have to share one CPU. */
uint64_t launch_step_time_ns(enum phase p, const struct cell *c)
{
	bool runs = p == PHASE_FIRST_INSTRUCTION || p == PHASE_TOUCH;
	uint64_t pages = units_pages(runs ? c->touch_bytes : c->guest_bytes);
	uint64_t one = STEP_TIME_NS + STEP_TIME_PAGE_NS * pages;

	return c->parallel > 1 ? one * c->parallel : one;
}

/*
 * A step, and an alarm for what it may take: it brings vCPUs out. What waits in the kernel and is
 * not to be interrupted goes on to its end; then the sample has failed as well.
 */
static int watched(struct launch *l, const struct step *step, struct sample_room *out,
		   struct fault *f)
{
	const uint64_t most_ns = launch_step_time_ns(step->phase, l->start->cell);
	const unsigned long long most_s = most_ns / 1000000000u;
	int r;

	stop_alarm(most_ns);
	r = timed(l, step, out, f);
	if (!stop_alarm_rang())
		return r;
	if (r == 0)
		r = fault_set(f, ETIMEDOUT, words_text(&words_phase, step->phase),
			      "more than %llu s", most_s);
	if (f->hint[0] == '\0')
		fault_hint(f, "%s may take %llu s here", words_text(&words_phase, step->phase),
			   most_s);
	out->sample.flags |= SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT);
	return r;
}

static void meet(const struct launch *l, int where)
{
	if (l->options.meet)
		l->options.meet(l->options.meet_arg, where);
}

/* Up to the end of the touching. Each step has a limited time; a signal brings the guest out. */
static int go_up(struct launch *l, struct sample_room *out, struct fault *f)
{
	struct sample *s = &out->sample;
	unsigned i;
	int r = 0;

	stop_set_hook(kick_team, l->start);
	for (i = 0; i < start_step_count && r == 0; i++) {
		if (stop_signal()) {
			r = fault_set(f, EINTR, "launch", "ended by a signal");
			break;
		}
		r = watched(l, &start_steps[i], out, f);
		if (r == 0 && s->phases_done & 1u << start_steps[i].phase)
			hold(l, start_steps[i].phase);
	}
	stop_alarm(0);
	stop_set_hook(NULL, NULL);
	if (r == 0) {
		r = boot_verify(&l->start->memory, &l->start->boot, &s->touched_pages, f);
		if (r < 0)
			s->flags |= SAMPLE_BIT(SAMPLE_FLAG_TOUCH_SHORT);
	}
	return r;
}

static void go_down(struct launch *l, struct sample_room *out)
{
	unsigned i;

	observe_close(l);
	for (i = 0; i < end_step_count; i++)
		timed(l, &end_steps[i], out, NULL);
}

static void note_faults(const struct pin *p, struct sample_room *out)
{
	const struct histogram *h = pin_fault_times(p);

	if (!h)
		return;
	out->sample.faults = (struct fault_times){
		.count = h->count,
		.p50_ns = histogram_quantile(h, 500),
		.p90_ns = histogram_quantile(h, 900),
		.p99_ns = histogram_quantile(h, 990),
		.p999_ns = histogram_quantile(h, 999),
		.max_ns = h->max_ns,
		.sum_ns = h->sum_ns,
		.steps = histogram_steps(h, out->step, SAMPLE_FAULT_STEPS),
		.step = out->step,
	};
}

void launch_blank(struct sample_room *room, uint32_t order, uint64_t epoch_ns)
{
	struct sample *s = &room->sample;
	int b;

	sample_room_clear(room);
	s->order = order;
	s->start_ns = clock_now_ns() - epoch_ns;
	for (b = 0; b < PIN_BOUNDARY_COUNT; b++)
		s->pins[b] = (struct pin_point){SAMPLE_NO_COUNT, SAMPLE_NO_COUNT, SAMPLE_NO_COUNT};
}

static void note_failure(struct sample *s, int r, const struct fault *f)
{
	*s->failure = *f;
	s->flags |= SAMPLE_BIT(r == -EINTR && stop_signal() ? SAMPLE_FLAG_INTERRUPTED
							    : SAMPLE_FLAG_FAILED);
}

/* A process that stands still makes a start of any length. */
static void note_stops(struct sample *s, unsigned times)
{
	if (times > 0)
		sample_confess(s, SAMPLE_FLAG_DISTURBED,
			       "this process was stopped meanwhile (SIGSTOP, or ^Z), and went on");
}

int launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample_room *out)
{
	struct sample *s = &out->sample;
	const unsigned continued = stop_continued();
	struct rusage usage[2] = {0};
	struct fault f = {0};
	int r;

	launch_blank(out, order, l->options.epoch_ns);
	r = prepare(l, c, &f);
	if (r == 0) {
		pin_points_count(&l->counters, l->start, PIN_BOUNDARY_BEFORE, s);
		observe_begin(l);
		getrusage(RUSAGE_SELF, &usage[0]);
		meet(l, LAUNCH_READY);
		s->start_ns = clock_now_ns() - l->options.epoch_ns;
		r = go_up(l, out, &f);
		getrusage(RUSAGE_SELF, &usage[1]);
		meet(l, LAUNCH_UP);
		go_down(l, out);
		note_faults(&l->start->pin, out);
		s->encrypted_bytes = l->start->encrypted_bytes;
		close_threads(l->start);
		pin_points_judge(&l->counters, c, !l->options.meet, s);
		s->minor_faults = (uint64_t)(usage[1].ru_minflt - usage[0].ru_minflt);
		s->major_faults = (uint64_t)(usage[1].ru_majflt - usage[0].ru_majflt);
	} else {
		close_threads(l->start);
	}
	if (r < 0)
		note_failure(s, r, &f);
	note_stops(s, stop_continued() - continued);
	return r < 0 ? r : sample_is_valid(s) ? 0 : -EIO;
}
