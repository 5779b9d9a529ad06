/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * campaign_scene: campaigns of which no guest is started: starts, memory and the clock are the
 * test's.
 */
#ifndef TESTS_CAMPAIGN_SCENE_H
#define TESTS_CAMPAIGN_SCENE_H

#include "sevpinbench/campaign.h"
#include "sevpinbench/disturbance.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define CELLS	 5
#define WARMUP	 2
#define RUNS	 6
#define ROUNDS	 (WARMUP + RUNS)
#define SAMPLES	 (CELLS * ROUNDS)
#define MS	 1000000u
#define START_NS (1000 * MS)

static struct record record;
static const struct launch_limits limits = {.address_bits = 48, .max_vcpus = 1};

/* ---- what stands in for guests, memory and time ---- */

static uint64_t now_ns;
uint64_t __wrap_clock_now_ns(void);
uint64_t __wrap_clock_now_ns(void)
{
	return now_ns;
}

static struct {
	unsigned count;
	uint32_t cell[SAMPLES], order[SAMPLES];
	unsigned stop_at; /* this start is ended by a signal; 0 none */
	int signal;
} starts;

/* Cell i takes i + 1 ms. */
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out)
{
	uint32_t cell = 0;

	ck_assert_uint_eq(l->options.epoch_ns, START_NS);
	ck_assert_uint_lt(starts.count, SAMPLES);
	while (&record.cell[cell].cell != c)
		cell++;
	starts.cell[starts.count] = cell;
	starts.order[starts.count++] = order;
	now_ns += (cell + 1) * MS;
	sample_room_clear(out);
	out->sample.order = order;
	out->sample.touched_pages = 100 + cell;
	if (starts.count == starts.stop_at) {
		stop_request(starts.signal);
		out->sample.flags = SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
		return -EINTR;
	}
	return 0;
}

/* Guests at once: one start of as many samples. */
int __wrap_launch_round(struct launch *l, const struct cell *c, uint32_t order,
			struct sample_room *out);
int __wrap_launch_round(struct launch *l, const struct cell *c, uint32_t order,
			struct sample_room *out)
{
	int r = __wrap_launch_run(l, c, order, out);

	for (uint32_t i = 1; i < c->parallel; i++) {
		out[i] = out[0];
		sample_room_tie(&out[i]);
		out[i].sample.guest = i;
	}
	return r;
}

/* Each start lies between the two. */
static unsigned begun, ended;
void __wrap_disturbance_begin(struct disturbance *d);
void __wrap_disturbance_begin(struct disturbance *d)
{
	ck_assert_ptr_eq(d->host, &record.host);
	ck_assert_uint_eq(begun++, starts.count);
}

void __wrap_disturbance_end(struct disturbance *d, const struct cell *c, struct sample *s);
void __wrap_disturbance_end(struct disturbance *d, const struct cell *c, struct sample *s)
{
	ck_assert_ptr_eq(c, &record.cell[starts.cell[starts.count - 1]].cell);
	ck_assert_uint_eq(++ended, starts.count);
	ck_assert_ptr_eq(d->host, &record.host);
	ck_assert_uint_eq(s->order, starts.order[starts.count - 1]);
	if (c->parallel > 1) {
		s->flags |= SAMPLE_BIT(SAMPLE_FLAG_DISTURBED);
		snprintf(s->detail, SAMPLE_DETAIL_LEN, "by somebody");
	}
}

static int64_t usual_bytes = 20 * (int64_t)UNITS_GIB;
static unsigned memory_asked, memory_gone_at; /* the one question at which there is too little */
void __wrap_host_memory_collect_room(struct host_memory *m);
void __wrap_host_memory_collect_room(struct host_memory *m)
{
	memory_asked++;
	*m = (struct host_memory){
		.total_bytes = 24 * (int64_t)UNITS_GIB,
		.available_bytes =
			memory_asked == memory_gone_at ? (int64_t)UNITS_GIB : usual_bytes,
		.cgroup_limit_bytes = -1,
	};
}

/* ---- the observer ---- */

static struct {
	unsigned progress, sampled;
	struct campaign_progress at[SAMPLES + 1];
	unsigned fail_at; /* this sample cannot be written down; 0 none */
} heard;

static inline void on_progress(void *arg, const struct campaign_progress *p)
{
	ck_assert_ptr_eq(arg, &heard);
	ck_assert_uint_lt(heard.progress, LENGTH(heard.at));
	/* Before each sample, and once at the end. */
	ck_assert_uint_eq(heard.progress, heard.sampled);
	heard.at[heard.progress++] = *p;
}

static inline int on_sample(void *arg, uint32_t cell, bool warmup, const struct sample *s,
			    struct fault *f)
{
	const struct record_cell *rc = &record.cell[cell];

	ck_assert_ptr_eq(arg, &heard);
	ck_assert_uint_eq(cell, heard.at[heard.progress - 1].next_cell);
	ck_assert_int_eq(warmup, heard.sampled < WARMUP * CELLS);
	/* It is told before there need be memory to keep it. */
	for (uint32_t i = 0; i < rc->warmup_count; i++)
		ck_assert_uint_ne(rc->warmup[i].order, s->order);
	for (uint32_t i = 0; i < rc->sample_count; i++)
		ck_assert_uint_ne(rc->sample[i].order, s->order);
	ck_assert_uint_eq(s->order, heard.sampled);
	if (++heard.sampled == heard.fail_at)
		return fault_set(f, ENOSPC, "write", "journal");
	return 0;
}

static const struct campaign_observer observer = {&heard, on_progress, on_sample};

/* ---- campaigns ---- */

static inline void make_record(uint32_t cells, uint32_t warmup, uint32_t runs)
{
	struct fault f = {0};

	ck_assert_int_eq(record_open(&record, cells, 0), 0);
	record.plan.seed = 17;
	record.plan.warmup = warmup;
	record.plan.runs = runs;
	for (uint32_t i = 0; i < cells; i++)
		record.cell[i].cell = (struct cell){.pin = PIN_MODE_NONE,
						    .guest_bytes = (i + 1) * UNITS_GIB,
						    .touch_bytes = UNITS_GIB,
						    .vcpus = 1};
	ck_assert_int_eq(campaign_reserve(&record, &f), 0);
	memory_asked = begun = ended = 0;
	now_ns = START_NS;
	memset(&starts, 0, sizeof(starts));
	memset(&heard, 0, sizeof(heard));
}

static inline void make_usual(void)
{
	ck_assert_int_eq(stop_install(), 0);
	make_record(CELLS, WARMUP, RUNS);
}

static inline void close_record(void)
{
	record_close(&record);
}

static inline int run(struct fault *f)
{
	struct launch l = {.options.epoch_ns = START_NS};

	*f = (struct fault){0};
	return campaign_run(&record, &l, &limits, &observer, f);
}

static inline void run_well(void)
{
	struct fault f;

	ck_assert_int_eq(run(&f), 0);
	ck_assert(!fault_is_set(&f));
}

static inline uint32_t samples_taken(void)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < record.cell_count; i++)
		taken += record.cell[i].warmup_count + record.cell[i].sample_count;
	return taken;
}

static inline TCase *campaign_case(Suite *suite, const TTest *const *tests, size_t count)
{
	TCase *tcase = tcase_create("campaign");

	tcase_add_checked_fixture(tcase, make_usual, close_record);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return tcase;
}

#endif
