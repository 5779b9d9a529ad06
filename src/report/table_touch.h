/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_touch: what a touched page costs with demand pinning, beside the same with none. */
#ifndef REPORT_TABLE_TOUCH_H
#define REPORT_TABLE_TOUCH_H

#include "sevpinbench/cell_view.h"
#include <stdio.h>

/*
 * A line for each demand cell of the largest guest that has a cell like it with nothing pinned:
 * time, faults and exits of the phase touch for each page touched, by medians. Nothing where there
 * is no such pair.
 */
void table_touch_print(const struct cell_view *v, FILE *out);

#endif
