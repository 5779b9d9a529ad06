/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot: what the kinds of plots share: the frame around them and the ticks of their axes. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "cell_view.h"
#include "sevpinbench/result_plot.h"
#include <stdint.h>
#include <stdio.h>

#define PLOT_WIDTH  900
#define PLOT_HEIGHT 560
#define PLOT_LABEL  1024 /* room for a cell's or line's label */

/* Okabe and Ito's palette, told apart by the colour-blind. */
#define PLOT_BLACK	"#000000"
#define PLOT_ORANGE	"#E69F00"
#define PLOT_SKY_BLUE	"#56B4E9"
#define PLOT_GREEN	"#009E73"
#define PLOT_YELLOW	"#F0E442"
#define PLOT_BLUE	"#0072B2"
#define PLOT_VERMILLION "#D55E00"
#define PLOT_PURPLE	"#CC79A7"

struct plot_frame {
	enum plot_format format;
	const char *output;
	unsigned width, height; /* pixels */
	const char *title;
	const char *footer; /* how to read the marks */
	unsigned key_rows, key_columns;
};

/* Pixels from the lower edge to the axis: room for its labels, the key and the footer. */
unsigned plot_frame_below(enum plot_format format, unsigned key_rows);

/* The terminal, the output, title, facts about host and cells, footer, key and margins. */
void plot_frame_put(const struct plot_frame *frame, const struct cell_view *v, FILE *out);

/* A tick's label: "1 ms", "2.5 s", "0". buf of 16 bytes is enough. Returns buf. */
char *plot_time_label(uint64_t ns, char *buf, size_t size);

/* Ticks of a logarithmic time axis around [low, high] (both above 0), and its range. */
void plot_log_time_axis(char axis, double low_ns, double high_ns, FILE *out);

/* Ticks of a linear time axis from 0 to at least high, and its range with so much room behind. */
void plot_linear_time_axis(char axis, double high_ns, double room, FILE *out);

/* 0, -ENODATA where nothing can be drawn, or -ENOMEM. */
int plot_startup_put(const struct cell_view *v, enum plot_format format, const char *output,
		     FILE *out);
int plot_phases_put(const struct cell_view *v, enum plot_format format, const char *output,
		    FILE *out);

#endif
