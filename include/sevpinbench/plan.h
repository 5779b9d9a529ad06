/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: from what was asked for to the cells of a campaign, and what each of them needs. */
#ifndef SEVPINBENCH_PLAN_H
#define SEVPINBENCH_PLAN_H

#include "sevpinbench/cell.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/launch.h"
#include <stdbool.h>
#include <stdint.h>

#define PLAN_SIZES	 64
#define PLAN_PREFAULTS	 8
#define PLAN_PIN_THREADS 8
#define PLAN_TOUCHES	 16
#define PLAN_PARALLELS	 16

/* The working set: a share of the guest, or a size. */
struct plan_touch {
	bool is_share;
	uint32_t millionths;
	uint64_t bytes;	    /* where not a share */
	uint64_t cap_bytes; /* at most so much; 0 no cap */
};

/* Lists, of which every combination is a cell, and what all cells share. */
struct plan_request {
	enum guest_type guest_type;
	unsigned size_count, mode_count, backing_count, prefault_count, touch_count;
	uint64_t guest_bytes[PLAN_SIZES];
	enum pin_mode mode[PIN_MODE_COUNT];
	enum backing backing[BACKING_COUNT];
	uint32_t prefault_threads[PLAN_PREFAULTS];
	struct plan_touch touch[PLAN_TOUCHES];
	unsigned pin_threads_count; /* 0: one thread */
	uint32_t pin_threads[PLAN_PIN_THREADS];
	unsigned pin_order_count; /* 0: the guest type's usual one */
	enum pin_order pin_order[PIN_ORDER_COUNT];
	unsigned parallel_count; /* 0: one guest at a time */
	uint32_t parallel[PLAN_PARALLELS];
	uint32_t vcpus;
	enum touch_order touch_order;
	enum touch_op touch_op;
	uint64_t chunk_bytes;
	uint32_t sev_policy;
	uint64_t launch_update_bytes; /* 0: the boot area only */
	bool kvm_demand;	      /* the kernel was seen to pin SEV memory on demand */
	int numa_node;		      /* -1 any */
};

/* What a cell takes from the host. */
struct plan_needs {
	uint64_t pinned_bytes;	 /* when its guest has touched all it will */
	uint64_t resident_bytes; /* guest memory in RAM then */
	uint64_t table_bytes;	 /* what the kernel notes about each of its pages */
	uint64_t kernel_bytes;	 /* beside it: an upper bound, see plan.c */
	uint64_t huge_pages;	 /* of the backing's page size; 0 where it has none */
	uint64_t touch_pages;	 /* that the guest touches behind its boot area */
	uint64_t files;		 /* descriptors */
	uint64_t rings;		 /* io_urings, each for 16,384 chunks */
	uint64_t memlock_bytes;	 /* what RLIMIT_MEMLOCK must allow: the pins, and the rings
				    themselves */
};

/*
 * Make the cells, in the order asked: sizes outermost, then backings, working sets, prefaulting,
 * pin threads, pin orders and guests at once; modes innermost, so that what is to be compared
 * stands together. Combinations that come to the same cell (nothing is pinned in two orders or by
 * two threads) are one. Returns their number, or -errno: -EINVAL with what does not fit together,
 * -E2BIG where room is too small, -ENOTSUP where a guest type is not built yet.
 */
int plan_cells(const struct plan_request *p, struct cell *cells, uint32_t room, struct fault *f);

void plan_needs(const struct cell *c, bool pages_1g, struct plan_needs *n);

#endif
