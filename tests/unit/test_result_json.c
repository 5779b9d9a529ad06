// SPDX-License-Identifier: GPL-2.0-or-later
/* test_result_json: a record as a document, and the same record back; nothing lost on the way. */
#include "sevpinbench/result_json.h"

#include "full_record.h"
#include "run_suite.h"
#include "test_files.h"
#include <jansson.h>
#include <math.h>

/* ---- what the tests break ---- */

static bool disk_full;

int __real_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes)
{
	if (!disk_full)
		return __real_sys_write_all(fd, buf, bytes);
	__real_sys_write_all(fd, buf, bytes / 2);
	return -ENOSPC;
}

/* All requests for memory fail once so many were served; -1: never. */
static long requests_left = -1;
static bool starved;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes)
{
	if (requests_left == 0) {
		starved = true;
		return NULL;
	}
	if (requests_left > 0)
		requests_left--;
	return __real_malloc(bytes);
}

/* Samples read in the form in which we write them; with scans off, jansson reads them all. */
static bool scans = true;

struct doc_field;
const char *__real_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p)
{
	return scans ? __real_doc_scan(table, base, p) : NULL;
}

/* Samples that went to jansson. */
static unsigned parsed;

json_t *__real_json_loadb(const char *text, size_t bytes, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t bytes, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t bytes, size_t flags, json_error_t *error)
{
	parsed += bytes > 8 && strncmp(text, "{\"order\"", 8) == 0;
	return __real_json_loadb(text, bytes, flags, error);
}

static void setup(void)
{
	files_setup();
	scans = true;
	parsed = 0;
	disk_full = false;
	requests_left = -1;
}

/* ---- the document ---- */

START_TEST(the_same_record_comes_back)
{
	struct record a, b;

	fill_record(&a, 7, 4);
	a.complete = _i;
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	compare_audits(&a, &b);
	ck_assert_int_eq(b.complete, _i);
	ck_assert_str_eq(a.stopped_by, b.stopped_by);
	record_close(&a);
	record_close(&b);
}
END_TEST

/* The usual sample, without flags and failure: all of them by the scan, and no value another. */
START_TEST(what_is_written_is_scanned)
{
	struct record a, b, c;
	uint32_t i, k;

	fill_record(&a, 7, 40);
	for (i = 0; i < a.cell_count; i++) {
		a.cell[i].warmup_count = 0;
		for (k = 0; k < a.cell[i].sample_count; k++) {
			a.cell[i].sample[k].flags = 0;
			*a.cell[i].sample[k].failure = (struct fault){0};
			snprintf(a.cell[i].sample[k].detail, SAMPLE_DETAIL_LEN, "plain %u", k);
			a.cell[i].sample[k].faults.sum_ns = k; /* INT64_MAX has a digit too many */
		}
	}
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_uint_eq(parsed, 0);
	compare_samples(&a, &b);
	scans = false;
	read_ok(&c, path_of("r.json"));
	compare_samples(&b, &c);
	record_close(&a);
	record_close(&b);
	record_close(&c);
}
END_TEST

/* Flags too, of which all samples of huge pages have one; whatever set of them. */
START_TEST(flags_are_scanned)
{
	struct record a, b, c;
	uint32_t k;

	fill_record(&a, 1, 300);
	a.cell[0].warmup_count = 0;
	for (k = 0; k < a.cell[0].sample_count; k++) {
		a.cell[0].sample[k].flags = k * 40503u % (1u << SAMPLE_FLAG_COUNT);
		*a.cell[0].sample[k].failure = (struct fault){0};
		snprintf(a.cell[0].sample[k].detail, SAMPLE_DETAIL_LEN, "plain");
		a.cell[0].sample[k].faults.sum_ns = k; /* INT64_MAX has a digit too many */
	}
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_uint_eq(parsed, 0);
	compare_samples(&a, &b);
	scans = false;
	read_ok(&c, path_of("r.json"));
	ck_assert_uint_gt(parsed, 0);
	compare_samples(&b, &c);
	record_close(&a);
	record_close(&b);
	record_close(&c);
}
END_TEST

