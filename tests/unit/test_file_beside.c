// SPDX-License-Identifier: GPL-2.0-or-later
/* test_file_beside: readers see the old file or the new one, whole, whatever fails in between. */
#include "sevpinbench/file_beside.h"

#include "run_suite.h"
#include "sevpinbench/sys.h"
#include "test_files.h"

/* The next call fails with this error; 0: it is made. */
static int fsync_fails, rename_fails, write_fails;

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

int __real_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes)
{
	if (!write_fails)
		return __real_sys_write_all(fd, buf, bytes);
	__real_sys_write_all(fd, buf, bytes / 2);
	return -write_fails;
}

static void setup(void)
{
	files_setup();
	fsync_fails = rename_fails = write_fails = 0;
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
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

START_TEST(commit_replaces)
{
	struct file_beside b;
	struct fault f = {0};
	struct stat st;

	put_text(path_of("a"), "old");
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

	put_text(path_of("a"), "old");
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

	put_text(path_of("a"), "old");
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
	put_text(path_of("target"), "kept");
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

	put_text(path_of("victim"), "kept");
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

/* ---- what is printed ---- */

static int print_or_fail(const void *arg, FILE *out, struct fault *f)
{
	const int *err = arg;

	fprintf(out, "%s", "printed");
	return *err ? fault_set(f, -*err, "print", "a test") : 0;
}

START_TEST(what_is_printed_is_the_file)
{
	const int fine = 0;

	put_text(path_of("a"), "old");
	ck_assert_int_eq(file_beside_print(path_of("a"), print_or_fail, &fine, NULL), 0);
	assert_content(path_of("a"), "printed");
}
END_TEST

static const struct {
	int print, write, rename;
	const char *op;
} broken[] = {{-EIO, 0, 0, "print"}, {0, ENOSPC, 0, "write"}, {0, 0, EXDEV, "rename"}};

START_TEST(a_failed_print_keeps_the_old)
{
	struct fault f = {0};
	char beside[600];

	put_text(path_of("a"), "old");
	write_fails = broken[_i].write;
	rename_fails = broken[_i].rename;
	ck_assert_int_lt(file_beside_print(path_of("a"), print_or_fail, &broken[_i].print, &f), 0);
	ck_assert_str_eq(f.op, broken[_i].op);
	assert_content(path_of("a"), "old");
	snprintf(beside, sizeof(beside), "%s/a.tmp.%ld", folder, (long)getpid());
	ck_assert(!is_there(beside));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("file_beside");
	TCase *t = tcase_create("file_beside");

	tcase_add_checked_fixture(t, setup, files_teardown);
	tcase_add_test(t, commit_replaces);
	tcase_add_test(t, abandon_keeps_the_old);
	tcase_add_loop_test(t, failed_commit_leaves_nothing_behind, 0, 2);
	tcase_add_test(t, only_a_regular_file_is_replaced);
	tcase_add_test(t, refuses_what_cannot_be);
	tcase_add_test(t, does_not_follow_a_planted_link);
	tcase_add_test(t, works_without_a_folder_in_the_name);
	tcase_add_test(t, what_is_printed_is_the_file);
	tcase_add_loop_test(t, a_failed_print_keeps_the_old, 0,
			    (int)(sizeof(broken) / sizeof(broken[0])));
	suite_add_tcase(s, t);
	return run_suite(s);
}
