/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_scan: structs from JSON text in the one form in which this program writes it: no white
 * space, keys in their table's order, plain texts. A million samples are read so, thirty times as
 * fast as by way of jansson's values. Whatever stands there in another form, or is wrong, is not
 * judged here: every function then returns NULL, and the text goes to jansson and doc_read(), which
 * decide. So what is accepted here must be what they accept, with the same result; a fuzz target
 * compares.
 *
 * Behind the text there must be DOC_SCAN_SLACK bytes of zero.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json_field.h"
#include <stdint.h>

#define DOC_SCAN_SLACK 64

/* What a key's value is, behind the character before the key, quotes and colon; or NULL. */
const char *doc_scan_key(const char *p, char before, const char *key);

/* An integer of a field's range. Returns what is behind it, or NULL. */
const char *doc_scan_integer(const struct doc_field *f, void *member, const char *p);

/*
 * An object of a table's fields into base, which is zeroed. Returns what is behind it, or NULL, and
 * then base may be filled in part.
 */
const char *doc_scan(const struct doc_field *table, void *base, const char *p);

/*
 * An object whose keys are words, in their order, and whose values are integers of 8 bytes; bit i
 * of *seen is set for word i, whose value goes into values[i].
 */
const char *doc_scan_words(const struct words *w, const struct doc_field *f, void *values,
			   uint32_t *seen, const char *p);

#endif
