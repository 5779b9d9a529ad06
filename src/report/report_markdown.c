// SPDX-License-Identifier: GPL-2.0-or-later
/* report_markdown: the report for a README, an issue or a mail. */
#include "report.h"

#include "sevpinbench/plain_text.h"
#include "table_columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Text that stands for itself, whatever it is made of: also HTML is Markdown. */
static void put_text(const char *text, FILE *out)
{
	char plain[REPORT_FACT * 2];
	const char *p;

	for (p = plain_text(text, SIZE_MAX, plain, sizeof(plain)); *p != '\0'; p++) {
		if (*p == '<' || *p == '>' || *p == '&') {
			html_put_text((char[]){*p, '\0'}, out);
			continue;
		}
		/* On a forge, "@name" would call a person. */
		if (*p == '@') {
			fputs("&#64;", out);
			continue;
		}
		if (strchr("\\`*_[]#|~$", *p))
			fputc('\\', out);
		fputc(*p, out);
	}
}

static void put_row_of_heads(const struct table_column *column, int count, FILE *out)
{
	int c;

	for (c = 0; c < count; c++)
		fprintf(out, "| %s%s%s ", column[c].head[0], column[c].head[0][0] ? " " : "",
			column[c].head[1]);
	fprintf(out, "|\n");
	for (c = 0; c < count; c++)
		fprintf(out, column[c].right ? "|---:" : "|---");
	fprintf(out, "|\n");
}

static void put_table(const struct cell_view *v, FILE *out)
{
	struct table_column column[TABLE_COLUMNS];
	int count = table_columns_choose(v, column), c;
	char text[TABLE_COLUMN_TEXT];
	uint32_t i;

	if (v->record->cell_count == 0) {
		fprintf(out, "No cell was measured.\n\n");
		return;
	}
	put_row_of_heads(column, count, out);
	for (i = 0; i < v->record->cell_count; i++) {
		for (c = 0; c < count; c++) {
			column[c].text(v, i, column[c].argument, text);
			fprintf(out, "| ");
			put_text(text, out);
			fputc(' ', out);
		}
		fprintf(out, "|\n");
	}
	fputc('\n', out);
}

static int put_findings(const struct cell_view *v, FILE *out)
{
	char *text = report_findings(v), *line, *rest = text;

	if (!text)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '\0')
			continue;
		fprintf(out, "- ");
		put_text(line, out);
		fputc('\n', out);
	}
	fputc('\n', out);
	free(text);
	return 0;
}

static void put_facts(const struct record *r, FILE *out)
{
	char text[REPORT_FACT];
	const char *name;
	unsigned i;

	for (i = 0; report_fact(r, i, &name, text, sizeof(text)); i++) {
		if (text[0] == '\0')
			continue;
		fprintf(out, "- %s: ", name);
		put_text(text, out);
		fputc('\n', out);
	}
}

static int put_record(const struct report_request *q, uint32_t i, FILE *out)
{
	char conditions[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];
	struct cell_view v;
	int err = cell_view_open(&v, q->record[i]);

	if (err)
		return err;
	fprintf(out, "\n## ");
	put_text(report_name(q, i), out);
	fprintf(out, "\n\n");
	if (q->record[i]->host.platform == PLATFORM_EMULATED)
		fprintf(out,
			"**EMULATED**: times are an interpreter's; ratios and counts hold.\n\n");
	cell_view_conditions(&v, conditions, sizeof(conditions));
	if (conditions[0]) {
		fprintf(out, "All cells: ");
		put_text(conditions, out);
		fprintf(out, ".\n\n");
	}
	put_table(&v, out);
	err = put_findings(&v, out);
	put_facts(q->record[i], out);
	cell_view_close(&v);
	return err;
}

int report_put_markdown(const struct report_request *q, FILE *out)
{
	uint32_t i;
	int err = 0;

	fprintf(out, "# Guest startup and pinned memory\n");
	for (i = 0; i < q->count && !err; i++)
		err = put_record(q, i, out);
	return err;
}
