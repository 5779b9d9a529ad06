// SPDX-License-Identifier: GPL-2.0-or-later
/* json_faults: how long demand faults took: percentiles, and the distribution as [ns, count] each.
 */
#include "json_digits.h"
#include "json_pattern.h"
#include "json_scan.h"
#include "json_tables.h"

#include <errno.h>
#include <string.h>

static const struct doc_field step_ns = {
	.kind = &doc_integer, .size = sizeof(uint64_t), .min = 0, .max = INT64_MAX};
static const struct doc_field step_count = {
	.kind = &doc_integer, .size = sizeof(uint64_t), .min = 1, .max = INT64_MAX};

/* Each step ends later than the one before it. */
static int check_order(const struct sample_room *r, uint32_t i, struct doc_at *at)
{
	if (i == 0 || r->step[i].ns > r->step[i - 1].ns)
		return 0;
	return doc_refuse(at, EINVAL, "is not above the one before it");
}

static int append(json_t *pair, const struct doc_field *f, const uint64_t *number,
		  struct doc_at *at)
{
	return json_array_append_new(pair, doc_integer.write(f, number, at));
}

static json_t *step_write(const struct sample_room *r, uint32_t i, struct doc_at *at)
{
	json_t *pair = json_array();

	if (!pair)
		return NULL;
	if (check_order(r, i, at) == 0 && append(pair, &step_ns, &r->step[i].ns, at) == 0 &&
	    append(pair, &step_count, &r->step[i].count, at) == 0)
		return pair;
	json_decref(pair);
	return NULL;
}

static json_t *steps_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct sample_room *r = member;
	json_t *array = json_array();
	uint32_t i;
	size_t mark;

	(void)f;
	if (r->sample.faults.steps > SAMPLE_FAULT_STEPS) {
		doc_refuse(at, EINVAL, "%u steps are more than %d", r->sample.faults.steps,
			   SAMPLE_FAULT_STEPS);
		json_decref(array);
		return NULL;
	}
	for (i = 0; array && i < r->sample.faults.steps; i++) {
		mark = doc_at_index(at, i);
		if (json_array_append_new(array, step_write(r, i, at)) != 0) {
			json_decref(array);
			return NULL;
		}
		doc_at_back(at, mark);
	}
	return array;
}

static int step_read(struct sample_room *r, uint32_t i, json_t *pair, struct doc_at *at)
{
	int err = doc_want(pair, JSON_ARRAY, "an array [ns, count]", at);

	if (!err && json_array_size(pair) != 2)
		err = doc_refuse(at, EINVAL, "is no pair [ns, count]");
	if (!err)
		err = doc_integer.read(&step_ns, &r->step[i].ns, json_array_get(pair, 0), at);
	if (!err)
		err = doc_integer.read(&step_count, &r->step[i].count, json_array_get(pair, 1), at);
	return err ? err : check_order(r, i, at);
}

static int steps_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct sample_room *r = member;
	int err = doc_want(value, JSON_ARRAY, "an array", at);
	size_t mark, count = json_array_size(value);

	(void)f;
	if (!err && count > SAMPLE_FAULT_STEPS)
		err = doc_refuse(at, EINVAL, "%zu steps are more than %d", count,
				 SAMPLE_FAULT_STEPS);
	for (r->sample.faults.steps = 0; !err && r->sample.faults.steps < count;
	     r->sample.faults.steps++) {
		mark = doc_at_index(at, r->sample.faults.steps);
		err = step_read(r, r->sample.faults.steps,
				json_array_get(value, r->sample.faults.steps), at);
		doc_at_back(at, mark);
	}
	return err;
}

static void steps_forget(const struct doc_field *f, void *member)
{
	(void)f;
	((struct sample_room *)member)->sample.faults.steps = 0;
}

/* "[NS,COUNT]", behind the character before it. NULL also where that counts nothing. */
static const char *step_scan(struct histogram_step *step, char before, const char *p)
{
	if (p[0] != before || p[1] != '[')
		return NULL;
	p = json_digits(p + 2, &step->ns);
	if (!p || *p != ',')
		return NULL;
	p = json_digits(p + 1, &step->count);
	return p && *p == ']' && step->count > 0 ? p + 1 : NULL;
}

/* All of them; NULL also where one is not above the one before it. */
static const char *steps_scan(const struct doc_field *f, void *member, const char *p)
{
	struct sample_room *r = member;
	struct histogram_step *step = r->step;
	const char *first = p;
	uint32_t n = 0;

	if (p[0] != '[')
		return NULL;
	if (p[1] == ']')
		p++;
	for (; *p != ']'; n++) {
		p = n < SAMPLE_FAULT_STEPS ? step_scan(&step[n], n ? ',' : '[', p) : NULL;
		if (!p || (n > 0 && step[n].ns <= step[n - 1].ns))
			return NULL;
	}
	/* Those of the sample that was here before, if it had more. */
	if (n < r->sample.faults.steps)
		memset(&step[n], 0, (r->sample.faults.steps - n) * sizeof(*step));
	r->sample.faults.steps = n;
	doc_pattern_note_apart(first, p + 1, f, member);
	return p + 1;
}

static const struct doc_kind steps = {
	.write = steps_write, .read = steps_read, .forget = steps_forget, .scan = steps_scan};

const struct doc_field doc_faults_fields[] = {
	DOC_INTEGER("count", struct sample_room, sample.faults.count, 0, INT64_MAX, DOC_REQUIRED),
	DOC_INTEGER("p50_ns", struct sample_room, sample.faults.p50_ns, 0, INT64_MAX),
	DOC_INTEGER("p90_ns", struct sample_room, sample.faults.p90_ns, 0, INT64_MAX),
	DOC_INTEGER("p99_ns", struct sample_room, sample.faults.p99_ns, 0, INT64_MAX),
	DOC_INTEGER("p999_ns", struct sample_room, sample.faults.p999_ns, 0, INT64_MAX),
	DOC_INTEGER("max_ns", struct sample_room, sample.faults.max_ns, 0, INT64_MAX),
	DOC_INTEGER("sum_ns", struct sample_room, sample.faults.sum_ns, 0, INT64_MAX),
	{.key = "histogram", .kind = &steps}, /* of the whole room */
	{0},
};
