// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of record, sample and file_beside: memory, latencies, and writing beside. */
#include "sevpinbench/file_beside.h"
#include "sevpinbench/record.h"
#include "sevpinbench/sys.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next call fails with this error; 0: it is made. */
static int fsync_fails, rename_fails;

int __real_sys_fsync(int fd);
int __wrap_sys_fsync(int fd);
int __wrap_sys_fsync(int fd)
{
	return fsync_fails ? -fsync_fails : __real_sys_fsync(fd);
}

int __real_sys_rename(const char *from, const char *to);
int __wrap_sys_rename(const char *from, const char *to);
int __wrap_sys_rename(const char *from, const char *to)
{
	return rename_fails ? -rename_fails : __real_sys_rename(from, to);
}

static char folder[512];

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/record.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	fsync_fails = rename_fails = 0;
}

static void teardown(void)
{
	char command[600];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *path_of(const char *name)
{
	static char path[2][PATH_MAX];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void assert_content(const char *path, const char *text)
{
	char buf[256] = "";
	FILE *file = fopen(path, "r");

	ck_assert_msg(file != NULL, "%s", path);
	buf[fread(buf, 1, sizeof(buf) - 1, file)] = '\0';
	fclose(file);
	ck_assert_str_eq(buf, text);
}

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
		ck_assert(c.sample[i].order == 0 && c.sample[i].flags == 0 &&
			  c.sample[i].failure.op[0] == '\0');
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

/* ---- file_beside ---- */

START_TEST(commit_replaces)
{
	struct file_beside b;
	struct fault f = {0};
	struct stat st;

	put(path_of("a"), "old");
	ck_assert_int_eq(file_beside_open(&b, path_of("a"), &f), 0);
	ck_assert_int_eq(sys_write_all(b.fd, "new", 3), 0);
	assert_content(path_of("a"), "old");
	ck_assert_int_eq(file_beside_commit(&b, &f), 0);
	assert_content(path_of("a"), "new");
	ck_assert_int_lt(lstat(b.beside, &st), 0);
	ck_assert_int_eq(b.fd, -1);
	file_beside_abandon(&b);
	assert_content(path_of("a"), "new");
	ck_assert_int_eq(file_beside_commit(&b, &f), -EBADF);
}
END_TEST

START_TEST(abandon_keeps_the_old)
{
	struct file_beside b;
	struct stat st;

	put(path_of("a"), "old");
	ck_assert_int_eq(file_beside_open(&b, path_of("a"), NULL), 0);
	ck_assert_int_eq(sys_write_all(b.fd, "new", 3), 0);
	file_beside_abandon(&b);
	assert_content(path_of("a"), "old");
	ck_assert_int_lt(lstat(b.beside, &st), 0);
	file_beside_abandon(&b);
}
END_TEST

START_TEST(failed_commit_leaves_nothing_behind)
{
	struct file_beside b;
	struct fault f = {0};
	struct stat st;

	put(path_of("a"), "old");
	ck_assert_int_eq(file_beside_open(&b, path_of("a"), &f), 0);
	fsync_fails = _i == 0 ? ENOSPC : 0;
	rename_fails = _i == 0 ? 0 : EIO;
	ck_assert_int_eq(file_beside_commit(&b, &f), _i == 0 ? -ENOSPC : -EIO);
	ck_assert_int_eq(f.err, _i == 0 ? ENOSPC : EIO);
	ck_assert_str_eq(f.op, _i == 0 ? "fsync" : "rename");
	if (_i == 0)
		ck_assert_ptr_nonnull(strstr(f.hint, "free some space"));
	assert_content(path_of("a"), "old");
	ck_assert_int_lt(lstat(b.beside, &st), 0);
	ck_assert_int_eq(b.fd, -1);
}
END_TEST

/* Root must not lose a device, a folder or a link to a wrong -o. */
START_TEST(only_a_regular_file_is_replaced)
{
	struct file_beside b;
	struct fault f = {0};
	struct stat st;

	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	ck_assert_int_eq(file_beside_open(&b, path_of("fifo"), &f), -EINVAL);
	ck_assert_int_eq(b.fd, -1);
	ck_assert(lstat(path_of("fifo"), &st) == 0 && S_ISFIFO(st.st_mode));
	ck_assert_int_eq(file_beside_open(&b, folder, &f), -EISDIR);
	put(path_of("target"), "kept");
	ck_assert_int_eq(symlink("target", path_of("link")), 0);
	ck_assert_int_eq(file_beside_open(&b, path_of("link"), &f), -ELOOP);
	ck_assert_str_ne(f.hint, "");
	assert_content(path_of("target"), "kept");
	file_beside_abandon(&b);
}
END_TEST

START_TEST(refuses_what_cannot_be)
{
	static char longest[5000];
	struct file_beside b;
	struct fault f = {0};

	ck_assert_int_eq(file_beside_open(&b, path_of("none/a"), &f), -ENOENT);
	ck_assert_ptr_nonnull(strstr(f.hint, "folder does not exist"));
	ck_assert_int_eq(file_beside_open(&b, "", &f), -ENOENT);
	memset(longest, 'x', sizeof(longest) - 1);
	ck_assert_int_eq(file_beside_open(&b, longest, &f), -ENAMETOOLONG);
	ck_assert_int_eq(b.fd, -1);
}
END_TEST

/* Somebody placed a link where the file beside will be: it must not be followed, nor removed. */
START_TEST(does_not_follow_a_planted_link)
{
	struct file_beside b;
	struct fault f = {0};
	char planted[600];
	struct stat st;

	put(path_of("victim"), "kept");
	snprintf(planted, sizeof(planted), "%s/a.tmp.%ld", folder, (long)getpid());
	ck_assert_int_eq(symlink("victim", planted), 0);
	ck_assert_int_eq(file_beside_open(&b, path_of("a"), &f), -EEXIST);
	file_beside_abandon(&b);
	assert_content(path_of("victim"), "kept");
	ck_assert_int_eq(lstat(planted, &st), 0);
}
END_TEST

START_TEST(works_without_a_folder_in_the_name)
{
	struct file_beside b;
	struct fault f = {0};

	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(file_beside_open(&b, "plain", &f), 0);
	ck_assert_int_eq(sys_write_all(b.fd, "x", 1), 0);
	ck_assert_int_eq(file_beside_commit(&b, &f), 0);
	assert_content("plain", "x");
	ck_assert_int_eq(chdir("/"), 0);
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
	t = tcase_create("file_beside");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, commit_replaces);
	tcase_add_test(t, abandon_keeps_the_old);
	tcase_add_loop_test(t, failed_commit_leaves_nothing_behind, 0, 2);
	tcase_add_test(t, only_a_regular_file_is_replaced);
	tcase_add_test(t, refuses_what_cannot_be);
	tcase_add_test(t, does_not_follow_a_planted_link);
	tcase_add_test(t, works_without_a_folder_in_the_name);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(record_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
