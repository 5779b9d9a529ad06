// SPDX-License-Identifier: GPL-2.0-or-later
/* check_pinning: can this process pin, see what is pinned, and what does the kernel pin when? */
#include "rows.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/host_pagemap.h"
#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/pin_counters.h"
#include "sevpinbench/pin_ops.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include "sevpinbench/userfault.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void look_io_uring(const struct check_context *c, struct check_result *r)
{
	struct fault f = {0};

	(void)c;
	if (pin_io_uring_probe(&f) == 0)
		check_pass(r, "a ring was made");
	else
		check_fault(r, &f);
}

static void look_userfaultfd(const struct check_context *c, struct check_result *r)
{
	struct fault f = {0};

	if (userfault_probe(false, &f) == 0) {
		check_pass(r, "made, kernel faults included%s",
			   c->host->unprivileged_userfaultfd == 0
				   ? " (by privilege: vm.unprivileged_userfaultfd is 0)"
				   : "");
	} else if (c->cell.mechanism == PIN_MECHANISM_KVM_DEMAND) {
		check_info(r, "refused; not needed: this kernel pins on demand itself");
	} else {
		check_fault(r, &f);
	}
}

static void look_userfaultfd_device(const struct check_context *c, struct check_result *r)
{
	char path[PATH_MAX];
	int fd = -ENOENT;

	(void)c;
	if (host_file_path("/dev/userfaultfd", path, sizeof(path)) == 0)
		fd = sys_open(path, O_RDWR, 0);
	if (fd >= 0)
		check_pass(r, "can be opened");
	else
		check_info(r, "%s", strerror(-fd));
	sys_close(&fd);
}

static void look_counters(const struct check_context *c, struct check_result *r)
{
	if (c->host->pin_counters)
		check_pass(r, "can be read and refreshed");
	else
		check_warn(r, "%s", c->host->pin_counters_reason);
	if (strstr(c->host->pin_counters_reason, "needs root"))
		check_fix(r, "run as root");
}

/* Two readings, so far apart that whoever starts guests is caught at it. */
#define BETWEEN_READINGS_NS 50000000L

static void look_others(const struct check_context *c, struct check_result *r)
{
	const struct timespec between = {.tv_nsec = BETWEEN_READINGS_NS};
	struct pin_counters *counters = malloc(sizeof(*counters));
	int64_t first = -1, second = -1;
	uint64_t pages = 0;
	char name[64];
	int pid, found;

	(void)c;
	if (counters) {
		pin_counters_open(counters);
		first = pin_counters_host_pages(counters);
		if (first >= 0)
			nanosleep(&between, NULL);
		second = pin_counters_host_pages(counters);
		pin_counters_close(counters);
		free(counters);
	}
	found = pin_counters_find_other(&pid, name, &pages);
	if (found == 1)
		check_warn(r, "%lld pages are pinned; process %d (%s) pins %llu", (long long)second,
			   pid, name, (unsigned long long)pages);
	else if (first >= 0 && first != second)
		check_warn(r, "%lld pages are pinned, %+lld within 50 ms", (long long)second,
			   (long long)(second - first));
	else if (second >= 0)
		check_pass(r, "none at work; %lld pages are pinned", (long long)second);
	else
		check_info(r, "no process with VmPin; the host's count is not readable");
}

static void look_pagemap(const struct check_context *c, struct check_result *r)
{
	int err = host_pagemap_probe();

	(void)c;
	if (err == 0)
		check_pass(r, "visible");
	else
		check_info(r, "%s",
			   err == -EPERM ? "hidden: CAP_SYS_ADMIN is lacking" : strerror(-err));
}

static void look_kprobes(const struct check_context *c, struct check_result *r)
{
	if (c->host->flush_counter)
		check_pass(r, "flushes can be counted");
	else
		check_info(r, "%s", c->host->flush_counter_reason);
}

static void look_tracefs(const struct check_context *c, struct check_result *r)
{
	static const char *const files[] = {"/sys/kernel/tracing/kprobe_events",
					    "/sys/kernel/debug/tracing/kprobe_events"};
	char path[PATH_MAX];
	int fd = -ENOENT;

	(void)c;
	/* O_APPEND: without it, opening for writing removes everybody's probes. */
	for (size_t i = 0; i < LENGTH(files) && fd == -ENOENT; i++) {
		if (host_file_path(files[i], path, sizeof(path)) == 0)
			fd = sys_open(path, O_WRONLY | O_APPEND, 0);
	}
	if (fd >= 0)
		check_pass(r, "kprobe_events can be written");
	else
		check_info(r, "kprobe_events: %s", strerror(-fd));
	sys_close(&fd);
}

