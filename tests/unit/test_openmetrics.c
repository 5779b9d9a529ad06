// SPDX-License-Identifier: GPL-2.0-or-later
/* test_openmetrics: the metrics of a record; promtool judges the same golden file in a script. */
#include "sevpinbench/openmetrics.h"

#include "golden.h"
#include "report_record.h"
#include "run_suite.h"
#include <check.h>

static char *metrics_of(const struct record *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(openmetrics_print(r, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(golden_usual)
{
	struct record r;
	char *text;

	report_usual(&r, 3, 2);
	snprintf(r.host.cpu.name, sizeof(r.host.cpu.name), "a \"quoted\\\" one\n");
	r.cell[0].sample[1].flags |= SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS);
	text = metrics_of(&r);
	golden_check("openmetrics.prom", text);
	free(text);
	record_close(&r);
}
END_TEST

/* What nobody measured is left out; a zero would be an alarm, or hide one. */
START_TEST(unknown_is_left_out)
{
	struct record r;
	char *text;

	report_usual(&r, 1, 1);
	r.cell[0].sample_count = 3; /* too few for an interval */
	text = metrics_of(&r);
	ck_assert_ptr_nonnull(strstr(text, "\nsevpinbench_startup_median_seconds{"));
	ck_assert_ptr_null(strstr(text, "\nsevpinbench_startup_median_low_seconds{"));
	free(text);
	r.cell[0].sample_count = 0;
	text = metrics_of(&r);
	ck_assert_ptr_null(strstr(text, "\nsevpinbench_startup_median_seconds{"));
	ck_assert_ptr_null(strstr(text, "\nsevpinbench_pinned_median_bytes{"));
	ck_assert_ptr_nonnull(strstr(text, "state=\"taken\"} 0\n"));
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(file_is_replaced_whole)
{
	char path[4200], *text, *read;
	struct fault f = {0};
	struct record r;
	FILE *old;

	report_usual(&r, 1, 1);
	snprintf(path, sizeof(path), "%s/x.prom", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	old = fopen(path, "w");
	ck_assert_ptr_nonnull(old);
	fclose(old);
	ck_assert_int_eq(openmetrics_write(&r, path, &f), 0);
	text = metrics_of(&r);
	read = golden_read(path);
	ck_assert_str_eq(read, text);
	ck_assert_int_eq(remove(path), 0);
	ck_assert_int_lt(openmetrics_write(&r, "/nonexistent/x.prom", &f), 0);
	ck_assert(fault_is_set(&f));
	free(read);
	free(text);
	record_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("openmetrics");
	TCase *tc = tcase_create("openmetrics");

	tcase_add_test(tc, golden_usual);
	tcase_add_test(tc, unknown_is_left_out);
	tcase_add_test(tc, file_is_replaced_whole);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
