// SPDX-License-Identifier: GPL-2.0-or-later
/* compare: by how much do results differ, and is it more than chance? */
#include "exit_code.h"
#include "fleet_output.h"
#include "options.h"
#include "parse.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/compare_json.h"
#include "sevpinbench/compare_table.h"
#include "sevpinbench/fleet_json.h"
#include "sevpinbench/fleet_table.h"
#include "sides.h"
#include "verbs.h"
#include <errno.h>
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

static int (*const print_fleet[])(const struct fleet *f, FILE *out) = {
	[FORMAT_TABLE] = fleet_table_print,
	[FORMAT_JSON] = fleet_json_print,
	[FORMAT_MARKDOWN] = fleet_markdown_print,
	[FORMAT_CSV] = fleet_csv_print,
};

struct options {
	int format, by;
	bool by_group;
	uint32_t allow;
	double alpha;
	unsigned base_count;
	const char *base[COMPARE_SOURCES];
	bool help;
};

static int parse_format(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int n = parse_words("--format", &words_format, v, &o->format, 1, f);

	return n < 0 ? n : 0;
}

static int parse_by(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int n = parse_words("--by", &words_fleet_by, v, &o->by, 1, f);

	o->by_group = true;
	return n < 0 ? n : 0;
}

static int parse_base(void *into, const char *v, struct fault *f)
{
	struct options *o = into;

	if (o->base_count == COMPARE_SOURCES)
		return fault_set(f, EINVAL, "--base", "more than %d", COMPARE_SOURCES);
	o->base[o->base_count++] = v;
	return 0;
}

static int parse_allow(void *into, const char *v, struct fault *f)
{
	return sides_parse_allow(v, &((struct options *)into)->allow, f);
}

static int parse_alpha(void *into, const char *v, struct fault *f)
{
	return sides_parse_share("--alpha", v, &((struct options *)into)->alpha, f);
}

static const struct option_row rows[] = {
	OPTION("base", 'b', "FILE", VALUE_FILE, NULL, "json", parse_base,
	       "a result of the base; repeatable: then all others are NEW"),
	OPTION("by", 0, "FIELD", VALUE_WORD, &words_fleet_by, NULL, parse_by,
	       "not two sides but all results, by host, kernel, cpu, microcode"),
	OPTION("allow", 0, "FIELD,..", VALUE_WORD, &words_compare_field, NULL, parse_allow,
	       "what may differ: kernel, microcode, mechanism, .. (nothing)"),
	OPTION("alpha", 0, "SHARE", VALUE_NUMBER, NULL, NULL, parse_alpha,
	       "error of the whole comparison (0.05)"),
	OPTION("format", 0, "FORMAT", VALUE_WORD, &words_format, NULL, parse_format,
	       "table, json, markdown, csv (table)"),
	OPTION_HELP(options),
};

const struct option_table compare_option_table = {
	.verb = VERB,
	.synopsis = "[OPTION...] BASE NEW...",
	.about = "By how much NEW differs from BASE, cell by cell, and whether that is more than "
		 "chance.\n"
		 "Several NEW, and several BASE, are pooled. With --by, which host (or kernel, ..) "
		 "is\n"
		 "far from the others that are alike.",
	.exits = "0 compared, 2 usage, 3 a result could not be read, 5 the results are unlike.\n",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "json"},
};

/* Returns the first operand that is NEW, or -errno. */
static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	int first = options_parse(&compare_option_table, o, argc, argv, f), r = 0;

	if (first < 0 || o->help)
		return first;
	if (o->by_group && o->base_count > 0)
		return fault_set(f, EINVAL, "--by", "has no base: all results are alike to it");
	if (o->by_group)
		return first + 1 < argc ? first
					: fault_set(f, EINVAL, "arguments", "two results or more");
	if (o->base_count == 0 && first < argc)
		r = parse_base(o, argv[first++], f);
	if (r == 0 && first >= argc)
		r = fault_set(f, EINVAL, "arguments", "a result to compare with, and a new one");
	return r < 0 ? r : first;
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
	int next = parse(&o, argc, argv, &f), code = EXIT_FINE, flushed;
	unsigned i;

	if (next < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&compare_option_table);
		return say_flush(VERB);
	}
	reading_begin(VERB, false);
	if (o.by_group) {
		code = fleet_output(VERB, (enum fleet_by)o.by, o.allow, o.alpha,
				    print_fleet[o.format], argc - next, argv + next);
		flushed = say_flush(VERB);
		return code == EXIT_FINE ? flushed : code;
	}
	for (i = 0; i < o.base_count && code == EXIT_FINE; i++) {
		sides_read_ahead(i + 1 < o.base_count ? o.base[i + 1] : argv[next]);
		code = sides_read(VERB, &base, o.base[i]);
	}
	for (; next < argc && code == EXIT_FINE; next++) {
		sides_read_ahead(next + 1 < argc ? argv[next + 1] : NULL);
		code = sides_read(VERB, &new, argv[next]);
	}
	sides_read_none();
	if (code == EXIT_FINE)
		code = compare(&o, &base, &new);
	compare_side_close(&base);
	compare_side_close(&new);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
