// SPDX-License-Identifier: GPL-2.0-or-later
/* table_meaning: the lines under the table that say what its numbers mean, each computed. */
#include "table_meaning.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include "table_rounds.h"
#include "table_touch.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct cell *cell_of(const struct cell_view *v, uint32_t i)
{
	return &v->record->cell[i].cell;
}

/* "eager (io-uring" with the traits that not all cells share; the caller closes the bracket. */
static void print_group(const struct cell_view *v, uint32_t group, FILE *out)
{
	const struct cell *c = cell_of(v, v->first[group]);
	char text[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];

	if (v->type_differs)
		fprintf(out, "%s ", words_text(&words_guest_type, c->guest_type));
	fprintf(out, "%s (%s%s", words_text(&words_pin_mode, c->pin), cell_view_mechanism(c),
		cell_view_differences(v, v->first[group], text, sizeof(text)));
}

/* The group's cell medians in seconds by GiB; returns their number. */
static size_t group_points(const struct cell_view *v, uint32_t group, struct stats_point *point)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		const struct stats_summary *s = &v->summary[i].startup_ns;
		bool known = s->ci_low.known && s->ci_high.known;

		if (v->group[i] != group || s->n == 0)
			continue;
		point[n++] = (struct stats_point){
			.x = units_bytes_to_gib(cell_of(v, i)->guest_bytes),
			.y = units_ns_to_s(cell_view_whole(s->median)),
			.low = units_ns_to_s(known ? cell_view_whole(s->ci_low.value) : 0),
			.high = units_ns_to_s(known ? cell_view_whole(s->ci_high.value) : 0)};
	}
	return n;
}

/* "0.613": small ones to a hundredth of a millisecond. */
static void print_s_per_gib(double slope, FILE *out)
{
	fprintf(out, "%.*f", fabs(slope) < 0.01 ? 5 : 3, slope);
}

static void print_slope(const struct cell_view *v, uint32_t group, const struct stats_trend *t,
			FILE *out)
{
	fprintf(out, "startup %s by ", t->line.slope < 0 ? "falls" : "grows");
	if (fabs(t->line.slope) < 0.00001)
		fprintf(out, "less than 0.00001");
	else
		print_s_per_gib(fabs(t->line.slope), out);
	fprintf(out, " s/GiB with ");
	print_group(v, group, out);
	fprintf(out, "; R2 %.3f%s, %zu sizes)", t->line.r2, t->clear ? "" : ": no clear trend",
		t->line.n);
	if (t->clear && !t->even) {
		fprintf(out, ": not evenly, by ");
		print_s_per_gib(t->least, out);
		fprintf(out, " to ");
		print_s_per_gib(t->most, out);
		fprintf(out, " from size to size");
	}
	fprintf(out, "\n");
}

static int print_slopes(const struct cell_view *v, FILE *out)
{
	struct stats_point *point = calloc((size_t)v->record->cell_count + 1, sizeof(*point));
	struct stats_trend trend;
	int err = point ? 0 : -ENOMEM;
	uint32_t g;

	for (g = 0; g < v->group_count && !err; g++) {
		err = stats_find_trend(point, group_points(v, g, point), &trend);
		if (!err)
			print_slope(v, g, &trend, out);
		err = err == -EINVAL ? 0 : err;
	}
	free(point);
	return err;
}

/* The cell of the group with that size and a startup time; false where there is none. */
static bool find_size(const struct cell_view *v, uint32_t group, uint64_t bytes, uint32_t *cell)
{
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (v->group[i] == group && cell_of(v, i)->guest_bytes == bytes &&
		    v->summary[i].startup_ns.n > 0) {
			*cell = i;
			return true;
		}
	}
	return false;
}

static void print_ratio(const struct cell_view *v, uint32_t eager, uint32_t demand, FILE *out)
{
	const struct cell_summary *e = &v->summary[eager], *d = &v->summary[demand];
	double ratio = e->startup_ns.median / d->startup_ns.median;
	char size[24], of_eager[16], of_demand[16];

	fprintf(out, "at %s startup takes %.*f times as long with ",
		units_format_size(cell_of(v, eager)->guest_bytes, size, sizeof(size)),
		ratio < 10 ? 2 : 0, ratio);
	print_group(v, v->group[eager], out);
	fprintf(out, ") as with ");
	print_group(v, v->group[demand], out);
	fprintf(out, "): %s against %s",
		units_format_ns(cell_view_whole(e->startup_ns.median), of_eager, sizeof(of_eager)),
		units_format_ns(cell_view_whole(d->startup_ns.median), of_demand,
				sizeof(of_demand)));
	ratio = e->working_set_ns.median / d->working_set_ns.median;
	if (e->working_set_ns.n > 0 && d->working_set_ns.n > 0 && d->working_set_ns.median > 0)
		fprintf(out, "; with the working set touched, %.*f times", ratio < 10 ? 2 : 0,
			ratio);
	fprintf(out, "\n");
}

