// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_kernel: what the kernel does to memory by itself. Each time it takes a page of an SEV
 * guest's mapping away, KVM flushes the caches of all CPUs (sev_guest_memory_reclaimed() in
 * arch/x86/kvm/svm/sev.c); pinned pages are not moved, but the attempts cost.
 */
#include "rows.h"

#include "sevpinbench/units.h"
#include <string.h>

#define KHUGEPAGED "/sys/kernel/mm/transparent_hugepage/khugepaged/"
#define SYSCTL(name) \
	"sysctl -w " name "=0\necho '" name " = 0' >>/etc/sysctl.d/90-sev.conf   # for good"

static void look_thp(const struct check_context *c, struct check_result *r)
{
	const struct host_memory *m = &c->host->memory;

	if (!m->thp_enabled[0])
		check_info(r, "this kernel has none");
	else if (strcmp(m->thp_defrag, "always") == 0 && strcmp(m->thp_enabled, "never") != 0)
		check_warn(r, "%s, defrag %s, shmem %s: faults wait for compaction", m->thp_enabled,
			   m->thp_defrag, m->thp_shmem);
	else
		check_info(r, "%s, defrag %s, shmem %s", m->thp_enabled, m->thp_defrag,
			   m->thp_shmem[0] ? m->thp_shmem : "unknown");
}

static void look_khugepaged(const struct check_context *c, struct check_result *r)
{
	int64_t sleep_ms = check_number(KHUGEPAGED "scan_sleep_millisecs");

	if (sleep_ms < 0)
		check_info(r, "not told");
	else if (strcmp(c->host->memory.thp_enabled, "never") == 0)
		check_pass(r, "idle: transparent huge pages are off");
	else
		check_info(r, "scans every %lld ms", (long long)sleep_ms);
}

/* A switch that is best off. */
static void look_switch(int64_t value, struct check_result *r)
{
	if (value < 0)
		check_info(r, "this kernel has none");
	else if (value == 0)
		check_pass(r, "off");
	else
		check_warn(r, "on (%lld)", (long long)value);
}

static void look_balancing(const struct check_context *c, struct check_result *r)
{
	look_switch(c->host->memory.numa_balancing, r);
}

static void look_ksm(const struct check_context *c, struct check_result *r)
{
	int64_t run = check_number("/sys/kernel/mm/ksm/run");

	(void)c;
	/* 2: stopped, and what was merged is taken apart again. */
	look_switch(run == 2 ? 0 : run, r);
}

static void look_swap(const struct check_context *c, struct check_result *r)
{
	int64_t bytes = c->host->memory.swap_total_bytes;
	char text[32];

	if (bytes < 0)
		check_skip(r, "/proc/meminfo has no SwapTotal");
	else if (bytes == 0)
		check_pass(r, "none");
	else
		check_info(r, "%s", units_format_bytes((uint64_t)bytes, text, sizeof(text)));
}

static void look_compaction(const struct check_context *c, struct check_result *r)
{
	int64_t value = check_number("/proc/sys/vm/compaction_proactiveness");

	(void)c;
	if (value < 0)
		check_info(r, "this kernel has none");
	else if (value == 0)
		check_pass(r, "off");
	else
		check_info(r, "%lld of 100", (long long)value);
}

static const struct check rows[] = {
	{"thp", NULL, "transparent huge pages", FOR_NOBODY, ANY_MODE,
	 "/sys/kernel/mm/transparent_hugepage", "any; defrag not always",
	 "fewer pages to fault in and pin; a huge page that is split, or made of small ones under "
	 "a "
	 "running SEV guest, costs a flush of all caches",
	 "echo madvise >/sys/kernel/mm/transparent_hugepage/defrag", look_thp},
	{"khugepaged", "thp", "khugepaged", FOR_NOBODY, ANY_MODE, KHUGEPAGED "scan_sleep_millisecs",
	 "a long pause",
	 "it replaces small pages by huge ones: not pinned ones, but those of a guest that is "
	 "pinned "
	 "on demand or not at all, with a flush of all caches each",
	 "echo 0 >" KHUGEPAGED "defrag", look_khugepaged},
	{"numa-balancing", NULL, "automatic NUMA balancing", FOR_NOBODY, ANY_MODE,
	 "/proc/sys/kernel/numa_balancing", "off",
	 "it takes mappings away to see who uses them: with SEV guests a storm of cache flushes, "
	 "in "
	 "vain, since pinned pages are not moved",
	 SYSCTL("kernel.numa_balancing"), look_balancing},
	{"ksm", NULL, "merging of equal pages (KSM)", FOR_NOBODY, ANY_MODE,
	 "/sys/kernel/mm/ksm/run", "off",
	 "encrypted pages are never equal: it scans in vain, and QEMU offers it all guest memory",
	 "echo 0 >/sys/kernel/mm/ksm/run", look_ksm},
	{"swap", NULL, "swap", FOR_NOBODY, ANY_MODE, "/proc/meminfo, SwapTotal", "none",
	 "pinned memory is never swapped out, so the others' is, sooner; a guest's that is not "
	 "pinned may be, which an SEV guest does not survive",
	 "swapoff -a", look_swap},
	{"compaction", NULL, "proactive compaction", FOR_NOBODY, ANY_MODE,
	 "/proc/sys/vm/compaction_proactiveness", "off, or as the kernel has it (20)",
	 "it moves pages to make large free ones: each page of an SEV guest that it tries costs a "
	 "flush of all caches, and pinned ones it cannot move",
	 SYSCTL("vm.compaction_proactiveness"), look_compaction},
};

const struct check_group check_kernel = {"what the kernel does to memory", rows, LENGTH(rows)};
