// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of demand pinning in kvm_amd, on a host with SEV and this module:
 *
 *   sev-pin-test --list     the cases
 *   sev-pin-test CASE       exit 0 passed, 1 failed (what was expected on stderr), 77 skipped
 *
 * As root. Where the guest's pages are counted, nothing else on the host may pin any.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED	  77
#define PARAMETER "/sys/module/kvm_amd/parameters/sev_pinning"
#define TRACING	  "/sys/kernel/tracing/"
#define CGROUP	  "/sys/fs/cgroup/"
#define SLABS_MAX 512 /* newer kernels have sixteen kinds of kmalloc */

static int wrong;

static void expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		return;
	fprintf(stderr, "%s: %ld, expected %ld\n", what, got, wanted);
	wrong = 1;
}

static void expect_pinned(const struct guest *guest, const char *when, long wanted)
{
	long boot = guest->boot ? BOOT_PAGES : 0;

	expect(when, guest_counter(guest, "sev_pinned_pages") - boot, wanted);
}

static void skip(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(SKIPPED);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* A guest with all its data registered. */
static void start_registered(struct guest *guest, size_t bytes, bool huge)
{
	guest_start(guest, memory(bytes, huge), bytes);
	must(guest_register(guest, guest->data, bytes) == 0, "REG_REGION");
}

/* ---- 1. regions ---- */

static void register_reserves(void)
{
	long before = host_pinned();
	struct guest guest;

	guest_create(&guest);
	guest_init_sev(&guest);
	guest.data = memory(64 * MIB, false);
	memset(guest.data, 1, 64 * MIB);
	expect("REG_REGION", guest_register(&guest, guest.data, 64 * MIB), 0);
	expect_pinned(&guest, "pinned by REG_REGION", 0);
	expect("pinned on the host", host_pinned() - before, 0);
	guest_close(&guest);
}

static void lose_ipc_lock(size_t limit)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	struct rlimit rlimit = {limit, limit};

	must(!syscall(SYS_capget, &header, data), "capget");
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	must(!syscall(SYS_capset, &header, data) && !setrlimit(RLIMIT_MEMLOCK, &rlimit), "capset");
}

static void register_limit(void)
{
	struct guest guest;
	uint8_t *data = memory(16 * MIB, false);

	guest_create(&guest);
	guest_init_sev(&guest);
	lose_ipc_lock(4 * MIB);
	expect("more than the limit", guest_register(&guest, data, 4 * MIB + PAGE), ENOMEM);
	expect("the limit", guest_register(&guest, data, 4 * MIB), 0);
	expect("a page more", guest_register(&guest, data + 8 * MIB, PAGE), ENOMEM);
	expect("UNREG_REGION", guest_unregister(&guest, data, 4 * MIB), 0);
	expect("the limit again", guest_register(&guest, data + 8 * MIB, 4 * MIB), 0);
	guest_close(&guest);
}

static void register_rules(void)
{
	struct guest guest;
	uint8_t *data = memory(4 * MIB, false);

	guest_create(&guest);
	expect("before INIT", guest_register(&guest, data, PAGE), ENOTTY);
	expect("unregister before INIT", guest_unregister(&guest, data, PAGE), ENOTTY);
	guest_init_sev(&guest);
	expect("no bytes", guest_register(&guest, data, 0), EINVAL);
	expect("round the end", guest_register(&guest, data, -(size_t)data + 1), EINVAL);
	expect("the kernel's", guest_register(&guest, (void *)-MIB, PAGE), ENOMEM);
	expect("part of pages", guest_register(&guest, data + 100, PAGE), 0);
	expect("the same twice", guest_register(&guest, data + 100, PAGE), 0);
	expect("another size", guest_unregister(&guest, data + 100, PAGE + 1), EINVAL);
	expect("another address", guest_unregister(&guest, data, PAGE), EINVAL);
	expect("once", guest_unregister(&guest, data + 100, PAGE), 0);
	expect("twice", guest_unregister(&guest, data + 100, PAGE), 0);
	expect("three times", guest_unregister(&guest, data + 100, PAGE), EINVAL);
	guest_close(&guest);
}

static long flushes(void)
{
	long hits = 0;
	FILE *f = fopen(TRACING "kprobe_profile", "r");

	must(f, "kprobe_profile");
	if (fscanf(f, "%*s %ld", &hits) != 1)
		hits = -1;
	fclose(f);
	return hits;
}

