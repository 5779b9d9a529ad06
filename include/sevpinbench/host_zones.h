/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_zones: which page frames the kernel keeps for pages that can be moved. */
#ifndef SEVPINBENCH_HOST_ZONES_H
#define SEVPINBENCH_HOST_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#define HOST_ZONES 64 /* with memory, of the nodes that this program knows; more are left out */

/* A stretch of page frames of one kind, of one node. Its memory may have holes. */
struct host_zone {
	int node;
	bool movable; /* ZONE_MOVABLE: what is there must not be pinned for long */
	uint64_t first_frame, frames;
};

/* By /proc/zoneinfo. The number of zones with memory, filled in up to max, or -errno. */
int host_zones_collect(struct host_zone *zone, int max);

/* True where the frame is in ZONE_MOVABLE. Where zones overlap, the narrower one has it. */
bool host_zones_is_movable(const struct host_zone *zone, int count, uint64_t frame);

#endif
