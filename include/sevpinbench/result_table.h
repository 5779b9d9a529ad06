/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_table: the table for people: a row a cell, refused cells, and the lines of meaning
 * computed from them (slopes, flags, platform).
 */
#ifndef SEVPINBENCH_RESULT_TABLE_H
#define SEVPINBENCH_RESULT_TABLE_H

#include "sevpinbench/record.h"
#include <stdio.h>

/* Print to out, which the caller owns and checks with ferror(). 0 or -ENOMEM. */
int result_table_print(const struct record *r, FILE *out);

#endif
