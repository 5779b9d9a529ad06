// SPDX-License-Identifier: GPL-2.0-or-later
/* test_fleet: groups, classes of hosts that are alike, outliers, and every rendering of them. */
#include "sevpinbench/fleet.h"

#include "golden.h"
#include "report_record.h"
#include "run_suite.h"
#include "sevpinbench/fleet_table.h"
#include "sevpinbench/result_json.h"
#include <check.h>
#include <errno.h>

static struct fleet fleet;

static int take(const char *path, const struct record *r)
{
	struct compare_stage stage = {0};
	uint32_t i, k;

	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].sample_count; k++)
			ck_assert_int_eq(compare_stage_add(&stage, i, &r->cell[i].sample[k]), 0);
	}
	return fleet_take(&fleet, path, r, &stage, NULL);
}

static void begin(enum fleet_by by)
{
	fleet = (struct fleet){.by = by, .alpha = 0.05};
}

static void take_files(void)
{
	static const char *const name[] = {"a1", "a2", "a3", "a4", "b1", "b2"};
	char path[64];
	struct record r;
	unsigned i;

	for (i = 0; i < 6; i++) {
		memset(&r, 0, sizeof(r));
		snprintf(path, sizeof(path), "tests/fixtures/fleet/%s.json", name[5 - i]);
		ck_assert_int_eq(result_json_read(&r, path, NULL), 0);
		ck_assert_int_eq(take(path, &r), 0);
		record_close(&r);
	}
}

/* A host's result: eager cells of 1 GiB, times scaled by factor. */
static void host(struct record *r, unsigned number, uint32_t runs, double factor)
{
	uint64_t seed = number + 1;
	uint32_t k;
	int p;

	report_open(r, 1, 0);
	r->cell[0].cell = report_cell(PIN_MODE_EAGER, UNITS_GIB);
	r->plan.start_wall_s += number;
	snprintf(r->host.name, sizeof(r->host.name), "h%02u", number);
	ck_assert_int_eq(record_cell_reserve(&r->cell[0], runs, 0), 0);
	r->cell[0].sample_count = runs;
	for (k = 0; k < runs; k++) {
		report_sample(&r->cell[0].sample[k], &r->cell[0].cell, &seed);
		for (p = 0; p < PHASE_COUNT; p++)
			r->cell[0].sample[k].phases_ns[p] =
				(uint64_t)((double)r->cell[0].sample[k].phases_ns[p] * factor);
	}
}

static void take_host(unsigned number, uint32_t runs, double factor)
{
	struct record r;

	host(&r, number, runs, factor);
	ck_assert_int_eq(take(r.host.name, &r), 0);
	record_close(&r);
}

static const struct fleet_row *row(const char *group, enum compare_metric metric)
{
	uint32_t i;

	for (i = 0; i < fleet.row_count; i++) {
		if (strcmp(fleet.group[fleet.row[i].group].name, group) == 0 &&
		    fleet.row[i].cell == 0 && fleet.row[i].with.metric == metric)
			return &fleet.row[i];
	}
	ck_abort_msg("%s has no %s", group, words_text(&words_compare_metric, metric));
	return NULL;
}

static uint32_t outliers(void)
{
	uint32_t i, n = 0;

	for (i = 0; i < fleet.row_count; i++)
		n += fleet.row[i].verdict == FLEET_OUTLIER;
	return n;
}

