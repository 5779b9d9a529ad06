// SPDX-License-Identifier: GPL-2.0-or-later
/* The plots: their scripts byte for byte, what hostile text becomes, and the running of gnuplot. */
#include "../../src/report/gnuplot.h"
#include "golden.h"
#include "report_record.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/result_plot.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each test's own folder, and what a test may change of this process, for CK_FORK=no. */
static char folder[4096], search_path[4096];

static char *in_folder(const char *name, char *path, size_t size)
{
	ck_assert_int_lt(snprintf(path, size, "%s/%s", folder, name), (int)size);
	return path;
}

static unsigned count_files(bool remove_them)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (remove_them)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	return count;
}

static void set_up(void)
{
	const char *tmp = getenv("TMPDIR"), *path = getenv("PATH");

	snprintf(search_path, sizeof(search_path), "%s", path ? path : "");
	snprintf(folder, sizeof(folder), "%s/plot.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
	setenv("PATH", search_path, 1);
	count_files(true);
	rmdir(folder);
}

static char *script_of(const struct record *r, enum plot_kind kind, enum plot_format format,
		       const char *output)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(result_plot_script(r, kind, format, output, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* A shell script named gnuplot, alone on PATH. */
static void fake_gnuplot(const char *body)
{
	char path[4200], text[1024];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	write_file(in_folder("gnuplot", path, sizeof(path)), text, 0755);
	setenv("PATH", folder, 1);
}

static int draw(const struct record *r, const char *path, struct fault *f)
{
	memset(f, 0, sizeof(*f));
	return result_plot_draw(r, PLOT_STARTUP, PLOT_FORMAT_SVG, path, f);
}

static const struct {
	const char *golden;
	enum plot_kind kind;
	enum plot_format format;
	uint32_t modes, sizes;
} scripts[] = {
	{"plot-startup.gp", PLOT_STARTUP, PLOT_FORMAT_SVG, 3, 3},
	{"plot-startup-one-cell.gp", PLOT_STARTUP, PLOT_FORMAT_PNG, 1, 1},
	{"plot-phases.gp", PLOT_PHASES, PLOT_FORMAT_SVG, 3, 3},
	{"plot-phases-one-cell.gp", PLOT_PHASES, PLOT_FORMAT_PNG, 1, 1},
};

START_TEST(golden_scripts)
{
	struct record r;
	char *text;

	report_usual(&r, scripts[_i].modes, scripts[_i].sizes);
	text = script_of(&r, scripts[_i].kind, scripts[_i].format, "out/picture");
	golden_check(scripts[_i].golden, text);
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(locale_does_not_matter)
{
	struct record r;
	char *before, *behind, number[16];

	report_usual(&r, 3, 3);
	before = script_of(&r, PLOT_STARTUP, PLOT_FORMAT_SVG, "x");
	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) {
		/* Not installed here: nothing to compare with. */
		free(before);
		record_close(&r);
		return;
	}
	behind = script_of(&r, PLOT_STARTUP, PLOT_FORMAT_SVG, "x");
	snprintf(number, sizeof(number), "%.1f", 0.5);
	ck_assert_str_eq(number, "0,5"); /* the caller's locale is as it was */
	setlocale(LC_ALL, "C");
	ck_assert_str_eq(before, behind);
	free(before);
	free(behind);
	record_close(&r);
}
END_TEST

START_TEST(nothing_to_draw)
{
	struct record r = {0};
	char path[4200];
	struct fault f;
	uint32_t i;

	in_folder("a.svg", path, sizeof(path));
	ck_assert_int_eq(result_plot_script(&r, PLOT_STARTUP, PLOT_FORMAT_SVG, path, stderr),
			 -ENODATA);
	report_usual(&r, 1, 1);
	for (i = 0; i < r.cell[0].sample_count; i++)
		r.cell[0].sample[i].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	for (i = 0; i < PLOT_KIND_COUNT; i++) {
		ck_assert_int_eq(result_plot_draw(&r, (enum plot_kind)i, PLOT_FORMAT_SVG, path, &f),
				 -ENODATA);
		ck_assert_int_eq(f.err, ENODATA);
	}
	ck_assert_uint_eq(count_files(true), 0);
	record_close(&r);
}
END_TEST

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

/* Text in every place where a record has text, trying to run a command or to break the SVG. */
START_TEST(hostile_text_stays_text)
{
	struct record r;
	char path[4200], pwned[4200], here[4096], *svg;
	static const char attack[] = "`>pwned`\"\\\"\n!>pwned\n</text><b>&@x%d";
	struct fault f;
	int kind;

	in_folder("pwned", pwned, sizeof(pwned));
	in_folder("`touch x` \"|.svg", path, sizeof(path));
	/* A CPU's name in a plot is cut, so the attack is short and relative. */
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(chdir(folder), 0);
	report_usual(&r, 2, 2);
	snprintf(r.host.cpu.name, HOST_TEXT, "%s", attack);
	snprintf(r.host.kernel_release, HOST_TEXT, "%s", attack);
	snprintf(r.host.cpu.hypervisor_name, HOST_TEXT, "%s", attack);
	r.plan.label_count = 1;
	snprintf(r.plan.label[0].key, RECORD_LABEL_KEY, "%s", attack);
	snprintf(r.plan.label[0].value, RECORD_LABEL_VAL, "%s", attack);
	for (kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		ck_assert_int_eq(
			result_plot_draw(&r, (enum plot_kind)kind, PLOT_FORMAT_SVG, path, &f), 0);
		ck_assert_int_eq(access(pwned, F_OK), -1);
		svg = golden_read(path);
		ck_assert_ptr_nonnull(svg);
		ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
		ck_assert_ptr_null(strstr(svg, "<b>"));
		ck_assert_ptr_nonnull(strstr(svg, "&lt;b"));
		/* Not run and not lost either. */
		ck_assert_ptr_nonnull(strstr(svg, "`>pwned`"));
		free(svg);
	}
	ck_assert_uint_eq(count_files(true), 1);
	record_close(&r);
	ck_assert_int_eq(chdir(here), 0);
}
END_TEST

START_TEST(every_kind_and_format_draws)
{
	static const char *const magic[PLOT_FORMAT_COUNT] = {"<?xml", "\x89PNG"};
	struct record r;
	char path[4200], head[8];
	struct fault f;
	int kind, format, fd;

	in_folder("picture", path, sizeof(path));
	report_usual(&r, 3, 3);
	for (kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		for (format = 0; format < PLOT_FORMAT_COUNT; format++) {
			write_file(path, "old", 0644);
			ck_assert_int_eq(result_plot_draw(&r, (enum plot_kind)kind,
							  (enum plot_format)format, path, &f),
					 0);
			fd = open(path, O_RDONLY);
			ck_assert_int_eq(read(fd, head, sizeof(head)), sizeof(head));
			close(fd);
			ck_assert_mem_eq(head, magic[format], strlen(magic[format]));
			ck_assert_uint_eq(count_files(true), 1);
		}
	}
	record_close(&r);
}
END_TEST

/* Many lines, long labels, durations at the ends of what 64 bits hold: drawn without complaint. */
START_TEST(absurd_records_draw)
{
	struct record r;
	char path[4200];
	struct fault f = {0};
	uint32_t i;
	int kind;

	in_folder("picture", path, sizeof(path));
	report_open(&r, 200, 0);
	for (i = 0; i < r.cell_count; i++) {
		r.cell[i].cell = report_cell((enum pin_mode)(i % 3), UNITS_MIB << (i % 40));
		r.cell[i].cell.vcpus = i % 50;
		r.cell[i].cell.backing = (enum backing)(i % 7); /* two of them unknown words */
		r.cell[i].cell.touch_bytes = UINT64_MAX / (i + 1);
		r.cell[i].cell.pin = (enum pin_mode)(i % 11);
		r.cell[i].cell.numa_node = (int32_t)(i % 5) - 1;
	}
	report_fill(&r, 7);
	for (i = 0; i < 7; i++) {
		memset(r.cell[0].sample[i].phases_ns, 0, sizeof(r.cell[0].sample[i].phases_ns));
		r.cell[0].sample[i].phases_ns[PHASE_PIN] = i;
		memset(r.cell[1].sample[i].phases_ns, 0, sizeof(r.cell[1].sample[i].phases_ns));
		r.cell[1].sample[i].phases_ns[PHASE_PIN] = UINT64_MAX - i;
	}
	r.cell[2].cell.guest_bytes = UINT64_MAX;
	r.cell[3].cell.guest_bytes = 0;
	for (kind = 0; kind < PLOT_KIND_COUNT; kind++)
		ck_assert_msg(
			result_plot_draw(&r, (enum plot_kind)kind, PLOT_FORMAT_SVG, path, &f) == 0,
			"%s %s", f.op, f.object);
	record_close(&r);
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
	ck_assert_int_eq(gnuplot_run(fd, 300, said, sizeof(said), &f), -ETIME);
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
	ck_assert_int_eq(gnuplot_run(fd, 10000, said, sizeof(said), &f), 0);
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
	Suite *s = suite_create("plot");
	TCase *text = tcase_create("text"), *run = tcase_create("run");

	tcase_add_checked_fixture(run, set_up, tear_down);
	tcase_set_timeout(run, 60);
	tcase_add_loop_test(text, golden_scripts, 0, (int)(sizeof(scripts) / sizeof(scripts[0])));
	tcase_add_loop_test(text, texts_are_quoted, 0, (int)(sizeof(quoted) / sizeof(quoted[0])));
	tcase_add_loop_test(text, paths_are_quoted, 0, (int)(sizeof(paths) / sizeof(paths[0])));
	tcase_add_test(text, locale_does_not_matter);
	tcase_add_test(run, nothing_to_draw);
	tcase_add_test(run, hostile_text_stays_text);
	tcase_add_test(run, every_kind_and_format_draws);
	tcase_add_test(run, absurd_records_draw);
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
	SRunner *sr = srunner_create(make_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
