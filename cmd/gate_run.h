/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_run: "gate --run": the baseline's plan measured again on this host, and judged. */
#ifndef SEVPINBENCH_CMD_GATE_RUN_H
#define SEVPINBENCH_CMD_GATE_RUN_H

#include "gate_judge.h"

/*
 * Everything from the options on. Foreign documents are read in children that have entered the
 * sandbox; what they tell is checked as the options of "run" are. An exit code.
 */
int gate_run(const char *verb, const struct gate_options *o, int argc, char **argv);

#endif
