// SPDX-License-Identifier: GPL-2.0-or-later
/* compare_json: a comparison, and a gate's verdict, as documents. */
#include "sevpinbench/compare_json.h"

#include "compare_parts.h"
#include "json_at.h"
#include "json_out.h"
#include "json_tables.h"
#include "sevpinbench/compare_text.h"
#include "sevpinbench/plain_text.h"
#include <errno.h>
#include <string.h>

#define SCHEMA "sevpinbench.compare/1"

json_t *compare_text_json(const char *text)
{
	char plain[COMPARE_NOTE];

	return json_string(plain_text(text, SIZE_MAX, plain, sizeof(plain)));
}

json_t *compare_figure_json(const struct stats_figure *f)
{
	return f->known ? json_real(f->value) : json_null();
}

json_t *compare_side_figure_json(const struct compare_figure *f)
{
	json_t *object = json_object();

	json_object_set_new(object, "n", json_integer(f->n));
	json_object_set_new(object, "median", f->n ? json_real(f->median) : json_null());
	json_object_set_new(object, "ci_low", compare_figure_json(&f->ci_low));
	json_object_set_new(object, "ci_high", compare_figure_json(&f->ci_high));
	json_object_set_new(object, "min", f->n ? json_real(f->least) : json_null());
	json_object_set_new(object, "max", f->n ? json_real(f->most) : json_null());
	json_object_set_new(object, "sources_disagree", json_boolean(f->disagrees));
	return object;
}

static json_t *source_json(const struct compare_source *s)
{
	json_t *object = json_object();

	json_object_set_new(object, "path", compare_text_json(s->path));
	json_object_set_new(object, "tool_version", compare_text_json(s->tool.version));
	json_object_set_new(object, "host", compare_text_json(s->host.name));
	json_object_set_new(object, "platform",
			    json_string(words_text(&words_platform, s->host.platform)));
	json_object_set_new(object, "cpu", compare_text_json(s->host.cpu.name));
	json_object_set_new(object, "microcode", compare_text_json(s->host.cpu.microcode));
	json_object_set_new(object, "kernel_release", compare_text_json(s->host.kernel_release));
	json_object_set_new(object, "start_s",
			    s->start_wall_s > 0 ? json_integer(s->start_wall_s) : json_null());
	json_object_set_new(object, "complete", json_boolean(s->complete));
	return object;
}

json_t *compare_sources_json(const struct compare_side *side)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < side->source_count; i++)
		json_array_append_new(array, source_json(&side->source[i]));
	return array;
}

json_t *compare_cell_json(const struct cell *c)
{
	struct doc_at at = {.op = "write comparison"};
	struct cell copy = *c;
	json_t *object;

	/* Over all sizes: a result has no such cell, so its size is a placeholder, then null. */
	if (c->guest_bytes == 0)
		copy.guest_bytes = UINT64_C(1) << 21;
	object = doc_new(doc_cell_fields, &copy, &at);
	if (object && c->guest_bytes == 0) {
		json_object_set_new(object, "guest_bytes", json_null());
		json_object_set_new(object, "touch_bytes", json_null());
	}
	return object;
}

static json_t *row_json(const struct compare *c, const struct compare_row *r, uint32_t varying)
{
	bool both = r->base.n > 0 && r->new.n > 0;
	char name[COMPARE_NAME];
	json_t *object = json_object();

	compare_cell_name(&c->base->cell[r->base_cell].cell, varying, name, sizeof(name));
	json_object_set_new(object, "name", compare_text_json(name));
	json_object_set_new(object, "cell", compare_cell_json(&c->new->cell[r->new_cell].cell));
	json_object_set_new(object, "metric",
			    json_string(words_text(&words_compare_metric, r->metric)));
	json_object_set_new(
		object, "unit",
		json_string(words_text(&words_compare_unit, compare_metrics[r->metric].unit)));
	json_object_set_new(object, "base", compare_side_figure_json(&r->base));
	json_object_set_new(object, "new", compare_side_figure_json(&r->new));
	json_object_set_new(object, "exact", json_boolean(r->exact));
	json_object_set_new(object, "shift", both ? json_real(r->shift.estimate) : json_null());
	json_object_set_new(object, "shift_low", compare_figure_json(&r->shift.low));
	json_object_set_new(object, "shift_high", compare_figure_json(&r->shift.high));
	json_object_set_new(object, "relative", compare_figure_json(&r->relative));
	json_object_set_new(object, "p", both && !r->exact ? json_real(r->p) : json_null());
	json_object_set_new(object, "variance_inflation",
			    both && !r->exact ? json_real(r->inflation) : json_null());
	json_object_set_new(object, "verdict",
			    json_string(words_text(&words_compare_verdict, r->verdict)));
	return object;
}

static json_t *lone_json(const struct compare *c, const struct compare_lone *l)
{
	const struct compare_side *side = l->is_base ? c->base : c->new;
	json_t *object = json_object(), *fields = json_array();
	unsigned i;

	for (i = 0; i < COMPARE_FIELD_COUNT; i++) {
		if (l->fields >> i & 1)
			json_array_append_new(fields,
					      json_string(words_text(&words_compare_field, i)));
	}
	json_object_set_new(object, "side", json_string(l->is_base ? "base" : "new"));
	json_object_set_new(object, "cell", compare_cell_json(&side->cell[l->cell].cell));
	json_object_set_new(object, "unlike_in", fields);
	return object;
}

