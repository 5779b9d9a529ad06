// SPDX-License-Identifier: GPL-2.0-or-later
/* check_json: a check of the host as a document. */
#include "sevpinbench/check_json.h"

#include "json_findings.h"
#include "json_tables.h"
#include <string.h>

#define CONSTANT(key, member) DOC_OTHER(key, struct check, member, &doc_constant)

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

static json_t *result_new(const void *report, uint32_t i, struct doc_at *at)
{
	const struct check_result *r = &((const struct check_report *)report)->result[i];
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

static const struct doc_field report_fields[] = {
	DOC_OBJECT("asked", struct check_report, asked, asked_fields),
	DOC_OBJECT("host", struct check_report, host, doc_host_fields),
	DOC_OTHER("summary", struct check_report, tally, &doc_tally, .words = &words_check_verdict),
	DOC_BOOL("could_not_look", struct check_report, unseen),
	{0},
};

int check_json_print(const struct check_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f)
{
	const struct doc_findings document = {
		.schema = "sevpinbench.check/1",
		.op = "write check",
		.report = r,
		.about = report_fields,
		.list = "checks",
		.count = r->count,
		.finding = result_new,
	};

	return doc_findings_print(&document, tool, out, f);
}
