// SPDX-License-Identifier: GPL-2.0-or-later
/* result_table: the table for people. Every cell's text is made first, so columns fit content. */
#include "sevpinbench/result_table.h"

#include "cell_view.h"
#include "plain_text.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/units.h"
#include "table_meaning.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_TEXT  48
#define MAX_COLUMNS  (12 + CELL_TRAIT_COUNT)
#define ANY_LENGTH   SIZE_MAX
#define COLUMN_SPACE 2

struct column {
	const char *head[2]; /* two lines, so that a column is no wider than its numbers */
	bool right;
	void (*text)(const struct cell_view *v, uint32_t cell, int argument, char *buf);
	int argument;
	size_t width;
};

static void text_type(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, COLUMN_TEXT, "%s",
		 words_text(&words_guest_type, v->record->cell[cell].cell.guest_type));
}

static void text_pin(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, COLUMN_TEXT, "%s",
		 words_text(&words_pin_mode, v->record->cell[cell].cell.pin));
}

static void text_mechanism(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, COLUMN_TEXT, "%s",
		 words_text(&words_pin_mechanism, v->record->cell[cell].cell.mechanism));
}

static void text_size(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	units_format_size(v->record->cell[cell].cell.guest_bytes, buf, COLUMN_TEXT);
}

static void text_trait(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	cell_view_trait_text(v, cell, (enum cell_trait)argument, buf, COLUMN_TEXT);
}

static void text_n(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct cell_summary *s = &v->summary[cell];

	(void)argument;
	if (s->valid == s->taken)
		snprintf(buf, COLUMN_TEXT, "%" PRIu32, s->taken);
	else
		snprintf(buf, COLUMN_TEXT, "%" PRIu32 "/%" PRIu32, s->valid, s->taken);
}

static void text_median_ns(const struct stats_summary *s, char *buf)
{
	if (s->n == 0)
		snprintf(buf, COLUMN_TEXT, "-");
	else
		units_format_ns(cell_view_whole(s->median), buf, COLUMN_TEXT);
}

static void text_startup(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	text_median_ns(&v->summary[cell].startup_ns, buf);
}

/* "612 .. 640 ms", or "980 us .. 1.02 ms" where the units differ. */
static void text_interval(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct stats_summary *s = &v->summary[cell].startup_ns;
	char low[16], high[16];
	char *unit;

	(void)argument;
	if (!s->ci_low.known || !s->ci_high.known) {
		snprintf(buf, COLUMN_TEXT, "-");
		return;
	}
	units_format_ns(cell_view_whole(s->ci_low.value), low, sizeof(low));
	units_format_ns(cell_view_whole(s->ci_high.value), high, sizeof(high));
	unit = strchr(low, ' ');
	if (unit && strchr(high, ' ') && strcmp(unit, strchr(high, ' ')) == 0)
		*unit = '\0';
	snprintf(buf, COLUMN_TEXT, "%s .. %s", low, high);
}

static void text_phase(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	text_median_ns(&v->summary[cell].phase_ns[argument], buf);
}

static void text_working_set(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	text_median_ns(&v->summary[cell].working_set_ns, buf);
}

static void text_pinned(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	bool disproved;
	const struct stats_summary *s =
		cell_view_pinned(v, cell, (enum pin_boundary)argument, &disproved);
	uint64_t guest = units_pages(v->record->cell[cell].cell.guest_bytes);
	double percent = guest > 0 ? s->median / (double)guest * 100 : 0;
	const char *mark = disproved ? " (!)" : "";

	if (s->n == 0)
		snprintf(buf, COLUMN_TEXT, "-");
	else if (percent > 0 && percent < 0.05)
		snprintf(buf, COLUMN_TEXT, "%.0f  <0.1%%%s", s->median, mark);
	else
		snprintf(buf, COLUMN_TEXT, "%.0f %5.1f%%%s", s->median, percent, mark);
}

static const struct column before_traits[] = {
	{{"", "type"}, false, text_type, 0, 0},
	{{"", "pin"}, false, text_pin, 0, 0},
	{{"", "mechanism"}, false, text_mechanism, 0, 0},
	{{"", "size"}, true, text_size, 0, 0},
};