/* Nearly our own form: the scan must leave all of it to jansson, which refuses it. */
static const struct {
	const char *ours, *other;
} nearly[] = {
	{"\"phases_ns\":{", "\"phases_ns\":}"},
	{"\"phases_ns\":{", "\"phases_ns\":{,"},
	{"\"order\":", "\"order\":0"},
	{"\"order\":", "\"order\":-"},
	{"\"order\":", "\"order\":99999999999999999999"},
	{"\"order\":", "\"order\":9223372036854775807,\"order\":"},
	{",\"start_ns\"", "\"start_ns\""},
	{",\"start_ns\"", ",,\"start_ns\""},
	{"\"flags\":[]", "\"flags\":[}"},
	{"\"flags\":[]", "\"flags\":null"},
	{"\"failure\":null", "\"failure\":nul"},
	{"\"failure\":null", "\"failure\":null,"},
	{"\"startup_ns\":", "\"startup_ns\":x"},
	{"\"detail\":\"", "\"detail\":\"\t"},
	{"\"detail\":\"", "\"detail\":\"\\x"},
	{"\"vmpin_pages\":", "\"vmpin_pages\":-"},
	{"\"p50_ns\":", "\"p5_ns\":0,\"p50_ns\":0"},
};

START_TEST(what_is_nearly_so_is_refused)
{
	char *text, *at, *end;
	struct fault f = {0};
	struct record r;
	FILE *out;

	fill_record(&r, 1, 2);
	r.cell[0].warmup_count = 0;
	write_ok(&r, path_of("r.json"));
	record_close(&r);
	text = slurp(path_of("r.json"));
	at = strstr(text, nearly[_i].ours);
	ck_assert_ptr_nonnull(at);
	end = at + strlen(nearly[_i].ours);
	out = fopen(path_of("x.json"), "w");
	ck_assert_ptr_nonnull(out);
	fprintf(out, "%.*s%s%s", (int)(at - text), text, nearly[_i].other, end);
	ck_assert_int_eq(fclose(out), 0);
	free(text);
	r = (struct record){0};
	ck_assert_int_eq(result_json_read(&r, path_of("x.json"), &f), -EINVAL);
}
END_TEST

START_TEST(writing_again_gives_the_same_bytes)
{
	struct record a, b;
	char *one, *two;

	fill_record(&a, 3, 12);
	write_ok(&a, path_of("one"));
	read_ok(&b, path_of("one"));
	write_ok(&b, path_of("two"));
	one = slurp(path_of("one"));
	two = slurp(path_of("two"));
	ck_assert_str_eq(one, two);
	free(one);
	free(two);
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(an_empty_record_comes_back)
{
	struct record a = {.host.load1 = NAN}, b;

	ck_assert_int_eq(record_open(&a, 0, 0), 0);
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_uint_eq(b.cell_count, 0);
	ck_assert_uint_eq(b.refusal_count, 0);
	ck_assert_int_eq(b.plan.end_wall_s, 0);
	ck_assert_double_eq(b.host.load1, -1);
	record_close(&a);
	record_close(&b);
}
END_TEST

/* Text cut within a character, Latin-1, and what a terminal would obey. */
START_TEST(text_is_made_valid)
{
	struct record a, b;

	fill_record(&a, 1, 1);
	strcpy(a.tool.command_line, "run \x1b[2J\n\xe9\xc2\x9b \xed\xa0\x80 end\xe2\x82");
	strcpy(a.cell[0].cell.note,
	       "\xc0\xaf \xe0\x80\xaf \xf4\x90\x80\x80"); /* overlong, beyond */
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_str_eq(b.tool.command_line, "run ?[2J??? ??? end??");
	ck_assert_str_eq(b.cell[0].cell.note, "?? ??? ????");
	record_close(&a);
	record_close(&b);
}
END_TEST

static json_t *load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s", error.text);
	return root;
}

