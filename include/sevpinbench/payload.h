/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload: the program that runs in the guest, and the mailbox by which it and the host talk.
 * Shared by C and src/guest/payload.S.
 *
 * The payload uses plain integer instructions only: where KVM interprets guest code, SSE and
 * the like are errors. It has no stack, no IDT and calls nothing.
 *
 * An SEV-ES guest may do nothing that would need a handler of #VC, such as writing to a port. It
 * halts where the others write, and when it is run once more after its second halt, it asks for its
 * termination by the GHCB's MSR (AMD 56421, GHCB specification, 2.3.1).
 */
#ifndef SEVPINBENCH_PAYLOAD_H
#define SEVPINBENCH_PAYLOAD_H

/* I/O ports: its first instruction, and the end of its touching. */
#define PAYLOAD_PORT_FIRST 0x10
#define PAYLOAD_PORT_DONE  0x11

#define PAYLOAD_FLAG_RANDOM 1
#define PAYLOAD_FLAG_READ   2
#define PAYLOAD_FLAG_HALTS  4 /* an SEV-ES or SEV-SNP guest */
#define PAYLOAD_FLAG_SNP    8 /* an SEV-SNP guest, which validates each page before it uses it */

/* What it says by the GHCB's MSR where that fails: a termination request of set 1, code 1. */
#define PAYLOAD_TERMINATION_INVALID 0x11100

#define PAYLOAD_MAGIC_STARTED  0x5354415254454421 /* "STARTED!" */
#define PAYLOAD_MAGIC_FINISHED 0x46494e4953484544 /* "FINISHED" */

/* Offsets in a mailbox slot, for payload.S; guest/boot.c checks them against the struct. */
#define PAYLOAD_FIRST_PAGE 0x00
#define PAYLOAD_PAGES	   0x08
#define PAYLOAD_MASK	   0x10
#define PAYLOAD_MULTIPLIER 0x18
#define PAYLOAD_INCREMENT  0x20
#define PAYLOAD_SHIFT	   0x28
#define PAYLOAD_STATE	   0x30
#define PAYLOAD_LOW_BYTES  0x38
#define PAYLOAD_HOLE_BYTES 0x40
#define PAYLOAD_FLAGS	   0x48
#define PAYLOAD_STARTED	   0x50
#define PAYLOAD_TSC_FIRST  0x58
#define PAYLOAD_TOUCHED	   0x60
#define PAYLOAD_TSC_DONE   0x68
#define PAYLOAD_FINISHED   0x70
#define PAYLOAD_SLOT_BYTES 0x80

#ifndef __ASSEMBLER__

#include <stdint.h>

/* One vCPU's slot in the mailbox. The guest gets its address in RDI. */
struct payload_slot {
	/* From the host: which pages to touch, counted by offset in guest memory, and how. */
	uint64_t first_page, pages;
	/* Random order: state = (state * multiplier + increment) & mask visits every value up to
	   mask once (Hull and Dobell 1962); index = state ^ (state >> shift) mixes its low bits and
	   is a bijection too; indices from pages on are passed over. */
	uint64_t mask, multiplier, increment, shift, state;
	uint64_t low_bytes, hole_bytes; /* offsets from low_bytes on lie hole_bytes higher */
	uint64_t flags;
	/* From the guest. TSC values are the guest's own. */
	uint64_t started, tsc_first, touched, tsc_done, finished;
	uint64_t reserved;
};

/* The payload's code: position independent, entered at its first byte, by an SEV-ES guest at
   payload_code_halting. */
extern const unsigned char payload_code[];
extern const unsigned char payload_code_halting[];
extern const unsigned char payload_code_end[];

#endif
#endif
