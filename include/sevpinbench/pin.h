/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin: when guest memory is pinned (the pin mode), by whom (the mechanism), and the account of it.
 */
#ifndef SEVPINBENCH_PIN_H
#define SEVPINBENCH_PIN_H

#include "sevpinbench/fault.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/ledger.h"
#include "sevpinbench/pin_ops.h"
#include "sevpinbench/pin_team.h"
#include "sevpinbench/userfault_team.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

/*
 * The mechanism that this program uses for a guest type and mode, or -ENOTSUP where it has none
 * (yet).
 */
int pin_mechanism(enum guest_type t, enum pin_mode m);

/* True where the mechanism serves demand faults in user space, a chunk at a time. */
bool pin_has_chunks(enum pin_mechanism m);

/* True where the mechanism's pins are seen in VmPin of this process. */
bool pin_counts_in_vmpin(enum guest_type t, enum pin_mechanism m);

/*
 * Can this process use the mechanism here? Tries it out on nothing. 0, or -errno with the reason
 * and the remedy.
 */
int pin_probe(enum guest_type t, enum pin_mechanism m, enum backing b, struct fault *f);

struct pin_config {
	enum guest_type guest_type;
	enum pin_mechanism mechanism;
	uint64_t guest_bytes;
	uint64_t chunk_bytes; /* where pin_has_chunks() */
	/* Where it all is pinned before the guest runs: by so many threads (0: one, the caller's),
	   number i on cpus[i % cpu_count]. */
	unsigned threads;
	enum backing backing;
	/* Where faults are served: see struct userfault_team_config. */
	unsigned vcpus;
	uint64_t work_at, work_bytes;
	const int *cpus;
	unsigned cpu_count; /* 0: anywhere */
	/* Called by the fault handler when it can serve no more; must bring vCPUs to a halt. */
	void (*on_failure)(void *arg);
	void *on_failure_arg;
};

struct pin {
	enum pin_mechanism mechanism;
	const struct pin_ops *ops; /* NULL: nothing is pinned */
	struct ledger ledger;
	struct pin_team team;	      /* pins it all at once */
	struct userfault_team faults; /* or these, on demand */
};

/* Before timing: tables, threads. 0, or -errno and closed. */
int pin_open(struct pin *p, const struct pin_config *c, struct fault *f);

/*
 * The phase "pin". Eager: pin all of the memory, in stretches, by all threads, looking at
 * stop_signal() between them (-EINTR). Demand: get ready for faults. The memory must stay mapped
 * until pin_release().
 */
int pin_start(struct pin *p, struct guest_memory *m, const struct vm *vm, struct fault *f);

/* The host is about to write there: pin it first where pins come on demand. 0 or -errno. */
int pin_before_host_write(struct pin *p, uint64_t offset, uint64_t bytes, struct fault *f);

/* The guest has touched what it will: wait for the pins of that, where they come on demand. */
void pin_settle(struct pin *p);

/* Has the fault handler failed? Then its fault is copied to f, and -errno returned. Else 0. */
int pin_failure(const struct pin *p, struct fault *f);

/* Demand faults served, after pin_release(); NULL where there is no fault handler. */
const struct histogram *pin_fault_times(const struct pin *p);

/* The phase "unpin": give everything back. No vCPU may be running. Safe when not started. */
void pin_release(struct pin *p);

/* Free everything; releases first where that was not done. Safe when zeroed. */
void pin_close(struct pin *p);

#endif
