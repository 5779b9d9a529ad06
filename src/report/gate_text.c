// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_text: a gate's verdict for people. */
#include "sevpinbench/gate_text.h"

#include "escape.h"
#include "gate_words.h"
#include "grid.h"
#include "sevpinbench/compare_text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool worth_telling(const struct gate_row *r)
{
	return r->verdict == GATE_FAIL || r->verdict == GATE_CANT_TELL || r->verdict == GATE_NOISY;
}

static struct grid new_grid(void)
{
	return (struct grid){
		.columns = 9,
		.head = {"verdict", "cell", "metric", "base", "new", "change", "bound", "seen from",
			 "runs"},
		.right = {false, false, false, true, true, true, true, true, true},
	};
}

static int add_row(const struct gate *g, const struct gate_row *r, uint32_t varying,
		   struct grid *grid)
{
	const struct compare_row *row = r->row;
	enum compare_unit unit = compare_metrics[row->metric].unit;
	bool worst = compare_metrics[row->metric].kind == COMPARE_BY_WORST;
	char(*text)[GRID_TEXT] = grid_row(grid);

	if (!text)
		return -ENOMEM;
	snprintf(text[0], GRID_TEXT, "%s", words_text(&words_gate_verdict, r->verdict));
	compare_cell_name(&g->compare->base->cell[row->base_cell].cell, varying, text[1],
			  GRID_TEXT);
	snprintf(text[2], GRID_TEXT, "%s", words_text(&words_compare_metric, row->metric));
	compare_value(unit, worst ? row->base.most : row->base.median, false, text[3], GRID_TEXT);
	compare_value(unit, worst ? row->new.most : row->new.median, false, text[4], GRID_TEXT);
	compare_percent(row, text[5], GRID_TEXT);
	compare_value(unit, r->bound, false, text[6], GRID_TEXT);
	if (r->detectable > 0)
		compare_value(unit, r->detectable, false, text[7], GRID_TEXT);
	else
		snprintf(text[7], GRID_TEXT, "%s", row->exact ? "any" : "-");
	if (r->runs > 0)
		snprintf(text[8], GRID_TEXT, "%" PRIu32, r->runs);
	return 0;
}

/* The rows worth telling, or all; those that failed first. */
static int fill(const struct gate *g, bool all, struct grid *grid)
{
	static const enum gate_verdict order[] = {GATE_FAIL, GATE_CANT_TELL, GATE_NOISY, GATE_PASS,
						  GATE_NOT_JUDGED};
	uint32_t varying = compare_varying(g->compare->base), i;
	size_t o;
	int err = 0;

	for (o = 0; o < (all ? 5 : 3); o++) {
		for (i = 0; i < g->compare->row_count && !err; i++) {
			if (g->row[i].verdict == order[o])
				err = add_row(g, &g->row[i], varying, grid);
		}
	}
	return err;
}

static void note_plain(void *arg, const char *text)
{
	fprintf(arg, "%s\n", text);
}

static void note_markdown(void *arg, const char *text)
{
	char escaped[COMPARE_NOTE * 6];

	fprintf(arg, "- %s\n", escape_markdown(text, escaped, sizeof(escaped)));
}

int gate_table_print(const struct gate *g, FILE *out)
{
	char text[GATE_SENTENCE], name[COMPARE_NAME];
	uint32_t varying = compare_varying(g->compare->base), i;
	struct grid grid = new_grid();
	int err = fill(g, false, &grid);

	if (!err && (grid.rows > 0 || g->reruns > 0)) {
		grid_print(&grid, out);
		fputc('\n', out);
		for (i = 0; i < g->compare->row_count; i++) {
			if (g->row[i].verdict != GATE_FAIL && g->row[i].again_count == 0)
				continue;
			fprintf(out, "%s: %s: %s\n",
				words_text(&words_gate_verdict, g->row[i].verdict),
				compare_cell_name(
					&g->compare->base->cell[g->row[i].row->base_cell].cell,
					varying, name, sizeof(name)),
				gate_row_sentence(g, &g->row[i], text, sizeof(text)));
		}
	}
	if (!err) {
		compare_notes(g->compare, note_plain, out);
		fprintf(out, "promise: %s\n", gate_promise(g, text, sizeof(text)));
		fprintf(out, "%s\n", gate_verdict_sentence(g, text, sizeof(text)));
	}
	grid_close(&grid);
	return err;
}

