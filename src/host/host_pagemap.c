// SPDX-License-Identifier: GPL-2.0-or-later
/* host_pagemap: where this process's pages lie in physical memory, and what kind they are. */
#include "sevpinbench/host_pagemap.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>

/* Documentation/admin-guide/mm/pagemap.rst: one u64 a page. */
#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_FRAME   ((1ULL << 55) - 1)

/* Documentation/admin-guide/mm/pagemap.rst: bits of /proc/kpageflags. */
#define KIND_HUGETLB (1ULL << 17)
#define KIND_THP     (1ULL << 22)
#define KIND_ZERO    (1ULL << 24)

#define ENTRIES_AT_ONCE 512

static int open_table(const char *path)
{
	char full[PATH_MAX];
	int err = host_file_path(path, full, sizeof(full));

	return err ? err : sys_open(full, O_RDONLY, 0);
}

static int read_entries(int fd, uint64_t first, uint64_t count, uint64_t *entry)
{
	size_t bytes = count * sizeof(*entry);
	ssize_t n = sys_pread(fd, entry, bytes, (off_t)(first * sizeof(*entry)));

	return n < 0 ? (int)n : (size_t)n == bytes ? 0 : -EIO;
}

int host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page)
{
	uint64_t entry[ENTRIES_AT_ONCE], first = (uint64_t)(uintptr_t)addr / UNITS_PAGE_BYTES;
	int fd = open_table("/proc/self/pagemap"), err = fd < 0 ? fd : 0;
	uint64_t at, i, count;

	for (at = 0; at < pages && !err; at += count) {
		count = pages - at < ENTRIES_AT_ONCE ? pages - at : ENTRIES_AT_ONCE;
		err = read_entries(fd, first + at, count, entry);
		for (i = 0; i < count && !err; i++) {
			bool there = entry[i] & ENTRY_PRESENT;

			page[at + i] =
				(struct host_page){.frame = there ? entry[i] & ENTRY_FRAME : 0};
			err = there && page[at + i].frame == 0 ? -EPERM : 0;
		}
	}
	sys_close(&fd);
	return err;
}

int host_pagemap_kinds(struct host_page *page, uint64_t pages)
{
	int fd = open_table("/proc/kpageflags"), err = fd < 0 ? fd : 0;
	uint64_t i, kind;

	for (i = 0; i < pages && !err; i++) {
		if (page[i].frame == 0)
			continue;
		err = read_entries(fd, page[i].frame, 1, &kind);
		page[i].zero = !err && kind & KIND_ZERO;
		page[i].huge = !err && kind & (KIND_HUGETLB | KIND_THP);
	}
	sys_close(&fd);
	return err;
}

int host_pagemap_probe(void)
{
	/* On the stack, and written, so that a page is there. */
	volatile char here = 1;
	uint64_t entry = 0, page = (uint64_t)(uintptr_t)&here / UNITS_PAGE_BYTES;
	char full[PATH_MAX];
	ssize_t n;
	int fd, err = host_file_path("/proc/self/pagemap", full, sizeof(full));

	if (err)
		return err;
	fd = sys_open(full, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	n = sys_pread(fd, &entry, sizeof(entry), (off_t)(page * sizeof(entry)));
	sys_close(&fd);
	if (n < 0)
		return (int)n;
	if (n != sizeof(entry) || !(entry & ENTRY_PRESENT))
		return -EIO;
	return entry & ENTRY_FRAME ? 0 : -EPERM;
}
