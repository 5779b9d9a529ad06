// SPDX-License-Identifier: GPL-2.0-or-later
/* completion_fish: a line of "complete" an option. */
#include "completion.h"

#include "verbs.h"
#include <stdio.h>

static void print_help(const char *text)
{
	fputs(" -d '", stdout);
	completion_put(text, "\\'");
	puts("'");
}

/* What a value or an operand can be, as arguments of "complete". */
static void print_hint(const char *take, bool list, const struct value_hint *hint)
{
	char first[64];

	if (hint->kind == VALUE_FILE && hint->also) {
		printf("%s -k -a '(__fish_complete_suffix .%s)'", take, hint->also);
	} else if (hint->kind == VALUE_FILE) {
		printf("%s -F", take);
	} else if (hint->kind == VALUE_FOLDER) {
		printf("%s -a '(__fish_complete_directories)'", take);
	} else if (options_word(hint, 0, first, sizeof(first))) {
		printf("%s -a '%s", take, list ? "(__fish_append , " : "");
		completion_put_words(hint);
		fputs(list ? ")'" : "'", stdout);
	} else {
		fputs(take, stdout);
	}
}

static void print_verb(const struct verb *v)
{
	const struct option_table *t = v->options;
	size_t i;

	for (i = 0; i < t->count; i++) {
		const struct option_row *row = &t->rows[i];

		printf("complete -c sevpinbench -n '__sevpinbench_verb %s' -l %s", v->name,
		       row->name);
		if (row->letter)
			printf(" -s %c", row->letter);
		if (row->arg)
			print_hint(" -x", options_takes_list(row), &row->hint);
		print_help(row->help);
	}
	if (t->operand_word) {
		printf("complete -c sevpinbench -n '__sevpinbench_verb %s' -a '", v->name);
		completion_put_operands(t);
		puts("'");
	} else if (t->operand.kind != VALUE_TEXT) {
		printf("complete -c sevpinbench -n '__sevpinbench_verb %s'", v->name);
		print_hint("", false, &t->operand);
		putchar('\n');
	}
}

void completion_fish(void)
{
	const struct verb *v;

	puts("# fish completion for sevpinbench; made by \"sevpinbench completion fish\"\n\n"
	     "function __sevpinbench_verb --description 'is this the verb?'\n"
	     "    set -l words (commandline -opc)\n"
	     "    test (count $words) -ge 2; and contains -- $words[2] $argv\n"
	     "end\n\n"
	     "function __sevpinbench_no_verb --description 'is there none yet?'\n"
	     "    test (count (commandline -opc)) -lt 2\n"
	     "end\n\n"
	     "complete -c sevpinbench -f\n"
	     "complete -c sevpinbench -n __sevpinbench_no_verb -s h -l help -d 'list the verbs'\n"
	     "complete -c sevpinbench -n __sevpinbench_no_verb -s V -l version -d 'show the "
	     "version'");
	for (v = verbs; v->name; v++) {
		printf("complete -c sevpinbench -n __sevpinbench_no_verb -a %s", v->name);
		print_help(v->help);
	}
	for (v = verbs; v->name; v++) {
		if (v->options)
			print_verb(v);
	}
}
