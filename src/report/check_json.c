// SPDX-License-Identifier: GPL-2.0-or-later
/* check_json: a check of the host as a document. */
#include "sevpinbench/check_json.h"

#include "json_out.h"
#include "json_tables.h"
#include <errno.h>
#include <string.h>

#define SCHEMA "sevpinbench.check/1"

/* A constant text, or null. */
static json_t *constant_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const char *text = *(const char *const *)member;

	(void)f;
	(void)at;
	return text ? json_string(text) : json_null();
}

static const struct doc_kind constant = {.write = constant_write};

#define CONSTANT(key, member) DOC_OTHER(key, struct check, member, &constant)

/* Commands or lines of a file: a text in which line breaks stay what they are. */
static json_t *lines_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	char text[CHECK_FIX_TEXT] = "";
	const char *from = member;
	size_t used = 0, length;

	(void)f;
	(void)at;
	while (*from && used < sizeof(text) - 1) {
		length = strcspn(from, "\n");
		doc_clean(text + used, sizeof(text) - used, from, length);
		used += strlen(text + used);
		from += length;
		if (*from == '\n' && used < sizeof(text) - 1) {
			text[used++] = *from++;
			text[used] = '\0';
		}
	}
	return json_string(text);
}

static const struct doc_kind lines = {.write = lines_write};

/* ---- a check: what is known before it is asked, what came of it, and what it is about ---- */

static const struct doc_field row_fields[] = {
	CONSTANT("id", id),
	CONSTANT("parent", parent),
	CONSTANT("title", title),
	{0},
};

static const struct doc_field result_fields[] = {
	DOC_WORD("verdict", struct check_result, verdict, &words_check_verdict),
	DOC_BOOL("needed", struct check_result, needed),
	DOC_BOOL("could_not_look", struct check_result, unseen),
	DOC_TEXT("found", struct check_result, found),
	DOC_TEXT("expected", struct check_result, expected),
	DOC_OTHER("fix", struct check_result, fix, &lines),
	{0},
};

static const struct doc_field about_fields[] = {
	CONSTANT("why", why),
	CONSTANT("looked_at", reads),
	{0},
};

static json_t *result_new(const struct check_result *r, struct doc_at *at)
{
	json_t *object = doc_new(row_fields, r->check, at);

	if (object && (json_object_set_new(object, "group", json_string(r->group->title)) < 0 ||
		       doc_write(result_fields, r, object, at) ||
		       doc_write(about_fields, r->check, object, at))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* ---- what stands around the checks ---- */

static const struct doc_field asked_fields[] = {
	DOC_WORD("guest_type", struct check_request, guest_type, &words_guest_type),
	DOC_BOOL("guest_type_auto", struct check_request, type_auto),
	DOC_INTEGER("guest_bytes", struct check_request, guest_bytes, 0, INT64_MAX),
	DOC_WORD("pin", struct check_request, pin, &words_pin_mode),
	DOC_BOOL("experiment", struct check_request, experiment),
	{0},
};

/* The counts by verdict: an object with the verdicts as keys. */
static json_t *tally_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const uint32_t *tally = member;
	json_t *object = json_object();

	(void)f;
	(void)at;
	for (unsigned v = 0; object && v < CHECK_VERDICT_COUNT; v++)
		json_object_set_new(object, words_text(&words_check_verdict, v),
				    json_integer(tally[v]));
	return object;
}

static const struct doc_kind tally = {.write = tally_write};

static const struct doc_field report_fields[] = {
	DOC_OBJECT("asked", struct check_report, asked, asked_fields),
	DOC_OBJECT("host", struct check_report, host, doc_host_fields),
	DOC_OTHER("summary", struct check_report, tally, &tally),
	DOC_BOOL("could_not_look", struct check_report, unseen),
	{0},
};

/* A table's members, then a comma and a new line. */
static void add_members(struct doc_out *o, json_t *object)
{
	doc_out_members(o, object);
	doc_out_text(o, ",\n");
}

/* The tool is an object of its own in JSON, and comes from elsewhere than the report. */
static json_t *tool_new(const struct record_tool *tool, struct doc_at *at)
{
	json_t *object = json_object(), *inner = doc_new(doc_tool_fields, tool, at);

	/* Takes the inner one, also where it fails. */
	if (inner && json_object_set_new(object, "tool", inner) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static int write_all(const struct check_report *r, const struct record_tool *tool,
		     struct doc_out *o, struct doc_at *at)
{
	json_t *value = tool_new(tool, at);

	doc_out_text(o, "{\"schema\":\"" SCHEMA "\",\n");
	if (!value)
		return -ENOMEM;
	add_members(o, value);
	value = doc_new(report_fields, r, at);
	if (!value)
		return at->err ? at->err : -ENOMEM;
	add_members(o, value);
	doc_out_text(o, "\"checks\":[");
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

int check_json_print(const struct check_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f)
{
	struct doc_at at = {.op = "write check", .file = "standard output", .fault = f};
	struct doc_out o = {.fd = -1};
	int err = write_all(r, tool, &o, &at);

	if (!err)
		(void)fwrite(o.text, 1, o.used, out);
	else if (!at.err)
		doc_no_memory(&at);
	doc_out_close(&o);
	return err;
}
