// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_view: the cells of a record, summarised, grouped and compared. */
#include "sevpinbench/cell_view.h"

#include "cell_traits.h"
#include "sevpinbench/plain_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t cell_view_whole(double value)
{
	/* Casting a double that does not fit is undefined, and a hostile file may bring one. */
	if (!(value > 0))
		return 0;
	return value >= 0x1p63 ? UINT64_C(1) << 63 : (uint64_t)value;
}

bool cell_view_same_trait(const struct cell_view *v, uint32_t a, uint32_t b, enum cell_trait trait)
{
	uint64_t of_a = cell_trait_value(v, a, trait), of_b = cell_trait_value(v, b, trait);

	/* What only one of them has goes with its pin mode, and says nothing against comparing. */
	if (trait == CELL_TRAIT_PIN_THREADS &&
	    (of_a == CELL_TRAIT_NO_VALUE || of_b == CELL_TRAIT_NO_VALUE))
		return true;
	return of_a == of_b;
}

/* Alike in all traits but one; chunks go with the mechanism and are not looked at. */
static bool same_traits(const struct cell_view *v, uint32_t a, uint32_t b, int but)
{
	int trait;

	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (trait != CELL_TRAIT_CHUNK && trait != but &&
		    !cell_view_same_trait(v, a, b, (enum cell_trait)trait))
			return false;
	}
	return true;
}

static bool same_pinning(const struct cell *a, const struct cell *b)
{
	return a->guest_type == b->guest_type && a->pin == b->pin && a->mechanism == b->mechanism &&
	       a->chunk_bytes == b->chunk_bytes;
}

bool cell_view_comparable(const struct cell_view *v, uint32_t a, uint32_t b)
{
	const struct record_cell *cell = v->record->cell;

	return cell[a].cell.guest_type == cell[b].cell.guest_type &&
	       same_traits(v, a, b, CELL_TRAIT_CHUNK);
}

bool cell_view_touch_comparable(const struct cell_view *v, uint32_t a, uint32_t b)
{
	const struct record_cell *cell = v->record->cell;

	return cell[a].cell.guest_type == cell[b].cell.guest_type &&
	       cell[a].cell.guest_bytes == cell[b].cell.guest_bytes &&
	       same_traits(v, a, b, CELL_TRAIT_TOUCH);
}

bool cell_view_same_line(const struct cell_view *v, uint32_t a, uint32_t b)
{
	const struct record_cell *cell = v->record->cell;

	return same_pinning(&cell[a].cell, &cell[b].cell) && same_traits(v, a, b, CELL_TRAIT_CHUNK);
}

bool cell_view_same_touch_line(const struct cell_view *v, uint32_t a, uint32_t b)
{
	const struct record_cell *cell = v->record->cell;

	return same_pinning(&cell[a].cell, &cell[b].cell) &&
	       cell[a].cell.guest_bytes == cell[b].cell.guest_bytes &&
	       same_traits(v, a, b, CELL_TRAIT_TOUCH);
}

/* The ledger says what was meant to be pinned. Where the host's count disproves it, that counts. */
static bool ledger_is_disproved(const struct record_cell *c)
{
	uint32_t i;

	for (i = 0; i < c->sample_count; i++) {
		if (c->sample[i].flags & SAMPLE_BIT(SAMPLE_FLAG_PIN_MISMATCH))
			return true;
	}
	return false;
}

const struct stats_summary *cell_view_pinned(const struct cell_view *v, uint32_t cell,
					     enum pin_boundary at, bool *disproved)
{
	*disproved = ledger_is_disproved(&v->record->cell[cell]);
	return *disproved ? &v->summary[cell].host_rise_pages[at]
			  : &v->summary[cell].ledger_pages[at];
}

bool cell_view_startup_range(const struct cell_view *v, uint32_t cell, double *low, double *high)
{
	const struct record_cell *c = &v->record->cell[cell];
	uint64_t ns;
	uint32_t i;

	*low = INFINITY;
	*high = 0;
	for (i = 0; i < c->sample_count; i++) {
		if (!sample_is_valid(&c->sample[i]) || !sample_startup_ns(&c->sample[i], &ns))
			continue;
		*low = fmin(*low, (double)ns);
		*high = fmax(*high, (double)ns);
	}
	return *low <= *high;
}

