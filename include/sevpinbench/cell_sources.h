/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cell_sources: the cells of several records as those of one, each knowing where it is from. */
#ifndef SEVPINBENCH_CELL_SOURCES_H
#define SEVPINBENCH_CELL_SOURCES_H

#include "sevpinbench/record.h"
#include <stdint.h>

#define CELL_SOURCE_CHARS 28			      /* of a kernel's or file's name */
#define CELL_SOURCE_TEXT  (CELL_SOURCE_CHARS * 4 + 8) /* the same in bytes of UTF-8 */

struct cell_sources {
	const struct record **record; /* the caller's records */
	uint32_t count;
	struct record
		*merged;   /* the first record's head; the cells' samples stay with their records */
	uint32_t *of_cell; /* a cell of merged each: the number of its record */
	char (*name)[CELL_SOURCE_TEXT]; /* a record each, what tells it from the others */
};

/*
 * Put count records (at least one) together; name is what each was read from. The records must
 * outlive s. 0 or -ENOMEM, and then nothing is held.
 */
int cell_sources_open(struct cell_sources *s, const struct record *const *r,
		      const char *const *name, uint32_t count);

/* Free what s holds, not the records. Safe on a zeroed s. */
void cell_sources_close(struct cell_sources *s);

#endif
