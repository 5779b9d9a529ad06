// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_scan: the text of a sample. What the scan takes, jansson takes, and it means the same. */
#include "fuzz.h"

#include "../../src/json/json_pattern.h"
#include "../../src/json/json_scan.h"
#include "../../src/json/json_stream.h"
#include "../../src/json/json_tables.h"

static struct doc_at at = {.op = "fuzz"};

static json_t *parse(const char *text, size_t bytes, struct sample_room *s)
{
	json_t *value = NULL;

	must(doc_parse(text, bytes, &at, &value) == 0 && json_is_object(value));
	must(doc_read(doc_sample_fields, s, value, &at) == 0);
	return value;
}

/* Whatever a sample holds, but for words and texts, is scanned when it was written by us. */
static void must_scan_ours(struct sample_room *s)
{
	struct sample_room again = {0};
	char text[16384 + DOC_SCAN_SLACK] = "";
	json_t *value = doc_new(doc_sample_fields, s, &at);
	size_t bytes;

	must(value);
	bytes = json_dumpb(value, text, 16384, JSON_COMPACT);
	must(bytes < 16384);
	must(doc_scan(doc_sample_fields, &again, text) == text + bytes);
	must(is_same(s, &again, sizeof(again)));
	json_decref(value);
}

/* Where the pattern fits a text, that means to jansson what it means to the pattern. */
static bool try_rest(struct doc_pattern *pattern, struct sample_room *taken, const char *rest)
{
	const char *behind = doc_pattern_take(pattern, taken, rest);
	struct sample_room read = {0};

	if (!behind)
		return false;
	json_decref(parse(rest, (size_t)(behind - rest), &read));
	must(is_same(taken, &read, sizeof(read)));
	return true;
}

/*
 * The pattern of a sample fits that sample, also when all its numbers have become text; and perhaps
 * what is behind it, after which those alone are numbers that the two have unlike.
 */
static void try_pattern(const char *text, const char *rest)
{
	struct doc_pattern *pattern = calloc(1, sizeof(*pattern));
	struct sample_room learned = {0}, taken;
	const char *behind = NULL;
	bool fits = true;
	int i;

	if (pattern)
		behind = doc_pattern_scan(pattern, doc_sample_fields, &learned, text);
	must(behind);
	taken = learned;
	for (i = 0; i < 3 * (DOC_PATTERN_STEADY + 2) && fits && pattern->all.known; i++) {
		if (i % (DOC_PATTERN_STEADY + 2) > DOC_PATTERN_STEADY) {
			fits = try_rest(pattern, &taken, rest);
			continue;
		}
		must(doc_pattern_take(pattern, &taken, text) == behind);
		must(is_same(&taken, &learned, sizeof(taken)));
	}
	free(pattern);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sample_room scanned = {0}, read = {0};
	char *text = calloc(1, size + DOC_SCAN_SLACK);
	const char *behind;

	must(text);
	if (size)
		memcpy(text, data, size);
	behind = doc_scan(doc_sample_fields, &scanned, text);
	if (behind) {
		must(behind <= text + size);
		json_decref(parse(text, (size_t)(behind - text), &read));
		must(is_same(&scanned, &read, sizeof(read)));
		must_scan_ours(&read);
		try_pattern(text, behind + (*behind == ',' || *behind == '\n'));
	}
	free(text);
	return 0;
}