static const struct column behind_traits[] = {
	{{"", "n"}, true, text_n, 0, 0},
	{{"startup", "median"}, true, text_startup, 0, 0},
	{{"startup", "95% CI"}, true, text_interval, 0, 0},
	{{"pin", "phase"}, true, text_phase, PHASE_PIN, 0},
	{{"working", "set"}, true, text_working_set, 0, 0},
	{{"pages pinned at", "first instr."}, true, text_pinned, PIN_BOUNDARY_FIRST_INSTRUCTION, 0},
	{{"pages pinned", "after touch"}, true, text_pinned, PIN_BOUNDARY_AFTER_TOUCH, 0},
};

/* On all CPUs; where they were counted in no cell, the column is left out. */
static void text_flushes(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct stats_summary *s = &v->summary[cell].flushes;

	(void)argument;
	if (s->n == 0)
		snprintf(buf, COLUMN_TEXT, "-");
	else if (s->min < s->max)
		snprintf(buf, COLUMN_TEXT, "%.0f .. %.0f", s->min, s->max);
	else
		snprintf(buf, COLUMN_TEXT, "%.0f", s->median);
}

static bool counts_flushes(const struct cell_view *v)
{
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (v->summary[i].flushes.n > 0)
			return true;
	}
	return false;
}

static void widen(size_t *width, const char *text)
{
	size_t here = plain_text_width(text);

	if (here > *width)
		*width = here;
}

/* The columns this record needs, each as wide as its widest text. Returns their number. */
static int choose_columns(const struct cell_view *v, struct column *column)
{
	char text[COLUMN_TEXT];
	int count = 0, trait, c;
	uint32_t i;
	size_t k;

	for (k = 0; k < sizeof(before_traits) / sizeof(before_traits[0]); k++)
		column[count++] = before_traits[k];
	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (v->trait_differs[trait])
			column[count++] =
				(struct column){{"", cell_view_trait_head((enum cell_trait)trait)},
						trait != CELL_TRAIT_BACKING,
						text_trait,
						trait,
						0};
	}
	for (k = 0; k < sizeof(behind_traits) / sizeof(behind_traits[0]); k++)
		column[count++] = behind_traits[k];
	if (counts_flushes(v))
		column[count++] = (struct column){{"cache", "flushes"}, true, text_flushes, 0, 0};
	for (c = 0; c < count; c++) {
		widen(&column[c].width, column[c].head[0]);
		widen(&column[c].width, column[c].head[1]);
		for (i = 0; i < v->record->cell_count; i++) {
			column[c].text(v, i, column[c].argument, text);
			widen(&column[c].width, text);
		}
	}
	return count;
}

/* Print one text of a row; spaces wait until something follows them, so no line ends in one. */
static void print_field(const struct column *c, const char *text, size_t *pending, FILE *out)
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
	struct column column[MAX_COLUMNS];
	int count = choose_columns(v, column), c, line;
	char text[COLUMN_TEXT];
	size_t pending;
	uint32_t i;

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

static void print_incomplete(const struct record *r, FILE *out)
{
	uint64_t taken = 0;
	char why[256];
	uint32_t i;

	if (r->complete)
		return;
	for (i = 0; i < r->cell_count; i++)
		taken += r->cell[i].sample_count;
	plain_text(r->stopped_by, ANY_LENGTH, why, sizeof(why));
	fprintf(out, "INCOMPLETE%s%s: %" PRIu64 " of %" PRIu64 " planned samples were taken\n",
		!why[0]			      ? ""
		: strncmp(why, "SIG", 3) == 0 ? ", stopped by "
					      : ", ",
		why, taken, (uint64_t)r->cell_count * r->plan.runs);
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

	print_incomplete(r, out);
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

static void print_cell_name(const struct cell *c, FILE *out)
{
	char size[24];

	fprintf(out, "%s %s %s", words_text(&words_guest_type, c->guest_type),
		words_text(&words_pin_mode, c->pin),
		units_format_size(c->guest_bytes, size, sizeof(size)));
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
		print_cell_name(&r->cell[i].cell, out);
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
		print_cell_name(&r->refusal[i].cell, out);
		fprintf(out, ": %s%s%s\n", reason, hint[0] ? "; " : "", hint);
	}
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
	print_notes(r, out);
	print_refusals(r, out);
	err = table_meaning_print(&v, out);
	cell_view_close(&v);
	return err;
}
