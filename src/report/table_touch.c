// SPDX-License-Identifier: GPL-2.0-or-later
/* table_touch: what a touched page costs with demand pinning, beside the same with none. */
#include "table_touch.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"

#include <inttypes.h>
#include <stdbool.h>

/* The same guest on the same memory, but for when that is pinned. */
static bool same_guest(const struct cell *a, const struct cell *b)
{
	return a->guest_type == b->guest_type && a->guest_bytes == b->guest_bytes &&
	       a->backing == b->backing && a->vcpus == b->vcpus &&
	       a->touch_bytes == b->touch_bytes && a->touch_order == b->touch_order &&
	       a->touch_op == b->touch_op && a->prefault_threads == b->prefault_threads &&
	       a->numa_node == b->numa_node && a->parallel == b->parallel;
}

/* The cell of the same guest with nothing pinned; false where there is none. */
static bool find_none(const struct cell_view *v, uint32_t demand, uint32_t *none)
{
	const struct record_cell *cell = v->record->cell;
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (cell[i].cell.pin == PIN_MODE_NONE &&
		    same_guest(&cell[i].cell, &cell[demand].cell) &&
		    v->summary[i].touched_pages.n > 0) {
			*none = i;
			return true;
		}
	}
	return false;
}

static double a_page(const struct stats_summary *what, const struct cell_summary *s)
{
	return what->median / s->touched_pages.median;
}

/* "81 us, 1.00 faults, 1.01 exits" */
static void print_costs(const struct cell_summary *s, FILE *out)
{
	char time[16];

	fprintf(out, "%s",
		units_format_ns(cell_view_whole(a_page(&s->phase_ns[PHASE_TOUCH], s)), time,
				sizeof(time)));
	if (s->touch_faults.n > 0)
		fprintf(out, ", %.3g faults", a_page(&s->touch_faults, s));
	if (s->touch_exits.n > 0)
		fprintf(out, ", %.3g exits", a_page(&s->touch_exits, s));
}

static void print_cell(const struct cell_view *v, uint32_t demand, uint32_t none, FILE *out)
{
	const struct cell *c = &v->record->cell[demand].cell;
	char size[24], differences[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];

	fprintf(out, "a touched page costs, in a guest of %s%s: ",
		units_format_size(c->guest_bytes, size, sizeof(size)),
		cell_view_differences(v, demand, differences, sizeof(differences)));
	print_costs(&v->summary[demand], out);
	fprintf(out, " with demand (%s); ", cell_view_mechanism(c));
	print_costs(&v->summary[none], out);
	fprintf(out, " with none\n");
}

void table_touch_print(const struct cell_view *v, FILE *out)
{
	const struct record *r = v->record;
	uint64_t largest = 0;
	uint32_t i, none;

	for (i = 0; i < r->cell_count; i++) {
		if (r->cell[i].cell.guest_bytes > largest)
			largest = r->cell[i].cell.guest_bytes;
	}
	/* Of the largest guest alone: what a page costs does not depend on how many there are. */
	for (i = 0; i < r->cell_count; i++) {
		if (r->cell[i].cell.pin == PIN_MODE_DEMAND &&
		    r->cell[i].cell.guest_bytes == largest &&
		    v->summary[i].touched_pages.median > 0 && find_none(v, i, &none) &&
		    v->summary[none].touched_pages.median > 0)
			print_cell(v, i, none, out);
	}
}
