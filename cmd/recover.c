// SPDX-License-Identifier: GPL-2.0-or-later
/* recover: make a result of the journal of a run that could not end. */
#include "exit_code.h"
#include "options.h"
#include "output.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/journal.h"
#include "sevpinbench/result_json.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERB   "recover"
#define SUFFIX ".journal"

struct options {
	const char *output; /* NULL: the journal's name without its ending */
	bool help;
};

static int parse_output(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct options *)into)->output = v;
	return 0;
}

static const struct option_row rows[] = {
	OPTION("output", 'o', "FILE", VALUE_FILE, NULL, "json", parse_output,
	       "where to (default: the journal's name without .journal)"),
	OPTION_HELP(options),
};

const struct option_table recover_option_table = {
	.verb = VERB,
	.synopsis = "JOURNAL [-o FILE]",
	.about = "Make a result, marked incomplete, of the journal that a run left behind when it "
		 "was\n"
		 "killed or the disk was full. The journal is left as it is.",
	.exits = "0 fine, 1 a bad journal or a failed sample in it, 2 usage, 3 a file cannot be "
		 "read\n"
		 "or written.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "journal"},
};

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
		code = output_table(VERB, record);
		printf("result: %s\n", path);
		if (output_exit_code(record) == EXIT_MEASURED)
			code = EXIT_MEASURED;
		flushed = say_flush(VERB);
		code = code == EXIT_FINE ? flushed : code;
	}
	record_close(record);
	free(record);
	return code;
}

int cmd_recover(int argc, char **argv)
{
	struct options o = {0};
	struct fault f = {0};
	char path[4096];
	int first = options_parse(&recover_option_table, &o, argc, argv, &f);

	if (first < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&recover_option_table);
		return say_flush(VERB);
	}
	if (first != argc - 1) {
		fault_set(&f, EINVAL, "arguments", "one journal is needed");
		return say_usage(VERB, &f);
	}
	if (choose(argv[first], o.output, path, sizeof(path), &f) < 0)
		return say_usage(VERB, &f);
	reading_begin(VERB, false);
	return recover(argv[first], path);
}
