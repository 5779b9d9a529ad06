// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases of points 2, 3, 5 and 8: which pages are pinned, how, and for how long. */
#include "cases.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- 2. before, for long term, and 8. or not at all ---- */

/* Memory of the node whose end is ZONE_MOVABLE, filled. */
static void fill_movable(uint8_t *data, size_t bytes)
{
	unsigned long nodes = 2;

	must(!syscall(SYS_mbind, data, bytes, MPOL_BIND, &nodes, 64ul, 0), "mbind");
	memset(data, 1, bytes);
}

/* Is the page in ZONE_MOVABLE, out of which a long-term pin must move it? */
static bool is_movable(uint64_t frame)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	bool movable = false, found = false;
	unsigned long spanned = 0, start;
	char line[128], zone[32];

	must(f, "/proc/zoneinfo");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Node %*d, zone %31s", zone) == 1)
			movable = strcmp(zone, "Movable") == 0;
		sscanf(line, " spanned %lu", &spanned);
		if (movable && sscanf(line, " start_pfn: %lu", &start) == 1)
			found |= frame >= start && frame < start + spanned;
	}
	fclose(f);
	return found;
}

static long movable_pages(const uint8_t *address, size_t pages)
{
	long count = 0;

	while (pages--)
		count += is_movable(page_frame(address + pages * PAGE));
	return count;
}

static void off_movable(void)
{
	struct guest guest;
	long faults;
	uint64_t value;

	start_registered(&guest, MIB, false);
	fill_movable(guest.data, MIB);
	if (movable_pages(guest.data, 64) != 64)
		skip("needs a kernel with movablecore=");
	expect("KVM_RUN", guest_write(&guest, 0, 200, 1), 0);
	faults = guest_counter(&guest, "pf_taken");
	expect("KVM_RUN", guest_write(&guest, 0, 0, 64), 0);
	expect("faults: what is mapped does not move", guest_counter(&guest, "pf_taken") - faults,
	       64);
	expect("still movable", movable_pages(guest.data, 64), 0);
	expect("untouched, movable", movable_pages(guest.data + 64 * PAGE, 64), 64);
	memcpy(&value, guest.data + 63 * PAGE, sizeof(value));
	expect("what the guest wrote", (long)value, DATA + 63 * PAGE);
	guest_close(&guest);
}

/* A page that has another user and lies in ZONE_MOVABLE can be mapped, but not pinned. */
static void cannot_pin(void)
{
	struct guest guest;
	struct iovec page;
	int fds[2];

	start_registered(&guest, MIB, false);
	fill_movable(guest.data, MIB);
	if (movable_pages(guest.data, 2) != 2)
		skip("needs a kernel with movablecore=");
	page = (struct iovec){guest.data + PAGE, PAGE};
	must(!pipe(fds) && vmsplice(fds[1], &page, 1, 0) == (ssize_t)PAGE, "vmsplice");
	expect("page before it", guest_write(&guest, 0, 0, 1), 0);
	expect("KVM_RUN failed", guest_write(&guest, 0, 1, 1) != 0, 1);
	expect("failures", guest_counter(&guest, "sev_pin_failures"), 1);
	expect_pinned(&guest, "pinned", 1);
	expect("what the guest did not write", guest.data[PAGE + 3], 1);
	close(fds[0]);
	close(fds[1]);
	expect("KVM_RUN without that user", guest_write(&guest, 0, 1, 1), 0);
	expect_pinned(&guest, "pinned at the end", 2);
	guest_close(&guest);
}

/* Only a page of the guest's own can be pinned for it: not the zero page. */
static void read_first(void)
{
	struct guest guest;
	uint64_t frame;

	start_registered(&guest, MIB, false);
	expect("KVM_RUN", guest_read(&guest, 0, 0, 16), 0);
	expect_pinned(&guest, "pinned by reading", 16);
	frame = page_frame(guest.data);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 16), 0);
	expect("another page", page_frame(guest.data) != frame, 0);
	expect("pinned ever", guest_counter(&guest, "sev_pinned_ever"), 16 + BOOT_PAGES);
	expect("copied at fork", copied_at_fork(guest.data, 32), 16);
	guest_close(&guest);
}

/* ---- 3. what is mapped, is pinned ---- */

