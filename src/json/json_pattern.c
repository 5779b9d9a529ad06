// SPDX-License-Identifier: GPL-2.0-or-later
/* json_pattern: what many objects of a document have in common. */
#include "json_pattern.h"

#include "json_digits.h"
#include "json_scan.h"
#include <emmintrin.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The scan's functions know nothing of who asks: what they find is noted here, a thread each. */
static _Thread_local struct learning {
	struct doc_pattern *pattern;
	const char *base;
	const char *behind; /* what was noted last */
	size_t used;	    /* of the text */
	bool spoilt;
} learning;

/* The text from what was noted last to p. */
static uint16_t keep_text(const char *p)
{
	struct learning *l = &learning;
	size_t length = (size_t)(p - l->behind);

	if (l->spoilt || length > DOC_PATTERN_TEXT - l->used) {
		l->spoilt = true;
		return 0;
	}
	memcpy(l->pattern->all.text + l->used, l->behind, length);
	l->used += length;
	return (uint16_t)length;
}

/* Room for one more, behind the text up to p. NULL where nobody learns, or nothing can be learned.
 */
static struct doc_pattern_number *next_number(const char *p)
{
	struct learning *l = &learning;
	struct doc_pattern_form *all = l->pattern ? &l->pattern->all : NULL;

	if (!all || l->spoilt)
		return NULL;
	if (all->numbers == DOC_PATTERN_NUMBERS) {
		l->spoilt = true;
		return NULL;
	}
	all->number[all->numbers] =
		(struct doc_pattern_number){.text = keep_text(p), .most = UINT64_MAX};
	return &all->number[all->numbers++];
}

void doc_pattern_note(const char *p, const struct doc_field *f, const void *member)
{
	struct learning *l = &learning;
	struct doc_pattern_number *number = next_number(p);
	unsigned i;

	if (!number)
		return;
	if (member) {
		number->size = (uint16_t)f->size;
		number->offset = (uint32_t)((const char *)member - l->base);
		number->least = f->min > 0 ? (uint64_t)f->min : 0;
		number->most = (uint64_t)f->max;
	}
	i = l->pattern->all.numbers - 1;
	l->pattern->varies[i] = false;
	l->behind = json_digits(p, &l->pattern->value[i]); /* not of one below 0 */
	l->spoilt |= !l->behind;
}

void doc_pattern_note_apart(const char *first, const char *behind, const struct doc_field *f,
			    void *member)
{
	struct learning *l = &learning;
	struct doc_pattern_number *number = next_number(first);

	if (!number)
		return;
	number->apart = f;
	number->offset = (uint32_t)((const char *)member - l->base);
	l->pattern->varies[l->pattern->all.numbers - 1] = true;
	l->behind = behind;
}

const char *doc_pattern_scan(struct doc_pattern *pattern, const struct doc_field *table, void *base,
			     const char *p)
{
	const char *behind;

	pattern->all.known = pattern->steady.known = false;
	pattern->all.numbers = pattern->taken = 0;
	learning = (struct learning){.pattern = pattern, .base = base, .behind = p};
	behind = doc_scan(table, base, p);
	if (behind && !learning.spoilt) {
		pattern->all.rest = keep_text(behind);
		pattern->all.known = !learning.spoilt;
	}
	learning = (struct learning){0};
	return behind;
}

/* Of sixteen bytes, 0xff for each that is the same. */
static inline __m128i same_16(const char *a, const char *b)
{
	__m128i x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return _mm_cmpeq_epi8(x, y);
}

/* Of sixty-four bytes: are all the same? */
static inline bool same_64(const char *a, const char *b)
{
	__m128i left = _mm_and_si128(same_16(a, b), same_16(a + 16, b + 16));
	__m128i right = _mm_and_si128(same_16(a + 32, b + 32), same_16(a + 48, b + 48));

	return _mm_movemask_epi8(_mm_and_si128(left, right)) == 0xffff;
}

