// SPDX-License-Identifier: GPL-2.0-or-later
/* numa: which nodes have memory, how much, and how to put a range on one of them; by libnuma. */
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"

#include <errno.h>
#include <limits.h>
#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <unistd.h>

#define BITS_PER_LONG (sizeof(unsigned long) * CHAR_BIT)

/* The most nodes that Linux can be built for (CONFIG_NODES_SHIFT is at most 10). */
#define NODE_LIMIT 1024

/*
 * libnuma prints its complaints to stderr unless the program defines these two. Library code is
 * silent: what went wrong is in what its functions return.
 */
void numa_error(char *where)
{
	(void)where;
}

void numa_warn(int num, char *fmt, ...)
{
	(void)num;
	(void)fmt;
}

static int64_t free_huge_pages(int node, const char *size)
{
	char path[128];
	uint64_t pages;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/hugepages/hugepages-%s/%s",
		 node, size, "free_hugepages");
	if (host_file_read_u64(path, &pages) || pages > INT64_MAX)
		return -1;
	return (int64_t)pages;
}

bool host_numa_has_node(int node)
{
	if (numa_available() < 0 || node < 0 || node > numa_max_node())
		return false;
	return numa_bitmask_isbitset(numa_nodes_ptr, (unsigned)node) &&
	       numa_node_size64(node, NULL) > 0;
}

int host_numa_collect(struct host_node *node, int max)
{
	long long total, unused;
	int count = 0;

	if (numa_available() < 0)
		return 0;
	for (int id = 0; id <= numa_max_node() && count < max; id++) {
		if (!numa_bitmask_isbitset(numa_nodes_ptr, (unsigned)id))
			continue;
		unused = -1;
		total = numa_node_size64(id, &unused);
		node[count++] = (struct host_node){
			.id = id,
			.total_bytes = total < 0 ? -1 : total,
			.free_bytes = total < 0 || unused < 0 ? -1 : unused,
			.huge_2m_free = free_huge_pages(id, "2048kB"),
			.huge_1g_free = free_huge_pages(id, "1048576kB"),
		};
	}
	return count;
}

/* Not by numa_tonode_memory(): that returns nothing, and its masks exit() without memory. */
int host_numa_bind(void *addr, uint64_t bytes, int node)
{
	unsigned long mask[NODE_LIMIT / BITS_PER_LONG] = {0};

	if (node < 0 || node >= NODE_LIMIT)
		return -EINVAL;
	mask[(unsigned)node / BITS_PER_LONG] = 1UL << ((unsigned)node % BITS_PER_LONG);
	/* The kernel counts one bit less than it is told. */
	return mbind(addr, bytes, MPOL_BIND, mask, NODE_LIMIT + 1, 0) < 0 ? -errno : 0;
}

/* Not by numa_node_of_cpu(): without memory for its masks it ends the process. */
int host_numa_node_of_cpu(int cpu)
{
	char path[PATH_MAX], name[64];

	for (int node = 0; numa_available() >= 0 && node <= numa_max_node(); node++) {
		snprintf(name, sizeof(name), "/sys/devices/system/cpu/cpu%d/node%d", cpu, node);
		if (host_file_path(name, path, sizeof(path)) == 0 && access(path, F_OK) == 0)
			return node;
	}
	return -ENOENT;
}

int host_numa_node_of(void *page)
{
	int node = -ENOENT;

	return move_pages(0, 1, &page, NULL, &node, 0) < 0 ? -errno : node;
}

int host_numa_move(void *page, int node)
{
	int status = -EBUSY;

	/* Positive: so many pages stayed; their status is not always written. */
	if (move_pages(0, 1, &page, &node, &status, MPOL_MF_MOVE) < 0)
		return -errno;
	return host_numa_node_of(page) == node;
}
