/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement: on which CPUs the threads of one start run. Private to launch/. */
#ifndef SEVPINBENCH_LAUNCH_PLACEMENT_H
#define SEVPINBENCH_LAUNCH_PLACEMENT_H

#include "sevpinbench/cell.h"
#include "sevpinbench/gang.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include <sched.h>
#include <stdbool.h>

#define PLACEMENT_CPUS 1024
#define PLACEMENT_NEAR GANG_MAX

struct placement {
	/* Those asked for; else those that the caller may run on, the one it is on first. */
	int cpu[PLACEMENT_CPUS];
	unsigned cpu_count;
	bool fixed; /* vCPU i stays on cpu[i % cpu_count] */
	/* The same for threads that make memory present: on its node, or spread over all nodes. */
	int near[PLACEMENT_NEAR];
	unsigned near_count;
	bool moved; /* the caller has been put on cpu[0], from: */
	cpu_set_t before;
};

/* Choose, and put the caller on its CPU where it is to stay there. Never fails: what cannot be
   found out or done is left to the scheduler. */
void placement_take(struct placement *p, const struct launch_options *o, const struct cell *c);

/* Would the caller make memory present where the cell wants it? */
bool placement_is_near(const struct placement *p, const struct cell *c);

/* The caller may run where it might before. */
void placement_give_back(struct placement *p);

#endif