static void unregister_unpins(void)
{
	long before = host_pinned(), flushed;
	struct guest guest;

	start_registered(&guest, 8 * MIB, false);
	must(guest_register(&guest, guest.boot, PAGE) == 0, "REG_REGION");
	write_file(TRACING "kprobe_events", "p:flush wbinvd_on_all_cpus");
	write_file(TRACING "events/kprobes/flush/enable", "1");
	expect("KVM_RUN", guest_write(&guest, 0, 100, 50), 0);
	expect_pinned(&guest, "pinned", 50);
	flushed = flushes();
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 8 * MIB), 0);
	expect("flushes", flushes() - flushed, 1);
	expect_pinned(&guest, "pinned after UNREG_REGION", 0);
	expect("pinned on the host", host_pinned() - before, BOOT_PAGES);
	write_file(TRACING "events/kprobes/flush/enable", "0");
	guest_close(&guest);
}

static void overlapping(void)
{
	struct guest guest;

	guest_start(&guest, memory(12 * MIB, true), 12 * MIB);
	expect("first", guest_register(&guest, guest.data, 7 * MIB), 0);
	expect("second", guest_register(&guest, guest.data + 5 * MIB, 7 * MIB), 0);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 1), 0);
	expect("KVM_RUN", guest_write(&guest, 0, 4 * MIB / PAGE, 1), 0);
	expect_pinned(&guest, "pinned once", 2 * HUGE_PAGES);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 7 * MIB), 0);
	expect_pinned(&guest, "what the second region has", HUGE_PAGES / 2);
	expect("copied at fork", copied_at_fork(guest.data + 5 * MIB, 256), 256);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data + 5 * MIB, 7 * MIB), 0);
	expect_pinned(&guest, "pinned at the end", 0);
	guest_close(&guest);
}

/* Legal while the guest runs; what it has mapped before must not stay unpinned. */
static void late_registration(void)
{
	struct guest guest;

	guest_start(&guest, memory(4 * MIB, false), 4 * MIB);
	expect("KVM_RUN", guest_write(&guest, 0, 10, 20), 0);
	expect_pinned(&guest, "pinned while not registered", 0);
	expect("REG_REGION", guest_register(&guest, guest.data, 4 * MIB), 0);
	expect_pinned(&guest, "pinned", 20);
	expect("KVM_RUN", guest_write(&guest, 0, 20, 20), 0);
	expect_pinned(&guest, "pinned at the end", 30);
	guest_close(&guest);
}

/* How many of the pages that are there are not pinned: none may be, where only the guest touches.
 */
static long not_pinned(const uint8_t *address, size_t pages)
{
	long present = 0;
	size_t i;

	for (i = 0; i < pages; i++)
		present += page_frame(address + i * PAGE) != 0;
	return present - copied_at_fork(address, pages);
}

/* The first fault of the process in this memory waits until it is answered. */
static int watch(uint8_t *address, size_t bytes)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.range = {(uintptr_t)address, bytes},
					.mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	must(fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range),
	     "userfaultfd");
	return fd;
}

