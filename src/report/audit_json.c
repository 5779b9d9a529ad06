// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_json: what an audit found as a document. */
#include "sevpinbench/audit_json.h"

#include "json_out.h"
#include "json_tables.h"
#include <errno.h>

#define SCHEMA "sevpinbench.audit/1"

static json_t *constant_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	(void)f;
	(void)at;
	return json_string(*(const char *const *)member);
}

static const struct doc_kind constant = {.write = constant_write};

static const struct doc_field test_fields[] = {
	DOC_OTHER("id", struct audit_test, id, &constant),
	DOC_OTHER("title", struct audit_test, title, &constant),
	DOC_OTHER("source", struct audit_test, source, &constant),
	{0},
};

static const struct doc_field result_fields[] = {
	DOC_WORD("verdict", struct audit_result, verdict, &words_audit_verdict),
	DOC_BOOL("could_not_look", struct audit_result, unseen),
	DOC_TEXT("expected", struct audit_result, expected),
	DOC_TEXT("found", struct audit_result, found),
	DOC_TEXT("consequence", struct audit_result, consequence),
	{0},
};

static json_t *result_new(const struct audit_result *r, struct doc_at *at)
{
	json_t *object = doc_new(test_fields, r->test, at);

	if (object && doc_write(result_fields, r, object, at)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* The counts by verdict: an object with the verdicts as keys. */
static json_t *tally_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const uint32_t *tally = member;
	json_t *object = json_object();

	(void)f;
	(void)at;
	for (unsigned v = 0; object && v < AUDIT_VERDICT_COUNT; v++)
		json_object_set_new(object, words_text(&words_audit_verdict, v),
				    json_integer(tally[v]));
	return object;
}

static const struct doc_kind tally = {.write = tally_write};

static const struct doc_field report_fields[] = {
	DOC_OBJECT("guest", struct audit_report, cell, doc_cell_fields),
	DOC_OBJECT("host", struct audit_report, host, doc_host_fields),
	DOC_OTHER("summary", struct audit_report, tally, &tally),
	DOC_BOOL("could_not_look", struct audit_report, unseen),
	{0},
};

/* All but the tests. The tool comes from elsewhere than the report. */
static json_t *head_new(const struct audit_report *r, const struct record_tool *tool,
			struct doc_at *at)
{
	json_t *object = json_object(), *inner = doc_new(doc_tool_fields, tool, at);

	/* The first call takes the inner one, also where it fails. */
	if (inner && json_object_set_new(object, "tool", inner) == 0 &&
	    doc_write(report_fields, r, object, at) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static int write_all(const struct audit_report *r, const struct record_tool *tool,
		     struct doc_out *o, struct doc_at *at)
{
	json_t *value = head_new(r, tool, at);

	if (!value)
		return at->err ? at->err : -ENOMEM;
	doc_out_text(o, "{\"schema\":\"" SCHEMA "\",\n");
	doc_out_members(o, value);
	doc_out_text(o, ",\n\"tests\":[");
	for (uint32_t i = 0; i < r->count; i++) {
		value = result_new(&r->result[i], at);
		if (!value)
			return at->err ? at->err : -ENOMEM;
		doc_out_text(o, i ? ",\n" : "\n");
		doc_out_value(o, value);
	}
	doc_out_text(o, "\n]}\n");
	return o->err;
}

int audit_json_print(const struct audit_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f)
{
	struct doc_at at = {.op = "write audit", .file = "standard output", .fault = f};
	struct doc_out o = {.fd = -1};
	int err = write_all(r, tool, &o, &at);

	if (!err)
		(void)fwrite(o.text, 1, o.used, out);
	else if (!at.err)
		doc_no_memory(&at);
	doc_out_close(&o);
	return err;
}
