// SPDX-License-Identifier: GPL-2.0-or-later
/* help: the verbs, or the manual page of one. */
#include "help.h"

#include "exit_code.h"
#include "say.h"
#include "verbs.h"
#include "version.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void help_print_usage(FILE *out)
{
	const struct verb *v;

	fputs("usage: sevpinbench VERB [OPTION...]\n\n"
	      "How long does a guest take to start, and how much host memory does it pin, when "
	      "its\n"
	      "memory is pinned eagerly, on demand, or not at all?\n\n",
	      out);
	for (v = verbs; v->name; v++)
		fprintf(out, "  %-10s  %s\n", v->name, v->help);
	fputs("\n\"sevpinbench VERB --help\" shows a verb's options, \"sevpinbench help VERB\" "
	      "its manual.\n",
	      out);
}

int help_unknown_verb(const char *name)
{
	say("", "unknown verb \"%.40s\"", name);
	fputs("  \"sevpinbench help\" lists the verbs\n", stderr);
	return EXIT_USAGE;
}

/* Run a command that is found on PATH, and wait for it. quietly: what it says is dropped. */
static bool succeeds(char **argv, bool quietly)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (quietly) {
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	}
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	posix_spawn_file_actions_destroy(&actions);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A verb's manual; without man(1), or where the page is not installed, what --help shows. */
static int show(const struct verb *v, char *name)
{
	static char man[] = "man", where[] = "-w", help_option[] = "--help";
	char page[64];

	snprintf(page, sizeof(page), "sevpinbench-%s", name);
	if (succeeds((char *[]){man, where, page, NULL}, true) &&
	    succeeds((char *[]){man, page, NULL}, false))
		return EXIT_FINE;
	return v->run(2, (char *[]){name, help_option, NULL});
}

const struct option_table help_option_table = {
	.verb = "help",
	.synopsis = "[VERB]",
	.operand_word = verbs_name,
};

int cmd_help(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2 || argv[1][0] == '-' || strcmp(argv[1], "help") == 0) {
		help_print_usage(stdout);
		return say_flush("help");
	}
	v = verbs_find(argv[1]);
	return v ? show(v, argv[1]) : help_unknown_verb(argv[1]);
}

int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("sevpinbench %s%s%s%s\n", version_number, version_git_revision[0] ? " (" : "",
	       version_git_revision, version_git_revision[0] ? ")" : "");
	return say_flush("version");
}
