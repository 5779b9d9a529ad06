/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_json: a check of the host as a document, described by docs/check.schema.json. */
#ifndef SEVPINBENCH_CHECK_JSON_H
#define SEVPINBENCH_CHECK_JSON_H

#include "sevpinbench/check.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdio.h>

/*
 * Print the document, a line a check. 0, or -ENOMEM with nothing printed. Errors of the stream are
 * the caller's to find.
 */
int check_json_print(const struct check_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f);

#endif
