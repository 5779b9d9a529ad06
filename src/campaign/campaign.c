// SPDX-License-Identifier: GPL-2.0-or-later
/* campaign: warm-up, then all samples of all cells, in shuffled order, into a record. */
#include "sevpinbench/campaign.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/disturbance.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/random.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long samples of one cell have taken, for the estimate of what is left. */
struct pace {
	uint64_t spent_ns;
	uint32_t taken;
};

struct campaign {
	struct record *record;
	struct launch *launch;
	const struct launch_limits *limits;
	const struct campaign_observer *observer;
	struct random random;
	uint32_t *order;	  /* of the cells in the round at hand */
	struct pace *pace;	  /* a cell each */
	struct sample_room *room; /* of the samples under way: as many as guests at once */
	struct campaign_progress progress;
	struct disturbance disturbance;
	uint64_t start_ns;
};

uint32_t campaign_guests(const struct record *r)
{
	uint32_t i, most = 1;

	for (i = 0; i < r->cell_count; i++)
		most = cell_guests(&r->cell[i].cell) > most ? cell_guests(&r->cell[i].cell) : most;
	return most;
}

/* Room for the samples of each cell. */
static int reserve_cells(struct record *r, struct fault *f)
{
	uint32_t i;

	for (i = 0; i < r->cell_count; i++) {
		const uint64_t samples = (uint64_t)r->plan.runs * cell_guests(&r->cell[i].cell);
		const uint64_t warmups = (uint64_t)r->plan.warmup * cell_guests(&r->cell[i].cell);

		if (samples > RECORD_MAX_SAMPLES || warmups > RECORD_MAX_SAMPLES) {
			fault_set(f, E2BIG, "--runs", "a cell has %llu samples; a result takes %u",
				  (unsigned long long)(samples > warmups ? samples : warmups),
				  RECORD_MAX_SAMPLES);
			fault_hint(f, "take fewer --runs, or fewer guests at once");
			return -E2BIG;
		}
		if (record_cell_reserve(&r->cell[i], (uint32_t)samples, (uint32_t)warmups) < 0)
			return fault_set(f, ENOMEM, "calloc", "%llu samples of cell %u",
					 (unsigned long long)samples, i);
	}
	return 0;
}

int campaign_reserve(struct record *r, struct fault *f)
{
	const uint64_t rounds = (uint64_t)r->plan.runs + r->plan.warmup;
	struct host_memory now = {0};
	uint64_t need = 0;
	int64_t usable;
	char text[2][32];
	uint32_t i;

	for (i = 0; i < r->cell_count; i++)
		/* As if each had all that a sample can have. */
		need += rounds * cell_guests(&r->cell[i].cell) * sizeof(struct sample_room);
	host_memory_collect_room(&now);
	usable = host_memory_usable_bytes(&now);
	if (usable >= 0 && need + preflight_margin_bytes(&now) > (uint64_t)usable) {
		fault_set(f, ENOMEM, "--runs", "the samples need %s; %s available",
			  units_format_bytes(need, text[0], sizeof(text[0])),
			  units_format_bytes((uint64_t)usable, text[1], sizeof(text[1])));
		fault_hint(f, "take fewer --runs, or several campaigns");
		return -ENOMEM;
	}
	return reserve_cells(r, f);
}

/* What is left to do, at the pace seen so far; a cell not met yet counts as the average one. */
static uint64_t estimate_left(const struct campaign *c)
{
	uint32_t rounds = c->record->plan.warmup + c->record->plan.runs, known = 0, i;
	double sum = 0, left = 0;

	for (i = 0; i < c->record->cell_count; i++) {
		if (c->pace[i].taken == 0)
			continue;
		known++;
		sum += (double)c->pace[i].spent_ns / c->pace[i].taken;
	}
	if (known == 0)
		return 0;
	for (i = 0; i < c->record->cell_count; i++)
		left += (rounds - c->pace[i].taken) *
			(c->pace[i].taken ? (double)c->pace[i].spent_ns / c->pace[i].taken
					  : sum / known);
	return (uint64_t)left;
}

static void report_progress(struct campaign *c, uint32_t next_cell)
{
	c->progress.elapsed_ns = clock_now_ns() - c->start_ns;
	c->progress.left_ns = estimate_left(c);
	c->progress.next_cell = next_cell;
	if (c->observer->progress)
		c->observer->progress(c->observer->arg, &c->progress);
}

/* A sample that was not started, because the host has become too small for it. */
static void fail_for_memory(struct sample_room *room, uint32_t order,
			    const struct record_refusal *why)
{
	struct sample *s = &room->sample;
	int b;

	sample_room_clear(room);
	s->order = order;
	s->flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	for (b = 0; b < PIN_BOUNDARY_COUNT; b++)
		s->pins[b] = (struct pin_point){SAMPLE_NO_COUNT, SAMPLE_NO_COUNT, SAMPLE_NO_COUNT};
	fault_set(&room->failure, ENOMEM, "preflight", "%s", why->reason);
	fault_hint(&room->failure, "%s", why->hint);
}

