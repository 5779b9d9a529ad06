/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * preflight: can a cell run on this host without harm? Asked before anything is pinned, and again
 * before each sample, since a host's memory changes: the OOM killer never decides.
 */
#ifndef SEVPINBENCH_PREFLIGHT_H
#define SEVPINBENCH_PREFLIGHT_H

#include "sevpinbench/cell.h"
#include "sevpinbench/host.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/record.h"
#include <stdbool.h>

/*
 * Ask everything about one cell: guest addresses, vCPUs, NUMA node, the mechanism's permissions
 * (tried out), memory, huge pages, memlock, descriptors. True where it can run; else *refusal
 * tells the first reason, with numbers and what to do.
 */
bool preflight_cell(const struct cell *c, const struct host_facts *h, const struct launch_limits *l,
		    struct record_refusal *refusal);

/* The same for memory alone, from figures read now. Cheap enough to ask before each sample. */
bool preflight_memory_now(const struct cell *c, const struct launch_limits *l,
			  struct record_refusal *refusal);

/* What stays free for the rest of the host: 5% of its memory, at least 256 MiB. */
uint64_t preflight_margin_bytes(const struct host_memory *m);

#endif
