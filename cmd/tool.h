/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tool: what a document says of the program that made it. */
#ifndef SEVPINBENCH_CMD_TOOL_H
#define SEVPINBENCH_CMD_TOOL_H

#include "sevpinbench/record.h"

/* Version, revision, and the command line of the verb argv[0], cut where it is too long. */
void tool_note(struct record_tool *t, int argc, char **argv);

#endif
