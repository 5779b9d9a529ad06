// SPDX-License-Identifier: GPL-2.0-or-later
/* tool: what a document says of the program that made it. */
#include "tool.h"

#include "version.h"
#include <stdio.h>

void tool_note(struct record_tool *t, int argc, char **argv)
{
	size_t used;
	int i;

	snprintf(t->version, sizeof(t->version), "%s", version_number);
	snprintf(t->git_revision, sizeof(t->git_revision), "%s", version_git_revision);
	used = (size_t)snprintf(t->command_line, sizeof(t->command_line), "sevpinbench");
	for (i = 0; i < argc && used < sizeof(t->command_line); i++)
		used += (size_t)snprintf(t->command_line + used, sizeof(t->command_line) - used,
					 " %s", argv[i]);
}