/* "cells.0.samples.2.pins" */
static json_t *follow(json_t *at, const char *path)
{
	char copy[256], *rest = copy, *step;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((step = strsep(&rest, ".")) != NULL) {
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(step))
				       : json_object_get(at, step);
		ck_assert_msg(at != NULL, "%s: no %s", path, step);
	}
	return at;
}

static int64_t integer(json_t *root, const char *path)
{
	json_t *value = follow(root, path);

	ck_assert_msg(json_is_integer(value), "%s is no integer", path);
	return json_integer_value(value);
}

/* Ten good samples of 1000..1009 ns a phase, one failed and one leaked with wild times. */
static void fill_for_summary(struct record *r)
{
	uint32_t i, p;

	fill_record(r, 1, 12);
	r->cell[0].cell.parallel = 1;
	for (i = 0; i < 12; i++) {
		r->cell[0].sample[i] =
			(struct sample){.phases_done = ((1u << PHASE_COUNT) - 1) &
						       ~(1u << PHASE_LAUNCH_UPDATE_VMSA)};
		for (p = 0; p < PHASE_COUNT; p++)
			r->cell[0].sample[i].phases_ns[p] = i < 10 ? 1000 + i : 1000000;
	}
	r->cell[0].sample[9].phases_done &= ~(1u << PHASE_TOUCH);
	r->cell[0].sample[10].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	r->cell[0].sample[11].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
}

START_TEST(summary_is_of_valid_samples)
{
	struct record r;
	json_t *root;

	fill_for_summary(&r);
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
	ck_assert_int_eq(integer(root, "cells.0.summary.valid"), 10);
	ck_assert_int_eq(integer(root, "cells.0.summary.excluded"), 2);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.n"), 10);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.min"), 14000);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.max"), 14126);
	/* 14063 and 1004.5, rounded to the whole nanosecond */
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.median"), 14063);
	ck_assert_int_eq(integer(root, "cells.0.summary.phases_ns.open.median"), 1005);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_without_prefault_ns.min"), 13000);
	ck_assert_int_eq(integer(root, "cells.0.summary.working_set_ns.n"), 9);
	ck_assert_int_eq(integer(root, "cells.0.summary.phases_ns.touch.n"), 9);
	ck_assert(json_is_null(follow(root, "cells.0.summary.startup_ns.p99")));
	ck_assert(json_is_integer(follow(root, "cells.0.summary.startup_ns.ci95_low")));
	json_decref(root);
	record_close(&r);
}
END_TEST

START_TEST(promised_values)
{
	struct record r;
	json_t *root;

	fill_record(&r, 2, 3);
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
	ck_assert_str_eq(json_string_value(follow(root, "schema")), "sevpinbench.result/1");
	ck_assert_str_eq(json_string_value(follow(root, "plan.start")), "2026-11-23T22:31:05Z");
	ck_assert_str_eq(json_string_value(follow(root, "plan.end")), "2026-11-23T22:32:05Z");
	ck_assert_str_eq(json_string_value(follow(root, "host.memory.memlock_hard_bytes")),
			 "unlimited");
	ck_assert(json_is_null(follow(root, "host.memory.numa_balancing")));
	ck_assert(json_is_null(follow(root, "cells.0.samples.0.pins.after_touch.vmpin_pages")));
	ck_assert(json_is_null(follow(root, "cells.0.samples.0.failure")));
	ck_assert_uint_eq(json_array_size(follow(root, "cells.0.samples.0.flags")), 0);
	ck_assert_uint_eq(json_object_size(follow(root, "cells.0.samples.2.phases_ns")), 2);
	ck_assert(json_is_null(follow(root, "cells.0.samples.2.startup_ns")));
	ck_assert_str_eq(json_string_value(follow(root, "cells.0.samples.2.failure.error")),
			 strerror(ENOMEM));
	ck_assert_int_eq(integer(root, "cells.0.samples.2.failure.firmware"), 0xfffffffe);
	ck_assert_int_eq(integer(root, "plan.seed"), INT64_MAX);
	json_decref(root);
	record_close(&r);
}
END_TEST

