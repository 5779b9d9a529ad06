// SPDX-License-Identifier: GPL-2.0-or-later
/* host_pagemap: where this process's pages lie in physical memory, and what kind they are. */
#include "sevpinbench/host_pagemap.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Documentation/admin-guide/mm/pagemap.rst: one u64 a page. */
#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_ALONE   (1ULL << 56)
#define ENTRY_FRAME   ((1ULL << 55) - 1)

/* Of /proc/self/smaps: about 900 bytes a mapping; and more than any mapping has. */
#define SMAPS_BYTES (4 * UNITS_MIB)
#define MOST_KIB    (UINT64_C(1) << 40)

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
				(struct host_page){.frame = there ? entry[i] & ENTRY_FRAME : 0,
						   .shared = there && !(entry[i] & ENTRY_ALONE)};
			err = there && page[at + i].frame == 0 ? -EPERM : 0;
		}
	}
	sys_close(&fd);
	return err;
}

/* How many pages from here on lie one behind the other: these are looked up at once. */
static uint64_t run_of_frames(const struct host_page *page, uint64_t most)
{
	uint64_t n = 1;

	while (n < most && n < ENTRIES_AT_ONCE && page[n].frame == page[0].frame + n)
		n++;
	return n;
}

int host_pagemap_kinds(struct host_page *page, uint64_t pages)
{
	int fd = open_table("/proc/kpageflags"), err = fd < 0 ? fd : 0;
	uint64_t kind[ENTRIES_AT_ONCE], at, i, run;

	for (at = 0; at < pages && !err; at += run) {
		run = page[at].frame ? run_of_frames(&page[at], pages - at) : 1;
		if (page[at].frame == 0)
			continue;
		err = read_entries(fd, page[at].frame, run, kind);
		for (i = 0; i < run && !err; i++) {
			page[at + i].zero = kind[i] & KIND_ZERO;
			page[at + i].huge = kind[i] & (KIND_HUGETLB | KIND_THP);
		}
	}
	sys_close(&fd);
	return err;
}

/* A mapping of /proc/self/smaps (Documentation/filesystems/proc.rst), as far as it was read. */
struct mapping {
	bool asked; /* a part of what was asked for */
	bool ended; /* its last line that counts has come */
	uint64_t resident_kib, own_huge_kib;
};

/* One line of the file, which begins a mapping or belongs to it. False where it makes no sense. */
static bool take_line(struct mapping *m, const char *line, uintptr_t from, uintptr_t to)
{
	unsigned long long start, end, kib;
	char key[32];

	if (sscanf(line, "%llx-%llx ", &start, &end) == 2) {
		*m = (struct mapping){.asked = start < to && end > from};
		return true;
	}
	if (sscanf(line, "%31[A-Za-z_]: %llu kB", key, &kib) != 2)
		return true;
	if (strcmp(key, "Rss") == 0 || strcmp(key, "Private_Hugetlb") == 0 ||
	    strcmp(key, "Shared_Hugetlb") == 0)
		m->resident_kib += kib;
	if (strcmp(key, "AnonHugePages") == 0 && !m->asked)
		m->own_huge_kib += kib;
	m->ended = strcmp(key, "Private_Hugetlb") == 0;
	return kib <= MOST_KIB;
}

struct host_resident host_pagemap_resident(const void *addr, uint64_t bytes)
{
	const uintptr_t from = (uintptr_t)addr;
	struct host_resident found = {-1, -1};
	struct mapping m = {0};
	char *text = malloc(SMAPS_BYTES), *rest = text, *line;
	uint64_t here_kib = 0, elsewhere_kib = 0;
	bool good = text && host_file_read("/proc/self/smaps", text, SMAPS_BYTES) > 0, any = false;

	while (good && (line = strsep(&rest, "\n"))) {
		good = take_line(&m, line, from, from + bytes);
		if (!m.ended)
			continue;
		any = true;
		m.ended = false;
		if (m.asked)
			here_kib += m.resident_kib;
		else if (m.own_huge_kib < m.resident_kib)
			elsewhere_kib += m.resident_kib - m.own_huge_kib;
	}
	free(text);
	if (good && any) {
		found.here_pages = (int64_t)units_pages(here_kib * UNITS_KIB);
		found.elsewhere_pages = (int64_t)units_pages(elsewhere_kib * UNITS_KIB);
	}
	return found;
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
