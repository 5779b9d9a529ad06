// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet_table: a fleet for people. */
#include "sevpinbench/fleet_table.h"

#include "escape.h"
#include "grid.h"
#include "sevpinbench/compare_text.h"
#include "sevpinbench/fleet_text.h"
#include "sevpinbench/plain_text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NAME_CHARS 32 /* of a group, in a column */
#define NAMES_MOST 6

/* The figure that is compared: of what must not happen, the worst sample. */
static double figure_of(const struct fleet_row *r)
{
	return compare_metrics[r->with.metric].kind == COMPARE_BY_WORST ? r->with.new.most
									: r->with.new.median;
}

static const struct fleet_spread *spread_of(const struct fleet *f, const struct fleet_row *r)
{
	uint32_t i;

	for (i = 0; i < f->spread_count; i++) {
		const struct fleet_spread *s = &f->spread[i];

		if (s->cell == r->cell && s->metric == r->with.metric &&
		    s->alike == f->group[r->group].alike)
			return s;
	}
	return NULL;
}

static bool is_shown(const struct fleet *f, const struct fleet_row *r)
{
	const struct fleet_spread *s = spread_of(f, r);

	if (r->with.metric == COMPARE_STARTUP || r->with.metric == COMPARE_WORKING_SET)
		return true;
	/* A count that is not the same everywhere, and a time that is odd somewhere. */
	if (compare_metrics[r->with.metric].kind != COMPARE_BY_TEST)
		return s && s->least != s->most;
	return r->verdict == FLEET_OUTLIER;
}

static void interval_text(const struct fleet_row *r, char *buf)
{
	const struct compare_figure *own = &r->with.new;
	enum compare_unit unit = compare_metrics[r->with.metric].unit;
	char low[COMPARE_CELL], high[COMPARE_CELL];

	if (own->least == own->most)
		snprintf(buf, GRID_TEXT, "all alike");
	else if (own->ci_low.known && own->ci_high.known)
		snprintf(buf, GRID_TEXT, "%s .. %s",
			 compare_value(unit, own->ci_low.value, false, low, sizeof(low)),
			 compare_value(unit, own->ci_high.value, false, high, sizeof(high)));
	else
		snprintf(buf, GRID_TEXT, "-");
}

static void fill_row(const struct fleet *f, const struct fleet_row *r, char (*text)[GRID_TEXT])
{
	enum compare_unit unit = compare_metrics[r->with.metric].unit;

	fleet_class_name(f->group[r->group].alike, text[2]);
	plain_text(f->group[r->group].name, NAME_CHARS, text[3], GRID_TEXT);
	snprintf(text[4], GRID_TEXT, "%" PRIu32, r->with.new.n);
	compare_value(unit, figure_of(r), false, text[5], GRID_TEXT);
	interval_text(r, text[6]);
	compare_percent(&r->with, text[7], GRID_TEXT);
	compare_p(r->p, r->tested, text[8], GRID_TEXT);
	snprintf(text[9], GRID_TEXT, "%s", words_text(&words_fleet_verdict, r->verdict));
}

static int fill(const struct fleet *f, uint32_t varying, struct grid *g, uint32_t *hidden)
{
	uint32_t i, cell = UINT32_MAX;
	int metric = -1;

	for (i = 0; i < f->row_count; i++) {
		const struct fleet_row *r = &f->row[i];
		char(*text)[GRID_TEXT];

		if (!is_shown(f, r)) {
			(*hidden)++;
			continue;
		}
		text = grid_row(g);
		if (!text)
			return -ENOMEM;
		if (r->cell != cell)
			compare_cell_name(&f->cell[r->cell], varying, text[0], GRID_TEXT);
		if (r->cell != cell || (int)r->with.metric != metric)
			snprintf(text[1], GRID_TEXT, "%s",
				 words_text(&words_compare_metric, r->with.metric));
		cell = r->cell;
		metric = r->with.metric;
		fill_row(f, r, text);
	}
	return 0;
}

