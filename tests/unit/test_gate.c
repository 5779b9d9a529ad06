// SPDX-License-Identifier: GPL-2.0-or-later
/* test_gate: verdicts on campaigns whose difference is known, and what is measured again. */
#include "compare_scene.h"
#include "sample_rooms.h"

START_TEST(alike_campaigns_pass)
{
	judge(0);
	ck_assert_int_eq(s.g.verdict, GATE_PASS);
	ck_assert_uint_eq(s.c.lone_count, 0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->row->verdict, COMPARE_SAME);
}
END_TEST

START_TEST(slower_fails_and_faster_never_does)
{
	scale(&s.b.cell[0], 1.2);
	scale(&s.b.cell[1], 0.5);
	judge(0);
	ck_assert_int_eq(s.g.verdict, GATE_FAIL);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_FAIL);
	ck_assert_int_eq(row(1, COMPARE_STARTUP)->verdict, GATE_PASS);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->row->verdict, COMPARE_WORSE);
	ck_assert_int_eq(row(1, COMPARE_STARTUP)->row->verdict, COMPARE_BETTER);
}
END_TEST

/* 3% is shown with certainty by so many samples, and is less than the bound. */
START_TEST(significant_is_not_enough)
{
	record_close(&s.a);
	record_close(&s.b);
	fill(&s.a, 400, 1);
	fill(&s.b, 400, 2);
	scale(&s.b.cell[0], 1.03);
	judge(0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->row->verdict, COMPARE_WORSE);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_PASS);
}
END_TEST

START_TEST(one_page_more_fails)
{
	for (uint32_t k = 0; k < s.b.cell[1].sample_count; k++)
		s.b.cell[1].sample[k].pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages++;
	judge(0);
	ck_assert_int_eq(row(1, COMPARE_PINNED_TOUCHED)->verdict, GATE_FAIL);
	ck_assert(row(1, COMPARE_PINNED_TOUCHED)->row->exact);
	ck_assert_int_eq(row(1, COMPARE_PINNED_START)->verdict, GATE_PASS);
}
END_TEST

/* Two flushes or three, as it comes: one draw that has three is no regression. */
START_TEST(counts_that_vary_are_tested)
{
	for (uint32_t k = 0; k < 20; k++) {
		struct sample *a = &s.a.cell[0].sample[k], *b = &s.b.cell[0].sample[k];

		room_for(a)->count[SAMPLE_FLUSHES][PHASE_DESTROY] = 2;
		room_for(b)->count[SAMPLE_FLUSHES][PHASE_DESTROY] = k == 7 ? 3 : 2;
		a->counts.flushes_known = b->counts.flushes_known = 1;
	}
	judge(0);
	ck_assert(!row(0, COMPARE_FLUSHES)->row->exact);
	ck_assert_int_eq(row(0, COMPARE_FLUSHES)->row->verdict, COMPARE_SAME);
	ck_assert_int_eq(row(0, COMPARE_FLUSHES)->verdict, GATE_PASS);
}
END_TEST

START_TEST(one_leak_and_one_failure_fail)
{
	s.b.cell[0].sample[3].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
	s.b.cell[0].sample[3].pins[PIN_BOUNDARY_AFTER_DESTROY].vmpin_pages = 9;
	s.b.cell[1].sample[4].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	judge(0);
	ck_assert_int_eq(row(0, COMPARE_LEAKED)->verdict, GATE_FAIL);
	ck_assert_double_eq(row(0, COMPARE_LEAKED)->row->new.most, 9);
	ck_assert_int_eq(row(1, COMPARE_FAILED)->verdict, GATE_FAIL);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->row->new.n, 19);
}
END_TEST

