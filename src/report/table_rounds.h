/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_rounds: the lines under the table about guests that started at once. */
#ifndef REPORT_TABLE_ROUNDS_H
#define REPORT_TABLE_ROUNDS_H

#include "sevpinbench/cell_view.h"
#include <stdio.h>

/* Nothing where each guest started alone. 0 or -ENOMEM. */
int table_rounds_print(const struct cell_view *v, FILE *out);

#endif
