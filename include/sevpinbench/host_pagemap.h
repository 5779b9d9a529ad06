/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_pagemap: where this process's pages lie in physical memory (/proc/self/pagemap). */
#ifndef SEVPINBENCH_HOST_PAGEMAP_H
#define SEVPINBENCH_HOST_PAGEMAP_H

/*
 * Can this process see page frame numbers? A page of its own is looked up. Returns 0, -EPERM
 * where the kernel shows 0 in their place (CAP_SYS_ADMIN is lacking), or -errno of the file.
 */
int host_pagemap_probe(void);

#endif
