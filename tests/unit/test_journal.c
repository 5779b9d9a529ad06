// SPDX-License-Identifier: GPL-2.0-or-later
/* test_journal: what was measured survives in the journal, whatever ends the run. */
#include "sevpinbench/journal.h"
#include "sevpinbench/result_json.h"

#include "full_record.h"
#include "run_suite.h"
#include "test_files.h"

/* ---- what the tests break ---- */

static bool disk_full, truncate_fails;

int __real_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes)
{
	if (!disk_full)
		return __real_sys_write_all(fd, buf, bytes);
	__real_sys_write_all(fd, buf, bytes / 2);
	return -ENOSPC;
}

int __real_sys_ftruncate(int fd, off_t bytes);
int __wrap_sys_ftruncate(int fd, off_t bytes);
int __wrap_sys_ftruncate(int fd, off_t bytes)
{
	return truncate_fails ? -EIO : __real_sys_ftruncate(fd, bytes);
}

static void setup(void)
{
	files_setup();
	disk_full = truncate_fails = false;
}

/* ---- the journal ---- */

/* All samples of the record, warm-ups first, into its journal. */
static void write_journal(const struct record *r, const char *path, struct journal *j)
{
	struct fault f = {0};
	uint32_t i, k;

	ck_assert_msg(journal_open(j, path, r, &f) == 0, "%s: %s", f.op, f.object);
	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].warmup_count; k++)
			ck_assert_int_eq(journal_add(j, i, true, &r->cell[i].warmup[k], &f), 0);
		for (k = 0; k < r->cell[i].sample_count; k++)
			ck_assert_int_eq(journal_add(j, i, false, &r->cell[i].sample[k], &f), 0);
	}
}

static void read_journal_ok(struct record *r, const char *path)
{
	struct fault f = {0};
	int err;

	*r = (struct record){0};
	err = journal_read(r, path, &f);
	ck_assert_msg(err == 0, "%s: %s", f.op, f.object);
	ck_assert(!fault_is_set(&f));
}

START_TEST(the_journal_gives_the_record)
{
	struct record a, b;
	struct journal j;
	char *lines;
	size_t i, n = 0;

	fill_record(&a, 3, 5);
	a.complete = true;
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	ck_assert_int_eq(j.fd, -1);
	lines = slurp(path_of("j"));
	for (i = 0; lines[i]; i++)
		n += lines[i] == '\n';
	ck_assert_uint_eq(n, 1 + 3 * (5 + 2));
	ck_assert_int_eq(lines[i - 1], '\n');
	free(lines);
	read_journal_ok(&b, path_of("j"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	ck_assert(a.cell[0].audit.asked && !b.cell[0].audit.asked);
	ck_assert(!b.complete);
	ck_assert_str_eq(b.stopped_by, "recovered from journal");
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(the_journal_goes_only_when_told)
{
	struct record r;
	struct journal j;
	struct fault f = {0};

	fill_record(&r, 1, 0);
	write_journal(&r, path_of("j"), &j);
	journal_close(&j, false);
	journal_close(&j, true); /* closed already: not ours any more */
	ck_assert(is_there(path_of("j")));
	ck_assert_int_eq(journal_open(&j, path_of("j"), &r, &f), -EEXIST);
	ck_assert_ptr_nonnull(strstr(f.hint, "sevpinbench recover"));
	ck_assert_int_eq(j.fd, -1);
	ck_assert_int_eq(journal_add(&j, 0, false, &(struct sample){0}, &f), -EBADF);
	ck_assert(is_there(path_of("j")));
	write_journal(&r, path_of("k"), &j);
	journal_close(&j, true);
	ck_assert(!is_there(path_of("k")));
	ck_assert_int_eq(symlink("j", path_of("link")), 0);
	ck_assert_int_lt(journal_open(&j, path_of("link"), &r, &f), 0);
	record_close(&r);
}
END_TEST

/* Cut anywhere in its last line, as kill -9 or a full disk leave it. */
START_TEST(a_last_line_cut_short_is_left_out)
{
	struct record a, b;
	struct journal j;
	char *lines;
	size_t size, last;

	fill_record(&a, 1, 3);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	lines = slurp(path_of("j"));
	size = strlen(lines);
	for (last = size - 1; lines[last - 1] != '\n'; last--)
		continue;
	for (; size >= last; size--) {
		put(path_of("cut"), lines, size);
		read_journal_ok(&b, path_of("cut"));
		/* Without its newline, but whole: it was measured. */
		ck_assert_uint_eq(b.cell[0].sample_count, size >= strlen(lines) - 1 ? 3 : 2);
		compare_sample(&a.cell[0].sample[1], &b.cell[0].sample[1]);
		record_close(&b);
	}
	/* Blocks of zeros, as a crash may leave behind the last line. */
	memset(lines + last, 0, strlen(lines) - last);
	put(path_of("cut"), lines, last + 100);
	read_journal_ok(&b, path_of("cut"));
	ck_assert_uint_eq(b.cell[0].sample_count, 2);
	record_close(&b);
	free(lines);
	record_close(&a);
}
END_TEST

START_TEST(a_bad_line_is_named)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{"{\"cell\":0,\"warmup\":false,\"sam\n", "line 4: not JSON: "},
		{"\n", "line 4: not JSON: "},
		{"[]\n", "line 4: an array, where an object belongs"},
		{"{}\n", "line 4: cell: is missing"},
		{"{\"cell\":0,\"warmup\":1}\n", "line 4: warmup: an integer, where true or false"},
		{"{\"cell\":0,\"warmup\":false,\"sample\":{}}\n", "line 4: sample.phases_ns: is "},
		{"{\"cell\":-1}\n", "line 4: cell: -1 is not within 0 to 4095"},
		{"{\"cell\":1,\"warmup\":false,\"sample\":{\"phases_ns\":{},\"pins\":{},"
		 "\"faults\":{\"count\":0},\"flags\":[]}}\n",
		 "line 4: cell 1 of 1"},
	};
	struct record a, b = {0};
	struct journal j;
	struct fault f = {0};
	FILE *file;

	fill_record(&a, 1, 0);
	write_journal(&a, path_of("j"), &j); /* 3 lines: the head and two warm-ups */
	journal_close(&j, false);
	file = fopen(path_of("j"), "a");
	ck_assert_ptr_nonnull(file);
	fputs(bad[_i].line, file);
	fputs("{\"more\":1}\n", file);
	fclose(file);
	ck_assert_int_eq(journal_read(&b, path_of("j"), &f), -EINVAL);
	ck_assert_msg(strstr(f.object, bad[_i].says) != NULL, "%s", f.object);
	ck_assert_str_ne(f.hint, "");
	ck_assert_ptr_null(b.cell);
	record_close(&a);
}
END_TEST

START_TEST(a_journal_without_its_head_is_refused)
{
	struct record a, b = {0};
	struct journal j;
	struct fault f = {0};
	char *lines;

	fill_record(&a, 1, 1);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	lines = slurp(path_of("j"));
	put(path_of("cut"), lines, (size_t)(strchr(lines, '\n') - lines) / 2);
	ck_assert_int_eq(journal_read(&b, path_of("cut"), &f), -EINVAL);
	put(path_of("cut"), lines, 0);
	ck_assert_int_eq(journal_read(&b, path_of("cut"), &f), -EINVAL);
	free(lines);
	ck_assert_int_eq(journal_read(&b, "tests/fixtures/result/good.json", &f), -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.hint, "result document"));
	ck_assert_int_eq(result_json_read(&b, path_of("j"), &f), -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.hint, "sevpinbench recover"));
	ck_assert_ptr_null(b.cell);
	record_close(&a);
}
END_TEST

