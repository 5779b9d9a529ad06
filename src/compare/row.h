/* SPDX-License-Identifier: GPL-2.0-or-later */
/* row: one metric of one cell, both sides. */
#ifndef COMPARE_ROW_H
#define COMPARE_ROW_H

#include "sevpinbench/compare.h"
#include <stdbool.h>

/* All but p and the verdict, which depend on the other rows. 0 or -ENOMEM. */
int row_compare(const struct compare *c, struct compare_row *r);

/* True where a test was made, so that its p belongs to the family. */
bool row_is_tested(const struct compare_row *r);

#endif
