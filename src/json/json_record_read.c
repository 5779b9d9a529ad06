// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_record_read: JSON text as a record. The file may be hostile: cells and samples are taken
 * from the stream one by one and counted, before memory is spent on them.
 */
#include "json_record.h"

#include "json_tables.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct doc_stream *stream;
	struct doc_at *at;
	const struct doc_form *form;
	const struct result_sink *sink; /* NULL: samples are kept */
	struct record *record;
	json_t *top;		  /* members of the document that were read, by key */
	json_t *cell;		  /* the same of the current cell */
	struct record_cell *into; /* the current cell */
	uint64_t total;		  /* samples so far */
	uint64_t audit_total;	  /* and tests of audits */
	struct sample_room room;  /* of the sample at hand; the stream knows what it held */
	bool warmup;		  /* its warm-up samples are being read */
};

/* Keep a member for later; a key that came before is refused. Steals the value. */
static int keep(struct reader *r, json_t *object, const char *key, json_t *value)
{
	if (json_object_get(object, key)) {
		json_decref(value);
		return doc_refuse(r->at, EINVAL, "the key stands there twice");
	}
	return json_object_set_new(object, key, value) < 0 ? doc_no_memory(r->at) : 0;
}

/* Take a value; drop it where nobody wants its key. */
static int keep_value(struct reader *r, json_t *object, const char *key, bool wanted)
{
	json_t *value = NULL;
	int err = doc_stream_value(r->stream, r->at, &value);

	if (!err && wanted)
		return keep(r, object, key, value);
	json_decref(value);
	return err;
}

/* The form's name and a slash lead to the version; NULL where they do not stand there. */
static const char *schema_version(const struct doc_form *form, const char *schema)
{
	size_t length = strlen(form->name);

	if (strncmp(schema, form->name, length) != 0 || schema[length] != '/')
		return NULL;
	return schema + length + 1;
}

static int check_schema(struct reader *r)
{
	const struct doc_form *form = r->form;
	json_t *schema = json_object_get(r->top, "schema");
	char word[DOC_WORD_LEN];
	const char *version;
	uint64_t number;

	if (!json_is_string(schema))
		return doc_refuse(r->at, EINVAL, "no text \"schema\": not a result of sevpinbench");
	doc_word_text(word, schema);
	version = schema_version(form, json_string_value(schema));
	if (version && units_parse_u64(version, form->version, UINT64_MAX, &number) == 0) {
		if (number == form->version)
			return 0;
		return doc_refuse(r->at, ENOTSUP, "%s is newer than this program reads (%u)", word,
				  form->version);
	}
	doc_refuse(r->at, EINVAL, "\"%s\" is not \"%s/%u\"", word, form->name, form->version);
	if (strncmp(word, form->other, strlen(form->other)) == 0)
		fault_hint(r->at->fault, "%s", form->mistaken);
	return -EINVAL;
}

/* ---- samples ---- */

int doc_sample_add(struct record_cell *c, bool warmup, const struct sample *s, uint64_t *total,
		   struct doc_at *at)
{
	_Static_assert(DOC_SAMPLES_MAX <= RECORD_MAX_SAMPLES, "a file's limit is within a cell's");
	if (++*total > DOC_SAMPLES_MAX)
		return doc_refuse(at, EFBIG, "more than %d samples", DOC_SAMPLES_MAX);
	return record_keep(c, warmup, s) < 0 ? doc_no_memory(at) : 0;
}

/* To the sink: memory for it is the sink's matter, but not without end. */
static int pour(struct reader *r, const struct sample *s)
{
	int err = 0;

	if (++r->total > DOC_SAMPLES_MAX)
		return doc_refuse(r->at, EFBIG, "more than %d samples", DOC_SAMPLES_MAX);
	if (!r->warmup)
		err = r->sink->sample(r->sink->arg, (uint32_t)(r->into - r->record->cell), s);
	return err == -ENOMEM ? doc_no_memory(r->at) : err;
}

static int read_sample(void *context, uint64_t index)
{
	struct reader *r = context;
	int err = doc_stream_struct(r->stream, r->at, doc_sample_fields, &r->room, sizeof(r->room));

	(void)index;
	if (err)
		return err;
	sample_room_tie(&r->room);
	if (r->sink)
		return pour(r, &r->room.sample);
	return doc_sample_add(r->into, r->warmup, &r->room.sample, &r->total, r->at);
}

/* ---- cells ---- */

static int read_cell_member(void *context, const char *key)
{
	struct reader *r = context;
	bool warmup = strcmp(key, "warmup_samples") == 0;
	int err;

	if (!r->form->samples || (!warmup && strcmp(key, "samples") != 0))
		return keep_value(r, r->cell, key,
				  doc_has_key(doc_cell_fields, key) ||
					  (r->form->samples && strcmp(key, "audit") == 0));
	err = keep(r, r->cell, key, json_true());
	if (err)
		return err;
	r->warmup = warmup;
	return doc_stream_array(r->stream, r->at, read_sample, r);
}

