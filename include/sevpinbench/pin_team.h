/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin_team: memory pinned at once by several threads, each a stretch of its own with a mechanism's
 * state of its own (io-uring: its own rings), so that they share no lock but the kernel's. Number 0
 * is the caller, each other one a thread that is made before the timing and parked until then.
 */
#ifndef SEVPINBENCH_PIN_TEAM_H
#define SEVPINBENCH_PIN_TEAM_H

#include "sevpinbench/fault.h"
#include "sevpinbench/gang.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/ledger.h"
#include "sevpinbench/pin_ops.h"
#include <stdbool.h>
#include <stdint.h>

struct pin_member {
	void *state;	     /* of the mechanism */
	uint64_t first, end; /* chunks of the ledger */
	int result;
	struct fault fault;
};

struct pin_team {
	unsigned count; /* members that are open; 0 closed */
	struct gang gang;
	bool failed; /* atomic: one of them has; the others need not go on */
	const struct pin_ops *ops;
	struct ledger *ledger;
	const struct guest_memory *memory;
	const struct vm *vm;
	struct pin_member member[GANG_MAX];
};

/*
 * The length of a chunk that gives each of so many threads as many chunks, if it can be: at most
 * ops->max_range_bytes, a multiple of unit_bytes (no huge page belongs to two of them).
 */
uint64_t pin_team_chunk_bytes(const struct pin_ops *ops, uint64_t total_bytes, unsigned threads,
			      uint64_t unit_bytes);

/*
 * Before timing: states for the chunks of the ledger, and threads, number i on cpus[i % cpu_count]
 * (cpu_count 0: anywhere; the caller places itself). ops and ledger must outlive the team. 0, or
 * -errno and closed.
 */
int pin_team_open(struct pin_team *t, const struct pin_ops *ops, struct ledger *ledger,
		  unsigned threads, const int *cpus, unsigned cpu_count, struct fault *f);

/*
 * Timed, once: pin all of the memory, looking at stop_signal() between the chunks (-EINTR), and
 * enter it into the ledger. 0, or -errno of the first member, by number, that failed; all have
 * ended then.
 */
int pin_team_run(struct pin_team *t, const struct guest_memory *m, const struct vm *vm,
		 struct fault *f);

/* Timed: give back what all of them have pinned. */
void pin_team_release(struct pin_team *t);

/* End the threads and free everything, after pin_team_release(). Safe when zeroed. */
void pin_team_close(struct pin_team *t);

#endif
