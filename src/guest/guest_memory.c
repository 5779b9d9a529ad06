// SPDX-License-Identifier: GPL-2.0-or-later
/* guest_memory: the host memory that a guest sees as its own. */
#include "sevpinbench/guest_memory.h"

#include "sevpinbench/host.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <sys/mman.h>

/* How long a populate call may keep us from looking at the stop flag: a second or so, cold. */
#define PREFAULT_STEP_BYTES (256 * UNITS_MIB)
#define PREFAULT_THREADS    64

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

	*m = (struct guest_memory){.memfd = -1, .bytes = bytes};
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

struct share {
	unsigned char *addr;
	uint64_t bytes;
	int err;
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

static void *prefault_share(void *arg)
{
	struct share *s = arg;
	uint64_t done = 0, step;

	while (done < s->bytes && s->err == 0) {
		step = s->bytes - done < PREFAULT_STEP_BYTES ? s->bytes - done
							     : PREFAULT_STEP_BYTES;
		s->err = stop_signal() ? -EINTR : populate(s->addr + done, step);
		if (s->err == -EINTR && !stop_signal())
			s->err = 0; /* another signal: again */
		else
			done += step;
	}
	return NULL;
}

int guest_memory_prefault(struct guest_memory *m, unsigned threads, struct fault *f)
{
	unsigned char *addr = m->alias ? m->alias : m->host;
	uint64_t pages = units_pages(m->bytes), at = 0;
	struct share share[PREFAULT_THREADS] = {{0}};
	pthread_t thread[PREFAULT_THREADS];
	unsigned i, made;
	int err = 0;

	threads = threads > PREFAULT_THREADS ? PREFAULT_THREADS : threads < 1 ? 1 : threads;
	for (i = 0; i < threads; i++) {
		uint64_t end = pages * (i + 1) / threads * UNITS_PAGE_BYTES;

		share[i] = (struct share){addr + at, end - at, 0};
		at = end;
	}
	for (made = 1; made < threads && err == 0; made++)
		err = pthread_create(&thread[made], NULL, prefault_share, &share[made]);
	if (err) {
		made--;
		fault_set(f, err, "pthread_create", "prefault thread %u of %u", made + 1, threads);
	}
	prefault_share(&share[0]);
	for (i = 1; i < made; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < made && err == 0; i++) {
		err = -share[i].err;
		if (err)
			fault_set(f, err, "madvise(MADV_POPULATE_WRITE)", "guest memory, share %u",
				  i);
	}
	return -err;
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
