// SPDX-License-Identifier: GPL-2.0-or-later
/* cpus: where threads may run, and in which order they are given to them. */
#include "sevpinbench/host.h"

#include <sched.h>

/* The CPU of the set with this number among them, going round. */
static int numbered(const cpu_set_t *set, int number)
{
	int i, left = number % CPU_COUNT(set);

	for (i = 0; !CPU_ISSET(i, set) || left-- > 0; i++)
		;
	return i;
}

unsigned host_cpus_allowed(int first, int *cpu, unsigned max)
{
	cpu_set_t set;
	unsigned count = 0;
	int i, at;

	if (sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) == 0)
		return 0; /* more CPUs than the C library's set has room for */
	first = first < 0 ? sched_getcpu() : numbered(&set, first);
	first = first < 0 ? 0 : first;
	for (i = 0; i < CPU_SETSIZE && count < max; i++) {
		at = (first + i) % CPU_SETSIZE;
		if (CPU_ISSET(at, &set))
			cpu[count++] = at;
	}
	return count;
}

/* CPUs, and the node of each. */
struct located {
	const int *cpu;
	int node[CPU_SETSIZE];
	unsigned count;
};

static void locate(struct located *l, const int *cpu, unsigned count)
{
	unsigned i;

	l->cpu = cpu;
	l->count = count < CPU_SETSIZE ? count : CPU_SETSIZE;
	for (i = 0; i < l->count; i++)
		l->node[i] = host_numa_node_of_cpu(cpu[i]);
}

/* The next of them that is on the node, from *from on; -1 none. */
static int next_on(const struct located *l, int node, unsigned *from)
{
	for (; *from < l->count; ++*from) {
		if (l->node[*from] == node)
			return l->cpu[(*from)++];
	}
	return -1;
}

/* One CPU of each node in turn; the node of the first comes first. */
static unsigned spread(const struct located *l, int *out, unsigned max)
{
	unsigned from[HOST_NODES] = {0}, n = 0, before;
	int first = l->count ? l->node[0] : 0, i, got;

	first = first < 0 || first >= HOST_NODES ? 0 : first;
	do {
		before = n;
		for (i = 0; i < HOST_NODES && n < max; i++) {
			int node = (first + i) % HOST_NODES;

			got = next_on(l, node, &from[node]);
			if (got >= 0)
				out[n++] = got;
		}
	} while (n > before && n < max);
	return n;
}

unsigned host_cpus_for_memory(const int *cpu, unsigned count, int node, int *out, unsigned max)
{
	struct located located;
	unsigned n = 0, from = 0, i;
	int got;

	locate(&located, cpu, count);
	if (node < 0)
		n = spread(&located, out, max);
	while (node >= 0 && n < max && (got = next_on(&located, node, &from)) >= 0)
		out[n++] = got;
	/* Nothing is known of nodes, or none of these CPUs is near: then those that there are. */
	for (i = 0; n == 0 && i < count && i < max; i++)
		out[i] = cpu[i];
	return n ? n : i;
}
