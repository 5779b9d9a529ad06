// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases of what else moves pages, or takes them away. */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CGROUP "/sys/fs/cgroup/"

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
			for (;;) /* a fast host is done before the signal comes */
				pause();
		}
		sleep_ms(40 + 20 * i);
		kill(child, SIGKILL);
		must(waitpid(child, &status, 0) == child, "waitpid");
		expect("killed at its work", WIFSIGNALED(status), 1);
	}
	expect("pinned at the end", host_pinned() - before, 0);
}

const struct test_case mover_cases[] = {
	{"numa-nodes", numa_nodes},
	{"compaction", compaction},
	{"memory-group", memory_group},
	{"killed", killed},
	{NULL, NULL},
};