static void answer(int fd, uint8_t *page)
{
	static uint8_t contents[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {.dst = (uintptr_t)page, .src = (uintptr_t)contents, .len = PAGE};

	must(!ioctl(fd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
}

static struct guest watched;

static void *write_a_page(void *unused)
{
	(void)unused;
	return (void *)(intptr_t)guest_write(&watched, 0, 3, 1);
}

/*
 * The region comes while KVM is about to map a page of it, and with interrupts, where KVM would
 * rather have the page brought and mapped asynchronously.
 */
static void registered_in_fault(void)
{
	struct uffd_msg message;
	pthread_t thread;
	void *result;
	int fd;

	guest_create(&watched);
	must(!ioctl(watched.vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	guest_init_sev(&watched);
	guest_add_memory(&watched, memory(MIB, false), MIB);
	guest_launch_start(&watched);
	guest_launch_finish(&watched);
	guest_add_vcpus(&watched, 1);
	fd = watch(watched.data, MIB);
	must(!pthread_create(&thread, NULL, write_a_page, NULL), "thread");
	must(read(fd, &message, sizeof(message)) == sizeof(message), "userfaultfd");
	expect("address", (long)message.arg.pagefault.address, (long)watched.data + 3 * PAGE);
	expect("REG_REGION", guest_register(&watched, watched.data, MIB), 0);
	expect_pinned(&watched, "pinned by REG_REGION", 0);
	answer(fd, watched.data + 3 * PAGE);
	pthread_join(thread, &result);
	expect("KVM_RUN", (intptr_t)result, 0);
	expect_pinned(&watched, "pinned", 1);
	expect("not pinned", not_pinned(watched.data, MIB / PAGE), 0);
	guest_close(&watched);
}

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

/* ---- 4. what the firmware has worked on ---- */

static void launch_keeps(void)
{
	struct guest guest;
	struct kvm_sev_launch_update_data data;

	guest_create(&guest);
	guest_init_sev(&guest);
	guest_add_memory(&guest, memory(8 * MIB, true), 8 * MIB);
	must(guest_register(&guest, guest.data, 4 * MIB) == 0, "REG_REGION");
	guest_launch_start(&guest);
	data = (struct kvm_sev_launch_update_data){(uintptr_t)guest.data, 3 * PAGE};
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned by the launch", 3);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 4 * MIB), 0);
	expect_pinned(&guest, "pinned after UNREG_REGION", 0);
	data.uaddr = (uintptr_t)guest.data + 4 * MIB;
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned outside regions", 3);
	guest_launch_finish(&guest);
	guest_add_vcpus(&guest, 1);
	must(guest_register(&guest, guest.data, 8 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&guest, 0, 4 * MIB / PAGE, 1), 0);
	expect_pinned(&guest, "the whole of its huge page, once", HUGE_PAGES);
	guest_close(&guest);
}

/* Memory that is launched before it is registered counts once against the limit. */
static void launch_limit(void)
{
	struct guest guest;
	struct kvm_sev_launch_update_data data;

	guest_create(&guest);
	guest_init_sev(&guest);
	guest_add_memory(&guest, memory(4 * MIB, false), 4 * MIB);
	guest_launch_start(&guest);
	lose_ipc_lock(2 * MIB + BOOT_PAGES * PAGE);
	data = (struct kvm_sev_launch_update_data){(uintptr_t)guest.data, MIB};
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect("the same again", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned", MIB / PAGE);
	expect("too much beside it", guest_register(&guest, guest.data + 2 * MIB, 2 * MIB), ENOMEM);
	expect("half", guest_register(&guest, guest.data, MIB), 0);
	expect("another half", guest_register(&guest, guest.data + MIB, MIB), 0);
	guest_close(&guest);
}

/* The emulated firmware knows none of these; their pages are pinned before it is asked. */
static void other_commands_keep(void)
{
	static uint8_t buffer[64];
	struct guest guest;
	struct kvm_sev_launch_secret secret = {.hdr_uaddr = (uintptr_t)buffer,
					       .hdr_len = 52,
					       .guest_len = 16,
					       .trans_uaddr = (uintptr_t)buffer,
					       .trans_len = 16};
	struct kvm_sev_send_update_data send = {.hdr_uaddr = (uintptr_t)buffer,
						.hdr_len = 52,
						.guest_len = 16,
						.trans_uaddr = (uintptr_t)buffer,
						.trans_len = 16};
	struct kvm_sev_receive_update_data receive = {.hdr_uaddr = (uintptr_t)buffer,
						      .hdr_len = 52,
						      .guest_len = 16,
						      .trans_uaddr = (uintptr_t)buffer,
						      .trans_len = 16};

	start_registered(&guest, MIB, false);
	secret.guest_uaddr = (uintptr_t)guest.data;
	send.guest_uaddr = (uintptr_t)guest.data + PAGE;
	receive.guest_uaddr = (uintptr_t)guest.data + 2 * PAGE;
	guest_sev(&guest, KVM_SEV_LAUNCH_SECRET, &secret);
	expect_pinned(&guest, "pinned by LAUNCH_SECRET", 1);
	guest_sev(&guest, KVM_SEV_SEND_UPDATE_DATA, &send);
	expect_pinned(&guest, "pinned by SEND_UPDATE_DATA", 2);
	guest_sev(&guest, KVM_SEV_RECEIVE_UPDATE_DATA, &receive);
	expect_pinned(&guest, "pinned by RECEIVE_UPDATE_DATA", 3);
	guest_close(&guest);
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

/* ---- 6. other VMs, and the end ---- */

static int use_context_of(struct guest *guest, uint32_t capability, int source)
{
	struct kvm_enable_cap cap = {.cap = capability, .args = {(uint64_t)source}};

	return ioctl(guest->vm, KVM_ENABLE_CAP, &cap) ? errno : 0;
}

static void migrated(void)
{
	struct guest source, target;
	long before = host_pinned();

	start_registered(&source, 4 * MIB, false);
	expect("KVM_RUN", guest_write(&source, 0, 0, 100), 0);
	guest_create(&target);
	target.boot = source.boot;
	guest_add_memory(&target, source.data, source.bytes);
	guest_add_vcpus(&target, 1);
	expect("move", use_context_of(&target, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM, source.vm), 0);
	expect("counter of the source", guest_counter(&source, "sev_pinned_pages"), -1);
	expect_pinned(&target, "moved", 100);
	source.boot = NULL;
	guest_close(&source);
	expect("on the host without the source", host_pinned() - before, 100 + BOOT_PAGES);
	expect("KVM_RUN", guest_write(&target, 0, 50, 100), 0);
	expect_pinned(&target, "pinned there", 150);
	expect("UNREG_REGION", guest_unregister(&target, target.data, 4 * MIB), 0);
	expect_pinned(&target, "pinned after UNREG_REGION", 0);
	guest_close(&target);
	expect("pinned at the end", host_pinned() - before, 0);
}

/* The child has the same memory at other addresses. */
static void be_target(struct guest *source, int memory_fd)
{
	struct guest target;
	uint8_t *data;

	must(!munmap(source->data, 4 * MIB), "munmap");
	guest_create(&target);
	data = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	must(data != MAP_FAILED, "mmap");
	target.boot = source->boot;
	guest_add_memory(&target, data, 4 * MIB);
	expect("move", use_context_of(&target, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM, source->vm), 0);
	expect_pinned(&target, "moved", 100);
	must(guest_register(&target, data, 4 * MIB) == 0, "REG_REGION");
	guest_add_vcpus(&target, 1);
	expect("KVM_RUN", guest_write(&target, 0, 200, 50), 0);
	expect_pinned(&target, "pinned there", 150);
	expect("old region", guest_unregister(&target, source->data, 4 * MIB), 0);
	expect_pinned(&target, "pinned after its UNREG_REGION", 50);
	exit(wrong);
}

static void migrated_to_process(void)
{
	struct guest source;
	long before = host_pinned();
	int status, fd = memfd_create("guest", 0);
	pid_t child;
	uint8_t *data;

	must(fd >= 0 && !ftruncate(fd, 8 * MIB), "memfd");
	data = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(data != MAP_FAILED, "mmap");
	guest_start(&source, data, 4 * MIB);
	must(guest_register(&source, data, 4 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&source, 0, 0, 100), 0);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0)
		be_target(&source, fd);
	must(waitpid(child, &status, 0) == child, "waitpid");
	expect("target's exit code", WEXITSTATUS(status), 0);
	guest_close(&source);
	expect("pinned at the end", host_pinned() - before, 0);
}

static void mirrored(void)
{
	struct guest owner, mirror;
	long before = host_pinned();

	start_registered(&owner, 4 * MIB, false);
	guest_create(&mirror);
	expect("copy", use_context_of(&mirror, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, owner.vm), 0);
	mirror.boot = owner.boot;
	guest_add_memory(&mirror, owner.data, owner.bytes);
	guest_add_vcpus(&mirror, 1);
	expect("REG_REGION of a mirror", guest_register(&mirror, owner.data, PAGE), EINVAL);
	expect("UNREG_REGION of a mirror", guest_unregister(&mirror, owner.data, 4 * MIB), EINVAL);
	expect("KVM_RUN of the mirror", guest_write(&mirror, 0, 0, 50), 0);
	expect("KVM_RUN of the owner", guest_write(&owner, 0, 25, 50), 0);
	expect_pinned(&owner, "pinned for the owner", 75);
	expect("counter of the mirror", guest_counter(&mirror, "sev_pinned_pages"), -1);
	mirror.boot = NULL;
	guest_close(&mirror);
	expect_pinned(&owner, "without the mirror", 75);
	guest_close(&owner);
	expect("pinned at the end", host_pinned() - before, 0);
}

/* Host addresses of another process are not the owner's. */
static void mirrored_elsewhere(void)
{
	struct guest owner, mirror;
	int status;
	pid_t child;

	start_registered(&owner, MIB, false);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		guest_create(&mirror);
		must(!use_context_of(&mirror, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, owner.vm), "copy");
		guest_add_memory(&mirror, memory(MIB, false), MIB);
		guest_add_vcpus(&mirror, 1);
		expect("KVM_RUN", guest_write(&mirror, 0, 0, 1), EINVAL);
		exit(wrong);
	}
	must(waitpid(child, &status, 0) == child, "waitpid");
	expect("mirror's exit code", WEXITSTATUS(status), 0);
	expect_pinned(&owner, "pinned", 0);
	guest_close(&owner);
}

/* Objects in use of the kinds that demand pinning allocates, by the kind's place in the list. */
static size_t slabs(long objects[SLABS_MAX])
{
	char text[512], name[64];
	size_t count = 0;
	FILE *f = fopen("/proc/slabinfo", "r");

	must(f, "/proc/slabinfo");
	while (count < SLABS_MAX && fgets(text, sizeof(text), f)) {
		if (sscanf(text, "%63s %ld", name, &objects[count]) == 2 &&
		    (!strncmp(name, "kmalloc-", 8) || !strcmp(name, "radix_tree_node")))
			count++;
	}
	fclose(f);
	return count;
}

static void live(uint8_t *data, int times)
{
	struct guest guest;

	while (times--) {
		guest_start(&guest, data, 8 * MIB);
		must(guest_register(&guest, data, 8 * MIB) == 0, "REG_REGION");
		must(guest_write(&guest, 0, 0, 100) == 0, "KVM_RUN");
		must(guest_write(&guest, 0, 1500, 20) == 0, "KVM_RUN");
		guest_close(&guest);
	}
	sleep_ms(2000); /* what is freed after a grace period */
}

static void lives(void)
{
	uint8_t *data = memory(8 * MIB, false);
	long pinned = host_pinned(), before[SLABS_MAX], after[SLABS_MAX];
	size_t count, i;

	live(data, 50);
	count = slabs(before);
	live(data, 200);
	must(slabs(after) == count, "the same slabs");
	for (i = 0; i < count; i++)
		expect("a slab grew by an object a life", after[i] - before[i] >= 200, 0);
	expect("pinned at the end", host_pinned() - pinned, 0);
}

/* ---- 7. at once ---- */

static struct guest raced;
static pthread_barrier_t line;

static void *racer(void *number)
{
	pthread_barrier_wait(&line);
	return (void *)(intptr_t)guest_write(&raced, (unsigned int)(intptr_t)number, 0, 4096);
}

static void race(bool huge)
{
	pthread_t thread[VCPUS_MAX];
	long before = host_pinned();
	void *result;
	int i;

	guest_create(&raced);
	guest_init_sev(&raced);
	guest_add_memory(&raced, memory(32 * MIB, huge), 32 * MIB);
	guest_launch_start(&raced);
	guest_launch_finish(&raced);
	guest_add_vcpus(&raced, VCPUS_MAX);
	must(guest_register(&raced, raced.data, 32 * MIB) == 0, "REG_REGION");
	pthread_barrier_init(&line, NULL, VCPUS_MAX);
	for (i = 0; i < VCPUS_MAX; i++)
		must(!pthread_create(&thread[i], NULL, racer, (void *)(intptr_t)i), "thread");
	for (i = 0; i < VCPUS_MAX; i++) {
		pthread_join(thread[i], &result);
		expect("KVM_RUN", (intptr_t)result, 0);
	}
	expect_pinned(&raced, "pinned", 4096);
	expect("pinned ever", guest_counter(&raced, "sev_pinned_ever"), 4096 + BOOT_PAGES);
	expect("pinned on the host", host_pinned() - before, 4096 + BOOT_PAGES);
	guest_close(&raced);
	expect("pinned at the end", host_pinned() - before, 0);
}

static void race_small(void)
{
	race(false);
}

static void race_huge(void)
{
	race(true);
}

/* ---- 9. the others ---- */

static void eager(void)
{
	long before = host_pinned();
	struct guest guest;

	write_file(PARAMETER, "eager");
	guest_start(&guest, memory(4 * MIB, false), 4 * MIB);
	memset(guest.data, 1, 4 * MIB);
	write_file(PARAMETER, "demand"); /* for guests made from now on */
	expect("pinned by the launch", host_pinned() - before, 0);
	expect("REG_REGION", guest_register(&guest, guest.data, 4 * MIB), 0);
	expect("pinned by REG_REGION", host_pinned() - before, 4 * MIB / PAGE);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	expect("pinned by KVM_RUN", host_pinned() - before, 4 * MIB / PAGE);
	expect("counter", guest_counter(&guest, "sev_pinned_pages"), -1);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 4 * MIB), 0);
	expect("pinned after it", host_pinned() - before, 0);
	expect("UNREG_REGION again", guest_unregister(&guest, guest.data, 4 * MIB), EINVAL);
	guest_close(&guest);
}

static void plain_vm(void)
{
	long before = host_pinned();
	struct guest guest;

	guest_create(&guest);
	guest_add_memory(&guest, memory(4 * MIB, true), 4 * MIB);
	guest_add_vcpus(&guest, 1);
	expect("REG_REGION", guest_register(&guest, guest.data, 4 * MIB), ENOTTY);
	expect("pinned", host_pinned() - before, 0);
	expect("counter", guest_counter(&guest, "sev_pinned_pages"), -1);
	guest_close(&guest);
}

/* KVM_PRE_FAULT_MEMORY, which Debian 12's headers do not have, maps without a fault. */
static void pre_fault(void)
{
	uint64_t range[8] = {DATA, 16 * PAGE};
	struct guest guest;
	int r;

	start_registered(&guest, MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 100, 1), 0);
	r = ioctl(guest.vcpu[0], _IOC(_IOC_READ | _IOC_WRITE, KVMIO, 0xd5, sizeof(range)), range);
	if (r && (errno == ENOTTY || errno == EINVAL))
		skip("this kernel has no KVM_PRE_FAULT_MEMORY");
	expect("KVM_PRE_FAULT_MEMORY", r ? errno : 0, EOPNOTSUPP);
	guest_close(&guest);
}

/* With kvm.tdp_mmu=0 neighbours of a page are mapped unasked. */
static void shadow_mmu(void)
{
	struct guest guest;

	guest_create(&guest);
	if (access("/sys/module/kvm/parameters/tdp_mmu", R_OK))
		skip("no kvm.tdp_mmu");
	expect("KVM_SEV_INIT", guest_sev(&guest, KVM_SEV_INIT, NULL), EOPNOTSUPP);
	write_file(PARAMETER, "eager");
	expect("KVM_SEV_INIT in eager mode", guest_sev(&guest, KVM_SEV_INIT, NULL), 0);
	guest_close(&guest);
}

/* ---- what else moves pages ---- */

static long moved(uint8_t *address, int node)
{
	uint64_t frame[32];
	void *page[32];
	int nodes[32], status[32], i;
	long count = 0;

	for (i = 0; i < 32; i++) {
		page[i] = address + (size_t)i * PAGE;
		frame[i] = page_frame(page[i]);
		nodes[i] = node;
	}
	syscall(SYS_move_pages, 0, 32ul, page, nodes, status, 0);
	for (i = 0; i < 32; i++)
		count += page_frame(page[i]) != frame[i];
	return count;
}

static void numa_nodes(void)
{
	struct guest guest;

	if (access("/sys/devices/system/node/node1", F_OK))
		skip("needs two nodes");
	start_registered(&guest, MIB, false);
	memset(guest.data, 1, MIB);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 32), 0);
	expect("pinned pages moved", moved(guest.data, 0) + moved(guest.data, 1), 0);
	moved(guest.data + 64 * PAGE, 0);
	expect("others moved", moved(guest.data + 64 * PAGE, 1), 32);
	expect_pinned(&guest, "pinned", 32);
	guest_close(&guest);
}

