/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin_ops: how a stretch of memory gets a long-term pin. One implementation a file in src/pin/,
 * so that the timed code around it is the same for every mechanism.
 */
#ifndef SEVPINBENCH_PIN_OPS_H
#define SEVPINBENCH_PIN_OPS_H

#include "sevpinbench/fault.h"
#include "sevpinbench/vm.h"
#include <stdbool.h>
#include <stdint.h>

struct pin_ops {
	uint64_t max_range_bytes; /* the longest stretch that one add() takes */
	bool counts_in_vmpin;	  /* the kernel adds these pins to VmPin of this process */

	/*
	 * Before timing: allocate for up to max_ranges stretches. *state is the implementation's,
	 * freed by close(). 0 or -errno.
	 */
	int (*open)(void **state, uint64_t max_ranges, struct fault *f);
	/* Timed: what the mechanism needs of the kernel before its first pin. The VM is the
	 * guest's. */
	int (*start)(void *state, const struct vm *vm, struct fault *f);
	/* Timed: pin [addr, addr + bytes), for writing, until release(). 0 or -errno. */
	int (*add)(void *state, void *addr, uint64_t bytes, struct fault *f);
	/* Timed: give every pin back, and what start() took. Safe after a failed start(). */
	void (*release)(void *state);
	/* Free the state. Safe on NULL. After release(). */
	void (*close)(void *state);
};

/* io_uring registered buffers: pin_user_pages(FOLL_WRITE | FOLL_LONGTERM), io_uring/rsrc.c. */
extern const struct pin_ops pin_ops_io_uring;

/* Regions registered with KVM, for SEV guests: arch/x86/kvm/svm/sev.c,
   sev_mem_enc_register_region(). Given back when the VM is closed. */
extern const struct pin_ops pin_ops_kvm_region;

/*
 * Can this process use io_uring registered buffers? Sets a ring up and takes it down again.
 * 0 or -errno with the reason and the remedy.
 */
int pin_io_uring_probe(struct fault *f);

/* Ranges that fit the first ring, and each further one (IORING_MAX_REG_BUFFERS). */
#define PIN_IO_URING_FIRST_RANGES    512u
#define PIN_IO_URING_RANGES_PER_RING 16384u

/* Rings that so many ranges take, a descriptor each; at least one. */
uint64_t pin_io_uring_rings(uint64_t ranges);

#endif
