// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases of point 1: what registering a region does, and what is pinned when. */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

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

const struct test_case region_cases[] = {
	{"1-register-reserves", register_reserves},
	{"1-register-limit", register_limit},
	{"1-register-rules", register_rules},
	{"1-unregister-unpins", unregister_unpins},
	{"1-overlapping", overlapping},
	{"1-late-registration", late_registration},
	{"1-registered-in-fault", registered_in_fault},
	{NULL, NULL},
};
