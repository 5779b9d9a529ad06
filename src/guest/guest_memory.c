// SPDX-License-Identifier: GPL-2.0-or-later
/* guest_memory: the host memory that a guest sees as its own. */
#include "sevpinbench/guest_memory.h"

#include "sevpinbench/host.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <linux/memfd.h>
#include <sys/mman.h>

/* How long a populate call may keep us from looking at the stop flag: a second or so, cold. */
#define PREFAULT_STEP_BYTES (256 * UNITS_MIB)

struct backing_traits {
	bool file;
	unsigned memfd_flags;
	uint64_t page_bytes;
	int advice; /* madvise(2); 0 none */
};

static const struct backing_traits traits[BACKING_COUNT] = {
	[BACKING_ANON] = {false, 0, UNITS_PAGE_BYTES, MADV_NOHUGEPAGE},
	[BACKING_THP] = {false, 0, UNITS_PAGE_BYTES, MADV_HUGEPAGE},
	[BACKING_MEMFD] = {true, 0, UNITS_PAGE_BYTES, 0},
	[BACKING_HUGETLB_2M] = {true, MFD_HUGETLB | MFD_HUGE_2MB, 2 * UNITS_MIB, 0},
	[BACKING_HUGETLB_1G] = {true, MFD_HUGETLB | MFD_HUGE_1GB, UNITS_GIB, 0},
};

uint64_t guest_memory_page_bytes(enum backing b)
{
	return traits[b].page_bytes;
}

uint64_t guest_memory_stretch_bytes(enum backing b)
{
	return traits[b].page_bytes > 2 * UNITS_MIB ? traits[b].page_bytes : 2 * UNITS_MIB;
}

bool guest_memory_is_file(enum backing b)
{
	return traits[b].file;
}

uint64_t guest_memory_top_gpa(uint64_t bytes)
{
	return bytes <= GUEST_MEMORY_LOW_BYTES
		       ? bytes
		       : bytes - GUEST_MEMORY_LOW_BYTES + GUEST_MEMORY_HIGH_GPA;
}

/* Tell which of the kernel's limits an mmap or ftruncate of guest memory has met. */
static int map_fault(struct fault *f, int err, const char *op, enum backing b, uint64_t bytes)
{
	char size[32];

	fault_set(f, err, op, "guest memory, %s, backing %s",
		  units_format_bytes(bytes, size, sizeof(size)), words_text(&words_backing, b));
	if (err == ENOMEM && traits[b].page_bytes > UNITS_PAGE_BYTES)
		fault_hint(f, "too few free huge pages: write the number to "
			      "/sys/kernel/mm/hugepages/hugepages-*/nr_hugepages");
	else if (err == ENOMEM)
		fault_hint(f,
			   "the address space is limited (ulimit -v) or vm.overcommit_memory is 2");
	return -err;
}

static int open_file(struct guest_memory *m, enum backing b, bool with_alias, struct fault *f)
{
	void *alias;
	int r = sys_memfd("sevpinbench-guest", traits[b].memfd_flags);

	if (r < 0)
		return map_fault(f, -r, "memfd_create", b, m->bytes);
	m->memfd = r;
	r = sys_ftruncate(m->memfd, (off_t)m->bytes);
	if (r < 0)
		return map_fault(f, -r, "ftruncate", b, m->bytes);
	m->map_bytes = m->bytes;
	r = sys_mmap(&m->map, m->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		     m->memfd, 0);
	if (r < 0)
		return map_fault(f, -r, "mmap", b, m->bytes);
	m->host = m->map;
	if (!with_alias)
		return 0;
	r = sys_mmap(&alias, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, m->memfd,
		     0);
	m->alias = alias;
	return r < 0 ? map_fault(f, -r, "mmap (second mapping)", b, m->bytes) : 0;
}

