// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_result_steady: samples in which numbers stay the same, and then do not. The reader takes
 * what was the same for a while for text; each value comes back all the same.
 */
#include "full_record.h"
#include "run_suite.h"
#include "test_files.h"
#include <stdlib.h>

#define SAMPLES 36

/* Samples that were looked at key by key: those from which a pattern is learned. */
static unsigned scanned;

struct doc_field;
const char *__real_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p)
{
	scanned += strncmp(p, "{\"order\"", 8) == 0;
	return __real_doc_scan(table, base, p);
}

/* All like the first, but for their times. */
static void fill(struct record *r)
{
	struct sample *s;
	uint32_t k;

	fill_record(r, 1, SAMPLES);
	r->cell[0].warmup_count = 0;
	s = r->cell[0].sample;
	s[0].flags = 0;
	*s[0].failure = (struct fault){0};
	s[0].detail[0] = '\0';
	s[0].faults.sum_ns = 5;
	s[0].counts.flushes_known = s[0].counts.stats_known = 0;
	memset(s[0].counts.moved, 0, sizeof(s[0].counts.moved));
	for (k = 0; k < SAMPLES; k++) {
		s[k] = s[0];
		room_for(&s[k]);
		s[k].start_ns = 1000000 * k;
		s[k].phases_ns[PHASE_PIN] = 999990 + 7 * k; /* from six digits to seven */
	}
}

/* Write it, read it, compare; so many samples may be looked at key by key. */
static void must_come_back(struct record *a, unsigned most)
{
	struct record b;

	write_ok(a, path_of("r.json"));
	scanned = 0;
	read_ok(&b, path_of("r.json"));
	compare_samples(a, &b);
	ck_assert_uint_le(scanned, most);
	ck_assert_uint_gt(scanned, 0);
	record_close(&b);
}

START_TEST(all_the_same)
{
	struct record a;

	fill(&a);
	must_come_back(&a, 1);
	record_close(&a);
}
END_TEST

/* One changes once, a while after all were taken for text: to a longer, a shorter, the largest. */
START_TEST(one_changes_once)
{
	static const uint64_t other[] = {0, 163840, 1638, INT32_MAX};
	static const uint32_t place[] = {0, 8, 9, 10, SAMPLES - 1};
	struct record a;
	size_t i;
	uint32_t k;

	fill(&a);
	for (i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		for (k = 0; k < SAMPLES; k++)
			a.cell[0].sample[k].touched_pages = k == place[i] ? other[_i] : 16384;
		must_come_back(&a, 1);
	}
	record_close(&a);
}
END_TEST

/* One after the other becomes a number that changes: at last all that were text. */
START_TEST(more_and_more_change)
{
	struct record a;
	struct sample *s;
	uint32_t k;

	fill(&a);
	for (k = 0; k < SAMPLES; k++) {
		s = &a.cell[0].sample[k];
		s->touched_pages = k / 4;
		s->minor_faults = k / 8;
		s->faults.sum_ns = k / 11;
		s->pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages = k / 15;
		s->pins[PIN_BOUNDARY_BEFORE].host_pages = k / 18;
		s->order = k % 9 == 0 ? 7 : 3;
	}
	must_come_back(&a, 1);
	record_close(&a);
}
END_TEST

/* What was a number becomes unknown, and known again: another pattern each time. */
START_TEST(a_number_becomes_null)
{
	struct record a;
	uint32_t k;

	fill(&a);
	for (k = 15; k < 25; k++)
		a.cell[0].sample[k].pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages = SAMPLE_NO_COUNT;
	must_come_back(&a, 3);
	record_close(&a);
}
END_TEST

/* How long k faults took, or so: none, many and few in turn. */
static void fill_steps(struct sample *s, uint32_t k)
{
	static struct histogram_step step[SAMPLES][SAMPLE_FAULT_STEPS];
	uint32_t i;

	s->faults.step = step[k];
	s->faults.steps = k * 25 % (SAMPLE_FAULT_STEPS + 1);
	for (i = 0; i < s->faults.steps; i++)
		step[k][i] = (struct histogram_step){(i + 1) * (99990 + k), i % 3 + 1};
}

