// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_traits: what a cell has beside type, pin mode, mechanism and size, as numbers and as words.
 */
#include "cell_traits.h"

#include "sevpinbench/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/*
 * The share of the guest in hundredths of a percent, rounded. A working set is whole pages: where a
 * whole percent, cut to them, is what it is, that was meant: 10% of 16 MiB, not 9.99%.
 */
static uint64_t touch_share(const struct cell *c)
{
	uint64_t pages = c->touch_bytes / UNITS_PAGE_BYTES;
	double percent;

	if (c->guest_bytes == 0)
		return 0;
	percent = ceil((double)c->touch_bytes / (double)c->guest_bytes * 100);
	if (cell_view_whole(percent * (double)c->guest_bytes / 100) / UNITS_PAGE_BYTES == pages)
		return cell_view_whole(percent) * 100;
	return cell_view_whole((double)c->touch_bytes / (double)c->guest_bytes * 10000 + 0.5);
}

uint64_t cell_trait_value(const struct cell_view *v, uint32_t cell, enum cell_trait trait)
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
		return c->touch_bytes > 0 ? c->touch_order : CELL_TRAIT_NO_VALUE;
	case CELL_TRAIT_TOUCH_OP:
		return c->touch_bytes > 0 ? c->touch_op : CELL_TRAIT_NO_VALUE;
	case CELL_TRAIT_CHUNK:
		return c->chunk_bytes > 0 ? c->chunk_bytes : CELL_TRAIT_NO_VALUE;
	case CELL_TRAIT_PREFAULT:
		return c->prefault_threads;
	case CELL_TRAIT_PIN_THREADS:
		return c->pin == PIN_MODE_EAGER ? c->pin_threads : CELL_TRAIT_NO_VALUE;
	case CELL_TRAIT_PIN_ORDER:
		return c->pin == PIN_MODE_NONE ? CELL_TRAIT_NO_VALUE : c->pin_order;
	case CELL_TRAIT_NODE:
		return c->numa_node >= 0 ? (uint64_t)c->numa_node : CELL_TRAIT_NO_VALUE;
	case CELL_TRAIT_PARALLEL:
		return c->parallel > 1 ? c->parallel : 1;
	case CELL_TRAIT_SOURCE:
		return v->sources.count > 1 ? v->sources.of_cell[cell] : CELL_TRAIT_NO_VALUE;
	}
	return CELL_TRAIT_NO_VALUE;
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
	[CELL_TRAIT_PIN_THREADS] = {"pin threads", "pinned by ", " thread", text_number},
	[CELL_TRAIT_PIN_ORDER] = {"pin order", "", "", text_pin_order},
	[CELL_TRAIT_NODE] = {"node", "NUMA node ", "", text_number},
	[CELL_TRAIT_PARALLEL] = {"at once", "", " guest", text_number},
	[CELL_TRAIT_SOURCE] = {"of", "", "", text_source},
};

const char *cell_view_trait_head(enum cell_trait trait)
{
	return traits[trait].head;
}

char *cell_view_trait_text(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			   char *buf, size_t size)
{
	uint64_t value = cell_trait_value(v, cell, trait);

	if (value == CELL_TRAIT_NO_VALUE)
		snprintf(buf, size, "-");
	else
		traits[trait].text(v, value, buf, size);
	return buf;
}

char *cell_view_trait_phrase(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			     char *buf, size_t size)
{
	char text[CELL_TRAIT_TEXT];
	uint64_t value = cell_trait_value(v, cell, trait);
	bool plural = traits[trait].behind[0] != '\0' && value != 1;

	buf[0] = '\0';
	if (value == CELL_TRAIT_NO_VALUE)
		return buf;
	if (trait == CELL_TRAIT_PREFAULT && value == 0) {
		snprintf(buf, size, "no prefault");
		return buf;
	}
	if (trait == CELL_TRAIT_PARALLEL && value == 1) {
		snprintf(buf, size, "one guest alone");
		return buf;
	}
	cell_view_trait_text(v, cell, trait, text, sizeof(text));
	snprintf(buf, size, "%s%s%s%s%s", traits[trait].before, text, traits[trait].behind,
		 plural ? "s" : "", trait == CELL_TRAIT_PARALLEL ? " at once" : "");
	return buf;
}

/* "4 at once": of guests all cells are. */
static void brief_parallel(uint64_t value, char *buf, size_t size)
{
	if (value == 1)
		snprintf(buf, size, "alone");
	else
		snprintf(buf, size, "%" PRIu64 " at once", value);
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
	if (brief && trait == CELL_TRAIT_PARALLEL)
		brief_parallel(cell_trait_value(v, cell, trait), phrase, sizeof(phrase));
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

uint32_t cell_trait_first_with(const struct cell_view *v, enum cell_trait trait)
{
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		if (cell_trait_value(v, i, trait) != CELL_TRAIT_NO_VALUE)
			return i;
	}
	return 0;
}

/* What is usual goes without saying: one thread that pins, in which order plain guests are pinned,
   one guest at a time. */
static bool goes_without_saying(const struct cell_view *v, enum cell_trait trait)
{
	const struct cell *c = &v->record->cell[cell_trait_first_with(v, trait)].cell;

	if (trait == CELL_TRAIT_PARALLEL)
		return c->parallel <= 1;
	if (trait == CELL_TRAIT_PIN_THREADS)
		return c->pin_threads <= 1;
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
			used = append_trait(v, cell_trait_first_with(v, (enum cell_trait)trait),
					    (enum cell_trait)trait, false, buf, size, used);
	}
	return buf;
}
