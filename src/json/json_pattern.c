// SPDX-License-Identifier: GPL-2.0-or-later
/* json_pattern: what many objects of a document have in common. */
#include "json_pattern.h"

#include "json_digits.h"
#include "json_scan.h"
#include <emmintrin.h>
#include <string.h>

/* The scan's functions know nothing of who asks: what they find is noted here, a thread each. */
static _Thread_local struct learning {
	struct doc_pattern *pattern;
	const char *base;
	const char *behind; /* what was noted last */
	size_t used;	    /* of the text */
	bool spoilt;
} learning;

void doc_pattern_spoil(void)
{
	learning.spoilt = true;
}

/* The text from what was noted last to p. */
static uint16_t keep_text(const char *p)
{
	struct learning *l = &learning;
	size_t length = (size_t)(p - l->behind);

	if (l->spoilt || length > DOC_PATTERN_TEXT - l->used) {
		l->spoilt = true;
		return 0;
	}
	memcpy(l->pattern->text + l->used, l->behind, length);
	l->used += length;
	return (uint16_t)length;
}

void doc_pattern_note(const char *p, const struct doc_field *f, const void *member)
{
	struct learning *l = &learning;
	struct doc_pattern_number *number;
	uint64_t value;

	if (!l->pattern || l->spoilt)
		return;
	if (l->pattern->numbers == DOC_PATTERN_NUMBERS || *p == '-' || (member && f->min > 0)) {
		l->spoilt = true;
		return;
	}
	number = &l->pattern->number[l->pattern->numbers++];
	*number = (struct doc_pattern_number){.text = keep_text(p), .most = UINT64_MAX};
	if (member) {
		number->size = (uint16_t)f->size;
		number->offset = (uint32_t)((const char *)member - l->base);
		number->most = (uint64_t)f->max;
	}
	l->behind = json_digits(p, &value);
	l->spoilt |= !l->behind;
}

const char *doc_pattern_scan(struct doc_pattern *pattern, const struct doc_field *table, void *base,
			     const char *p)
{
	const char *behind;

	pattern->known = false;
	pattern->numbers = 0;
	learning = (struct learning){.pattern = pattern, .base = base, .behind = p};
	behind = doc_scan(table, base, p);
	if (behind && !learning.spoilt) {
		pattern->rest = keep_text(behind);
		pattern->known = !learning.spoilt;
	}
	learning = (struct learning){0};
	return behind;
}

/* Of sixteen bytes, a bit each: are they the same? */
static inline unsigned same_of_16(const char *a, const char *b)
{
	__m128i x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}

/* Of the last ones only those that count: most texts are no longer than sixteen. */
static inline bool is_same(const char *a, const char *b, size_t n)
{
	for (; n > 16; n -= 16, a += 16, b += 16) {
		if (same_of_16(a, b) != 0xffff)
			return false;
	}
	return (~same_of_16(a, b) & ((1u << n) - 1)) == 0;
}

/*
 * Behind text that ends early there are zeros, fewer than a pattern's text may be long: but zeros
 * are in no pattern, so the first sixteen that have one end the comparison.
 */
const char *doc_pattern_take(const struct doc_pattern *pattern, void *base, const char *p)
{
	const struct doc_pattern_number *number = pattern->number, *end = number + pattern->numbers;
	const char *text = pattern->text;
	uint64_t value;

	for (; number < end; number++) {
		if (!is_same(p, text, number->text))
			return NULL;
		text += number->text;
		p = json_digits(p + number->text, &value);
		if (!p || value > number->most)
			return NULL;
		if (number->size == sizeof(uint64_t))
			memcpy((char *)base + number->offset, &value, sizeof(value));
		else if (number->size)
			*(uint32_t *)((char *)base + number->offset) = (uint32_t)value;
	}
	return is_same(p, text, pattern->rest) ? p + pattern->rest : NULL;
}
