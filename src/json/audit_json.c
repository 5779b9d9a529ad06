// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_json: what an audit found as a document. */
#include "sevpinbench/audit_json.h"

#include "json_findings.h"
#include "json_tables.h"

static const struct doc_field test_fields[] = {
	DOC_OTHER("id", struct audit_test, id, &doc_constant),
	DOC_OTHER("title", struct audit_test, title, &doc_constant),
	DOC_OTHER("source", struct audit_test, source, &doc_constant),
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

static json_t *result_new(const void *report, uint32_t i, struct doc_at *at)
{
	const struct audit_result *r = &((const struct audit_report *)report)->result[i];
	json_t *object = doc_new(test_fields, r->test, at);

	if (object && doc_write(result_fields, r, object, at)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static const struct doc_field report_fields[] = {
	DOC_OBJECT("guest", struct audit_report, cell, doc_cell_fields),
	DOC_OBJECT("host", struct audit_report, host, doc_host_fields),
	DOC_OTHER("summary", struct audit_report, tally, &doc_tally, .words = &words_audit_verdict),
	DOC_BOOL("could_not_look", struct audit_report, unseen),
	{0},
};

int audit_json_print(const struct audit_report *r, const struct record_tool *tool, FILE *out,
		     struct fault *f)
{
	const struct doc_findings document = {
		.schema = "sevpinbench.audit/1",
		.op = "write audit",
		.report = r,
		.about = report_fields,
		.list = "tests",
		.count = r->count,
		.finding = result_new,
	};

	return doc_findings_print(&document, tool, out, f);
}
