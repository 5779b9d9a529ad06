// SPDX-License-Identifier: GPL-2.0-or-later
/* audit: what do the pins really hold? */
#include "sevpinbench/audit.h"

#include "exit_code.h"
#include "parse.h"
#include "say.h"
#include "sevpinbench/audit_json.h"
#include "sevpinbench/audit_table.h"
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

#define VERB	     "audit"
#define MAX_PREFAULT 64

struct options {
	struct audit_request asked;
	bool json, list, help;
};

static void print_help(void)
{
	puts("usage: sevpinbench audit [OPTION...] [TEST...]\n\n"
	     "Find out by experiment what this kernel's pins hold: as many pages as they should, "
	     "the\n"
	     "guest's own, for the long term, within the limit, and given back. Starts small "
	     "guests. "
	     "A\n"
	     "TEST is an id, or the words that ids begin with.\n\n"
	     "      --guest-type TYPE  auto, vm, sev (auto)\n"
	     "      --guest-mem SIZE   memory of each guest, 4M to 1G (16M)\n"
	     "      --pin MODE         eager, demand, none (eager)\n"
	     "      --backing BACKING  anon, thp, memfd, hugetlb-2M, hugetlb-1G (anon)\n"
	     "      --prefault N       fault memory in by N threads before it is pinned (0)\n"
	     "      --list             show the tests and make none\n"
	     "      --json             a document instead of the table\n"
	     "  -h, --help             this text\n\n"
	     "Exit: 0 fine, 1 a test failed, 2 usage, 3 a permission or resource is lacking, 4 "
	     "unsupported\n"
	     "here. See sevpinbench-audit(1).");
}

static int parse_word(const char *option, const struct words *w, const char *v, int *value,
		      struct fault *f)
{
	int n = parse_words(option, w, v, value, 1, f);

	return n < 0 ? n : 0;
}

static int parse_type(struct audit_request *asked, const char *v, struct fault *f)
{
	int value = GUEST_TYPE_VM, r = 0;

	asked->type_auto = strcmp(v, "auto") == 0;
	if (!asked->type_auto)
		r = parse_word("--guest-type", &words_guest_type, v, &value, f);
	asked->guest_type = (enum guest_type)value;
	return r;
}

static int parse_option(struct options *o, int code, const char *v, struct fault *f)
{
	struct audit_request *asked = &o->asked;
	unsigned count;
	int value = 0, r = 0;

	switch (code) {
	case 't':
		return parse_type(asked, v, f);
	case 'm':
		return parse_sizes("--guest-mem", v, &asked->guest_bytes, 1, &count, f);
	case 'p':
		r = parse_word("--pin", &words_pin_mode, v, &value, f);
		asked->pin = (enum pin_mode)value;
		return r;
	case 'b':
		r = parse_word("--backing", &words_backing, v, &value, f);
		asked->backing = (enum backing)value;
		return r;
	case 'f':
		return parse_u32("--prefault", v, 0, MAX_PREFAULT, &asked->prefault_threads, f);
	}
	o->list |= code == 'l';
	o->json |= code == 'j';
	o->help |= code == 'h';
	return 0;
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {{"guest-type", required_argument, NULL, 't'},
					      {"guest-mem", required_argument, NULL, 'm'},
					      {"pin", required_argument, NULL, 'p'},
					      {"backing", required_argument, NULL, 'b'},
					      {"prefault", required_argument, NULL, 'f'},
					      {"list", no_argument, NULL, 'l'},
					      {"json", no_argument, NULL, 'j'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		else
			r = parse_option(o, code, optarg, f);
	}
	o->asked.wanted = (const char *const *)argv + optind;
	o->asked.wanted_count = (size_t)(argc - optind);
	return r;
}

static int exit_code(const struct audit_report *report)
{
	if (stop_signal())
		return EXIT_SIGNAL + stop_signal();
	if (report->tally[AUDIT_FAIL])
		return EXIT_MEASURED;
	return report->unseen ? EXIT_LACKS : EXIT_FINE;
}

static int make(const struct options *o, struct audit_report *report,
		const struct record_tool *tool)
{
	struct fault f = {0};
	int code, flushed;

	stop_install();
	sandbox_drop_capabilities();
	if (audit_run(&o->asked, report, &f) < 0) {
		if (f.err == EINVAL)
			return say_usage(VERB, &f);
		return say_fault(VERB, "no guest to audit", &f);
	}
	if (!o->json)
		audit_table_print(report, stdout);
	else if (audit_json_print(report, tool, stdout, &f) < 0)
		return say_fault(VERB, "the document cannot be made", &f);
	flushed = say_flush(VERB);
	code = exit_code(report);
	return code == EXIT_FINE ? flushed : code;
}

int cmd_audit(int argc, char **argv)
{
	struct options o = {.asked = {.type_auto = true,
				      .pin = PIN_MODE_EAGER,
				      .backing = BACKING_ANON,
				      .guest_bytes = 16 * UNITS_MIB}};
	struct audit_report *report;
	struct record_tool tool;
	struct fault f = {0};
	int code;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help || o.list) {
		if (o.help)
			print_help();
		else
			audit_table_list(stdout);
		return say_flush(VERB);
	}
	report = calloc(1, sizeof(*report));
	if (!report)
		return say_no_memory(VERB);
	tool_note(&tool, argc, argv);
	code = make(&o, report, &tool);
	free(report);
	return code;
}
