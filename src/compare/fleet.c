// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet: results by group, groups by likeness. */
#include "sevpinbench/fleet.h"

#include "cell_fields.h"
#include "fleet_rows.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const by_text[FLEET_BY_COUNT] = {"host", "kernel", "cpu", "microcode"};

const struct words words_fleet_by = {"field", FLEET_BY_COUNT, by_text};

static const char *const verdict_text[FLEET_VERDICT_COUNT] = {"~", "outlier", "too few", "-"};

const struct words words_fleet_verdict = {"verdict", FLEET_VERDICT_COUNT, verdict_text};

/* The field that groups are made by; hosts' names are none. */
static const uint32_t by_field[FLEET_BY_COUNT] = {
	[FLEET_BY_KERNEL] = 1u << COMPARE_FIELD_KERNEL,
	[FLEET_BY_CPU] = 1u << COMPARE_FIELD_CPU,
	[FLEET_BY_MICROCODE] = 1u << COMPARE_FIELD_MICROCODE,
};

static void name_group(enum fleet_by by, const struct host_facts *h, char *buf, size_t size)
{
	switch (by) {
	case FLEET_BY_HOST:
		snprintf(buf, size, "%s", h->name);
		break;
	case FLEET_BY_KERNEL:
		compare_field_text(h, COMPARE_FIELD_KERNEL, buf, size);
		break;
	case FLEET_BY_CPU:
		compare_field_text(h, COMPARE_FIELD_CPU, buf, size);
		break;
	case FLEET_BY_MICROCODE:
		compare_field_text(h, COMPARE_FIELD_MICROCODE, buf, size);
		break;
	}
	if (!buf[0])
		snprintf(buf, size, "(unknown)");
}

static struct fleet_group *find_group(struct fleet *f, const struct host_facts *h)
{
	uint32_t i, room = f->group_room ? f->group_room * 2 : 16;
	struct fleet_group *grown;
	char name[FLEET_NAME];

	name_group(f->by, h, name, sizeof(name));
	for (i = 0; i < f->group_count; i++) {
		if (strcmp(f->group[i].name, name) == 0)
			return &f->group[i];
	}
	if (f->group_count == f->group_room) {
		grown = reallocarray(f->group, room, sizeof(*grown));
		if (!grown)
			return NULL;
		f->group = grown;
		f->group_room = room;
	}
	memset(&f->group[f->group_count], 0, sizeof(*f->group));
	memcpy(f->group[f->group_count].name, name, sizeof(name));
	return &f->group[f->group_count++];
}

int fleet_take(struct fleet *f, const char *path, const struct record *r,
	       struct compare_stage *stage, struct fault *fault)
{
	struct fleet_group *group = find_group(f, &r->host);

	if (group)
		return compare_side_take(&group->side, path, r, stage, fault);
	compare_stage_close(stage);
	return fault_set(fault, ENOMEM, "compare", "%s", path);
}

uint32_t fleet_unlike(const struct fleet *f, uint32_t allow, const struct compare_source **first,
		      const struct compare_source **which)
{
	const struct compare_side *side;
	uint32_t i, k, differ;

	for (i = 0; i < f->group_count; i++) {
		side = &f->group[i].side;
		for (k = 1; k < side->source_count; k++) {
			differ = host_fields_differ(&side->source[0].host, &side->source[k].host) &
				 ~allow;
			if (!differ)
				continue;
			*first = &side->source[0];
			*which = &side->source[k];
			return differ;
		}
	}
	return 0;
}

/* ---- once all are there ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct fleet_group *)a)->name, ((const struct fleet_group *)b)->name);
}

static uint32_t differ(const struct fleet *f, const struct fleet_group *a,
		       const struct fleet_group *b)
{
	return host_fields_differ(&a->side.source[0].host, &b->side.source[0].host) &
	       ~by_field[f->by];
}

static void find_classes(struct fleet *f)
{
	uint32_t i, k;

	f->class_count = 0;
	for (i = 0; i < f->group_count; i++) {
		for (k = 0; k < i; k++) {
			if (differ(f, &f->group[k], &f->group[i]) == 0)
				break;
		}
		f->group[i].alike = k < i ? f->group[k].alike : f->class_count++;
	}
}

const struct fleet_group *fleet_class(const struct fleet *f, uint32_t alike)
{
	uint32_t i = 0;

	while (f->group[i].alike != alike)
		i++;
	return &f->group[i];
}

uint32_t fleet_class_differs(const struct fleet *f, uint32_t alike)
{
	return differ(f, fleet_class(f, 0), fleet_class(f, alike));
}

uint32_t fleet_cell_of(const struct fleet_group *g, const struct cell *cell)
{
	uint32_t i;

	for (i = 0; i < g->side.cell_count; i++) {
		if (cell_fields_differ(&g->side.cell[i].cell, cell) == 0)
			return i;
	}
	return UINT32_MAX;
}

static int add_cell(struct fleet *f, const struct cell *cell)
{
	uint32_t i, room = f->cell_room ? f->cell_room * 2 : 64;
	struct cell *grown;

	for (i = 0; i < f->cell_count; i++) {
		if (cell_fields_differ(&f->cell[i], cell) == 0)
			return 0;
	}
	if (f->cell_count == f->cell_room) {
		grown = reallocarray(f->cell, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		f->cell = grown;
		f->cell_room = room;
	}
	f->cell[f->cell_count++] = *cell;
	return 0;
}

int fleet_finish(struct fleet *f)
{
	uint32_t i, k;
	int err = 0;

	if (f->group_count > 0)
		qsort(f->group, f->group_count, sizeof(*f->group), by_name);
	find_classes(f);
	for (i = 0; i < f->group_count && !err; i++) {
		err = compare_side_finish(&f->group[i].side);
		for (k = 0; k < f->group[i].side.cell_count && !err; k++)
			err = add_cell(f, &f->group[i].side.cell[k].cell);
	}
	return err ? err : fleet_rows_make(f);
}

bool fleet_is_emulated(const struct fleet *f)
{
	uint32_t i, k;

	for (i = 0; i < f->group_count; i++) {
		for (k = 0; k < f->group[i].side.source_count; k++) {
			if (f->group[i].side.source[k].host.platform == PLATFORM_EMULATED)
				return true;
		}
	}
	return false;
}

void fleet_close(struct fleet *f)
{
	uint32_t i;

	for (i = 0; i < f->group_count; i++)
		compare_side_close(&f->group[i].side);
	free(f->group);
	free(f->cell);
	free(f->row);
	free(f->spread);
	*f = (struct fleet){0};
}
