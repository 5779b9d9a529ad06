/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help: what the program says of itself. */
#ifndef SEVPINBENCH_CMD_HELP_H
#define SEVPINBENCH_CMD_HELP_H

#include <stdio.h>

void help_print_usage(FILE *out);

/* Says so on standard error. Returns EXIT_USAGE. */
int help_unknown_verb(const char *name);

#endif
