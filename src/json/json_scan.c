// SPDX-License-Identifier: GPL-2.0-or-later
/* json_scan: structs from JSON text in the form in which this program writes it. */
#include "json_scan.h"

#include "json_digits.h"
#include "json_pattern.h"
#include <stdbool.h>
#include <string.h>

const char *doc_scan_key(const char *p, char before, const char *key)
{
	size_t length;

	if (p[0] != before || p[1] != '"' || p[2] != key[0])
		return NULL;
	length = strlen(key);
	if (strncmp(p + 2, key, length) != 0)
		return NULL;
	p += 2 + length;
	return p[0] == '"' && p[1] == ':' ? p + 2 : NULL;
}

const char *doc_scan_integer(const struct doc_field *f, void *member, const char *p)
{
	bool below = *p == '-';
	uint64_t digits;
	int64_t number;

	doc_pattern_note(p, f, member);
	p = json_digits(p + below, &digits);
	if (!p)
		return NULL;
	number = below ? -(int64_t)digits : (int64_t)digits;
	if (number < f->min || number > f->max)
		return NULL;
	doc_store(f, member, number);
	return p;
}

static const char *scan_null(const char *p)
{
	return strncmp(p, "null", 4) == 0 ? p + 4 : NULL;
}

/* What is derived is not read, but it must be JSON: here, a number that a sample has, or null. */
static const char *scan_derived(const char *p)
{
	uint64_t digits;

	if (*p == 'n')
		return scan_null(p);
	doc_pattern_note(p, NULL, NULL);
	return json_digits(p, &digits);
}

static const char *scan_value(const struct doc_field *f, void *member, const char *p)
{
	if (!f->kind->read)
		return scan_derived(p);
	if (*p != 'n')
		return f->kind->scan ? f->kind->scan(f, member, p) : NULL;
	if (f->required && !f->nullable)
		return NULL;
	doc_forget(f, member);
	return scan_null(p);
}

const char *doc_scan(const struct doc_field *table, void *base, const char *p)
{
	const char *value;
	char before = '{';

	for (; table->key; table++) {
		void *member = (char *)base + table->offset;

		value = doc_scan_key(p, before, table->key);
		if (value) {
			p = scan_value(table, member, value);
			if (!p)
				return NULL;
			before = ',';
		} else if (table->required) {
			return NULL;
		} else if (table->kind->read) {
			doc_forget(table, member);
		}
	}
	/* A table that goes on in another, or an object without any of the keys: not for here. */
	return !table->fields && before == ',' && *p == '}' ? p + 1 : NULL;
}

const char *doc_scan_words(const struct words *w, const struct doc_field *f, void *values,
			   uint32_t *seen, const char *p)
{
	const char *value;
	char before = '{';
	unsigned i;

	if (p[0] == '{' && p[1] == '}')
		return p + 2;
	for (i = 0; i < w->count; i++) {
		value = doc_scan_key(p, before, words_text(w, i));
		if (!value)
			continue;
		p = doc_scan_integer(f, (uint64_t *)values + i, value);
		if (!p)
			return NULL;
		*seen |= 1u << i;
		before = ',';
	}
	return before == ',' && *p == '}' ? p + 1 : NULL;
}
