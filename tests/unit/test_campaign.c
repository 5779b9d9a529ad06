// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_campaign: which samples are taken, in which order, what the observer hears, and what ends
 * it. No guest is started: starts, memory and the clock are the test's.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/campaign.h"
#include "sevpinbench/disturbance.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"

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
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample *out);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample *out)
{
	uint32_t cell = 0;

	ck_assert_uint_eq(l->options.epoch_ns, START_NS);
	ck_assert_uint_lt(starts.count, SAMPLES);
	while (&record.cell[cell].cell != c)
		cell++;
	starts.cell[starts.count] = cell;
	starts.order[starts.count++] = order;
	now_ns += (cell + 1) * MS;
	*out = (struct sample){.order = order, .touched_pages = 100 + cell};
	if (starts.count == starts.stop_at) {
		stop_request(starts.signal);
		out->flags = SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
		return -EINTR;
	}
	return 0;
}

/* Guests at once: one start of as many samples. */
int __wrap_launch_round(struct launch *l, const struct cell *c, uint32_t order, struct sample *out);
int __wrap_launch_round(struct launch *l, const struct cell *c, uint32_t order, struct sample *out)
{
	int r = __wrap_launch_run(l, c, order, out);

	for (uint32_t i = 1; i < c->parallel; i++) {
		out[i] = out[0];
		out[i].guest = i;
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
		snprintf(s->detail, sizeof(s->detail), "by somebody");
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

static void on_progress(void *arg, const struct campaign_progress *p)
{
	ck_assert_ptr_eq(arg, &heard);
	ck_assert_uint_lt(heard.progress, LENGTH(heard.at));
	/* Before each sample, and once at the end. */
	ck_assert_uint_eq(heard.progress, heard.sampled);
	heard.at[heard.progress++] = *p;
}

static int on_sample(void *arg, uint32_t cell, bool warmup, const struct sample *s, struct fault *f)
{
	const struct record_cell *rc = &record.cell[cell];

	ck_assert_ptr_eq(arg, &heard);
	ck_assert_uint_eq(cell, heard.at[heard.progress - 1].next_cell);
	ck_assert_int_eq(warmup, heard.sampled < WARMUP * CELLS);
	/* It is in the record already. */
	ck_assert_ptr_eq(s, warmup ? &rc->warmup[rc->warmup_count - 1]
				   : &rc->sample[rc->sample_count - 1]);
	ck_assert_uint_eq(s->order, heard.sampled);
	if (++heard.sampled == heard.fail_at)
		return fault_set(f, ENOSPC, "write", "journal");
	return 0;
}

static const struct campaign_observer observer = {&heard, on_progress, on_sample};

/* ---- campaigns ---- */

static void make_record(uint32_t cells, uint32_t warmup, uint32_t runs)
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

static void make_usual(void)
{
	ck_assert_int_eq(stop_install(), 0);
	make_record(CELLS, WARMUP, RUNS);
}

static void close_record(void)
{
	record_close(&record);
}

static int run(struct fault *f)
{
	struct launch l = {.options.epoch_ns = START_NS};

	*f = (struct fault){0};
	return campaign_run(&record, &l, &limits, &observer, f);
}

static void run_well(void)
{
	struct fault f;

	ck_assert_int_eq(run(&f), 0);
	ck_assert(!fault_is_set(&f));
}

static uint32_t samples_taken(void)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < record.cell_count; i++)
		taken += record.cell[i].warmup_count + record.cell[i].sample_count;
	return taken;
}

START_TEST(every_sample_is_taken)
{
	run_well();
	ck_assert_uint_eq(starts.count, SAMPLES);
	ck_assert(record.complete);
	ck_assert_str_eq(record.stopped_by, "");
	ck_assert_int_gt(record.plan.end_wall_s, 0);
	for (uint32_t i = 0; i < CELLS; i++) {
		const struct record_cell *c = &record.cell[i];

		ck_assert_uint_eq(c->warmup_count, WARMUP);
		ck_assert_uint_eq(c->sample_count, RUNS);
		for (uint32_t k = 0; k < WARMUP; k++)
			ck_assert_uint_eq(c->warmup[k].touched_pages, 100 + i);
		for (uint32_t k = 0; k < RUNS; k++)
			ck_assert_uint_eq(c->sample[k].touched_pages, 100 + i);
	}
	for (uint32_t i = 0; i < SAMPLES; i++)
		ck_assert_uint_eq(starts.order[i], i);
	/* Memory is looked at anew before each of them. */
	ck_assert_uint_eq(memory_asked, SAMPLES);
}
END_TEST

