// SPDX-License-Identifier: GPL-2.0-or-later
/* audit: what do the pins really hold? */
#include "sevpinbench/audit.h"

#include "exit_code.h"
#include "options.h"
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB	     "audit"
#define MAX_PREFAULT 64

struct options {
	struct audit_request asked;
	bool json, list, help;
};

static int parse_word(const char *option, const struct words *w, const char *v, int *value,
		      struct fault *f)
{
	int n = parse_words(option, w, v, value, 1, f);

	return n < 0 ? n : 0;
}

static int parse_type(void *into, const char *v, struct fault *f)
{
	struct audit_request *asked = &((struct options *)into)->asked;
	int value = GUEST_TYPE_VM, r = 0;

	asked->type_auto = strcmp(v, "auto") == 0;
	if (!asked->type_auto)
		r = parse_word("--guest-type", &words_guest_type, v, &value, f);
	asked->guest_type = (enum guest_type)value;
	return r;
}

static int parse_mem(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	unsigned count;

	return parse_sizes("--guest-mem", v, &o->asked.guest_bytes, 1, &count, f);
}

static int parse_pin(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value = PIN_MODE_EAGER, r = parse_word("--pin", &words_pin_mode, v, &value, f);

	o->asked.pin = (enum pin_mode)value;
	return r;
}

static int parse_backing(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value = BACKING_ANON, r = parse_word("--backing", &words_backing, v, &value, f);

	o->asked.backing = (enum backing)value;
	return r;
}

static int parse_prefault(void *into, const char *v, struct fault *f)
{
	struct options *o = into;

	return parse_u32("--prefault", v, 0, MAX_PREFAULT, &o->asked.prefault_threads, f);
}

static const struct option_row rows[] = {
	OPTION("guest-type", 0, "TYPE", VALUE_WORD, &words_guest_type, "auto", parse_type,
	       "auto, vm, sev, sev-es, sev-snp (auto)"),
	OPTION("guest-mem", 0, "SIZE", VALUE_SIZE, NULL, "4M 16M 64M 256M 1G", parse_mem,
	       "memory of each guest, 4M to 1G (16M)"),
	OPTION("pin", 0, "MODE", VALUE_WORD, &words_pin_mode, NULL, parse_pin,
	       "eager, demand, none (eager)"),
	OPTION("backing", 0, "BACKING", VALUE_WORD, &words_backing, NULL, parse_backing,
	       "anon, thp, memfd, hugetlb-2M, hugetlb-1G (anon)"),
	OPTION("prefault", 0, "N", VALUE_NUMBER, NULL, NULL, parse_prefault,
	       "fault memory in by N threads before it is pinned (0)"),
	OPTION_FLAG("list", 0, options, list, "show the tests and make none"),
	OPTION_FLAG("json", 0, options, json, "a document instead of the table"),
	OPTION_HELP(options),
};

/* The tests there are, subject by subject. */
static const char *test_id(size_t i)
{
	size_t s;

	for (s = 0; s < audit_subject_count; s++) {
		if (i < audit_subjects[s]->count)
			return audit_subjects[s]->tests[i].id;
		i -= audit_subjects[s]->count;
	}
	return NULL;
}

const struct option_table audit_option_table = {
	.verb = VERB,
	.synopsis = "[OPTION...] [TEST...]",
	.about = "Find out by experiment what this kernel's pins hold: as many pages as they "
		 "should, the\n"
		 "guest's own, for the long term, within the limit, and given back. Starts small "
		 "guests. A\n"
		 "TEST is an id, or the words that ids begin with.",
	.exits = "0 fine, 1 a test failed, 2 usage, 3 a permission or resource is lacking, 4 "
		 "unsupported\n"
		 "here.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand_word = test_id,
};

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
		if (stop_signal())
			return say_stopped(VERB);
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
	int code, first = options_parse(&audit_option_table, &o, argc, argv, &f);

	if (first < 0)
		return say_usage(VERB, &f);
	o.asked.wanted = (const char *const *)argv + first;
	o.asked.wanted_count = (size_t)(argc - first);
	if (o.help || o.list) {
		if (o.help)
			options_print_help(&audit_option_table);
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
