/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cell_fields: in which fields cells and hosts differ. A field is a bit: enum compare_field. */
#ifndef COMPARE_CELL_FIELDS_H
#define COMPARE_CELL_FIELDS_H

#include "sevpinbench/cell.h"
#include "sevpinbench/compare.h"
#include "sevpinbench/host.h"
#include <stdbool.h>
#include <stdint.h>

/* Bits of what is not the same. Pin mode and size have no bit of their own: COMPARE_OTHER_CELL. */
#define COMPARE_OTHER_CELL (1u << 31)
uint32_t cell_fields_differ(const struct cell *a, const struct cell *b);
uint32_t host_fields_differ(const struct host_facts *a, const struct host_facts *b);

/* True where they are alike but for the guest's size and its working set. */
bool cell_fields_same_line(const struct cell *a, const struct cell *b);

#endif
