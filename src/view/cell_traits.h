/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cell_traits: the traits of cell_view.h as numbers that can be compared. */
#ifndef VIEW_CELL_TRAITS_H
#define VIEW_CELL_TRAITS_H

#include "sevpinbench/cell_view.h"
#include <stdint.h>

#define CELL_TRAIT_NO_VALUE UINT64_MAX /* the cell does not have this trait */

/* The cell's trait as a number of the trait's own kind, to be compared with another cell's. */
uint64_t cell_trait_value(const struct cell_view *v, uint32_t cell, enum cell_trait trait);

/*
 * The first cell that has the trait, since others may not (only demand faults have a chunk); 0
 * where none has it. The view has at least one cell.
 */
uint32_t cell_trait_first_with(const struct cell_view *v, enum cell_trait trait);

#endif
