/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table_notes: what is to be known of single cells, of those that were refused, and of those that
 * an audit found something about. A line each.
 */
#ifndef REPORT_TABLE_NOTES_H
#define REPORT_TABLE_NOTES_H

#include "sevpinbench/record.h"
#include <stdio.h>

/* How much of the plan was measured, and why no more; nothing where all of it was. */
void table_incomplete_print(const struct record *r, FILE *out);

void table_notes_print(const struct record *r, FILE *out);

#endif
