// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet_json: a fleet as a document. */
#include "sevpinbench/fleet_json.h"

#include "compare_parts.h"
#include "sevpinbench/compare_text.h"
#include "sevpinbench/fleet_text.h"
#include <errno.h>

#define SCHEMA	"sevpinbench.fleet/1"
#define MEMBERS 9

static json_t *class_json(uint32_t alike)
{
	char name[FLEET_CLASS];

	return json_string(fleet_class_name(alike, name));
}

static json_t *group_json(const struct fleet *f, const struct fleet_group *g)
{
	json_t *object = json_object(), *fields = json_array();
	uint32_t differs = fleet_class_differs(f, g->alike);
	unsigned field;

	for (field = 0; field < COMPARE_HOST_FIELDS; field++) {
		if (differs >> field & 1)
			json_array_append_new(fields,
					      json_string(words_text(&words_compare_field, field)));
	}
	json_object_set_new(object, "name", compare_text_json(g->name));
	json_object_set_new(object, "alike", class_json(g->alike));
	json_object_set_new(object, "differs_from_first_in", fields);
	json_object_set_new(object, "results", compare_sources_json(&g->side));
	return object;
}

static json_t *name_json(const struct fleet *f, uint32_t cell, uint32_t varying)
{
	char name[COMPARE_NAME];

	return compare_text_json(compare_cell_name(&f->cell[cell], varying, name, sizeof(name)));
}

static void set_metric(json_t *object, enum compare_metric m)
{
	json_object_set_new(object, "metric", json_string(words_text(&words_compare_metric, m)));
	json_object_set_new(object, "unit",
			    json_string(words_text(&words_compare_unit, compare_metrics[m].unit)));
}

static json_t *row_json(const struct fleet *f, const struct fleet_row *r, uint32_t varying)
{
	const struct fleet_group *g = &f->group[r->group];
	json_t *object = json_object();
	bool any = r->others > 0;

	json_object_set_new(object, "name", name_json(f, r->cell, varying));
	json_object_set_new(object, "cell", compare_cell_json(&f->cell[r->cell]));
	set_metric(object, r->with.metric);
	json_object_set_new(object, "group", compare_text_json(g->name));
	json_object_set_new(object, "alike", class_json(g->alike));
	json_object_set_new(object, "figure", compare_side_figure_json(&r->with.new));
	json_object_set_new(object, "others", json_integer(r->others));
	json_object_set_new(object, "others_figure",
			    any ? compare_side_figure_json(&r->with.base) : json_null());
	json_object_set_new(object, "shift", any ? json_real(r->with.shift.estimate) : json_null());
	json_object_set_new(object, "shift_low", compare_figure_json(&r->with.shift.low));
	json_object_set_new(object, "shift_high", compare_figure_json(&r->with.shift.high));
	json_object_set_new(object, "relative", compare_figure_json(&r->with.relative));
	json_object_set_new(object, "middle", json_real(r->middle));
	json_object_set_new(object, "usual", json_real(r->usual));
	json_object_set_new(object, "p", r->tested ? json_real(r->p) : json_null());
	json_object_set_new(object, "verdict",
			    json_string(words_text(&words_fleet_verdict, r->verdict)));
	return object;
}

static json_t *spread_json(const struct fleet *f, const struct fleet_spread *s, uint32_t varying)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", name_json(f, s->cell, varying));
	json_object_set_new(object, "cell", compare_cell_json(&f->cell[s->cell]));
	set_metric(object, s->metric);
	json_object_set_new(object, "alike", class_json(s->alike));
	json_object_set_new(object, "groups", json_integer(s->groups));
	json_object_set_new(object, "least", json_real(s->least));
	json_object_set_new(object, "middle", json_real(s->middle));
	json_object_set_new(object, "most", json_real(s->most));
	return object;
}

static void add_note(void *arg, const char *text)
{
	json_array_append_new(arg, json_string(text));
}

int fleet_json_print(const struct fleet *f, FILE *out)
{
	json_t *object = json_object(), *groups = json_array(), *rows = json_array(),
	       *spreads = json_array(), *notes = json_array();
	uint32_t varying = 0, i;
	int err = fleet_varying(f, &varying);

	for (i = 0; i < f->group_count; i++)
		json_array_append_new(groups, group_json(f, &f->group[i]));
	for (i = 0; i < f->row_count; i++)
		json_array_append_new(rows, row_json(f, &f->row[i], varying));
	for (i = 0; i < f->spread_count; i++)
		json_array_append_new(spreads, spread_json(f, &f->spread[i], varying));
	fleet_notes(f, varying, add_note, notes);
	json_object_set_new(object, "schema", json_string(SCHEMA));
	json_object_set_new(object, "emulated", json_boolean(fleet_is_emulated(f)));
	json_object_set_new(object, "by", json_string(words_text(&words_fleet_by, f->by)));
	json_object_set_new(object, "alpha", json_real(f->alpha));
	json_object_set_new(object, "tests", json_integer(f->tested));
	json_object_set_new(object, "notes", notes);
	json_object_set_new(object, "groups", groups);
	json_object_set_new(object, "spreads", spreads);
	json_object_set_new(object, "rows", rows);
	if (!err)
		return compare_print(object, MEMBERS, out);
	json_decref(object);
	return err;
}
