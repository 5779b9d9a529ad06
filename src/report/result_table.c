// SPDX-License-Identifier: GPL-2.0-or-later
/* result_table: the table for people. Every cell's text is made first, so columns fit content. */
#include "sevpinbench/result_table.h"

#include "sevpinbench/cell_view.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include "table_columns.h"
#include "table_meaning.h"
#include "table_notes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ANY_LENGTH   SIZE_MAX
#define COLUMN_SPACE 2

static void widen(size_t *width, const char *text)
{
	size_t here = plain_text_width(text);

	if (here > *width)
		*width = here;
}

/* Each column as wide as its widest text. */
static void measure(const struct cell_view *v, struct table_column *column, int count)
{
	char text[TABLE_COLUMN_TEXT];
	uint32_t i;
	int c;

	for (c = 0; c < count; c++) {
		widen(&column[c].width, column[c].head[0]);
		widen(&column[c].width, column[c].head[1]);
		for (i = 0; i < v->record->cell_count; i++) {
			column[c].text(v, i, column[c].argument, text);
			widen(&column[c].width, text);
		}
	}
}

/* Print one text of a row; spaces wait until something follows them, so no line ends in one. */
static void print_field(const struct table_column *c, const char *text, size_t *pending, FILE *out)
{
	size_t width = plain_text_width(text);
	size_t space = c->width > width ? c->width - width : 0;

	if (text[0] == '\0') {
		*pending += c->width + COLUMN_SPACE;
		return;
	}
	fprintf(out, "%*s%s", (int)(*pending + (c->right ? space : 0)), "", text);
	*pending = COLUMN_SPACE + (c->right ? 0 : space);
}

static void print_rows(const struct cell_view *v, FILE *out)
{
	struct table_column column[TABLE_COLUMNS];
	int count = table_columns_choose(v, column), c, line;
	char text[TABLE_COLUMN_TEXT];
	size_t pending;
	uint32_t i;

	measure(v, column, count);
	for (line = 0; line < 2; line++) {
		for (c = 0, pending = 0; c < count; c++)
			print_field(&column[c], column[c].head[line], &pending, out);
		fputc('\n', out);
	}
	for (i = 0; i < v->record->cell_count; i++) {
		for (c = 0, pending = 0; c < count; c++) {
			column[c].text(v, i, column[c].argument, text);
			print_field(&column[c], text, &pending, out);
		}
		fputc('\n', out);
	}
}

static void print_labels(const struct record_plan *p, FILE *out)
{
	char key[RECORD_LABEL_KEY * 3], value[RECORD_LABEL_VAL * 3];
	uint32_t i;

	for (i = 0; i < p->label_count && i < RECORD_LABELS; i++)
		fprintf(out, "%s%s=%s", i ? ", " : "labels: ",
			plain_text(p->label[i].key, ANY_LENGTH, key, sizeof(key)),
			plain_text(p->label[i].value, ANY_LENGTH, value, sizeof(value)));
	if (i > 0)
		fputc('\n', out);
}

static void print_head(const struct cell_view *v, FILE *out)
{
	const struct record *r = v->record;
	char name[HOST_TEXT * 3], cpu[HOST_TEXT * 3], kernel[HOST_TEXT * 3], date[32];
	char text[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];

	table_incomplete_print(r, out);
	plain_text(r->host.name, 40, name, sizeof(name));
	plain_text(r->host.cpu.name, 60, cpu, sizeof(cpu));
	plain_text(r->host.kernel_release, 60, kernel, sizeof(kernel));
	clock_format_utc(r->plan.start_wall_s, date, sizeof(date));
	fprintf(out, "%s: %s, Linux %s, %s\n", name[0] ? name : "unnamed host",
		cpu[0] ? cpu : "unknown CPU", kernel[0] ? kernel : "unknown", date);
	print_labels(&r->plan, out);
	cell_view_conditions(v, text, sizeof(text));
	fprintf(out,
		"%s%s%" PRIu32 " run%s a cell after %" PRIu32 " of warm-up, seed %" PRIu64 "\n\n",
		text, text[0] ? "; " : "", r->plan.runs, r->plan.runs == 1 ? "" : "s",
		r->plan.warmup, r->plan.seed);
}

int result_table_print(const struct record *r, FILE *out)
{
	struct cell_view v;
	int err = cell_view_open(&v, r);

	if (err)
		return err;
	print_head(&v, out);
	if (r->cell_count > 0)
		print_rows(&v, out);
	else
		fprintf(out, "no cell was measured\n");
	fputc('\n', out);
	table_notes_print(r, out);
	err = table_meaning_print(&v, out);
	cell_view_close(&v);
	return err;
}
