/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_table: a comparison for people: as a table, as Markdown, and for spreadsheets. */
#ifndef SEVPINBENCH_COMPARE_TABLE_H
#define SEVPINBENCH_COMPARE_TABLE_H

#include "sevpinbench/compare.h"
#include <stdio.h>

/* Each 0 or -ENOMEM. Errors of writing stay in out. */
int compare_table_print(const struct compare *c, FILE *out);
int compare_markdown_print(const struct compare *c, FILE *out);

/* RFC 4180, a line a row, numbers as they are: ns, ns/GiB, pages. No notes but the platforms. */
int compare_csv_print(const struct compare *c, FILE *out);

#endif
