/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_text: text from a record made fit to be shown. A result file may be hostile: nothing in
 * it may steer a terminal, turn the reading direction or break a picture's XML.
 */
#ifndef SEVPINBENCH_PLAIN_TEXT_H
#define SEVPINBENCH_PLAIN_TEXT_H

#include <stddef.h>

/*
 * Copy text as one line of valid UTF-8: newline and tab become a space, other control, bidi and
 * invisible characters are dropped, a byte that is not UTF-8 becomes '?'. More than max_chars
 * characters, or more than fit into size bytes, are cut and end in "...". size must be at least 8.
 * Returns buf.
 */
char *plain_text(const char *text, size_t max_chars, char *buf, size_t size);

/* The characters (not bytes) of valid UTF-8: its width in a table's column. */
size_t plain_text_width(const char *text);

#endif
