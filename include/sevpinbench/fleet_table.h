/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet_table: a fleet for people: as tables, as Markdown, and for spreadsheets. */
#ifndef SEVPINBENCH_FLEET_TABLE_H
#define SEVPINBENCH_FLEET_TABLE_H

#include "sevpinbench/fleet.h"
#include <stdio.h>

/* Of a finished fleet, times and what equal groups do not agree on. Each 0 or -ENOMEM. Errors of
 * writing stay in out. */
int fleet_table_print(const struct fleet *f, FILE *out);
int fleet_markdown_print(const struct fleet *f, FILE *out);

/* RFC 4180, a line a figure, all of them, numbers as they are: ns, ns/GiB, pages. */
int fleet_csv_print(const struct fleet *f, FILE *out);

#endif
