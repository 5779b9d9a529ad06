/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userfault_team: the fault handlers of a guest: one for each CPU that its vCPUs run on, and there,
 * with the memory that those vCPUs touch, a userfaultfd, pins and a lock of its own.
 *
 * A vCPU that waits for its page leaves its CPU to the handler, which leaves it to the vCPU again:
 * two switches. A handler on another CPU must be woken there by an interrupt, and so must the vCPU
 * afterwards; where idle CPUs sleep, that costs several times what serving the fault does.
 */
#ifndef SEVPINBENCH_USERFAULT_TEAM_H
#define SEVPINBENCH_USERFAULT_TEAM_H

#include "sevpinbench/fault.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/histogram.h"
#include "sevpinbench/ledger.h"
#include "sevpinbench/pin_ops.h"
#include "sevpinbench/userfault.h"
#include <stdint.h>

struct userfault_team_config {
	const struct pin_ops *ops;
	struct ledger *ledger; /* of the guest's chunks */
	unsigned vcpus;
	/* What they touch, in equal slices, as far as is known: it only decides who serves what. */
	uint64_t work_at, work_bytes;
	const int *cpus;    /* vCPU i runs on cpus[i % cpu_count] */
	unsigned cpu_count; /* 0: anywhere; then there is one handler, anywhere too */
	void (*on_failure)(void *arg);
	void *on_failure_arg;
};

struct userfault_team {
	unsigned count; /* handlers; 0 closed */
	const struct pin_ops *ops;
	struct ledger *ledger;
	struct userfault_shares shares;
	struct userfault *member;
	struct histogram times; /* of all of them, after userfault_team_stop() */
};

/*
 * Before timing: the threads, waiting, and what they need. ops and ledger must outlive the team. 0,
 * or -errno and closed.
 */
int userfault_team_open(struct userfault_team *t, const struct userfault_team_config *c,
			struct fault *f);

/* Timed: get ready for faults, see userfault_start(). 0 or -errno. */
int userfault_team_start(struct userfault_team *t, const struct guest_memory *m,
			 const struct vm *vm, struct fault *f);

/* Has one of them failed? Then its fault is copied to f, and -errno returned. Else 0. */
int userfault_team_failure(const struct userfault_team *t, struct fault *f);

/* Serve the chunks of a stretch of guest memory that the host itself is about to touch. */
int userfault_team_touch(struct userfault_team *t, uint64_t offset, uint64_t bytes,
			 struct fault *f);

/* Wait until what is being served is pinned, see userfault_settle(). */
void userfault_team_settle(struct userfault_team *t);

/* Timed: end the threads, unregister, give the pins back. No vCPU may be running. */
void userfault_team_release(struct userfault_team *t);

/* Free everything; releases first where that was not done. Safe when zeroed. */
void userfault_team_close(struct userfault_team *t);

#endif