START_TEST(each_round_has_every_cell_once)
{
	unsigned in_plan_order = 0, as_before = 0, round, i;

	run_well();
	for (round = 0; round < ROUNDS; round++) {
		const uint32_t *cell = &starts.cell[(size_t)round * CELLS];
		unsigned seen = 0, in_place = 0;

		for (i = 0; i < CELLS; i++) {
			seen |= 1u << cell[i];
			in_place += cell[i] == i;
		}
		ck_assert_uint_eq(seen, (1u << CELLS) - 1);
		in_plan_order += in_place == CELLS;
		if (round)
			as_before += memcmp(cell, cell - CELLS, CELLS * sizeof(*cell)) == 0;
	}
	/* One of 120 orders each time. */
	ck_assert_uint_le(in_plan_order, 1);
	ck_assert_uint_le(as_before, 1);
}
END_TEST

START_TEST(seed_decides_the_order)
{
	uint32_t first[SAMPLES];

	run_well();
	memcpy(first, starts.cell, sizeof(first));
	record_close(&record);
	make_record(CELLS, WARMUP, RUNS);
	run_well();
	ck_assert_mem_eq(first, starts.cell, sizeof(first));
	record_close(&record);
	make_record(CELLS, WARMUP, RUNS);
	record.plan.seed++;
	run_well();
	ck_assert_mem_ne(first, starts.cell, sizeof(first));
}
END_TEST

/* What is left at the pace of each cell; one not met yet counts as the average of the others. */
static uint64_t expected_left(unsigned done)
{
	unsigned taken[CELLS] = {0}, known = 0, i;
	double sum = 0, left = 0;

	for (i = 0; i < done; i++)
		taken[starts.cell[i]]++;
	for (i = 0; i < CELLS; i++) {
		known += taken[i] > 0;
		sum += taken[i] ? (i + 1.0) * MS : 0;
	}
	for (i = 0; i < CELLS && known; i++)
		left += (ROUNDS - taken[i]) * (taken[i] ? (i + 1.0) * MS : sum / known);
	return (uint64_t)left;
}

START_TEST(observer_hears_all)
{
	uint64_t elapsed = 0, all = 0;

	for (unsigned i = 0; i < CELLS; i++)
		all += ROUNDS * (i + 1) * (uint64_t)MS;
	run_well();
	ck_assert_uint_eq(heard.sampled, SAMPLES);
	ck_assert_uint_eq(heard.progress, SAMPLES + 1);
	for (unsigned i = 0; i <= SAMPLES; i++) {
		const struct campaign_progress *p = &heard.at[i];

		ck_assert_uint_eq(p->done, i);
		ck_assert_uint_eq(p->total, SAMPLES);
		ck_assert_uint_eq(p->elapsed_ns, elapsed);
		ck_assert_uint_eq(p->left_ns, expected_left(i));
		if (i >= CELLS)
			ck_assert_uint_eq(p->left_ns, all - elapsed);
		if (i < SAMPLES)
			elapsed += (starts.cell[i] + 1) * (uint64_t)MS;
	}
	ck_assert_uint_eq(heard.at[0].left_ns, 0);
	ck_assert_uint_eq(heard.at[SAMPLES].left_ns, 0);
}
END_TEST

START_TEST(nobody_need_observe)
{
	const struct campaign_observer nobody = {0};
	struct launch l = {.options.epoch_ns = START_NS};
	struct fault f = {0};

	ck_assert_int_eq(campaign_run(&record, &l, &limits, &nobody, &f), 0);
	ck_assert(record.complete);
	ck_assert_uint_eq(starts.count, SAMPLES);
}
END_TEST

START_TEST(nothing_to_do)
{
	record_close(&record);
	make_record(0, WARMUP, RUNS);
	run_well();
	ck_assert(record.complete);
	ck_assert_uint_eq(starts.count, 0);
	ck_assert_uint_eq(heard.progress, 1);
}
END_TEST

/* ---- guests at once ---- */

#define GUESTS 3

static struct {
	unsigned count;
	uint32_t order[ROUNDS * (1 + GUESTS)];
} written;

static int write_sample(void *arg, uint32_t cell, bool warmup, const struct sample *s,
			struct fault *f)
{
	(void)arg;
	(void)cell;
	(void)warmup;
	(void)f;
	written.order[written.count++] = s->order;
	return 0;
}

