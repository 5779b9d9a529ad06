/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet_rows: each group against the others that are alike. */
#ifndef COMPARE_FLEET_ROWS_H
#define COMPARE_FLEET_ROWS_H

#include "sevpinbench/fleet.h"

/* Rows, spreads and verdicts of a fleet whose groups, classes and cells are known. 0 or -ENOMEM. */
int fleet_rows_make(struct fleet *f);

#endif
