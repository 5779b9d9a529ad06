/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_values: what is given with each option of "sevpinbench run". Each takes the option's value,
 * NULL where it has none, into *o; 0, or -EINVAL with the fault filled.
 */
#ifndef SEVPINBENCH_CMD_RUN_VALUES_H
#define SEVPINBENCH_CMD_RUN_VALUES_H

#include "run_options.h"

int run_value_guest_type(struct run_options *o, const char *v, struct fault *f);
int run_value_guest_mem(struct run_options *o, const char *v, struct fault *f);
int run_value_pin(struct run_options *o, const char *v, struct fault *f);
int run_value_backing(struct run_options *o, const char *v, struct fault *f);
int run_value_touch_order(struct run_options *o, const char *v, struct fault *f);
int run_value_touch_op(struct run_options *o, const char *v, struct fault *f);
int run_value_plot_format(struct run_options *o, const char *v, struct fault *f);
int run_value_prefault(struct run_options *o, const char *v, struct fault *f);
int run_value_touch(struct run_options *o, const char *v, struct fault *f);
int run_value_vcpus(struct run_options *o, const char *v, struct fault *f);
int run_value_chunk(struct run_options *o, const char *v, struct fault *f);
int run_value_runs(struct run_options *o, const char *v, struct fault *f);
int run_value_warmup(struct run_options *o, const char *v, struct fault *f);
int run_value_seed(struct run_options *o, const char *v, struct fault *f);
int run_value_cpu(struct run_options *o, const char *v, struct fault *f);
int run_value_pin_order(struct run_options *o, const char *v, struct fault *f);
int run_value_sev_policy(struct run_options *o, const char *v, struct fault *f);
int run_value_launch_update(struct run_options *o, const char *v, struct fault *f);
int run_value_numa_node(struct run_options *o, const char *v, struct fault *f);
int run_value_label(struct run_options *o, const char *v, struct fault *f);
int run_value_output(struct run_options *o, const char *v, struct fault *f);
int run_value_no_plots(struct run_options *o, const char *v, struct fault *f);
int run_value_dry_run(struct run_options *o, const char *v, struct fault *f);
int run_value_no_flush_count(struct run_options *o, const char *v, struct fault *f);
int run_value_no_kernel_switch(struct run_options *o, const char *v, struct fault *f);
int run_value_quiet(struct run_options *o, const char *v, struct fault *f);
int run_value_help(struct run_options *o, const char *v, struct fault *f);

#endif
