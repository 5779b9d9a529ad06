// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_record_write: a record as JSON text. Written a value at a time, a line each, so that the
 * memory it takes does not grow with the samples, and a document can be read with less(1).
 */
#include "json_record.h"

#include "json_tables.h"
#include <errno.h>
#include <stdio.h>

const struct doc_form doc_form_result = {
	.name = "sevpinbench.result",
	.version = 1,
	.file_max = 4ull << 30,
	.samples = true,
	.newline = "\n",
	.other = "sevpinbench.journal",
	.mistaken = "this is the journal of a run: \"sevpinbench recover\" makes a document of it",
};

const struct doc_form doc_form_journal = {
	.name = "sevpinbench.journal",
	.version = 1,
	.file_max = 4ull << 30, /* its lines are longer, and it may be a document's only source */
	.newline = "",
	.other = "sevpinbench.result",
	.mistaken = "this is a result document already, not a journal: nothing is to be recovered",
};

static int write_samples(const struct sample *s, uint32_t count, const char *key, struct doc_out *o,
			 struct doc_at *at)
{
	struct sample_room room;
	size_t mark = doc_at_key(at, key), inner;
	json_t *value;
	uint32_t i;

	doc_out_text(o, ",\"");
	doc_out_text(o, key);
	doc_out_text(o, "\":[");
	at->err = 0;
	for (i = 0; i < count && !at->err && !o->err; i++) {
		inner = doc_at_index(at, i);
		sample_room_copy(&room, &s[i]);
		value = doc_new(doc_sample_fields, &room, at);
		doc_at_back(at, inner);
		if (!value)
			break;
		doc_out_text(o, i ? ",\n" : "\n");
		doc_out_value(o, value);
	}
	doc_out_text(o, count ? "\n]" : "]");
	doc_at_back(at, mark);
	return at->err;
}

/* Where the cell was to be audited. */
static int write_audit(const struct record_audit *a, struct doc_out *o, struct doc_at *at)
{
	json_t *value = a->asked ? doc_audit(a, at) : NULL;

	if (!a->asked)
		return 0;
	if (!value)
		return at->err;
	doc_out_text(o, ",\n\"audit\":");
	doc_out_value(o, value);
	return 0;
}

static int write_cell(const struct record_cell *c, const struct doc_form *form, struct doc_out *o,
		      struct doc_at *at)
{
	json_t *value = doc_new(doc_cell_fields, &c->cell, at);
	int err;

	if (!value)
		return at->err;
	doc_out_text(o, "{");
	doc_out_members(o, value);
	if (form->samples) {
		err = write_samples(c->sample, c->sample_count, "samples", o, at);
		if (!err)
			err = write_samples(c->warmup, c->warmup_count, "warmup_samples", o, at);
		if (!err)
			err = write_audit(&c->audit, o, at);
		value = err ? NULL : doc_summary(c, at);
		if (!value)
			return at->err;
		doc_out_text(o, ",\n\"summary\":");
		doc_out_value(o, value);
	}
	doc_out_text(o, "}");
	return 0;
}

static int write_cells(const struct record *r, const struct doc_form *form, struct doc_out *o,
		       struct doc_at *at)
{
	size_t mark = doc_at_key(at, "cells"), inner;
	uint32_t i;
	int err = 0;

	doc_out_text(o, "\"cells\":[");
	for (i = 0; i < r->cell_count && !err; i++) {
		doc_out_text(o, i ? "," : "");
		doc_out_text(o, form->newline);
		inner = doc_at_index(at, i);
		err = write_cell(&r->cell[i], form, o, at);
		doc_at_back(at, inner);
	}
	doc_out_text(o, "]");
	doc_at_back(at, mark);
	return err;
}

static int write_refusals(const struct record *r, const struct doc_form *form, struct doc_out *o,
			  struct doc_at *at)
{
	size_t mark = doc_at_key(at, "refused"), inner;
	json_t *value;
	uint32_t i;

	at->err = 0;
	doc_out_text(o, "\"refused\":[");
	for (i = 0; i < r->refusal_count; i++) {
		inner = doc_at_index(at, i);
		value = doc_new(doc_refusal_fields, &r->refusal[i], at);
		doc_at_back(at, inner);
		if (!value)
			break;
		doc_out_text(o, i ? "," : "");
		doc_out_text(o, form->newline);
		doc_out_value(o, value);
	}
	doc_out_text(o, "],");
	doc_out_text(o, form->newline);
	doc_at_back(at, mark);
	return at->err;
}

/* The members of a table, a line each. */
static int write_members(const struct doc_field *table, const struct record *r,
			 const struct doc_form *form, struct doc_out *o, struct doc_at *at)
{
	struct doc_field one[2] = {{0}, {0}};
	json_t *value;

	for (; table->key; table++) {
		one[0] = *table;
		value = doc_new(one, r, at);
		if (!value)
			return at->err;
		doc_out_members(o, value);
		doc_out_text(o, table[1].key ? "," : "");
		doc_out_text(o, table[1].key ? form->newline : "");
	}
	return 0;
}

int doc_record_write(const struct record *r, const struct doc_form *form, struct doc_out *o,
		     struct doc_at *at)
{
	char schema[64];
	int err;

	snprintf(schema, sizeof(schema), "{\"schema\":\"%s/%u\",", form->name, form->version);
	doc_out_text(o, schema);
	doc_out_text(o, form->newline);
	err = write_members(doc_record_fields, r, form, o, at);
	doc_out_text(o, ",");
	doc_out_text(o, form->newline);
	if (!err)
		err = write_refusals(r, form, o, at);
	if (!err)
		err = write_cells(r, form, o, at);
	if (!err && form->samples) {
		doc_out_text(o, ",\n");
		err = write_members(doc_end_fields, r, form, o, at);
	}
	doc_out_text(o, "}\n");
	return err;
}