/* A key exchanged with another would come back all the same: so the text itself is looked
 * at. */
START_TEST(keys_name_what_they_hold)
{
	struct record r;
	const struct sample *s;
	json_t *root;

	fill_record(&r, 2, 3);
	s = &r.cell[1].sample[0];
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
#define HOLDS(path, member) ck_assert_int_eq(integer(root, path), (int64_t)(member))
	HOLDS("host.memory.total_bytes", r.host.memory.total_bytes);
	HOLDS("host.memory.available_bytes", r.host.memory.available_bytes);
	HOLDS("host.nodes.1.free_bytes", r.host.node[1].free_bytes);
	HOLDS("plan.runs", r.plan.runs);
	HOLDS("plan.warmup", r.plan.warmup);
	HOLDS("refused.1.needed_bytes", r.refusal[1].needed_bytes);
	HOLDS("cells.1.guest_bytes", r.cell[1].cell.guest_bytes);
	HOLDS("cells.1.touch_bytes", r.cell[1].cell.touch_bytes);
	HOLDS("cells.1.chunk_bytes", r.cell[1].cell.chunk_bytes);
	HOLDS("cells.1.vcpus", r.cell[1].cell.vcpus);
	HOLDS("cells.1.samples.0.order", s->order);
	HOLDS("cells.1.samples.0.phases_ns.pin", s->phases_ns[PHASE_PIN]);
	HOLDS("cells.1.samples.0.phases_ns.touch", s->phases_ns[PHASE_TOUCH]);
	HOLDS("cells.1.samples.0.pins.before.ledger_pages", s->pins[0].ledger_pages);
	HOLDS("cells.1.samples.0.pins.after_pin.vmpin_pages", s->pins[1].vmpin_pages);
	HOLDS("cells.1.samples.0.pins.after_touch.host_pages", s->pins[3].host_pages);
	HOLDS("cells.1.samples.0.flushes.destroy", sample_count(s, SAMPLE_FLUSHES, PHASE_DESTROY));
	HOLDS("cells.1.samples.0.kvm.exits.touch", sample_count(s, GUEST_STAT_EXITS, PHASE_TOUCH));
	HOLDS("cells.1.samples.0.encrypted_bytes", s->encrypted_bytes);
	HOLDS("cells.1.samples.0.touched_pages", s->touched_pages);
	HOLDS("cells.1.samples.0.minor_faults", s->minor_faults);
	HOLDS("cells.1.samples.0.major_faults", s->major_faults);
	HOLDS("cells.1.samples.0.faults.count", 1);
	HOLDS("cells.1.samples.0.faults.p50_ns", 2);
	HOLDS("cells.1.samples.0.faults.p90_ns", 3);
	HOLDS("cells.1.samples.0.faults.p99_ns", 4);
	HOLDS("cells.1.samples.0.faults.p999_ns", 5);
	HOLDS("cells.1.samples.0.faults.max_ns", 6);
	HOLDS("cells.1.samples.2.failure.errno", ENOMEM);
#undef HOLDS
	json_decref(root);
	record_close(&r);
}
END_TEST

/* A number that JSON integers cannot hold is refused when writing, since it could not be
 * read. */
START_TEST(refuses_to_write_what_it_could_not_read)
{
	struct record r;
	struct fault f = {0};

	fill_record(&r, 3, 3);
	r.plan.seed = (uint64_t)INT64_MAX + 1;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ERANGE);
	ck_assert_str_eq(f.object, "plan.seed: 9223372036854775808 is not within 0 to "
				   "9223372036854775807");
	r.plan.seed = 1;
	r.cell[2].sample[1].phases_ns[PHASE_PIN] = UINT64_MAX;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ERANGE);
	ck_assert_ptr_nonnull(strstr(f.object, "cells[2].samples[1].phases_ns.pin: 1844674407"));
	r.cell[2].sample[1].phases_ns[PHASE_PIN] = 1;
	r.cell[1].cell.pin = (enum pin_mode)99;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -EINVAL);
	ck_assert_str_eq(f.object, "cells[1].pin: 99 is no pin mode");
	ck_assert(!is_there(path_of("r.json")));
	record_close(&r);
}
END_TEST