START_TEST(too_few_runs_cannot_tell_and_say_how_many)
{
	s.b.cell[0].sample_count = s.b.cell[1].sample_count = 1;
	judge(0);
	ck_assert_int_eq(s.g.verdict, GATE_CANT_TELL);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_CANT_TELL);
	ck_assert_int_eq(row(0, COMPARE_PIN_PHASE)->verdict, GATE_NOISY);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->row->verdict, COMPARE_TOO_FEW);
	ck_assert_uint_ge(s.g.runs, 5);
	ck_assert_uint_eq(s.g.more, s.g.runs - 1);
}
END_TEST

START_TEST(noise_cannot_tell)
{
	for (uint32_t k = 0; k < 20; k++) {
		s.a.cell[0].sample[k].phases_ns[PHASE_PIN] *= 1 + k * 7 % 3;
		s.b.cell[0].sample[k].phases_ns[PHASE_PIN] *= 1 + k * 11 % 3;
	}
	judge(0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_CANT_TELL);
	ck_assert_uint_gt(row(0, COMPARE_STARTUP)->runs, 100);
	s.config.rule_count = 1;
	s.config.rule[0] = (struct gate_rule){-1, -1, -1, -1, -1, 0, 5.0, -1, -1};
	gate_close(&s.g);
	ck_assert_int_eq(gate_open(&s.g, &s.c, &s.config), 0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_PASS);
}
END_TEST

/* So few that chance alone may part them: however far apart, it is no failure. */
START_TEST(far_apart_is_not_enough)
{
	record_close(&s.a);
	record_close(&s.b);
	fill(&s.a, 4, 1);
	fill(&s.b, 4, 2);
	scale(&s.b.cell[0], 3);
	judge(0);
	ck_assert_double_gt(row(0, COMPARE_STARTUP)->row->shift.estimate,
			    row(0, COMPARE_STARTUP)->bound * 10);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_CANT_TELL);
}
END_TEST

/* Judge again with a bound of so many times what would be found. */
static const struct gate_row *with_bound(double of_detectable)
{
	const struct gate_row *r = row(0, COMPARE_STARTUP);

	s.config.rule_count = 1;
	s.config.rule[0] = (struct gate_rule){
		COMPARE_STARTUP, -1, -1, -1, -1, 0, 0, r->detectable * of_detectable, -1};
	gate_close(&s.g);
	ck_assert_int_eq(gate_open(&s.g, &s.c, &s.config), 0);
	return row(0, COMPARE_STARTUP);
}

START_TEST(twice_the_bound_is_what_must_be_found)
{
	const struct gate_row *r;

	for (uint32_t k = 0; k < 20; k++) {
		s.a.cell[0].sample[k].phases_ns[PHASE_PIN] *= 1 + k * 7 % 3;
		s.b.cell[0].sample[k].phases_ns[PHASE_PIN] *= 1 + k * 7 % 3;
	}
	judge(0);
	ck_assert_double_lt(row(0, COMPARE_STARTUP)->row->wide.high.value,
			    row(0, COMPARE_STARTUP)->row->shift.high.value);
	ck_assert_int_eq(with_bound(0.51)->verdict, GATE_PASS);
	r = with_bound(0.2);
	ck_assert_double_gt(r->row->wide.high.value, r->bound);
	ck_assert_int_eq(r->verdict, GATE_CANT_TELL);
	/* Found would be 2.5 times what is asked for: that takes 2.5^2 times the runs. */
	ck_assert_uint_ge(r->runs, 124);
	ck_assert_uint_le(r->runs, 126);
	s.config.rule[0].need = GATE_OFF;
	gate_close(&s.g);
	ck_assert_int_eq(gate_open(&s.g, &s.c, &s.config), 0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_NOT_JUDGED);
}
END_TEST

