// SPDX-License-Identifier: GPL-2.0-or-later
/* host_pagemap: where this process's pages lie in physical memory. */
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
