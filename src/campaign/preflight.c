// SPDX-License-Identifier: GPL-2.0-or-later
/* preflight: can a cell run on this host without harm? */
#include "sevpinbench/preflight.h"

#include "sevpinbench/guest_memory.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define MARGIN_SHARE	 20u /* one twentieth of the host's memory */
#define MARGIN_MIN_BYTES (256 * UNITS_MIB)

/* Address space of the program itself: libraries, and 8 MiB for the stack of each thread. */
#define FIXED_ADDRESS_BYTES (256 * UNITS_MIB)

/* What every check looks at, and where it says no. */
struct question {
	const struct cell *cell;
	const struct host_facts *host; /* NULL where memory alone is asked about */
	const struct host_memory *memory;
	const struct launch_limits *limits;
	uint32_t guests;	 /* at once */
	struct plan_needs needs; /* of one of them */
	struct record_refusal *refusal;
};

static bool refuse(struct question *q, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct question *q, const char *hint, const char *fmt, ...)
{
	const size_t size = sizeof(q->refusal->reason);
	va_list args;
	int used = 0;

	if (q->guests > 1)
		used = snprintf(q->refusal->reason, size, "%u guests at once: ", q->guests);
	va_start(args, fmt);
	vsnprintf(q->refusal->reason + used, size - (size_t)used, fmt, args);
	va_end(args);
	snprintf(q->refusal->hint, sizeof(q->refusal->hint), "%s", hint);
	return false;
}

/* A size with one decimal always, so that numbers compare at a glance: "64.0 GiB". */
static const char *gib(int64_t bytes, char *buf, size_t size)
{
	if (bytes < (int64_t)UNITS_GIB)
		return units_format_bytes((uint64_t)(bytes < 0 ? 0 : bytes), buf, size);
	snprintf(buf, size, "%.1f GiB", units_bytes_to_gib((uint64_t)bytes));
	return buf;
}

static bool ask_address(struct question *q)
{
	uint64_t top = guest_memory_top_gpa(q->cell->guest_bytes);

	if (q->limits->address_bits >= 63 || top <= 1ULL << q->limits->address_bits)
		return true;
	return refuse(q, "take a smaller --guest-mem",
		      "needs guest addresses up to %llu GiB; this CPU has %u address bits",
		      (unsigned long long)(top / UNITS_GIB), q->limits->address_bits);
}

static bool ask_vcpus(struct question *q)
{
	if (q->cell->vcpus <= q->limits->max_vcpus)
		return true;
	return refuse(q, "take fewer --vcpus", "needs %u vCPUs; %u are possible here",
		      q->cell->vcpus, q->limits->max_vcpus);
}

static bool ask_node(struct question *q)
{
	if (q->cell->numa_node < 0 || host_numa_has_node(q->cell->numa_node))
		return true;
	return refuse(q, "numactl --hardware lists the nodes",
		      "needs NUMA node %d; this host has no memory there", q->cell->numa_node);
}

static bool ask_mechanism(struct question *q)
{
	const struct cell *c = q->cell;
	struct fault f = {0};
	char text[512];

	if (c->guest_type != GUEST_TYPE_VM && q->limits->region_lacks[0] &&
	    (c->mechanism == PIN_MECHANISM_KVM_REGION || c->mechanism == PIN_MECHANISM_USERFAULT))
		return refuse(q,
			      "let it be switched: as root, without --no-kernel-switch, while no "
			      "other program does; or echo eager > " KERNEL_PINNING_PATH,
			      "mechanism %s cannot be used: %s",
			      words_text(&words_pin_mechanism, c->mechanism),
			      q->limits->region_lacks);
	if (pin_probe(q->cell->guest_type, q->cell->mechanism, q->cell->backing, &f) == 0)
		return true;
	fault_text(&f, text, sizeof(text));
	return refuse(q, f.hint, "mechanism %s cannot be used: %s",
		      words_text(&words_pin_mechanism, q->cell->mechanism), text);
}

static bool ask_huge_pages(struct question *q)
{
	const struct host_memory *m = q->memory;
	uint64_t page = guest_memory_page_bytes(q->cell->backing);
	int64_t free = page == UNITS_GIB ? m->huge_1g_free : m->huge_2m_free;
	int64_t total = page == UNITS_GIB ? m->huge_1g_total : m->huge_2m_total;
	uint64_t need = q->needs.huge_pages * q->guests;
	char hint[256], size[32];

	if (need == 0 || free >= (int64_t)need)
		return true;
	if (free < 0) /* a size that this host does not offer */
		free = total = 0;
	/* The pool's new size: what others hold of it stays theirs. */
	snprintf(hint, sizeof(hint),
		 "echo %llu > /sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
		 (unsigned long long)(total - free) + need, (unsigned long long)(page / 1024));
	return refuse(q, hint, "needs %llu huge pages of %s; %lld are free",
		      (unsigned long long)need, units_format_bytes(page, size, sizeof(size)),
		      (long long)free);
}

