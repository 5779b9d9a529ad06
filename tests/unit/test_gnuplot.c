// SPDX-License-Identifier: GPL-2.0-or-later
/* The running of gnuplot, whatever it does, and text and names as its strings. */
#include "plot_scene.h"
#include "run_suite.h"

static const struct {
	const char *text, *expected;
} quoted[] = {
	{"plain", "\"plain\""},
	{"a\"b", "\"a\\042b\""},
	{"a\\b", "\"a\\134b\""},
	{"`id`", "\"\\140id\\140\""},
	{"$x @y %d {/Symbol a}_b^c", "\"$x @y %d {/Symbol a}_b^c\""},
	{"two\nlines\033[1m", "\"two lines[1m\""},
	{"\xc3\xa9\xff\xe2\x80\xae\xe2\x80\xac", "\"\xc3\xa9?\""},
};

START_TEST(texts_are_quoted)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	gnuplot_put_text(quoted[_i].text, 100, out);
	fclose(out);
	ck_assert_str_eq(text, quoted[_i].expected);
	free(text);
}
END_TEST

static const struct {
	const char *path, *expected;
} paths[] = {
	{"/a/b", "\"/a/b\""},
	{"a b", "\"./a b\""},
	{"|touch x", "\"./|touch x\""},
	{"~/x", "\"./~/x\""},
	{"/a\n`b`\"\\\xff", "\"/a\\012\\140b\\140\\042\\134\\377\""},
};

START_TEST(paths_are_quoted)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	gnuplot_put_path(paths[_i].path, out);
	fclose(out);
	ck_assert_str_eq(text, paths[_i].expected);
	free(text);
}
END_TEST

START_TEST(no_gnuplot)
{
	struct record r;
	char path[4200];
	struct fault f;

	setenv("PATH", folder, 1);
	report_usual(&r, 2, 2);
	write_file(in_folder("a.svg", path, sizeof(path)), "old", 0644);
	ck_assert_int_eq(draw(&r, path, &f), -ENOENT);
	ck_assert_ptr_nonnull(strstr(f.hint, "apt-get install gnuplot-nox"));
	ck_assert_uint_eq(count_files(false), 1); /* the old picture stays, and nothing beside it */
	record_close(&r);
}
END_TEST

static const struct {
	const char *body;
	int err;
	const char *said;
} failures[] = {
	{"echo 'line 3: bad    \033[1mwords' >&2; exit 1", EIO, "exit 1: line 3: bad [1mwords"},
	{"echo all fine", EIO, "it drew nothing: all fine"},
	{"exit 127", ENOENT, "to be found on PATH"}, /* POSIX: so a spawn may tell that it failed */
	{"kill -9 $$", EIO, "ended by signal 9"},
};

START_TEST(gnuplot_fails)
{
	struct record r;
	char path[4200], *old;
	struct fault f;

	fake_gnuplot(failures[_i].body);
	report_usual(&r, 2, 2);
	write_file(in_folder("a.svg", path, sizeof(path)), "old", 0644);
	ck_assert_int_eq(draw(&r, path, &f), -failures[_i].err);
	ck_assert_int_eq(f.err, failures[_i].err);
	ck_assert_msg(strstr(f.object, failures[_i].said), "said: %s", f.object);
	old = golden_read(path);
	ck_assert_str_eq(old, "old");
	free(old);
	ck_assert_uint_eq(count_files(false), 2); /* the picture and the fake */
	record_close(&r);
}
END_TEST

START_TEST(gnuplot_hangs)
{
	int fd = gnuplot_memfd("test");
	char said[64];
	struct fault f = {0};
	uint64_t start = clock_now_ns();

	fake_gnuplot("echo waiting; while :; do :; done");
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(gnuplot_run(fd, -1, 300, said, sizeof(said), &f), -ETIME);
	ck_assert_uint_lt(clock_now_ns() - start, 10000000000u);
	ck_assert_str_eq(said, "waiting ");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* nothing left to reap */
	close(fd);
}
END_TEST