static void compaction(void)
{
	const size_t bytes = 64 * MIB;
	uint8_t *noise = memory(bytes, false);
	uint64_t frame[256];
	struct guest guest;
	long gone = 0;
	size_t i;

	start_registered(&guest, bytes, false);
	for (i = 0; i < bytes / PAGE; i++) {
		guest.data[i * PAGE] = 1;
		noise[i * PAGE] = 1;
	}
	expect("KVM_RUN", guest_write(&guest, 0, 0, 256), 0);
	for (i = 0; i < 256; i++)
		frame[i] = page_frame(guest.data + i * PAGE);
	must(!munmap(noise, bytes), "munmap");
	write_file("/proc/sys/vm/compact_memory", "1");
	for (i = 0; i < 256; i++)
		gone += page_frame(guest.data + i * PAGE) != frame[i];
	expect("pinned pages moved", gone, 0);
	guest_close(&guest);
}

static void run_in_group(void)
{
	struct guest guest;
	uint64_t frame;
	int fd;

	write_file(CGROUP "pin-test/cgroup.procs", "0");
	start_registered(&guest, 64 * MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 2048), 0);
	frame = page_frame(guest.data);
	/* There is no swap: it may fail. It must not take what is pinned. */
	fd = open(CGROUP "pin-test/memory.reclaim", O_WRONLY | O_CLOEXEC);
	must(fd >= 0, "memory.reclaim");
	if (write(fd, "4M", 2) < 0)
		errno = 0;
	expect("frame", (long)page_frame(guest.data), (long)frame);
	expect_pinned(&guest, "pinned", 2048);
	if (wrong)
		exit(1);
	guest_write(&guest, 0, 0, 64 * MIB / PAGE); /* more than the group may have */
	exit(0);
}