/* A cell of one guest alone, and one of three at once. */
static void make_rounds(void)
{
	struct fault f = {0};

	record_close(&record);
	make_record(2, WARMUP, RUNS);
	record.cell[1].cell.parallel = GUESTS;
	ck_assert_uint_eq(campaign_guests(&record), GUESTS);
	ck_assert_int_eq(campaign_reserve(&record, &f), 0);
	memory_asked = 0;
	memset(&written, 0, sizeof(written));
}

static void run_rounds(void)
{
	const struct campaign_observer writer = {.sampled = write_sample};
	struct launch l = {.options.epoch_ns = START_NS};
	struct fault f = {0};

	ck_assert_int_eq(campaign_run(&record, &l, &limits, &writer, &f), 0);
	ck_assert(record.complete);
}

START_TEST(a_round_is_a_sample_of_each_guest)
{
	const struct record_cell *c;

	make_rounds();
	c = &record.cell[1];
	run_rounds();
	ck_assert_uint_eq(starts.count, 2 * ROUNDS);
	ck_assert_uint_eq(record.cell[0].sample_count, RUNS);
	ck_assert_uint_eq(c->sample_count, RUNS * GUESTS);
	ck_assert_uint_eq(c->warmup_count, WARMUP * GUESTS);
	for (uint32_t i = 0; i < c->sample_count; i++) {
		ck_assert_uint_eq(c->sample[i].guest, i % GUESTS);
		ck_assert_uint_eq(c->sample[i].order, c->sample[i - i % GUESTS].order);
		/* What disturbed one disturbed all. */
		ck_assert_uint_eq(c->sample[i].flags, SAMPLE_BIT(SAMPLE_FLAG_DISTURBED));
		ck_assert_str_eq(c->sample[i].detail, "by somebody");
	}
	ck_assert_uint_eq(record.cell[0].sample[0].flags, 0);
	/* Each was written down, in order. */
	ck_assert_uint_eq(written.count, ROUNDS * (1 + GUESTS));
	for (unsigned i = 1; i < written.count; i++)
		ck_assert_uint_le(written.order[i - 1], written.order[i]);
}
END_TEST

START_TEST(a_round_without_memory_fails_whole)
{
	const struct record_cell *c;
	unsigned failed = 0;

	make_rounds();
	c = &record.cell[1];
	memory_gone_at = 2 * ROUNDS - 1; /* of the last two starts one or the other */
	run_rounds();
	for (uint32_t i = 0; i < c->sample_count; i++) {
		failed += (c->sample[i].flags & SAMPLE_BIT(SAMPLE_FLAG_FAILED)) != 0;
		ck_assert_uint_eq(c->sample[i].guest, i % GUESTS);
	}
	ck_assert(failed == 0 || failed == GUESTS);
	ck_assert_uint_eq(failed + !sample_is_valid(&record.cell[0].sample[RUNS - 1]),
			  failed ? GUESTS : 1);
}
END_TEST

/* A document takes only so many samples of a cell. */
START_TEST(more_samples_than_a_document_takes)
{
	struct fault f = {0};

	make_rounds();
	record.plan.runs = 10;
	record.plan.warmup = 0;
	record.cell[1].cell.parallel = RECORD_MAX_SAMPLES / 10 + 1;
	usual_bytes = INT64_MAX / 4;
	ck_assert_int_eq(campaign_reserve(&record, &f), -E2BIG);
	ck_assert_str_eq(f.op, "--runs");
	ck_assert_uint_gt(strlen(f.hint), 0);
}
END_TEST

/* ---- ended early ---- */

static const unsigned ends[] = {1, 2, CELLS, WARMUP *CELLS, WARMUP *CELLS + 1, SAMPLES};

START_TEST(observer_that_fails_ends_it)
{
	struct fault f;

	heard.fail_at = ends[_i];
	ck_assert_int_eq(run(&f), -ENOSPC);
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert_str_eq(f.object, "journal");
	ck_assert_uint_eq(starts.count, ends[_i]);
	/* The sample itself was taken. */
	ck_assert_uint_eq(samples_taken(), ends[_i]);
	ck_assert(!record.complete);
	ck_assert_str_eq(record.stopped_by, "No space left on device");
	ck_assert_int_gt(record.plan.end_wall_s, 0);
}
END_TEST

