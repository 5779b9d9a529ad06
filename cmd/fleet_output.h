/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet_output: compare --by: results grouped by host, kernel, processor or microcode. */
#ifndef SEVPINBENCH_CMD_FLEET_OUTPUT_H
#define SEVPINBENCH_CMD_FLEET_OUTPUT_H

#include "sevpinbench/fleet.h"
#include <stdio.h>

/*
 * Read the results, compare the groups and print them to standard output. allow: host fields (bits)
 * in which results of one group may differ. An exit code, failures told.
 */
int fleet_output(const char *verb, enum fleet_by by, uint32_t allow, double alpha,
		 int (*print)(const struct fleet *f, FILE *out), int argc, char **argv);

#endif
