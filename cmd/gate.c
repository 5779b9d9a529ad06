// SPDX-License-Identifier: GPL-2.0-or-later
/* gate: did it get worse by more than it may? A verdict for CI. */
#include "sevpinbench/gate.h"
#include "baseline_store.h"
#include "exit_code.h"
#include "gate_output.h"
#include "options.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/fingerprint.h"
#include "sevpinbench/gate_config.h"
#include "sides.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB "gate"

struct options {
	unsigned baseline_count;
	const char *baseline[COMPARE_SOURCES];
	const char *folder, *config;
	uint32_t allow;
	struct gate_output output;
	bool help;
};

static int parse_baseline(void *into, const char *v, struct fault *f)
{
	struct options *o = into;

	if (o->baseline_count == COMPARE_SOURCES)
		return fault_set(f, EINVAL, "--baseline", "more than %d", COMPARE_SOURCES);
	o->baseline[o->baseline_count++] = v;
	return baseline_is_file(v) ? 0 : baseline_check_name(v, f);
}

static int parse_folder(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct options *)into)->folder = v;
	return 0;
}

static int parse_config(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct options *)into)->config = v;
	return 0;
}

static int parse_allow(void *into, const char *v, struct fault *f)
{
	return sides_parse_allow(v, &((struct options *)into)->allow, f);
}

static int parse_format(void *into, const char *v, struct fault *f)
{
	return gate_output_parse(&((struct options *)into)->output, v, f);
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
	OPTION_HELP(options),
};

const struct option_table gate_option_table = {
	.verb = VERB,
	.synopsis = "--baseline FILE|NAME [OPTION...] NEW...",
	.about = "Is NEW worse than the baseline by more than it may be? Several files are pooled.",
	.exits = "0 pass, 1 worse, 2 usage, 3 a file could not be read or written, 5 can't "
		 "tell.\n",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "json"},
};

/* Returns the first operand, or -errno. */
static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	int first = options_parse(&gate_option_table, o, argc, argv, f);

	if (first < 0 || o->help)
		return first;
	if (o->baseline_count == 0)
		return fault_set(f, EINVAL, "--baseline", "is needed: a result or a name");
	if (first >= argc)
		return fault_set(f, EINVAL, "arguments", "at least one new result is needed");
	return first;
}

/* All results of a named baseline, of the machine that NEW is of. */
static int read_named(const struct options *o, const char *name, struct compare_side *base,
		      const struct compare_side *new)
{
	char print[FINGERPRINT_LEN], path[BASELINE_PATH];
	unsigned i, n;
	int code = EXIT_FINE;

	fingerprint_make(&new->source[0].host, print);
	n = baseline_count(o->folder, print, name);
	if (n == 0) {
		say(VERB, "no baseline %s of the machine %s, which %s is of, in %s", name, print,
		    new->source[0].path, o->folder);
		fprintf(stderr,
			"  \"sevpinbench baseline save %s RESULT\" makes one; "
			"\"baseline list\" shows those there are\n",
			name);
		return EXIT_LACKS;
	}
	for (i = 1; i <= n && code == EXIT_FINE; i++)
		code = sides_read(VERB, base, baseline_path(o->folder, print, name, i, path));
	return code;
}

static int read_sides(const struct options *o, char **results, struct compare_side *base,
		      struct compare_side *new)
{
	int code = EXIT_FINE;
	unsigned b;

	for (; *results && code == EXIT_FINE; results++)
		code = sides_read(VERB, new, *results);
	for (b = 0; b < o->baseline_count && code == EXIT_FINE; b++) {
		if (baseline_is_file(o->baseline[b]))
			code = sides_read(VERB, base, o->baseline[b]);
		else
			code = read_named(o, o->baseline[b], base, new);
	}
	return code;
}

static int gate(const struct options *o, const struct gate_config *config,
		struct compare_side *base, struct compare_side *new)
{
	static const int exits[GATE_VERDICT_COUNT] = {[GATE_PASS] = EXIT_FINE,
						      [GATE_FAIL] = EXIT_MEASURED,
						      [GATE_CANT_TELL] = EXIT_UNTRUSTED};
	struct compare c = {0};
	struct gate g = {0};
	int told, code = sides_compare(VERB, &c, base, new, o->allow, config->alpha);

	if (code == EXIT_FINE && gate_open(&g, &c, config) < 0)
		code = say_no_memory(VERB);
	if (code == EXIT_FINE) {
		told = gate_output_print(VERB, &o->output, &g);
		/* A verdict that did not arrive must not look like one that did. */
		code = exits[g.verdict];
		code = told == EXIT_FINE || code == EXIT_MEASURED ? code : told;
	}
	gate_close(&g);
	compare_close(&c);
	return code;
}

static int judge(const struct options *o, struct gate_config *config, char **argv,
		 struct compare_side *base, struct compare_side *new)
{
	struct fault f = {0};
	int code;

	reading_begin(VERB, false);
	if (o->config && gate_config_read(config, o->config, &f) < 0) {
		say_fault(VERB, "the config could not be read", &f);
		return f.err == EINVAL ? EXIT_USAGE : EXIT_LACKS;
	}
	code = read_sides(o, argv, base, new);
	return code == EXIT_FINE ? gate(o, config, base, new) : code;
}

int cmd_gate(int argc, char **argv)
{
	struct gate_config *config = calloc(1, sizeof(*config));
	struct options o = {.folder = BASELINE_FOLDER};
	struct compare_side base = {0}, new = {0};
	struct fault f = {0};
	int code, first;

	if (!config)
		return say_no_memory(VERB);
	gate_config_default(config);
	first = parse(&o, argc, argv, &f);
	if (first < 0) {
		code = say_usage(VERB, &f);
	} else if (o.help) {
		options_print_help(&gate_option_table);
		code = say_flush(VERB);
	} else {
		code = judge(&o, config, argv + first, &base, &new);
	}
	compare_side_close(&base);
	compare_side_close(&new);
	free(config);
	return code;
}
