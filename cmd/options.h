/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options: the options of a verb as a table, from which the command line is parsed, --help printed
 * and completions for shells are made.
 */
#ifndef SEVPINBENCH_CMD_OPTIONS_H
#define SEVPINBENCH_CMD_OPTIONS_H

#include "sevpinbench/fault.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stddef.h>

/* What a shell can offer for a value. */
enum value_kind {
	VALUE_TEXT, /* nothing: only the user knows */
	VALUE_NUMBER,
	VALUE_SIZE,
	VALUE_WORD,
	VALUE_FILE,
	VALUE_FOLDER,
};

struct value_hint {
	enum value_kind kind;
	const struct words *words; /* VALUE_WORD; NULL: none but those of also */
	const char *also;	   /* further words, with blanks between; VALUE_FILE: the ending */
};

struct option_row {
	const char *name; /* long, without "--" */
	char letter;	  /* short; 0: none */
	const char *arg;  /* NULL: takes none; a list of values ends in ",.." */
	struct value_hint hint;
	/* Take the value (NULL where there is none) into the verb's options. 0, or -errno with the
	   option in fault.op and what is wrong in fault.object. NULL: set the bool at flag_at. */
	int (*parse)(void *into, const char *value, struct fault *f);
	size_t flag_at;
	const char *help; /* one line, with the default in parentheses */
};

/* An option with a value, or with a function of its own. */
#define OPTION(name, letter, arg, kind, words, also, parse, help)      \
	{                                                              \
		name, letter, arg, {kind, words, also}, parse, 0, help \
	}

/* An option without a value, which sets a bool of the verb's options. */
#define OPTION_FLAG(name, letter, type, member, help)               \
	{                                                           \
		name, letter, NULL, {VALUE_TEXT, NULL, NULL}, NULL, \
			_Generic(((struct type *)0)->member, bool   \
				 : offsetof(struct type, member)),  \
			help                                        \
	}

/* The last row of every table. */
#define OPTION_HELP(type) OPTION_FLAG("help", 'h', type, help, "this text")

struct option_table {
	const char *verb;
	const char *synopsis; /* what follows the verb in the usage */
	const char *about;    /* lines that say what it does */
	const char *exits;    /* lines that say how it exits */
	const struct option_row *rows;
	size_t count;
	struct value_hint operand;	       /* what its arguments are */
	const char *(*operand_word)(size_t i); /* the i-th of the words they can be, then NULL;
						  NULL: by operand */
};

#define OPTIONS_MAX 64 /* rows of a table */

/*
 * Parse argv[1..argc) into the verb's options, as getopt_long(3) does: operands may stand between
 * options and are moved behind them. Returns the index of the first operand (argc: there is none),
 * or -errno with the option in fault.op and what is wrong with it in fault.object.
 */
int options_parse(const struct option_table *t, void *into, int argc, char **argv, struct fault *f);

/* For a verb without operands. 0, or -errno where one is given, and as options_parse(). */
int options_parse_all(const struct option_table *t, void *into, int argc, char **argv,
		      struct fault *f);

/* The text of --help, to standard output. */
void options_print_help(const struct option_table *t);

/* Is its value a list, with commas between? */
bool options_takes_list(const struct option_row *row);

/*
 * The i-th word that a value can be: those of the set, then the further ones. Returns buf, or NULL
 * behind the last.
 */
const char *options_word(const struct value_hint *hint, size_t i, char *buf, size_t size);

#endif
