/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturbance: what happened on the host while a sample was taken that is none of its doing. Read
 * before and after the sample, outside its timed phases.
 */
#ifndef SEVPINBENCH_DISTURBANCE_H
#define SEVPINBENCH_DISTURBANCE_H

#include "sevpinbench/cell.h"
#include "sevpinbench/host.h"
#include "sevpinbench/host_watch.h"
#include "sevpinbench/sample.h"
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

struct disturbance {
	const struct host_facts *host; /* as the campaign began; must outlive it */
	bool pages_1g;		       /* how the tables of a guest are counted: plan_needs() */
	uint64_t pace_ns;	       /* what a fixed piece of work took then; 0: not looked at */
	bool placed;		       /* cpus is known: where this thread might run then */
	cpu_set_t cpus;
	uint64_t start_ns;
	struct host_watch before;
};

/* Before the first sample. Takes half a millisecond. */
void disturbance_open(struct disturbance *d, const struct host_facts *host, bool pages_1g);

/* Before each sample, and after it. The second sets flags of s, and its detail where it has none.
 */
void disturbance_begin(struct disturbance *d);
void disturbance_end(struct disturbance *d, const struct cell *c, struct sample *s);

#endif
