/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cell: one point of the matrix of a campaign: what kind of guest is started, and how. */
#ifndef SEVPINBENCH_CELL_H
#define SEVPINBENCH_CELL_H

#include "sevpinbench/words.h"
#include <stdint.h>

#define CELL_NOTE_LEN 256

/* Bits of a launch's policy (SEV API, guest policy structure). */
#define CELL_POLICY_NODBG 1u	   /* no debugging, as QEMU */
#define CELL_POLICY_ES	  4u	   /* SEV-ES guests have it, and no others */
#define CELL_POLICY_SNP	  0x30000u /* SEV-SNP: SMT is allowed, and the bit that is always one */

struct cell {
	enum guest_type guest_type;
	enum pin_mode pin;
	enum pin_mechanism mechanism;
	enum backing backing;
	uint64_t guest_bytes;
	uint32_t vcpus;
	uint64_t touch_bytes; /* the working set; starts behind the boot area, cut at the end */
	enum touch_order touch_order;
	enum touch_op touch_op;
	uint64_t chunk_bytes;	   /* what a user-space demand fault pins at once; 0 elsewhere */
	uint32_t prefault_threads; /* 0: not prefaulted */
	uint32_t pin_threads; /* that pin it all before the start; 1 elsewhere (0 counts as 1) */
	enum pin_order pin_order;
	uint32_t sev_policy;	      /* of the launch; 0 for vm */
	uint64_t launch_update_bytes; /* encrypted at launch; 0 for vm */
	int32_t numa_node;	      /* -1: any */
	uint32_t parallel;	      /* guests started at once, a process each; 1: one alone */
	char note[CELL_NOTE_LEN];     /* what the reader of its numbers must know; may be empty */
};

#define CELL_MOST_PARALLEL 1024u /* more than any processor has ASIDs for guests of a type */

/* How many guests a sample's round starts. */
static inline uint32_t cell_guests(const struct cell *c)
{
	return c->parallel > 1 ? c->parallel : 1;
}

/* The policy that is asked for, with the bit that goes with the type. */
static inline uint32_t cell_policy(enum guest_type t, uint32_t asked)
{
	/* SEV-SNP has a layout of its own, where debugging has to be allowed (bit 19). */
	if (t == GUEST_TYPE_SEV_SNP)
		return (asked == CELL_POLICY_NODBG ? 0 : asked) | CELL_POLICY_SNP;
	return t == GUEST_TYPE_SEV_ES ? asked | CELL_POLICY_ES : asked;
}

#endif