/*
 * io_uring holds the pins of all of a user's processes against the limit (io_uring/rsrc.c,
 * __io_account_mem(): user->locked_vm), KVM those of each VM (sev_pin_memory(): pages_locked).
 */
static bool ask_memlock(struct question *q)
{
	const struct host_memory *m = q->memory;
	const uint64_t sharing = q->cell->guest_type == GUEST_TYPE_VM ? q->guests : 1;
	const uint64_t bytes = q->needs.memlock_bytes * sharing;
	char need[32], limit[32], hint[256];

	if (m->can_exceed_memlock || bytes <= (uint64_t)m->memlock_hard_bytes)
		return true;
	snprintf(
		hint, sizeof(hint),
		"ulimit -l %llu, or \"* - memlock %llu\" in /etc/security/limits.conf, or run with "
		"CAP_IPC_LOCK",
		(unsigned long long)(bytes / 1024), (unsigned long long)(bytes / 1024));
	q->refusal->needed_bytes = (int64_t)bytes;
	q->refusal->available_bytes = m->memlock_hard_bytes;
	return refuse(q, hint, "needs %s pinned; RLIMIT_MEMLOCK allows %s",
		      gib((int64_t)(q->needs.pinned_bytes * sharing), need, sizeof(need)),
		      gib(m->memlock_hard_bytes, limit, sizeof(limit)));
}

static bool ask_files(struct question *q)
{
	/* One for each vCPU's fault handler at most, and more where chunks are many. */
	bool many = pin_has_chunks(q->cell->mechanism) && q->needs.rings > q->cell->vcpus;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || q->needs.files <= limit.rlim_cur)
		return true;
	return refuse(q, many ? "raise ulimit -n, or take a larger --chunk" : "raise ulimit -n",
		      "needs %llu open files%s; ulimit -n allows %llu",
		      (unsigned long long)q->needs.files,
		      many ? ", one for each 16,384 chunks" : "",
		      (unsigned long long)limit.rlim_cur);
}

/* Guest memory is mapped whole, whatever of it is used; that of a file twice for demand. */
static bool ask_address_space(struct question *q)
{
	const struct cell *c = q->cell;
	bool twice = pin_has_chunks(c->mechanism) && guest_memory_is_file(c->backing);
	uint64_t bytes = twice ? 2 * c->guest_bytes : c->guest_bytes;
	char need[32], have[32];
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	    bytes + FIXED_ADDRESS_BYTES <= limit.rlim_cur)
		return true;
	return refuse(q, "ulimit -v unlimited",
		      "needs %s of address space and %d MiB for the program; ulimit -v allows %s",
		      gib((int64_t)bytes, need, sizeof(need)),
		      (int)(FIXED_ADDRESS_BYTES / UNITS_MIB),
		      gib((int64_t)limit.rlim_cur, have, sizeof(have)));
}

/*
 * Fn8000_001F: ECX is the highest ASID, EDX the lowest of a guest without encrypted state (AMD APM
 * vol. 3, E.4.17). -1 where the processor does not say.
 */
static int64_t asids_by_cpuid(const struct host_facts *h, bool es)
{
	const int64_t most = h->cpu.sev_ecx, least = h->cpu.sev_edx;
	int64_t with_state = least > 1 ? least - 1 : 0;

	if (most == 0)
		return -1;
	with_state = with_state < most ? with_state : most;
	return es ? with_state : most - with_state;
}

/* Each SEV guest holds an ASID, the number of its key, from its init until it ends. */
static bool ask_asids(struct question *q)
{
	const bool es = q->cell->guest_type >= GUEST_TYPE_SEV_ES;
	struct host_misc m;
	int64_t free, left;

	if (q->guests == 1 || q->cell->guest_type == GUEST_TYPE_VM)
		return true;
	host_misc_collect(es ? "sev_es" : "sev", &m);
	left = m.limit < 0 ? INT64_MAX : m.limit - m.limit_used;
	if (left < (int64_t)q->guests)
		return refuse(q,
			      "take fewer guests at once, or raise misc.max of the control group",
			      "needs %u ASIDs; its control group has %lld of %lld left", q->guests,
			      (long long)left, (long long)m.limit);
	/* Where nobody counts them the processor still says how many there are. */
	free = m.capacity < 0 ? asids_by_cpuid(q->host, es)
			      : m.capacity - (m.used < 0 ? 0 : m.used);
	if (free < 0 || free >= (int64_t)q->guests)
		return true;
	return refuse(q, "take fewer guests at once, or end other SEV guests",
		      "needs %u ASIDs; %lld are free on this host", q->guests, (long long)free);
}

