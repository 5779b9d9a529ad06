/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_stats: KVM's own figures about a VM and its vCPUs (KVM_GET_STATS_FD, Linux 5.14 and newer;
 * Documentation/virt/kvm/api.rst, 4.133).
 */
#ifndef SEVPINBENCH_GUEST_STATS_H
#define SEVPINBENCH_GUEST_STATS_H

#include "sevpinbench/words.h"
#include <stdint.h>

#define GUEST_STATS_UNKNOWN INT64_MIN /* this kernel does not have the figure */

/* Where the figures of one VM or vCPU are read. The file keeps its VM alive: close it first. */
struct guest_stats {
	int fd;				  /* -1 closed */
	int64_t offset[GUEST_STAT_COUNT]; /* in the file; -1: not there */
};

/*
 * Ask for the figures of a VM or a vCPU, by its descriptor. Where the kernel has none, nothing is
 * known; that is no failure.
 */
void guest_stats_open(struct guest_stats *s, int fd);

/* Add the figures as they are now to value[], where an unknown one becomes known. */
void guest_stats_add(const struct guest_stats *s, int64_t value[GUEST_STAT_COUNT]);

/* Safe on a closed one. */
void guest_stats_close(struct guest_stats *s);

#endif
