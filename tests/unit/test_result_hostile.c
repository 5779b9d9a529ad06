// SPDX-License-Identifier: GPL-2.0-or-later
/* test_result_hostile: documents that are damaged, hostile, or odd and yet good. */
#include "sevpinbench/journal.h"
#include "sevpinbench/result_json.h"

#include "full_record.h"
#include "run_suite.h"
#include "test_files.h"
#include <fcntl.h>
#include <math.h>

#define FIXTURES "tests/fixtures/result/"

static const struct {
	const char *file;
	int err;
	const char *says; /* in the fault's object */
} fixtures[] = {
	{"good.json", 0, ""},
	{"other-order.json", 0, ""},
	{"unknown-keys.json", 0, ""},
	{"long-text.json", 0, ""},
	{"control-text.json", 0, ""},
	{"optional-missing.json", 0, ""},
	{"audit-null.json", 0, ""},
	{"empty.json", EINVAL, "cut short"},
	{"not-object.json", EINVAL, "'{' is missing"},
	{"not-json.json", EINVAL, "'{' is missing"},
	{"cut-short.json", EINVAL, "premature end"},
	{"cut-between.json", EINVAL, "cut short"},
	{"text-behind.json", EINVAL, "more text behind"},
	{"no-schema.json", EINVAL, "no text \"schema\""},
	{"other-schema.json", EINVAL, "\"org.example/1\" is not \"sevpinbench.result/1\""},
	{"newer-schema.json", ENOTSUP,
	 "schema: sevpinbench.result/2 is newer than this program reads (1)"},
	{"odd-version.json", EINVAL, "schema: \"sevpinbench.result/1x\" is not"},
	{"journal-schema.json", EINVAL, "\"sevpinbench.journal/1\" is not"},
	{"unknown-word.json", EINVAL, "cells[1].pin: \"lazy\" is not one of eager, demand, none"},
	{"unknown-flag.json", EINVAL, "cells[0].samples[0].flags[1]: \"odd\" is not one of failed"},
	{"unknown-phase.json", EINVAL, "cells[0].samples[1].phases_ns: \"sleep\" is not one of"},
	{"unknown-platform.json", EINVAL, "host.platform: \"abacus\" is not one of hardware"},
	{"wrong-type.json", EINVAL, "cells[0].vcpus: a text, where an integer belongs"},
	{"real-integer.json", EINVAL, "cells[0].guest_bytes: a real number, where an integer"},
	{"samples-object.json", EINVAL, "cells[0].samples: '[' is missing"},
	{"sample-number.json", EINVAL, "cells[0].samples[0]: an integer, where an object"},
	{"phases-array.json", EINVAL, "cells[0].samples[0].phases_ns: an array, where an object"},
	{"negative.json", EINVAL, "cells[0].touch_bytes: -1 is not within 0"},
	{"negative-phase.json", EINVAL, "cells[0].samples[0].phases_ns.pin: -5 is not within"},
	{"flushes-unknown-phase.json", EINVAL, "samples[0].flushes: \"sleep\" is not one of"},
	{"flushes-huge.json", EINVAL, "samples[0].flushes.pin: 9223372036854775807 is not within"},
	{"flushes-number.json", EINVAL, "samples[0].flushes: an integer, where an object belongs"},
	{"kvm-array.json", EINVAL, "samples[0].kvm: an array, where an object belongs"},
	{"kvm-real.json", EINVAL, "samples[0].kvm.exits.touch: a real number, where an integer"},
	{"huge-phase.json", EINVAL, "cells[0].samples[0].phases_ns.pin: 9223372036854775807"},
	{"zero-guest.json", EINVAL, "cells[0].guest_bytes: 0 is not within 4096"},
	{"no-vcpus.json", EINVAL, "cells[0].vcpus: 0 is not within 1"},
	{"huge-number.json", EINVAL, "plan: not JSON: too big integer"},
	{"big-vcpus.json", EINVAL, "cells[0].vcpus: 4294967297 is not within 1 to 4294967295"},
	{"nan.json", EINVAL, "not JSON"},
	{"infinite-load.json", EINVAL, "real number overflow"},
	{"null-word.json", EINVAL, "cells[0].backing: must not be null"},
	{"missing-cell-key.json", EINVAL, "cells[0].mechanism: is missing"},
	{"missing-samples.json", EINVAL, "cells[0]: \"samples\" is missing"},
	{"missing-cells.json", EINVAL, "\"cells\" is missing"},
	{"missing-complete.json", EINVAL, "complete: is missing"},
	{"duplicate-top.json", EINVAL, "plan: the key stands there twice"},
	{"duplicate-cells.json", EINVAL, "cells: the key stands there twice"},
	{"duplicate-cell-key.json", EINVAL, "cells[0].pin: the key stands there twice"},
	{"duplicate-inner.json", EINVAL, "duplicate object key"},
	{"deep.json", EINVAL, "maximum parsing depth reached"},
	{"nul-text.json", EINVAL, "tool: not JSON: \\u0000 is not allowed"},
	{"bad-utf8.json", EINVAL, "tool: not JSON: unable to decode byte 0xff"},
	{"lone-surrogate.json", EINVAL, "tool: not JSON: invalid Unicode"},
	{"many-labels.json", EINVAL, "plan.labels: more than 32 labels"},
	{"many-nodes.json", EINVAL, "host.nodes: more than 64 nodes"},
	{"nameless-failure.json", EINVAL, "cells[0].samples[0].failure.op: an empty text"},
	{"control-word.json", EINVAL, "cells[0].pin: \"?[2J\" is not one of"},
	{"audit-array.json", EINVAL, "cells[0].audit: an array, where an object belongs"},
	{"audit-no-tests.json", EINVAL, "cells[0].audit.tests: is missing"},
	{"audit-unknown-verdict.json", EINVAL, "cells[0].audit.tests[1].verdict: \"MAYBE\" is not"},
	{"audit-nameless.json", EINVAL, "cells[0].audit.tests[0].id: an empty text"},
	{"audit-number.json", EINVAL, "cells[0].audit.tests[0]: an integer, where an object"},
	{"audit-many-tests.json", EFBIG, "cells[0].audit.tests: more than 64 tests"},
	{"histogram-object.json", EINVAL, "faults.histogram: an object, where an array belongs"},
	{"histogram-number.json", EINVAL, "faults.histogram[0]: an integer, where an array"},
	{"histogram-triple.json", EINVAL, "faults.histogram[0]: is no pair [ns, count]"},
	{"histogram-empty-step.json", EINVAL, "faults.histogram[0]: 0 is not within 1 to"},
	{"histogram-falls.json", EINVAL, "faults.histogram[1]: is not above the one before it"},
	{"histogram-many.json", EINVAL, "faults.histogram: 65 steps are more than 64"},
	{"bad-memlock.json", EINVAL, "host.memory.memlock_soft_bytes: neither a number"},
};

