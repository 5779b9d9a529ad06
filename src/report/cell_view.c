// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_view: the cells of a record, summarised and grouped, with what tells them apart. */
#include "cell_view.h"

#include "plain_text.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_VALUE UINT64_MAX /* the cell does not have this trait */

uint64_t cell_view_whole(double value)
{
	/* Casting a double that does not fit is undefined, and a hostile file may bring one. */
	if (!(value > 0))
		return 0;
	return value >= 0x1p63 ? UINT64_C(1) << 63 : (uint64_t)value;
}

/* The share of the guest in hundredths of a percent, rounded. */
static uint64_t touch_share(const struct cell *c)
{
	if (c->guest_bytes == 0)
		return 0;
	return cell_view_whole((double)c->touch_bytes / (double)c->guest_bytes * 10000 + 0.5);
}

static uint64_t trait_value(const struct cell_view *v, uint32_t cell, enum cell_trait trait)
{
	const struct cell *c = &v->record->cell[cell].cell;

	switch (trait) {
	case CELL_TRAIT_BACKING:
		return c->backing;
	case CELL_TRAIT_VCPUS:
		return c->vcpus;
	case CELL_TRAIT_TOUCH:
		return v->touch_percent ? touch_share(c) : c->touch_bytes;
	case CELL_TRAIT_TOUCH_ORDER:
		return c->touch_bytes > 0 ? c->touch_order : NO_VALUE;
	case CELL_TRAIT_TOUCH_OP:
		return c->touch_bytes > 0 ? c->touch_op : NO_VALUE;
	case CELL_TRAIT_CHUNK:
		return c->chunk_bytes > 0 ? c->chunk_bytes : NO_VALUE;
	case CELL_TRAIT_PREFAULT:
		return c->prefault_threads;
	case CELL_TRAIT_PIN_ORDER:
		return c->pin == PIN_MODE_NONE ? NO_VALUE : c->pin_order;
	case CELL_TRAIT_NODE:
		return c->numa_node >= 0 ? (uint64_t)c->numa_node : NO_VALUE;
	case CELL_TRAIT_SOURCE:
		return v->sources.count > 1 ? v->sources.of_cell[cell] : NO_VALUE;
	}
	return NO_VALUE;
}

static void text_touch(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	if (v->touch_percent && value % 100 == 0)
		snprintf(buf, size, "%" PRIu64 "%%", value / 100);
	else if (v->touch_percent)
		snprintf(buf, size, "%" PRIu64 ".%02" PRIu64 "%%", value / 100, value % 100);
	else
		units_format_bytes(value, buf, size);
}

static void text_backing(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%s", words_text(&words_backing, (unsigned)value));
}

static void text_order(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%s", words_text(&words_touch_order, (unsigned)value));
}

static void text_op(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%s", words_text(&words_touch_op, (unsigned)value));
}

static void text_pin_order(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%s", words_text(&words_pin_order, (unsigned)value));
}

static void text_chunk(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	units_format_size(value, buf, size);
}

static void text_number(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%" PRIu64, value);
}

static void text_source(const struct cell_view *v, uint64_t value, char *buf, size_t size)
{
	snprintf(buf, size, "%s", v->sources.name[value]);
}

static const struct {
	const char *head, *before, *behind;
	void (*text)(const struct cell_view *v, uint64_t value, char *buf, size_t size);
} traits[CELL_TRAIT_COUNT] = {
	[CELL_TRAIT_BACKING] = {"backing", "backing ", "", text_backing},
	[CELL_TRAIT_VCPUS] = {"vCPUs", "", " vCPU", text_number},
	[CELL_TRAIT_TOUCH] = {"touch", "touch ", "", text_touch},
	[CELL_TRAIT_TOUCH_ORDER] = {"order", "", "", text_order},
	[CELL_TRAIT_TOUCH_OP] = {"op", "", "", text_op},
	[CELL_TRAIT_CHUNK] = {"chunk", "chunk ", "", text_chunk},
	[CELL_TRAIT_PREFAULT] = {"prefault", "prefault by ", " thread", text_number},
	[CELL_TRAIT_PIN_ORDER] = {"pin order", "", "", text_pin_order},
	[CELL_TRAIT_NODE] = {"node", "NUMA node ", "", text_number},
	[CELL_TRAIT_SOURCE] = {"of", "", "", text_source},
};

const char *cell_view_trait_head(enum cell_trait trait)
{
	return traits[trait].head;
}

char *cell_view_trait_text(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			   char *buf, size_t size)
{
	uint64_t value = trait_value(v, cell, trait);

	if (value == NO_VALUE)
		snprintf(buf, size, "-");
	else
		traits[trait].text(v, value, buf, size);
	return buf;
}