/* The script reaches gnuplot whole, whatever its size, though nobody reads gnuplot's words. */
START_TEST(large_scripts_and_words)
{
	struct record r;
	char path[4200];
	struct fault f;

	/* More words than any pipe holds, before the first byte of the script is read. */
	report_open(&r, 4, 0);
	r.cell[0].cell = r.cell[1].cell = r.cell[2].cell = r.cell[3].cell =
		report_cell(PIN_MODE_EAGER, UNITS_GIB);
	report_fill(&r, 50000);
	fake_gnuplot("i=0; while [ $i -lt 20000 ]; do echo 'words words words words'; i=$((i+1));"
		     "done; while read -r l; do case $l in 'set output '*) "
		     "o=${l#*\\\"}; echo drawn >\"${o%\\\"}\";; esac; done");
	ck_assert_int_eq(draw(&r, in_folder("a.svg", path, sizeof(path)), &f), 0);
	record_close(&r);
}
END_TEST

/* The environment that gnuplot gets, its arguments and its signals. */
START_TEST(gnuplot_is_run_cleanly)
{
	int fd = gnuplot_memfd("test");
	char said[256];
	struct fault f = {0};
	sigset_t all, former;

	setenv("LC_NUMERIC", "de_DE.UTF-8", 1);
	setenv("GNUTERM", "dumb", 1);
	setenv("GNUPLOT_LIB", "/evil", 1);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &former);
	signal(SIGPIPE, SIG_IGN);
	fake_gnuplot("echo \"$* $LC_ALL/$LC_NUMERIC/$GNUTERM/$GNUPLOT_LIB\"; "
		     "while read -r a b; do case $a in SigBlk:|SigIgn:) echo ${b#?????????};; "
		     "esac; done "
		     "</proc/self/status");
	ck_assert_int_eq(gnuplot_run(fd, -1, 10000, said, sizeof(said), &f), 0);
	ck_assert_str_eq(said, "-d - C.UTF-8/// 0000000 0000000 ");
	sigprocmask(SIG_SETMASK, &former, NULL);
	signal(SIGPIPE, SIG_DFL);
	close(fd);
}
END_TEST

START_TEST(standard_descriptors_closed)
{
	struct record r;
	char path[4200];
	struct fault f;
	pid_t pid;
	int status;

	report_usual(&r, 2, 2);
	in_folder("a.svg", path, sizeof(path));
	pid = fork();
	if (pid == 0) {
		close(0);
		close(1);
		close(2);
		status = draw(&r, path, &f);
		record_close(&r);
		_exit(status == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(count_files(true), 1);
	record_close(&r);
}
END_TEST

START_TEST(unwritable_output)
{
	struct record r;
	char path[4200];
	struct fault f;

	report_usual(&r, 2, 2);
	ck_assert_int_eq(draw(&r, in_folder("no/a.svg", path, sizeof(path)), &f), -ENOENT);
	ck_assert_ptr_null(strstr(f.hint, "gnuplot")); /* not to be taken for a missing gnuplot */
	ck_assert_uint_eq(count_files(true), 0);
	record_close(&r);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("gnuplot");
	TCase *text = tcase_create("text"), *run = tcase_create("run");

	tcase_add_checked_fixture(run, set_up, tear_down);
	tcase_set_timeout(run, 60);
	tcase_add_loop_test(text, texts_are_quoted, 0, (int)(sizeof(quoted) / sizeof(quoted[0])));
	tcase_add_loop_test(text, paths_are_quoted, 0, (int)(sizeof(paths) / sizeof(paths[0])));
	tcase_add_test(run, no_gnuplot);
	tcase_add_loop_test(run, gnuplot_fails, 0, (int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(run, gnuplot_hangs);
	tcase_add_test(run, large_scripts_and_words);
	tcase_add_test(run, gnuplot_is_run_cleanly);
	tcase_add_test(run, standard_descriptors_closed);
	tcase_add_test(run, unwritable_output);
	suite_add_tcase(s, text);
	suite_add_tcase(s, run);
	return s;
}

int main(void)
{
	return run_suite(make_suite());
}
