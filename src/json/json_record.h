/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_record: a whole record as JSON text and back, for the document and the journal alike. */
#ifndef JSON_RECORD_H
#define JSON_RECORD_H

#include "json_at.h"
#include "json_out.h"
#include "json_stream.h"
#include "sevpinbench/record.h"
#include "sevpinbench/result_json.h"
#include <stdbool.h>

/* What tells a document from the first line of a journal. */
#define DOC_SAMPLES_MAX 2000000 /* in one file: some GiB of memory; more are refused */

struct doc_form {
	const char *name; /* of the schema: "sevpinbench.result" */
	unsigned version;
	uint64_t file_max;    /* bytes; a longer file is refused */
	bool samples;	      /* cells have samples, and the record its end */
	const char *newline;  /* "" where all must stay on one line */
	const char *other;    /* name of the schema that it may be mistaken for, */
	const char *mistaken; /* and the hint then */
};

extern const struct doc_form doc_form_result, doc_form_journal;

/* Errors of writing stay in o; those of the record come back. 0 or -errno with the fault filled. */
int doc_record_write(const struct record *r, const struct doc_form *form, struct doc_out *o,
		     struct doc_at *at);

/*
 * Into a zeroed record, which on failure holds what was read so far and must be closed. With a sink
 * samples go there and not into the record; warm-ups are dropped.
 */
int doc_record_read(struct record *r, const struct doc_form *form, struct doc_stream *s,
		    const struct result_sink *sink, struct doc_at *at);

/* Add a sample that was read, growing the cell's room. *total counts those of the whole file. */
int doc_sample_add(struct record_cell *c, bool warmup, const struct sample *s, uint64_t *total,
		   struct doc_at *at);

/* Where the fault has no hint, say that the file is not what it should be. Returns err. */
int doc_hint_file(struct doc_at *at, int err);

#endif
