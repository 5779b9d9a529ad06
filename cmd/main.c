// SPDX-License-Identifier: GPL-2.0-or-later
/* main: the table of verbs. */
#include "exit_code.h"
#include "say.h"
#include "verbs.h"
#include "version.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{"run", cmd_run, "start guests, measure startup latency and pinned pages"},
	{"check", cmd_check, "will it work on this host, and if not, what is to be done"},
	{"audit", cmd_audit, "what do the pins hold? Found out by experiment, told as verdicts"},
	{"compare", cmd_compare, "by how much do results differ, and is it more than chance?"},
	{"gate", cmd_gate, "did it get worse by more than it may? A verdict for CI"},
	{"baseline", cmd_baseline, "keep results to gate later ones against"},
	{"plot", cmd_plot, "draw the plots of results"},
	{"report", cmd_report, "tell what results say: text, Markdown, or a page with plots"},
	{"recover", cmd_recover, "make a result of the journal of a run that was killed"},
	{"help", cmd_help, "show this, or the usage of a verb"},
	{"version", cmd_version, "show the version"},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static void print_usage(FILE *out)
{
	size_t i;

	fputs("usage: sevpinbench VERB [OPTION...]\n\n"
	      "How long does a guest take to start, and how much host memory does it pin, when "
	      "its\n"
	      "memory is pinned eagerly, on demand, or not at all?\n\n",
	      out);
	for (i = 0; i < VERBS; i++)
		fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].help);
	fputs("\n\"sevpinbench VERB --help\" shows a verb's options, \"man sevpinbench\" the "
	      "manual.\n",
	      out);
}

static int unknown_verb(const char *name)
{
	say("", "unknown verb \"%.40s\"", name);
	fputs("  \"sevpinbench help\" lists the verbs\n", stderr);
	return EXIT_USAGE;
}

static int cmd_help(int argc, char **argv)
{
	static char help_option[] = "--help";
	const struct verb *v;

	if (argc < 2 || argv[1][0] == '-' || strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return say_flush("help");
	}
	v = find_verb(argv[1]);
	if (!v)
		return unknown_verb(argv[1]);
	return v->run(2, (char *[]){argv[1], help_option, NULL});
}

static int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("sevpinbench %s%s%s%s\n", version_number, version_git_revision[0] ? " (" : "",
	       version_git_revision, version_git_revision[0] ? ")" : "");
	return say_flush("version");
}

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
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv + 1);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return cmd_version(1, argv + 1);
	v = find_verb(argv[1]);
	return v ? v->run(argc - 1, argv + 1) : unknown_verb(argv[1]);
}
