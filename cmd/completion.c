// SPDX-License-Identifier: GPL-2.0-or-later
/* completion: a script that completes command lines in a shell. */
#include "completion.h"

#include "say.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define VERB "completion"

struct options {
	bool help;
};

static const struct shell {
	const char *name;
	void (*print)(void);
} shells[] = {
	{"bash", completion_bash},
	{"zsh", completion_zsh},
	{"fish", completion_fish},
};

#define SHELLS (sizeof(shells) / sizeof(shells[0]))

static const char *shell_name(size_t i)
{
	return i < SHELLS ? shells[i].name : NULL;
}

static const struct option_row rows[] = {OPTION_HELP(options)};

const struct option_table completion_option_table = {
	.verb = VERB,
	.synopsis = "bash | zsh | fish",
	.about =
		"Print a script with which this shell completes sevpinbench's command lines. It is "
		"made of\n"
		"the same tables from which the options are parsed.",
	.exits = "0 fine, 2 usage.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand_word = shell_name,
};

void completion_put(const char *text, const char *escape)
{
	for (; *text; text++) {
		if (strchr(escape, *text))
			putchar('\\');
		putchar(*text);
	}
}

size_t completion_put_words(const struct value_hint *hint)
{
	char word[64];
	size_t i;

	for (i = 0; options_word(hint, i, word, sizeof(word)); i++)
		printf("%s%s", i ? " " : "", word);
	return i;
}

size_t completion_put_operands(const struct option_table *t)
{
	size_t i;

	if (!t->operand_word)
		return completion_put_words(&t->operand);
	for (i = 0; t->operand_word(i); i++)
		printf("%s%s", i ? " " : "", t->operand_word(i));
	return i;
}

int cmd_completion(int argc, char **argv)
{
	struct options o = {0};
	struct fault f = {0};
	int first = options_parse(&completion_option_table, &o, argc, argv, &f);
	size_t i;

	if (first < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&completion_option_table);
		return say_flush(VERB);
	}
	for (i = 0; first == argc - 1 && i < SHELLS; i++) {
		if (strcmp(argv[first], shells[i].name) != 0)
			continue;
		shells[i].print();
		return say_flush(VERB);
	}
	fault_set(&f, EINVAL, "arguments", "one shell is needed: bash, zsh or fish");
	return say_usage(VERB, &f);
}