static void add_note(void *arg, const char *text)
{
	json_array_append_new(arg, json_string(text));
}

static json_t *comparison_json(const struct compare *c)
{
	json_t *object = json_object(), *rows = json_array(), *lone = json_array(),
	       *notes = json_array();
	uint32_t varying = compare_varying(c->base), i;

	for (i = 0; i < c->row_count; i++)
		json_array_append_new(rows, row_json(c, &c->row[i], varying));
	for (i = 0; i < c->lone_count; i++)
		json_array_append_new(lone, lone_json(c, &c->lone[i]));
	compare_notes(c, add_note, notes);
	json_object_set_new(object, "schema", json_string(SCHEMA));
	json_object_set_new(object, "emulated", json_boolean(compare_is_emulated(c)));
	json_object_set_new(object, "base", compare_sources_json(c->base));
	json_object_set_new(object, "new", compare_sources_json(c->new));
	json_object_set_new(object, "alpha", json_real(c->alpha));
	json_object_set_new(object, "tests", json_integer(c->tested));
	json_object_set_new(object, "notes", notes);
	json_object_set_new(object, "without_partner", lone);
	json_object_set_new(object, "rows", rows);
	return object;
}

int compare_print(json_t *value, size_t members, FILE *out)
{
	bool whole = value && json_object_size(value) >= members;

	if (whole)
		whole = json_dumpf(value, out, JSON_INDENT(1)) == 0 || ferror(out);
	if (whole)
		fputc('\n', out);
	json_decref(value);
	return whole ? 0 : -ENOMEM;
}

int compare_json_print(const struct compare *c, FILE *out)
{
	return compare_print(comparison_json(c), 9, out);
}

/* ---- the gate ---- */

static json_t *again_json(const struct gate_row *r)
{
	json_t *list = json_array(), *object;
	uint32_t i;

	for (i = 0; i < r->again_count; i++) {
		object = json_object();
		json_object_set_new(object, "n", json_integer(r->again[i].n));
		json_object_set_new(object, "shift", json_real(r->again[i].shift));
		json_object_set_new(object, "p", json_real(r->again[i].p));
		json_object_set_new(
			object, "verdict",
			json_string(words_text(&words_gate_verdict, r->again[i].verdict)));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *judged_json(const struct gate_row *r)
{
	json_t *object = json_object();

	json_object_set_new(object, "verdict",
			    json_string(words_text(&words_gate_verdict, r->verdict)));
	json_object_set_new(object, "bound", json_real(r->bound));
	json_object_set_new(object, "detectable",
			    r->row->exact ? json_null() : json_real(r->detectable));
	json_object_set_new(object, "p", r->row->exact ? json_null() : json_real(r->p));
	json_object_set_new(object, "runs_needed", r->runs ? json_integer(r->runs) : json_null());
	if (r->again_count > 0)
		json_object_set_new(object, "again", again_json(r));
	return object;
}

int gate_json_print(const struct gate *g, FILE *out)
{
	json_t *object = comparison_json(g->compare), *gate = json_object();
	json_t *rows = json_object_get(object, "rows"), *again = json_array();
	size_t i;

	for (i = 0; i < json_array_size(rows); i++)
		json_object_set_new(json_array_get(rows, i), "gate", judged_json(&g->row[i]));
	json_object_set_new(gate, "verdict",
			    json_string(words_text(&words_gate_verdict, g->verdict)));
	json_object_set_new(gate, "alpha", json_real(g->config.alpha));
	json_object_set_new(gate, "power", json_real(g->config.power));
	json_object_set_new(gate, "tests", json_integer(g->tested));
	json_object_set_new(gate, "missing_cells", json_integer(g->missing));
	json_object_set_new(gate, "runs_needed", g->runs ? json_integer(g->runs) : json_null());
	json_object_set_new(gate, "reruns", json_integer(g->reruns));
	for (i = 0; i < g->reruns; i++)
		json_array_append_new(again, compare_sources_json(g->again[i]));
	json_object_set_new(gate, "again", again);
	json_object_set_new(object, "gate", gate);
	return compare_print(object, 10, out);
}

/* Bencher takes whatever units; the name says them. "(EMULATED)" stands in every name. */
int gate_bencher_print(const struct gate *g, FILE *out)
{
	const struct compare *c = g->compare;
	const char *emulated = compare_is_emulated(c) ? " (EMULATED)" : "";
	uint32_t varying = compare_varying(c->base), i;
	char name[COMPARE_NAME], key[COMPARE_NAME + 16];
	json_t *all = json_object(), *cell, *measure;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->row[i];

		if (r->new.n == 0)
			continue;
		compare_cell_name(&c->base->cell[r->base_cell].cell, varying, name, sizeof(name));
		snprintf(key, sizeof(key), "%s%s", name, emulated);
		cell = json_object_get(all, key);
		if (!cell) {
			cell = json_object();
			json_object_set_new(all, key, cell);
		}
		measure = json_object();
		json_object_set_new(measure, "value",
				    json_real(compare_metrics[r->metric].kind == COMPARE_BY_WORST
						      ? r->new.most
						      : r->new.median));
		if (r->new.ci_low.known) {
			json_object_set_new(measure, "lower_value", json_real(r->new.ci_low.value));
			json_object_set_new(measure, "upper_value",
					    json_real(r->new.ci_high.value));
		}
		json_object_set_new(cell, words_text(&words_compare_metric, r->metric), measure);
	}
	return compare_print(all, 0, out);
}
