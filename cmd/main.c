// SPDX-License-Identifier: GPL-2.0-or-later
/* main: to the verb that is asked for. */
#include "exit_code.h"
#include "help.h"
#include "verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A standard descriptor that was handed to us closed would be the next file we open, and the
 * table would be written into it. Fill the holes with what fails the way a closed one does.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	const struct verb *v;

	fill_standard_descriptors();
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		help_print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv + 1);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return cmd_version(1, argv + 1);
	v = verbs_find(argv[1]);
	return v ? v->run(argc - 1, argv + 1) : help_unknown_verb(argv[1]);
}
