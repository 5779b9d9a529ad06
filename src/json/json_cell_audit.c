// SPDX-License-Identifier: GPL-2.0-or-later
/* json_cell_audit: what the audit of a cell found, as JSON. */
#include "json_tables.h"

#include <errno.h>

#define TESTS_MAX 100000 /* in one file: some 160 MiB of memory */

static const struct doc_field test_fields[] = {
	DOC_TEXT("id", struct record_audit_test, id, DOC_REQUIRED, .min = 1),
	DOC_WORD("verdict", struct record_audit_test, verdict, &words_audit_verdict, DOC_REQUIRED),
	DOC_TEXT("expected", struct record_audit_test, expected),
	DOC_TEXT("found", struct record_audit_test, found),
	DOC_TEXT("consequence", struct record_audit_test, consequence),
	{0},
};

static const struct doc_field audit_fields[] = {
	DOC_WORD("verdict", struct record_audit, verdict, &words_audit_verdict, DOC_REQUIRED),
	DOC_TEXT("reason", struct record_audit, reason),
	DOC_TEXT("hint", struct record_audit, hint),
	{0},
};

static json_t *tests_new(const struct record_audit *a, struct doc_at *at)
{
	json_t *list = json_array();
	size_t mark;

	for (uint32_t i = 0; list && i < a->test_count; i++) {
		mark = doc_at_index(at, i);
		/* It takes the reference also where it fails, and a NULL it refuses. */
		if (json_array_append_new(list, doc_new(test_fields, &a->test[i], at)) < 0) {
			json_decref(list);
			return NULL;
		}
		doc_at_back(at, mark);
	}
	return list;
}

json_t *doc_audit(const struct record_audit *a, struct doc_at *at)
{
	size_t mark = doc_at_key(at, "audit"), inner = doc_at_key(at, "tests");
	json_t *list, *object;

	at->err = 0;
	list = tests_new(a, at);
	doc_at_back(at, inner);
	object = list ? doc_new(audit_fields, a, at) : NULL;
	if (object && json_object_set(object, "tests", list) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(list);
	doc_at_back(at, mark);
	if (!object && !at->err)
		doc_no_memory(at);
	return object;
}

static int read_test(struct record_audit *a, json_t *value, struct doc_at *at)
{
	int err = doc_want(value, JSON_OBJECT, "an object", at);
	struct record_audit_test *test = err ? NULL : record_audit_add(a);

	if (err)
		return err;
	return test ? doc_read(test_fields, test, value, at) : doc_no_memory(at);
}

int doc_audit_read(struct record_audit *a, json_t *value, uint64_t *total, struct doc_at *at)
{
	size_t mark = doc_at_key(at, "audit"), inner, index;
	json_t *list, *test;
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	if (!err)
		err = doc_read(audit_fields, a, value, at);
	a->asked = !err;
	list = err ? NULL : json_object_get(value, "tests");
	inner = doc_at_key(at, "tests");
	if (!err)
		err = list ? doc_want(list, JSON_ARRAY, "an array", at)
			   : doc_refuse(at, EINVAL, "is missing");
	if (!err && json_array_size(list) > RECORD_AUDIT_TESTS)
		err = doc_refuse(at, EFBIG, "more than %d tests", RECORD_AUDIT_TESTS);
	*total += err ? 0 : json_array_size(list);
	if (!err && *total > TESTS_MAX)
		err = doc_refuse(at, EFBIG, "more than %d tests of all cells", TESTS_MAX);
	json_array_foreach(list, index, test)
	{
		size_t here = doc_at_index(at, index);

		err = err ? err : read_test(a, test, at);
		if (!err)
			doc_at_back(at, here);
	}
	if (!err)
		doc_at_back(at, inner);
	if (!err)
		doc_at_back(at, mark);
	return err;
}
