/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_json: record <-> JSON document, schema "sevpinbench.result/1" (man 5
 * sevpinbench-result, docs/result.schema.json). A file may be hostile: sizes, types and ranges
 * are checked, what is unknown is ignored, and a text is data wherever it goes.
 */
#ifndef SEVPINBENCH_RESULT_JSON_H
#define SEVPINBENCH_RESULT_JSON_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stddef.h>

/*
 * Write the document beside path and rename it there, synced, so that path holds either the old
 * or the whole new document. A leftover file beside it is removed on failure. 0 or -errno.
 */
int result_json_write(const struct record *r, const char *path, struct fault *f);

/* Read a document into a zeroed record; on failure the record is left closed. 0 or -errno. */
int result_json_read(struct record *r, const char *path, struct fault *f);

/* Whoever takes the samples of a document one by one. What it returns below 0 ends the reading. */
struct result_sink {
	void *arg;
	/* cell: its place in the document, whose parameters may still be unknown. */
	int (*sample)(void *arg, uint32_t cell, const struct sample *s);
};

/*
 * Read a document without keeping its samples: the sink gets those that are no warm-ups, in the
 * document's order, and the record has the rest. As result_json_read() else.
 */
int result_json_stream(struct record *r, const char *path, const struct result_sink *sink,
		       struct fault *f);

#endif
