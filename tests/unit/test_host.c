// SPDX-License-Identifier: GPL-2.0-or-later
/* test_host: the facts of hosts kept as folders in tests/fixtures/host, and of this host. */
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define GIB	      ((int64_t)UNITS_GIB)
#define MIB	      ((int64_t)UNITS_MIB)

/* Too large for a stack that has a sanitizer on it. */
static struct host_facts facts;

/* From the repository root, where the tests run. */
static void use_host(const char *name)
{
	static char root[256];

	snprintf(root, sizeof(root), "tests/fixtures/host/%s", name);
	ck_assert_msg(access(root, R_OK) == 0, "%s: %s", root, strerror(errno));
	host_file_set_root(root);
	/* What the code does not set must not look as if it had. */
	memset(&facts, 0xa5, sizeof(facts));
}

static void use_this_host(void)
{
	host_file_set_root(NULL);
}

START_TEST(memory_of_a_server)
{
	struct host_memory *m = &facts.memory;

	use_host("milan-v2");
	host_memory_collect(m);
	ck_assert_int_eq(m->total_bytes, INT64_C(528280576) * 1024);
	ck_assert_int_eq(m->available_bytes, INT64_C(515899392) * 1024);
	ck_assert_int_eq(m->swap_total_bytes, INT64_C(8388604) * 1024);
	ck_assert_int_eq(m->huge_2m_total, 512);
	ck_assert_int_eq(m->huge_2m_free, 500);
	ck_assert_int_eq(m->huge_1g_total, 64);
	ck_assert_int_eq(m->huge_1g_free, 60);
	ck_assert_str_eq(m->thp_enabled, "madvise");
	ck_assert_str_eq(m->thp_defrag, "madvise");
	ck_assert_str_eq(m->thp_shmem, "never");
	ck_assert_int_eq(m->overcommit_memory, 0);
	ck_assert_int_eq(m->numa_balancing, 1);
}
END_TEST

/* The ancestor leaves less than the cgroup itself, even without its idle file pages. */
START_TEST(cgroup_v2_takes_the_tightest)
{
	use_host("milan-v2");
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.cgroup_limit_bytes, 6 * GIB);
	ck_assert_int_eq(facts.memory.cgroup_used_bytes, 1 * GIB);
	ck_assert_int_eq(host_memory_usable_bytes(&facts.memory), 5 * GIB);
}
END_TEST

START_TEST(cgroup_v1_by_its_controller)
{
	use_host("cgroup-v1");
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.cgroup_limit_bytes, 4 * GIB);
	ck_assert_int_eq(facts.memory.cgroup_used_bytes, 512 * MIB);
	ck_assert_int_eq(host_memory_usable_bytes(&facts.memory), 3584 * MIB);
}
END_TEST

/* In a container the mount shows a part of the hierarchy: paths are cut to fit. */
START_TEST(cgroup_v1_in_a_container)
{
	use_host("container");
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.cgroup_limit_bytes, 1 * GIB);
	ck_assert_int_eq(facts.memory.cgroup_used_bytes, 768 * MIB);
	/* 256 MiB are left there, but the machine itself has only 1 MiB. */
	ck_assert_int_eq(host_memory_usable_bytes(&facts.memory), 1 * MIB);
}
END_TEST

START_TEST(cgroup_v2_outside_its_namespace)
{
	use_host("namespace");
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.cgroup_limit_bytes, 4 * MIB);
	ck_assert_int_eq(facts.memory.cgroup_used_bytes, 2 * MIB);
}
END_TEST

START_TEST(cgroups_without_a_limit)
{
	use_host("unlimited");
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.cgroup_limit_bytes, -1);
	ck_assert_int_eq(facts.memory.cgroup_used_bytes, -1);
	ck_assert_int_eq(host_memory_usable_bytes(&facts.memory), 12288000 * INT64_C(1024));
}
END_TEST

START_TEST(usable_memory)
{
	static const struct {
		int64_t available, limit, used, usable;
	} row[] = {
		{100, -1, -1, 100}, {-1, -1, -1, -1}, {-1, 50, 10, -1}, {100, 50, 10, 40},
		{100, 50, 50, 0},   {100, 50, 60, 0}, {30, 50, 10, 30}, {100, 50, -1, 50},
		{0, -1, -1, 0},	    {100, 0, 0, 0},
	};

	for (size_t i = 0; i < LENGTH(row); i++) {
		struct host_memory m = {
			.available_bytes = row[i].available,
			.cgroup_limit_bytes = row[i].limit,
			.cgroup_used_bytes = row[i].used,
		};

		ck_assert_int_eq(host_memory_usable_bytes(&m), row[i].usable);
	}
}
END_TEST

static struct rlimit fake_limit;
static int limit_error;
int __wrap_getrlimit(int resource, struct rlimit *limit);
int __wrap_getrlimit(int resource, struct rlimit *limit)
{
	ck_assert_int_eq(resource, RLIMIT_MEMLOCK);
	*limit = fake_limit;
	errno = limit_error;
	return limit_error ? -1 : 0;
}

