/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_at: where in a document the work stands, and how a refusal there is told. */
#ifndef JSON_AT_H
#define JSON_AT_H

#include "sevpinbench/fault.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define DOC_PATH_LEN 112
#define DOC_WORD_LEN 48 /* of a hostile word, so much is shown */

struct doc_at {
	const char *op;	     /* "read result" */
	const char *file;    /* for the hint */
	struct fault *fault; /* may be NULL */
	int err;	     /* 0, or what the last refusal returned */
	uint64_t line;	     /* of a journal; 0 elsewhere */
	size_t used;
	char path[DOC_PATH_LEN]; /* "cells[3].pin"; cut where it is too long */
};

/* Step into a member or an element. The returned mark leads back. */
size_t doc_at_key(struct doc_at *at, const char *key);
size_t doc_at_index(struct doc_at *at, uint64_t index);
void doc_at_back(struct doc_at *at, size_t mark);

/* Fill the fault with "PATH: TEXT" and return -err. */
int doc_refuse(struct doc_at *at, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int doc_no_memory(struct doc_at *at);

/*
 * Copy bytes of text as valid UTF-8 without control characters: what is neither becomes '?'. What
 * does not fit is cut between characters. size must be at least 1. Returns to.
 */
char *doc_clean(char *to, size_t size, const char *from, size_t bytes);

/* A JSON string's text as a word for a message. buf needs DOC_WORD_LEN bytes. Returns buf. */
char *doc_word_text(char *buf, const json_t *string);

/* "an integer": what a value is, for messages. */
const char *doc_type_name(const json_t *value);

#endif
