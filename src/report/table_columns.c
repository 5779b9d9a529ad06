// SPDX-License-Identifier: GPL-2.0-or-later
/* table_columns: what the tables of cells have in their columns. */
#include "table_columns.h"

#include "sevpinbench/units.h"
#include "table_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void text_type(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, TABLE_COLUMN_TEXT, "%s",
		 words_text(&words_guest_type, v->record->cell[cell].cell.guest_type));
}

static void text_pin(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, TABLE_COLUMN_TEXT, "%s",
		 words_text(&words_pin_mode, v->record->cell[cell].cell.pin));
}

static void text_mechanism(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	snprintf(buf, TABLE_COLUMN_TEXT, "%s",
		 words_text(&words_pin_mechanism, v->record->cell[cell].cell.mechanism));
}

static void text_size(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	(void)argument;
	units_format_size(v->record->cell[cell].cell.guest_bytes, buf, TABLE_COLUMN_TEXT);
}

static void text_trait(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	cell_view_trait_text(v, cell, (enum cell_trait)argument, buf, TABLE_COLUMN_TEXT);
}

static void text_n(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct cell_summary *s = &v->summary[cell];

	const uint32_t guests = cell_guests(&v->record->cell[cell].cell);
	int used;

	(void)argument;
	if (s->whole_rounds == s->rounds)
		used = snprintf(buf, TABLE_COLUMN_TEXT, "%" PRIu32, s->rounds);
	else
		used = snprintf(buf, TABLE_COLUMN_TEXT, "%" PRIu32 "/%" PRIu32, s->whole_rounds,
				s->rounds);
	if (guests > 1)
		snprintf(buf + used, TABLE_COLUMN_TEXT - (size_t)used, " x %" PRIu32, guests);
}

static void text_median_ns(const struct stats_summary *s, char *buf)
{
	if (s->n == 0)
		snprintf(buf, TABLE_COLUMN_TEXT, "-");
	else
		units_format_ns(cell_view_whole(s->median), buf, TABLE_COLUMN_TEXT);
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
		snprintf(buf, TABLE_COLUMN_TEXT, "-");
		return;
	}
	units_format_ns(cell_view_whole(s->ci_low.value), low, sizeof(low));
	units_format_ns(cell_view_whole(s->ci_high.value), high, sizeof(high));
	unit = strchr(low, ' ');
	if (unit && strchr(high, ' ') && strcmp(unit, strchr(high, ' ')) == 0)
		*unit = '\0';
	snprintf(buf, TABLE_COLUMN_TEXT, "%s .. %s", low, high);
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
		snprintf(buf, TABLE_COLUMN_TEXT, "-");
	else if (percent > 0 && percent < 0.05)
		snprintf(buf, TABLE_COLUMN_TEXT, "%.0f  <0.1%%%s", s->median, mark);
	else
		snprintf(buf, TABLE_COLUMN_TEXT, "%.0f %5.1f%%%s", s->median, percent, mark);
}

/* What a column is sorted by where its text is no number of one unit. */
static double key_size(const struct cell_view *v, uint32_t cell, int argument)
{
	(void)argument;
	return (double)v->record->cell[cell].cell.guest_bytes;
}

static double median_or_none(const struct stats_summary *s)
{
	return s->n > 0 ? s->median : -1;
}

static double key_n(const struct cell_view *v, uint32_t cell, int argument)
{
	(void)argument;
	return v->summary[cell].whole_rounds;
}

static double key_startup(const struct cell_view *v, uint32_t cell, int argument)
{
	(void)argument;
	return median_or_none(&v->summary[cell].startup_ns);
}

static double key_interval(const struct cell_view *v, uint32_t cell, int argument)
{
	const struct stats_summary *s = &v->summary[cell].startup_ns;

	(void)argument;
	return s->ci_low.known ? s->ci_low.value : -1;
}

static double key_phase(const struct cell_view *v, uint32_t cell, int argument)
{
	return median_or_none(&v->summary[cell].phase_ns[argument]);
}

