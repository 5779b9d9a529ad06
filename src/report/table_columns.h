/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_columns: what the tables of cells, in whatever form, have in their columns. */
#ifndef REPORT_TABLE_COLUMNS_H
#define REPORT_TABLE_COLUMNS_H

#include "sevpinbench/cell_view.h"
#include <stdbool.h>

#define TABLE_COLUMN_TEXT 48
#define TABLE_COLUMNS	  (13 + CELL_TRAIT_COUNT)

struct table_column {
	const char *head[2]; /* two lines, so that a column is no wider than its numbers */
	bool right;
	/* A cell's text; buf has TABLE_COLUMN_TEXT bytes. */
	void (*text)(const struct cell_view *v, uint32_t cell, int argument, char *buf);
	/* A number that sorts as the text means; NULL where the text itself does. */
	double (*key)(const struct cell_view *v, uint32_t cell, int argument);
	int argument;
	size_t width; /* for who prints the table */
};

/* The columns these cells need, at most TABLE_COLUMNS. Returns their number. */
int table_columns_choose(const struct cell_view *v, struct table_column *column);

#endif
