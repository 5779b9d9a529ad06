/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flush_counter: cache flushes on all CPUs (WBINVD) that the kernel does on this process's behalf.
 * KVM needs them for SEV guests, and on hardware each costs in the order of a millisecond.
 *
 * A kprobe on the kernel's function, counted by perf for this process and the threads it makes
 * from now on: others' flushes do not count, nothing is left behind when the process is killed (a
 * probe made through tracefs would be), and between two readings nothing of ours runs.
 */
#ifndef SEVPINBENCH_FLUSH_COUNTER_H
#define SEVPINBENCH_FLUSH_COUNTER_H

#include <stdint.h>

#define FLUSH_COUNTER_FUNCTIONS 4
#define FLUSH_COUNTER_TEXT	128

struct flush_counter {
	int fd[FLUSH_COUNTER_FUNCTIONS];
	unsigned count; /* of open descriptors; 0 closed, or flushes can't be counted */
	char reason[FLUSH_COUNTER_TEXT]; /* why they can't be; "" where they can */
};

/*
 * Start counting. Before any thread is made whose flushes are to count. Never fails: where the
 * kernel has no kprobes, lacks the function or does not permit it, reason says so.
 */
void flush_counter_open(struct flush_counter *c);

/* Flushes since the opening; -1 where they can't be counted. One read(2) a function. */
int64_t flush_counter_read(const struct flush_counter *c);

/* Safe when zeroed. */
void flush_counter_close(struct flush_counter *c);

#endif