START_TEST(fixture)
{
	struct record r = {0};
	struct fault f = {0};
	char path[256];
	int err;

	snprintf(path, sizeof(path), FIXTURES "%s", fixtures[_i].file);
	err = result_json_read(&r, path, &f);
	ck_assert_msg(err == -fixtures[_i].err, "%s: %d, %s: %s", path, err, f.op, f.object);
	ck_assert_msg(strstr(f.object, fixtures[_i].says) != NULL, "%s: %s", path, f.object);
	if (err) {
		ck_assert_int_eq(f.err, -err);
		ck_assert_str_eq(f.op, "read result");
		ck_assert_str_ne(f.hint, "");
		ck_assert_ptr_null(r.cell);
		ck_assert_ptr_null(r.refusal);
	}
	record_close(&r);
}
END_TEST

START_TEST(odd_documents_are_understood)
{
	static const char *const alike[] = {"other-order.json", "unknown-keys.json"};
	struct record good, odd;
	char path[256];

	read_ok(&good, FIXTURES "good.json");
	ck_assert_uint_eq(good.cell_count, 2);
	ck_assert_uint_eq(good.cell[0].sample_count, 2);
	ck_assert_uint_eq(good.cell[0].warmup_count, 1);
	snprintf(path, sizeof(path), FIXTURES "%s", alike[_i]);
	read_ok(&odd, path);
	compare_head(&good, &odd);
	compare_samples(&good, &odd);
	record_close(&good);
	record_close(&odd);
}
END_TEST

START_TEST(long_and_odd_text_is_cut_and_cleaned)
{
	struct record r;

	read_ok(&r, FIXTURES "long-text.json");
	ck_assert_uint_eq(strlen(r.tool.version), sizeof(r.tool.version) - 1);
	/* 64 two-byte letters: only 31 whole ones fit beside the NUL */
	ck_assert_uint_eq(strlen(r.tool.git_revision), 62);
	record_close(&r);
	read_ok(&r, FIXTURES "control-text.json");
	ck_assert_str_eq(r.tool.version, "1?[2J? ?x");
	record_close(&r);
}
END_TEST

START_TEST(what_is_absent_is_unknown)
{
	struct record r;

	read_ok(&r, FIXTURES "optional-missing.json");
	ck_assert_int_eq(r.host.memory.total_bytes, -1);
	ck_assert_int_eq(r.host.memory.memlock_soft_bytes, -1);
	ck_assert_int_eq(r.host.cpu.c_bit, -1);
	ck_assert_double_eq(r.host.load1, -1);
	ck_assert_str_eq(r.host.governor, "");
	ck_assert_int_eq(r.cell[0].cell.numa_node, -1);
	ck_assert_int_eq(r.cell[0].sample[0].pins[0].host_pages, SAMPLE_NO_COUNT);
	ck_assert_int_eq(r.cell[0].sample[0].pins[4].ledger_pages, SAMPLE_NO_COUNT);
	record_close(&r);
}
END_TEST

