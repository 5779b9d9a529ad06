// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_campaign_rounds: guests at once are a sample each, of one round, and fail together.
 *
 * tests/run: one at a time
 */
#include "campaign_scene.h"

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

int main(void)
{
	const TTest *const tests[] = {a_round_is_a_sample_of_each_guest,
				      a_round_without_memory_fails_whole,
				      more_samples_than_a_document_takes};
	Suite *suite = suite_create("campaign rounds");

	campaign_case(suite, tests, LENGTH(tests));
	return run_suite(suite);
}
