/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results: the documents that a command line names, read. */
#ifndef SEVPINBENCH_CMD_RESULTS_H
#define SEVPINBENCH_CMD_RESULTS_H

#include "sevpinbench/record.h"
#include <stdint.h>

struct results {
	uint32_t count;
	const struct record **record; /* owned */
	const char **name;	      /* the command line's */
};

/*
 * Read them; one that cannot be read is told and left out. Returns an exit code: fine where all
 * were read. count may be 0 then. The caller closes r in any case.
 */
int results_read(struct results *r, const char *verb, int count, char **names);
void results_close(struct results *r);

#endif
