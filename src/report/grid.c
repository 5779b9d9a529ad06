// SPDX-License-Identifier: GPL-2.0-or-later
/* grid: texts in columns. */
#include "grid.h"

#include "escape.h"
#include "sevpinbench/plain_text.h"
#include <stdlib.h>
#include <string.h>

#define MARKDOWN_TEXT (GRID_TEXT * 6)

char (*grid_row(struct grid *g))[GRID_TEXT]
{
	uint32_t room = g->room ? g->room * 2 : 64;
	void *grown;

	if (g->rows == g->room) {
		grown = reallocarray(g->text, room, sizeof(*g->text));
		if (!grown)
			return NULL;
		g->text = grown;
		g->room = room;
	}
	memset(g->text[g->rows], 0, sizeof(g->text[0]));
	return g->text[g->rows++];
}

static void print_line(const struct grid *g, const size_t *width, const char *const *text,
		       FILE *out)
{
	unsigned c, last = g->columns;
	size_t pad;

	while (last > 0 && text[last - 1][0] == '\0')
		last--;
	for (c = 0; c < last; c++) {
		pad = width[c] - plain_text_width(text[c]);
		if (c)
			fputs("  ", out);
		if (g->right[c])
			fprintf(out, "%*s%s", (int)pad, "", text[c]);
		else
			fprintf(out, "%s%*s", text[c], c + 1 < last ? (int)pad : 0, "");
	}
	fputc('\n', out);
}

void grid_print(const struct grid *g, FILE *out)
{
	size_t width[GRID_COLUMNS] = {0}, w;
	const char *text[GRID_COLUMNS];
	uint32_t r;
	unsigned c;

	for (c = 0; c < g->columns; c++) {
		width[c] = plain_text_width(g->head[c]);
		for (r = 0; r < g->rows; r++) {
			w = plain_text_width(g->text[r][c]);
			width[c] = w > width[c] ? w : width[c];
		}
	}
	print_line(g, width, g->head, out);
	for (r = 0; r < g->rows; r++) {
		for (c = 0; c < g->columns; c++)
			text[c] = g->text[r][c];
		print_line(g, width, text, out);
	}
}

void grid_print_markdown(const struct grid *g, FILE *out)
{
	char escaped[MARKDOWN_TEXT];
	uint32_t r;
	unsigned c;

	for (c = 0; c < g->columns; c++)
		fprintf(out, "| %s ", g->head[c]);
	fputs("|\n", out);
	for (c = 0; c < g->columns; c++)
		fputs(g->right[c] ? "|---:" : "|:---", out);
	fputs("|\n", out);
	for (r = 0; r < g->rows; r++) {
		for (c = 0; c < g->columns; c++)
			fprintf(out, "| %s ",
				escape_markdown(g->text[r][c], escaped, sizeof(escaped)));
		fputs("|\n", out);
	}
}

void grid_close(struct grid *g)
{
	free(g->text);
	g->text = NULL;
	g->rows = g->room = 0;
}
