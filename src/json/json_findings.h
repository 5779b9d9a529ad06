/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_findings: a document that lists what was found, one line each: a check's, an audit's. */
#ifndef JSON_FINDINGS_H
#define JSON_FINDINGS_H

#include "json_field.h"
#include "sevpinbench/record.h"
#include <stdio.h>

/* A constant text, or null. */
extern const struct doc_kind doc_constant;

/* uint32_t counts by verdict: an object with the field's words as keys. */
extern const struct doc_kind doc_tally;

struct doc_findings {
	const char *schema; /* "sevpinbench.check/1" */
	const char *op;	    /* "write check" */
	const void *report;
	const struct doc_field *about; /* what stands before the list */
	const char *list;	       /* its key: "checks" */
	uint32_t count;
	/* The list's i-th: a new object, or NULL as doc_new(). */
	json_t *(*finding)(const void *report, uint32_t i, struct doc_at *at);
};

/* Print it whole, or nothing: 0, or -ENOMEM with the fault filled. Errors of the stream are the
 * caller's to find. */
int doc_findings_print(const struct doc_findings *d, const struct record_tool *tool, FILE *out,
		       struct fault *f);

#endif
