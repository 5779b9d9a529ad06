// SPDX-License-Identifier: GPL-2.0-or-later
/* compare_table: a comparison for people. */
#include "sevpinbench/compare_table.h"

#include "escape.h"
#include "grid.h"
#include "sevpinbench/compare_text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool is_tested(const struct compare_row *r)
{
	return !r->exact && r->base.n > 0 && r->new.n > 0;
}

static void median_text(const struct compare_row *r, const struct compare_figure *f, char *buf)
{
	/* Of what must not happen, the worst sample is what is compared. */
	double value = compare_metrics[r->metric].kind == COMPARE_BY_WORST ? f->most : f->median;

	if (f->n == 0)
		snprintf(buf, GRID_TEXT, "-");
	else
		compare_value(compare_metrics[r->metric].unit, value, false, buf, GRID_TEXT);
}

static void n_text(const struct compare_row *r, char *buf)
{
	if (r->base.n == r->new.n)
		snprintf(buf, GRID_TEXT, "%" PRIu32, r->base.n);
	else
		snprintf(buf, GRID_TEXT, "%" PRIu32 "/%" PRIu32, r->base.n, r->new.n);
}

static int fill(const struct compare *c, struct grid *g)
{
	uint32_t varying = compare_varying(c->base), i, cell = UINT32_MAX;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->row[i];
		char(*text)[GRID_TEXT] = grid_row(g);

		if (!text)
			return -ENOMEM;
		if (r->base_cell != cell)
			compare_cell_name(&c->base->cell[r->base_cell].cell, varying, text[0],
					  GRID_TEXT);
		cell = r->base_cell;
		snprintf(text[1], GRID_TEXT, "%s", words_text(&words_compare_metric, r->metric));
		n_text(r, text[2]);
		median_text(r, &r->base, text[3]);
		median_text(r, &r->new, text[4]);
		compare_percent(r, text[5], GRID_TEXT);
		compare_interval(r, text[6], GRID_TEXT);
		compare_p(r->p, is_tested(r), text[7], GRID_TEXT);
		snprintf(text[8], GRID_TEXT, "%s", words_text(&words_compare_verdict, r->verdict));
	}
	return 0;
}

static struct grid new_grid(void)
{
	return (struct grid){
		.columns = 9,
		.head = {"cell", "metric", "n", "base", "new", "change", "95% CI of the change",
			 "p", "verdict"},
		.right = {false, false, true, true, true, true, true, true, false},
	};
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

static void print_sides(const struct compare *c, bool markdown, FILE *out)
{
	const struct compare_side *sides[] = {c->base, c->new};
	const char *names[] = {"base", "new"};
	char text[2][COMPARE_NOTE], escaped[2][COMPARE_NOTE * 6];
	int i;

	for (i = 0; i < 2; i++) {
		compare_sources(sides[i], text[0], sizeof(text[0]));
		compare_host(sides[i], text[1], sizeof(text[1]));
		if (markdown)
			fprintf(out, "**%s**: %s: %s  \n", names[i],
				escape_markdown(text[0], escaped[0], sizeof(escaped[0])),
				escape_markdown(text[1], escaped[1], sizeof(escaped[1])));
		else
			fprintf(out, "%s: %s: %s\n", names[i], text[0], text[1]);
	}
	fputc('\n', out);
}

static void print_tally(const struct compare *c, FILE *out)
{
	uint32_t count[COMPARE_VERDICT_COUNT] = {0}, i;

	for (i = 0; i < c->row_count; i++)
		count[c->row[i].verdict]++;
	fprintf(out,
		"\n%" PRIu32 " better, %" PRIu32 " worse, %" PRIu32
		" without a shown difference (~), "
		"%" PRIu32 " too few to tell\n"
		"p: Mann-Whitney, two-sided, adjusted (Holm) for %" PRIu32
		" tests; family-wise error %g\n",
		count[COMPARE_BETTER], count[COMPARE_WORSE], count[COMPARE_SAME],
		count[COMPARE_TOO_FEW], c->tested, c->alpha);
}

int compare_table_print(const struct compare *c, FILE *out)
{
	struct grid g = new_grid();
	int err = fill(c, &g);

	if (!err) {
		print_sides(c, false, out);
		grid_print(&g, out);
		print_tally(c, out);
		compare_notes(c, note_plain, out);
	}
	grid_close(&g);
	return err;
}

int compare_markdown_print(const struct compare *c, FILE *out)
{
	struct grid g = new_grid();
	int err = fill(c, &g);

	if (!err) {
		print_sides(c, true, out);
		grid_print_markdown(&g, out);
		print_tally(c, out);
		fputc('\n', out);
		compare_notes(c, note_markdown, out);
	}
	grid_close(&g);
	return err;
}

/* ---- for spreadsheets ---- */

static void csv_figure(const struct stats_figure *f, FILE *out)
{
	if (f->known)
		fprintf(out, ",%.15g", f->value);
	else
		fputc(',', out);
}

static void csv_side(const struct compare_figure *f, FILE *out)
{
	fprintf(out, ",%" PRIu32, f->n);
	if (f->n > 0)
		fprintf(out, ",%.15g", f->median);
	else
		fputc(',', out);
	csv_figure(&f->ci_low, out);
	csv_figure(&f->ci_high, out);
}

static void csv_row(const struct compare *c, const struct compare_row *r, uint32_t varying,
		    FILE *out)
{
	const struct compare_side *sides[] = {c->base, c->new};
	char name[COMPARE_NAME], field[COMPARE_NAME * 2];
	int i;

	compare_cell_name(&c->base->cell[r->base_cell].cell, varying, name, sizeof(name));
	fprintf(out, "%s,%s,%s", escape_csv(name, field, sizeof(field)),
		words_text(&words_compare_metric, r->metric),
		words_text(&words_compare_unit, compare_metrics[r->metric].unit));
	csv_side(&r->base, out);
	csv_side(&r->new, out);
	fprintf(out, ",%.15g", r->shift.estimate);
	csv_figure(&r->shift.low, out);
	csv_figure(&r->shift.high, out);
	csv_figure(&r->relative, out);
	if (is_tested(r))
		fprintf(out, ",%.6g", r->p);
	else
		fputc(',', out);
	fprintf(out, ",%s", words_text(&words_compare_verdict, r->verdict));
	for (i = 0; i < 2; i++)
		fprintf(out, ",%s", compare_platform(sides[i]));
	fputs("\r\n", out);
}

int compare_csv_print(const struct compare *c, FILE *out)
{
	uint32_t varying = compare_varying(c->base), i;

	fputs("cell,metric,unit,base_n,base_median,base_ci_low,base_ci_high,new_n,new_median,"
	      "new_ci_low,new_ci_high,shift,shift_low,shift_high,relative,p,verdict,"
	      "base_platform,new_platform\r\n",
	      out);
	for (i = 0; i < c->row_count; i++)
		csv_row(c, &c->row[i], varying, out);
	return 0;
}
