/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result_bars: results as charts of characters, for a terminal; no other program is needed. */
#ifndef SEVPINBENCH_RESULT_BARS_H
#define SEVPINBENCH_RESULT_BARS_H

#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdio.h>

struct bars_style {
	unsigned columns; /* of the terminal; 0: 80 */
	bool unicode;	  /* block characters; else ASCII */
	bool colour;	  /* ANSI colours by pin mode */
};

/*
 * A bar a cell: the median startup, and behind it in a lighter shade the touch of the working set,
 * all to one scale; times in words behind it. Prints nothing where no cell has a valid sample.
 * name: what each record was read from. 0, -ENODATA or -ENOMEM.
 */
int result_bars_print(const struct record *const *r, const char *const *name, uint32_t count,
		      const struct bars_style *style, FILE *out);

/* A line a cell: how its startup samples lie between the fastest and the slowest. As above. */
int result_bars_print_spread(const struct record *const *r, const char *const *name, uint32_t count,
			     const struct bars_style *style, FILE *out);

#endif