static void small_pages(void)
{
	long before = host_pinned();
	struct guest guest;

	start_registered(&guest, 64 * MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 1000, 3000), 0);
	expect_pinned(&guest, "pinned", 3000);
	expect("pinned on the host", host_pinned() - before, 3000 + BOOT_PAGES);
	expect("copied at fork", copied_at_fork(guest.data, 64 * MIB / PAGE), 3000);
	guest_close(&guest);
	expect("pinned at the end", host_pinned() - before, 0);
}

static void check_huge(struct guest *guest, long pages)
{
	long before = host_pinned();

	expect("KVM_RUN", guest_write(guest, 0, 5, 1), 0);
	expect_pinned(guest, "pinned by a touch", pages);
	expect("pinned on the host", host_pinned() - before, pages);
	expect("KVM_RUN", guest_write(guest, 0, 0, 64), 0);
	expect_pinned(guest, "pinned by 64 touches", pages);
	expect("pinned ever", guest_counter(guest, "sev_pinned_ever"), pages + BOOT_PAGES);
}

static void huge_pages(void)
{
	long before = host_pinned();
	struct guest guest;

	start_registered(&guest, 16 * MIB, true);
	check_huge(&guest, HUGE_PAGES);
	expect("mapped as huge", guest_counter(&guest, "pages_2m"), 1);
	expect("copied at fork", copied_at_fork(guest.data, HUGE_PAGES), HUGE_PAGES);
	guest_close(&guest);
	expect("pinned at the end", host_pinned() - before, 0);
}

static uint8_t *hugetlb(size_t bytes, int size)
{
	uint8_t *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size, -1, 0);

	if (data == MAP_FAILED)
		skip("not enough huge pages of that size");
	return data;
}

static void hugetlb_2m(void)
{
	struct guest guest;
	uint8_t *data = hugetlb(4 * HUGE, 21 << MAP_HUGE_SHIFT);

	guest_start(&guest, data, 4 * HUGE);
	must(guest_register(&guest, guest.data, 4 * HUGE) == 0, "REG_REGION");
	check_huge(&guest, HUGE_PAGES);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 4 * HUGE), 0);
	expect_pinned(&guest, "pinned after UNREG_REGION", 0);
	guest_close(&guest);
}

static void hugetlb_1g(void)
{
	struct guest guest;
	uint8_t *data = hugetlb(GIB, 30 << MAP_HUGE_SHIFT);

	guest_start(&guest, data, GIB);
	must(guest_register(&guest, guest.data, GIB) == 0, "REG_REGION");
	check_huge(&guest, GIB / PAGE);
	expect("mapped as huge", guest_counter(&guest, "pages_1g"), 1);
	guest_close(&guest);
}

/* The guest sees its memory at another place within a huge page than the host: it gets small ones.
 */
static void not_aligned(void)
{
	long before = host_pinned();
	struct guest guest;
	uint8_t *data = memory(8 * MIB, true);

	memset(data, 1, 8 * MIB);
	guest_start(&guest, data + MIB, 4 * MIB);
	must(guest_register(&guest, guest.data, 4 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&guest, 0, 0, MIB / PAGE), 0);
	expect_pinned(&guest, "pinned: what the region has of the page", HUGE_PAGES / 2);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 4 * MIB / PAGE), 0);
	expect_pinned(&guest, "pinned: the region", 4 * MIB / PAGE);
	expect("pinned on the host", host_pinned() - before, 4 * MIB / PAGE + BOOT_PAGES);
	guest_close(&guest);
	expect("pinned at the end", host_pinned() - before, 0);
}

/* ---- 5. again, and another ---- */

