// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of samples kept in a record: what they point to is theirs, all of it, and no more. */
#include "full_record.h"
#include "run_suite.h"

#include <stdlib.h>

#define MANY 600 /* whose rests fill many chunks of memory */

static struct record record;
static struct record_cell *cell;

static void setup(void)
{
	ck_assert_int_eq(record_open(&record, 1, 0), 0);
	cell = &record.cell[0];
}

static void teardown(void)
{
	record_close(&record);
}

/* A full sample in a room that is somebody's else the moment after. */
static void keep_full(unsigned i, bool warmup)
{
	static struct sample_room room;
	struct sample s = {0};

	next = i * 1000;
	fill_sample(&s, i);
	sample_room_copy(&room, &s);
	ck_assert_int_eq(record_keep(cell, warmup, &room.sample), 0);
	memset(&room, 0x5a, sizeof(room));
}

START_TEST(what_is_kept_is_all_of_it)
{
	for (unsigned i = 0; i < MANY; i++)
		keep_full(i, i % 10 == 0);
	ck_assert_uint_eq(cell->warmup_count, MANY / 10);
	ck_assert_uint_eq(cell->sample_count, MANY - MANY / 10);
	for (unsigned i = 0; i < MANY; i++) {
		const struct sample *kept =
			i % 10 == 0 ? &cell->warmup[i / 10] : &cell->sample[i - i / 10 - 1];
		struct sample s = {0};

		next = i * 1000;
		fill_sample(&s, i);
		compare_sample(kept, &s);
	}
}
END_TEST

START_TEST(what_is_not_there_takes_nothing)
{
	struct sample_room room;

	sample_room_clear(&room);
	ck_assert_int_eq(record_keep(cell, false, &room.sample), 0);
	ck_assert_ptr_null(cell->sample[0].detail);
	ck_assert_ptr_null(cell->sample[0].failure);
	ck_assert_ptr_null(cell->sample[0].counts.count);
	ck_assert_ptr_null(cell->sample[0].faults.step);
	ck_assert_ptr_null(cell->chunk);
	ck_assert_str_eq(sample_detail(&cell->sample[0]), "");
	ck_assert(!sample_has_failure(&cell->sample[0]));
	/* Known to be none is not the same as unknown. */
	room.sample.counts.flushes_known = 1;
	ck_assert_int_eq(record_keep(cell, false, &room.sample), 0);
	ck_assert_uint_eq(cell->sample[1].counts.flushes_known, 1);
	ck_assert_ptr_null(cell->sample[1].counts.count);
}
END_TEST

/* Each count alone, and then all of them: none is taken for its neighbour. */
START_TEST(each_count_has_its_place)
{
	struct sample_room room;
	unsigned i, k;

	for (i = 0; i <= SAMPLE_COUNTS; i++) {
		sample_room_clear(&room);
		room.sample.counts.stats_known = 1;
		for (k = 0; k < SAMPLE_COUNTS; k++)
			room.count[k / PHASE_COUNT][k % PHASE_COUNT] =
				k == i || i == SAMPLE_COUNTS ? -(int64_t)k - 1 : 0;
		ck_assert_int_eq(record_keep(cell, false, &room.sample), 0);
	}
	for (i = 0; i <= SAMPLE_COUNTS; i++) {
		for (k = 0; k < SAMPLE_COUNTS; k++)
			ck_assert_int_eq(sample_count(&cell->sample[i], k / PHASE_COUNT,
						      (enum phase)(k % PHASE_COUNT)),
					 k == i || i == SAMPLE_COUNTS ? -(int64_t)k - 1 : 0);
	}
}
END_TEST

/* A million in half a GB: that is what all of this is for. */
START_TEST(a_sample_is_small)
{
	ck_assert_uint_le(sizeof(struct sample), 480);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("record_keep");
	TCase *t = tcase_create("keep");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_is_kept_is_all_of_it);
	tcase_add_test(t, what_is_not_there_takes_nothing);
	tcase_add_test(t, each_count_has_its_place);
	tcase_add_test(t, a_sample_is_small);
	suite_add_tcase(s, t);
	return run_suite(s);
}
