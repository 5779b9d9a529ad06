// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * others pin|allocate|move|spin: what another process may do to a host while a campaign runs, again
 * and again until it is killed. It prints "ready" once it has done it for the first time.
 *
 * pin: 64 MiB are pinned and let go, by an io_uring's registered buffer. allocate: 128 MiB are
 * taken and given back. move: pages are moved, between two NUMA nodes by move_pages(2) where there
 * are two, else by the kernel's compaction (/proc/sys/vm/compact_memory) of memory with holes.
 * spin: CPU 0 is taken.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MIB  (1024 * 1024ul)
#define PAGE 4096ul

static char *take(size_t bytes)
{
	char *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	for (size_t at = 0; at < bytes; at += PAGE)
		memory[at] = 1;
	return memory;
}

static void pin(void)
{
	static struct iovec all;
	static int ring = -1;
	struct io_uring_params p = {0};

	if (ring < 0) {
		all = (struct iovec){take(64 * MIB), 64 * MIB};
		ring = (int)syscall(SYS_io_uring_setup, 1, &p);
		if (ring < 0)
			err(1, "io_uring_setup");
	}
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &all, 1) < 0)
		err(1, "io_uring_register");
	usleep(150000);
	if (syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0) < 0)
		err(1, "io_uring_register, to let go");
	usleep(50000);
}

static void allocate(void)
{
	munmap(take(128 * MIB), 128 * MIB);
}

/* All of them to the node. False: there is no such node. */
static bool move_to(char *memory, int node)
{
	static void *page[64 * MIB / PAGE];
	static int where[64 * MIB / PAGE], status[64 * MIB / PAGE];
	const size_t count = 64 * MIB / PAGE;

	for (size_t i = 0; i < count; i++) {
		page[i] = memory + i * PAGE;
		where[i] = node;
	}
	if (syscall(SYS_move_pages, 0, count, page, where, status, 2 /* MPOL_MF_MOVE */) >= 0)
		return true;
	if (errno != ENODEV)
		err(1, "move_pages");
	return false;
}

/* Each other page is given back, and the rest drawn together. */
static void compact(void)
{
	char *memory = take(256 * MIB);
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);

	for (size_t at = 0; at < 256 * MIB; at += 2 * PAGE)
		madvise(memory + at, PAGE, MADV_DONTNEED);
	if (fd < 0 || write(fd, "1", 1) != 1)
		err(1, "/proc/sys/vm/compact_memory");
	close(fd);
	munmap(memory, 256 * MIB);
}

static void move(void)
{
	static char *memory;
	static int node;

	memory = memory ? memory : take(64 * MIB);
	node = !node;
	if (!move_to(memory, node))
		compact();
}

static void spin(void)
{
	static bool placed;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (!placed && sched_setaffinity(0, sizeof(first), &first) < 0)
		err(1, "sched_setaffinity");
	placed = true;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*act)(void);
	} acts[] = {{"pin", pin}, {"allocate", allocate}, {"move", move}, {"spin", spin}};
	unsigned i = 0;

	while (i < 4 && (argc != 2 || strcmp(acts[i].name, argv[1]) != 0))
		i++;
	if (i == 4)
		errx(2, "usage: others pin|allocate|move|spin");
	acts[i].act();
	puts("ready");
	fflush(stdout);
	for (;;)
		acts[i].act();
}