/* ---- the experiment ---- */

static void look_start(const struct check_context *c, struct check_result *r)
{
	const struct experiment *e = &c->experiment;
	char size[32], time[32];

	units_format_bytes(e->guest_bytes, size, sizeof(size));
	if (!c->asked->experiment)
		check_skip(r, "not made: --no-experiment");
	else if (c->asked->guest_type != GUEST_TYPE_VM && !c->limits.sev)
		check_skip(r, "not made: KVM or /dev/sev offers no SEV guests");
	else if (e->outcome == EXPERIMENT_NOT_MADE)
		check_skip(r, "not made: see program");
	else if (e->outcome == EXPERIMENT_FAILED)
		check_fault(r, &e->fault);
	else
		check_pass(r, "a guest of %s ran, in %s from open to first instruction", size,
			   units_format_ns(e->startup_ns, time, sizeof(time)));
}

/* What this program pins, or allocates, itself: what is seen must be what was meant. */
static void judge_meant(const struct check_context *c, struct check_result *r)
{
	const struct experiment *e = &c->experiment;
	static const enum experiment_outcome meant[PIN_MODE_COUNT] = {
		EXPERIMENT_EAGER, EXPERIMENT_DEMAND, EXPERIMENT_NEITHER};
	long long registered = e->registered_pages, touched = e->touched_pages;

	if (e->outcome == meant[c->asked->pin])
		check_pass(r, "%lld pages pinned at first, %lld after the guest touched its own",
			   registered, touched);
	else
		check_fail(r, "%lld pages pinned at first, %lld after the guest touched its own",
			   registered, touched);
}

static void judge_sev(const struct check_context *c, struct check_result *r)
{
	const struct experiment *e = &c->experiment;
	unsigned long long all = units_pages(e->guest_bytes);
	long long registered = e->registered_pages, touched = e->touched_pages;

	if (e->outcome == EXPERIMENT_NEITHER)
		check_warn(
			r,
			"neither: of %llu pages registered %lld are pinned, %lld after the guest "
			"touched %llu; of memory that was there before, %lld",
			all, registered, touched, (unsigned long long)units_pages(e->touch_bytes),
			(long long)e->prefault_pages);
	else if (e->outcome == EXPERIMENT_EAGER && c->asked->pin == PIN_MODE_DEMAND)
		check_info(r,
			   "eager: %lld of %llu pages when registered; demand pins are made in "
			   "user space",
			   registered, all);
	else
		check_pass(r, "%s: %lld of %llu pages when registered, %lld after touching",
			   e->outcome == EXPERIMENT_EAGER ? "eager" : "demand", registered, all,
			   touched);
	if (e->outcome == EXPERIMENT_DEMAND && c->asked->pin == PIN_MODE_EAGER) {
		r->verdict = CHECK_WARN;
		check_fix(r, "echo eager >" KERNEL_PINNING_PATH
			     "   # where kvm_amd has that; \"run\" as root does it itself\n"
			     "or take --pin demand, which this kernel does");
	}
}

static void look_mode(const struct check_context *c, struct check_result *r)
{
	if (c->experiment.outcome == EXPERIMENT_UNREADABLE) {
		check_unseen(r, c->host->pin_counters ? -EIO : -EACCES,
			     "the guest ran, its pins cannot be counted");
		return;
	}
	if (c->asked->guest_type == GUEST_TYPE_VM || c->asked->guest_type == GUEST_TYPE_SEV_SNP)
		judge_meant(c, r);
	else
		judge_sev(c, r);
}

/* Two when a guest ends; one or two more may be somebody else's. More come with the pages touched.
 */
#define FLUSHES_MANY 64

static void look_flushes(const struct check_context *c, struct check_result *r)
{
	const struct experiment *e = &c->experiment;

	if (!e->flushes_known)
		check_info(r, "not counted: see kprobes");
	else if (e->flushes < FLUSHES_MANY)
		check_info(r, "%lld from start to end of the guest", (long long)e->flushes);
	else
		check_warn(r, "%lld from start to end of a guest that touched %llu pages",
			   (long long)e->flushes, (unsigned long long)units_pages(e->touch_bytes));
}