/* How many different values the touch has, told as a share or as a size. */
static uint32_t count_touches(struct cell_view *v, bool percent)
{
	uint32_t i, k, different = 0;

	v->touch_percent = percent;
	for (i = 0; i < v->record->cell_count; i++) {
		for (k = 0; k < i; k++) {
			if (cell_trait_value(v, k, CELL_TRAIT_TOUCH) ==
			    cell_trait_value(v, i, CELL_TRAIT_TOUCH))
				break;
		}
		different += k == i;
	}
	return different;
}

static bool differs(const struct cell_view *v, enum cell_trait trait)
{
	uint64_t value, first = cell_trait_value(v, cell_trait_first_with(v, trait), trait);
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		value = cell_trait_value(v, i, trait);
		/* No chunk is no other chunk; but any node is something else than node 0. */
		if (value != first && (value != CELL_TRAIT_NO_VALUE || trait == CELL_TRAIT_NODE))
			return true;
	}
	return false;
}

static void find_differences(struct cell_view *v)
{
	const struct record_cell *cell = v->record->cell;
	uint32_t i, k;
	int trait;

	/* Asked as a percentage, the working set follows the size: then sizes are more various. */
	v->touch_percent = count_touches(v, true) < count_touches(v, false);
	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++)
		v->trait_differs[trait] = differs(v, (enum cell_trait)trait);
	for (i = 0; i < v->record->cell_count; i++) {
		v->type_differs |= cell[i].cell.guest_type != cell[0].cell.guest_type;
		for (k = 0; k < i; k++) {
			v->mechanism_differs |=
				cell[i].cell.guest_type == cell[k].cell.guest_type &&
				cell[i].cell.pin == cell[k].cell.pin &&
				cell[i].cell.mechanism != cell[k].cell.mechanism;
		}
	}
}

static void find_groups(struct cell_view *v)
{
	uint32_t i, g;

	for (i = 0; i < v->record->cell_count; i++) {
		for (g = 0; g < v->group_count; g++) {
			if (cell_view_same_line(v, v->first[g], i))
				break;
		}
		if (g == v->group_count)
			v->first[v->group_count++] = i;
		v->group[i] = g;
	}
}

int cell_view_open(struct cell_view *v, const struct record *r)
{
	const char *name = "";

	return cell_view_open_several(v, &r, &name, 1);
}

int cell_view_open_several(struct cell_view *v, const struct record *const *records,
			   const char *const *name, uint32_t count)
{
	const struct record *r;
	size_t room;
	uint32_t i;
	int err;

	*v = (struct cell_view){0};
	err = cell_sources_open(&v->sources, records, name, count);
	if (err)
		return err;
	r = v->record = v->sources.merged;
	/* One more, so that a record without cells is no special case. */
	room = (size_t)r->cell_count + 1;
	v->summary = calloc(room, sizeof(*v->summary));
	v->group = calloc(room, sizeof(*v->group));
	v->first = calloc(room, sizeof(*v->first));
	err = v->summary && v->group && v->first ? 0 : -ENOMEM;
	for (i = 0; i < r->cell_count && !err; i++)
		err = cell_summary_make(&r->cell[i], &v->summary[i]);
	if (err) {
		cell_view_close(v);
		return err;
	}
	if (r->cell_count > 0)
		find_differences(v);
	find_groups(v);
	return 0;
}

void cell_view_close(struct cell_view *v)
{
	free(v->summary);
	free(v->group);
	free(v->first);
	cell_sources_close(&v->sources);
	*v = (struct cell_view){0};
}

char *cell_view_platform(const struct record *r, char *buf, size_t size)
{
	const char *word = r->host.platform == PLATFORM_EMULATED
				   ? "EMULATED"
				   : words_text(&words_platform, r->host.platform);
	char name[HOST_TEXT];

	plain_text(r->host.cpu.hypervisor_name, 16, name, sizeof(name));
	if (r->host.platform == PLATFORM_HARDWARE || name[0] == '\0')
		snprintf(buf, size, "%s", word);
	else
		snprintf(buf, size, "%s (%s)", word, name);
	return buf;
}

const char *cell_view_mechanism(const struct cell *c)
{
	return c->mechanism == PIN_MECHANISM_NONE ? "nothing pinned"
						  : words_text(&words_pin_mechanism, c->mechanism);
}
