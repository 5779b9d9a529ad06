/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plot_chart: a plot of latencies against something: samples as faint dots, medians with their
 * intervals, a line through them or one fitted to them, and where two of them cross.
 */
#ifndef PLOT_PLOT_CHART_H
#define PLOT_PLOT_CHART_H

#include "plot.h"
#include "sevpinbench/stats.h"

#define CHART_LINES	28
#define CHART_REFERENCE UINT32_MAX /* instead of a cell: a point that is no cell's */

/* What the chart is against. */
enum chart_axis {
	CHART_AXIS_BYTES, /* powers of two */
	CHART_AXIS_SHARE, /* of the guest, in percent */
};

struct chart_point {
	uint32_t line, cell;
	double x, median, low, high;
	uint32_t n;
};

struct chart_line {
	char label[PLOT_LABEL];
	uint32_t cell; /* its first, or CHART_REFERENCE */
	unsigned style;
	bool trending;		  /* it has a trend; of places, not of references */
	struct stats_trend trend; /* in units of fit_x and seconds */
};

struct chart {
	const struct plot_job *job;
	const char *title, *x_title, *y_title;
	enum chart_axis axis;
	double fit_x; /* x is divided by it for the fit; 0: lines join the medians, none is fitted
		       */

	/* What is charted of a sample; false where it has none. */
	bool (*value)(const struct sample *s, double *y);
	/* A fitted slope for the key: " +0.612 s/GiB". */
	void (*slope_text)(const struct stats_line *fit, const struct cell *c, char *buf,
			   size_t size);
	/* May two lines be compared, to say where they cross? NULL: they may not. */
	bool (*comparable)(const struct cell_view *v, uint32_t a, uint32_t b);

	struct chart_point *point; /* owned; by line, then x */
	uint32_t points, room;
	struct chart_line *line; /* owned */
	uint32_t lines, left_out;
	double low_x, high_x, low_y, high_y;
	bool log_x;
	uint64_t dots, dots_of; /* drawn, of so many samples that could be */
};

/* Room for so many points; the caller has set the fields above them. 0 or -ENOMEM. */
int chart_open(struct chart *c, uint32_t points);
void chart_close(struct chart *c);

/*
 * The number of the line whose cells are alike (same) to this one, made where there is none yet;
 * CHART_LINES where there is no room for it, and then the cell is counted as left out.
 */
uint32_t chart_line_of(struct chart *c, uint32_t cell,
		       bool (*same)(const struct cell_view *v, uint32_t a, uint32_t b));

/* A point of a cell's samples; left out where it has none or one axis could not show it. */
void chart_add(struct chart *c, uint32_t line, uint32_t cell, double x,
	       const struct stats_summary *s);

/* A line of points that are no cell's, drawn in a muted colour. Returns its number, as above. */
uint32_t chart_add_reference(struct chart *c, const char *label, unsigned style);
void chart_add_reference_point(struct chart *c, uint32_t line, double x, double y);

/* Write the script. 0, -ENODATA where there is no point, or -ENOMEM. */
int chart_put(struct chart *c);

/* plot_chart_script.c: the script of a chart whose points are sorted and lines are dressed. */
void chart_put_script(struct chart *c);

/* plot_chart_cross.c: labels and lines where two lines of medians cross. Sorted points only. */
void chart_put_crossings(const struct chart *c);

/* True where a fitted line is drawn; else the medians are joined. */
bool chart_is_fitted(const struct chart_line *line);

/* A place on a linear or logarithmic x axis as text: "96M", "23%". */
char *chart_x_text(const struct chart *c, double x, char *buf, size_t size);

#endif
