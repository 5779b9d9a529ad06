// SPDX-License-Identifier: GPL-2.0-or-later
/* completion_zsh: a call of _arguments a verb. */
#include "completion.h"

#include "verbs.h"
#include <stdio.h>
#include <string.h>

/* Within single quotes: one that belongs to the text ends them, stands escaped, and begins them. */
static void put_text(const char *text, const char *escape)
{
	char one[2] = {0};

	for (; *text; text++) {
		one[0] = *text;
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			completion_put(one, escape);
	}
}

static void print_hint(const char *what, bool list, const struct value_hint *hint)
{
	char first[64];

	putchar(':');
	put_text(what, ":");
	putchar(':');
	if (hint->kind == VALUE_FILE) {
		if (hint->also)
			printf("_files -g \"*.%s(-.)\"", hint->also);
		else
			fputs("_files", stdout);
	} else if (hint->kind == VALUE_FOLDER) {
		fputs("_files -/", stdout);
	} else if (!options_word(hint, 0, first, sizeof(first))) {
		putchar(' '); /* nothing to offer; what it is, is shown */
	} else {
		fputs(list ? "_values -s , value " : "(", stdout);
		completion_put_words(hint);
		fputs(list ? "" : ")", stdout);
	}
}

/* '*'{-o+,--output=}'[help]:PATH:...': each can be given again, and the last counts. */
static void print_row(const struct option_row *row)
{
	const char *end = row->arg ? "=" : "";

	if (row->letter)
		printf("\t\t\t\t'*'{-%c%s,--%s%s}'[", row->letter, row->arg ? "+" : "", row->name,
		       end);
	else
		printf("\t\t\t\t'*--%s%s[", row->name, end);
	put_text(row->help, "[]:\\");
	putchar(']');
	if (row->arg)
		print_hint(row->arg, options_takes_list(row), &row->hint);
	puts("' \\");
}

static void print_verb(const struct verb *v)
{
	size_t i;

	printf("\t\t%s)\n\t\t\t_arguments \\\n", v->name);
	for (i = 0; i < v->options->count; i++)
		print_row(&v->options->rows[i]);
	fputs("\t\t\t\t", stdout);
	if (v->options->operand_word) {
		fputs("'*: :(", stdout);
		completion_put_operands(v->options);
		puts(")'");
	} else if (v->options->operand.kind != VALUE_TEXT) {
		fputs("'*", stdout);
		print_hint("file", false, &v->options->operand);
		puts("'");
	} else {
		puts("&& return");
	}
	puts("\t\t\t;;");
}

void completion_zsh(void)
{
	const struct verb *v;

	puts("#compdef sevpinbench\n"
	     "# zsh completion for sevpinbench; made by \"sevpinbench completion zsh\"\n\n"
	     "_sevpinbench() {\n"
	     "\tlocal curcontext=$curcontext state line\n"
	     "\tlocal -a verbs\n"
	     "\ttypeset -A opt_args\n\n"
	     "\t_arguments -C \\\n"
	     "\t\t'(- : *)'{-h,--help}'[list the verbs]' \\\n"
	     "\t\t'(- : *)'{-V,--version}'[show the version]' \\\n"
	     "\t\t'1: :->verb' '*:: :->rest' && return\n\n"
	     "\tcase $state in\n"
	     "\tverb)\n"
	     "\t\tverbs=(");
	for (v = verbs; v->name; v++) {
		printf("\t\t\t'%s:", v->name);
		put_text(v->help, ":\\");
		puts("'");
	}
	puts("\t\t)\n"
	     "\t\t_describe verb verbs\n"
	     "\t\t;;\n"
	     "\trest)\n"
	     "\t\tcase $line[1] in");
	for (v = verbs; v->name; v++) {
		if (v->options)
			print_verb(v);
	}
	puts("\t\tesac\n"
	     "\t\t;;\n"
	     "\tesac\n"
	     "}\n\n"
	     "_sevpinbench \"$@\"");
}
