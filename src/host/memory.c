// SPDX-License-Identifier: GPL-2.0-or-later
/* memory: how much there is, how it is handed out, and what this process may take and pin. */
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define THP  "/sys/kernel/mm/transparent_hugepage/"
#define HUGE "/sys/kernel/mm/hugepages/hugepages-"

static void read_meminfo(struct host_memory *m)
{
	const struct {
		const char *key;
		int64_t *bytes;
	} row[] = {
		{"MemTotal", &m->total_bytes},
		{"MemAvailable", &m->available_bytes},
		{"SwapTotal", &m->swap_total_bytes},
	};
	char text[8192];
	uint64_t kib;

	host_file_read("/proc/meminfo", text, sizeof(text));
	for (size_t i = 0; i < LENGTH(row); i++) {
		*row[i].bytes = -1;
		if (!host_file_find_u64(text, row[i].key, &kib) && kib <= INT64_MAX / UNITS_KIB)
			*row[i].bytes = (int64_t)(kib * UNITS_KIB);
	}
}

/* The number in a file; -1 where there is none. */
static int64_t read_number(const char *path)
{
	uint64_t value;

	return host_file_read_u64(path, &value) || value > INT64_MAX ? -1 : (int64_t)value;
}

/* Of "always [madvise] never" the word in brackets; "" where there is none. */
static void read_choice(const char *path, char *word, size_t size)
{
	char text[256];
	const char *open;
	size_t length;

	word[0] = '\0';
	host_file_read(path, text, sizeof(text));
	open = strchr(text, '[');
	if (!open)
		return;
	length = strcspn(open + 1, "] \t\n");
	if (open[1 + length] == ']')
		snprintf(word, size, "%.*s", (int)length, open + 1);
}

static int64_t limit_bytes(rlim_t limit)
{
	return limit == RLIM_INFINITY || limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
}

/*
 * CAP_IPC_LOCK lifts RLIMIT_MEMLOCK only in the first user namespace: the kernel asks with
 * capable(), so the root user of a rootless container does not have it, whatever capget(2) says.
 * The first namespace is the one that maps every id.
 */
static bool can_exceed_memlock(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	char map[256], count[32];

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	if (!(data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)))
		return false;
	/* No such file: a kernel without user namespaces. */
	if (host_file_read("/proc/self/uid_map", map, sizeof(map)) < 0)
		return true;
	return sscanf(map, "%*s %*s %31s", count) == 1 && strcmp(count, "4294967295") == 0;
}

int host_memory_limit_locked(uint64_t bytes)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	const struct rlimit limit = {bytes, bytes};

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK(CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

void host_memory_collect_room(struct host_memory *m)
{
	read_meminfo(m);
	m->huge_2m_total = read_number(HUGE "2048kB/nr_hugepages");
	m->huge_2m_free = read_number(HUGE "2048kB/free_hugepages");
	m->huge_1g_total = read_number(HUGE "1048576kB/nr_hugepages");
	m->huge_1g_free = read_number(HUGE "1048576kB/free_hugepages");
	host_cgroup_collect(m);
}

void host_memory_collect_settings(struct host_memory *m)
{
	m->overcommit_memory = read_number("/proc/sys/vm/overcommit_memory");
	m->numa_balancing = read_number("/proc/sys/kernel/numa_balancing");
	read_choice(THP "enabled", m->thp_enabled, sizeof(m->thp_enabled));
	read_choice(THP "defrag", m->thp_defrag, sizeof(m->thp_defrag));
	read_choice(THP "shmem_enabled", m->thp_shmem, sizeof(m->thp_shmem));
}

void host_memory_collect(struct host_memory *m)
{
	struct rlimit memlock;

	memset(m, 0, sizeof(*m));
	host_memory_collect_room(m);
	host_memory_collect_settings(m);
	m->memlock_soft_bytes = m->memlock_hard_bytes = -1;
	if (getrlimit(RLIMIT_MEMLOCK, &memlock) == 0) {
		m->memlock_soft_bytes = limit_bytes(memlock.rlim_cur);
		m->memlock_hard_bytes = limit_bytes(memlock.rlim_max);
	}
	m->can_exceed_memlock = can_exceed_memlock();
}

int64_t host_memory_usable_bytes(const struct host_memory *m)
{
	int64_t left;

	if (m->available_bytes < 0)
		return -1;
	if (m->cgroup_limit_bytes < 0)
		return m->available_bytes;
	left = m->cgroup_limit_bytes - (m->cgroup_used_bytes > 0 ? m->cgroup_used_bytes : 0);
	if (left < 0)
		left = 0;
	return left < m->available_bytes ? left : m->available_bytes;
}
