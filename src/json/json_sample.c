// SPDX-License-Identifier: GPL-2.0-or-later
/* json_sample: one sample as JSON: raw phases, pins, flags. */
#include "json_scan.h"
#include "json_tables.h"

#include <errno.h>
#include <string.h>

/* ---- phases: an object of those completed ---- */

static const struct doc_field phase_field = {
	.kind = &doc_integer, .size = sizeof(uint64_t), .min = 0, .max = DOC_NS_MAX};

static json_t *phases_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct sample *s = &((const struct sample_room *)member)->sample;
	struct doc_field field = phase_field;
	json_t *object = json_object();
	unsigned p;

	(void)f;
	for (p = 0; object && p < PHASE_COUNT; p++) {
		if (!sample_has_phase(s, (enum phase)p))
			continue;
		field.key = words_text(&words_phase, p);
		if (doc_write_field(&field, &s->phases_ns[p], object, at)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* A phase that this program does not know is refused: startup would be told without it. */
static int phases_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct sample *s = &((struct sample_room *)member)->sample;
	struct doc_field field = phase_field;
	json_t *time;
	const char *key;
	int p, err = doc_want(value, JSON_OBJECT, "an object", at);

	(void)f;
	if (err)
		return err;
	json_object_foreach(value, key, time)
	{
		p = doc_key_index(&words_phase, key, at);
		if (p < 0)
			return p;
		field.key = key;
		field.required = true;
		err = doc_read_field(&field, &s->phases_ns[p], value, at);
		if (err)
			return err;
		s->phases_done |= 1u << p;
	}
	return 0;
}

static const char *phases_scan(const struct doc_field *f, void *member, const char *p)
{
	struct sample *s = &((struct sample_room *)member)->sample;

	(void)f;
	return doc_scan_words(&words_phase, &phase_field, s->phases_ns, &s->phases_done, p);
}

static const struct doc_kind phases = {
	.write = phases_write, .read = phases_read, .scan = phases_scan};

/* ---- latencies: derived from the phases, null where not reached ---- */

static json_t *latency(const void *room, bool (*get)(const struct sample *s, uint64_t *ns))
{
	const struct sample *s = &((const struct sample_room *)room)->sample;
	uint64_t ns;

	return get(s, &ns) ? json_integer((json_int_t)ns) : json_null();
}

static json_t *startup_write(const struct doc_field *f, const void *s, struct doc_at *at)
{
	(void)f;
	(void)at;
	return latency(s, sample_startup_ns);
}

static json_t *bare_startup_write(const struct doc_field *f, const void *s, struct doc_at *at)
{
	(void)f;
	(void)at;
	return latency(s, sample_startup_without_prefault_ns);
}

static json_t *working_set_write(const struct doc_field *f, const void *s, struct doc_at *at)
{
	(void)f;
	(void)at;
	return latency(s, sample_working_set_ns);
}

static const struct doc_kind startup = {.write = startup_write};
static const struct doc_kind bare_startup = {.write = bare_startup_write};
static const struct doc_kind working_set = {.write = working_set_write};

/* ---- pins: an object of all boundaries ---- */

static const struct doc_field pin_point_fields[] = {
	DOC_KNOWN("ledger_pages", struct pin_point, ledger_pages, INT64_MAX),
	DOC_KNOWN("vmpin_pages", struct pin_point, vmpin_pages, INT64_MAX),
	DOC_KNOWN("host_pages", struct pin_point, host_pages, INT64_MAX),
	{0},
};

static struct doc_field pin_point_field(unsigned boundary)
{
	return (struct doc_field){.key = words_text(&words_pin_boundary, boundary),
				  .kind = &doc_object,
				  .offset = boundary * sizeof(struct pin_point),
				  .fields = pin_point_fields};
}

static json_t *pins_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	json_t *object = json_object();
	struct doc_field field;
	unsigned i;

	(void)f;
	for (i = 0; object && i < PIN_BOUNDARY_COUNT; i++) {
		field = pin_point_field(i);
		if (doc_write_field(&field, member, object, at)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int pins_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct doc_field field;
	unsigned i;
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	(void)f;
	for (i = 0; !err && i < PIN_BOUNDARY_COUNT; i++) {
		field = pin_point_field(i);
		err = doc_read_field(&field, member, value, at);
	}
	return err;
}

/* All boundaries, as they are written. */
static const char *pins_scan(const struct doc_field *f, void *member, const char *p)
{
	struct pin_point *point = member;
	unsigned i;

	(void)f;
	for (i = 0; p && i < PIN_BOUNDARY_COUNT; i++) {
		p = doc_scan_key(p, i ? ',' : '{', words_text(&words_pin_boundary, i));
		if (p)
			p = doc_scan(pin_point_fields, &point[i], p);
	}
	return p && *p == '}' ? p + 1 : NULL;
}

static const struct doc_kind pins = {.write = pins_write, .read = pins_read, .scan = pins_scan};

/* ---- flags: an array of words ---- */

static json_t *flags_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	uint32_t flags = *(const uint32_t *)member;
	json_t *array = json_array();
	unsigned i;

	(void)f;
	(void)at;
	for (i = 0; array && i < SAMPLE_FLAG_COUNT; i++) {
		if ((flags & SAMPLE_BIT(i)) == 0)
			continue;
		if (json_array_append_new(array, json_string(words_text(&words_sample_flag, i)))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static int flags_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	uint32_t *flags = member;
	size_t i, mark;
	int flag, err = doc_want(value, JSON_ARRAY, "an array", at);

	(void)f;
	if (err)
		return err;
	for (i = 0; i < json_array_size(value); i++) {
		mark = doc_at_index(at, i);
		flag = doc_word_index(&words_sample_flag, json_array_get(value, i), at);
		doc_at_back(at, mark);
		if (flag < 0)
			return flag;
		*flags |= SAMPLE_BIT(flag);
	}
	return 0;
}

/* In the order of the words, as they are written. */
static const char *flags_scan(const struct doc_field *f, void *member, const char *p)
{
	uint32_t *flags = member;
	char before = '[';
	unsigned i;

	(void)f;
	if (p[0] == '[' && p[1] == ']')
		return p + 2;
	for (i = 0; i < SAMPLE_FLAG_COUNT; i++) {
		const char *word = words_text(&words_sample_flag, i);
		size_t length = strlen(word);

		if (p[0] != before || p[1] != '"' || strncmp(p + 2, word, length) != 0 ||
		    p[2 + length] != '"')
			continue;
		*flags |= SAMPLE_BIT(i);
		p += length + 3;
		before = ',';
	}
	return before == ',' && *p == ']' ? p + 1 : NULL;
}

static const struct doc_kind flags_kind = {
	.write = flags_write, .read = flags_read, .scan = flags_scan};

/* ---- failure: null, or a struct fault ---- */

static json_t *error_text_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct fault *fault = member;

	(void)f;
	(void)at;
	return fault->err ? json_string(strerror(fault->err)) : json_null();
}

static json_t *firmware_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct fault *fault = member;

	(void)f;
	(void)at;
	return fault->has_fw ? json_integer(fault->fw) : json_null();
}

static int firmware_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct fault *fault = member;
	const struct doc_field number = {.size = sizeof(fault->fw), .max = UINT32_MAX};

	(void)f;
	fault->has_fw = true;
	return doc_integer.read(&number, &fault->fw, value, at);
}

