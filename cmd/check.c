// SPDX-License-Identifier: GPL-2.0-or-later
/* check: will the guest that is asked for work on this host, and if not, what is to be done? */
#include "sevpinbench/check.h"

#include "exit_code.h"
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
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB "check"

struct options {
	struct check_request asked;
	bool json, verbose, help;
};

static void print_help(void)
{
	puts("usage: sevpinbench check [OPTION...]\n\n"
	     "Look whether a guest would work on this host: processor, firmware setup, KVM, "
	     "secure\n"
	     "processor, memory, limits, kernel settings, the rights to pin and to count pins. "
	     "What\n"
	     "is not right is told with what to do about it. A tiny guest is started to see what "
	     "the\n"
	     "kernel pins, and when.\n\n"
	     "      --guest-type TYPE  auto, vm, sev, sev-es, sev-snp (auto)\n"
	     "      --guest-mem SIZE   memory of the guest (1G)\n"
	     "      --pin MODE         eager, demand, none (eager)\n"
	     "      --no-experiment    start no guest\n"
	     "      --json             a document instead of the tree\n"
	     "  -v, --verbose          also where it looked, what is expected, and why\n"
	     "  -h, --help             this text\n\n"
	     "Exit: 0 fine, 1 a check failed, 2 usage, 3 nothing failed but permission was lacking "
	     "to look.\nSee sevpinbench-check(1).");
}

static int parse_type(struct check_request *asked, const char *v, struct fault *f)
{
	int value = words_value(&words_guest_type, v);

	asked->type_auto = strcmp(v, "auto") == 0;
	if (value >= 0)
		asked->guest_type = (enum guest_type)value;
	if (value >= 0 || asked->type_auto)
		return 0;
	return fault_set(f, EINVAL, "--guest-type",
			 "\"%.40s\" is not one of auto, vm, sev, sev-es, sev-snp", v);
}

static int parse_mem(struct check_request *asked, const char *v, struct fault *f)
{
	unsigned count;

	if (strchr(v, ',') || strstr(v, ".."))
		return fault_set(f, EINVAL, "--guest-mem",
				 "\"%.60s\": one size is checked at a time", v);
	return parse_sizes("--guest-mem", v, &asked->guest_bytes, 1, &count, f);
}

static int parse_pin(struct check_request *asked, const char *v, struct fault *f)
{
	int value, n = parse_words("--pin", &words_pin_mode, v, &value, 1, f);

	if (n > 0)
		asked->pin = (enum pin_mode)value;
	return n < 0 ? n : 0;
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {{"guest-type", required_argument, NULL, 't'},
					      {"guest-mem", required_argument, NULL, 'm'},
					      {"pin", required_argument, NULL, 'p'},
					      {"no-experiment", no_argument, NULL, 'n'},
					      {"json", no_argument, NULL, 'j'},
					      {"verbose", no_argument, NULL, 'v'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":vh", longs, NULL)) != -1) {
		if (code == 't')
			r = parse_type(&o->asked, optarg, f);
		else if (code == 'm')
			r = parse_mem(&o->asked, optarg, f);
		else if (code == 'p')
			r = parse_pin(&o->asked, optarg, f);
		else if (code == '?' || code == ':')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		o->asked.experiment &= code != 'n';
		o->json |= code == 'j';
		o->verbose |= code == 'v';
		o->help |= code == 'h';
	}
	if (r == 0 && optind < argc)
		r = fault_set(f, EINVAL, "arguments", "\"%.60s\" was not expected", argv[optind]);
	return r;
}

static int exit_code(const struct check_report *report)
{
	if (stop_signal())
		return EXIT_SIGNAL + stop_signal();
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
	struct options o = {.asked = {.type_auto = true,
				      .guest_bytes = UNITS_GIB,
				      .pin = PIN_MODE_EAGER,
				      .experiment = true}};
	struct check_report *report;
	struct record_tool tool;
	struct fault f = {0};
	int code;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		print_help();
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
