/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_options: what "sevpinbench run" was asked for. */
#ifndef SEVPINBENCH_CMD_RUN_OPTIONS_H
#define SEVPINBENCH_CMD_RUN_OPTIONS_H

#include "sevpinbench/fault.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/record.h"
#include "sevpinbench/result_plot.h"
#include <stdbool.h>
#include <stdint.h>

#define RUN_MAX_CPUS 1024

struct run_options {
	struct plan_request plan;
	bool guest_type_auto;
	struct record_plan campaign; /* seed, runs, warmup, cpu_list, labels */
	bool seed_given;
	unsigned cpu_count;
	int cpu[RUN_MAX_CPUS];
	const char *output;	 /* NULL: the default */
	const char *openmetrics; /* NULL: none */
	enum plot_format plot_format;
	bool audit, no_kernel_switch, no_plots, dry_run, quiet, help;
	/* Not from the command line: these cells instead of those that the plan makes; all or none
	   of them, and no more words about it than where the result is. NULL: none. */
	const struct cell *wanted;
	uint32_t wanted_count;
};

/* What is not said otherwise. Seed and place of the output are not among it. */
void run_options_default(struct run_options *o);

/* A seed by chance. 0 or -errno. */
int run_options_seed(struct run_options *o, struct fault *f);

/*
 * Parse argv[1..argc) into *o, defaults first. 0, or -errno with the option in fault.op and what
 * is wrong with it in fault.object.
 */
int run_options_parse(struct run_options *o, int argc, char **argv, struct fault *f);

#endif
