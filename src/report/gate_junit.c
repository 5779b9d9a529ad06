// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_junit: a gate's verdict as JUnit XML: a suite a cell, a case a metric. */
#include "escape.h"
#include "gate_words.h"
#include "sevpinbench/compare_text.h"
#include "sevpinbench/gate_text.h"
#include <inttypes.h>

#define XML_TEXT (GATE_SENTENCE * 6)

/* Rows of one cell stand together. Counts them from the first. */
static uint32_t rows_of_cell(const struct gate *g, uint32_t first, uint32_t *failed,
			     uint32_t *skipped)
{
	const struct compare *c = g->compare;
	uint32_t i;

	*failed = *skipped = 0;
	for (i = first; i < c->row_count && c->row[i].base_cell == c->row[first].base_cell; i++) {
		*failed += g->row[i].verdict == GATE_FAIL;
		*skipped += g->row[i].verdict == GATE_CANT_TELL ||
			    g->row[i].verdict == GATE_NOISY || g->row[i].verdict == GATE_NOT_JUDGED;
	}
	return i - first;
}

static void print_case(const struct gate *g, const struct gate_row *r, const char *name, FILE *out)
{
	static const char *const element[GATE_VERDICT_COUNT] = {[GATE_FAIL] = "failure",
								[GATE_CANT_TELL] = "skipped",
								[GATE_NOISY] = "skipped",
								[GATE_NOT_JUDGED] = "skipped"};
	char text[GATE_SENTENCE], escaped[XML_TEXT];

	escape_xml(gate_row_sentence(g, r, text, sizeof(text)), escaped, sizeof(escaped));
	fprintf(out, "    <testcase classname=\"%s\" name=\"%s\"", name,
		words_text(&words_compare_metric, r->row->metric));
	if (element[r->verdict])
		fprintf(out, "><%s message=\"%s: %s\"/></testcase>\n", element[r->verdict],
			r->verdict == GATE_CANT_TELL ? "can&#39;t tell"
						     : words_text(&words_gate_verdict, r->verdict),
			escaped);
	else
		fprintf(out, "><system-out>%s</system-out></testcase>\n", escaped);
}

/* The verdict as a whole: a gate that can't tell must not look like one that passed. */
static void print_whole(const struct gate *g, FILE *out)
{
	char text[GATE_SENTENCE], escaped[XML_TEXT];
	bool error = g->verdict == GATE_CANT_TELL;

	escape_xml(gate_verdict_sentence(g, text, sizeof(text)), escaped, sizeof(escaped));
	fprintf(out,
		"  <testsuite name=\"gate\" tests=\"1\" failures=\"0\" errors=\"%d\" "
		"skipped=\"0\">\n    <testcase classname=\"gate\" name=\"verdict\">",
		error);
	if (error)
		fprintf(out, "<error message=\"%s\"/>", escaped);
	else
		fprintf(out, "<system-out>%s</system-out>", escaped);
	fputs("</testcase>\n  </testsuite>\n", out);
}

int gate_junit_print(const struct gate *g, FILE *out)
{
	const struct compare *c = g->compare;
	const char *emulated = compare_is_emulated(c) ? "EMULATED " : "";
	uint32_t varying = compare_varying(c->base), i, k, rows, failed, skipped;
	char name[COMPARE_NAME], full[COMPARE_NAME + 16], escaped[COMPARE_NAME * 6];

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"sevpinbench gate\" tests=\"%" PRIu32 "\" failures=\"%" PRIu32
		"\" errors=\"%d\">\n",
		c->row_count + 1, g->count[GATE_FAIL], g->verdict == GATE_CANT_TELL);
	print_whole(g, out);
	for (i = 0; i < c->row_count; i += rows) {
		rows = rows_of_cell(g, i, &failed, &skipped);
		compare_cell_name(&c->base->cell[c->row[i].base_cell].cell, varying, name,
				  sizeof(name));
		snprintf(full, sizeof(full), "%s%s", emulated, name);
		escape_xml(full, escaped, sizeof(escaped));
		fprintf(out,
			"  <testsuite name=\"%s\" tests=\"%" PRIu32 "\" failures=\"%" PRIu32
			"\" errors=\"0\" skipped=\"%" PRIu32 "\">\n",
			escaped, rows, failed, skipped);
		for (k = i; k < i + rows; k++)
			print_case(g, &g->row[k], escaped, out);
		fputs("  </testsuite>\n", out);
	}
	fputs("</testsuites>\n", out);
	return 0;
}
