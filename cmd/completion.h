/* SPDX-License-Identifier: GPL-2.0-or-later */
/* completion: scripts for shells, made of the tables of options. */
#ifndef SEVPINBENCH_CMD_COMPLETION_H
#define SEVPINBENCH_CMD_COMPLETION_H

#include "options.h"

/* Each prints one to standard output. */
void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

/* Print a text with a backslash before each character that is one of these. */
void completion_put(const char *text, const char *escape);

/* Print all words that a value can be, with blanks between. Returns their number. */
size_t completion_put_words(const struct value_hint *hint);

/* The same for a verb's operands. */
size_t completion_put_operands(const struct option_table *t);

#endif
