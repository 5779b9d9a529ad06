/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot: text as gnuplot's data, and the program itself. */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include "sevpinbench/fault.h"
#include <stddef.h>
#include <stdio.h>

/*
 * Print text as a double-quoted string that stands for just this text: made plain (plain_text.h),
 * cut at max_chars, and without a character that means something to gnuplot.
 */
void gnuplot_put_text(const char *text, size_t max_chars, FILE *out);

/*
 * Print a file name as a double-quoted string, byte for byte. A name that gnuplot would take for
 * a pipe ("|command") or a home folder ("~") gets "./" in front.
 */
void gnuplot_put_path(const char *path, FILE *out);

/*
 * A file in memory whose descriptor is above 2, so that the child's dup2() calls do not overwrite
 * each other's sources where the parent runs with standard descriptors closed. Or -errno.
 */
int gnuplot_memfd(const char *name);

/*
 * Run gnuplot with script_fd (of gnuplot_memfd) as its standard input and wait for it,
 * time_limit_ms at most. What it prints goes to picture_fd, or where that is -1 with its words. Its
 * start-up files are not read and the locale is C.UTF-8. 0 or -errno: -ENOENT where there is no
 * gnuplot on PATH, -ETIME where it was killed for its time, -EIO where it failed. said gets its
 * first words, whatever came of it; said_size at least 8.
 */
int gnuplot_run(int script_fd, int picture_fd, unsigned time_limit_ms, char *said, size_t said_size,
		struct fault *f);

/*
 * Find gnuplot on PATH and open it, to be started by that descriptor ever after, which a seccomp
 * filter can tell from any other. The descriptor, which is kept open, or -errno.
 */
int gnuplot_hold(void);

#endif