/* Of the last ones only those that count: most texts are no longer than sixteen. */
static inline bool is_same(const char *a, const char *b, size_t n)
{
	for (; n >= 64; n -= 64, a += 64, b += 64) {
		if (!same_64(a, b))
			return false;
	}
	for (; n > 16; n -= 16, a += 16, b += 16) {
		if (_mm_movemask_epi8(same_16(a, b)) != 0xffff)
			return false;
	}
	return (~(unsigned)_mm_movemask_epi8(same_16(a, b)) & ((1u << n) - 1)) == 0;
}

static const char *take_apart(const struct doc_pattern_number *number, void *base, const char *p)
{
	return number->apart->kind->scan(number->apart, (char *)base + number->offset, p);
}

/*
 * Behind text that ends early there are zeros, fewer than a pattern's text may be long: but zeros
 * are in no pattern, so the first piece that has one ends the comparison. The pattern, where one
 * is given, is told each number.
 */
static inline const char *take_form(const struct doc_pattern_form *form, void *base, const char *p,
				    struct doc_pattern *told)
{
	const struct doc_pattern_number *number;
	const char *text = form->text;
	uint64_t value;
	unsigned i;

	for (i = 0; i < form->numbers; i++) {
		number = &form->number[i];
		if (!is_same(p, text, number->text))
			return NULL;
		text += number->text;
		p += number->text;
		if (number->apart) {
			p = take_apart(number, base, p);
			if (!p)
				return NULL;
			continue;
		}
		p = json_digits(p, &value);
		if (!p || value < number->least || value > number->most)
			return NULL;
		if (number->size == sizeof(uint64_t))
			memcpy((char *)base + number->offset, &value, sizeof(value));
		else if (number->size)
			*(uint32_t *)((char *)base + number->offset) = (uint32_t)value;
		if (told)
			told->varies[i] |= told->value[i] != value;
	}
	return is_same(p, text, form->rest) ? p + form->rest : NULL;
}

struct joined {
	struct doc_pattern_form *form;
	size_t used, length; /* of the text, and of what is behind the last number */
	bool full;
};

static void join(struct joined *j, const char *text, size_t length)
{
	j->full |= length > DOC_PATTERN_TEXT - j->used;
	if (j->full)
		return;
	memcpy(j->form->text + j->used, text, length);
	j->used += length;
	j->length += length;
}

/* The numbers that were the same until now become text, as they stand there. */
static void make_steady(struct doc_pattern *pattern)
{
	const struct doc_pattern_form *all = &pattern->all;
	struct joined j = {.form = &pattern->steady};
	const char *text = all->text;
	char digits[24];
	unsigned i;

	j.form->numbers = 0;
	for (i = 0; i < all->numbers; text += all->number[i++].text) {
		join(&j, text, all->number[i].text);
		if (!pattern->varies[i]) {
			join(&j, digits,
			     (size_t)snprintf(digits, sizeof(digits), "%" PRIu64,
					      pattern->value[i]));
			continue;
		}
		j.form->number[j.form->numbers] = all->number[i];
		j.form->number[j.form->numbers++].text = (uint16_t)j.length;
		j.length = 0;
	}
	join(&j, text, all->rest);
	j.form->rest = (uint16_t)j.length;
	j.form->known = !j.full && j.form->numbers < all->numbers;
}

const char *doc_pattern_take(struct doc_pattern *pattern, void *base, const char *p)
{
	const char *behind = NULL;

	if (pattern->steady.known) {
		behind = take_form(&pattern->steady, base, p, NULL);
		if (behind)
			return behind;
		pattern->steady.known = false;
		pattern->taken = 0;
	}
	behind = take_form(&pattern->all, base, p, pattern);
	if (!behind)
		pattern->all.known = false;
	else if (++pattern->taken == DOC_PATTERN_STEADY)
		make_steady(pattern);
	return behind;
}
