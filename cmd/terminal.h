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

/*
 * May a line be written there now, without waiting and without being stopped for it? Not to a
 * terminal that ^S holds or that is another job's (SIGTTOU), nor to a pipe that nobody empties.
 */
bool terminal_takes(int fd);

#endif