static int read_cell(void *context, uint64_t index)
{
	struct reader *r = context;
	json_t *audit;
	int err;

	if (index >= RECORD_MAX_CELLS)
		return doc_refuse(r->at, EFBIG, "more than %d cells", RECORD_MAX_CELLS);
	r->cell = json_object();
	if (!r->cell)
		return doc_no_memory(r->at);
	r->into = &r->record->cell[index];
	r->record->cell_count = (uint32_t)index + 1;
	err = doc_stream_object(r->stream, r->at, read_cell_member, r);
	if (!err)
		err = doc_read(doc_cell_fields, &r->into->cell, r->cell, r->at);
	if (!err && r->form->samples && !json_object_get(r->cell, "samples"))
		err = doc_refuse(r->at, EINVAL, "\"samples\" is missing");
	audit = json_object_get(r->cell, "audit");
	if (!err && audit && !json_is_null(audit))
		err = doc_audit_read(&r->into->audit, audit, &r->audit_total, r->at);
	json_decref(r->cell);
	r->cell = NULL;
	return err;
}

static int read_refusal(void *context, uint64_t index)
{
	struct reader *r = context;
	json_t *value = NULL;
	int err;

	if (index >= RECORD_MAX_CELLS)
		return doc_refuse(r->at, EFBIG, "more than %d refused cells", RECORD_MAX_CELLS);
	err = doc_stream_value(r->stream, r->at, &value);
	if (!err)
		err = doc_want(value, JSON_OBJECT, "an object", r->at);
	if (!err)
		err = doc_read(doc_refusal_fields, &r->record->refusal[index], value, r->at);
	if (!err)
		r->record->refusal_count = (uint32_t)index + 1;
	json_decref(value);
	return err;
}

/* ---- the document ---- */

static int read_top_member(void *context, const char *key)
{
	static const struct {
		const char *key;
		int (*element)(void *context, uint64_t index);
	} lists[] = {{"cells", read_cell}, {"refused", read_refusal}};
	struct reader *r = context;
	bool is_schema = strcmp(key, "schema") == 0;
	size_t i;
	int err;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(key, lists[i].key) != 0)
			continue;
		err = keep(r, r->top, key, json_true());
		return err ? err : doc_stream_array(r->stream, r->at, lists[i].element, r);
	}
	err = keep_value(r, r->top, key,
			 is_schema || doc_has_key(doc_record_fields, key) ||
				 doc_has_key(doc_end_fields, key));
	/* At once, since the rest of a document of another kind makes no sense. */
	return err || !is_schema ? err : check_schema(r);
}

static int read_top(struct reader *r)
{
	static const char *const lists[] = {"refused", "cells"};
	size_t i;
	int err = doc_stream_object(r->stream, r->at, read_top_member, r);

	if (!err && !json_object_get(r->top, "schema"))
		err = check_schema(r);
	if (!err)
		err = doc_read(doc_record_fields, r->record, r->top, r->at);
	if (!err && r->form->samples)
		err = doc_read(doc_end_fields, r->record, r->top, r->at);
	for (i = 0; !err && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!json_object_get(r->top, lists[i]))
			err = doc_refuse(r->at, EINVAL, "\"%s\" is missing", lists[i]);
	}
	return err;
}

/* Give back the room for cells that the file did not have. Growing smaller does not fail. */
static void trim(struct record *r)
{
	struct record_cell *cell = realloc(r->cell, (r->cell_count + 1) * sizeof(*cell));
	struct record_refusal *refusal =
		realloc(r->refusal, (r->refusal_count + 1) * sizeof(*refusal));

	if (cell)
		r->cell = cell;
	if (refusal)
		r->refusal = refusal;
}

int doc_record_read(struct record *r, const struct doc_form *form, struct doc_stream *s,
		    const struct result_sink *sink, struct doc_at *at)
{
	struct reader reader = {.stream = s, .at = at, .form = form, .sink = sink, .record = r};
	int err = record_open(r, RECORD_MAX_CELLS, RECORD_MAX_CELLS);

	if (err)
		return doc_no_memory(at);
	r->cell_count = r->refusal_count = 0;
	reader.top = json_object();
	err = reader.top ? read_top(&reader) : doc_no_memory(at);
	json_decref(reader.top);
	trim(r);
	return err;
}

int doc_hint_file(struct doc_at *at, int err)
{
	if (at->fault && at->fault->hint[0] == '\0' && (err == -EINVAL || err == -EFBIG))
		fault_hint(at->fault,
			   "%s is damaged, was edited, or is something else; "
			   "\"man 5 sevpinbench-result\" says what it should hold",
			   at->file);
	else if (at->fault && at->fault->hint[0] == '\0' && err == -ENOTSUP)
		fault_hint(at->fault,
			   "read %s with the version of sevpinbench that wrote it, "
			   "or a newer one",
			   at->file);
	return err;
}