static void refault(void)
{
	struct guest guest;
	long faults, before = host_pinned();

	start_registered(&guest, 4 * MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	faults = guest_counter(&guest, "pf_taken");
	must(!mprotect(guest.data, 4 * MIB, PROT_READ), "mprotect");
	must(!mprotect(guest.data, 4 * MIB, PROT_READ | PROT_WRITE), "mprotect");
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	expect("faulted again", guest_counter(&guest, "pf_taken") - faults >= 100, 1);
	expect_pinned(&guest, "pinned", 100);
	expect("pinned ever", guest_counter(&guest, "sev_pinned_ever"), 100 + BOOT_PAGES);
	expect("pinned on the host", host_pinned() - before, 100 + BOOT_PAGES);
	guest_close(&guest);
}

static void replaced(void)
{
	struct guest guest;
	long before = host_pinned();

	start_registered(&guest, 4 * MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	must(!madvise(guest.data, 10 * PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	expect_pinned(&guest, "pinned", 100);
	expect("pinned ever", guest_counter(&guest, "sev_pinned_ever"), 110 + BOOT_PAGES);
	expect("pinned on the host", host_pinned() - before, 100 + BOOT_PAGES);
	expect("copied at fork", copied_at_fork(guest.data, 100), 100);
	guest_close(&guest);
}

static void hole_punched(void)
{
	struct guest guest;
	long before = host_pinned();
	int fd = memfd_create("guest", MFD_CLOEXEC);
	uint8_t *data;

	must(fd >= 0 && !ftruncate(fd, 4 * MIB), "memfd");
	data = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(data != MAP_FAILED, "mmap");
	guest_start(&guest, data, 4 * MIB);
	must(guest_register(&guest, data, 4 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	must(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10 * PAGE), "hole");
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	expect_pinned(&guest, "pinned", 100);
	expect("pinned ever", guest_counter(&guest, "sev_pinned_ever"), 110 + BOOT_PAGES);
	expect("pinned on the host", host_pinned() - before, 100 + BOOT_PAGES);
	guest_close(&guest);
}

/* One small page of a huge one is another: the rest stays pinned as it was. */
static void hole_in_huge(void)
{
	struct guest guest;
	long before = host_pinned();
	uint64_t frame;

	start_registered(&guest, 4 * MIB, true);
	expect("KVM_RUN", guest_write(&guest, 0, 0, HUGE_PAGES), 0);
	frame = page_frame(guest.data + 6 * PAGE);
	must(!madvise(guest.data + 5 * PAGE, PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	expect("KVM_RUN", guest_write(&guest, 0, 0, HUGE_PAGES), 0);
	expect("neighbour's frame", (long)page_frame(guest.data + 6 * PAGE), (long)frame);
	expect_pinned(&guest, "pinned", HUGE_PAGES);
	expect("pinned ever", guest_counter(&guest, "sev_pinned_ever"),
	       HUGE_PAGES + 1 + BOOT_PAGES);
	expect("copied at fork", copied_at_fork(guest.data, HUGE_PAGES), HUGE_PAGES);
	expect("pinned on the host", host_pinned() - before, HUGE_PAGES + BOOT_PAGES);
	guest_close(&guest);
	expect("pinned at the end", host_pinned() - before, 0);
}

static uint8_t *dropped;
static atomic_bool enough;

static void *dropper(void *unused)
{
	unsigned int i = 0;

	(void)unused;
	while (!enough) {
		must(!madvise(dropped + i % 64 * 8 * PAGE, 3 * PAGE, MADV_DONTNEED), "madvise");
		i += 29;
	}
	return NULL;
}

/* The process takes pages away from under a guest that uses them. */
static void replaced_while_running(void)
{
	long before = host_pinned();
	struct guest guest;
	pthread_t thread;
	int i;

	start_registered(&guest, 2 * MIB, false);
	dropped = guest.data;
	must(!pthread_create(&thread, NULL, dropper, NULL), "thread");
	for (i = 0; i < 200; i++)
		expect("KVM_RUN", guest_write(&guest, 0, 0, 512), 0);
	enough = true;
	pthread_join(thread, NULL);
	expect("not pinned", not_pinned(guest.data, 512), 0);
	expect_pinned(&guest, "pinned", 512);
	expect("pinned on the host", host_pinned() - before, 512 + BOOT_PAGES);
	guest_close(&guest);
	expect("pinned at the end", host_pinned() - before, 0);
}

const struct test_case page_cases[] = {
	{"2-off-movable", off_movable},	  {"2-read-first", read_first},
	{"3-small-pages", small_pages},	  {"3-huge-pages", huge_pages},
	{"3-hugetlb-2m", hugetlb_2m},	  {"3-hugetlb-1g", hugetlb_1g},
	{"3-not-aligned", not_aligned},	  {"5-refault", refault},
	{"5-replaced", replaced},	  {"5-hole-punched", hole_punched},
	{"5-hole-in-huge", hole_in_huge}, {"5-replaced-while-running", replaced_while_running},
	{"8-cannot-pin", cannot_pin},	  {NULL, NULL},
};
