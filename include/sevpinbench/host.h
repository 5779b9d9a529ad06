/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host: the facts about this machine that a result must carry to mean anything, collected once
 * per run. What cannot be read is "" or -1, never a guess.
 */
#ifndef SEVPINBENCH_HOST_H
#define SEVPINBENCH_HOST_H

#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

#define HOST_TEXT     128
#define HOST_LONGTEXT 1024
#define HOST_NODES    64

/* Settings that are read as a campaign begins and looked at again while it runs. */
#define HOST_CLOCKSOURCE_PATH "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define HOST_GOVERNOR_PATH    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"

struct host_cpu {
	char vendor[HOST_TEXT];	     /* CPUID 0: "AuthenticAMD" */
	char name[HOST_TEXT];	     /* brand string */
	int family, model, stepping; /* with the extended parts; -1 unknown */
	char microcode[HOST_TEXT];   /* /proc/cpuinfo, "0xa0011d5" */
	int logical_cpus;	     /* online */
	bool hypervisor;	     /* CPUID 1 ECX[31] */
	/* CPUID 4000_0000 signature, "" where none; an interpreter's also where the bit is hidden
	 */
	char hypervisor_name[HOST_TEXT];
	bool qemu_machine; /* DMI's vendor of the system is QEMU */
	/* CPUID Fn8000_001F (AMD APM vol. 3, E.4.17), all 0 where the leaf does not exist. */
	uint32_t sev_eax, sev_ebx, sev_ecx, sev_edx;
	bool sme, sev, sev_es, sev_snp;
	int c_bit, pa_reduction; /* -1 where SEV is absent */
};

struct host_node {
	int id;
	int64_t total_bytes, free_bytes;    /* -1 unknown */
	int64_t huge_2m_free, huge_1g_free; /* free pages in the node's pools; -1 unknown */
};

struct host_memory {
	int64_t total_bytes, available_bytes, swap_total_bytes;
	int64_t huge_2m_total, huge_2m_free; /* pages; -1 where the size is not supported */
	int64_t huge_1g_total, huge_1g_free;
	int64_t cgroup_limit_bytes,
		cgroup_used_bytes; /* tightest memory limit on this process's cgroup
				      (v2 or v1) and its use, less the file pages
				      that are given back first; -1 where none */
	char thp_enabled[HOST_TEXT], thp_defrag[HOST_TEXT], thp_shmem[HOST_TEXT]; /* chosen word */
	int64_t overcommit_memory;			/* vm.overcommit_memory */
	int64_t numa_balancing;				/* kernel.numa_balancing */
	int64_t memlock_soft_bytes, memlock_hard_bytes; /* RLIMIT_MEMLOCK; INT64_MAX = unlimited */
	bool can_exceed_memlock; /* CAP_IPC_LOCK is effective, and in the first user namespace */
};

struct host_facts {
	char name[HOST_TEXT]; /* nodename */
	char kernel_release[HOST_TEXT], kernel_version[HOST_LONGTEXT],
		kernel_cmdline[HOST_LONGTEXT];
	char distribution[HOST_TEXT]; /* os-release PRETTY_NAME */
	enum platform platform;
	struct host_cpu cpu;
	struct host_memory memory;
	int node_count; /* nodes filled in below; 0 without NUMA information */
	struct host_node node[HOST_NODES];
	char clocksource[HOST_TEXT], governor[HOST_TEXT];
	char sev_pinning[HOST_TEXT]; /* kvm_amd.sev_pinning before the run; "" where it has none */
	double load1, load5, load15; /* -1 unknown */
	int64_t io_uring_disabled;   /* kernel.io_uring_disabled; -1 unknown */
	int64_t unprivileged_userfaultfd;
	bool pin_counters;		      /* host-wide pin counts can be read and refreshed */
	char pin_counters_reason[HOST_TEXT];  /* why not; "" where they can */
	bool flush_counter;		      /* cache flushes on all CPUs can be counted */
	char flush_counter_reason[HOST_TEXT]; /* why not; "" where they can */
};

/* Fill in everything. Never fails: unknown is a value. Calls the functions below. */
void host_collect(struct host_facts *h);

/* host/cpu.c: by libcpuid and /proc/cpuinfo. */
void host_cpu_collect(struct host_cpu *c);

/*
 * emulated: the signature is TCG's, whether the hypervisor bit is set or hidden. virtual: any other
 * hypervisor, or a machine of QEMU's that hides it. hardware: neither.
 */
enum platform host_cpu_platform(const struct host_cpu *c);

/* host/memory.c: /proc/meminfo, /sys/kernel/mm, limits, this process's cgroup. */
void host_memory_collect(struct host_memory *m);

/*
 * Parts of it, for who asks before and after each sample: how much there is to be had now (meminfo,
 * huge pages, cgroups), and what is set (THP, overcommit, NUMA balancing). Of *m only these are
 * written.
 */
void host_memory_collect_room(struct host_memory *m);
void host_memory_collect_settings(struct host_memory *m);

/* host/cgroup.c: the two cgroup numbers of m; host_memory_collect_room() calls it. */
void host_cgroup_collect(struct host_memory *m);

/* What the misc controller counts of one resource ("sev", "sev_es": ASIDs). -1 unknown or none. */
struct host_misc {
	const char *resource;
	int64_t capacity, used;	   /* of the whole host */
	int64_t limit, limit_used; /* the tightest limit on this process's cgroup, and its use */
};

/* host/cgroup.c: fill in m. The resource must outlive it. */
void host_misc_collect(const char *resource, struct host_misc *m);

/* host/cgroup.c: how many more threads the tightest limit on this process's cgroup allows; -1 none.
 */
int64_t host_pids_left(void);

/* host/numa.c: by libnuma. Returns the number of nodes filled in, at most max. */
int host_numa_collect(struct host_node *node, int max);

/* True where the node exists and has memory. */
bool host_numa_has_node(int node);

/*
 * Bind a range, not yet touched, to one node (MPOL_BIND). bytes and addr page aligned.
 * Returns 0 or -errno.
 */
int host_numa_bind(void *addr, uint64_t bytes, int node);

/*
 * Move a page of this process to a node, if the kernel will (move_pages(2)). 1 it is there now, 0
 * it stayed, or -errno.
 */
int host_numa_move(void *page, int node);

/* The node that a page of this process is on; -errno where nothing is there. */
int host_numa_node_of(void *page);

/* The node that a CPU is on; -errno where that is not known. */
int host_numa_node_of_cpu(int cpu);

/* How many CPUs are online now; -1 unknown. */
int host_cpus_online(void);

/*
 * host/cpus.c: the CPUs that the calling thread may run on, upwards and round: from the one with
 * that number among them (0 the lowest, going round), or with -1 from the one that it runs on now.
 * Returns how many, at most max; 0 unknown.
 */
unsigned host_cpus_allowed(int first, int *cpu, unsigned max);

/*
 * Of count CPUs those to make memory present on, so that it is local: those of the node that it is
 * bound to, or, unbound (node -1), one of each node in turn, that of the first CPU first. All of
 * them where nothing is known. Returns how many are in out, at most max.
 */
unsigned host_cpus_for_memory(const int *cpu, unsigned count, int node, int *out, unsigned max);

/* host/memory.c: for a child that tries a limit out: no more than so many bytes of locked memory,
   and no CAP_IPC_LOCK. 0 or -errno. */
int host_memory_limit_locked(uint64_t bytes);

/*
 * What may be used now without the OOM killer taking part: MemAvailable, or what the cgroup
 * leaves where that is less. -1 unknown.
 */
int64_t host_memory_usable_bytes(const struct host_memory *m);

#endif
