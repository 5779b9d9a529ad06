// SPDX-License-Identifier: GPL-2.0-or-later
/* check: will the guest that is asked for work on this host, and if not, what is to be done? */
#include "sevpinbench/check.h"

#include "exit_code.h"
#include "options.h"
#include "parse.h"
#include "say.h"
#include "sevpinbench/check_json.h"
#include "sevpinbench/check_table.h"
#include "sevpinbench/sandbox.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include "tool.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB "check"

struct options {
	struct check_request asked;
	bool no_experiment, json, verbose, help;
};

static int parse_type(void *into, const char *v, struct fault *f)
{
	struct check_request *asked = &((struct options *)into)->asked;
	int value = words_value(&words_guest_type, v);

	asked->type_auto = strcmp(v, "auto") == 0;
	if (value >= 0)
		asked->guest_type = (enum guest_type)value;
	if (value >= 0 || asked->type_auto)
		return 0;
	return fault_set(f, EINVAL, "--guest-type",
			 "\"%.40s\" is not one of auto, vm, sev, sev-es, sev-snp", v);
}

static int parse_mem(void *into, const char *v, struct fault *f)
{
	struct check_request *asked = &((struct options *)into)->asked;
	unsigned count;

	if (strchr(v, ',') || strstr(v, ".."))
		return fault_set(f, EINVAL, "--guest-mem",
				 "\"%.60s\": one size is checked at a time", v);
	return parse_sizes("--guest-mem", v, &asked->guest_bytes, 1, &count, f);
}

static int parse_pin(void *into, const char *v, struct fault *f)
{
	struct check_request *asked = &((struct options *)into)->asked;
	int value, n = parse_words("--pin", &words_pin_mode, v, &value, 1, f);

	if (n > 0)
		asked->pin = (enum pin_mode)value;
	return n < 0 ? n : 0;
}

static const struct option_row rows[] = {
	OPTION("guest-type", 0, "TYPE", VALUE_WORD, &words_guest_type, "auto", parse_type,
	       "auto, vm, sev, sev-es, sev-snp (auto)"),
	OPTION("guest-mem", 0, "SIZE", VALUE_SIZE, NULL, NULL, parse_mem,
	       "memory of the guest (1G)"),
	OPTION("pin", 0, "MODE", VALUE_WORD, &words_pin_mode, NULL, parse_pin,
	       "eager, demand, none (eager)"),
	OPTION_FLAG("no-experiment", 0, options, no_experiment, "start no guest"),
	OPTION_FLAG("json", 0, options, json, "a document instead of the tree"),
	OPTION_FLAG("verbose", 'v', options, verbose,
		    "also where it looked, what is expected, and why"),
	OPTION_HELP(options),
};

const struct option_table check_option_table = {
	.verb = VERB,
	.synopsis = "[OPTION...]",
	.about = "Look whether a guest would work on this host: processor, firmware setup, KVM, "
		 "secure\n"
		 "processor, memory, limits, kernel settings, the rights to pin and to count pins. "
		 "What\n"
		 "is not right is told with what to do about it. A tiny guest is started to see "
		 "what the\n"
		 "kernel pins, and when.",
	.exits = "0 fine, 1 a check failed, 2 usage, 3 nothing failed but permission was lacking\n"
		 "to look.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};

static int exit_code(const struct check_report *report)
{
	if (report->tally[CHECK_FAIL])
		return EXIT_MEASURED;
	return report->unseen ? EXIT_LACKS : EXIT_FINE;
}

static int look(const struct options *o, struct check_report *report,
		const struct record_tool *tool)
{
	struct fault f = {0};
	int code, flushed;

	stop_install();
	sandbox_drop_capabilities();
	if (check_run(&o->asked, report, &f) < 0) {
		if (f.err == EINVAL)
			return say_usage(VERB, &f);
		return say_fault(VERB, "cannot look at this host", &f);
	}
	/* What it cut short looks like a host that cannot. */
	if (stop_signal())
		return say_stopped(VERB);
	if (!o->json)
		check_table_print(report, o->verbose, stdout);
	else if (check_json_print(report, tool, stdout, &f) < 0)
		return say_fault(VERB, "the document cannot be made", &f);
	flushed = say_flush(VERB);
	code = exit_code(report);
	return code == EXIT_FINE ? flushed : code;
}

int cmd_check(int argc, char **argv)
{
	struct options o = {
		.asked = {.type_auto = true, .guest_bytes = UNITS_GIB, .pin = PIN_MODE_EAGER}};
	struct check_report *report;
	struct record_tool tool;
	struct fault f = {0};
	int code;

	if (options_parse_all(&check_option_table, &o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	o.asked.experiment = !o.no_experiment;
	if (o.help) {
		options_print_help(&check_option_table);
		return say_flush(VERB);
	}
	report = calloc(1, sizeof(*report));
	if (!report)
		return say_no_memory(VERB);
	tool_note(&tool, argc, argv);
	code = look(&o, report, &tool);
	free(report);
	return code;
}