START_TEST(a_line_that_does_not_fit_is_taken_back)
{
	struct record a, b;
	struct journal j;
	struct fault f = {0};
	size_t before;

	fill_record(&a, 1, 3);
	a.cell[0].sample_count = 2;
	write_journal(&a, path_of("j"), &j);
	before = size_of(path_of("j"));
	disk_full = true;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[2], &f), -ENOSPC);
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_uint_eq(size_of(path_of("j")), before);
	disk_full = false;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[2], &f), 0);
	journal_close(&j, false);
	a.cell[0].sample_count = 3;
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

/* Then no later line may follow the torn one, or the journal could not be read. */
START_TEST(a_torn_line_stays_the_last)
{
	struct record a, b;
	struct journal j;
	struct fault f = {0};

	fill_record(&a, 1, 2);
	write_journal(&a, path_of("j"), &j);
	disk_full = truncate_fails = true;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[0], &f), -ENOSPC);
	disk_full = false;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[0], &f), -EBADF);
	journal_close(&j, false);
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(a_journal_that_cannot_begin_is_removed)
{
	struct record a;
	struct journal j;
	struct fault f = {0};

	fill_record(&a, 1, 0);
	disk_full = true;
	ck_assert_int_eq(journal_open(&j, path_of("j"), &a, &f), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_int_eq(j.fd, -1);
	ck_assert(!is_there(path_of("j")));
	disk_full = false;
	a.plan.seed = UINT64_MAX;
	ck_assert_int_eq(journal_open(&j, path_of("j"), &a, &f), -ERANGE);
	ck_assert(!is_there(path_of("j")));
	ck_assert_int_eq(journal_open(&j, path_of("none/j"), &a, &f), -ENOENT);
	record_close(&a);
}
END_TEST

START_TEST(many_samples_and_cells)
{
	struct record a, b;
	struct journal j;
	uint32_t i;

	fill_record(&a, 2, 1000);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	write_ok(&b, path_of("r.json"));
	record_close(&b);
	read_ok(&b, path_of("r.json"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
	fill_record(&a, RECORD_MAX_CELLS, 0);
	for (i = 0; i < RECORD_MAX_CELLS; i++)
		a.cell[i].warmup_count = 0;
	write_journal(&a, path_of("k"), &j); /* its head alone is longer than the window */
	journal_close(&j, false);
	read_journal_ok(&b, path_of("k"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

static TCase *journal_case(void)
{
	TCase *t = tcase_create("journal");

	tcase_add_test(t, the_journal_gives_the_record);
	tcase_add_test(t, the_journal_goes_only_when_told);
	tcase_add_loop_test(t, a_bad_line_is_named, 0, 8);
	tcase_add_test(t, a_journal_without_its_head_is_refused);
	tcase_add_test(t, a_line_that_does_not_fit_is_taken_back);
	tcase_add_test(t, a_torn_line_stays_the_last);
	tcase_add_test(t, a_journal_that_cannot_begin_is_removed);
	return t;
}

/* Hundreds of journals, or thousands of samples. */
static TCase *long_case(void)
{
	TCase *t = tcase_create("long");

	tcase_set_tags(t, "slow");
	tcase_add_test(t, a_last_line_cut_short_is_left_out);
	tcase_add_test(t, many_samples_and_cells);
	return t;
}

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *t[] = {journal_case(), long_case()};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		tcase_add_checked_fixture(t[i], setup, files_teardown);
		tcase_set_timeout(t[i], 60);
		suite_add_tcase(s, t[i]);
	}
	return run_suite(s);
}
