// SPDX-License-Identifier: GPL-2.0-or-later
/* replan: cells of a result as a plan. */
#include "replan.h"

#include "exit_code.h"
#include "run_values.h"
#include "say.h"
#include "sevpinbench/compare.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One option of "run" for each field of a cell. */
static const struct {
	int (*take)(void *into, const char *value, struct fault *f);
	size_t offset, size;
	const struct words *words; /* NULL: a number */
	bool any;		   /* its default stands for 0 and below: any, or none */
} fields[] = {
#define FIELD(option, member, words, any)                              \
	{                                                              \
		run_value_##option, offsetof(struct cell, member),     \
			sizeof(((struct cell *)0)->member), words, any \
	}
	FIELD(guest_type, guest_type, &words_guest_type, false),
	FIELD(guest_mem, guest_bytes, NULL, false),
	FIELD(pin, pin, &words_pin_mode, false),
	FIELD(backing, backing, &words_backing, false),
	FIELD(prefault, prefault_threads, NULL, false),
	FIELD(touch, touch_bytes, NULL, false),
	FIELD(touch_order, touch_order, &words_touch_order, false),
	FIELD(touch_op, touch_op, &words_touch_op, false),
	FIELD(vcpus, vcpus, NULL, false),
	FIELD(parallel, parallel, NULL, true),
	FIELD(pin_threads, pin_threads, NULL, true),
	FIELD(chunk, chunk_bytes, NULL, true),
	FIELD(pin_order, pin_order, &words_pin_order, false),
	FIELD(sev_policy, sev_policy, NULL, false),
	FIELD(launch_update, launch_update_bytes, NULL, true),
	FIELD(numa_node, numa_node, NULL, false),
};

static uint64_t member(const struct cell *c, size_t offset, size_t size)
{
	uint64_t wide = 0;
	uint32_t narrow;

	if (size == sizeof(wide)) {
		memcpy(&wide, (const char *)c + offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, (const char *)c + offset, sizeof(narrow));
	return narrow;
}

/* The options that ask for the cell, into o. 0 or -errno. */
static int take_cell(struct run_options *o, const struct cell *c, struct fault *f)
{
	char text[32];
	uint64_t value;
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]) && r == 0; i++) {
		_Static_assert(sizeof(enum pin_mode) == 4, "member() takes it for a number");
		value = member(c, fields[i].offset, fields[i].size);
		if (fields[i].any && value == 0)
			continue;
		if (fields[i].offset == offsetof(struct cell, numa_node) && c->numa_node == -1)
			continue;
		if (fields[i].words)
			snprintf(text, sizeof(text), "%s",
				 words_text(fields[i].words,
					    value < UINT32_MAX ? (unsigned)value : UINT32_MAX));
		else
			snprintf(text, sizeof(text), "%" PRIu64, value);
		r = fields[i].take(o, text, f);
	}
	return r;
}

/* What came out must be what was wanted: else the numbers would be compared with others. */
static int check_same(const struct cell *wanted, const struct cell *made, struct fault *f)
{
	uint32_t differ = compare_cells_differ(wanted, made);
	const char *what = "pin mode or size";
	unsigned field;

	if (differ == 0)
		return 0;
	for (field = 0; field < COMPARE_FIELD_COUNT; field++) {
		if (differ >> field & 1)
			what = words_text(&words_compare_field, field);
	}
	if (differ & 1u << COMPARE_FIELD_MECHANISM) {
		fault_set(f, ENOTSUP, words_text(&words_pin_mode, wanted->pin),
			  "guests of type %s are pinned by %s here, and were by %s",
			  words_text(&words_guest_type, wanted->guest_type),
			  words_text(&words_pin_mechanism, made->mechanism),
			  words_text(&words_pin_mechanism, wanted->mechanism));
		fault_hint(f, "measure a baseline on a kernel like this one, or gate a run of "
			      "your own");
		return -ENOTSUP;
	}
	return fault_set(f, EINVAL, what, "no options of run ask for such a cell");
}

static int replan_cell(const struct run_options *o, bool looked, const struct cell *wanted,
		       struct cell *made, struct fault *f)
{
	struct run_options *one = calloc(1, sizeof(*one));
	int r;

	if (!one)
		return fault_set(f, ENOMEM, "calloc", "the plan of a cell");
	run_options_default(one);
	r = take_cell(one, wanted, f);
	if (r == 0 && one->plan.guest_type != o->plan.guest_type)
		r = fault_set(f, ENOTSUP, "guest type",
			      "guests of type %s and %s are in it, which no one run measures",
			      words_text(&words_guest_type, o->plan.guest_type),
			      words_text(&words_guest_type, one->plan.guest_type));
	one->plan.kvm_demand =
		looked ? o->plan.kvm_demand : wanted->mechanism == PIN_MECHANISM_KVM_DEMAND;
	if (r == 0)
		r = plan_cells(&one->plan, made, 1, f);
	free(one);
	return r < 0 ? r : check_same(wanted, made, f);
}

int replan_cells(const struct run_options *o, bool looked, struct cell *cells, uint32_t room,
		 struct fault *f)
{
	uint32_t i;
	int r;

	if (o->wanted_count > room)
		return fault_set(f, E2BIG, "the plan", "more than %u cells", room);
	for (i = 0; i < o->wanted_count; i++) {
		r = replan_cell(o, looked, &o->wanted[i], &cells[i], f);
		if (r < 0)
			return r;
	}
	return (int)o->wanted_count;
}

int replan_refuse(const char *verb, const struct record *r)
{
	const struct record_refusal *first = r->refusal;
	char size[32];

	if (r->refusal_count == 0)
		return EXIT_FINE;
	units_format_size(first->cell.guest_bytes, size, sizeof(size));
	say(verb, "the plan cannot be repeated: %u of its %u cells cannot be measured here",
	    r->refusal_count, r->refusal_count + r->cell_count);
	fprintf(stderr, "  %s %s %s: %s\n", words_text(&words_guest_type, first->cell.guest_type),
		words_text(&words_pin_mode, first->cell.pin), size, first->reason);
	if (first->hint[0])
		fprintf(stderr, "  %s\n", first->hint);
	return EXIT_LACKS;
}
