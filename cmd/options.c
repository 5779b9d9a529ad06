// SPDX-License-Identifier: GPL-2.0-or-later
/* options: a verb's table of options, for parsing and for --help. */
#include "options.h"

#include "parse.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define USUAL_SIZES "64M 256M 1G 4G 16G 64G"
#define LONG_BASE   256 /* getopt's value of row 0: above every letter */

/* getopt's tables, made of ours. A row's number comes back as its value. */
static void make_getopt_tables(const struct option_table *t, struct option *longs, char *shorts)
{
	const struct option_row *row = t->rows;
	size_t i;

	*shorts++ = ':'; /* a missing value is told from an unknown option */
	for (i = 0; i < t->count; i++, row++) {
		longs[i] = (struct option){row->name, row->arg ? required_argument : no_argument,
					   NULL, LONG_BASE + (int)i};
		if (!row->letter)
			continue;
		*shorts++ = row->letter;
		if (row->arg)
			*shorts++ = ':';
	}
	longs[t->count] = (struct option){0};
	*shorts = '\0';
}

static const struct option_row *find_row(const struct option_table *t, int code)
{
	size_t i;

	if (code >= LONG_BASE)
		return &t->rows[code - LONG_BASE];
	for (i = 0; i < t->count; i++) {
		if (t->rows[i].letter == code)
			return &t->rows[i];
	}
	return NULL;
}

int options_parse(const struct option_table *t, void *into, int argc, char **argv, struct fault *f)
{
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 2];
	const struct option_row *row;
	int code, r;

	if (t->count > OPTIONS_MAX)
		return fault_set(f, E2BIG, "options", "more than %d rows", OPTIONS_MAX);
	make_getopt_tables(t, longs, shorts);
	opterr = 0;
	optind = 1;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		row = find_row(t, code);
		if (!row)
			return parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		if (!row->parse) {
			*(bool *)((char *)into + row->flag_at) = true;
			continue;
		}
		r = row->parse(into, optarg, f);
		if (r < 0)
			return r;
	}
	return optind;
}

int options_parse_all(const struct option_table *t, void *into, int argc, char **argv,
		      struct fault *f)
{
	int first = options_parse(t, into, argc, argv, f);

	if (first < 0 || first == argc)
		return first < 0 ? first : 0;
	return fault_set(f, EINVAL, "arguments", "\"%.60s\" was not expected", argv[first]);
}

/* "-o, --output PATH"; what has no letter stands below the others' names. Returns its width. */
static int print_left(const struct option_row *row, char *buf, size_t size)
{
	char letter[] = "    ";

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	return snprintf(buf, size, "%s--%s%s%s", letter, row->name, row->arg ? " " : "",
			row->arg ? row->arg : "");
}

void options_print_help(const struct option_table *t)
{
	char left[80];
	int width, widest = 0;
	size_t i;

	printf("usage: sevpinbench %s %s\n\n%s\n\n", t->verb, t->synopsis, t->about);
	for (i = 0; i < t->count; i++) {
		width = print_left(&t->rows[i], left, sizeof(left));
		widest = width > widest ? width : widest;
	}
	for (i = 0; i < t->count; i++) {
		print_left(&t->rows[i], left, sizeof(left));
		printf("  %-*s  %s\n", widest, left, t->rows[i].help);
	}
	printf("\nExit: %s%sSee sevpinbench-%s(1).\n", t->exits,
	       t->exits[strlen(t->exits) - 1] == '\n' ? "" : " ", t->verb);
}

bool options_takes_list(const struct option_row *row)
{
	size_t n = row->arg ? strlen(row->arg) : 0;

	return n > 3 && strcmp(row->arg + n - 3, ",..") == 0;
}

const char *options_word(const struct value_hint *hint, size_t i, char *buf, size_t size)
{
	const char *rest = hint->also ? hint->also : "";

	if (hint->kind == VALUE_SIZE && !hint->also)
		rest = USUAL_SIZES;
	if (hint->words && i < hint->words->count) {
		snprintf(buf, size, "%s", hint->words->text[i]);
		return buf;
	}
	i -= hint->words ? hint->words->count : 0;
	for (;; i--) {
		size_t n = strcspn(rest, " ");

		if (n == 0)
			return NULL;
		if (i == 0) {
			snprintf(buf, size, "%.*s", (int)n, rest);
			return buf;
		}
		rest += n + (rest[n] == ' ');
	}
}
