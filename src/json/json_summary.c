// SPDX-License-Identifier: GPL-2.0-or-later
/* json_summary: the figures of a cell as JSON. Written for scripts, ignored when read. */
#include "json_tables.h"

#include "sevpinbench/cell_summary.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Whole nanoseconds: integers stay integers. */
static json_t *figure(bool known, double value)
{
	return known && isfinite(value) ? json_integer(llround(value)) : json_null();
}

/* A new object, or NULL without memory: json_pack() takes and frees what "o" is given. */
static json_t *metric(const struct stats_summary *s)
{
	bool any = s->n > 0;

	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)s->n,
			 "median", figure(any, s->median), "mad", figure(any, s->mad), "min",
			 figure(any, s->min), "max", figure(any, s->max), "p90",
			 figure(s->p90.known, s->p90.value), "p99",
			 figure(s->p99.known, s->p99.value), "ci95_low",
			 figure(s->ci_low.known, s->ci_low.value), "ci95_high",
			 figure(s->ci_high.known, s->ci_high.value));
}

static json_t *phase_metrics(const struct cell_summary *c)
{
	json_t *object = json_object();
	unsigned p;

	for (p = 0; object && p < PHASE_COUNT; p++) {
		if (c->phase_ns[p].n == 0)
			continue;
		if (json_object_set_new(object, words_text(&words_phase, p),
					metric(&c->phase_ns[p])) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* What only guests at once have. 0, or -1 without memory. */
static int add_rounds(json_t *object, const struct cell *c, const struct cell_summary *s)
{
	const bool known = s->round_up_ns.n > 0 && s->round_up_ns.median >= 1;
	json_t *rounds = json_pack(
		"{s:I, s:I, s:o, s:o, s:o, s:o}", "whole", (json_int_t)s->whole_rounds, "excluded",
		(json_int_t)s->rounds - s->whole_rounds, "guests_per_s",
		known ? json_real(c->parallel * 1e9 / s->round_up_ns.median) : json_null(), "up_ns",
		metric(&s->round_up_ns), "slowest_startup_ns", metric(&s->slowest_startup_ns),
		"start_spread_ns", metric(&s->round_spread_ns));

	return json_object_set_new(object, "rounds", rounds);
}

json_t *doc_summary(const struct record_cell *c, struct doc_at *at)
{
	struct cell_summary *s = malloc(sizeof(*s));
	json_t *object = NULL;

	if (s && cell_summary_make(c, s) == 0)
		object = json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "valid",
				   (json_int_t)s->valid, "excluded",
				   (json_int_t)s->taken - s->valid, "startup_ns",
				   metric(&s->startup_ns), "startup_without_prefault_ns",
				   metric(&s->startup_without_prefault_ns), "working_set_ns",
				   metric(&s->working_set_ns), "flushes", metric(&s->flushes),
				   "encryption_bytes_per_s", metric(&s->encryption_bytes_per_s),
				   "phases_ns", phase_metrics(s));
	if (object && cell_guests(&c->cell) > 1 && add_rounds(object, &c->cell, s) < 0) {
		json_decref(object);
		object = NULL;
	}
	free(s);
	if (!object)
		doc_no_memory(at);
	return object;
}