static const struct check rows[] = {
	{"io-uring", "kernel", "io_uring", FOR_VM, PINNING,
	 "io_uring_setup(2), /proc/sys/kernel/io_uring_disabled", "a ring can be made",
	 "a vm guest's memory is pinned by its registered buffers",
	 "sysctl -w kernel.io_uring_disabled=0", look_io_uring},
	{"userfaultfd", NULL, "userfaultfd", FOR_VM | FOR_REGIONS, MODE(DEMAND),
	 "userfaultfd(2), /proc/sys/vm/unprivileged_userfaultfd", "made, kernel faults included",
	 "demand pins in user space: a guest's faults come from the kernel, and whoever may handle "
	 "those could stop it, so it is root's by default",
	 "sysctl -w vm.unprivileged_userfaultfd=1", look_userfaultfd},
	{"userfaultfd-device", NULL, "/dev/userfaultfd", FOR_NOBODY, ANY_MODE,
	 "open(/dev/userfaultfd)", "can be opened",
	 "the way to give some users, rather than all, the right to handle the kernel's faults",
	 "setfacl -m u:USER:rw /dev/userfaultfd", look_userfaultfd_device},
	{"pin-counters", NULL, "the host's pin counters", FOR_NOBODY, ANY_MODE,
	 "/proc/vmstat, /proc/sys/vm/stat_refresh", "can be read and refreshed",
	 "the only count of an SEV guest's pins; without the refresh it lags by dozens of pages",
	 "mount /proc; boot Linux 5.7 or newer", look_counters},
	{"other-pinners", NULL, "others that pin", FOR_NOBODY, ANY_MODE,
	 "/proc/vmstat twice, /proc/PID/status VmPin", "none at work",
	 "the host's count is everybody's: whoever pins meanwhile makes a measurement "
	 "untrustworthy",
	 "measure while they rest", look_others},
	{"pagemap", NULL, "page frame numbers", FOR_NOBODY, ANY_MODE, "/proc/self/pagemap",
	 "visible", "by them one can see whether a page stays where it is", "run as root",
	 look_pagemap},
	{"kprobes", NULL, "kprobes by perf", FOR_NOBODY, ANY_MODE,
	 "perf_event_open(2), /sys/bus/event_source/devices/kprobe/type", "flushes can be counted",
	 "flushes of all CPUs' caches, SEV's hidden cost, can be counted no other way",
	 "run as root, on a kernel with CONFIG_KPROBE_EVENTS", look_kprobes},
	{"tracefs", NULL, "kprobes by tracefs", FOR_NOBODY, ANY_MODE,
	 "/sys/kernel/tracing/kprobe_events", "kprobe_events can be written",
	 "for tools that look further into the kernel; this one does not need it",
	 "mount -t tracefs tracefs /sys/kernel/tracing", look_tracefs},
	{"guest-start", "kvm", "a tiny guest starts", FOR_ALL, ANY_MODE,
	 "a guest of 4 MiB, started and ended", "it runs",
	 "what no file tells: all steps of a launch in turn", NULL, look_start},
	{"pin-mode", "guest-start", "what is pinned when", FOR_ALL, ANY_MODE,
	 "the pin counters, between the steps of that guest",
	 "eager: all when it is registered; demand: what the guest has touched",
	 "kernels differ: some take a region that nobody has touched and pin the zero page in its "
	 "place, so that a page of the guest can be moved, which an SEV guest does not survive",
	 "fault memory in before it is registered: sevpinbench run --prefault 1, QEMU "
	 "-mem-prealloc\n"
	 "or boot Linux 6.12, which pins",
	 look_mode},
	{"cache-flushes", "guest-start", "flushes of all CPUs' caches", FOR_NOBODY, ANY_MODE,
	 "a kprobe on wbinvd_on_all_cpus() and its like", "a few",
	 "each stops every CPU for about a millisecond on hardware, whatever it is doing; where "
	 "regions pin the zero page, every first write of the guest to a page makes one",
	 "see pin-mode", look_flushes},
};

const struct check_group check_pinning = {"pinning", rows, LENGTH(rows)};
