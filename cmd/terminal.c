// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal: what standard output can show. */
#include "terminal.h"

#include "parse.h"
#include "sevpinbench/sys.h"
#include <langinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USUAL_COLUMNS 80
#define MOST_COLUMNS  1000

void terminal_look(struct terminal *t)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	const char *columns = getenv("COLUMNS");
	int asked = sys_terminal_columns(STDOUT_FILENO);

	t->is_one = isatty(STDOUT_FILENO) == 1;
	t->columns = asked > 0 ? (unsigned)asked : USUAL_COLUMNS;
	if (columns)
		parse_u32("COLUMNS", columns, 1, MOST_COLUMNS, &t->columns, NULL);
	t->colour = t->is_one && !(no_colour && no_colour[0]) && term && strcmp(term, "dumb") != 0;
	t->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool terminal_takes(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	pid_t foreground;

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return false;
	/* -1: no terminal, or one that is not ours and so stops nobody. */
	foreground = tcgetpgrp(fd);
	return foreground < 0 || foreground == getpgrp();
}
