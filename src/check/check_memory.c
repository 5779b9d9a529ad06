// SPDX-License-Identifier: GPL-2.0-or-later
/* check_memory: is there memory for the guest, and can it be pinned where it lies? */
#include "rows.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_TEXT 32

static const char *size_text(int64_t bytes, char *buf)
{
	return units_format_bytes(bytes < 0 ? 0 : (uint64_t)bytes, buf, SIZE_TEXT);
}

/* What a guest on ordinary pages takes, with the kernel's tables. */
static int64_t wanted(const struct check_context *c)
{
	return (int64_t)(c->needs.resident_bytes + c->needs.kernel_bytes);
}

static void look_memory(const struct check_context *c, struct check_result *r)
{
	int64_t available = c->host->memory.available_bytes, margin = (int64_t)c->margin_bytes;
	char need[SIZE_TEXT], keep[SIZE_TEXT], have[SIZE_TEXT], total[SIZE_TEXT];

	check_expect(r, "%s for the guest and its tables, %s kept for the host",
		     size_text(wanted(c), need), size_text(margin, keep));
	if (available < 0) {
		check_skip(r, "/proc/meminfo has no MemAvailable");
		return;
	}
	size_text(available, have);
	size_text(c->host->memory.total_bytes, total);
	if (wanted(c) + margin <= available)
		check_pass(r, "%s available of %s", have, total);
	else
		check_fail(r, "%s available of %s", have, total);
}

static void look_cgroup(const struct check_context *c, struct check_result *r)
{
	const struct host_memory *m = &c->host->memory;
	int64_t left = m->cgroup_limit_bytes - m->cgroup_used_bytes;
	char need[SIZE_TEXT], limit[SIZE_TEXT], used[SIZE_TEXT];

	check_expect(r, "no limit, or %s left below it", size_text(wanted(c), need));
	if (m->cgroup_limit_bytes < 0) {
		check_pass(r, "no limit");
		return;
	}
	size_text(m->cgroup_limit_bytes, limit);
	size_text(m->cgroup_used_bytes, used);
	if (wanted(c) <= left)
		check_pass(r, "%s used of %s", used, limit);
	else
		check_fail(r, "%s used of %s", used, limit);
}

/* For whoever wants --backing hugetlb: without it the pools are of no use to a guest. */
static void look_huge_pages(const struct check_context *c, struct check_result *r)
{
	const struct host_memory *m = &c->host->memory;
	uint64_t guest = c->asked->guest_bytes;
	uint64_t want_2m = (guest + 2 * UNITS_MIB - 1) / (2 * UNITS_MIB);
	uint64_t want_1g = (guest + UNITS_GIB - 1) / UNITS_GIB;

	check_expect(r, "--backing hugetlb-2M: %llu, hugetlb-1G: %llu", (unsigned long long)want_2m,
		     (unsigned long long)want_1g);
	if (m->huge_2m_free < 0 && m->huge_1g_free < 0) {
		check_info(r, "no pools");
		return;
	}
	check_info(r, "free: %lld of %lld of 2 MiB, %lld of %lld of 1 GiB",
		   (long long)(m->huge_2m_free < 0 ? 0 : m->huge_2m_free),
		   (long long)(m->huge_2m_total < 0 ? 0 : m->huge_2m_total),
		   (long long)(m->huge_1g_free < 0 ? 0 : m->huge_1g_free),
		   (long long)(m->huge_1g_total < 0 ? 0 : m->huge_1g_total));
	if (m->huge_2m_free >= 0 && m->huge_2m_free < (int64_t)want_2m)
		check_fix(r, "echo %llu >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
			  (unsigned long long)(m->huge_2m_total - m->huge_2m_free) + want_2m);
}

/* "node 0: 120 GiB free of 251 GiB, 256 x 2 MiB", one after the other as far as there is room. */
static void look_numa(const struct check_context *c, struct check_result *r)
{
	const struct host_facts *h = c->host;
	char text[CHECK_TEXT] = "", have[SIZE_TEXT], total[SIZE_TEXT], need[SIZE_TEXT];
	int64_t most = -1;
	size_t used = 0;

	for (int i = 0; i < h->node_count; i++) {
		const struct host_node *n = &h->node[i];

		most = n->free_bytes > most ? n->free_bytes : most;
		if (used >= sizeof(text))
			continue;
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%snode %d: %s free of %s", i ? "; " : "",
			n->id, size_text(n->free_bytes, have), size_text(n->total_bytes, total));
		if (n->huge_2m_free > 0 && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 ", %lld pages of 2 MiB",
						 (long long)n->huge_2m_free);
	}
	check_expect(r, "%s free on one node", size_text(wanted(c), need));
	if (h->node_count == 0)
		check_skip(r, "the kernel tells of no nodes");
	else if (h->node_count == 1)
		check_info(r, "%s", text);
	else if (wanted(c) <= most)
		check_pass(r, "%s", text);
	else
		check_warn(r, "%s", text);
}

