/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_plot: a record as pictures, drawn by the program gnuplot. Texts from the record are
 * data: they are escaped for gnuplot's double-quoted strings and its enhanced-text markup is
 * off, and no shell is involved.
 */
#ifndef SEVPINBENCH_RESULT_PLOT_H
#define SEVPINBENCH_RESULT_PLOT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdio.h>

enum plot_kind { PLOT_STARTUP, PLOT_PHASES };
#define PLOT_KIND_COUNT 2

enum plot_format { PLOT_FORMAT_SVG, PLOT_FORMAT_PNG };
#define PLOT_FORMAT_COUNT 2

extern const struct words words_plot_kind;   /* "startup", "phases" */
extern const struct words words_plot_format; /* "svg", "png": also the file name's ending */

/*
 * Write the gnuplot script, data included, that draws the kind into the file output. Nothing is
 * run. Returns 0, -ENODATA where the record has nothing to draw, or -ENOMEM.
 */
int result_plot_script(const struct record *r, enum plot_kind kind, enum plot_format format,
		       const char *output, FILE *out);

/*
 * Draw: run gnuplot (found on PATH, script on its standard input), which writes beside path, and
 * rename. Waits for it, 60 s at most. 0 or -errno: -ENOENT where there is no gnuplot, -ENODATA
 * where there is nothing to draw, -EIO where gnuplot failed (its first words are in f).
 */
int result_plot_draw(const struct record *r, enum plot_kind kind, enum plot_format format,
		     const char *path, struct fault *f);

/*
 * Open the gnuplot that PATH leads to now; plots are drawn by that file from here on. For
 * sandbox_enter(). The descriptor, which stays this module's, or -ENOENT.
 */
int result_plot_hold_gnuplot(void);

#endif