START_TEST(memlock_limits)
{
	use_host("milan-v2");
	fake_limit = (struct rlimit){64 << 10, 128 << 10};
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.memlock_soft_bytes, 64 << 10);
	ck_assert_int_eq(facts.memory.memlock_hard_bytes, 128 << 10);
	fake_limit = (struct rlimit){(rlim_t)INT64_MAX + 1, RLIM_INFINITY};
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.memlock_soft_bytes, INT64_MAX);
	ck_assert_int_eq(facts.memory.memlock_hard_bytes, INT64_MAX);
	limit_error = EPERM;
	host_memory_collect(&facts.memory);
	ck_assert_int_eq(facts.memory.memlock_soft_bytes, -1);
	ck_assert_int_eq(facts.memory.memlock_hard_bytes, -1);
	limit_error = 0;
}
END_TEST

/* The capability counts, but not below a user namespace; without it nothing helps. */
START_TEST(memlock_capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	if (data[0].effective & 1U << CAP_IPC_LOCK) {
		use_host("milan-v2");
		host_memory_collect(&facts.memory);
		ck_assert(facts.memory.can_exceed_memlock);
		use_host("cgroup-v1"); /* has no uid_map: a kernel without user namespaces */
		host_memory_collect(&facts.memory);
		ck_assert(facts.memory.can_exceed_memlock);
		use_host("container");
		host_memory_collect(&facts.memory);
		ck_assert(!facts.memory.can_exceed_memlock);
	}
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
	use_host("milan-v2");
	host_memory_collect(&facts.memory);
	ck_assert(!facts.memory.can_exceed_memlock);
}
END_TEST

START_TEST(facts_of_a_server)
{
	struct utsname name;

	use_host("milan-v2");
	host_collect(&facts);
	ck_assert_int_eq(uname(&name), 0);
	ck_assert_str_eq(facts.name, name.nodename);
	ck_assert_str_eq(facts.kernel_release, name.release);
	ck_assert_str_eq(facts.kernel_version, name.version);
	ck_assert_str_eq(facts.kernel_cmdline, "BOOT_IMAGE=/vmlinuz-6.1.0-40-amd64 "
					       "root=/dev/mapper/root ro mem_encrypt=on "
					       "kvm_amd.sev=1");
	ck_assert_str_eq(facts.distribution, "Debian GNU/Linux 12 (bookworm)");
	ck_assert_str_eq(facts.clocksource, "tsc");
	ck_assert_str_eq(facts.governor, "performance");
	ck_assert_double_eq_tol(facts.load1, 0.52, 1e-9);
	ck_assert_double_eq_tol(facts.load5, 1.07, 1e-9);
	ck_assert_double_eq_tol(facts.load15, 12.5, 1e-9);
	ck_assert_int_eq(facts.io_uring_disabled, 2);
	ck_assert_int_eq(facts.unprivileged_userfaultfd, 0);
	ck_assert_str_eq(facts.cpu.microcode, "0xa0011d5");
	ck_assert_int_eq(facts.cpu.logical_cpus, 93);
	ck_assert_int_eq(facts.memory.huge_2m_total, 512);
	/* The folder has the counts, but no stat_refresh: they may be stale, so they are no use. */
	ck_assert(!facts.pin_counters);
	ck_assert_str_eq(facts.pin_counters_reason,
			 "/proc/sys/vm/stat_refresh: No such file or directory");
}
END_TEST

/* All that comes from files is unknown, whatever else collect finds by system calls. */
static void check_unknown(void)
{
	const struct host_memory *m = &facts.memory;
	const int64_t number[] = {
		m->total_bytes,		 m->available_bytes,
		m->swap_total_bytes,	 m->huge_2m_total,
		m->huge_2m_free,	 m->huge_1g_total,
		m->huge_1g_free,	 m->cgroup_limit_bytes,
		m->cgroup_used_bytes,	 m->overcommit_memory,
		m->numa_balancing,	 facts.cpu.logical_cpus,
		facts.io_uring_disabled, facts.unprivileged_userfaultfd,
	};

	for (size_t i = 0; i < LENGTH(number); i++)
		ck_assert_msg(number[i] == -1, "number %zu is %lld", i, (long long)number[i]);
	ck_assert_str_eq(m->thp_enabled, "");
	ck_assert_str_eq(m->thp_defrag, "");
	ck_assert_str_eq(m->thp_shmem, "");
	ck_assert_str_eq(facts.clocksource, "");
	ck_assert_double_eq(facts.load1, -1);
	ck_assert_double_eq(facts.load5, -1);
	ck_assert_double_eq(facts.load15, -1);
	ck_assert(!facts.pin_counters);
	ck_assert_str_ne(facts.pin_counters_reason, "");
	ck_assert_int_eq(host_memory_usable_bytes(m), -1);
}