static double key_working_set(const struct cell_view *v, uint32_t cell, int argument)
{
	(void)argument;
	return median_or_none(&v->summary[cell].working_set_ns);
}

static double key_pinned(const struct cell_view *v, uint32_t cell, int argument)
{
	bool disproved;

	return median_or_none(cell_view_pinned(v, cell, (enum pin_boundary)argument, &disproved));
}

static double key_flushes(const struct cell_view *v, uint32_t cell, int argument)
{
	(void)argument;
	return median_or_none(&v->summary[cell].flushes);
}

static const struct table_column before_traits[] = {
	{{"", "type"}, false, text_type, NULL, 0, 0},
	{{"", "pin"}, false, text_pin, NULL, 0, 0},
	{{"", "mechanism"}, false, text_mechanism, NULL, 0, 0},
	{{"", "size"}, true, text_size, key_size, 0, 0},
};

static const struct table_column behind_traits[] = {
	{{"", "n"}, true, text_n, key_n, 0, 0},
	{{"startup", "median"}, true, text_startup, key_startup, 0, 0},
	{{"startup", "95% CI"}, true, text_interval, key_interval, 0, 0},
	{{"pin", "phase"}, true, text_phase, key_phase, PHASE_PIN, 0},
	{{"working", "set"}, true, text_working_set, key_working_set, 0, 0},
	{{"pages pinned at", "first instr."},
	 true,
	 text_pinned,
	 key_pinned,
	 PIN_BOUNDARY_FIRST_INSTRUCTION,
	 0},
	{{"pages pinned", "after touch"},
	 true,
	 text_pinned,
	 key_pinned,
	 PIN_BOUNDARY_AFTER_TOUCH,
	 0},
};

/* On all CPUs; where they were counted in no cell, the column is left out. */
static void text_flushes(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct stats_summary *s = &v->summary[cell].flushes;

	(void)argument;
	if (s->n == 0)
		snprintf(buf, TABLE_COLUMN_TEXT, "-");
	else if (s->min < s->max)
		snprintf(buf, TABLE_COLUMN_TEXT, "%.0f .. %.0f", s->min, s->max);
	else
		snprintf(buf, TABLE_COLUMN_TEXT, "%.0f", s->median);
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

/* The verdict, with the number of tests that failed. */
static void text_audit(const struct cell_view *v, uint32_t cell, int argument, char *buf)
{
	const struct record_audit *a = &v->record->cell[cell].audit;
	const char *verdict = words_text(&words_audit_verdict, a->verdict);
	uint32_t i, failed = 0;

	(void)argument;
	for (i = 0; i < a->test_count; i++)
		failed += a->test[i].verdict == AUDIT_FAIL;
	if (!a->asked)
		snprintf(buf, TABLE_COLUMN_TEXT, "-");
	else if (failed)
		snprintf(buf, TABLE_COLUMN_TEXT, "%s %" PRIu32, verdict, failed);
	else
		snprintf(buf, TABLE_COLUMN_TEXT, "%s", verdict);
}

int table_columns_choose(const struct cell_view *v, struct table_column *column)
{
	int count = 0, trait;
	size_t k;

	for (k = 0; k < sizeof(before_traits) / sizeof(before_traits[0]); k++)
		column[count++] = before_traits[k];
	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (v->trait_differs[trait])
			column[count++] = (struct table_column){
				{"", cell_view_trait_head((enum cell_trait)trait)},
				trait != CELL_TRAIT_BACKING,
				text_trait,
				NULL,
				trait,
				0};
	}
	for (k = 0; k < sizeof(behind_traits) / sizeof(behind_traits[0]); k++)
		column[count++] = behind_traits[k];
	if (counts_flushes(v))
		column[count++] = (struct table_column){{"cache", "flushes"}, true, text_flushes,
							key_flushes,	      0,    0};
	if (table_audit_wanted(v->record))
		column[count++] =
			(struct table_column){{"", "audit"}, false, text_audit, NULL, 0, 0};
	return count;
}
