// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_campaign: which samples are taken, in which order, what the observer hears, and what ends
 * it.
 *
 * tests/run: one at a time
 */
#include "campaign_scene.h"

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
	ck_assert_int_eq(s->failure->err, ENOMEM);
	ck_assert_str_eq(s->failure->op, "preflight");
	ck_assert_ptr_nonnull(strstr(s->failure->object, "needs 1.0 GiB touched"));
	ck_assert_ptr_nonnull(strstr(s->failure->object, "1.0 GiB available"));
	ck_assert_uint_gt(strlen(s->failure->hint), 0);
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
	record.plan.runs = (uint32_t)(19 * UNITS_GIB / sizeof(struct sample_room) / CELLS);
	ck_assert_int_eq(campaign_reserve(&record, &f), -ENOMEM);
	ck_assert_int_eq(f.err, ENOMEM);
	ck_assert_str_eq(f.op, "--runs");
	ck_assert_ptr_nonnull(strstr(f.object, "20 GiB available"));
	ck_assert_uint_lt(record.cell[0].sample_room, record.plan.runs);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {every_sample_is_taken,   each_round_has_every_cell_once,
				      seed_decides_the_order,  observer_hears_all,
				      nobody_need_observe,     nothing_to_do,
				      signal_before_it_begins, room_is_reserved,
				      room_that_the_host_lacks};
	Suite *suite = suite_create("campaign");
	TCase *tcase = campaign_case(suite, tests, LENGTH(tests));

	tcase_add_loop_test(tcase, observer_that_fails_ends_it, 0, (int)LENGTH(ends));
	tcase_add_loop_test(tcase, signal_ends_it, 0, (int)LENGTH(ends));
	tcase_add_loop_test(tcase, memory_that_has_gone_fails_a_sample, 0, (int)LENGTH(ends));
	return run_suite(suite);
}
