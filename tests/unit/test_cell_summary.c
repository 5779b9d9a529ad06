// SPDX-License-Identifier: GPL-2.0-or-later
/* test_cell_summary: a cell's samples in a few numbers; which samples count. */
#include "sevpinbench/cell_summary.h"

#include "report_record.h"
#include "run_suite.h"
#include <check.h>
#include <string.h>

START_TEST(summary_of_valid_samples)
{
	struct record r;
	struct cell_summary s;
	uint32_t i;

	report_usual(&r, 1, 1);
	for (i = 0; i < 10; i++) {
		struct sample *one = &r.cell[0].sample[i];

		memset(one->phases_ns, 0, sizeof(one->phases_ns));
		one->phases_ns[PHASE_PREFAULT] = 5;
		one->phases_ns[PHASE_PIN] = 100 * (i + 1);
		one->phases_ns[PHASE_TOUCH] = 1000;
		one->pins[PIN_BOUNDARY_BEFORE].host_pages = 1000 + i;
		one->pins[PIN_BOUNDARY_AFTER_PIN].host_pages = 1000 + i + 64;
		one->pins[PIN_BOUNDARY_AFTER_PIN].ledger_pages = 60 + i;
	}
	r.cell[0].sample[9].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
	r.cell[0].sample[8].flags = SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS); /* valid all the same */
	r.cell[0].sample[0].phases_done &= ~(1u << PHASE_TOUCH);
	r.cell[0].sample[0].pins[PIN_BOUNDARY_BEFORE].host_pages = SAMPLE_NO_COUNT;
	ck_assert_int_eq(cell_summary_make(&r.cell[0], &s), 0);
	ck_assert_uint_eq(s.taken, 10);
	ck_assert_uint_eq(s.valid, 9);
	ck_assert_uint_eq(s.startup_ns.n, 9);
	ck_assert_double_eq(s.startup_ns.median, 505);
	ck_assert_double_eq(s.startup_without_prefault_ns.median, 500);
	ck_assert_double_eq(s.startup_ns.max, 905);
	ck_assert_uint_eq(s.working_set_ns.n, 8);
	ck_assert_double_eq(s.working_set_ns.min, 1205);
	ck_assert_double_eq(s.phase_ns[PHASE_PIN].median, 500);
	ck_assert_uint_eq(s.phase_ns[PHASE_TOUCH].n, 8);
	ck_assert_double_eq(s.ledger_pages[PIN_BOUNDARY_AFTER_PIN].median, 64);
	ck_assert_uint_eq(s.host_rise_pages[PIN_BOUNDARY_AFTER_PIN].n, 8);
	ck_assert_double_eq(s.host_rise_pages[PIN_BOUNDARY_AFTER_PIN].median, 64);
	ck_assert_double_eq(s.host_rise_pages[PIN_BOUNDARY_AFTER_PIN].mad, 0);
	r.cell[0].sample_count = 0;
	ck_assert_int_eq(cell_summary_make(&r.cell[0], &s), 0);
	ck_assert_uint_eq(s.startup_ns.n, 0);
	record_close(&r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cell summary");
	TCase *tcase = tcase_create("cell summary");

	tcase_add_test(tcase, summary_of_valid_samples);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
