/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_plot: records as pictures, drawn by the program gnuplot. Texts from the records are
 * data: they are escaped for gnuplot's double-quoted strings and its enhanced-text markup is
 * off, and no shell is involved.
 */
#ifndef SEVPINBENCH_RESULT_PLOT_H
#define SEVPINBENCH_RESULT_PLOT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum plot_kind {
	PLOT_STARTUP,	/* startup latency against the guest's size */
	PLOT_PHASES,	/* where the time of a start goes */
	PLOT_PINS,	/* pinned memory over the guest's life, and against the touched share */
	PLOT_COST,	/* working-set latency against the touched share */
	PLOT_DIST,	/* samples in run order, and how they are distributed */
	PLOT_FAULTS,	/* service times of demand faults */
	PLOT_PUBLISHED, /* startup, beside whole boots that were published */
};
#define PLOT_KIND_COUNT 7

enum plot_format { PLOT_FORMAT_SVG, PLOT_FORMAT_PNG, PLOT_FORMAT_PDF, PLOT_FORMAT_TERM };
#define PLOT_FORMAT_COUNT 4

enum plot_theme { PLOT_THEME_LIGHT, PLOT_THEME_DARK };
#define PLOT_THEME_COUNT 2

/* As wide as a README's text, or 16:9 and for a PNG 1920 pixels wide. */
enum plot_size { PLOT_SIZE_README, PLOT_SIZE_SLIDE };
#define PLOT_SIZE_COUNT 2

extern const struct words words_plot_kind;   /* "startup", "phases", ... */
extern const struct words words_plot_format; /* "svg", "png", ...: also the file name's ending */
extern const struct words words_plot_theme;  /* "light", "dark" */
extern const struct words words_plot_size;   /* "readme", "slide" */

struct plot_style {
	enum plot_format format;
	enum plot_theme theme;
	enum plot_size size;
	unsigned term_columns, term_rows; /* of the format term; 0: 80 and 24 */
	bool term_unicode, term_colour; /* terminals may differ; NO_COLOR is the caller's to ask */
};

struct cell_view;

/* What to draw: one kind, of one record or of several over each other. */
struct plot_request {
	enum plot_kind kind;
	struct plot_style style;
	const struct record *const *record;
	const char *const *name; /* what each was read from */
	uint32_t count;		 /* at least 1 */
	/* Of these records, from cell_view_open_several(), for who draws several kinds; NULL: made
	   for this plot alone. */
	const struct cell_view *view;
};

/*
 * Write the gnuplot script, data included, that draws into the file output. Nothing is run. Returns
 * 0, -ENODATA where the records have nothing for this kind, or -ENOMEM.
 */
int result_plot_script(const struct plot_request *q, const char *output, FILE *out);

/*
 * Draw: run gnuplot (found on PATH, script on its standard input), which writes beside path, and
 * rename. Waits for it, 60 s at most. 0 or -errno: -ENOENT where there is no gnuplot, -ENODATA
 * where there is nothing to draw, -EIO where gnuplot failed (its first words are in f).
 */
int result_plot_draw(const struct plot_request *q, const char *path, struct fault *f);

/*
 * The same into out, which the caller owns: a picture for a terminal, or an SVG for a page. Not for
 * the formats png and pdf.
 */
int result_plot_print(const struct plot_request *q, FILE *out, struct fault *f);

/*
 * Open the gnuplot that PATH leads to now; plots are drawn by that file from here on. For
 * sandbox_enter(). The descriptor, which stays this module's, or -ENOENT.
 */
int result_plot_hold_gnuplot(void);

#endif
