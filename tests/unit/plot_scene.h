/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot_scene: a folder of its own for each test of plots, and programs that pass for gnuplot. */
#ifndef TESTS_PLOT_SCENE_H
#define TESTS_PLOT_SCENE_H

#include "../../src/plot/gnuplot.h"
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

static inline char *in_folder(const char *name, char *path, size_t size)
{
	ck_assert_int_lt(snprintf(path, size, "%s/%s", folder, name), (int)size);
	return path;
}

static inline unsigned count_files(bool remove_them)
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

static inline void set_up(void)
{
	const char *tmp = getenv("TMPDIR"), *path = getenv("PATH");

	snprintf(search_path, sizeof(search_path), "%s", path ? path : "");
	snprintf(folder, sizeof(folder), "%s/plot.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void tear_down(void)
{
	setenv("PATH", search_path, 1);
	count_files(true);
	rmdir(folder);
}

static inline struct plot_request plot_one(const struct record *const *r, enum plot_kind kind,
					   enum plot_format format)
{
	static const char *const name = "tests/one.json";

	return (struct plot_request){
		.kind = kind, .style = {.format = format}, .record = r, .name = &name, .count = 1};
}

static inline char *script_of(const struct plot_request *q, const char *output)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(result_plot_script(q, output, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static inline void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* A shell script named gnuplot, alone on PATH. */
static inline void fake_gnuplot(const char *body)
{
	char path[4200], text[1024];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	write_file(in_folder("gnuplot", path, sizeof(path)), text, 0755);
	setenv("PATH", folder, 1);
}

static inline int draw(const struct record *r, const char *path, struct fault *f)
{
	struct plot_request q = plot_one(&r, PLOT_STARTUP, PLOT_FORMAT_SVG);

	memset(f, 0, sizeof(*f));
	return result_plot_draw(&q, path, f);
}

#endif
