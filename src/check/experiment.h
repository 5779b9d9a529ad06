/* SPDX-License-Identifier: GPL-2.0-or-later */
/* experiment: start a tiny guest and see what is pinned when. */
#ifndef CHECK_EXPERIMENT_H
#define CHECK_EXPERIMENT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

enum experiment_outcome {
	EXPERIMENT_NOT_MADE,
	EXPERIMENT_FAILED,     /* the guest did not start: see fault */
	EXPERIMENT_UNREADABLE, /* it did; the pin counters cannot be read */
	EXPERIMENT_EAGER,      /* pinned before the first instruction */
	EXPERIMENT_DEMAND,     /* pinned when touched */
	EXPERIMENT_NEITHER,    /* taken by the kernel, and not pinned */
};

struct experiment {
	enum experiment_outcome outcome;
	uint64_t guest_bytes, touch_bytes; /* of the tiny guest */
	int64_t registered_pages;	   /* more pinned once its memory was registered, */
	int64_t touched_pages;		   /* and once the guest had touched what it does */
	bool has_prefault;		   /* asked again with memory that was there before */
	int64_t prefault_pages;		   /* pinned then, once registered */
	uint64_t startup_ns;
	bool flushes_known;
	int64_t flushes; /* of all CPUs' caches, from start to end */
	struct fault fault;
};

/* Start the guest of this type; a vm guest in this mode. SEV guests are registered whole. */
void experiment_make(struct experiment *e, enum guest_type t, enum pin_mode m);

#endif
