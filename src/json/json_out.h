/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_out: JSON text on its way out. With a descriptor it goes there piece by piece; without one
 * it is kept whole, for a line that must leave in one write. The first error stays until the end.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <jansson.h>
#include <stddef.h>

struct doc_out {
	int fd; /* -1: keep all */
	int err;
	char *text; /* owned */
	size_t used, room;
};

void doc_out_text(struct doc_out *o, const char *text);

/* Steals the reference. NULL is taken for an error told elsewhere: nothing is added. */
void doc_out_value(struct doc_out *o, json_t *value);

/* The same for an object, without its braces, so that more members can follow. */
void doc_out_members(struct doc_out *o, json_t *object);

/* Write what is still held. 0, or the first error. */
int doc_out_flush(struct doc_out *o);
void doc_out_close(struct doc_out *o);

#endif
