// SPDX-License-Identifier: GPL-2.0-or-later
/* check_limits: what this process may take. */
#include "rows.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/units.h"
#include <sys/resource.h>

#define SIZE_TEXT 32

/* QEMU itself, beside its guest: what libvirt's documentation of SEV adds to hard_limit, which
   limits the memory of the whole process too. */
#define QEMU_BYTES (256 * UNITS_MIB)

static const char *limit_text(int64_t bytes, char *buf)
{
	if (bytes == INT64_MAX)
		return "unlimited";
	return units_format_bytes(bytes < 0 ? 0 : (uint64_t)bytes, buf, SIZE_TEXT);
}

static uint64_t kib(uint64_t bytes)
{
	return (bytes + UNITS_KIB - 1) / UNITS_KIB;
}

/* Each line can be pasted where its text says. */
static void memlock_fix(struct check_result *r, uint64_t bytes)
{
	unsigned long long n = kib(bytes);

	check_fix(r,
		  "echo \"$USER - memlock %llu\" | sudo tee -a /etc/security/limits.d/90-sev.conf  "
		  " # "
		  "then log in again\n"
		  "systemd unit, [Service]: LimitMEMLOCK=%lluK\n"
		  "libvirt domain: <memtune><hard_limit unit='KiB'>%llu</hard_limit></memtune>\n"
		  "as root: prlimit --memlock=%llu COMMAND, or give the program CAP_IPC_LOCK",
		  n, n, n + (unsigned long long)(QEMU_BYTES / UNITS_KIB), n * 1024);
}

static void look_memlock(const struct check_context *c, struct check_result *r)
{
	const struct host_memory *m = &c->host->memory;
	int64_t need = (int64_t)c->needs.memlock_bytes;
	char soft[SIZE_TEXT], hard[SIZE_TEXT], need_text[SIZE_TEXT];
	const char *limits[] = {limit_text(m->memlock_soft_bytes, soft),
				limit_text(m->memlock_hard_bytes, hard)};

	/* In the unit of ulimit -l too, since a size rounded for people may be short of it. */
	check_expect(r, "%llu KiB (%s): all that is registered, and the largest launch update",
		     (unsigned long long)kib(c->needs.memlock_bytes), limit_text(need, need_text));
	if (m->can_exceed_memlock) {
		check_pass(r, "not limited: CAP_IPC_LOCK (others: soft %s, hard %s)", limits[0],
			   limits[1]);
	} else if (m->memlock_hard_bytes < 0) {
		check_skip(r, "the limit cannot be read");
	} else if (need > m->memlock_hard_bytes) {
		check_fail(r, "soft %s, hard %s", limits[0], limits[1]);
		memlock_fix(r, (uint64_t)need);
	} else {
		/* "run" raises the soft limit itself; QEMU does not. */
		check_pass(r, "soft %s, hard %s", limits[0], limits[1]);
	}
}

static void look_files(const struct check_context *c, struct check_result *r)
{
	unsigned long long need = c->needs.files;
	struct rlimit limit;

	check_expect(r, "%llu", need);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		check_skip(r, "the limit cannot be read");
	else if (limit.rlim_cur == RLIM_INFINITY)
		check_pass(r, "unlimited");
	else if (need <= limit.rlim_cur)
		check_pass(r, "%llu", (unsigned long long)limit.rlim_cur);
	else
		check_fail(r, "%llu", (unsigned long long)limit.rlim_cur);
}

static void look_address_space(const struct check_context *c, struct check_result *r)
{
	struct rlimit limit;
	char text[SIZE_TEXT];

	check_expect(r, "the guest's %s and the program",
		     limit_text((int64_t)c->asked->guest_bytes, text));
	if (getrlimit(RLIMIT_AS, &limit) < 0)
		check_skip(r, "the limit cannot be read");
	else if (limit.rlim_cur == RLIM_INFINITY)
		check_pass(r, "unlimited");
	else if (limit.rlim_cur > c->asked->guest_bytes + QEMU_BYTES)
		check_pass(r, "%s", limit_text((int64_t)limit.rlim_cur, text));
	else
		check_fail(r, "%s", limit_text((int64_t)limit.rlim_cur, text));
}

/* Documentation/mm/overcommit-accounting.rst. */
static void look_overcommit(const struct check_context *c, struct check_result *r)
{
	int64_t mode = c->host->memory.overcommit_memory;
	uint64_t limit = 0, used = 0, left;
	char text[8192], need[SIZE_TEXT], have[SIZE_TEXT];

	limit_text((int64_t)c->asked->guest_bytes, need);
	check_expect(r, "0 or 1, or %s left to promise", need);
	host_file_read("/proc/meminfo", text, sizeof(text));
	if (mode < 0) {
		check_skip(r, "vm.overcommit_memory cannot be read");
	} else if (mode != 2) {
		check_pass(r, "%lld", (long long)mode);
	} else if (host_file_find_u64(text, "CommitLimit", &limit) ||
		   host_file_find_u64(text, "Committed_AS", &used) ||
		   limit > INT64_MAX / UNITS_KIB) {
		check_warn(r, "2, and /proc/meminfo does not tell what is left");
	} else {
		left = limit > used ? (limit - used) * UNITS_KIB : 0;
		limit_text((int64_t)left, have);
		if (left < c->asked->guest_bytes)
			check_fail(r, "2: %s left to promise", have);
		else
			check_pass(r, "2: %s left to promise", have);
	}
}

static const struct check rows[] = {
	{"memlock", NULL, "locked memory", FOR_REGIONS | FOR_VM, PINNING,
	 "getrlimit(RLIMIT_MEMLOCK), CAP_IPC_LOCK", "what the guest pins",
	 "pins count against it: QEMU then says: failed to register region, Cannot allocate "
	 "memory; "
	 "dmesg: SEV: N locked pages exceed the lock limit of M",
	 NULL, look_memlock},
	{"open-files", NULL, "open files", FOR_ALL, ANY_MODE, "getrlimit(RLIMIT_NOFILE)",
	 "what a guest takes",
	 "a guest takes some 30, and one for each 16384 chunks that demand faults pin",
	 "ulimit -n 4096", look_files},
	{"address-space", NULL, "address space", FOR_ALL, ANY_MODE, "getrlimit(RLIMIT_AS)",
	 "room for the guest", "guest memory is mapped whole, however little of it is used",
	 "ulimit -v unlimited", look_address_space},
	{"overcommit", NULL, "promised memory (vm.overcommit_memory)", FOR_ALL, ANY_MODE,
	 "/proc/sys/vm/overcommit_memory, /proc/meminfo", "0 or 1, or room for the guest",
	 "with 2 the kernel promises no more than it has: mapping guest memory can be refused",
	 "sysctl -w vm.overcommit_memory=0\necho 'vm.overcommit_memory = 0' "
	 ">>/etc/sysctl.d/90-sev.conf",
	 look_overcommit},
};

const struct check_group check_limits = {"limits", rows, LENGTH(rows)};