/*
 * Threads of a guest's process: its vCPUs, the first of which is the process itself; a fault
 * handler for each vCPU at most, or else those that pin; and those that fault memory in.
 */
static uint64_t threads_of(const struct cell *c)
{
	uint64_t pin = pin_has_chunks(c->mechanism) ? c->vcpus
		       : c->pin_threads > 1	    ? c->pin_threads - 1
						    : 0;

	return c->vcpus + pin + c->prefault_threads;
}

static bool ask_processes(struct question *q)
{
	const uint64_t need = threads_of(q->cell) * q->guests;
	struct rlimit limit;
	int64_t left;

	if (q->guests == 1)
		return true;
	left = host_pids_left();
	if (left >= 0 && need > (uint64_t)left)
		return refuse(q,
			      "take fewer guests at once, or raise pids.max of the control group",
			      "needs %llu threads; its control group has room for %lld more",
			      (unsigned long long)need, (long long)left);
	/* Root is not held to it. */
	if (geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) < 0 || need <= limit.rlim_cur)
		return true;
	return refuse(q, "take fewer guests at once, or raise ulimit -u",
		      "needs %llu threads; ulimit -u allows %llu", (unsigned long long)need,
		      (unsigned long long)limit.rlim_cur);
}

static bool ask_memory(struct question *q)
{
	uint64_t margin = preflight_margin_bytes(q->memory);
	int64_t usable = host_memory_usable_bytes(q->memory);
	uint64_t resident = q->needs.resident_bytes * q->guests;
	uint64_t kernel = q->needs.kernel_bytes * q->guests;
	uint64_t need = kernel;
	char what[32], have[32], kept[32], extra[32];

	/* Pool pages are not in MemAvailable: ask_huge_pages() has counted them. */
	if (q->needs.huge_pages == 0)
		need += resident;
	if (usable < 0 || need + margin <= (uint64_t)usable)
		return true;
	q->refusal->needed_bytes = (int64_t)need;
	q->refusal->available_bytes = usable;
	return refuse(
		q,
		q->guests > 1
			? "take fewer guests at once (--parallel), a smaller --guest-mem or "
			  "--touch, or free memory on this host"
			: "take a smaller --guest-mem or --touch, or free memory on this host",
		"needs %s %s and up to %s of kernel tables; %s available, of which %s are kept "
		"free",
		gib((int64_t)resident, what, sizeof(what)),
		q->needs.pinned_bytes ? "pinned" : "touched",
		gib((int64_t)kernel, extra, sizeof(extra)), gib(usable, have, sizeof(have)),
		gib((int64_t)margin, kept, sizeof(kept)));
}

uint64_t preflight_margin_bytes(const struct host_memory *m)
{
	uint64_t share = m->total_bytes > 0 ? (uint64_t)m->total_bytes / MARGIN_SHARE : 0;

	return share > MARGIN_MIN_BYTES ? share : MARGIN_MIN_BYTES;
}

static void begin(struct question *q, const struct cell *c, const struct launch_limits *l,
		  struct record_refusal *refusal)
{
	*refusal = (struct record_refusal){.cell = *c, .needed_bytes = -1, .available_bytes = -1};
	q->cell = c;
	q->guests = cell_guests(c);
	q->limits = l;
	q->refusal = refusal;
	plan_needs(c, l->pages_1g, &q->needs);
}

bool preflight_cell(const struct cell *c, const struct host_facts *h, const struct launch_limits *l,
		    struct record_refusal *refusal)
{
	static bool (*const checks[])(struct question *) = {
		ask_address, ask_vcpus,	     ask_node,	 ask_mechanism,
		ask_memlock, ask_huge_pages, ask_files,	 ask_address_space,
		ask_asids,   ask_processes,  ask_memory,
	};
	struct question q = {.host = h, .memory = &h->memory};
	size_t i;

	begin(&q, c, l, refusal);
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i](&q))
			return false;
	}
	return true;
}

bool preflight_memory_now(const struct cell *c, const struct launch_limits *l,
			  struct record_refusal *refusal)
{
	struct host_memory now = {0};
	struct question q = {.memory = &now};

	host_memory_collect_room(&now);
	begin(&q, c, l, refusal);
	return ask_huge_pages(&q) && ask_memory(&q);
}
