// SPDX-License-Identifier: GPL-2.0-or-later
/* json_scan: structs from JSON text in the form in which this program writes it. */
#include "json_scan.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS_MAX 18 /* so many fit an int64_t, whatever they are */

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

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Up to eight digits at once, for most of a document is digits: their number, and how many. In a
 * word of eight characters the first is the lowest byte, as x86 has it. "0" to "9" have the values
 * 0 to 9 when their upper half is turned around, all others more than 9.
 */
static unsigned take_digits(const char *p, uint64_t *number)
{
	uint64_t word, others;
	unsigned n;

	memcpy(&word, p, sizeof(word));
	word ^= EACH('0');
	others = (word | ((word & EACH(0x7f)) + EACH(0x76))) & EACH(0x80);
	n = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
	if (n == 0)
		return 0;
	/* Those that are missing become zeros in front; then pairs are joined, and pairs of these.
	 */
	word <<= 64 - 8 * n;
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*number = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
	return n;
}

/* Digits, without a needless zero before them. */
static const char *scan_digits(const char *p, uint64_t *number)
{
	static const uint32_t ten_to_the[] = {1,      10,      100,	 1000,	   10000,
					      100000, 1000000, 10000000, 100000000};
	const char *first = p;
	uint64_t sum = 0, part = 0;
	unsigned n;

	do {
		n = take_digits(p, &part);
		sum = n ? sum * ten_to_the[n] + part : sum;
		p += n;
	} while (n == 8);
	*number = sum;
	if (p == first || p - first > DIGITS_MAX || (*first == '0' && p - first > 1))
		return NULL;
	return p;
}

const char *doc_scan_integer(const struct doc_field *f, void *member, const char *p)
{
	bool below = *p == '-';
	uint64_t digits;
	int64_t number;

	p = scan_digits(p + below, &digits);
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

	return *p == 'n' ? scan_null(p) : scan_digits(p, &digits);
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