char *cell_view_trait_phrase(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			     char *buf, size_t size)
{
	char text[CELL_TRAIT_TEXT];
	uint64_t value = trait_value(v, cell, trait);
	bool plural = traits[trait].behind[0] != '\0' && value != 1;

	buf[0] = '\0';
	if (value == NO_VALUE)
		return buf;
	if (trait == CELL_TRAIT_PREFAULT && value == 0) {
		snprintf(buf, size, "no prefault");
		return buf;
	}
	cell_view_trait_text(v, cell, trait, text, sizeof(text));
	snprintf(buf, size, "%s%s%s%s", traits[trait].before, text, traits[trait].behind,
		 plural ? "s" : "");
	return buf;
}

/*
 * Append a trait to a list: ", chunk 2M"; but "touch 10% seq write" is one thing, and a backing's
 * name says in short what it is. Returns the new length.
 */
static size_t append_trait(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			   bool brief, char *buf, size_t size, size_t used)
{
	char phrase[CELL_TRAIT_TEXT * 2];
	const char *between = used > 0 || brief ? ", " : "";
	bool of_touch = trait == CELL_TRAIT_TOUCH_ORDER || trait == CELL_TRAIT_TOUCH_OP;

	cell_view_trait_phrase(v, cell, trait, phrase, sizeof(phrase));
	if (phrase[0] == '\0' || used >= size)
		return used;
	if (brief && trait == CELL_TRAIT_BACKING)
		cell_view_trait_text(v, cell, trait, phrase, sizeof(phrase));
	/* The trait before it is in the list too exactly where both are or are not shared. */
	if (of_touch && v->trait_differs[trait] == v->trait_differs[trait - 1])
		between = " ";
	else if (of_touch)
		between = used > 0 || brief ? ", touched " : "touched ";
	return used + (size_t)snprintf(buf + used, size - used, "%s%s", between, phrase);
}

char *cell_view_differences(const struct cell_view *v, uint32_t cell, char *buf, size_t size)
{
	size_t used = 0;
	int trait;

	buf[0] = '\0';
	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (v->trait_differs[trait])
			used = append_trait(v, cell, (enum cell_trait)trait, true, buf, size, used);
	}
	return buf;
}

/* The first cell that has the trait: others may not (only demand faults have a chunk). */
static uint32_t first_with(const struct cell_view *v, enum cell_trait trait)
{
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (trait_value(v, i, trait) != NO_VALUE)
			return i;
	}
	return 0;
}

/* In which order plain guests are pinned goes without saying, where it is the usual one. */
static bool goes_without_saying(const struct cell_view *v, enum cell_trait trait)
{
	const struct cell *c = &v->record->cell[first_with(v, trait)].cell;

	return trait == CELL_TRAIT_PIN_ORDER && c->guest_type == GUEST_TYPE_VM &&
	       c->pin_order == PIN_ORDER_MEMSLOT_FIRST;
}

char *cell_view_conditions(const struct cell_view *v, char *buf, size_t size)
{
	size_t used = 0;
	int trait;

	buf[0] = '\0';
	for (trait = 0; trait < CELL_TRAIT_COUNT && v->record->cell_count > 0; trait++) {
		if (!v->trait_differs[trait] && !goes_without_saying(v, (enum cell_trait)trait))
			used = append_trait(v, first_with(v, (enum cell_trait)trait),
					    (enum cell_trait)trait, false, buf, size, used);
	}
	return buf;
}

/* Alike in all traits but one; chunks go with the mechanism and are not looked at. */
static bool same_traits(const struct cell_view *v, uint32_t a, uint32_t b, int but)
{
	int trait;

	for (trait = 0; trait < CELL_TRAIT_COUNT; trait++) {
		if (trait != CELL_TRAIT_CHUNK && trait != but &&
		    trait_value(v, a, (enum cell_trait)trait) !=
			    trait_value(v, b, (enum cell_trait)trait))
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

/* How many different values the touch has, told as a share or as a size. */
static uint32_t count_touches(struct cell_view *v, bool percent)
{
	uint32_t i, k, different = 0;

	v->touch_percent = percent;
	for (i = 0; i < v->record->cell_count; i++) {
		for (k = 0; k < i; k++) {
			if (trait_value(v, k, CELL_TRAIT_TOUCH) ==
			    trait_value(v, i, CELL_TRAIT_TOUCH))
				break;
		}
		different += k == i;
	}
	return different;
}

static bool differs(const struct cell_view *v, enum cell_trait trait)
{
	uint64_t value, first = trait_value(v, first_with(v, trait), trait);
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		value = trait_value(v, i, trait);
		/* No chunk is no other chunk; but any node is something else than node 0. */
		if (value != first && (value != NO_VALUE || trait == CELL_TRAIT_NODE))
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
