/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot: the boot area at the start of guest memory, all that a guest of ours needs to run:
 *
 *   0x0000  mailbox, 4 pages: a slot of 128 bytes for each vCPU
 *   0x4000  payload, 1 page
 *   0x5000  page tables: PML4, the page table of the first 2 MiB, PDPTs, page directories
 *
 * The tables map guest physical addresses one to one up to the end of the working set, in 1 GiB
 * pages where the CPU offers them, else in 2 MiB pages; the first 2 MiB in 4 KiB pages, so that the
 * mailbox can be shared with the host while the rest is encrypted. What the guest never touches is
 * not mapped: the boot area of a guest does not grow with its memory.
 */
#ifndef SEVPINBENCH_BOOT_H
#define SEVPINBENCH_BOOT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/vcpu.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

#define BOOT_MAILBOX_BYTES 0x4000u
#define BOOT_PAYLOAD_GPA   0x4000u
#define BOOT_TABLES_GPA	   0x5000u
#define BOOT_MAX_VCPUS	   128u

/* The smallest guest that has room behind its boot area. */
#define BOOT_MIN_GUEST_BYTES (2 * UNITS_MIB)

struct boot_config {
	bool pages_1g;		  /* the vCPU's CPUID offers 1 GiB pages */
	uint64_t encryption_mask; /* the C-bit, set in every entry but the mailbox's; 0 for vm */
	bool halts;		  /* an SEV-ES or -SNP guest, which may not write to ports */
	bool validates;		  /* an SEV-SNP guest */
	uint32_t vcpus;
	uint64_t touch_bytes;
	enum touch_order order;
	enum touch_op op;
	uint64_t seed; /* of the random order */
};

/* Bytes of the boot area of a guest with such a working set, whole pages. */
uint64_t boot_area_bytes(uint64_t guest_bytes, uint64_t touch_bytes, bool pages_1g);

/*
 * Pages of the working set that lie behind the boot area and in memory: what the guest will
 * touch. The boot area itself counts as touched by starting.
 */
uint64_t boot_touch_pages(uint64_t guest_bytes, uint64_t touch_bytes, bool pages_1g);

/*
 * Write mailbox, payload and tables. The boot area must be writable by the host now; where
 * memory is pinned on demand, it must have been pinned first.
 */
void boot_write(struct guest_memory *m, const struct boot_config *c);

/* Where vCPU number id starts. */
struct vcpu_start boot_start(const struct boot_config *c, uint32_t id);

/*
 * After the guest's end: did every vCPU start, touch its share and finish, and do the first and
 * last page of each share hold what was to be written there? *touched_pages is the guest's own
 * count. 0, or -EIO with what is wrong.
 */
int boot_verify(const struct guest_memory *m, const struct boot_config *c, uint64_t *touched_pages,
		struct fault *f);

#endif