static struct grid new_grid(const struct fleet *f)
{
	return (struct grid){
		.columns = 10,
		.head = {"cell", "metric", "alike", words_text(&words_fleet_by, f->by), "n",
			 "median", "95% CI of the median", "from others", "p", "verdict"},
		.right = {false, false, false, false, true, true, true, true, true, false},
	};
}

static int fill_spreads(const struct fleet *f, uint32_t varying, struct grid *g)
{
	uint32_t i, cell = UINT32_MAX;

	for (i = 0; i < f->spread_count; i++) {
		const struct fleet_spread *s = &f->spread[i];
		enum compare_unit unit = compare_metrics[s->metric].unit;
		char(*text)[GRID_TEXT];

		if (s->metric != COMPARE_STARTUP && s->metric != COMPARE_WORKING_SET)
			continue;
		text = grid_row(g);
		if (!text)
			return -ENOMEM;
		if (s->cell != cell)
			compare_cell_name(&f->cell[s->cell], varying, text[0], GRID_TEXT);
		cell = s->cell;
		snprintf(text[1], GRID_TEXT, "%s", words_text(&words_compare_metric, s->metric));
		fleet_class_name(s->alike, text[2]);
		snprintf(text[3], GRID_TEXT, "%" PRIu32, s->groups);
		compare_value(unit, s->least, false, text[4], GRID_TEXT);
		compare_value(unit, s->middle, false, text[5], GRID_TEXT);
		compare_value(unit, s->most, false, text[6], GRID_TEXT);
		if (s->middle > 0)
			snprintf(text[7], GRID_TEXT, "%.1f%%",
				 (s->most - s->least) / s->middle * 100);
	}
	return 0;
}

static struct grid new_spread_grid(const struct fleet *f)
{
	static const char *const plural[FLEET_BY_COUNT] = {"hosts", "kernels", "cpus",
							   "microcodes"};