/* A quarter of NEW is as before: not significant at this level, and yet nothing that may pass. */
START_TEST(what_was_seen_beyond_the_bound_never_passes)
{
	const struct gate_row *r;

	for (uint32_t k = 0; k < 20; k++) {
		s.a.cell[0].sample[k].phases_ns[PHASE_PIN] = 400000000 + k * 7 % 20 * 100000;
		s.b.cell[0].sample[k].phases_ns[PHASE_PIN] =
			(k % 4 ? 440000000 : 400000000) + k * 11 % 20 * 100000;
	}
	s.config.alpha = 1e-5;
	judge(0);
	r = row(0, COMPARE_STARTUP);
	ck_assert_double_gt(r->p, s.config.alpha);
	ck_assert_double_gt(r->row->shift.estimate, r->bound);
	ck_assert_double_le(r->detectable, GATE_TWICE * r->bound);
	ck_assert_int_eq(r->verdict, GATE_CANT_TELL);
	/* More runs than these, but not so many more: 4 deviations are seen, 5 asked for. */
	ck_assert_uint_gt(r->runs, 20);
	ck_assert_uint_lt(r->runs, 50);
}
END_TEST

/* ---- what looked worse is measured again ---- */

static enum compare_metric again_metric; /* the suspect with the greatest p in the fresh set */
static double again_raw;		 /* that p, not adjusted */

static void note_suspects(const struct compare *c)
{
	uint32_t i;

	again_raw = 0;
	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->row[i];

		if (r->exact || r->base_cell != 0 || r->test.p_greater <= again_raw)
			continue;
		again_raw = r->test.p_greater;
		again_metric = r->metric;
	}
}

/* A fresh set of these cells, longer by factor, into the verdict. */
static void again(bool first, bool second, uint64_t seed, double factor)
{
	struct record r = {0};
	struct compare_side side = {0};
	struct compare c = {0};

	fill(&r, 20, seed);
	scale(&r.cell[0], factor);
	if (!first) {
		struct record_cell other = r.cell[0];

		r.cell[0] = r.cell[1];
		r.cell[1] = other;
	}
	if (!first || !second)
		r.cell_count = 1;
	ck_assert_int_eq(compare_side_add_record(&side, "again", &r, NULL), 0);
	ck_assert_int_eq(compare_side_finish(&side), 0);
	ck_assert_int_eq(compare_open(&c, &s.base, &side, 0, 0.05, NULL), 0);
	note_suspects(&c);
	ck_assert_int_eq(gate_again(&s.g, &c), 0);
	compare_close(&c);
	compare_side_close(&side);
	r.cell_count = 2;
	record_close(&r);
}

START_TEST(a_failure_is_confirmed_or_cleared)
{
	bool measure[2] = {false, true};

	scale(&s.b.cell[0], 1.2);
	judge(0);
	ck_assert_uint_eq(gate_suspects(&s.g, measure), 3);
	ck_assert(measure[0] && !measure[1]);
	again(true, true, 3, 1.2);
	ck_assert_int_eq(s.g.verdict, GATE_FAIL);
	/* Of three suspects none is adjusted by more than 3; of all 6 figures it would be 4 or
	 * more. */
	ck_assert_uint_eq(s.g.tested, 6);
	ck_assert_double_gt(again_raw, 0);
	ck_assert_double_le(row(0, again_metric)->again[0].p, again_raw * 3.001);
	ck_assert_uint_eq(s.g.reruns, 1);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->again_count, 1);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->again[0].n, 20);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->again[0].verdict, GATE_FAIL);
	ck_assert_uint_eq(row(1, COMPARE_STARTUP)->again_count, 0);
	ck_assert_int_eq(row(1, COMPARE_STARTUP)->verdict, GATE_PASS);
	again(true, true, 4, 1.0);
	ck_assert_int_eq(s.g.verdict, GATE_PASS);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->again_count, 2);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_PASS);
	ck_assert_uint_eq(s.g.count[GATE_FAIL], 0);
	ck_assert_uint_eq(gate_suspects(&s.g, NULL), 0);
}
END_TEST

/* Less than 5%: no failure, but its interval reaches above the bound, so it is not cleared either,
   though a change of twice the bound would have been found. */
START_TEST(a_failure_is_cleared_by_evidence_alone)
{
	scale(&s.b.cell[0], 1.2);
	judge(0);
	again(true, true, 3, 1.02);
	ck_assert_double_lt(row(0, COMPARE_STARTUP)->again[0].shift,
			    row(0, COMPARE_STARTUP)->bound);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->again[0].verdict, GATE_CANT_TELL);
	ck_assert_int_ne(s.g.verdict, GATE_PASS);
}
END_TEST