/* Distributions are of another length in each sample: the pattern goes on behind them. */
START_TEST(a_distribution_is_as_long_as_it_is)
{
	struct record a;
	uint32_t k;

	fill(&a);
	for (k = 0; k < SAMPLES; k++)
		fill_steps(&a.cell[0].sample[k], k);
	must_come_back(&a, 1);
	record_close(&a);
}
END_TEST

/* Edit the k-th sample's text behind the key: by one character, then it is refused. */
static void must_refuse(struct record *a, uint32_t k, const char *key, size_t at, char to,
			const char *why)
{
	struct record b = {0};
	struct fault f = {0};
	char *text, *p;

	write_ok(a, path_of("r.json"));
	text = slurp(path_of("r.json"));
	for (p = text; p && k-- > 0;)
		p = strstr(p + 1, key);
	ck_assert_ptr_nonnull(p);
	p[strlen(key) + at] = to;
	put(path_of("r.json"), text, strlen(text));
	ck_assert_int_eq(result_json_read(&b, path_of("r.json"), &f), -EINVAL);
	ck_assert_msg(strstr(f.object, why) != NULL, "%s", f.object);
	free(text);
}

/* "[[100010,1],[200020,2],...": a time that is none, a count of 0, an order that falls. */
START_TEST(a_distribution_out_of_order_is_refused)
{
	static const struct {
		size_t at;
		char to;
		const char *why;
	} edits[] = {{2, 'x', "not JSON"}, {9, '0', "histogram[0]"}, {2, '9', "histogram[1]"}};
	struct record a;
	uint32_t k;

	fill(&a);
	for (k = 0; k < SAMPLES; k++)
		fill_steps(&a.cell[0].sample[k], 20);
	must_refuse(&a, 29, "\"histogram\":", edits[_i].at, edits[_i].to, edits[_i].why);
	record_close(&a);
}
END_TEST

/* "[]" without its first character: there is nothing that could begin. */
START_TEST(a_distribution_without_its_bracket_is_refused)
{
	static const char key[] = "\"histogram\":";
	struct record a, b = {0};
	struct fault f = {0};
	char *text, *p;
	uint32_t k;

	fill(&a);
	for (k = 0; k < SAMPLES; k++)
		a.cell[0].sample[k].faults.steps = 0;
	write_ok(&a, path_of("r.json"));
	text = slurp(path_of("r.json"));
	for (k = 0, p = text; p && k < (_i ? 1 : 30); k++)
		p = strstr(p + 1, key);
	ck_assert_ptr_nonnull(p);
	p += strlen(key);
	ck_assert(p[0] == '[' && p[1] == ']');
	memmove(p, p + 1, strlen(p));
	put(path_of("r.json"), text, strlen(text));
	ck_assert_int_eq(result_json_read(&b, path_of("r.json"), &f), -EINVAL);
	ck_assert_msg(strstr(f.object, "not JSON") != NULL, "%s", f.object);
	free(text);
	record_close(&a);
}
END_TEST

/* What no sample may have is refused, also where a number before it was fine: 0 is no time here. */
START_TEST(too_little_is_refused)
{
	struct record a;
	uint32_t k;

	fill(&a);
	for (k = 0; k < SAMPLES; k++)
		a.cell[0].sample[k].first_ns = _i ? 7 : 1 + k % 9;
	must_refuse(&a, 30, "\"first_ns\":", 0, '0', "samples[29]");
	record_close(&a);
}
END_TEST

static void setup(void)
{
	files_setup();
}

int main(void)
{
	Suite *suite = suite_create("result steady");
	TCase *tc = tcase_create("steady");

	tcase_add_checked_fixture(tc, setup, files_teardown);
	tcase_add_test(tc, all_the_same);
	tcase_add_loop_test(tc, one_changes_once, 0, 4);
	tcase_add_test(tc, more_and_more_change);
	tcase_add_test(tc, a_number_becomes_null);
	tcase_add_test(tc, a_distribution_is_as_long_as_it_is);
	tcase_add_loop_test(tc, a_distribution_without_its_bracket_is_refused, 0, 2);
	tcase_add_loop_test(tc, a_distribution_out_of_order_is_refused, 0, 3);
	tcase_add_loop_test(tc, too_little_is_refused, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