START_TEST(signal_ends_it)
{
	static const struct {
		int signal;
		const char *name;
	} row[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};
	unsigned at = ends[_i];

	starts.stop_at = at;
	starts.signal = row[_i % 3].signal;
	run_well(); /* it is no error */
	ck_assert_uint_eq(starts.count, at);
	ck_assert_uint_eq(samples_taken(), at);
	/* The one that it ended is in the record and told, as any. */
	ck_assert_uint_eq(heard.sampled, at);
	ck_assert_uint_eq(heard.progress, at + 1);
	ck_assert(!record.complete);
	ck_assert_str_eq(record.stopped_by, row[_i % 3].name);
}
END_TEST

START_TEST(signal_before_it_begins)
{
	stop_request(SIGTERM);
	run_well();
	ck_assert_uint_eq(starts.count, 0);
	ck_assert(!record.complete);
	ck_assert_str_eq(record.stopped_by, "SIGTERM");
}
END_TEST

/* ---- memory ---- */

static const struct sample *sample_of_order(uint32_t order)
{
	for (uint32_t i = 0; i < record.cell_count; i++) {
		const struct record_cell *c = &record.cell[i];

		for (uint32_t k = 0; k < c->warmup_count; k++)
			if (c->warmup[k].order == order)
				return &c->warmup[k];
		for (uint32_t k = 0; k < c->sample_count; k++)
			if (c->sample[k].order == order)
				return &c->sample[k];
	}
	return NULL;
}

/* One start finds no memory, the next one does. */
START_TEST(memory_that_has_gone_fails_a_sample)
{
	const struct sample *s;

	memory_gone_at = ends[_i];
	run_well();
	ck_assert_uint_eq(starts.count, SAMPLES - 1);
	ck_assert_uint_eq(samples_taken(), SAMPLES);
	ck_assert(record.complete);
	s = sample_of_order(ends[_i] - 1);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->flags, SAMPLE_BIT(SAMPLE_FLAG_FAILED));
	ck_assert(!sample_is_valid(s));
	ck_assert_uint_eq(s->phases_done, 0);
	ck_assert_int_eq(s->failure.err, ENOMEM);
	ck_assert_str_eq(s->failure.op, "preflight");
	ck_assert_ptr_nonnull(strstr(s->failure.object, "needs 1.0 GiB touched"));
	ck_assert_ptr_nonnull(strstr(s->failure.object, "1.0 GiB available"));
	ck_assert_uint_gt(strlen(s->failure.hint), 0);
	for (int b = 0; b < PIN_BOUNDARY_COUNT; b++) {
		ck_assert_int_eq(s->pins[b].ledger_pages, SAMPLE_NO_COUNT);
		ck_assert_int_eq(s->pins[b].vmpin_pages, SAMPLE_NO_COUNT);
		ck_assert_int_eq(s->pins[b].host_pages, SAMPLE_NO_COUNT);
	}
}
END_TEST

START_TEST(room_is_reserved)
{
	for (uint32_t i = 0; i < CELLS; i++) {
		ck_assert_uint_ge(record.cell[i].sample_room, RUNS);
		ck_assert_uint_ge(record.cell[i].warmup_room, WARMUP);
		ck_assert_uint_eq(record.cell[i].sample_count, 0);
	}
}
END_TEST

START_TEST(room_that_the_host_lacks)
{
	struct fault f = {0};

	/* More than 20 GiB less the margin. */
	record.plan.runs = (uint32_t)(19 * UNITS_GIB / sizeof(struct sample) / CELLS);
	ck_assert_int_eq(campaign_reserve(&record, &f), -ENOMEM);
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert_str_eq(f.op, "--runs");
	ck_assert_ptr_nonnull(strstr(f.object, "20 GiB available"));
	ck_assert_uint_lt(record.cell[0].sample_room, record.plan.runs);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {every_sample_is_taken,
				      each_round_has_every_cell_once,
				      seed_decides_the_order,
				      observer_hears_all,
				      a_round_is_a_sample_of_each_guest,
				      a_round_without_memory_fails_whole,
				      more_samples_than_a_document_takes,
				      nobody_need_observe,
				      nothing_to_do,
				      signal_before_it_begins,
				      room_is_reserved,
				      room_that_the_host_lacks};
	Suite *suite = suite_create("campaign");
	TCase *tcase = tcase_create("campaign");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, make_usual, close_record);
	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, observer_that_fails_ends_it, 0, (int)LENGTH(ends));
	tcase_add_loop_test(tcase, signal_ends_it, 0, (int)LENGTH(ends));
	tcase_add_loop_test(tcase, memory_that_has_gone_fails_a_sample, 0, (int)LENGTH(ends));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