/* Compare an eager group with a demand group at the largest size that both have. */
static void compare_groups(const struct cell_view *v, uint32_t eager, uint32_t demand, FILE *out)
{
	uint32_t i, other, best = 0, best_other = 0;
	uint64_t bytes = 0;

	for (i = 0; i < v->record->cell_count; i++) {
		if (v->group[i] != eager || v->summary[i].startup_ns.n == 0 ||
		    cell_of(v, i)->guest_bytes <= bytes ||
		    !find_size(v, demand, cell_of(v, i)->guest_bytes, &other) ||
		    v->summary[other].startup_ns.median <= 0)
			continue;
		bytes = cell_of(v, i)->guest_bytes;
		best = i;
		best_other = other;
	}
	if (bytes > 0)
		print_ratio(v, best, best_other, out);
}

static void print_ratios(const struct cell_view *v, FILE *out)
{
	uint32_t e, d;

	for (e = 0; e < v->group_count; e++) {
		for (d = 0; d < v->group_count; d++) {
			if (cell_of(v, v->first[e])->pin == PIN_MODE_EAGER &&
			    cell_of(v, v->first[d])->pin == PIN_MODE_DEMAND &&
			    cell_view_comparable(v, v->first[e], v->first[d]))
				compare_groups(v, e, d, out);
		}
	}
}

/* How often something was counted in one phase of a pin mode's samples, at least and at most. */
struct spread {
	uint64_t samples;
	int64_t least, most;
	double most_a_page; /* of the guest */
};

static void spread_add(struct spread *s, int64_t count, const struct cell *c)
{
	double a_page = c->guest_bytes ? (double)count / (double)units_pages(c->guest_bytes) : 0;

	s->least = s->samples == 0 || count < s->least ? count : s->least;
	s->most = s->samples == 0 || count > s->most ? count : s->most;
	s->most_a_page = a_page > s->most_a_page ? a_page : s->most_a_page;
	s->samples++;
}

static struct spread spread_of(const struct record *r, enum pin_mode mode, unsigned phase)
{
	struct spread spread = {0};
	uint32_t i, k;

	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; r->cell[i].cell.pin == mode && k < r->cell[i].sample_count; k++) {
			const struct sample *s = &r->cell[i].sample[k];

			if (sample_is_valid(s) && s->counts.flushes_known)
				spread_add(&spread,
					   sample_count(s, SAMPLE_FLUSHES, (enum phase)phase),
					   &r->cell[i].cell);
		}
	}
	return spread;
}

/* "destroy 2, pin 0 .. 16384 (1.00 a page)" */
static bool print_spread(const struct spread *s, unsigned phase, bool first, FILE *out)
{
	if (s->most == 0)
		return false;
	fprintf(out, "%s %s %" PRId64, first ? "" : ",", words_text(&words_phase, phase), s->least);
	if (s->most != s->least)
		fprintf(out, " .. %" PRId64, s->most);
	if (s->most_a_page >= 0.1)
		fprintf(out, " (up to %.2f a page)", s->most_a_page);
	return true;
}

static void print_flushes(const struct record *r, FILE *out)
{
	struct spread spread;
	unsigned mode, p;
	bool any;

	for (mode = 0; mode < PIN_MODE_COUNT; mode++) {
		if (spread_of(r, (enum pin_mode)mode, 0).samples == 0)
			continue;
		fprintf(out, "cache flushes on all CPUs in a start with %s:",
			words_text(&words_pin_mode, mode));
		for (p = 0, any = false; p < PHASE_COUNT; p++) {
			spread = spread_of(r, (enum pin_mode)mode, p);
			any |= print_spread(&spread, p, !any, out);
		}
		fprintf(out, "%s\n", any ? "" : " none");
	}
}

