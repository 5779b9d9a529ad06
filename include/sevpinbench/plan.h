/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: from what was asked for to the cells of a campaign, and what each of them needs. */
#ifndef SEVPINBENCH_PLAN_H
#define SEVPINBENCH_PLAN_H

#include "sevpinbench/cell.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/launch.h"
#include <stdbool.h>
#include <stdint.h>

#define PLAN_SIZES 64

/* The working set: a share of the guest, or a size. */
struct plan_touch {
	bool is_share;
	uint32_t millionths;
	uint64_t bytes;	    /* where not a share */
	uint64_t cap_bytes; /* at most so much; 0 no cap */
};

struct plan_request {
	enum guest_type guest_type;
	unsigned size_count, mode_count;
	uint64_t guest_bytes[PLAN_SIZES];
	enum pin_mode mode[PIN_MODE_COUNT];
	enum backing backing;
	uint32_t prefault_threads, vcpus;
	struct plan_touch touch;
	enum touch_order touch_order;
	enum touch_op touch_op;
	uint64_t chunk_bytes;
	int pin_order; /* enum pin_order; -1: the guest type's usual one */
	uint32_t sev_policy;
	uint64_t launch_update_bytes; /* 0: the boot area only */
	bool kvm_demand;	      /* the kernel was seen to pin SEV memory on demand */
	int numa_node;		      /* -1 any */
};

/* What a cell takes from the host. */
struct plan_needs {
	uint64_t pinned_bytes;	 /* when its guest has touched all it will */
	uint64_t resident_bytes; /* guest memory in RAM then */
	uint64_t kernel_bytes;	 /* tables beside it: an upper bound, see plan.c */
	uint64_t huge_pages;	 /* of the backing's page size; 0 where it has none */
	uint64_t touch_pages;	 /* that the guest touches behind its boot area */
	uint64_t files;		 /* descriptors */
	uint64_t rings;		 /* io_urings, each for 16,384 chunks */
	uint64_t memlock_bytes;	 /* what RLIMIT_MEMLOCK must allow: the pins, and the rings
				    themselves */
};

/*
 * Make the cells: sizes outermost, then modes, in the order asked. cells has room for
 * size_count * mode_count. Returns their number, or -errno: -EINVAL with what does not fit
 * together, -ENOTSUP where a guest type is not built yet.
 */
int plan_cells(const struct plan_request *p, struct cell *cells, struct fault *f);

void plan_needs(const struct cell *c, bool pages_1g, struct plan_needs *n);

#endif
