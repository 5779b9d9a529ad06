// SPDX-License-Identifier: GPL-2.0-or-later
/* gate: did it get worse by more than it may? A verdict for CI. */
#include "sevpinbench/gate.h"
#include "baseline_store.h"
#include "exit_code.h"
#include "gate_output.h"
#include "parse.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/fingerprint.h"
#include "sevpinbench/gate_config.h"
#include "sides.h"
#include "verbs.h"
#include <errno.h>
#include <getopt.h>
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

static void print_help(void)
{
	puts("usage: sevpinbench gate --baseline FILE|NAME [OPTION...] NEW...\n\n"
	     "Is NEW worse than the baseline by more than it may be? Several files are pooled.\n\n"
	     "  -b, --baseline FILE|NAME  a result, or a baseline's name; repeatable\n"
	     "      --folder FOLDER       where baselines are kept (results/baselines)\n"
	     "  -c, --config FILE         bounds of your own (JSON)\n"
	     "      --allow FIELD,..      what may differ: kernel, microcode, .. (nothing)\n"
	     "      --format FORMAT[=FILE],..\n"
	     "                            table, json, github, junit, markdown, bencher (table)\n"
	     "  -h, --help                this text\n\n"
	     "Exit: 0 pass, 1 worse, 2 usage, 3 a file could not be read or written, 5 can't "
	     "tell.\n"
	     "See sevpinbench-gate(1).");
}

static int parse_baseline(struct options *o, const char *v, struct fault *f)
{
	if (o->baseline_count == COMPARE_SOURCES)
		return fault_set(f, EINVAL, "--baseline", "more than %d", COMPARE_SOURCES);
	o->baseline[o->baseline_count++] = v;
	return baseline_is_file(v) ? 0 : baseline_check_name(v, f);
}

static int parse_one(struct options *o, int code, struct fault *f)
{
	switch (code) {
	case 'b':
		return parse_baseline(o, optarg, f);
	case 'd':
		o->folder = optarg;
		return 0;
	case 'c':
		o->config = optarg;
		return 0;
	case 'a':
		return sides_parse_allow(optarg, &o->allow, f);
	case 'f':
		return gate_output_parse(&o->output, optarg, f);
	default:
		o->help = true;
		return 0;
	}
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {{"baseline", required_argument, NULL, 'b'},
					      {"folder", required_argument, NULL, 'd'},
					      {"config", required_argument, NULL, 'c'},
					      {"allow", required_argument, NULL, 'a'},
					      {"format", required_argument, NULL, 'f'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":b:c:h", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		else
			r = parse_one(o, code, f);
	}
	if (r || o->help)
		return r;
	if (o->baseline_count == 0)
		return fault_set(f, EINVAL, "--baseline", "is needed: a result or a name");
	if (optind >= argc)
		return fault_set(f, EINVAL, "arguments", "at least one new result is needed");
	return 0;
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

static int read_sides(const struct options *o, int argc, char **argv, struct compare_side *base,
		      struct compare_side *new)
{
	int i, code = EXIT_FINE;
	unsigned b;

	for (i = optind; i < argc && code == EXIT_FINE; i++)
		code = sides_read(VERB, new, argv[i]);
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

static int judge(const struct options *o, struct gate_config *config, int argc, char **argv,
		 struct compare_side *base, struct compare_side *new)
{
	struct fault f = {0};
	int code;

	reading_begin(VERB, false);
	if (o->config && gate_config_read(config, o->config, &f) < 0) {
		say_fault(VERB, "the config could not be read", &f);
		return f.err == EINVAL ? EXIT_USAGE : EXIT_LACKS;
	}
	code = read_sides(o, argc, argv, base, new);
	return code == EXIT_FINE ? gate(o, config, base, new) : code;
}

int cmd_gate(int argc, char **argv)
{
	struct gate_config *config = calloc(1, sizeof(*config));
	struct options o = {.folder = BASELINE_FOLDER};
	struct compare_side base = {0}, new = {0};
	struct fault f = {0};
	int code;

	if (!config)
		return say_no_memory(VERB);
	gate_config_default(config);
	if (parse(&o, argc, argv, &f) < 0) {
		code = say_usage(VERB, &f);
	} else if (o.help) {
		print_help();
		code = say_flush(VERB);
	} else {
		code = judge(&o, config, argc, argv, &base, &new);
	}
	compare_side_close(&base);
	compare_side_close(&new);
	free(config);
	return code;
}