static void assert_refused(const char *path, int err, const char *says)
{
	struct record r = {0};
	struct fault f = {0};

	ck_assert_int_eq(result_json_read(&r, path, &f), -err);
	ck_assert_msg(strstr(f.object, says) != NULL, "%s", f.object);
	ck_assert_ptr_null(r.cell);
	ck_assert_int_eq(journal_read(&r, path, &f), -err);
	ck_assert_ptr_null(r.cell);
}

START_TEST(only_regular_files_of_sane_size)
{
	int fd;

	assert_refused(path_of("none"), ENOENT, "none");
	assert_refused(folder, EISDIR, folder);
	assert_refused("/dev/zero", EINVAL, "not a regular file");
	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	assert_refused(path_of("fifo"), EINVAL, "not a regular file");
	fd = open(path_of("sparse"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (4L << 30) + 1), 0);
	close(fd);
	assert_refused(path_of("sparse"), EFBIG, "more than ");
}
END_TEST

/* Copies of a text between a head and a tail. */
static void put_many(const char *path, const char *head, const char *text_, size_t times)
{
	FILE *file = fopen(path, "w");
	size_t i;

	ck_assert_ptr_nonnull(file);
	fputs(head, file);
	for (i = 0; i < times; i++)
		fprintf(file, "%s%s", i ? "," : "", text_);
	fputs("]}", file);
	ck_assert_int_eq(fclose(file), 0);
}

#define HEAD "{\"schema\":\"sevpinbench.result/1\",\""
#define CELL                                                                                       \
	"{\"guest_type\":\"vm\",\"pin\":\"none\",\"mechanism\":\"none\",\"guest_bytes\":4096,"     \
	"\"backing\":\"anon\",\"vcpus\":1,\"touch_bytes\":0,\"touch_order\":\"seq\",\"touch_op\":" \
	"\"read\",\"chunk_bytes\":0,\"prefault_threads\":0,\"reason\":\"\",\"samples\":[]}"

START_TEST(too_many_of_anything)
{
	struct record r = {0};
	struct fault f = {0};

	put_many(path_of("cells"), HEAD "cells\":[", CELL, 5000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "cells[4096]: more than 4096 cells");
	put_many(path_of("cells"), HEAD "refused\":[", CELL, 5000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "refused[4096]: more than 4096 refused cells");
	/* Not even as a tree of values in memory. */
	put_many(path_of("cells"), HEAD "host\":[", "[]", 1000000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "host: a value or line of more than 1 MiB");
	put_many(path_of("cells"), HEAD "unknown\":[", "[]", 1000000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_ptr_null(r.cell);
}
END_TEST

/* No place at which a document may be cut, or a byte of it changed, does harm. */
START_TEST(any_damage_is_survived)
{
	char *whole = slurp(FIXTURES "good.json");
	size_t size = strlen(whole), i, end = size;
	struct record r = {0};
	char kept;

	while (whole[end - 1] != '}')
		end--;
	for (i = 0; i < end; i += 29) {
		put(path_of("cut"), whole, i);
		ck_assert_int_ne(result_json_read(&r, path_of("cut"), NULL), 0);
		ck_assert_ptr_null(r.cell);
	}
	for (i = 0; i < size; i += 13) {
		kept = whole[i];
		whole[i] = "}]\"0,:\x01\xff[{-"[i % 11];
		put(path_of("bent"), whole, size);
		whole[i] = kept;
		result_json_read(&r, path_of("bent"), NULL);
		record_close(&r);
	}
	free(whole);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static TCase *hostile_case(void)
{
	TCase *t = tcase_create("hostile");

	tcase_add_loop_test(t, fixture, 0, COUNT(fixtures));
	tcase_add_loop_test(t, odd_documents_are_understood, 0, 2);
	tcase_add_test(t, long_and_odd_text_is_cut_and_cleaned);
	tcase_add_test(t, what_is_absent_is_unknown);
	tcase_add_test(t, only_regular_files_of_sane_size);
	return t;
}

/* Documents by the thousand, or of thousands of cells. */
static TCase *many_case(void)
{
	TCase *t = tcase_create("many");

	tcase_set_tags(t, "slow");
	tcase_add_test(t, too_many_of_anything);
	tcase_add_test(t, any_damage_is_survived);
	return t;
}

int main(void)
{
	Suite *s = suite_create("result_hostile");
	TCase *cases[] = {hostile_case(), many_case()};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tcase_add_checked_fixture(cases[i], files_setup, files_teardown);
		tcase_set_timeout(cases[i], 60);
		suite_add_tcase(s, cases[i]);
	}
	return run_suite(s);
}
