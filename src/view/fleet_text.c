// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet_text: the words in which every rendering tells a fleet. */
#include "sevpinbench/fleet_text.h"

#include "sevpinbench/compare_text.h"
#include "sevpinbench/plain_text.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NAMES_MOST 6  /* so many groups of a class are named, the rest is counted */
#define NAME_CHARS 48 /* of each */
#define GAPS_MOST  10

int fleet_varying(const struct fleet *f, uint32_t *varying)
{
	struct compare_side side = {.cell_count = f->cell_count};
	uint32_t i;

	side.cell = calloc((size_t)f->cell_count + 1, sizeof(*side.cell));
	if (!side.cell)
		return -ENOMEM;
	for (i = 0; i < f->cell_count; i++)
		side.cell[i].cell = f->cell[i];
	*varying = compare_varying(&side);
	free(side.cell);
	return 0;
}

char *fleet_class_name(uint32_t alike, char *buf)
{
	if (alike < 26)
		snprintf(buf, FLEET_CLASS, "%c", (char)('A' + alike));
	else
		snprintf(buf, FLEET_CLASS, "%" PRIu32, alike + 1);
	return buf;
}

static size_t add(char *buf, size_t size, size_t used, const char *before, const char *text)
{
	return used < size ? used + (size_t)snprintf(buf + used, size - used, "%s%s", before, text)
			   : used;
}

char *fleet_class_text(const struct fleet *f, uint32_t alike, char *buf, size_t size)
{
	char name[NAME_CHARS * 4 + 8], host[COMPARE_NOTE];
	uint32_t i, count = 0, named = 0;
	size_t used;

	for (i = 0; i < f->group_count; i++)
		count += f->group[i].alike == alike;
	used = (size_t)snprintf(buf, size, "%" PRIu32 " %s%s", count,
				words_text(&words_fleet_by, f->by), count == 1 ? "" : "s");
	for (i = 0; i < f->group_count && named < NAMES_MOST; i++) {
		if (f->group[i].alike != alike)
			continue;
		plain_text(f->group[i].name, NAME_CHARS, name, sizeof(name));
		used = add(buf, size, used, named++ ? ", " : ": ", name);
	}
	if (count > named)
		used = add(buf, size, used, ", ", "..");
	compare_host(&fleet_class(f, alike)->side, host, sizeof(host));
	/* What groups are made by is each group's own, and stands in its name. */
	if (f->by == FLEET_BY_HOST || f->by == FLEET_BY_MICROCODE)
		add(buf, size, used, ": ", host);
	return buf;
}

static void note_classes(const struct fleet *f, const struct compare_listener *n)
{
	char name[FLEET_CLASS], first[FLEET_CLASS], fields[256];
	uint32_t alike, differs;
	unsigned field;
	size_t used;

	for (alike = 1; alike < f->class_count; alike++) {
		differs = fleet_class_differs(f, alike);
		fields[0] = '\0';
		for (field = 0, used = 0; field < COMPARE_HOST_FIELDS; field++) {
			if (differs >> field & 1)
				used = add(fields, sizeof(fields), used, used ? ", " : "",
					   words_text(&words_compare_field, field));
		}
		compare_say(n, "%s differs from %s in: %s", fleet_class_name(alike, name),
			    fleet_class_name(0, first), fields);
	}
}

static void note_sources(const struct fleet *f, const struct compare_listener *n)
{
	uint32_t i, k, disagree = 0, incomplete = 0;
	const char *first = "", *first_incomplete = "";

	for (i = 0; i < f->row_count; i++) {
		if (!f->row[i].with.new.disagrees)
			continue;
		first = disagree++ ? first : f->group[f->row[i].group].name;
	}
	for (i = 0; i < f->group_count; i++) {
		for (k = 0; k < f->group[i].side.source_count; k++) {
			if (f->group[i].side.source[k].complete)
				continue;
			first_incomplete =
				incomplete++ ? first_incomplete : f->group[i].side.source[k].path;
		}
	}
	if (disagree)
		compare_say(n,
			    "results that were pooled differ by more than their noise in %" PRIu32
			    " figures, which have no interval; the first: %.100s",
			    disagree, first);
	if (incomplete)
		compare_say(n, "incomplete: %" PRIu32 " results, the first: %.200s", incomplete,
			    first_incomplete);
}

/* A host whose cell was refused is not a host that has no outlier. */
static void note_gaps(const struct fleet *f, uint32_t varying, const struct compare_listener *n)
{
	char name[COMPARE_NAME];
	uint32_t i, g, gaps = 0;

	for (i = 0; i < f->cell_count; i++) {
		for (g = 0; g < f->group_count; g++) {
			/* Slopes are made of other cells. */
			if (f->cell[i].guest_bytes == 0 ||
			    fleet_cell_of(&f->group[g], &f->cell[i]) != UINT32_MAX)
				continue;
			if (gaps++ < GAPS_MOST)
				compare_say(
					n, "not measured: %s on %.100s",
					compare_cell_name(&f->cell[i], varying, name, sizeof(name)),
					f->group[g].name);
		}
	}
	if (gaps > GAPS_MOST)
		compare_say(n, "and %" PRIu32 " more that were not measured", gaps - GAPS_MOST);
}

void fleet_notes(const struct fleet *f, uint32_t varying, void (*note)(void *arg, const char *text),
		 void *arg)
{
	const struct compare_listener n = {note, arg};

	if (fleet_is_emulated(f))
		compare_say(&n,
			    "platform: EMULATED: the times are an interpreter's; counts and ratios "
			    "mean something");
	note_classes(f, &n);
	note_sources(f, &n);
	note_gaps(f, varying, &n);
}
