/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dry_run: the plan on paper: each cell, the memory and about the time that it will need. */
#ifndef SEVPINBENCH_CMD_DRY_RUN_H
#define SEVPINBENCH_CMD_DRY_RUN_H

#include "sevpinbench/launch.h"
#include "sevpinbench/record.h"

/* Print it. The record holds cells without samples, and refusals. Starts no guest. */
void dry_run_print(const struct record *r, const struct launch_limits *l);

#endif