/* Anonymous memory, aligned to 2 MiB so that THP can cover all of it. */
static int open_anonymous(struct guest_memory *m, enum backing b, struct fault *f)
{
	const uintptr_t align = 2 * UNITS_MIB;
	uintptr_t start;
	int r;

	m->map_bytes = m->bytes + align;
	r = sys_mmap(&m->map, m->map_bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (r < 0)
		return map_fault(f, -r, "mmap", b, m->bytes);
	start = (uintptr_t)m->map;
	m->host = (unsigned char *)m->map + ((align - start % align) % align);
	r = sys_madvise(m->host, m->bytes, traits[b].advice);
	/* EINVAL: a kernel without THP, whose pages are all small; thp then cannot be had. */
	if (r == -EINVAL && b == BACKING_ANON)
		return 0;
	return r < 0 ? map_fault(f, -r, "madvise", b, m->bytes) : 0;
}

int guest_memory_open(struct guest_memory *m, enum backing b, uint64_t bytes, int numa_node,
		      bool with_alias, struct fault *f)
{
	int r;

	*m = (struct guest_memory){
		.memfd = -1, .bytes = bytes, .stretch_bytes = guest_memory_stretch_bytes(b)};
	r = traits[b].file ? open_file(m, b, with_alias, f) : open_anonymous(m, b, f);
	if (r == 0 && numa_node >= 0) {
		r = host_numa_bind(m->host, m->bytes, numa_node);
		if (r < 0) {
			fault_set(f, -r, "mbind", "guest memory to node %d", numa_node);
			fault_hint(f, "see numactl --hardware for the nodes that have memory");
		}
	}
	if (r < 0)
		guest_memory_close(m);
	return r;
}

/* One piece of work for all threads: each a share of the memory. */
struct prefault {
	unsigned char *addr;
	uint64_t bytes, unit_bytes;
	unsigned threads;
	int err[GANG_MAX];
};

/* Populate for writing; on kernels before 5.14, which lack the advice, write to every page. */
static int populate(unsigned char *addr, uint64_t bytes)
{
	int r = sys_madvise(addr, bytes, MADV_POPULATE_WRITE);
	uint64_t i;

	if (r != -EINVAL)
		return r;
	for (i = 0; i < bytes; i += UNITS_PAGE_BYTES)
		__atomic_fetch_or(addr + i, 0, __ATOMIC_RELAXED);
	return 0;
}

/* Where share number begins. */
static uint64_t share_at(const struct prefault *p, unsigned number)
{
	uint64_t units = p->bytes / p->unit_bytes;

	return number == p->threads ? p->bytes : units * number / p->threads * p->unit_bytes;
}

static void prefault_share(void *arg, unsigned number)
{
	struct prefault *p = arg;
	uint64_t at = share_at(p, number), end = share_at(p, number + 1), step;
	int *err = &p->err[number];

	while (at < end && *err == 0) {
		step = end - at < PREFAULT_STEP_BYTES ? end - at : PREFAULT_STEP_BYTES;
		*err = stop_signal() ? -EINTR : populate(p->addr + at, step);
		if (*err == -EINTR && !stop_signal())
			*err = 0; /* another signal: again */
		else
			at += step;
	}
}

int guest_memory_prefault(struct guest_memory *m, struct gang *gang, struct fault *f)
{
	struct prefault p = {.addr = m->alias ? m->alias : m->host,
			     .bytes = m->bytes,
			     .unit_bytes = m->stretch_bytes,
			     .threads = gang ? gang->count : 1};
	unsigned i;

	if (gang)
		gang_run(gang, prefault_share, &p);
	else
		prefault_share(&p, 0);
	for (i = 0; i < p.threads; i++) {
		if (p.err[i] < 0)
			return fault_set(f, -p.err[i], "madvise(MADV_POPULATE_WRITE)",
					 "guest memory, share %u", i);
	}
	return 0;
}

int guest_memory_slots(const struct guest_memory *m, struct guest_memory_slot *slots)
{
	uint64_t low = m->bytes < GUEST_MEMORY_LOW_BYTES ? m->bytes : GUEST_MEMORY_LOW_BYTES;

	slots[0] = (struct guest_memory_slot){0, low, m->host};
	if (low == m->bytes)
		return 1;
	slots[1] = (struct guest_memory_slot){GUEST_MEMORY_HIGH_GPA, m->bytes - low, m->host + low};
	return 2;
}

void guest_memory_close(struct guest_memory *m)
{
	void *alias = m->alias;

	sys_munmap(&alias, m->bytes);
	sys_munmap(&m->map, m->map_bytes);
	if (m->memfd >= 0)
		sys_close(&m->memfd);
	m->alias = NULL;
	m->host = NULL;
}
