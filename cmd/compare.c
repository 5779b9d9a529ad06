// SPDX-License-Identifier: GPL-2.0-or-later
/* compare: by how much do results differ, and is it more than chance? */
#include "exit_code.h"
#include "parse.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/compare_json.h"
#include "sevpinbench/compare_table.h"
#include "sides.h"
#include "verbs.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define VERB "compare"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_CSV };

static const char *const format_text[] = {"table", "json", "markdown", "csv"};
static const struct words words_format = {"format", 4, format_text};

static int (*const print[])(const struct compare *c, FILE *out) = {
	[FORMAT_TABLE] = compare_table_print,
	[FORMAT_JSON] = compare_json_print,
	[FORMAT_MARKDOWN] = compare_markdown_print,
	[FORMAT_CSV] = compare_csv_print,
};

struct options {
	int format;
	uint32_t allow;
	double alpha;
	unsigned base_count;
	const char *base[COMPARE_SOURCES];
	bool help;
};

static void print_help(void)
{
	puts("usage: sevpinbench compare [OPTION...] BASE NEW...\n\n"
	     "By how much NEW differs from BASE, cell by cell, and whether that is more than "
	     "chance.\n"
	     "Several NEW, and several BASE, are pooled.\n\n"
	     "  -b, --base FILE      a result of the base; repeatable: then all others are NEW\n"
	     "      --allow FIELD,.. what may differ: kernel, microcode, mechanism, .. (nothing)\n"
	     "      --alpha SHARE    error of the whole comparison (0.05)\n"
	     "      --format FORMAT  table, json, markdown, csv (table)\n"
	     "  -h, --help           this text\n\n"
	     "Exit: 0 compared, 2 usage, 3 a result could not be read, 5 the results are "
	     "unlike.\n"
	     "See sevpinbench-compare(1).");
}

static int parse_format(struct options *o, const char *v, struct fault *f)
{
	int n = parse_words("--format", &words_format, v, &o->format, 1, f);

	return n < 0 ? n : 0;
}

static int parse_base(struct options *o, const char *v, struct fault *f)
{
	if (o->base_count == COMPARE_SOURCES)
		return fault_set(f, EINVAL, "--base", "more than %d", COMPARE_SOURCES);
	o->base[o->base_count++] = v;
	return 0;
}

static int parse_one(struct options *o, int code, struct fault *f)
{
	switch (code) {
	case 'b':
		return parse_base(o, optarg, f);
	case 'a':
		return sides_parse_allow(optarg, &o->allow, f);
	case 'p':
		return sides_parse_share("--alpha", optarg, &o->alpha, f);
	case 'f':
		return parse_format(o, optarg, f);
	default:
		o->help = true;
		return 0;
	}
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {
		{"base", required_argument, NULL, 'b'},	 {"allow", required_argument, NULL, 'a'},
		{"alpha", required_argument, NULL, 'p'}, {"format", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},	 {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":b:h", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		else
			r = parse_one(o, code, f);
	}
	if (r || o->help)
		return r;
	if (o->base_count == 0 && optind < argc)
		r = parse_base(o, argv[optind++], f);
	if (r == 0 && optind >= argc)
		r = fault_set(f, EINVAL, "arguments", "a result to compare with, and a new one");
	return r;
}

static int compare(const struct options *o, struct compare_side *base, struct compare_side *new)
{
	struct compare c = {0};
	int code = sides_compare(VERB, &c, base, new, o->allow, o->alpha);

	if (code == EXIT_FINE && print[o->format](&c, stdout) < 0)
		code = say_no_memory(VERB);
	compare_close(&c);
	return code;
}

int cmd_compare(int argc, char **argv)
{
	struct options o = {.format = FORMAT_TABLE, .alpha = 0.05};
	struct compare_side base = {0}, new = {0};
	struct fault f = {0};
	int code = EXIT_FINE, flushed;
	unsigned i;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		print_help();
		return say_flush(VERB);
	}
	reading_begin(VERB, false);
	for (i = 0; i < o.base_count && code == EXIT_FINE; i++)
		code = sides_read(VERB, &base, o.base[i]);
	for (; optind < argc && code == EXIT_FINE; optind++)
		code = sides_read(VERB, &new, argv[optind]);
	if (code == EXIT_FINE)
		code = compare(&o, &base, &new);
	compare_side_close(&base);
	compare_side_close(&new);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