static const struct doc_kind error_text = {.write = error_text_write};
static const struct doc_kind firmware = {.write = firmware_write, .read = firmware_read};

#define MAX_ERRNO 4095 /* of the kernel: include/linux/err.h */

static const struct doc_field failure_fields[] = {
	DOC_TEXT("op", struct fault, op, .min = 1, DOC_REQUIRED),
	DOC_TEXT("object", struct fault, object),
	DOC_INTEGER("errno", struct fault, err, 0, MAX_ERRNO),
	DOC_DERIVED("error", &error_text),
	DOC_DERIVED("firmware", &firmware),
	DOC_TEXT("hint", struct fault, hint),
	{0},
};

static json_t *failure_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	(void)f;
	return fault_is_set(member) ? doc_new(failure_fields, member, at) : json_null();
}

static int failure_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	(void)f;
	return err ? err : doc_read(failure_fields, member, value, at);
}

static const struct doc_kind failure = {.write = failure_write, .read = failure_read};

/* ---- the sample ---- */

const struct doc_field doc_sample_fields[] = {
	DOC_INTEGER("order", struct sample_room, sample.order, 0, UINT32_MAX),
	DOC_INTEGER("guest", struct sample_room, sample.guest, 0, UINT32_MAX),
	DOC_INTEGER("start_ns", struct sample_room, sample.start_ns, 0, INT64_MAX),
	DOC_INTEGER("first_ns", struct sample_room, sample.first_ns, 1, INT64_MAX,
		    .nullable = true),
	{.key = "phases_ns", .kind = &phases, .required = true},
	DOC_DERIVED("startup_ns", &startup),
	DOC_DERIVED("startup_without_prefault_ns", &bare_startup),
	DOC_DERIVED("working_set_ns", &working_set),
	DOC_OTHER("pins", struct sample_room, sample.pins, &pins, DOC_REQUIRED),
	{.key = "faults", .kind = &doc_object, .fields = doc_faults_fields, .required = true},
	{.key = "flushes", .kind = &doc_flushes},
	{.key = "kvm", .kind = &doc_guest_stats},
	DOC_INTEGER("encrypted_bytes", struct sample_room, sample.encrypted_bytes, 0, INT64_MAX),
	DOC_INTEGER("touched_pages", struct sample_room, sample.touched_pages, 0, INT64_MAX),
	DOC_INTEGER("minor_faults", struct sample_room, sample.minor_faults, 0, INT64_MAX),
	DOC_INTEGER("major_faults", struct sample_room, sample.major_faults, 0, INT64_MAX),
	DOC_OTHER("flags", struct sample_room, sample.flags, &flags_kind, DOC_REQUIRED),
	DOC_TEXT("detail", struct sample_room, detail),
	DOC_OTHER("failure", struct sample_room, failure, &failure),
	{0},
};

const struct doc_field doc_journal_line_fields[] = {
	DOC_INTEGER("cell", struct doc_journal_line, cell, 0, RECORD_MAX_CELLS - 1, DOC_REQUIRED),
	DOC_BOOL("warmup", struct doc_journal_line, warmup, DOC_REQUIRED),
	DOC_OBJECT("sample", struct doc_journal_line, room, doc_sample_fields, DOC_REQUIRED),
	{0},
};
