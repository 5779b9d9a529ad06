// SPDX-License-Identifier: GPL-2.0-or-later
/* json_tables: tool, plan, cells and refusals as JSON. */
#include "json_tables.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <string.h>

/* ---- the cell ---- */

const struct doc_field doc_cell_fields[] = {
	DOC_WORD("guest_type", struct cell, guest_type, &words_guest_type, DOC_REQUIRED),
	DOC_WORD("pin", struct cell, pin, &words_pin_mode, DOC_REQUIRED),
	DOC_WORD("mechanism", struct cell, mechanism, &words_pin_mechanism, DOC_REQUIRED),
	DOC_INTEGER("guest_bytes", struct cell, guest_bytes, UNITS_PAGE_BYTES, INT64_MAX,
		    DOC_REQUIRED),
	DOC_WORD("backing", struct cell, backing, &words_backing, DOC_REQUIRED),
	DOC_INTEGER("vcpus", struct cell, vcpus, 1, UINT32_MAX, DOC_REQUIRED),
	DOC_INTEGER("touch_bytes", struct cell, touch_bytes, 0, INT64_MAX, DOC_REQUIRED),
	DOC_WORD("touch_order", struct cell, touch_order, &words_touch_order, DOC_REQUIRED),
	DOC_WORD("touch_op", struct cell, touch_op, &words_touch_op, DOC_REQUIRED),
	DOC_INTEGER("chunk_bytes", struct cell, chunk_bytes, 0, INT64_MAX, DOC_REQUIRED),
	DOC_INTEGER("prefault_threads", struct cell, prefault_threads, 0, UINT32_MAX, DOC_REQUIRED),
	/* Documents of before there was a choice have none. */
	DOC_INTEGER("pin_threads", struct cell, pin_threads, 1, UINT32_MAX, .unknown = 1),
	DOC_WORD("pin_order", struct cell, pin_order, &words_pin_order),
	DOC_INTEGER("sev_policy", struct cell, sev_policy, 0, UINT32_MAX),
	DOC_INTEGER("launch_update_bytes", struct cell, launch_update_bytes, 0, INT64_MAX),
	DOC_KNOWN("numa_node", struct cell, numa_node, INT32_MAX),
	DOC_INTEGER("parallel", struct cell, parallel, 1, UINT32_MAX, .unknown = 1),
	DOC_TEXT("note", struct cell, note),
	{0},
};

const struct doc_field doc_refusal_fields[] = {
	DOC_FLAT(struct record_refusal, cell, doc_cell_fields),
	DOC_TEXT("reason", struct record_refusal, reason, DOC_REQUIRED),
	DOC_TEXT("hint", struct record_refusal, hint),
	DOC_KNOWN("needed_bytes", struct record_refusal, needed_bytes, INT64_MAX),
	DOC_KNOWN("available_bytes", struct record_refusal, available_bytes, INT64_MAX),
	{0},
};

const struct doc_field doc_tool_fields[] = {
	DOC_TEXT("version", struct record_tool, version, DOC_REQUIRED),
	DOC_TEXT("git_revision", struct record_tool, git_revision),
	DOC_TEXT("command_line", struct record_tool, command_line),
	{0},
};

/* ---- labels: an object, in the order given ---- */

static json_t *labels_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct record_plan *plan = member;
	struct doc_field field = {.kind = &doc_text, .size = RECORD_LABEL_VAL};
	char key[RECORD_LABEL_KEY];
	json_t *object = json_object();
	uint32_t i;

	(void)f;
	for (i = 0; object && i < plan->label_count && i < RECORD_LABELS; i++) {
		doc_clean(key, sizeof(key), plan->label[i].key,
			  strnlen(plan->label[i].key, RECORD_LABEL_KEY));
		field.key = key;
		if (doc_write_field(&field, plan->label[i].value, object, at)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int labels_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct record_plan *plan = member;
	struct doc_field field = {.kind = &doc_text, .size = RECORD_LABEL_VAL, .required = true};
	struct record_label *label;
	const char *key;
	json_t *text;
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	(void)f;
	if (!err && json_object_size(value) > RECORD_LABELS)
		err = doc_refuse(at, EINVAL, "more than %d labels", RECORD_LABELS);
	if (err)
		return err;
	json_object_foreach(value, key, text)
	{
		label = &plan->label[plan->label_count];
		doc_clean(label->key, sizeof(label->key), key, strlen(key));
		field.key = key;
		err = doc_read_field(&field, label->value, value, at);
		if (err)
			return err;
		plan->label_count++;
	}
	return 0;
}

static const struct doc_kind labels = {.write = labels_write, .read = labels_read};

/* ---- the plan ---- */

#define WALL_MAX 253402300799 /* the last second of the year 9999, RFC 3339's last */

/* The same time as a text, derived from the seconds. Their range is the integer field's to say. */
static json_t *time_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	int64_t wall_s = *(const int64_t *)member;
	char text[32];

	(void)f;
	(void)at;
	if (wall_s <= 0 || wall_s > WALL_MAX)
		return json_null();
	clock_format_utc(wall_s, text, sizeof(text));
	return json_string(text);
}

static const struct doc_kind time_text = {.write = time_write};

static const struct doc_field plan_fields[] = {
	DOC_INTEGER("seed", struct record_plan, seed, 0, INT64_MAX, DOC_REQUIRED),
	DOC_INTEGER("runs", struct record_plan, runs, 0, RECORD_MAX_SAMPLES, DOC_REQUIRED),
	DOC_INTEGER("warmup", struct record_plan, warmup, 0, RECORD_MAX_SAMPLES, DOC_REQUIRED),
	DOC_OTHER("start", struct record_plan, start_wall_s, &time_text),
	DOC_INTEGER("start_s", struct record_plan, start_wall_s, 1, WALL_MAX, .nullable = true),
	DOC_OTHER("end", struct record_plan, end_wall_s, &time_text),
	DOC_INTEGER("end_s", struct record_plan, end_wall_s, 1, WALL_MAX, .nullable = true),
	DOC_TEXT("cpu_list", struct record_plan, cpu_list),
	DOC_BOOL("count_flushes", struct record_plan, count_flushes),
	{.key = "labels", .kind = &labels},
	{0},
};

/* ---- the record ---- */

const struct doc_field doc_record_fields[] = {
	DOC_OBJECT("tool", struct record, tool, doc_tool_fields, DOC_REQUIRED),
	DOC_OBJECT("host", struct record, host, doc_host_fields, DOC_REQUIRED),
	DOC_OBJECT("plan", struct record, plan, plan_fields, DOC_REQUIRED),
	{0},
};

const struct doc_field doc_end_fields[] = {
	DOC_BOOL("complete", struct record, complete, DOC_REQUIRED),
	DOC_TEXT("stopped_by", struct record, stopped_by),
	{0},
};
