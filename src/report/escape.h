/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape: text as data in the languages of CI. What comes from a result may be hostile: it must not
 * become markup, a formula, a mention or a command. All take UTF-8, pass it through plain_text()
 * and cut what does not fit; size must be at least 16. All return buf.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stddef.h>

/* Within an element or a quoted attribute. */
char *escape_xml(const char *text, char *buf, size_t size);

/* Within a table of GitHub's Markdown: every character that means something is an entity. */
char *escape_markdown(const char *text, char *buf, size_t size);

/* A field, always quoted; one that a spreadsheet would take for a formula gets an apostrophe. */
char *escape_csv(const char *text, char *buf, size_t size);

/* The message, and a property (title=..), of a workflow command of GitHub Actions. */
char *escape_github_message(const char *text, char *buf, size_t size);
char *escape_github_property(const char *text, char *buf, size_t size);

#endif