static void print_markdown_head(const struct gate *g, FILE *out)
{
	static const char *const mark[GATE_VERDICT_COUNT] = {[GATE_PASS] = "\xe2\x9c\x85",
							     [GATE_FAIL] = "\xe2\x9d\x8c",
							     [GATE_CANT_TELL] =
								     "\xe2\x9a\xa0\xef\xb8\x8f"};
	const struct compare_side *sides[] = {g->compare->base, g->compare->new};
	char text[GATE_SENTENCE], escaped[COMPARE_NOTE * 6];
	int i;

	fprintf(out, "### %s %s\n\n", mark[g->verdict],
		escape_markdown(gate_verdict_sentence(g, text, sizeof(text)), escaped,
				sizeof(escaped)));
	for (i = 0; i < 2; i++) {
		fprintf(out, "**%s**: ", i ? "new" : "baseline");
		compare_sources(sides[i], text, sizeof(text));
		fprintf(out, "%s, ", escape_markdown(text, escaped, sizeof(escaped)));
		compare_host(sides[i], text, sizeof(text));
		fprintf(out, "%s  \n", escape_markdown(text, escaped, sizeof(escaped)));
	}
	fputc('\n', out);
}

int gate_markdown_print(const struct gate *g, FILE *out)
{
	struct grid told = new_grid(), all = new_grid();
	char text[GATE_SENTENCE], escaped[COMPARE_NOTE * 6];
	int err = fill(g, false, &told);

	if (!err)
		err = fill(g, true, &all);
	if (!err) {
		print_markdown_head(g, out);
		if (told.rows > 0) {
			grid_print_markdown(&told, out);
			fputc('\n', out);
		}
		compare_notes(g->compare, note_markdown, out);
		fprintf(out, "- promise: %s\n\n",
			escape_markdown(gate_promise(g, text, sizeof(text)), escaped,
					sizeof(escaped)));
		fprintf(out, "<details><summary>all %" PRIu32 " figures</summary>\n\n", all.rows);
		grid_print_markdown(&all, out);
		fputs("\n</details>\n", out);
	}
	grid_close(&told);
	grid_close(&all);
	return err;
}

/* ---- GitHub Actions ---- */

static void annotate(FILE *out, const char *level, const char *title, const char *text)
{
	char a[COMPARE_NOTE * 3], b[COMPARE_NOTE * 3];

	fprintf(out, "::%s title=%s::%s\n", level, escape_github_property(title, a, sizeof(a)),
		escape_github_message(text, b, sizeof(b)));
}

static void note_github(void *arg, const char *text)
{
	annotate(arg, "notice", "sevpinbench", text);
}

int gate_github_print(const struct gate *g, FILE *out)
{
	static const char *const level[GATE_VERDICT_COUNT] = {
		[GATE_PASS] = "notice", [GATE_FAIL] = "error", [GATE_CANT_TELL] = "warning"};
	const char *emulated = compare_is_emulated(g->compare) ? "EMULATED: " : "";
	uint32_t varying = compare_varying(g->compare->base), i;
	char text[GATE_SENTENCE], name[COMPARE_NAME], title[COMPARE_NAME + 32];

	for (i = 0; i < g->compare->row_count; i++) {
		const struct gate_row *r = &g->row[i];

		if (!worth_telling(r) || r->verdict == GATE_NOISY)
			continue;
		compare_cell_name(&g->compare->base->cell[r->row->base_cell].cell, varying, name,
				  sizeof(name));
		snprintf(title, sizeof(title), "%s%s", emulated, name);
		annotate(out, level[r->verdict], title,
			 gate_row_sentence(g, r, text, sizeof(text)));
	}
	compare_notes(g->compare, note_github, out);
	annotate(out, level[g->verdict], "sevpinbench gate",
		 gate_verdict_sentence(g, text, sizeof(text)));
	return 0;
}
