// SPDX-License-Identifier: GPL-2.0-or-later
/* placement: on which CPUs the threads of one start run. */
#include "placement.h"

#include "sevpinbench/host.h"
#include "sevpinbench/sys.h"

void placement_take(struct placement *p, const struct launch_options *o, const struct cell *c)
{
	p->moved = false;
	p->cpu_count = 0;
	while (p->cpu_count < o->cpu_count && p->cpu_count < PLACEMENT_CPUS) {
		p->cpu[p->cpu_count] = o->cpus[p->cpu_count];
		p->cpu_count++;
	}
	if (p->cpu_count == 0)
		p->cpu_count = host_cpus_allowed((int)o->cpu_turn - 1, p->cpu, PLACEMENT_CPUS);
	p->near_count =
		host_cpus_for_memory(p->cpu, p->cpu_count, c->numa_node, p->near, PLACEMENT_NEAR);
	p->fixed = o->cpu_count > 0;
	if (p->fixed || !pin_has_chunks(c->mechanism) || p->cpu_count == 0)
		return;
	/* Where faults are served, each vCPU stays beside its handler: userfault_team.h. */
	if (sched_getaffinity(0, sizeof(p->before), &p->before) < 0)
		return;
	p->fixed = p->moved = sys_run_on_cpu(p->cpu[0]) == 0;
}

bool placement_is_near(const struct placement *p, const struct cell *c)
{
	unsigned i;
	int now = sched_getcpu();

	if (c->numa_node < 0)
		return true;
	for (i = 0; i < p->near_count; i++) {
		if (p->near[i] == now)
			return true;
	}
	return false;
}

void placement_give_back(struct placement *p)
{
	if (p->moved)
		sched_setaffinity(0, sizeof(p->before), &p->before);
	p->moved = false;
}
