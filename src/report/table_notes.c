// SPDX-License-Identifier: GPL-2.0-or-later
/* table_notes: what is to be known of single cells, and of those that were refused. */
#include "table_notes.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include "table_audit.h"

#include <inttypes.h>
#include <string.h>

#define ANY_LENGTH SIZE_MAX

void table_incomplete_print(const struct record *r, FILE *out)
{
	uint64_t taken = 0, planned = 0;
	char why[256];
	uint32_t i;

	if (r->complete)
		return;
	for (i = 0; i < r->cell_count; i++) {
		taken += r->cell[i].sample_count;
		planned += (uint64_t)r->plan.runs * cell_guests(&r->cell[i].cell);
	}
	plain_text(r->stopped_by, ANY_LENGTH, why, sizeof(why));
	fprintf(out, "INCOMPLETE%s%s: %" PRIu64 " of %" PRIu64 " planned samples were taken\n",
		!why[0]			      ? ""
		: strncmp(why, "SIG", 3) == 0 ? ", stopped by "
					      : ", ",
		why, taken, planned);
}

/* What the reader of a cell's numbers must know, each note once, with the first cell it is of. */
static void print_notes(const struct record *r, FILE *out)
{
	char note[CELL_NOTE_LEN * 3];
	uint32_t i, k, same;

	for (i = 0; i < r->cell_count; i++) {
		if (r->cell[i].cell.note[0] == '\0')
			continue;
		for (k = 0; k < i && strcmp(r->cell[k].cell.note, r->cell[i].cell.note) != 0; k++)
			;
		if (k < i)
			continue;
		for (same = 0; k < r->cell_count; k++)
			same += strcmp(r->cell[k].cell.note, r->cell[i].cell.note) == 0;
		fprintf(out, "note on ");
		table_cell_name(&r->cell[i].cell, out);
		if (same > 1)
			fprintf(out, " and %" PRIu32 " more", same - 1);
		fprintf(out, ": %s\n",
			plain_text(r->cell[i].cell.note, ANY_LENGTH, note, sizeof(note)));
	}
}

static void print_refusals(const struct record *r, FILE *out)
{
	char reason[512 * 3], hint[512 * 3];
	uint32_t i;

	for (i = 0; i < r->refusal_count; i++) {
		plain_text(r->refusal[i].reason, ANY_LENGTH, reason, sizeof(reason));
		plain_text(r->refusal[i].hint, ANY_LENGTH, hint, sizeof(hint));
		fprintf(out, "refused ");
		table_guest_name(&r->refusal[i].cell, out);
		fprintf(out, ": %s%s%s\n", reason, hint[0] ? "; " : "", hint);
	}
}

void table_notes_print(const struct record *r, FILE *out)
{
	print_notes(r, out);
	print_refusals(r, out);
	table_audit_print(r, out);
}
