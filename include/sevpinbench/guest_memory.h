/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_memory: the host memory that a guest sees as its own, in one mapping. An offset into it
 * is a guest physical address, except that what lies above 2 GiB of offset appears from 4 GiB
 * on, as on a PC, so that big guests use memory above 4 GiB.
 */
#ifndef SEVPINBENCH_GUEST_MEMORY_H
#define SEVPINBENCH_GUEST_MEMORY_H

#include "sevpinbench/fault.h"
#include "sevpinbench/gang.h"
#include "sevpinbench/units.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

#define GUEST_MEMORY_LOW_BYTES (2 * UNITS_GIB)
#define GUEST_MEMORY_HIGH_GPA  (4 * UNITS_GIB)
#define GUEST_MEMORY_SLOTS     2

struct guest_memory {
	unsigned char *host;	       /* NULL closed */
	uint64_t bytes, stretch_bytes; /* guest_memory_stretch_bytes() */
	/*
	 * For backings that are a file (memfd, hugetlb): a second mapping of the same pages, on
	 * which a demand fault fills and pins them before the guest's mapping shows them. Else
	 * NULL.
	 */
	unsigned char *alias;
	int memfd; /* -1 where the memory is anonymous */
	void *map; /* what was mapped: host, or more, to align it */
	uint64_t map_bytes;
};

#define GUEST_MEMORY_CLOSED \
	{                   \
		.memfd = -1 \
	}

/* A stretch of guest memory that is contiguous on both sides; one memslot. */
struct guest_memory_slot {
	uint64_t gpa, bytes;
	void *host;
};

/* The page size of a backing: what it can be pinned or allocated in at the least. */
uint64_t guest_memory_page_bytes(enum backing b);

/* What several threads may share memory out in: no huge page, of THP perhaps, is then in two
 * shares. */
uint64_t guest_memory_stretch_bytes(enum backing b);

/* True where the backing is a file, and can have an alias. */
bool guest_memory_is_file(enum backing b);

/* First guest physical address behind a guest of so many bytes. */
uint64_t guest_memory_top_gpa(uint64_t bytes);

/*
 * Map it, without touching it, bound to numa_node unless that is -1. thp asks for huge pages with
 * MADV_HUGEPAGE; anon asks for none with MADV_NOHUGEPAGE, so that the host's setting does not
 * change what is measured. with_alias: see above; only for file backings.
 * 0, or -errno and closed.
 */
int guest_memory_open(struct guest_memory *m, enum backing b, uint64_t bytes, int numa_node,
		      bool with_alias, struct fault *f);

/*
 * Fault all of it in, by the gang in equal shares (NULL: by the caller alone), through the alias
 * where there is one. Memory that is not bound comes from the node of whoever touches it first, so
 * each share is local to its thread. Returns early, with -EINTR, when stop_signal() is set.
 */
int guest_memory_prefault(struct guest_memory *m, struct gang *gang, struct fault *f);

/* Fill in the slots; returns their number, 1 or 2. */
int guest_memory_slots(const struct guest_memory *m, struct guest_memory_slot *slots);

/* Unmap and close. Safe on a closed one. Nothing of it may be pinned or in a memslot any more. */
void guest_memory_close(struct guest_memory *m);

#endif
