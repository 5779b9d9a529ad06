// SPDX-License-Identifier: GPL-2.0-or-later
/* json_field: walks a table of descriptors, and the kinds of member that most of them have. */
#include "json_field.h"

#include "json_alloc.h"
#include "json_scan.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096 /* the longest text member of a record is shorter */

int doc_want(const json_t *value, json_type type, const char *what, struct doc_at *at)
{
	if (json_typeof(value) == type)
		return 0;
	return doc_refuse(at, EINVAL, "%s, where %s belongs", doc_type_name(value), what);
}

/* ---- text ---- */

static json_t *text_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	char clean[TEXT_MAX];

	(void)at;
	doc_clean(clean, sizeof(clean), member, strnlen(member, f->size));
	return json_string(clean);
}

static int text_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	int err = doc_want(value, JSON_STRING, "a text", at);

	if (err)
		return err;
	if ((int64_t)json_string_length(value) < f->min)
		return doc_refuse(at, EINVAL, "an empty text");
	doc_clean(member, f->size, json_string_value(value), json_string_length(value));
	return 0;
}

/* Printable ASCII without escapes, which doc_clean() would leave as it is. */
static const char *text_scan(const struct doc_field *f, void *member, const char *p)
{
	const char *first = ++p;
	size_t length;

	if (first[-1] != '"')
		return NULL;
	while (*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
		p++;
	length = (size_t)(p - first);
	if (*p != '"' || length >= f->size || (int64_t)length < f->min)
		return NULL;
	memcpy(member, first, length);
	((char *)member)[length] = '\0';
	return p + 1;
}

const struct doc_kind doc_text = {.write = text_write, .read = text_read, .scan = text_scan};

/* ---- true and false ---- */

static json_t *bool_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	(void)f;
	(void)at;
	return json_boolean(*(const bool *)member);
}

static int bool_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	(void)f;
	if (!json_is_boolean(value))
		return doc_refuse(at, EINVAL, "%s, where true or false belongs",
				  doc_type_name(value));
	*(bool *)member = json_is_true(value);
	return 0;
}

const struct doc_kind doc_bool = {.write = bool_write, .read = bool_read};

/* ---- integers of 4 and 8 bytes ---- */

/* What is above INT64_MAX becomes -1 and true: JSON integers end there. */
static int64_t load(const struct doc_field *f, const void *member, bool *too_big)
{
	uint64_t wide;

	*too_big = false;
	if (f->size == sizeof(int32_t) && f->is_signed)
		return *(const int32_t *)member;
	if (f->size == sizeof(uint32_t))
		return *(const uint32_t *)member;
	if (f->is_signed)
		return *(const int64_t *)member;
	wide = *(const uint64_t *)member;
	*too_big = wide > INT64_MAX;
	return *too_big ? -1 : (int64_t)wide;
}

void doc_store(const struct doc_field *f, void *member, int64_t value)
{
	if (f->size == sizeof(uint32_t))
		*(uint32_t *)member = (uint32_t)value;
	else
		*(uint64_t *)member = (uint64_t)value;
}

static int refuse_range(const struct doc_field *f, struct doc_at *at, int err, const char *value)
{
	return doc_refuse(at, err, "%s is not within %lld to %lld", value, (long long)f->min,
			  (long long)f->max);
}

static json_t *integer_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	char text[24];
	bool too_big;
	int64_t value = load(f, member, &too_big);

	if (f->nullable && !too_big && value <= f->unknown)
		return json_null();
	if (!too_big && value >= f->min && value <= f->max)
		return json_integer(value);
	if (too_big)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)*(const uint64_t *)member);
	else
		snprintf(text, sizeof(text), "%lld", (long long)value);
	refuse_range(f, at, ERANGE, text);
	return NULL;
}

static int integer_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	char text[24];
	int err = doc_want(value, JSON_INTEGER, "an integer", at);
	int64_t number;

	if (err)
		return err;
	number = json_integer_value(value);
	if (number < f->min || number > f->max) {
		snprintf(text, sizeof(text), "%lld", (long long)number);
		return refuse_range(f, at, EINVAL, text);
	}
	doc_store(f, member, number);
	return 0;
}

static void integer_forget(const struct doc_field *f, void *member)
{
	doc_store(f, member, f->unknown);
}

const struct doc_kind doc_integer = {.write = integer_write,
				     .read = integer_read,
				     .forget = integer_forget,
				     .scan = doc_scan_integer};

/* ---- real numbers, never negative ---- */

static json_t *real_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	double value = *(const double *)member;

	(void)f;
	(void)at;
	/* JSON has no word for infinity or "not a number". */
	return isfinite(value) && value >= 0 ? json_real(value) : json_null();
}

static int real_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	(void)f;
	if (!json_is_number(value))
		return doc_refuse(at, EINVAL, "%s, where a number belongs", doc_type_name(value));
	if (json_number_value(value) < 0)
		return doc_refuse(at, EINVAL, "%g is negative", json_number_value(value));
	*(double *)member = json_number_value(value);
	return 0;
}