START_TEST(facts_of_empty_files)
{
	use_host("empty");
	host_collect(&facts);
	check_unknown();
	ck_assert_str_eq(facts.kernel_cmdline, "");
	ck_assert_str_eq(facts.distribution, "");
	ck_assert_str_eq(facts.governor, "");
	ck_assert_str_eq(facts.cpu.microcode, "");
}
END_TEST

START_TEST(facts_without_files)
{
	host_file_set_root("/nonexistent");
	memset(&facts, 0xa5, sizeof(facts));
	host_collect(&facts);
	check_unknown();
	ck_assert_str_eq(facts.kernel_cmdline, "");
	ck_assert_str_eq(facts.distribution, "");
	ck_assert_str_eq(facts.pin_counters_reason, "/proc/vmstat: No such file or directory");
}
END_TEST

static void check_plain(const char *text)
{
	for (; *text; text++)
		ck_assert_msg(*text >= ' ' && *text <= '~', "byte 0x%02x", (unsigned char)*text);
}

/* Nothing crashes, and nothing reaches a terminal or a document as it is. */
START_TEST(facts_of_garbled_files)
{
	use_host("garbled");
	host_collect(&facts);
	check_unknown();
	ck_assert_str_eq(facts.kernel_cmdline, "quiet?]0;owned???");
	ck_assert_str_eq(facts.governor, "??");
	check_plain(facts.distribution);
	check_plain(facts.cpu.microcode);
	ck_assert_str_eq(facts.cpu.microcode, "?[31m??0xdead?");
}
END_TEST

/* A link to /dev/zero in the place of every file: endless, and never a newline. */
START_TEST(facts_of_endless_files)
{
	static const char *const folder[] = {"", "/proc", "/proc/self", "/sys"};
	static const char *const file[] = {
		"/proc/meminfo", "/proc/cpuinfo",     "/proc/cmdline",	      "/proc/loadavg",
		"/proc/vmstat",	 "/proc/self/cgroup", "/proc/self/mountinfo", "/proc/self/uid_map"};
	const char *tmp = getenv("TMPDIR");
	char root[400], path[512];

	snprintf(root, sizeof(root), "%s/host.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 1; i < LENGTH(folder); i++) {
		snprintf(path, sizeof(path), "%s%s", root, folder[i]);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	for (size_t i = 0; i < LENGTH(file); i++) {
		snprintf(path, sizeof(path), "%s%s", root, file[i]);
		ck_assert_int_eq(symlink("/dev/zero", path), 0);
	}
	host_file_set_root(root);
	memset(&facts, 0xa5, sizeof(facts));
	host_collect(&facts);
	check_unknown();
	ck_assert_uint_eq(strspn(facts.kernel_cmdline, "?"), sizeof(facts.kernel_cmdline) - 1);
	for (size_t i = 0; i < LENGTH(file); i++) {
		snprintf(path, sizeof(path), "%s%s", root, file[i]);
		unlink(path);
	}
	for (size_t i = LENGTH(folder); i-- > 0;) {
		snprintf(path, sizeof(path), "%s%s", root, folder[i]);
		ck_assert_int_eq(rmdir(path), 0);
	}
}
END_TEST

/* The real one: what every Linux host has must be there, and must agree with itself. */
START_TEST(facts_of_this_host)
{
	const struct host_memory *m = &facts.memory;

	host_collect(&facts);
	ck_assert_str_ne(facts.kernel_release, "");
	ck_assert_str_ne(facts.kernel_version, "");
	ck_assert_int_eq(m->total_bytes, (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
	ck_assert_int_gt(m->available_bytes, 0);
	ck_assert_int_le(m->available_bytes, m->total_bytes);
	ck_assert_int_gt(host_memory_usable_bytes(m), 0);
	ck_assert_int_le(host_memory_usable_bytes(m), m->available_bytes);
	ck_assert_int_eq(facts.cpu.logical_cpus, sysconf(_SC_NPROCESSORS_ONLN));
	ck_assert(facts.load1 >= 0 && facts.load5 >= 0 && facts.load15 >= 0);
	ck_assert_int_eq(facts.pin_counters, facts.pin_counters_reason[0] == '\0');
}
END_TEST

static Suite *host_suite(void)
{
	const TTest *const test[] = {
		memory_of_a_server,
		cgroup_v2_takes_the_tightest,
		cgroup_v1_by_its_controller,
		cgroup_v1_in_a_container,
		cgroup_v2_outside_its_namespace,
		cgroups_without_a_limit,
		usable_memory,
		memlock_limits,
		memlock_capability,
		facts_of_a_server,
		facts_of_empty_files,
		facts_without_files,
		facts_of_garbled_files,
		facts_of_endless_files,
		facts_of_this_host,
	};
	TCase *tcase = tcase_create("host");
	Suite *suite = suite_create("host");

	tcase_add_checked_fixture(tcase, NULL, use_this_host);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(host_suite());
}