/* CmaTotal of /proc/meminfo; 0 where the kernel has no CMA. */
static int64_t cma_bytes(void)
{
	char text[8192];
	uint64_t kib;

	if (host_file_read("/proc/meminfo", text, sizeof(text)) < 0 ||
	    host_file_find_u64(text, "CmaTotal", &kib) || kib > INT64_MAX / UNITS_KIB)
		return 0;
	return (int64_t)(kib * UNITS_KIB);
}

static void look_cma(const struct check_context *c, struct check_result *r)
{
	int64_t bytes = cma_bytes();
	char text[SIZE_TEXT];

	(void)c;
	if (bytes == 0)
		check_pass(r, "none");
	else
		check_warn(r, "%s", size_text(bytes, text));
}

#define ZONEINFO_BYTES (256 * UNITS_KIB)

/* Managed pages of all zones "Movable" in /proc/zoneinfo; -1 where it cannot be told. */
static int64_t movable_bytes(void)
{
	char *text = malloc(ZONEINFO_BYTES);
	char *rest = text, *line;
	unsigned long long pages;
	char zone[32] = "";
	int64_t sum = -1;

	if (text)
		host_file_read("/proc/zoneinfo", text, ZONEINFO_BYTES);
	while (text && (line = strsep(&rest, "\n"))) {
		if (sscanf(line, "Node %*d, zone %31s", zone) == 1)
			sum = sum < 0 ? 0 : sum;
		else if (strcmp(zone, "Movable") == 0 &&
			 sscanf(line, " managed %llu", &pages) == 1 &&
			 pages < (uint64_t)INT64_MAX / UNITS_PAGE_BYTES &&
			 sum <= INT64_MAX - (int64_t)(pages * UNITS_PAGE_BYTES))
			sum += (int64_t)(pages * UNITS_PAGE_BYTES);
	}
	free(text);
	return sum;
}

static void look_movable(const struct check_context *c, struct check_result *r)
{
	int64_t bytes = movable_bytes(), total = c->host->memory.total_bytes;
	int64_t pinned = (int64_t)c->needs.pinned_bytes;
	char text[SIZE_TEXT], need[SIZE_TEXT];

	check_expect(r, "%s of other memory", size_text(pinned, need));
	size_text(bytes, text);
	if (bytes < 0)
		check_skip(r, "/proc/zoneinfo tells of no zones");
	else if (total > 0 && pinned > total - bytes - cma_bytes())
		check_fail(r, "%s of %s movable only", text, size_text(total, need));
	else if (bytes > 0)
		check_warn(r, "%s movable only", text);
	else
		check_pass(r, "none");
}

static const struct check rows[] = {
	{"memory", NULL, "memory available", FOR_ALL, ANY_MODE, "/proc/meminfo",
	 "room for the guest and its tables",
	 "pinned memory cannot be swapped out: without room the OOM killer takes another's process",
	 "take a smaller --guest-mem, or free memory on this host", look_memory},
	{"memory-cgroup", NULL, "this cgroup's memory", FOR_ALL, ANY_MODE,
	 "memory.max, memory.current of this process's cgroups (v2, v1)",
	 "no limit, or room below it",
	 "a limit on the cgroup kills the guest as the whole host's would",
	 "systemctl set-property UNIT MemoryMax=infinity, or: echo max "
	 ">/sys/fs/cgroup/GROUP/memory.max",
	 look_cgroup},
	{"huge-pages", NULL, "pools of huge pages", FOR_NOBODY, ANY_MODE,
	 "/sys/kernel/mm/hugepages", "as many as the guest has",
	 "with them fewer, larger pages are pinned; only --backing "
	 "hugetlb takes from the pools, and nobody else can use what is in them",
	 NULL, look_huge_pages},
	{"numa", NULL, "NUMA nodes", FOR_NOBODY, ANY_MODE, "/sys/devices/system/node",
	 "room for the guest on one node",
	 "a guest on two nodes starts and runs at two speeds, and pinned pages stay where they are",
	 "--numa-node N takes memory from one node; free memory there, or take a smaller guest",
	 look_numa},
	{"cma", NULL, "memory set aside for CMA", FOR_NOBODY, ANY_MODE, "/proc/meminfo, CmaTotal",
	 "none",
	 "a long-term pin must first move a page out of it, which takes time and can fail: SEV: "
	 "Failure locking pages",
	 "remove cma= and hugetlb_cma= from the kernel's command line", look_cma},
	{"movable", NULL, "memory in ZONE_MOVABLE", FOR_ALL, PINNING,
	 "/proc/zoneinfo, zone Movable", "none, or room for the guest beside it",
	 "a long-term pin must first move a page out of it; what is pinned must fit into the rest",
	 "remove movablecore=, kernelcore= and movable_node from the kernel's command line",
	 look_movable},
};

const struct check_group check_memory = {"memory", rows, LENGTH(rows)};
