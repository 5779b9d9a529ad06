/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_pattern: what many objects of a document have in common. Samples of one cell have the same
 * keys, nulls and empty lists, and differ in their numbers. From one that was scanned (json_scan.h)
 * it is learned where its numbers are; of those that follow the text between is compared, and
 * the numbers are stored: twice as fast as to look at each key. One that does not fit is left to
 * the scan. What is longer here and shorter there (the distribution of faults) has its place in the
 * pattern and is scanned there. Numbers that do not change from object to object either (counts of
 * pages, mostly) are after a while compared as text, too.
 *
 * Behind all text there must be DOC_SCAN_SLACK bytes of zero.
 */
#ifndef JSON_PATTERN_H
#define JSON_PATTERN_H

#include "json_field.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOC_PATTERN_NUMBERS 160
#define DOC_PATTERN_TEXT    2048
#define DOC_PATTERN_STEADY  8 /* objects in which a number was the same, and is taken for text */

/* Text and numbers in turn. */
struct doc_pattern_form {
	bool known;
	unsigned numbers;
	struct doc_pattern_number {
		uint16_t text; /* bytes of text before it */
		uint16_t size; /* of the member: 4 or 8; 0: derived, and not stored */
		uint32_t offset;
		uint64_t least, most;
		const struct doc_field *apart; /* no number, but what its kind scans */
	} number[DOC_PATTERN_NUMBERS];
	uint16_t rest;			      /* text behind the last number */
	char text[DOC_PATTERN_TEXT + 2 * 16]; /* all that is between numbers */
};

struct doc_pattern {
	struct doc_pattern_form all;	     /* with all numbers */
	struct doc_pattern_form steady;	     /* with those that change alone */
	uint64_t value[DOC_PATTERN_NUMBERS]; /* of all numbers, where it was learned */
	bool varies[DOC_PATTERN_NUMBERS];    /* the number had another value since */
	unsigned taken;			     /* objects, since steady was last given up */
};

/*
 * Scan an object as doc_scan() does, into base, which is zeroed; and learn the pattern, if it has
 * one. Returns what doc_scan() does.
 */
const char *doc_pattern_scan(struct doc_pattern *pattern, const struct doc_field *table, void *base,
			     const char *p);

/*
 * An object of this pattern into base, which holds what the pattern was learned from, or what
 * such an object was taken into. Returns what is behind it; or NULL, and base may be filled in
 * part and the pattern is no longer known.
 */
const char *doc_pattern_take(struct doc_pattern *pattern, void *base, const char *p);

/* Told by the scan of each number: where it begins, its field and member (NULL: derived). */
void doc_pattern_note(const char *p, const struct doc_field *f, const void *member);

/*
 * Told of what is of another length from object to object, and has no pattern of its own: from
 * first to behind, scanned without a word of the numbers in it. The field's kind scans it each
 * time.
 */
void doc_pattern_note_apart(const char *first, const char *behind, const struct doc_field *f,
			    void *member);

#endif