static void render(const char *golden, int (*print)(const struct fleet *f, FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(print(&fleet, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	golden_check(golden, text);
	free(text);
}

START_TEST(renderings)
{
	begin(FLEET_BY_HOST);
	take_files();
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_uint_eq(fleet.class_count, 2);
	render("fleet.txt", fleet_table_print);
	render("fleet.md", fleet_markdown_print);
	render("fleet.csv", fleet_csv_print);
	fleet_close(&fleet);
}
END_TEST

/* What groups are made by does not make them unlike; a4 among a1 to a3 leaves no interval. */
START_TEST(by_kernel)
{
	begin(FLEET_BY_KERNEL);
	take_files();
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_uint_eq(fleet.group_count, 2);
	ck_assert_uint_eq(fleet.class_count, 1);
	render("fleet-kernel.txt", fleet_table_print);
	fleet_close(&fleet);
}
END_TEST

/* Two slow hosts do not hide each other, as they would if each were held against the range. */
START_TEST(two_of_eight)
{
	unsigned i;

	begin(FLEET_BY_HOST);
	for (i = 0; i < 8; i++)
		take_host(i, 12, i == 3 || i == 6 ? 1.3 : 1);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_int_eq(row("h03", COMPARE_STARTUP)->verdict, FLEET_OUTLIER);
	ck_assert_int_eq(row("h06", COMPARE_STARTUP)->verdict, FLEET_OUTLIER);
	for (i = 0; i < 8; i++) {
		char name[8];

		snprintf(name, sizeof(name), "h%02u", i);
		if (i != 3 && i != 6)
			ck_assert_int_eq(row(name, COMPARE_STARTUP)->verdict, FLEET_USUAL);
	}
	fleet_close(&fleet);
}
END_TEST

/* alpha is 0.05: of 60 fleets in which nothing differs, three may have an outlier. */
START_TEST(alike_hosts_have_no_outlier)
{
	unsigned i, k, false_alarms = 0;

	for (k = 0; k < 60; k++) {
		begin(FLEET_BY_HOST);
		for (i = 0; i < 4 + k % 9; i++)
			take_host(k * 12 + i, 12, 1);
		ck_assert_int_eq(fleet_finish(&fleet), 0);
		ck_assert(fleet.tested > 0);
		false_alarms += outliers() > 0;
		fleet_close(&fleet);
	}
	printf("fleets of alike hosts with an outlier: %u of 60\n", false_alarms);
	ck_assert_uint_le(false_alarms, 3);
}
END_TEST

/* 3% is shown by so many samples, and is nothing that anybody looks for. */
START_TEST(less_than_a_twentieth_is_none)
{
	unsigned i;

	begin(FLEET_BY_HOST);
	for (i = 0; i < 6; i++)
		take_host(i, 300, i == 2 ? 1.03 : 1);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert(row("h02", COMPARE_STARTUP)->p < 0.05);
	ck_assert_int_eq(row("h02", COMPARE_STARTUP)->verdict, FLEET_USUAL);
	fleet_close(&fleet);
}
END_TEST

START_TEST(few_samples_and_few_hosts)
{
	begin(FLEET_BY_HOST);
	take_host(0, 2, 1);
	take_host(1, 2, 1);
	take_host(2, 2, 2);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_int_eq(row("h02", COMPARE_STARTUP)->verdict, FLEET_TOO_FEW);
	fleet_close(&fleet);
	begin(FLEET_BY_HOST);
	take_host(0, 20, 1);
	take_host(1, 20, 2);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_int_eq(row("h01", COMPARE_STARTUP)->verdict, FLEET_ALONE);
	ck_assert_uint_eq(fleet.tested, 0);
	fleet_close(&fleet);
}
END_TEST

/* A leak is told wherever it is; that others have none is no merit. */
START_TEST(a_leak)
{
	struct record r;
	unsigned i;

	begin(FLEET_BY_HOST);
	for (i = 0; i < 4; i++)
		take_host(i, 8, 1);
	host(&r, 4, 8, 1);
	r.cell[0].sample[5].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
	ck_assert_int_eq(take("h04", &r), 0);
	record_close(&r);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_int_eq(row("h04", COMPARE_LEAKED)->verdict, FLEET_OUTLIER);
	ck_assert_uint_eq(outliers(), 1);
	fleet_close(&fleet);
}
END_TEST

/* A host of another make is no outlier, and two results of one host must be alike. */
START_TEST(unlike)
{
	const struct compare_source *first, *which;
	struct record r;

	begin(FLEET_BY_HOST);
	take_host(0, 8, 1);
	take_host(1, 8, 1);
	take_host(2, 8, 1);
	host(&r, 3, 8, 3);
	r.host.cpu.logical_cpus++;
	ck_assert_int_eq(take("h03", &r), 0);
	ck_assert_uint_eq(fleet_unlike(&fleet, 0, &first, &which), 0);
	r.plan.start_wall_s++;
	r.host.cpu.logical_cpus++;
	ck_assert_int_eq(take("again", &r), 0);
	ck_assert_uint_eq(fleet_unlike(&fleet, 0, &first, &which), 1u << COMPARE_FIELD_CPUS);
	ck_assert_str_eq(which->path, "again");
	ck_assert_uint_eq(fleet_unlike(&fleet, 1u << COMPARE_FIELD_CPUS, &first, &which), 0);
	ck_assert_int_eq(take("the same", &r), -EEXIST);
	record_close(&r);
	ck_assert_int_eq(fleet_finish(&fleet), 0);
	ck_assert_uint_eq(fleet.class_count, 2);
	ck_assert_uint_eq(fleet_class_differs(&fleet, 1), 1u << COMPARE_FIELD_CPUS);
	ck_assert_int_eq(row("h03", COMPARE_STARTUP)->verdict, FLEET_ALONE);
	fleet_close(&fleet);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fleet");
	TCase *tc = tcase_create("fleet"), *many = tcase_create("many");

	tcase_add_test(tc, renderings);
	tcase_add_test(tc, by_kernel);
	tcase_add_test(tc, two_of_eight);
	tcase_add_test(tc, less_than_a_twentieth_is_none);
	tcase_add_test(tc, few_samples_and_few_hosts);
	tcase_add_test(tc, a_leak);
	tcase_add_test(tc, unlike);
	suite_add_tcase(s, tc);
	/* Sixty comparisons: too many for a memory checker. */
	tcase_set_tags(many, "slow");
	tcase_set_timeout(many, 60);
	tcase_add_test(many, alike_hosts_have_no_outlier);
	suite_add_tcase(s, many);
	return run_suite(s);
}
