/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort: values in their order. */
#ifndef STATS_SORT_H
#define STATS_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * place[i] becomes the index of the i-th least value, from 0; equal ones keep their order. False
 * where that would not be done fast: of few values, of values that differ in too many digits, and
 * without memory.
 */
bool sort_places(const double *values, size_t n, uint32_t *place);

#endif
