/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grid: texts in columns, as a table for a terminal or as Markdown. */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define GRID_COLUMNS 10
#define GRID_TEXT    160

struct grid {
	unsigned columns;
	const char *head[GRID_COLUMNS];
	bool right[GRID_COLUMNS];
	uint32_t rows, room;
	char (*text)[GRID_COLUMNS][GRID_TEXT]; /* owned */
};

/* A new row, empty; NULL without memory. A grid starts zeroed but for its head. */
char (*grid_row(struct grid *g))[GRID_TEXT];
void grid_print(const struct grid *g, FILE *out);
void grid_print_markdown(const struct grid *g, FILE *out); /* escapes */
void grid_close(struct grid *g);

#endif
