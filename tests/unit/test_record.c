// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of record and sample: memory and latencies. */
#include "sevpinbench/record.h"

#include "run_suite.h"
#include <check.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* ---- record ---- */

START_TEST(opens_zeroed_and_closes_twice)
{
	struct record r = {.plan.seed = 9};

	ck_assert_int_eq(record_open(&r, 3, 2), 0);
	ck_assert_uint_eq(r.cell_count, 3);
	ck_assert_uint_eq(r.refusal_count, 2);
	ck_assert_uint_eq(r.plan.seed, 9); /* what was filled in before stays */
	ck_assert_ptr_null(r.cell[2].sample);
	ck_assert_uint_eq(r.refusal[1].cell.guest_bytes, 0);
	ck_assert_int_eq(record_cell_reserve(&r.cell[2], 5, 1), 0);
	record_close(&r);
	ck_assert_ptr_null(r.cell);
	ck_assert_uint_eq(r.cell_count, 0);
	ck_assert_uint_eq(r.plan.seed, 0);
	record_close(&r);
}
END_TEST

START_TEST(opens_without_cells)
{
	struct record r = {0};

	ck_assert_int_eq(record_open(&r, 0, 0), 0);
	ck_assert_uint_eq(r.cell_count, 0);
	record_close(&r);
}
END_TEST

START_TEST(reserve_grows_and_keeps)
{
	struct record_cell c = {0};
	uint32_t i;

	mallopt(M_PERTURB, 0x55); /* fresh memory is not zero by luck */
	ck_assert_int_eq(record_cell_reserve(&c, 2, 1), 0);
	ck_assert(c.sample[0].flags == 0 && c.warmup[0].order == 0);
	ck_assert(c.sample[1].phases_ns[PHASE_PIN] == 0);
	ck_assert_uint_eq(c.sample_room, 2);
	ck_assert_uint_eq(c.warmup_room, 1);
	c.sample[1].order = 77;
	c.warmup[0].order = 78;
	ck_assert_int_eq(record_cell_reserve(&c, 1000, 1), 0);
	ck_assert_uint_eq(c.sample[1].order, 77);
	ck_assert_uint_eq(c.warmup[0].order, 78);
	for (i = 2; i < 1000; i++)
		ck_assert(c.sample[i].order == 0 && c.sample[i].flags == 0 && !c.sample[i].failure);
	ck_assert_int_eq(record_cell_reserve(&c, 10, 0), 0);
	ck_assert_uint_eq(c.sample_room, 1000);
	ck_assert_uint_eq(c.warmup_room, 1);
	free(c.sample);
	free(c.warmup);
}
END_TEST

/* ---- sample ---- */

/* Phase p takes 2^p ns, so every sum tells which phases are in it. */
static struct sample sample_until(enum phase last)
{
	struct sample s = {0};
	int p;

	for (p = 0; p < PHASE_COUNT; p++)
		s.phases_ns[p] = 1u << p;
	s.phases_done = (2u << last) - 1;
	return s;
}

START_TEST(latencies_are_sums_of_phases)
{
	struct sample s = sample_until(PHASE_DESTROY);
	uint64_t upto_first = (2u << PHASE_FIRST_INSTRUCTION) - 1, ns;

	ck_assert(sample_startup_ns(&s, &ns));
	ck_assert_uint_eq(ns, upto_first);
	ck_assert(sample_startup_without_prefault_ns(&s, &ns));
	ck_assert_uint_eq(ns, upto_first - (1u << PHASE_PREFAULT));
	ck_assert(sample_working_set_ns(&s, &ns));
	ck_assert_uint_eq(ns, upto_first + (1u << PHASE_TOUCH));
}
END_TEST

START_TEST(latencies_need_their_phases)
{
	struct sample s = sample_until(PHASE_FIRST_INSTRUCTION);
	uint64_t ns = 5;

	ck_assert(sample_startup_ns(&s, &ns));
	ns = 5;
	ck_assert(!sample_working_set_ns(&s, &ns));
	ck_assert_uint_eq(ns, 5);
	s.phases_done &= ~(1u << PHASE_MEMSLOT);
	ck_assert(!sample_has_phase(&s, PHASE_MEMSLOT));
	ck_assert(sample_has_phase(&s, PHASE_PIN));
	ck_assert(!sample_startup_ns(&s, &ns));
	ck_assert(!sample_startup_without_prefault_ns(&s, &ns));
	s = sample_until(PHASE_VCPU_CREATE);
	ck_assert(!sample_startup_ns(&s, &ns));
	ck_assert(!sample_has_phase(&s, (enum phase)PHASE_COUNT));
}
END_TEST

START_TEST(validity_of_flag)
{
	const uint32_t bad = SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_LEAK) |
			     SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
	struct sample s = {0};

	ck_assert(sample_is_valid(&s));
	s.flags = SAMPLE_BIT(_i);
	ck_assert_int_eq(sample_is_valid(&s), (bad & s.flags) == 0);
}
END_TEST

static Suite *record_suite(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_add_test(t, opens_zeroed_and_closes_twice);
	tcase_add_test(t, opens_without_cells);
	tcase_add_test(t, reserve_grows_and_keeps);
	suite_add_tcase(s, t);
	t = tcase_create("sample");
	tcase_add_test(t, latencies_are_sums_of_phases);
	tcase_add_test(t, latencies_need_their_phases);
	tcase_add_loop_test(t, validity_of_flag, 0, SAMPLE_FLAG_COUNT);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(record_suite());
}
