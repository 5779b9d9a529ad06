// SPDX-License-Identifier: GPL-2.0-or-later
/* gate: did it get worse by more than it may? A verdict for CI. */
#include "baseline_store.h"
#include "exit_code.h"
#include "gate_judge.h"
#include "gate_run.h"
#include "options.h"
#include "parse.h"
#include "run_values.h"
#include "say.h"
#include "sides.h"
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>

#define VERB "gate"

static int parse_baseline(void *into, const char *v, struct fault *f)
{
	struct gate_options *o = into;

	if (o->baseline_count == COMPARE_SOURCES)
		return fault_set(f, EINVAL, "--baseline", "more than %d", COMPARE_SOURCES);
	o->baseline[o->baseline_count++] = v;
	return baseline_is_file(v) ? 0 : baseline_check_name(v, f);
}

static int parse_folder(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct gate_options *)into)->folder = v;
	return 0;
}

static int parse_config(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct gate_options *)into)->config = v;
	return 0;
}

static int parse_allow(void *into, const char *v, struct fault *f)
{
	return sides_parse_allow(v, &((struct gate_options *)into)->allow, f);
}

static int parse_format(void *into, const char *v, struct fault *f)
{
	return gate_output_parse(&((struct gate_options *)into)->output, v, f);
}

static int parse_reruns(void *into, const char *v, struct fault *f)
{
	return parse_u32("--rerun-on-fail", v, 1, GATE_RERUNS,
			 &((struct gate_options *)into)->reruns, f);
}

static int parse_seed(void *into, const char *v, struct fault *f)
{
	return run_value_seed(&((struct gate_options *)into)->campaign, v, f);
}

static int parse_output(void *into, const char *v, struct fault *f)
{
	return run_value_output(&((struct gate_options *)into)->campaign, v, f);
}

static const struct option_row rows[] = {
	OPTION("baseline", 'b', "FILE|NAME", VALUE_FILE, NULL, "json", parse_baseline,
	       "a result, or a baseline's name; repeatable"),
	OPTION("folder", 0, "FOLDER", VALUE_FOLDER, NULL, NULL, parse_folder,
	       "where baselines are kept (" BASELINE_FOLDER ")"),
	OPTION("config", 'c', "FILE", VALUE_FILE, NULL, "json", parse_config,
	       "bounds of your own (JSON)"),
	OPTION("allow", 0, "FIELD,..", VALUE_WORD, &words_compare_field, NULL, parse_allow,
	       "what may differ: kernel, microcode, .. (nothing)"),
	OPTION("format", 0, "FORMAT[=FILE],..", VALUE_WORD, &words_gate_format, NULL, parse_format,
	       "table, json, github, junit, markdown, bencher (table)"),
	OPTION_FLAG("run", 0, gate_options, run, "measure NEW now: run the baseline's plan again"),
	OPTION("rerun-on-fail", 0, "N", VALUE_NUMBER, NULL, NULL, parse_reruns,
	       "--run: fail only what fails N times more (0)"),
	OPTION("seed", 0, "N", VALUE_NUMBER, NULL, NULL, parse_seed,
	       "--run: of the shuffling (random, recorded)"),
	OPTION("output", 'o', "PATH", VALUE_FILE, NULL, "json", parse_output,
	       "--run: result file or folder (results/HOST-DATE.json)"),
	OPTION_FLAG("quiet", 'q', gate_options, campaign.quiet, "--run: no progress"),
	OPTION_HELP(gate_options),
};

const struct option_table gate_option_table = {
	.verb = VERB,
	.synopsis = "--baseline FILE|NAME [OPTION...] {NEW... | --run}",
	.about = "Is NEW worse than the baseline by more than it may be? Several files are pooled.",
	.exits = "0 pass, 1 worse, 2 usage, 3 a file could not be read or written, 5 can't "
		 "tell.\n"
		 "With --run also: 3 lacks a resource or permission, 4 unsupported here, 130/143 "
		 "ended by a signal.\n",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "json"},
};

/* Returns the first operand, or -errno. */
static int parse(struct gate_options *o, int argc, char **argv, struct fault *f)
{
	int first = options_parse(&gate_option_table, o, argc, argv, f);

	if (first < 0 || o->help)
		return first;
	if (o->baseline_count == 0)
		return fault_set(f, EINVAL, "--baseline", "is needed: a result or a name");
	if (o->run && first < argc)
		return fault_set(f, EINVAL, "--run", "measures the new result: none can be given");
	if (!o->run && (o->reruns || o->campaign.output || o->campaign.seed_given))
		return fault_set(f, EINVAL, "--rerun-on-fail, --seed and -o",
				 "are of --run, which measures");
	if (!o->run && first >= argc)
		return fault_set(f, EINVAL, "arguments", "at least one new result is needed");
	return first;
}

int cmd_gate(int argc, char **argv)
{
	struct gate_options *o = calloc(1, sizeof(*o));
	struct fault f = {0};
	int code, first;

	if (!o)
		return say_no_memory(VERB);
	o->folder = BASELINE_FOLDER;
	first = parse(o, argc, argv, &f);
	if (first < 0) {
		code = say_usage(VERB, &f);
	} else if (o->help) {
		options_print_help(&gate_option_table);
		code = say_flush(VERB);
	} else if (o->run) {
		code = gate_run(VERB, o, argc, argv);
	} else {
		code = gate_judge_files(VERB, o, argv + first);
	}
	free(o);
	return code;
}
