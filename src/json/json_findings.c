// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_findings.h"

#include "json_out.h"
#include "json_tables.h"
#include <errno.h>

static json_t *constant_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const char *text = *(const char *const *)member;

	(void)f;
	(void)at;
	return text ? json_string(text) : json_null();
}

const struct doc_kind doc_constant = {.write = constant_write};

static json_t *tally_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const uint32_t *tally = member;
	json_t *object = json_object();

	(void)at;
	for (unsigned v = 0; object && v < f->words->count; v++)
		json_object_set_new(object, words_text(f->words, v), json_integer(tally[v]));
	return object;
}

const struct doc_kind doc_tally = {.write = tally_write};

/* All but the list. The tool comes from elsewhere than the report. */
static json_t *head_new(const struct doc_findings *d, const struct record_tool *tool,
			struct doc_at *at)
{
	json_t *object = json_object(), *inner = doc_new(doc_tool_fields, tool, at);

	/* The first call takes the inner one, also where it fails. */
	if (inner && json_object_set_new(object, "tool", inner) == 0 &&
	    doc_write(d->about, d->report, object, at) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static int write_all(const struct doc_findings *d, const struct record_tool *tool,
		     struct doc_out *o, struct doc_at *at)
{
	json_t *value = head_new(d, tool, at);

	if (!value)
		return at->err ? at->err : -ENOMEM;
	doc_out_text(o, "{\"schema\":\"");
	doc_out_text(o, d->schema);
	doc_out_text(o, "\",\n");
	doc_out_members(o, value);
	doc_out_text(o, ",\n\"");
	doc_out_text(o, d->list);
	doc_out_text(o, "\":[");
	for (uint32_t i = 0; i < d->count; i++) {
		value = d->finding(d->report, i, at);
		if (!value)
			return at->err ? at->err : -ENOMEM;
		doc_out_text(o, i ? ",\n" : "\n");
		doc_out_value(o, value);
	}
	doc_out_text(o, "\n]}\n");
	return o->err;
}

int doc_findings_print(const struct doc_findings *d, const struct record_tool *tool, FILE *out,
		       struct fault *f)
{
	struct doc_at at = {.op = d->op, .file = "standard output", .fault = f};
	struct doc_out o = {.fd = -1};
	int err = write_all(d, tool, &o, &at);

	if (!err)
		(void)fwrite(o.text, 1, o.used, out);
	else if (!at.err)
		doc_no_memory(&at);
	doc_out_close(&o);
	return err;
}
