/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_scene: two campaigns of noise made from a seed, compared and judged. */
#ifndef TESTS_COMPARE_SCENE_H
#define TESTS_COMPARE_SCENE_H

#include "report_record.h"
#include "sevpinbench/gate.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>

struct scene {
	struct record a, b;
	struct compare_side base, new;
	struct compare c;
	struct gate g;
	struct gate_config config;
};

static struct scene s;

static inline void fill(struct record *r, uint32_t runs, uint64_t seed)
{
	uint32_t i, k;

	report_open(r, 2, 0);
	r->cell[0].cell = report_cell(PIN_MODE_EAGER, UNITS_GIB);
	r->cell[1].cell = report_cell(PIN_MODE_DEMAND, UNITS_GIB);
	r->plan.start_wall_s += (int64_t)seed;
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(record_cell_reserve(&r->cell[i], runs, 0), 0);
		r->cell[i].sample_count = runs;
		for (k = 0; k < runs; k++)
			report_sample(&r->cell[i].sample[k], &r->cell[i].cell, &seed);
	}
}

static inline void open_scene(void)
{
	memset(&s, 0, sizeof(s));
	fill(&s.a, 20, 1);
	fill(&s.b, 20, 2);
	gate_config_default(&s.config);
}

static inline void close_scene(void)
{
	gate_close(&s.g);
	compare_close(&s.c);
	compare_side_close(&s.base);
	compare_side_close(&s.new);
	record_close(&s.a);
	record_close(&s.b);
}

static inline void judge(uint32_t allow)
{
	ck_assert_int_eq(compare_side_add_record(&s.base, "a", &s.a, NULL), 0);
	ck_assert_int_eq(compare_side_add_record(&s.new, "b", &s.b, NULL), 0);
	ck_assert_int_eq(compare_side_finish(&s.base), 0);
	ck_assert_int_eq(compare_side_finish(&s.new), 0);
	ck_assert_int_eq(compare_open(&s.c, &s.base, &s.new, allow, 0.05, NULL), 0);
	ck_assert_int_eq(gate_open(&s.g, &s.c, &s.config), 0);
}

static inline const struct gate_row *row(uint32_t cell, enum compare_metric metric)
{
	for (uint32_t i = 0; i < s.c.row_count; i++) {
		if (s.c.row[i].base_cell == cell && s.c.row[i].metric == metric)
			return &s.g.row[i];
	}
	ck_abort_msg("no row %u of cell %u", metric, cell);
	return NULL;
}

static inline void scale(struct record_cell *c, double factor)
{
	for (uint32_t k = 0; k < c->sample_count; k++) {
		for (int p = 0; p < PHASE_COUNT; p++)
			c->sample[k].phases_ns[p] =
				(uint64_t)((double)c->sample[k].phases_ns[p] * factor);
	}
}

static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *core = tcase_create("core");

	tcase_add_checked_fixture(core, open_scene, close_scene);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(core, tests[i]);
	suite_add_tcase(suite, core);
	return run_suite(suite);
}

#endif