START_TEST(a_full_disk_keeps_the_old_document)
{
	struct record r;
	struct fault f = {0};
	char beside[600];

	fill_record(&r, 1, 1);
	put(path_of("r.json"), "old", 3);
	disk_full = true;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ENOSPC);
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_uint_eq(size_of(path_of("r.json")), 3);
	snprintf(beside, sizeof(beside), "r.json.tmp.%ld", (long)getpid());
	ck_assert(!is_there(path_of(beside)));
	record_close(&r);
}
END_TEST

static long later(long n)
{
	return n < 100 ? n + 1 : n + 11;
}

/*
 * Memory ends at a later and later request, until there is enough. What was written is whole, or
 * not there.
 */
START_TEST(no_memory_when_writing)
{
	struct record r, back;
	struct fault f;
	long n;
	int err;

	fill_record(&r, 1, 3);
	r.plan.label_count = 1;
	r.host.node_count = 1;
	starved = true;
	for (n = 0; starved; n = later(n)) {
		f = (struct fault){0};
		starved = false;
		requests_left = n;
		err = result_json_write(&r, path_of("r.json"), &f);
		requests_left = -1;
		ck_assert_msg(err == 0 || (err == -ENOMEM && f.err == ENOMEM), "%ld: %d", n, err);
		ck_assert_int_eq(is_there(path_of("r.json")), !err);
		if (err)
			continue;
		read_ok(&back, path_of("r.json"));
		compare_samples(&r, &back);
		record_close(&back);
		ck_assert_int_eq(unlink(path_of("r.json")), 0);
	}
	ck_assert_int_gt(n, 500);
	record_close(&r);
}
END_TEST

START_TEST(no_memory_when_reading)
{
	struct record r, back = {0};
	struct fault f;
	long n, refused = 0;
	int err;

	fill_record(&r, 1, 1);
	r.plan.label_count = 1;
	r.host.node_count = 1;
	write_ok(&r, path_of("r.json"));
	starved = true;
	for (n = 0; starved; n = later(n)) {
		f = (struct fault){0};
		starved = false;
		requests_left = n;
		err = result_json_read(&back, path_of("r.json"), &f);
		requests_left = -1;
		ck_assert_msg(err == 0 || (err == -ENOMEM && f.err == ENOMEM), "%ld: %d", n, err);
		ck_assert_int_eq(back.cell == NULL, err != 0);
		refused += err != 0;
		if (err == 0) {
			compare_samples(&r, &back);
			record_close(&back);
		}
	}
	ck_assert_int_gt(refused, 100);
	record_close(&r);
}
END_TEST

static TCase *document_case(void)
{
	TCase *t = tcase_create("document");

	tcase_add_loop_test(t, the_same_record_comes_back, 0, 2);
	tcase_add_test(t, what_is_written_is_scanned);
	tcase_add_test(t, flags_are_scanned);
	tcase_add_loop_test(t, what_is_nearly_so_is_refused, 0,
			    (int)(sizeof(nearly) / sizeof(nearly[0])));
	tcase_add_test(t, writing_again_gives_the_same_bytes);
	tcase_add_test(t, an_empty_record_comes_back);
	tcase_add_test(t, text_is_made_valid);
	tcase_add_test(t, summary_is_of_valid_samples);
	tcase_add_test(t, promised_values);
	tcase_add_test(t, keys_name_what_they_hold);
	tcase_add_test(t, refuses_to_write_what_it_could_not_read);
	tcase_add_test(t, a_full_disk_keeps_the_old_document);
	tcase_add_test(t, no_memory_when_writing);
	tcase_add_test(t, no_memory_when_reading);
	return t;
}

int main(void)
{
	Suite *s = suite_create("result_json");
	TCase *t = document_case();

	tcase_add_checked_fixture(t, setup, files_teardown);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
