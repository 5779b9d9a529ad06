/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_watch: what the rest of the host does meanwhile. Sums since boot, to be read before and
 * after; and settings, compared with those of an earlier time.
 */
#ifndef SEVPINBENCH_HOST_WATCH_H
#define SEVPINBENCH_HOST_WATCH_H

#include "sevpinbench/host.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the whole host, this process included. -1: cannot be read. */
struct host_watch {
	int64_t stolen_ns;	 /* /proc/stat, steal of all CPUs; in ticks of 10 ms */
	int64_t allocated_pages; /* /proc/vmstat, pgalloc_*: a huge page counts as 512 */
	int64_t migrated_pages;	 /* pgmigrate_success */
	int64_t reclaims;	 /* allocstall_*: allocations that had to reclaim memory first */
	int64_t swapped_pages;	 /* pswpin, pswpout */
	/* Of the calling thread alone: it could run, and another one had the CPU. The second number
	   of /proc/thread-self/schedstat (sched_info, kernel/sched/stats.h). */
	int64_t waited_ns;
};

/* Read all of it: about 0.1 ms, so never between timestamps. Never fails. */
void host_watch_read(struct host_watch *w);

/*
 * True where a setting that startup depends on (huge pages, NUMA balancing, clock source, governor,
 * CPUs online) is not what it was; text then names the first one, with both values. What was or is
 * unknown is not compared.
 */
bool host_watch_settings_changed(const struct host_facts *then, char *text, size_t size);

#endif
