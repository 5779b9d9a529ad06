/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_parts: what the documents of comparisons and of fleets have in common. */
#ifndef JSON_COMPARE_PARTS_H
#define JSON_COMPARE_PARTS_H

#include "sevpinbench/compare.h"
#include <jansson.h>
#include <stdio.h>

/* Each a new reference, or NULL without memory. */
json_t *compare_text_json(const char *text); /* as plain text */
json_t *compare_figure_json(const struct stats_figure *f);
json_t *compare_side_figure_json(const struct compare_figure *f);
json_t *compare_sources_json(const struct compare_side *side);
json_t *compare_cell_json(const struct cell *c); /* its parameters as a result has them */

/*
 * Print a value that has so many members, which is stolen. Where memory was lacking on the way a
 * member is missing: then nothing is printed. 0 or -ENOMEM.
 */
int compare_print(json_t *value, size_t members, FILE *out);

#endif
