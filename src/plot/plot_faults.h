/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot_faults: what the plot of demand faults is made of, before it is written as a script. */
#ifndef PLOT_PLOT_FAULTS_H
#define PLOT_PLOT_FAULTS_H

#include "plot.h"
#include "sevpinbench/stats.h"
#include <stddef.h>

#define FAULTS_LINES	   28
#define FAULTS_PERCENTILES 4
#define FAULTS_P90	   1 /* goes without a mark where the whole line is drawn */

/* A percentile of fewer faults than least is the slowest fault once more. */
struct faults_percentile {
	const char *name;
	unsigned permille;
	uint64_t least;
};
extern const struct faults_percentile faults_percentiles[FAULTS_PERCENTILES];

struct faults_line {
	uint32_t cell, samples;
	unsigned style;
	uint64_t faults;
	struct histogram_step *step; /* owned; all samples' together; steps 0: they keep none */
	size_t steps;
	struct stats_summary percentile[FAULTS_PERCENTILES]; /* n 0: too few faults for it */
	char label[PLOT_LABEL];
};

struct faults_plot {
	const struct plot_job *job;
	struct faults_line *line;
	uint32_t lines, left_out;
	double low_ns, high_ns, top;
	bool distributions, percentiles; /* what there is among the lines */
	uint64_t thin, thin_of;		 /* samples that have a line of their own, of so many */
};

/* The faults in all steps. */
double faults_sum(const struct histogram_step *step, size_t steps);

/* Of the row of all samples (steps above 0): the time of the step that the percentile falls into.
 */
double faults_percentile(const struct faults_line *line, unsigned permille);

/* True where the sample is valid and has faults. */
bool faults_counts(const struct sample *s);

/* plot_faults_script.c: the script of at least one line. */
void faults_put_script(struct faults_plot *p);

#endif
