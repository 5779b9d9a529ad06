/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_table: a check of the host as a tree for people. */
#ifndef SEVPINBENCH_CHECK_TABLE_H
#define SEVPINBENCH_CHECK_TABLE_H

#include "sevpinbench/check.h"
#include <stdbool.h>
#include <stdio.h>

/*
 * Print every check on a line, with what is expected and how to mend it below what is not right;
 * verbose: below each, and what was read and why it matters. Then the counts and a summary.
 * Errors of the stream are the caller's to find.
 */
void check_table_print(const struct check_report *r, bool verbose, FILE *out);

#endif
