/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture_root: a root for host_file made of folders of fixtures, one laid over the other, so that
 * a host that differs in two files is two files. In TMPDIR, since some files are written to.
 */
#ifndef TESTS_FIXTURE_ROOT_H
#define TESTS_FIXTURE_ROOT_H

#include "sevpinbench/host_file.h"
#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX]; /* "" while there is none */

static inline void make_folders(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ck_assert(mkdir(folder, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

static void copy_file(const char *from, const char *to)
{
	char part[4096];
	FILE *in = fopen(from, "r"), *out;
	size_t n;

	ck_assert_ptr_nonnull(in);
	make_folders(to);
	out = fopen(to, "w");
	ck_assert_ptr_nonnull(out);
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		ck_assert_uint_eq(fwrite(part, 1, n, out), n);
	fclose(in);
	ck_assert_int_eq(fclose(out), 0);
}

static size_t copied_prefix;

static int copy_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	char to[PATH_MAX];

	(void)st;
	(void)at;
	if (kind != FTW_F)
		return 0;
	ck_assert_int_eq(host_file_path(path + copied_prefix, to, sizeof(to)), 0);
	copy_file(path, to);
	return 0;
}

/* The files of tests/fixtures/check/NAME; NULL: none. */
static inline void lay(const char *fixtures)
{
	char from[PATH_MAX];

	if (!fixtures)
		return;
	snprintf(from, sizeof(from), "tests/fixtures/check/%s", fixtures);
	copied_prefix = strlen(from);
	ck_assert_int_eq(nftw(from, copy_entry, 8, FTW_PHYS), 0);
}

/* A file below the root with this text, its folders made. */
static inline void put(const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *out;

	ck_assert_int_eq(host_file_path(path, full, sizeof(full)), 0);
	make_folders(full);
	out = fopen(full, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* An empty one, which host_file reads from now on. */
static void make_root(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/check.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	host_file_set_root(root);
}

static void drop_root(void)
{
	host_file_set_root(NULL);
	if (root[0])
		nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	root[0] = '\0';
}

#endif
