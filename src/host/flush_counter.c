// SPDX-License-Identifier: GPL-2.0-or-later
/* flush_counter: cache flushes on all CPUs, counted by kprobes through perf. */
#include "sevpinbench/flush_counter.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#define PMU_TYPE "/sys/bus/event_source/devices/kprobe/type"

/*
 * By which the kernel flushes the caches of all CPUs, or of those on which a guest has run:
 * arch/x86/lib/cache-smp.c. Only the first is in every kernel with SEV; none calls another.
 */
static const char *const functions[FLUSH_COUNTER_FUNCTIONS] = {
	"wbinvd_on_all_cpus", "wbnoinvd_on_all_cpus", "wbinvd_on_cpus_mask",
	"wbnoinvd_on_cpus_mask"};

static void explain(struct flush_counter *c, int err)
{
	const char *cause = "";

	if (err == EACCES || err == EPERM)
		cause = " (needs CAP_PERFMON or root, and no lockdown)";
	else if (err == ENOENT)
		cause = " (the kernel has no such function to probe)";
	snprintf(c->reason, sizeof(c->reason), "kprobe on %s: %s%s", functions[0], strerror(err),
		 cause);
}

/* perf_kprobe_event_init() of the kernel: config1 is the function's name, config2 the offset. */
static int open_probe(uint32_t type, const char *function)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.kprobe_func = (uint64_t)(uintptr_t)function,
		.inherit = 1,
	};

	return sys_perf_event_open(&attr);
}

void flush_counter_open(struct flush_counter *c)
{
	uint64_t type;
	unsigned i;
	int fd, err;

	*c = (struct flush_counter){0};
	err = host_file_read_u64(PMU_TYPE, &type);
	if (err) {
		snprintf(c->reason, sizeof(c->reason),
			 "this kernel has no kprobes for perf (%s: %s)", PMU_TYPE, strerror(-err));
		return;
	}
	for (i = 0; i < FLUSH_COUNTER_FUNCTIONS; i++) {
		fd = open_probe((uint32_t)type, functions[i]);
		if (fd >= 0)
			c->fd[c->count++] = fd;
		else if (i == 0)
			explain(c, -fd);
		/* Without the one that every kernel has, a count would be too low. */
		if (c->count == 0)
			return;
	}
}

int64_t flush_counter_read(const struct flush_counter *c)
{
	int64_t sum = c->count ? 0 : -1;
	uint64_t value;
	unsigned i;

	for (i = 0; i < c->count; i++) {
		if (sys_read(c->fd[i], &value, sizeof(value)) != (ssize_t)sizeof(value))
			return -1;
		sum += (int64_t)value;
	}
	return sum;
}

void flush_counter_close(struct flush_counter *c)
{
	while (c->count > 0)
		sys_close(&c->fd[--c->count]);
}
