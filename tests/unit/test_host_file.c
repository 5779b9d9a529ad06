// SPDX-License-Identifier: GPL-2.0-or-later
/* test_host_file: reading small files, whatever somebody put into them. */
#include "sevpinbench/host_file.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static char root[512];

static void make_root(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/host-file.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	host_file_set_root(root);
}

static void remove_root(void)
{
	static const char *const names[] = {"file", "link", "pipe", "folder"};
	char path[600];

	for (size_t i = 0; i < LENGTH(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		remove(path);
	}
	ck_assert_int_eq(rmdir(root), 0);
	host_file_set_root(NULL);
}

static void write_file(const void *content, size_t bytes)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", root);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(content, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(path_has_the_root_before_it)
{
	char buf[16];

	host_file_set_root("/fake");
	ck_assert_int_eq(host_file_path("/proc/stat", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "/fake/proc/stat");
	ck_assert_int_eq(host_file_path("/proc/stats", buf, sizeof(buf)), -ENAMETOOLONG);
	host_file_set_root("");
	ck_assert_int_eq(host_file_path("/proc/stat", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "/proc/stat");
	host_file_set_root("/fake");
	host_file_set_root(NULL);
	ck_assert_int_eq(host_file_path("/proc/stat", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "/proc/stat");
	host_file_set_root(root);
}
END_TEST

START_TEST(read_gives_plain_text)
{
	static const char hostile[] = "a\tb\n\x1b[31m\0\x7f\xc3\xa9\r\n\n\n";
	char buf[64];

	write_file(hostile, sizeof(hostile) - 1);
	ck_assert_int_eq(host_file_read("/file", buf, sizeof(buf)), 14);
	ck_assert_str_eq(buf, "a\tb\n?[31m?????");
}
END_TEST

START_TEST(read_stops_at_the_buffer)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	write_file("123456789", 9);
	ck_assert_int_eq(host_file_read("/file", buf, 5), 4);
	ck_assert_str_eq(buf, "1234");
	ck_assert_int_eq(buf[5], 'x');
	ck_assert_int_eq(host_file_read("/file", buf, 1), 0);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(host_file_read("/file", buf, 0), -EINVAL);
}
END_TEST

START_TEST(read_of_nothing)
{
	char buf[8] = "old";

	write_file("", 0);
	ck_assert_int_eq(host_file_read("/file", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	write_file("\n\n", 2);
	ck_assert_int_eq(host_file_read("/file", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	strcpy(buf, "old");
	ck_assert_int_eq(host_file_read("/missing", buf, sizeof(buf)), -ENOENT);
	ck_assert_str_eq(buf, "");
}
END_TEST

/* A folder fails, a pipe without a writer does not hang, an endless file is cut. */
START_TEST(read_of_what_is_no_file)
{
	char path[600], buf[5000];

	snprintf(path, sizeof(path), "%s/folder", root);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(host_file_read("/folder", buf, sizeof(buf)), -EISDIR);
	ck_assert_str_eq(buf, "");
	snprintf(path, sizeof(path), "%s/pipe", root);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(host_file_read("/pipe", buf, sizeof(buf)), 0);
	snprintf(path, sizeof(path), "%s/link", root);
	ck_assert_int_eq(symlink("/dev/zero", path), 0);
	ck_assert_int_eq(host_file_read("/link", buf, sizeof(buf)), sizeof(buf) - 1);
	ck_assert_uint_eq(strspn(buf, "?"), sizeof(buf) - 1);
}
END_TEST

START_TEST(read_of_a_path_too_long)
{
	char path[5000], buf[8];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(host_file_read(path, buf, sizeof(buf)), -ENAMETOOLONG);
	ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} row[] = {
		{"0\n", 0, 0},
		{"42", 0, 42},
		{"18446744073709551615\n", 0, UINT64_MAX},
		{"18446744073709551616\n", -EINVAL, 0},
		{"99999999999999999999999999999999999999999999999999999999999999999999999999",
		 -EINVAL, 0},
		{"", -EINVAL, 0},
		{"\n", -EINVAL, 0},
		{"max\n", -EINVAL, 0},
		{"-1\n", -EINVAL, 0},
		{"+1\n", -EINVAL, 0},
		{"0x10\n", -EINVAL, 0},
		{"12abc\n", -EINVAL, 0},
		{"1 2\n", -EINVAL, 0},
		{"1\n2\n", -EINVAL, 0},
	};
	uint64_t value;

	for (size_t i = 0; i < LENGTH(row); i++) {
		write_file(row[i].text, strlen(row[i].text));
		value = 0;
		ck_assert_msg(host_file_read_u64("/file", &value) == row[i].result &&
				      value == row[i].value,
			      "\"%s\" reads as %llu", row[i].text, (unsigned long long)value);
	}
	ck_assert_int_eq(host_file_read_u64("/missing", &value), -ENOENT);
}
END_TEST

START_TEST(keys)
{
	const char *text = "MemTotal:       24682416 kB\n"
			   "MemTotalHuge: 7\n"
			   " Indented: 8\n"
			   "nr_foll_pin_acquired 5\n"
			   "VmPin:\t      64 kB\n"
			   "bad: x\n"
			   "none:\n"
			   "next 1\n"
			   "big 18446744073709551616\n"
			   "equal=3\n"
			   "last 9";
	static const struct {
		const char *key;
		int result;
		uint64_t value;
	} row[] = {
		{"MemTotal", 0, 24682416},
		{"MemTotalHuge", 0, 7},
		{"Mem", -ENOENT, 0},
		{"Indented", -ENOENT, 0},
		{"Total", -ENOENT, 0},
		{"nr_foll_pin_acquired", 0, 5},
		{"nr_foll_pin_acquired 5", -ENOENT, 0},
		{"VmPin", 0, 64},
		{"bad", -EINVAL, 0},
		{"none", -EINVAL, 0}, /* not the 1 of the next line */
		{"big", -EINVAL, 0},
		{"equal", -ENOENT, 0},
		{"last", 0, 9},
		{"absent", -ENOENT, 0},
		{"", -ENOENT, 0},
	};
	uint64_t value;

	for (size_t i = 0; i < LENGTH(row); i++) {
		value = 0;
		ck_assert_msg(host_file_find_u64(text, row[i].key, &value) == row[i].result &&
				      value == row[i].value,
			      "key \"%s\" gives %llu", row[i].key, (unsigned long long)value);
	}
	ck_assert_int_eq(host_file_find_u64("", "last", &value), -ENOENT);
}
END_TEST

START_TEST(texts)
{
	const char *text =
		"Name:\tmy program \t\nmicrocode\t: 0xa0011d5\nA=\"b c\"\nnone:\nlast: z";
	char buf[16];

	ck_assert_int_eq(host_file_find_text(text, "Name", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "my program");
	ck_assert_int_eq(host_file_find_text(text, "microcode", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "0xa0011d5");
	ck_assert_int_eq(host_file_find_text(text, "A", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "\"b c\"");
	ck_assert_int_eq(host_file_find_text(text, "none", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(host_file_find_text(text, "last", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "z");
	ck_assert_int_eq(host_file_find_text(text, "Name", buf, 4), 0);
	ck_assert_str_eq(buf, "my ");
	ck_assert_int_eq(host_file_find_text(text, "micro", buf, sizeof(buf)), -ENOENT);
	ck_assert_str_eq(buf, "");
}
END_TEST

static Suite *host_file_suite(void)
{
	const TTest *const test[] = {
		path_has_the_root_before_it,
		read_gives_plain_text,
		read_stops_at_the_buffer,
		read_of_nothing,
		read_of_what_is_no_file,
		read_of_a_path_too_long,
		numbers,
		keys,
		texts,
	};
	TCase *tcase = tcase_create("host_file");
	Suite *suite = suite_create("host_file");

	tcase_add_checked_fixture(tcase, make_root, remove_root);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(host_file_suite());
}
