/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_values: what is given with each option of "sevpinbench run". Each takes the option's value,
 * NULL where it has none, into a struct run_options; 0, or -EINVAL with the fault filled.
 */
#ifndef SEVPINBENCH_CMD_RUN_VALUES_H
#define SEVPINBENCH_CMD_RUN_VALUES_H

#include "run_options.h"

int run_value_guest_type(void *into, const char *v, struct fault *f);
int run_value_guest_mem(void *into, const char *v, struct fault *f);
int run_value_pin(void *into, const char *v, struct fault *f);
int run_value_backing(void *into, const char *v, struct fault *f);
int run_value_touch_order(void *into, const char *v, struct fault *f);
int run_value_touch_op(void *into, const char *v, struct fault *f);
int run_value_plot_format(void *into, const char *v, struct fault *f);
int run_value_prefault(void *into, const char *v, struct fault *f);
int run_value_pin_threads(void *into, const char *v, struct fault *f);
int run_value_touch(void *into, const char *v, struct fault *f);
int run_value_vcpus(void *into, const char *v, struct fault *f);
int run_value_chunk(void *into, const char *v, struct fault *f);
int run_value_parallel(void *into, const char *v, struct fault *f);
int run_value_runs(void *into, const char *v, struct fault *f);
int run_value_warmup(void *into, const char *v, struct fault *f);
int run_value_seed(void *into, const char *v, struct fault *f);
int run_value_cpu(void *into, const char *v, struct fault *f);
int run_value_pin_order(void *into, const char *v, struct fault *f);
int run_value_sev_policy(void *into, const char *v, struct fault *f);
int run_value_launch_update(void *into, const char *v, struct fault *f);
int run_value_numa_node(void *into, const char *v, struct fault *f);
int run_value_label(void *into, const char *v, struct fault *f);
int run_value_openmetrics(void *into, const char *v, struct fault *f);
int run_value_output(void *into, const char *v, struct fault *f);
int run_value_no_flush_count(void *into, const char *v, struct fault *f);

#endif
