/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_json: a comparison, and a gate's verdict, as documents (docs/compare.schema.json). */
#ifndef SEVPINBENCH_COMPARE_JSON_H
#define SEVPINBENCH_COMPARE_JSON_H

#include "sevpinbench/compare.h"
#include "sevpinbench/gate.h"
#include <stdio.h>

/* Schema "sevpinbench.compare/1". 0 or -ENOMEM. Errors of writing stay in out. */
int compare_json_print(const struct compare *c, FILE *out);

/* The same, with the member "gate" and a verdict in each row. */
int gate_json_print(const struct gate *g, FILE *out);

/* Bencher Metric Format: {"CELL": {"METRIC": {"value", "lower_value", "upper_value"}}}, NEW's. */
int gate_bencher_print(const struct gate *g, FILE *out);

#endif
