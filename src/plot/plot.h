/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot: what the kinds of plots share: inks, the frame around them and the ticks of their axes. */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "sevpinbench/cell_view.h"
#include "sevpinbench/result_plot.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Pictures are laid out in these pixels; a PNG for a slide has more of them than that. */
#define PLOT_WIDTH  900
#define PLOT_HEIGHT 560
#define PLOT_LABEL  2048 /* room for a cell's or line's label */

/* A picture to be made. */
struct plot_job {
	const struct cell_view *view;
	struct plot_style style;
	const char *output; /* the file; of the format term: not used */
	FILE *out;	    /* for the script */
};

/* ---- inks: the colours of a theme, as "#RRGGBB" ---- */

enum plot_ink {
	PLOT_INK_PAPER,
	PLOT_INK_TEXT,
	PLOT_INK_MUTED, /* small lines */
	PLOT_INK_AXIS,
	PLOT_INK_GRID,
	PLOT_INK_ALARM, /* what must not be overlooked */
	PLOT_INK_FILL,	/* an area behind lines */
};
#define PLOT_INK_COUNT 7

const char *plot_ink(enum plot_theme theme, enum plot_ink ink);

/* The looks of line number i: any two of the first 28 differ in colour, or in mark and dashes. */
const char *plot_line_colour(enum plot_theme theme, unsigned i);
unsigned plot_line_mark(unsigned i);   /* gnuplot's pointtype */
unsigned plot_line_dashes(unsigned i); /* and dashtype */

/*
 * Numbers of looks for count lines that start with these cells: the first line of each pin mode has
 * that mode's own, so a mode looks alike in all plots.
 */
void plot_line_styles(const struct cell_view *v, const uint32_t *cell, uint32_t count,
		      unsigned *style);

/* ---- the frame ---- */

struct plot_frame {
	unsigned width, height; /* layout pixels; plot_frame_fit() makes them the picture's */
	const char *title;
	const char *footer;		/* how to read the marks */
	unsigned key_rows, key_columns; /* 0: there is no key */
};

/* Make the frame as wide and high as the style wants it, at least as it is. */
void plot_frame_fit(const struct plot_job *j, struct plot_frame *frame);

/* Pixels above and below the axes: the first for the title and facts, the second for the key. */
unsigned plot_frame_above(const struct plot_job *j);
unsigned plot_frame_below(const struct plot_job *j, unsigned key_rows);

/* The terminal, the output, title, facts about hosts and cells, footer, key and margins. */
void plot_frame_put(const struct plot_frame *frame, const struct plot_job *j);

/*
 * Columns of a key whose widest label has so many characters, below a plot of the picture's width
 * or half of it. gnuplot makes fewer where they do not fit, and then the key grows over the plot.
 */
unsigned plot_key_columns(size_t widest, uint32_t lines, bool half);

/* The size of the small type inside a plot, as this format counts. */
unsigned plot_small_type(const struct plot_job *j);

/* After the plot: what ends the script. */
void plot_frame_end(const struct plot_job *j);

/* "sev eager (kvm-region), 2 vCPUs", with the size behind the mode where asked for. */
void plot_cell_label(const struct cell_view *v, uint32_t cell, bool mechanism, bool size, char *buf,
		     size_t room);

/* ---- ticks ---- */

/* A tick's label: "1 ms", "2.5 s", "0". buf of 16 bytes is enough. Returns buf. */
char *plot_time_label(uint64_t ns, char *buf, size_t size);

/* A share as a label: "0.5%", "10%". buf of 16 bytes is enough. Returns buf. */
char *plot_share_label(double percent, char *buf, size_t size);

/* Ticks of a logarithmic time axis around [low, high] (both above 0), and its range. */
void plot_log_time_axis(char axis, double low_ns, double high_ns, FILE *out);

/* Ticks of a linear time axis from 0 to at least high, and its range with so much room behind. */
void plot_linear_time_axis(char axis, double high_ns, double room, FILE *out);

/* The same around [low, high], a few ticks. */
void plot_near_time_axis(char axis, double low_ns, double high_ns, FILE *out);

/* ---- the kinds: 0, -ENODATA where nothing can be drawn, or -ENOMEM ---- */

int plot_startup_put(const struct plot_job *j);
int plot_phases_put(const struct plot_job *j);
int plot_pins_put(const struct plot_job *j);
int plot_cost_put(const struct plot_job *j);
int plot_dist_put(const struct plot_job *j);
int plot_faults_put(const struct plot_job *j);
int plot_published_put(const struct plot_job *j);

#endif
