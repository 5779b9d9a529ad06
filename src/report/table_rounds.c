// SPDX-License-Identifier: GPL-2.0-or-later
/* table_rounds: what it costs to start several guests at once. */
#include "table_rounds.h"

#include "sevpinbench/units.h"
#include "table_audit.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const struct cell *cell_of(const struct cell_view *v, uint32_t i)
{
	return &v->record->cell[i].cell;
}

static const char *time_text(double ns, char *buf, size_t size)
{
	return units_format_ns(cell_view_whole(ns), buf, size);
}

/* "vm eager 64M, 4 at once: 31.2 guests a second, the slowest of a round up after 104 ms, ..." */
static void print_cell(const struct cell_view *v, uint32_t i, FILE *out)
{
	const struct cell_summary *s = &v->summary[i];
	char text[16];

	if (s->slowest_startup_ns.n == 0)
		return;
	table_cell_name(cell_of(v, i), out);
	fprintf(out, ": ");
	if (s->round_up_ns.n > 0 && s->round_up_ns.median >= 1)
		fprintf(out, "%.*f guests a second, ",
			cell_of(v, i)->parallel * 1e9 / s->round_up_ns.median < 100 ? 1 : 0,
			cell_of(v, i)->parallel * 1e9 / s->round_up_ns.median);
	fprintf(out, "a round's slowest startup %s",
		time_text(s->slowest_startup_ns.median, text, sizeof(text)));
	fprintf(out, ", starts within %s (medians of %zu round%s)\n",
		time_text(s->round_spread_ns.median, text, sizeof(text)), s->slowest_startup_ns.n,
		s->slowest_startup_ns.n == 1 ? "" : "s");
}

/* Alike in all but how many start at once. */
static bool same_but_parallel(const struct cell_view *v, uint32_t a, uint32_t b)
{
	int trait;

	if (cell_of(v, a)->guest_type != cell_of(v, b)->guest_type ||
	    cell_of(v, a)->pin != cell_of(v, b)->pin ||
	    cell_of(v, a)->mechanism != cell_of(v, b)->mechanism ||
	    cell_of(v, a)->guest_bytes != cell_of(v, b)->guest_bytes)
		return false;
	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (trait != CELL_TRAIT_PARALLEL &&
		    !cell_view_same_trait(v, a, b, (enum cell_trait)trait))
			return false;
	}
	return true;
}

/* The cells of a set as points: guests at once, and startup in seconds. */
struct points {
	double *guests, *seconds;
	size_t n;
};

static void find_points(const struct cell_view *v, uint32_t first, struct points *p)
{
	uint32_t i;

	for (i = first, p->n = 0; i < v->record->cell_count; i++) {
		if (v->summary[i].startup_ns.n == 0 || !same_but_parallel(v, first, i))
			continue;
		p->guests[p->n] = cell_guests(cell_of(v, i));
		p->seconds[p->n] = v->summary[i].startup_ns.median / 1e9;
		p->n++;
	}
}

static void print_set(const struct cell_view *v, uint32_t first, FILE *out)
{
	const struct cell *c = cell_of(v, first);
	char size[24];

	fprintf(out, "%s %s (%s) %s", words_text(&words_guest_type, c->guest_type),
		words_text(&words_pin_mode, c->pin), cell_view_mechanism(c),
		units_format_size(c->guest_bytes, size, sizeof(size)));
}

/* Through three numbers of guests or more a line; from two of them a difference, which is called
 * so. */
static void print_growth(const struct cell_view *v, uint32_t first, const struct points *p,
			 FILE *out)
{
	struct stats_line line;
	double slope;
	char text[16];

	if (p->n < 2)
		return;
	if (stats_fit_line(p->guests, p->seconds, p->n, &line) == 0)
		slope = line.slope;
	else if (p->n == 2)
		slope = (p->seconds[1] - p->seconds[0]) / (p->guests[1] - p->guests[0]);
	else
		return;
	print_set(v, first, out);
	fprintf(out, ": startup %s by %s with each more guest at once",
		slope < 0 ? "falls" : "grows", time_text(fabs(slope) * 1e9, text, sizeof(text)));
	if (p->n > 2)
		fprintf(out, " (R2 %.3f, %zu numbers of guests)\n", line.r2, p->n);
	else
		fprintf(out, " (the difference of %.0f and %.0f, no trend)\n", p->guests[0],
			p->guests[1]);
}

/* True where a cell before it has told of this one's set. */
static bool is_told(const struct cell_view *v, uint32_t cell)
{
	uint32_t i;

	for (i = 0; i < cell && !same_but_parallel(v, i, cell); i++)
		;
	return i < cell;
}

int table_rounds_print(const struct cell_view *v, FILE *out)
{
	const size_t room = (size_t)v->record->cell_count + 1;
	struct points p = {calloc(room, sizeof(*p.guests)), calloc(room, sizeof(*p.seconds)), 0};
	const bool memory = p.guests && p.seconds;
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (cell_guests(cell_of(v, i)) > 1)
			print_cell(v, i, out);
	}
	for (i = 0; i < v->record->cell_count && memory; i++) {
		if (is_told(v, i))
			continue;
		find_points(v, i, &p);
		print_growth(v, i, &p, out);
	}
	free(p.guests);
	free(p.seconds);
	return memory ? 0 : -ENOMEM;
}
