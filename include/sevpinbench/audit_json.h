/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_json: what an audit found as a document, described by docs/audit.schema.json. */
#ifndef SEVPINBENCH_AUDIT_JSON_H
#define SEVPINBENCH_AUDIT_JSON_H

#include "sevpinbench/audit.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdio.h>

/*
 * Print the document, a line a test. 0, or -ENOMEM with nothing printed. Errors of the stream are
 * the caller's to find.
 */
int audit_json_print(const struct audit_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f);

#endif
