/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_meaning: the lines under the table that say what its numbers mean, each computed. */
#ifndef REPORT_TABLE_MEANING_H
#define REPORT_TABLE_MEANING_H

#include "sevpinbench/cell_view.h"
#include <stdio.h>

/* 0 or -ENOMEM. */
int table_meaning_print(const struct cell_view *v, FILE *out);

#endif
