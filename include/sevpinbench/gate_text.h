/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_text: a gate's verdict for people and for CI. */
#ifndef SEVPINBENCH_GATE_TEXT_H
#define SEVPINBENCH_GATE_TEXT_H

#include "sevpinbench/gate.h"
#include <stdio.h>

/* Each 0 or -ENOMEM. Errors of writing stay in out. */
int gate_table_print(const struct gate *g, FILE *out);	  /* what is not a pass, and the verdict */
int gate_markdown_print(const struct gate *g, FILE *out); /* a comment for a pull request */
int gate_github_print(const struct gate *g, FILE *out);	  /* annotations of GitHub Actions */
int gate_junit_print(const struct gate *g, FILE *out);	  /* JUnit XML: a suite a cell */

#endif