/* What encrypting costs, apart from pinning: the medians of the cells asked to encrypt more. */
static void print_encryption(const struct cell_view *v, FILE *out)
{
	double low = 0, high = 0;
	uint32_t i, cells = 0;
	char text[2][32];

	for (i = 0; i < v->record->cell_count; i++) {
		const struct stats_summary *s = &v->summary[i].encryption_bytes_per_s;

		if (s->n == 0 || cell_of(v, i)->launch_update_bytes == 0)
			continue;
		low = cells == 0 || s->median < low ? s->median : low;
		high = cells == 0 || s->median > high ? s->median : high;
		cells++;
	}
	if (cells == 0)
		return;
	fprintf(out, "launch-update encrypts %s/s",
		units_format_bytes(cell_view_whole(low), text[0], sizeof(text[0])));
	if (cells > 1)
		fprintf(out, " to %s/s",
			units_format_bytes(cell_view_whole(high), text[1], sizeof(text[1])));
	fprintf(out, " (median%s of %" PRIu32 " cell%s)\n", cells > 1 ? "s" : "", cells,
		cells > 1 ? "s" : "");
}

/*
 * Why the sample has this flag: what it says itself; where it failed, first the failure with its
 * hint. It may have been disturbed as well, and says both.
 */
static void flag_detail(const struct sample *s, int flag, char *buf, size_t size)
{
	const uint32_t failing = SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) |
				 SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
	const char *detail = sample_detail(s), *hint = "";
	char text[FAULT_OP_LEN + FAULT_OBJECT_LEN + 128] = "";
	char raw[SAMPLE_DETAIL_LEN + sizeof(text) + FAULT_HINT_LEN + 8];

	if (sample_has_failure(s) && (SAMPLE_BIT(flag) & failing || !detail[0])) {
		fault_text(s->failure, text, sizeof(text));
		hint = s->failure->hint;
	}
	snprintf(raw, sizeof(raw), "%s%s%s%s%s", text, text[0] && hint[0] ? "; " : "", hint,
		 text[0] && detail[0] ? "; " : "", detail);
	plain_text(raw, sizeof(raw), buf, size);
}

/* Samples that have a flag. */
struct confession {
	uint64_t count;
	const struct sample *first;
};

/* Of each flag. Returns how many samples there are. */
static uint64_t hear_samples(const struct record *r, struct confession heard[SAMPLE_FLAG_COUNT])
{
	uint64_t taken = 0;
	uint32_t i, k, flags;
	int flag;

	for (i = 0; i < r->cell_count; i++) {
		taken += r->cell[i].sample_count;
		for (k = 0; k < r->cell[i].sample_count; k++) {
			flags = r->cell[i].sample[k].flags;
			for (flag = 0; flags && flag < SAMPLE_FLAG_COUNT; flag++) {
				if (flags & SAMPLE_BIT(flag) && heard[flag].count++ == 0)
					heard[flag].first = &r->cell[i].sample[k];
			}
		}
	}
	return taken;
}

static void print_flags(const struct record *r, FILE *out)
{
	struct confession heard[SAMPLE_FLAG_COUNT] = {{0}};
	const uint64_t taken = hear_samples(r, heard);
	char detail[2048];
	int flag;

	for (flag = 0; flag < SAMPLE_FLAG_COUNT; flag++) {
		if (heard[flag].count == 0)
			continue;
		flag_detail(heard[flag].first, flag, detail, sizeof(detail));
		fprintf(out, "flag %s%s: %" PRIu64 " of %" PRIu64 " samples%s%s\n",
			words_text(&words_sample_flag, (unsigned)flag),
			flag == SAMPLE_FLAG_PIN_MISMATCH ? " (!)" : "", heard[flag].count, taken,
			detail[0] ? (heard[flag].count > 1 ? "; the first: " : ": ") : "", detail);
	}
}

static void print_platform(const struct record *r, FILE *out)
{
	char text[64];
	uint32_t i;

	fprintf(out, "platform: %s%s\n", cell_view_platform(r, text, sizeof(text)),
		r->host.platform == PLATFORM_EMULATED
			? ": times of an interpreter; ratios and counts mean something, "
			  "absolute times do not"
			: "");
	for (i = 0; i < r->cell_count; i++) {
		const struct cell *c = &r->cell[i].cell;

		if (c->guest_type == GUEST_TYPE_VM && (c->mechanism == PIN_MECHANISM_IO_URING ||
						       c->mechanism == PIN_MECHANISM_USERFAULT)) {
			fprintf(out, "no SEV here (guests of type vm): as a substitute, real "
				     "FOLL_LONGTERM pins made by io_uring stand in for SEV's\n");
			return;
		}
	}
}

int table_meaning_print(const struct cell_view *v, FILE *out)
{
	int err = print_slopes(v, out);

	if (err)
		return err;
	print_ratios(v, out);
	err = table_rounds_print(v, out);
	if (err)
		return err;
	table_touch_print(v, out);
	print_encryption(v, out);
	print_flushes(v->record, out);
	print_flags(v->record, out);
	print_platform(v->record, out);
	return 0;
}
