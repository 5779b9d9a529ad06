// SPDX-License-Identifier: GPL-2.0-or-later
/* table_audit: the lines under the table about what the pins of its cells hold. */
#include "table_audit.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

bool table_audit_wanted(const struct record *r)
{
	for (uint32_t i = 0; i < r->cell_count; i++) {
		if (r->cell[i].audit.asked)
			return true;
	}
	return false;
}

void table_guest_name(const struct cell *c, FILE *out)
{
	char size[24];

	fprintf(out, "%s %s %s", words_text(&words_guest_type, c->guest_type),
		words_text(&words_pin_mode, c->pin),
		units_format_size(c->guest_bytes, size, sizeof(size)));
}

void table_cell_name(const struct cell *c, FILE *out)
{
	table_guest_name(c, out);
	if (c->parallel > 1)
		fprintf(out, ", %" PRIu32 " at once", c->parallel);
}

static void print_text(const char *before, const char *text, FILE *out)
{
	char plain[RECORD_AUDIT_TEXT * 3];

	fprintf(out, "%s%s", before, plain_text(text, SIZE_MAX, plain, sizeof(plain)));
}

/* Do two cells fail the same tests, with the same to follow? Then one line is of both. */
static bool same_failures(const struct record_audit *a, const struct record_audit *b)
{
	if (a->verdict != AUDIT_FAIL || b->verdict != AUDIT_FAIL || a->test_count != b->test_count)
		return false;
	for (uint32_t i = 0; i < a->test_count; i++) {
		const struct record_audit_test *x = &a->test[i], *y = &b->test[i];

		if (strcmp(x->id, y->id) != 0 ||
		    (x->verdict == AUDIT_FAIL) != (y->verdict == AUDIT_FAIL) ||
		    strcmp(x->consequence, y->consequence) != 0)
			return false;
	}
	return true;
}

static bool same_reason(const struct record_audit *a, const struct record_audit *b)
{
	return a->asked && b->asked && a->verdict == b->verdict && a->reason[0] &&
	       strcmp(a->reason, b->reason) == 0;
}

/* The cell's name with the number of later ones like it; false where an earlier one tells it. */
static bool print_cells(const struct record *r, uint32_t cell,
			bool (*same)(const struct record_audit *a, const struct record_audit *b),
			FILE *out)
{
	const struct record_audit *mine = &r->cell[cell].audit;
	uint32_t more = 0;

	for (uint32_t i = 0; i < r->cell_count; i++) {
		if (i == cell || !same(&r->cell[i].audit, mine))
			continue;
		if (i < cell)
			return false;
		more++;
	}
	fprintf(out, "audit of ");
	table_cell_name(&r->cell[cell].cell, out);
	if (more)
		fprintf(out, " and %" PRIu32 " more", more);
	return true;
}

/*
 * The tests that have this consequence, from the first of them on. The numbers that they found are
 * each cell's own, and in the document.
 */
static void print_failure(const struct record_audit *a, uint32_t first, FILE *out)
{
	const char *consequence = a->test[first].consequence;

	for (uint32_t i = 0; i < first; i++) {
		if (a->test[i].verdict == AUDIT_FAIL &&
		    strcmp(a->test[i].consequence, consequence) == 0)
			return;
	}
	for (uint32_t i = first; i < a->test_count; i++) {
		if (a->test[i].verdict == AUDIT_FAIL &&
		    strcmp(a->test[i].consequence, consequence) == 0)
			print_text(i == first ? "  " : ", ", a->test[i].id, out);
	}
	print_text(": ", consequence, out);
	fputc('\n', out);
}

static void print_failures(const struct record *r, uint32_t cell, FILE *out)
{
	const struct record_audit *a = &r->cell[cell].audit;

	if (!print_cells(r, cell, same_failures, out))
		return;
	fprintf(out, ": FAIL\n");
	for (uint32_t i = 0; i < a->test_count; i++) {
		if (a->test[i].verdict == AUDIT_FAIL)
			print_failure(a, i, out);
	}
}

void table_audit_print(const struct record *r, FILE *out)
{
	for (uint32_t i = 0; i < r->cell_count; i++) {
		const struct record_audit *a = &r->cell[i].audit;

		if (a->asked && a->verdict == AUDIT_FAIL)
			print_failures(r, i, out);
		if (!a->asked || a->reason[0] == '\0' || !print_cells(r, i, same_reason, out))
			continue;
		print_text(a->verdict == AUDIT_SKIP ? ": not made: " : ": ", a->reason, out);
		print_text(a->hint[0] ? "; " : "", a->hint, out);
		fputc('\n', out);
	}
}
