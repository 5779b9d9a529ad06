/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_table: what an audit found, for people. */
#ifndef SEVPINBENCH_AUDIT_TABLE_H
#define SEVPINBENCH_AUDIT_TABLE_H

#include "sevpinbench/audit.h"
#include <stdio.h>

/*
 * Print every test on a line, what is expected and what follows below a FAIL, then the counts.
 * Errors of the stream are the caller's to find.
 */
void audit_table_print(const struct audit_report *r, FILE *out);

/* Print the tests that there are: ids and what a right kernel does. */
void audit_table_list(FILE *out);

#endif