	return (struct grid){
		.columns = 8,
		.head = {"spread of medians", "metric", "alike", plural[f->by], "least", "middle",
			 "most", "spread"},
		.right = {false, false, false, true, true, true, true, true},
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

static void print_classes(const struct fleet *f, bool markdown, FILE *out)
{
	char name[FLEET_CLASS], text[COMPARE_NOTE * 2], escaped[COMPARE_NOTE * 12];
	uint32_t alike;

	for (alike = 0; alike < f->class_count; alike++) {
		fleet_class_text(f, alike, text, sizeof(text));
		if (markdown)
			fprintf(out, "**%s**: %s  \n", fleet_class_name(alike, name),
				escape_markdown(text, escaped, sizeof(escaped)));
		else
			fprintf(out, "%s: %s\n", fleet_class_name(alike, name), text);
	}
	fputc('\n', out);
}

/* "outliers: 5 figures of 1 host: a4" */
static void outliers_text(const struct fleet *f, char *buf, size_t size)
{
	char name[NAME_CHARS * 4 + 8];
	uint32_t figures = 0, groups = 0, i, k;
	size_t used;

	for (i = 0; i < f->row_count; i++)
		figures += f->row[i].verdict == FLEET_OUTLIER;
	used = (size_t)snprintf(buf, size, "outliers: %s", figures ? "" : "none");
	for (i = 0; i < f->group_count && figures; i++) {
		for (k = 0; k < f->row_count; k++) {
			if (f->row[k].group == i && f->row[k].verdict == FLEET_OUTLIER)
				break;
		}
		if (k == f->row_count)
			continue;
		if (groups++ < NAMES_MOST && used < size)
			used += (size_t)snprintf(
				buf + used, size - used, "%s%s", groups > 1 ? ", " : "",
				plain_text(f->group[i].name, NAME_CHARS, name, sizeof(name)));
	}
	if (figures && used < size)
		snprintf(buf + used, size - used, "%s (%" PRIu32 " figures of %" PRIu32 " %s%s)",
			 groups > NAMES_MOST ? ", .." : "", figures, groups,
			 words_text(&words_fleet_by, f->by), groups > 1 ? "s" : "");
}

static void print_legend(const struct fleet *f, uint32_t hidden,
			 void (*note)(void *arg, const char *text), FILE *out)
{
	char text[COMPARE_NOTE * 2];

	outliers_text(f, text, sizeof(text));
	note(out, text);
	note(out, "an outlier is farther from the middle of those that are alike than is usual "
		  "among them, and not by chance");
	snprintf(text, sizeof(text),
		 "p: against all others that are alike, Mann-Whitney, two-sided, adjusted (Holm) "
		 "for %" PRIu32 " tests; family-wise error %g",
		 f->tested, f->alpha);
	note(out, text);
	if (hidden == 0)
		return;
	snprintf(text, sizeof(text),
		 "not shown: %" PRIu32
		 " figures without an outlier; --format csv and json have all",
		 hidden);
	note(out, text);
}

static int print(const struct fleet *f, bool markdown, FILE *out)
{
	void (*note)(void *arg, const char *text) = markdown ? note_markdown : note_plain;
	void (*print_grid)(const struct grid *g, FILE *to) =
		markdown ? grid_print_markdown : grid_print;
	struct grid g = new_grid(f), spreads = new_spread_grid(f);
	uint32_t varying = 0, hidden = 0;
	int err = fleet_varying(f, &varying);

	if (!err)
		err = fill(f, varying, &g, &hidden);
	if (!err)
		err = fill_spreads(f, varying, &spreads);
	if (!err) {
		print_classes(f, markdown, out);
		print_grid(&g, out);
		fputc('\n', out);
		if (spreads.rows > 0) {
			print_grid(&spreads, out);
			fputc('\n', out);
		}
		print_legend(f, hidden, note, out);
		fleet_notes(f, varying, note, out);
	}
	grid_close(&spreads);
	grid_close(&g);
	return err;
}

int fleet_table_print(const struct fleet *f, FILE *out)
{
	return print(f, false, out);
}

int fleet_markdown_print(const struct fleet *f, FILE *out)
{
	return print(f, true, out);
}

/* ---- for spreadsheets ---- */

static void csv_figure(bool known, double value, FILE *out)
{
	if (known)
		fprintf(out, ",%.15g", value);
	else
		fputc(',', out);
}

static void csv_row(const struct fleet *f, const struct fleet_row *r, uint32_t varying, FILE *out)
{
	const struct fleet_group *g = &f->group[r->group];
	const struct compare_figure *own = &r->with.new;
	char name[COMPARE_NAME], field[FLEET_NAME * 2], alike[FLEET_CLASS];

	compare_cell_name(&f->cell[r->cell], varying, name, sizeof(name));
	fprintf(out, "%s,%s,%s,%s", escape_csv(name, field, sizeof(field)),
		words_text(&words_compare_metric, r->with.metric),
		words_text(&words_compare_unit, compare_metrics[r->with.metric].unit),
		fleet_class_name(g->alike, alike));
	fprintf(out, ",%s,%" PRIu32 ",%.15g", escape_csv(g->name, field, sizeof(field)), own->n,
		figure_of(r));
	csv_figure(own->ci_low.known, own->ci_low.value, out);
	csv_figure(own->ci_high.known, own->ci_high.value, out);
	fprintf(out, ",%" PRIu32, r->others);
	csv_figure(r->others > 0, r->with.base.median, out);
	csv_figure(r->others > 0, r->with.shift.estimate, out);
	csv_figure(r->with.relative.known, r->with.relative.value, out);
	if (r->tested)
		fprintf(out, ",%.6g", r->p);
	else
		fputc(',', out);
	fprintf(out, ",%s,%s\r\n", words_text(&words_fleet_verdict, r->verdict),
		compare_platform(&g->side));
}

int fleet_csv_print(const struct fleet *f, FILE *out)
{
	uint32_t varying, i;
	int err = fleet_varying(f, &varying);

	if (err)
		return err;
	fprintf(out,
		"cell,metric,unit,alike,%s,n,median,ci_low,ci_high,others,others_median,shift,"
		"relative,p,verdict,platform\r\n",
		words_text(&words_fleet_by, f->by));
	for (i = 0; i < f->row_count; i++)
		csv_row(f, &f->row[i], varying, out);
	return 0;
}
