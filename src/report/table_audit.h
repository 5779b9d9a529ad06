/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_audit: the lines under the table about what the pins of its cells hold. */
#ifndef REPORT_TABLE_AUDIT_H
#define REPORT_TABLE_AUDIT_H

#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdio.h>

/* True where cells were to be audited. */
bool table_audit_wanted(const struct record *r);

/*
 * A line a cell and consequence of a FAIL, with the tests that have it; a line a cell of which not
 * all is known, and why. What several cells have in common is told once.
 */
void table_audit_print(const struct record *r, FILE *out);

/* "sev eager 1G", and with how many start at once: "sev eager 1G, 4 at once". */
void table_guest_name(const struct cell *c, FILE *out);
void table_cell_name(const struct cell *c, FILE *out);

#endif
