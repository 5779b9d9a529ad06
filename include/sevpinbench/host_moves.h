/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_moves: have the kernel move pages for its own ends: what it cannot move is held by somebody.
 * Moving pages from node to node is host_numa_move()'s.
 */
#ifndef SEVPINBENCH_HOST_MOVES_H
#define SEVPINBENCH_HOST_MOVES_H

#include <stdint.h>

/*
 * Compact all memory of the host: pages that can be moved are, so that free memory lies together
 * (/proc/sys/vm/compact_memory). 0 or -errno.
 */
int host_moves_compact(void);

/*
 * Have small pages of private anonymous memory replaced by a huge one (MADV_COLLAPSE, Linux 6.1).
 * addr and bytes are a huge page's, all of its pages there. 1 done, 0 refused because somebody
 * holds one of the pages, by a pin or a reference; -errno where that cannot be told. The memory is
 * open to huge pages from then on.
 */
int host_moves_collapse(void *addr, uint64_t bytes);

#endif
