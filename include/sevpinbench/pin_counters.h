/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin_counters: what the kernel says is pinned, by this process and by the whole host.
 *
 * host: nr_foll_pin_acquired - nr_foll_pin_released of /proc/vmstat (mm/gup.c), read after a
 * write to /proc/sys/vm/stat_refresh, because the per-CPU parts lag by dozens of pages or more.
 * Another process's pins are in it. Its unit is the page, or the folio where the kernel pins a
 * huge page as one (io_uring from 6.12).
 * VmPin: mm->pinned_vm of this process; io_uring adds to it, SEV and guest_memfd do not.
 */
#ifndef SEVPINBENCH_PIN_COUNTERS_H
#define SEVPINBENCH_PIN_COUNTERS_H

#include <stdint.h>

#define PIN_COUNTERS_TEXT 32768

struct pin_counters {
	int vmstat_fd, refresh_fd, status_fd;	 /* -1 where it could not be opened */
	int vmstat_err, refresh_err, status_err; /* why not: errno */
	char text[PIN_COUNTERS_TEXT];		 /* scratch, so that reading allocates nothing */
};

/*
 * Open the files once; a file that cannot be opened leaves its count unreadable. Never fails.
 * Non-root may not refresh: the host count is then unreadable, since a stale one would be wrong.
 */
void pin_counters_open(struct pin_counters *c);
void pin_counters_close(struct pin_counters *c);

/* From now on count what this process pins alone: the host's count is somebody else's to read. */
void pin_counters_leave_host(struct pin_counters *c);

/* Pages now; -1 where it cannot be read. Not to be called between timestamps. */
int64_t pin_counters_host_pages(struct pin_counters *c);
int64_t pin_counters_vmpin_pages(struct pin_counters *c);

/* The host's count of one NUMA node alone; -1 where it cannot be read. */
int64_t pin_counters_node_pages(struct pin_counters *c, int node);

/*
 * Another process with VmPin > 0: its pid, name and pages. Reads every /proc/PID/status once.
 * name needs 64 bytes. Returns 1 found, 0 none seen, -errno. SEV guests' pins are not in VmPin,
 * so 0 does not prove that nobody else pins.
 */
int pin_counters_find_other(int *pid, char *name, uint64_t *pages);

#endif