static void memory_group(void)
{
	long before = host_pinned();
	int status;
	pid_t child;

	write_file(CGROUP "cgroup.subtree_control", "+memory");
	must(!mkdir(CGROUP "pin-test", 0755) || errno == EEXIST, "mkdir");
	write_file(CGROUP "pin-test/memory.max", "24M");
	child = fork();
	must(child >= 0, "fork");
	if (child == 0)
		run_in_group();
	must(waitpid(child, &status, 0) == child, "waitpid");
	expect("killed for its memory", WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGKILL);
	expect("pinned at the end", host_pinned() - before, 0);
	rmdir(CGROUP "pin-test");
}

static void killed(void)
{
	long before = host_pinned();
	struct guest guest;
	int i, status;
	pid_t child;

	for (i = 0; i < 10; i++) {
		child = fork();
		must(child >= 0, "fork");
		if (child == 0) {
			start_registered(&guest, 256 * MIB, i & 1);
			guest_write(&guest, 0, 0, 256 * MIB / PAGE);
			exit(0);
		}
		sleep_ms(40 + 20 * i);
		kill(child, SIGKILL);
		must(waitpid(child, &status, 0) == child, "waitpid");
		expect("killed at its work", WIFSIGNALED(status), 1);
	}
	expect("pinned at the end", host_pinned() - before, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"1-register-reserves", register_reserves},
	{"1-register-limit", register_limit},
	{"1-register-rules", register_rules},
	{"1-unregister-unpins", unregister_unpins},
	{"1-overlapping", overlapping},
	{"1-late-registration", late_registration},
	{"1-registered-in-fault", registered_in_fault},
	{"2-off-movable", off_movable},
	{"2-read-first", read_first},
	{"3-small-pages", small_pages},
	{"3-huge-pages", huge_pages},
	{"3-hugetlb-2m", hugetlb_2m},
	{"3-hugetlb-1g", hugetlb_1g},
	{"3-not-aligned", not_aligned},
	{"4-launch-keeps", launch_keeps},
	{"4-launch-limit", launch_limit},
	{"4-other-commands-keep", other_commands_keep},
	{"5-refault", refault},
	{"5-replaced", replaced},
	{"5-hole-punched", hole_punched},
	{"5-hole-in-huge", hole_in_huge},
	{"5-replaced-while-running", replaced_while_running},
	{"6-migrated", migrated},
	{"6-migrated-to-process", migrated_to_process},
	{"6-mirrored", mirrored},
	{"6-mirrored-elsewhere", mirrored_elsewhere},
	{"6-lives", lives},
	{"7-race-small", race_small},
	{"7-race-huge", race_huge},
	{"8-cannot-pin", cannot_pin},
	{"9-eager", eager},
	{"9-plain-vm", plain_vm},
	{"9-pre-fault", pre_fault},
	{"numa-nodes", numa_nodes},
	{"compaction", compaction},
	{"memory-group", memory_group},
	{"killed", killed},
	{"shadow-mmu", shadow_mmu},
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc == 2 && strcmp(argv[1], "--list") == 0) {
			puts(cases[i].name);
		} else if (argc == 2 && strcmp(argv[1], cases[i].name) == 0) {
			write_file(PARAMETER, "demand");
			cases[i].run();
			return wrong;
		}
	}
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return 0;
	fprintf(stderr, "usage: sev-pin-test --list|CASE\n");
	return 2;
}