/* What disturbed the host disturbed every guest that started then. */
static void share_disturbance(struct sample_room *room, uint32_t guests)
{
	const uint32_t shared =
		SAMPLE_BIT(SAMPLE_FLAG_DISTURBED) | SAMPLE_BIT(SAMPLE_FLAG_HOST_CHANGED);
	const struct sample *first = &room[0].sample;
	uint32_t i;

	for (i = 1; i < guests && first->flags & shared; i++) {
		room[i].sample.flags |= first->flags & shared;
		if (room[i].detail[0] == '\0')
			snprintf(room[i].detail, sizeof(room[i].detail), "%s", room[0].detail);
	}
}

/* Start the cell's guest, or all of its guests at once. */
static void start_guests(struct campaign *c, const struct cell *cell)
{
	struct sample_room *room = c->room;
	const uint32_t guests = cell_guests(cell);
	struct record_refusal refusal;
	uint32_t i;

	if (!preflight_memory_now(cell, c->limits, &refusal)) {
		for (i = 0; i < guests; i++) {
			fail_for_memory(&room[i], c->progress.done, &refusal);
			room[i].sample.guest = i;
		}
		return;
	}
	disturbance_begin(&c->disturbance);
	if (guests > 1)
		launch_round(c->launch, cell, c->progress.done, room);
	else
		launch_run(c->launch, cell, c->progress.done, room);
	disturbance_end(&c->disturbance, cell, &room[0].sample);
	share_disturbance(room, guests);
}

/* Told first: what the journal has is not lost where there is no memory left to keep it. */
static int tell_and_keep(struct campaign *c, uint32_t cell, bool warmup, struct fault *f)
{
	struct record_cell *rc = &c->record->cell[cell];
	const uint32_t guests = cell_guests(&rc->cell);
	uint32_t i;
	int r = 0;

	for (i = 0; i < guests && r == 0 && c->observer->sampled; i++)
		r = c->observer->sampled(c->observer->arg, cell, warmup, &c->room[i].sample, f);
	for (i = 0; i < guests; i++) {
		if (record_keep(rc, warmup, &c->room[i].sample) < 0 && r == 0)
			r = fault_set(f, ENOMEM, "malloc", "a sample of cell %u", cell);
	}
	return r;
}

static int take_sample(struct campaign *c, uint32_t cell, bool warmup, struct fault *f)
{
	uint64_t start = clock_now_ns();

	start_guests(c, &c->record->cell[cell].cell);
	c->pace[cell].taken++;
	c->pace[cell].spent_ns += clock_now_ns() - start;
	c->progress.done++;
	return tell_and_keep(c, cell, warmup, f);
}

static int run_round(struct campaign *c, bool warmup, struct fault *f)
{
	uint32_t i;
	int r = 0;

	random_shuffle(&c->random, c->order, c->record->cell_count);
	for (i = 0; i < c->record->cell_count && r == 0 && !stop_signal(); i++) {
		report_progress(c, c->order[i]);
		r = take_sample(c, c->order[i], warmup, f);
	}
	return r;
}

static int run_rounds(struct campaign *c, struct fault *f)
{
	const struct record_plan *p = &c->record->plan;
	uint32_t round;
	int r = 0;

	for (round = 0; round < p->warmup + p->runs && r == 0 && !stop_signal(); round++)
		r = run_round(c, round < p->warmup, f);
	report_progress(c, 0);
	return r;
}

static const char *signal_name(int signal)
{
	const char *name = sigabbrev_np(signal);

	return name ? name : "unknown";
}

int campaign_run(struct record *r, struct launch *l, const struct launch_limits *limits,
		 const struct campaign_observer *o, struct fault *f)
{
	struct campaign c = {.record = r,
			     .launch = l,
			     .limits = limits,
			     .observer = o,
			     .random = {r->plan.seed},
			     .start_ns = l->options.epoch_ns};
	const uint32_t guests = campaign_guests(r);
	uint32_t i;
	int err;

	c.room = calloc(guests, sizeof(*c.room));
	c.order = calloc(r->cell_count + 1u, sizeof(*c.order));
	c.pace = calloc(r->cell_count + 1u, sizeof(*c.pace));
	if (!c.room || !c.order || !c.pace) {
		err = fault_set(f, ENOMEM, "calloc", "order of %u cells", r->cell_count);
		goto out;
	}
	for (i = 0; i < guests; i++)
		sample_room_clear(&c.room[i]);
	for (i = 0; i < r->cell_count; i++)
		c.order[i] = i;
	disturbance_open(&c.disturbance, &r->host, limits->pages_1g);
	c.progress.total = r->cell_count * (r->plan.warmup + r->plan.runs);
	err = run_rounds(&c, f);
	r->plan.end_wall_s = clock_wall_s();
	r->complete = err == 0 && c.progress.done == c.progress.total && !stop_signal();
	if (stop_signal())
		snprintf(r->stopped_by, sizeof(r->stopped_by), "SIG%s", signal_name(stop_signal()));
	else if (err < 0)
		snprintf(r->stopped_by, sizeof(r->stopped_by), "%s", strerror(-err));
out:
	free(c.room);
	free(c.order);
	free(c.pace);
	return err;
}