START_TEST(what_was_not_measured_again_is_not_cleared)
{
	scale(&s.b.cell[0], 1.2);
	judge(0);
	again(false, true, 3, 1.0);
	ck_assert_int_eq(row(0, COMPARE_STARTUP)->verdict, GATE_CANT_TELL);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->again[0].n, 0);
	ck_assert_int_eq(s.g.verdict, GATE_CANT_TELL);
}
END_TEST

START_TEST(what_chance_cannot_do_is_no_suspect)
{
	uint32_t k;

	for (k = 0; k < 20; k++)
		s.b.cell[1].sample[k].pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages++;
	s.b.cell[0].sample[3].flags |= SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	judge(0);
	ck_assert_int_eq(s.g.verdict, GATE_FAIL);
	ck_assert_uint_eq(gate_suspects(&s.g, NULL), 0);
	again(true, true, 3, 1.0);
	ck_assert_int_eq(s.g.verdict, GATE_FAIL);
	ck_assert_int_eq(row(1, COMPARE_PINNED_TOUCHED)->verdict, GATE_FAIL);
	ck_assert_uint_eq(row(1, COMPARE_PINNED_TOUCHED)->again_count, 0);
}
END_TEST

/* A slope is made of all sizes: they are measured again together. */
START_TEST(a_line_is_measured_again_as_a_whole)
{
	struct gate g = {.compare = &s.c};
	bool measure[8];
	uint32_t i, k, slope = 0;

	record_close(&s.a);
	record_close(&s.b);
	for (k = 0; k < 2; k++) {
		struct record *r = k ? &s.b : &s.a;
		uint64_t seed = k + 1;

		report_open(r, 4, 0);
		r->plan.start_wall_s += (int64_t)seed;
		for (i = 0; i < 4; i++) {
			r->cell[i].cell = report_cell(i == 3 ? PIN_MODE_DEMAND : PIN_MODE_EAGER,
						      UNITS_GIB << i);
			ck_assert_int_eq(record_cell_reserve(&r->cell[i], 20, 0), 0);
			r->cell[i].sample_count = 20;
			for (uint32_t n = 0; n < 20; n++)
				report_sample(&r->cell[i].sample[n], &r->cell[i].cell, &seed);
		}
	}
	judge(0);
	for (i = 0; i < s.c.row_count; i++)
		slope = s.c.row[i].metric == COMPARE_SLOPE ? i : slope;
	ck_assert_int_eq(s.c.row[slope].metric, COMPARE_SLOPE);
	g.row = s.g.row;
	for (i = 0; i < s.c.row_count; i++)
		g.row[i].verdict = i == slope ? GATE_FAIL : GATE_PASS;
	ck_assert_uint_eq(gate_suspects(&g, measure), 1);
	ck_assert(measure[0] && measure[1] && measure[2] && !measure[3] && !measure[4]);
}
END_TEST
int main(void)
{
	const TTest *const tests[] = {
		alike_campaigns_pass,
		slower_fails_and_faster_never_does,
		significant_is_not_enough,
		one_page_more_fails,
		counts_that_vary_are_tested,
		one_leak_and_one_failure_fail,
		too_few_runs_cannot_tell_and_say_how_many,
		noise_cannot_tell,
		far_apart_is_not_enough,
		twice_the_bound_is_what_must_be_found,
		what_was_seen_beyond_the_bound_never_passes,
		a_failure_is_confirmed_or_cleared,
		a_failure_is_cleared_by_evidence_alone,
		what_was_not_measured_again_is_not_cleared,
		what_chance_cannot_do_is_no_suspect,
		a_line_is_measured_again_as_a_whole,
	};

	return run_tests("gate", tests, sizeof(tests) / sizeof(tests[0]));
}
