/* SPDX-License-Identifier: GPL-2.0-or-later */
/* openmetrics: a record as metrics, for the textfile collector of Prometheus' node exporter. */
#ifndef SEVPINBENCH_OPENMETRICS_H
#define SEVPINBENCH_OPENMETRICS_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdio.h>

/*
 * Print the text format: medians a cell in seconds and bytes, counts of samples and flags, the
 * start of the campaign. A figure that no sample has is left out, never 0. 0 or -ENOMEM; errors of
 * writing stay in out.
 */
int openmetrics_print(const struct record *r, FILE *out);

/* Write it beside path and rename, so that a collector reads the old or the new one. 0 or -errno.
 */
int openmetrics_write(const struct record *r, const char *path, struct fault *f);

#endif
