/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal: the samples of a running campaign on disk, one JSON line each, behind a first line
 * with everything that is known before the first sample (schema "sevpinbench.journal/1").
 * A line is written with one write(2), so what was measured survives a kill -9.
 */
#ifndef SEVPINBENCH_JOURNAL_H
#define SEVPINBENCH_JOURNAL_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdint.h>

struct journal {
	int fd; /* -1 closed */
	char path[4096];
};

/*
 * Create the journal (it must not exist: -EEXIST means an earlier run left one that recover
 * should have) and write its first line from r: tool, host, plan, refused, cells without samples.
 * 0 or -errno, and then the file is removed again.
 */
int journal_open(struct journal *j, const char *path, const struct record *r, struct fault *f);

/* Append one sample of cell number cell. 0 or -errno; a line cut short by a full disk is taken
 * back (ftruncate) where the file system lets it. */
int journal_add(struct journal *j, uint32_t cell, bool warmup, const struct sample *s,
		struct fault *f);

/* Close; remove the file too once the document is safe. Safe on a closed journal (fd -1). */
void journal_close(struct journal *j, bool remove_file);

/*
 * Read a journal into a zeroed record: complete = false, stopped_by = "recovered from journal".
 * A last line cut short is left out; any other bad line is -EINVAL with its number. On failure
 * the record is left closed.
 */
int journal_read(struct record *r, const char *path, struct fault *f);

#endif
