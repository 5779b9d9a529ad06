// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_counts: what was counted while the phases ran. An object of phases, those in which a count
 * did not move left out; null where it could not be read.
 */
#include "json_scan.h"
#include "json_tables.h"

#include <errno.h>
#include <string.h>

/* A change of a count; a figure of the present may fall. */
static const struct doc_field change = {.kind = &doc_integer,
					.size = sizeof(int64_t),
					.is_signed = true,
					.min = -DOC_COUNT_MAX,
					.max = DOC_COUNT_MAX};

static json_t *phases_write(const int64_t count[PHASE_COUNT], struct doc_at *at)
{
	struct doc_field field = change;
	json_t *object = json_object();
	unsigned p;

	for (p = 0; object && p < PHASE_COUNT; p++) {
		if (count[p] == 0)
			continue;
		field.key = words_text(&words_phase, p);
		if (doc_write_field(&field, &count[p], object, at)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int phases_read(int64_t count[PHASE_COUNT], json_t *value, struct doc_at *at)
{
	struct doc_field field = change;
	json_t *number;
	const char *key;
	int p, err = doc_want(value, JSON_OBJECT, "an object", at);

	if (err)
		return err;
	json_object_foreach(value, key, number)
	{
		p = doc_key_index(&words_phase, key, at);
		if (p < 0)
			return p;
		field.key = key;
		field.required = true;
		err = doc_read_field(&field, &count[p], value, at);
		if (err)
			return err;
	}
	return 0;
}

/* ---- cache flushes ---- */

static json_t *flushes_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct sample_room *r = member;

	(void)f;
	return r->sample.counts.flushes_known ? phases_write(r->count[SAMPLE_FLUSHES], at)
					      : json_null();
}

static int flushes_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct sample_room *r = member;

	(void)f;
	r->sample.counts.flushes_known = 1;
	return phases_read(r->count[SAMPLE_FLUSHES], value, at);
}

static void flushes_forget(const struct doc_field *f, void *member)
{
	(void)f;
	((struct sample_room *)member)->sample.counts.flushes_known = 0;
}

static const char *phases_scan(int64_t count[PHASE_COUNT], const char *p)
{
	uint32_t seen = 0;

	return doc_scan_words(&words_phase, &change, count, &seen, p);
}

static const char *flushes_scan(const struct doc_field *f, void *member, const char *p)
{
	struct sample_room *r = member;

	(void)f;
	r->sample.counts.flushes_known = 1;
	return phases_scan(r->count[SAMPLE_FLUSHES], p);
}

const struct doc_kind doc_flushes = {.write = flushes_write,
				     .read = flushes_read,
				     .forget = flushes_forget,
				     .scan = flushes_scan};

/* ---- KVM's figures: an object of all, each an object of phases, or null ---- */

static json_t *stats_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct sample_room *r = member;
	json_t *object, *value;
	unsigned i;

	(void)f;
	if (r->sample.counts.stats_known == 0)
		return json_null();
	object = json_object();
	for (i = 0; object && i < GUEST_STAT_COUNT; i++) {
		value = r->sample.counts.stats_known >> i & 1 ? phases_write(r->count[i], at)
							      : json_null();
		if (!value ||
		    json_object_set_new(object, words_text(&words_guest_stat, i), value) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int stats_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct sample_room *r = member;
	int err = doc_want(value, JSON_OBJECT, "an object", at);
	json_t *phases;
	size_t mark;
	unsigned i;

	(void)f;
	for (i = 0; i < GUEST_STAT_COUNT && !err; i++) {
		phases = json_object_get(value, words_text(&words_guest_stat, i));
		if (!phases || json_is_null(phases))
			continue;
		mark = doc_at_key(at, words_text(&words_guest_stat, i));
		r->sample.counts.stats_known |= 1u << i;
		err = phases_read(r->count[i], phases, at);
		doc_at_back(at, mark);
	}
	return err;
}

static void stats_forget(const struct doc_field *f, void *member)
{
	(void)f;
	((struct sample_room *)member)->sample.counts.stats_known = 0;
}

/* All figures, as they are written; null is one that could not be read. */
static const char *stats_scan(const struct doc_field *f, void *member, const char *p)
{
	struct sample_room *r = member;
	unsigned i;

	(void)f;
	for (i = 0; p && i < GUEST_STAT_COUNT; i++) {
		p = doc_scan_key(p, i ? ',' : '{', words_text(&words_guest_stat, i));
		if (p && *p == '{') {
			r->sample.counts.stats_known |= 1u << i;
			p = phases_scan(r->count[i], p);
		} else if (p) {
			p = strncmp(p, "null", 4) == 0 ? p + 4 : NULL;
		}
	}
	return p && *p == '}' ? p + 1 : NULL;
}

const struct doc_kind doc_guest_stats = {
	.write = stats_write, .read = stats_read, .forget = stats_forget, .scan = stats_scan};
