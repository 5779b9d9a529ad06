/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output: where the result, its journal and its plots go. */
#ifndef SEVPINBENCH_CMD_OUTPUT_H
#define SEVPINBENCH_CMD_OUTPUT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include "sevpinbench/result_plot.h"

struct output {
	char path[3800];    /* the document */
	char journal[3900]; /* PATH.journal */
};

/*
 * From what -o said (NULL: nothing): a file, or in an existing folder, or in results/ (made if it
 * is not there) under the host's name and the time. 0 or -errno.
 */
int output_choose(struct output *o, const char *asked, const struct record *r, struct fault *f);

/* All but what needs other people's numbers. */
#define PLOT_USUAL_KINDS ((1u << PLOT_KIND_COUNT) - 1 - (1u << PLOT_PUBLISHED))

/* The name of a plot beside the document: "NAME-startup.svg". */
void output_plot_path(const char *document, enum plot_kind kind, const char *ending, char *buf,
		      size_t size);

/*
 * Draw these kinds (bit i: enum plot_kind i) beside the document and name the files on standard
 * output; or write their scripts there (emit), and then gnuplot is not needed. The kind in q is not
 * looked at. Where it cannot be done, say so and return false: a result without plots is whole. A
 * kind for which the records have nothing is left out; loud says which.
 */
bool output_draw_plots(const char *verb, const struct plot_request *q, const char *document,
		       unsigned kinds, bool emit, bool loud);

/*
 * Print the table on standard output. EXIT_FINE, or EXIT_LACKS after saying that there was no
 * memory for all of it: the document is whole then.
 */
int output_table(const char *verb, const struct record *r);

/* The exit code that a record's samples and refusals call for; signals apart. */
int output_exit_code(const struct record *r);

#endif
