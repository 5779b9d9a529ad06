/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger: this tool's own account of what it has pinned: one bit a chunk of guest memory, so
 * that nothing is pinned or counted twice. Its memory is mapped, and only what is used of it is
 * resident. Several threads may enter chunks, each its own; the page count may be read by any.
 */
#ifndef SEVPINBENCH_LEDGER_H
#define SEVPINBENCH_LEDGER_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stdint.h>

struct ledger {
	uint64_t *bits; /* NULL closed */
	uint64_t total_bytes, chunk_bytes, chunks;
	uint64_t pages; /* pinned now; atomic */
};

/* Room for total_bytes in chunks of chunk_bytes, the last perhaps shorter. 0 or -errno. */
int ledger_open(struct ledger *l, uint64_t total_bytes, uint64_t chunk_bytes, struct fault *f);

bool ledger_has(const struct ledger *l, uint64_t chunk);

/* Bytes of one chunk: chunk_bytes, or less for the last. */
uint64_t ledger_chunk_bytes(const struct ledger *l, uint64_t chunk);

/* Enter a chunk that has just been pinned and was not in before. */
void ledger_add(struct ledger *l, uint64_t chunk);

/* Nothing is pinned any more. */
void ledger_clear(struct ledger *l);

uint64_t ledger_pages(const struct ledger *l);

/* Safe on a zeroed ledger. */
void ledger_close(struct ledger *l);

#endif
