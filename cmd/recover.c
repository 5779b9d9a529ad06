// SPDX-License-Identifier: GPL-2.0-or-later
/* recover: make a result of the journal of a run that could not end. */
#include "exit_code.h"
#include "output.h"
#include "parse.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/journal.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/result_table.h"
#include "verbs.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERB   "recover"
#define SUFFIX ".journal"

static void print_help(void)
{
	puts("usage: sevpinbench recover JOURNAL [-o FILE]\n\n"
	     "Make a result, marked incomplete, of the journal that a run left behind when it was\n"
	     "killed or the disk was full. The journal is left as it is.\n\n"
	     "  -o, --output FILE  where to (default: the journal's name without .journal)\n"
	     "  -h, --help         this text\n\n"
	     "Exit: 0 fine, 1 a bad journal or a failed sample in it, 2 usage, 3 a file cannot be "
	     "read\n"
	     "or written. See sevpinbench-recover(1).");
}

/* -o, or the journal's name without its ending. A document that exists is not overwritten. */
static int choose(const char *journal, const char *asked, char *path, size_t size, struct fault *f)
{
	size_t n = strlen(journal), suffix = strlen(SUFFIX);

	if (asked)
		snprintf(path, size, "%s", asked);
	else if (n > suffix && strcmp(journal + n - suffix, SUFFIX) == 0)
		snprintf(path, size, "%.*s", (int)(n - suffix), journal);
	else
		return fault_set(f, EINVAL, "JOURNAL",
				 "%.100s does not end in .journal: say with -o where to", journal);
	if (!asked && access(path, F_OK) == 0) {
		fault_set(f, EINVAL, "-o", "%.150s exists already", path);
		fault_hint(f, "-o FILE names another, or this one, to replace it");
		return -EINVAL;
	}
	return 0;
}

static int recover(const char *journal, const char *path)
{
	struct record *record = calloc(1, sizeof(*record));
	struct fault f = {0};
	int code, flushed, r;

	if (!record)
		return say_no_memory(VERB);
	r = journal_read(record, journal, &f);
	if (r == 0)
		r = result_json_write(record, path, &f);
	if (r < 0) {
		code = say_fault(VERB, "the journal could not be made a result", &f);
		code = r == -EINVAL ? EXIT_MEASURED : code == EXIT_UNSUPPORTED ? EXIT_LACKS : code;
	} else {
		result_table_print(record, stdout);
		printf("result: %s\n", path);
		code = output_exit_code(record);
		code = code == EXIT_MEASURED ? code : EXIT_FINE;
		flushed = say_flush(VERB);
		code = code == EXIT_FINE ? flushed : code;
	}
	record_close(record);
	free(record);
	return code;
}

int cmd_recover(int argc, char **argv)
{
	static const struct option longs[] = {
		{"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
	const char *asked = NULL;
	struct fault f = {0};
	char path[4096];
	int code;

	opterr = 0;
	optind = 1;
	while ((code = getopt_long(argc, argv, ":o:h", longs, NULL)) != -1) {
		if (code == 'h') {
			print_help();
			return say_flush(VERB);
		}
		if (code != 'o') {
			parse_bad_option(code == ':', optopt, argv[optind - 1], &f);
			return say_usage(VERB, &f);
		}
		asked = optarg;
	}
	if (optind != argc - 1) {
		fault_set(&f, EINVAL, "arguments", "one journal is needed");
		return say_usage(VERB, &f);
	}
	if (choose(argv[optind], asked, path, sizeof(path), &f) < 0)
		return say_usage(VERB, &f);
	reading_begin(VERB, false);
	return recover(argv[optind], path);
}
