/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch: one start of one guest, from opening /dev/kvm to the last page given back, each step
 * timed on its own. It has the order of the steps and no ioctl.
 */
#ifndef SEVPINBENCH_LAUNCH_H
#define SEVPINBENCH_LAUNCH_H

#include "sevpinbench/cell.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/flush_counter.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/pin_counters.h"
#include "sevpinbench/sample.h"
#include "sevpinbench/vm.h"
#include <stdbool.h>
#include <stdint.h>

/* A guest that is held between two steps of its start. */
struct launch_view {
	/* After PHASE_TOUCH memslots and regions may be taken from it: its vCPUs run no more. */
	struct vm *vm;
	const struct guest_memory *memory;
	uint64_t boot_bytes;  /* the boot area at its start */
	uint64_t touch_pages; /* behind it: what the guest touches, or has touched */
};

/* Where the guests of a round wait for each other. */
#define LAUNCH_READY 1 /* all is prepared; the next is the first step */
#define LAUNCH_UP    2 /* the working set is touched, or a step has failed; the next is its end */

struct launch_options {
	/* Where to run: vCPU i, its fault handler, and pin thread i on cpus[i % cpu_count]; the
	   caller is on cpus[0]. */
	const int *cpus;
	unsigned cpu_count; /* 0: anywhere */
	/* Where there is no list and threads are placed all the same: 1 and up begin with that CPU
	   of those allowed, so that guests at once do not meet on one; 0 with the caller's. */
	unsigned cpu_turn;
	uint64_t seed;	    /* of random touch orders */
	uint64_t epoch_ns;  /* sample.start_ns counts from here */
	bool count_flushes; /* cache flushes on all CPUs, where the kernel lets us */
	/* Switched before each SEV guest to what its mechanism needs; NULL: left alone. The
	   caller's, and must outlive the starts. */
	struct kernel_pinning *pinning;
	/*
	 * Called between the steps up to the end of the touching, once memory is mapped: the phase
	 * has just been completed, pins and flushes been read. What it does is in no phase's time
	 * or flushes. NULL: nobody looks.
	 */
	void (*pause)(void *arg, enum phase done, const struct launch_view *v);
	void *pause_arg;
	/*
	 * Called at LAUNCH_READY and LAUNCH_UP, where it may wait. The host's count of pins is then
	 * of all guests of the round, and is not looked at. NULL: a guest alone.
	 */
	void (*meet)(void *arg, int where);
	void *meet_arg;
	uint32_t guests; /* at once at most, launch_round(); 0 and 1: there will be no rounds */
};

struct start; /* everything of one start; launch/'s own */
struct round; /* the processes of guests at once; launch/'s own */

struct launch {
	struct launch_options options;
	struct pin_counters counters;
	struct flush_counter flushes;
	struct start *start; /* allocated and touched once, used by every start in turn */
	struct round *round; /* NULL: there are no rounds */
};

/*
 * Allocate what every start needs. Where there will be rounds, their processes are made too: to be
 * called before there are threads, or much memory of which they would have copies. 0 or -errno.
 */
int launch_open(struct launch *l, const struct launch_options *o, struct fault *f);

/* Safe when zeroed. */
void launch_close(struct launch *l);

/*
 * Start a guest as the cell says, let it touch its working set, take it down, count pins at each
 * boundary. Fills *out whatever happens: completed phases, flags, failure. The number of the sample
 * in its campaign is order. Returns 0 where the sample is valid (sample_is_valid), else -errno.
 * Uses stop_set_hook() and stop_alarm() while it runs. Leaves nothing behind.
 */
int launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample_room *out);

/*
 * Start c->parallel guests (2 or more, options.guests at most) at once, each in a process of its
 * own and in all else as launch_run() does, and fill in a sample for each, in out[]. They are
 * prepared one beside the other, start together, and are all there until the last one has touched
 * its working set. At LAUNCH_READY, at LAUNCH_UP and at the end the host's pins are counted, and
 * held against what all of them have pinned; what is wrong with that is each one's flag. A guest
 * whose process died has failed. Returns 0 where all samples are valid, else -errno. Leaves nothing
 * behind.
 */
int launch_round(struct launch *l, const struct cell *c, uint32_t order, struct sample_room *out);

/* What the host's KVM allows, which a plan must know. */
struct launch_limits {
	bool pages_1g;		   /* guests may map 1 GiB pages */
	unsigned address_bits;	   /* of guest physical addresses */
	uint32_t max_vcpus;	   /* of KVM, or of this program where that is less */
	bool sev, sev_es, sev_snp; /* such guests can be started */
	struct fault sev_fault, sev_es_fault, sev_snp_fault; /* why not */
	/* Why it cannot be relied on that KVM pins an SEV guest's memory when it is registered; ""
	   where it can. To be filled in by who knows: launch_probe() does not. */
	char region_lacks[256];
};

/* Open /dev/kvm, look, close. 0 or -errno. */
int launch_probe(struct launch_limits *l, struct fault *f);

/* Can guests of the type be started? If not, f says why. */
bool launch_can_start(const struct launch_limits *l, enum guest_type t, struct fault *f);

/*
 * Can this kernel pin an SEV or SEV-ES guest's registered memory on demand? Found out by a small
 * guest, with pinning switched to demand where the kernel has that switch: registering pins next to
 * nothing, and pins appear when it runs. Where the counters cannot be read, or the switch says
 * eager and may not be moved, no. Such guests must be possible. 0, -ENODATA where the counters
 * could be read at some moments only, or -errno where the guest could not be started; -EINTR where
 * a signal ended it (stop_signal()).
 */
int launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *pinning, bool *found,
			    struct fault *f);

#endif
