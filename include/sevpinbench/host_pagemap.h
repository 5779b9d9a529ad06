/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_pagemap: where this process's pages lie in physical memory, and what kind they are. */
#ifndef SEVPINBENCH_HOST_PAGEMAP_H
#define SEVPINBENCH_HOST_PAGEMAP_H

#include <stdbool.h>
#include <stdint.h>

/* What is mapped at a page's address. */
struct host_page {
	uint64_t frame; /* its page frame number; 0: nothing is there */
	bool shared;	/* mapped more than once; the page of zeros, too */
	bool zero;	/* the kernel's page of zeros, small or huge, which everybody shares */
	bool huge;	/* part of a huge page: transparent or of a pool */
};

/*
 * Look so many pages up, from addr on (/proc/self/pagemap). Touches nothing. 0, -EPERM without
 * CAP_SYS_ADMIN, or -errno. May be called in the child of a fork(2).
 */
int host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page);

/* Fill in the kinds of pages that were looked up (/proc/kpageflags). 0 or -errno. */
int host_pagemap_kinds(struct host_page *page, uint64_t pages);

/*
 * Pages that this process has in memory, the page of zeros not among them: in mappings that have a
 * part of the range, and in all others. Of those transparent huge pages are left out: it is luck
 * whether the kernel makes any of a stack or the heap, and then the small pages that were there are
 * gone. -1 unknown.
 */
struct host_resident {
	int64_t here_pages, elsewhere_pages;
};

/* By walking the tables (/proc/self/smaps), since the kernel's cheaper count lags behind. */
struct host_resident host_pagemap_resident(const void *addr, uint64_t bytes);

/*
 * Can this process see page frame numbers? A page of its own is looked up. Returns 0, -EPERM
 * where the kernel shows 0 in their place (CAP_SYS_ADMIN is lacking), or -errno of the file.
 */
int host_pagemap_probe(void);

#endif
