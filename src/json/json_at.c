// SPDX-License-Identifier: GPL-2.0-or-later
/* json_at: where in a document the work stands, and how a refusal there is told. */
#include "json_at.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* One step further down, of which so much is told as there is room for. */
static void append(struct doc_at *at, const char *text, size_t length)
{
	size_t room = sizeof(at->path) - 1 - at->used;

	length = length < room ? length : room;
	memcpy(at->path + at->used, text, length);
	at->used += length;
	at->path[at->used] = '\0';
}

size_t doc_at_key(struct doc_at *at, const char *key)
{
	size_t mark = at->used;

	append(at, ".", mark > 0);
	append(at, key, strnlen(key, DOC_WORD_LEN));
	return mark;
}

/* Each of a million samples has its own, and snprintf takes a tenth of what reading one takes. */
size_t doc_at_index(struct doc_at *at, uint64_t index)
{
	size_t mark = at->used, first;
	char text[24];

	first = sizeof(text) - 1;
	text[first] = ']';
	do
		text[--first] = (char)('0' + index % 10);
	while ((index /= 10) > 0);
	text[--first] = '[';
	append(at, text + first, sizeof(text) - first);
	return mark;
}

void doc_at_back(struct doc_at *at, size_t mark)
{
	at->used = mark;
	at->path[mark] = '\0';
}

int doc_refuse(struct doc_at *at, int err, const char *fmt, ...)
{
	char text[FAULT_OBJECT_LEN], line[32] = "";
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (at->line)
		snprintf(line, sizeof(line), "line %llu: ", (unsigned long long)at->line);
	at->err = -err;
	return fault_set(at->fault, err, at->op, "%s%s%s%s", line, at->path, at->used ? ": " : "",
			 text);
}

int doc_no_memory(struct doc_at *at)
{
	return doc_refuse(at, ENOMEM, "no memory for it");
}

/*
 * Length of the UTF-8 character that starts here, 0 where there is none: a stray or missing
 * continuation, an overlong form, a surrogate, or a value beyond Unicode.
 */
static size_t utf8_length(const unsigned char *s, size_t bytes, uint32_t *value)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	size_t i;

	if (n == 0 || n > bytes || s[0] >= 0xf8)
		return 0;
	*value = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*value = *value << 6 | (s[i] & 0x3fu);
	}
	if (*value < least[n] || *value > 0x10ffff || (*value >= 0xd800 && *value < 0xe000))
		return 0;
	return n;
}

/* C0, DEL and C1: what a terminal may obey. */
static bool is_control(uint32_t value)
{
	return value < 0x20 || (value >= 0x7f && value < 0xa0);
}

char *doc_clean(char *to, size_t size, const char *from, size_t bytes)
{
	const unsigned char *s = (const unsigned char *)from;
	size_t used = 0, length;
	uint32_t value = 0;

	while (bytes > 0) {
		length = utf8_length(s, bytes, &value);
		if (used + (length ? length : 1) >= size)
			break;
		if (length == 0 || is_control(value)) {
			to[used++] = '?';
			length += length == 0;
		} else {
			memcpy(to + used, s, length);
			used += length;
		}
		s += length;
		bytes -= length;
	}
	to[used] = '\0';
	return to;
}

char *doc_word_text(char *buf, const json_t *string)
{
	return doc_clean(buf, DOC_WORD_LEN, json_string_value(string), json_string_length(string));
}

const char *doc_type_name(const json_t *value)
{
	static const char *const name[] = {
		[JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",
		[JSON_STRING] = "a text",      [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a real number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",	       [JSON_NULL] = "null",
	};

	return name[json_typeof(value)];
}
