/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal: what standard output can show. */
#ifndef SEVPINBENCH_CMD_TERMINAL_H
#define SEVPINBENCH_CMD_TERMINAL_H

#include <stdbool.h>

struct terminal {
	bool is_one;
	unsigned columns; /* COLUMNS, or what it says itself, or 80 */
	bool colour;	  /* a terminal that is not dumb, and no NO_COLOR (no-color.org) */
	bool unicode;	  /* the locale's characters are UTF-8 */
};

/* The locale must have been set. */
void terminal_look(struct terminal *t);

#endif