static void real_forget(const struct doc_field *f, void *member)
{
	*(double *)member = (double)f->unknown;
}

const struct doc_kind doc_real = {.write = real_write, .read = real_read, .forget = real_forget};

/* ---- enums as words ---- */

int doc_word_index(const struct words *w, const json_t *string, struct doc_at *at)
{
	char word[DOC_WORD_LEN], list[FAULT_OBJECT_LEN];
	int index, err = doc_want(string, JSON_STRING, "a text", at);

	if (err)
		return err;
	index = words_value(w, json_string_value(string));
	if (index >= 0)
		return index;
	return doc_refuse(at, EINVAL, "\"%s\" is not one of %s", doc_word_text(word, string),
			  words_list(w, list, sizeof(list)));
}

int doc_key_index(const struct words *w, const char *key, struct doc_at *at)
{
	json_t *string = json_string(key);
	int index = string ? doc_word_index(w, string, at) : doc_no_memory(at);

	json_decref(string);
	return index;
}

static json_t *word_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	unsigned value = *(const unsigned *)member;

	if (value >= f->words->count) {
		doc_refuse(at, EINVAL, "%u is no %s", value, f->words->what);
		return NULL;
	}
	return json_string(words_text(f->words, value));
}

static int word_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	int index = doc_word_index(f->words, value, at);

	if (index < 0)
		return index;
	*(unsigned *)member = (unsigned)index;
	return 0;
}

const struct doc_kind doc_word = {.write = word_write, .read = word_read};

/* ---- structs within ---- */

static json_t *object_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	return doc_new(f->fields, member, at);
}

static int object_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	return err ? err : doc_read(f->fields, member, value, at);
}

static void object_forget(const struct doc_field *f, void *member)
{
	const struct doc_field *in;
	char *at;

	for (in = f->fields; in->key || in->fields; in++) {
		at = (char *)member + in->offset;
		if (!in->kind)
			object_forget(in, at);
		else if (in->kind->forget)
			in->kind->forget(in, at);
		else if (in->kind->read)
			memset(at, 0, in->size);
	}
}

static const char *object_scan(const struct doc_field *f, void *member, const char *p)
{
	return doc_scan(f->fields, member, p);
}

const struct doc_kind doc_object = {
	.write = object_write, .read = object_read, .forget = object_forget, .scan = object_scan};

/* ---- the walks ---- */

int doc_write_field(const struct doc_field *f, const void *base, json_t *object, struct doc_at *at)
{
	const char *member = (const char *)base + f->offset;
	json_t *value;
	size_t mark;
	int err = 0;

	if (!f->key)
		return doc_write(f->fields, member, object, at);
	mark = doc_at_key(at, f->key);
	at->err = 0;
	value = f->kind->write(f, member, at);
	if (!value)
		err = at->err ? at->err : doc_no_memory(at);
	else if (json_object_set_new(object, f->key, value) < 0)
		err = doc_no_memory(at);
	doc_at_back(at, mark);
	return err;
}

int doc_write(const struct doc_field *table, const void *base, json_t *object, struct doc_at *at)
{
	int err = 0;

	for (; !err && (table->key || table->fields); table++)
		err = doc_write_field(table, base, object, at);
	return err;
}

json_t *doc_new(const struct doc_field *table, const void *base, struct doc_at *at)
{
	json_t *object;

	json_alloc_install();
	object = json_object();
	if (!object) {
		doc_no_memory(at);
		return NULL;
	}
	if (doc_write(table, base, object, at) == 0)
		return object;
	json_decref(object);
	return NULL;
}

void doc_forget(const struct doc_field *f, void *member)
{
	if (f->kind->forget)
		f->kind->forget(f, member);
	else
		memset(member, 0, f->size);
}

static int read_value(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	if (value && !json_is_null(value))
		return f->kind->read(f, member, value, at);
	if (f->required && !value)
		return doc_refuse(at, EINVAL, "is missing");
	if (f->required && !f->nullable)
		return doc_refuse(at, EINVAL, "must not be null");
	doc_forget(f, member);
	return 0;
}

int doc_read_field(const struct doc_field *f, void *base, json_t *object, struct doc_at *at)
{
	char *member = (char *)base + f->offset;
	size_t mark;
	int err;

	if (!f->key)
		return doc_read(f->fields, member, object, at);
	if (!f->kind->read)
		return 0;
	mark = doc_at_key(at, f->key);
	err = read_value(f, member, json_object_get(object, f->key), at);
	doc_at_back(at, mark);
	return err;
}

int doc_read(const struct doc_field *table, void *base, json_t *object, struct doc_at *at)
{
	int err = 0;

	for (; !err && (table->key || table->fields); table++)
		err = doc_read_field(table, base, object, at);
	return err;
}

bool doc_has_key(const struct doc_field *table, const char *key)
{
	for (; table->key || table->fields; table++) {
		if (table->key ? strcmp(table->key, key) == 0 : doc_has_key(table->fields, key))
			return true;
	}
	return false;
}
