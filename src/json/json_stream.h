/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_stream: reads a JSON file a value at a time through a window of fixed size. The big objects
 * and arrays of a document are walked here, so neither many samples nor a hostile file make the
 * reader itself need more memory; everything else is handed to jansson, a small value each.
 */
#ifndef JSON_STREAM_H
#define JSON_STREAM_H

#include "json_at.h"
#include "json_field.h"
#include "json_pattern.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOC_VALUE_MAX ((size_t)1 << 20) /* a longer value, or line of a journal, is refused */

struct doc_stream {
	int fd; /* -1 closed */
	char *window;
	size_t start, end;	     /* what was read and not yet used */
	uint64_t taken, most;	     /* bytes read from the file, and how many may be */
	struct doc_pattern *pattern; /* of structs; owned */
	const void *patterned;	     /* holds what the pattern was learned from or taken into */
	unsigned strange;	     /* structs in turn that it did not fit */
};

/* Open a regular file of at most so many bytes. 0 or -errno, and then closed. */
int doc_stream_open(struct doc_stream *s, const char *path, uint64_t most, struct doc_at *at);
void doc_stream_close(struct doc_stream *s);

/* The next value, whole. 0 and a new reference, or -errno. */
int doc_stream_value(struct doc_stream *s, struct doc_at *at, json_t **value);

/*
 * The next value as a struct, by a table: of text that is as we write it at once (json_scan.h),
 * else by way of jansson. What base holds must be of the last call for it, or zeros. 0 or -errno.
 */
int doc_stream_struct(struct doc_stream *s, struct doc_at *at, const struct doc_field *table,
		      void *base, size_t bytes);

/*
 * Walk the object or array that comes next. The callback must take the member's or element's
 * value from the stream. 0 or the first -errno.
 */
int doc_stream_object(struct doc_stream *s, struct doc_at *at,
		      int (*member)(void *context, const char *key), void *context);
int doc_stream_array(struct doc_stream *s, struct doc_at *at,
		     int (*element)(void *context, uint64_t index), void *context);

/* Nothing but white space may follow. 0 or -EINVAL. */
int doc_stream_end(struct doc_stream *s, struct doc_at *at);

/*
 * The next line, without its newline; valid until the next call. 1, 0 at the end of the file, or
 * -errno. *whole is false where the file ends without a newline.
 */
int doc_stream_line(struct doc_stream *s, struct doc_at *at, char **line, size_t *bytes,
		    bool *whole);

/* Parse text into *value. 0, -EINVAL or -ENOMEM. */
int doc_parse(const char *text, size_t bytes, struct doc_at *at, json_t **value);

#endif
