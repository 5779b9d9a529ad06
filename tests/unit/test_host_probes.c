// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_host_probes: what a check asks of a host beyond its facts: MSRs, page frame numbers, the
 * misc controller, the SNP firmware's state.
 */
#include "fixture_root.h"
#include "sevpinbench/host.h"
#include "sevpinbench/host_moves.h"
#include "sevpinbench/host_msr.h"
#include "sevpinbench/host_pagemap.h"
#include "sevpinbench/host_zones.h"
#include "sevpinbench/snp_status.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/psp-sev.h>
#include <stdint.h>
#include <sys/mman.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What the firmware answers; an error where errno is set. */
static int firmware_err;
static const unsigned char firmware_status[32] = {
	1, 55, 1, 1, 40, 0, 0,	  0,
	7, 0,  0, 0, 3,	 0, 0,	  0, /* API, state, RMP, build, flags, guests */
	4, 0,  0, 0, 0,	 0, 0x18, 0xdb,
	3, 0,  0, 0, 0,	 0, 0x17, 0xda, /* current and reported TCB */
};

int __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	const struct sev_issue_cmd *cmd = arg;

	ck_assert_int_eq(fd, 77);
	ck_assert_uint_eq(request, SEV_ISSUE_CMD);
	ck_assert_uint_eq(cmd->cmd, 9); /* SNP_PLATFORM_STATUS */
	if (firmware_err)
		return -firmware_err;
	memcpy((void *)(uintptr_t)cmd->data, firmware_status, sizeof(firmware_status));
	return 0;
}

/* The driver's file is as long as the registers are many. */
START_TEST(msr)
{
	const uint64_t wanted = 0x1122334455667788;
	char path[PATH_MAX];
	uint64_t value = 0;
	int fd;

	make_root();
	ck_assert_int_eq(host_msr_read(0, HOST_MSR_SYSCFG, &value), -ENOENT);
	put("/dev/cpu/0/msr", "");
	ck_assert_int_eq(host_file_path("/dev/cpu/0/msr", path, sizeof(path)), 0);
	ck_assert_int_eq(host_msr_read(0, HOST_MSR_SYSCFG, &value), -EIO);
	fd = open(path, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &wanted, sizeof(wanted), HOST_MSR_SYSCFG), sizeof(wanted));
	close(fd);
	ck_assert_int_eq(host_msr_read(0, HOST_MSR_SYSCFG, &value), 0);
	ck_assert_uint_eq(value, wanted);
	ck_assert_int_eq(host_msr_read(1, HOST_MSR_SYSCFG, &value), -ENOENT);
}
END_TEST

START_TEST(pagemap)
{
	int err = host_pagemap_probe();

	/* Valgrind's and a container's root may lack the capability. */
	ck_assert_msg(err == 0 || err == -EPERM || err == -EACCES, "%d", err);
	make_root();
	ck_assert_int_eq(host_pagemap_probe(), -ENOENT);
	put("/proc/self/pagemap", "short");
	ck_assert_int_eq(host_pagemap_probe(), -EIO);
}
END_TEST

/* Frames in runs, and one alone; flags a frame each. */
START_TEST(kinds)
{
	struct host_page page[] = {{.frame = 3}, {.frame = 4}, {.frame = 0},
				   {.frame = 1}, {.frame = 5}, {.frame = 6}};
	const uint64_t flags[] = {0, 1ULL << 24, 0, 1ULL << 22, 1ULL << 17, 0, 3ULL << 22};
	char path[PATH_MAX];
	FILE *out;

	make_root();
	put("/proc/kpageflags", "");
	ck_assert_int_eq(host_file_path("/proc/kpageflags", path, sizeof(path)), 0);
	out = fopen(path, "w");
	ck_assert_uint_eq(fwrite(flags, sizeof(flags), 1, out), 1);
	fclose(out);
	ck_assert_int_eq(host_pagemap_kinds(page, 6), 0);
	ck_assert(page[0].huge && page[1].huge && !page[2].huge && !page[3].huge && page[5].huge);
	ck_assert(page[3].zero && !page[0].zero && !page[4].huge && !page[4].zero);
	page[2].frame = 7; /* behind the end */
	ck_assert_int_eq(host_pagemap_kinds(page, 6), -EIO);
}
END_TEST

/* Two mappings of a listing, as Linux 6.12 writes it; between them what does not count. */
#define MAPPING(range, rss, huge, shared, private)                                               \
	range " rw-p 00000000 00:00 0     [heap]\n"                                              \
	      "Size:               3000 kB\nRss:     " rss " kB\nAnonHugePages:     " huge       \
	      " kB\nShared_Hugetlb: " shared                                                     \
	      " kB\nPrivate_Hugetlb:       " private " kB\nSwap:                  8 "            \
						     "kB\nTHPeligible:    1\nVmFlags: rd wr mr " \
						     "mw me\n"

static void resident_is(const void *addr, uint64_t bytes, int64_t here, int64_t elsewhere)
{
	const struct host_resident r = host_pagemap_resident(addr, bytes);

	ck_assert_int_eq(r.here_pages, here);
	ck_assert_int_eq(r.elsewhere_pages, elsewhere);
}

START_TEST(resident)
{
	/* Between two pages that are not to be touched: a mapping that joins no other. */
	const size_t fence = 4096, bytes = 8 << 20;
	unsigned char *all = mmap(NULL, bytes + 2 * fence, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0),
		      *memory = all + fence;
	struct host_resident before, after;
	void *const asked = (void *)0x7f0000200000;

	ck_assert_ptr_ne(all, MAP_FAILED);
	ck_assert_int_eq(mprotect(memory, bytes, PROT_READ | PROT_WRITE), 0);
	before = host_pagemap_resident(memory, bytes);
	ck_assert_int_ge(before.here_pages, 0);
	ck_assert_int_gt(before.elsewhere_pages, 0);
	for (size_t i = 0; i < bytes; i += 4096)
		((volatile unsigned char *)memory)[i] = 1;
	after = host_pagemap_resident(memory, bytes);
	ck_assert_int_ge(after.here_pages - before.here_pages, 2040);
	ck_assert_int_le(after.here_pages - before.here_pages, 2048);
	munmap(all, bytes + 2 * fence);
	make_root();
	ck_assert_int_eq(host_pagemap_resident(asked, 4096).here_pages, -1);
	put("/proc/self/smaps", MAPPING("7f0000000000-7f0000200000", "40", "0", "4", "2048"));
	resident_is(asked, 4096, 0, 10 + 1 + 512);
	/* Huge pages count in what is asked for, and in nothing before it or behind. */
	put("/proc/self/smaps",
	    MAPPING("7f0000000000-7f0000200000", "2088", "2048", "0", "0")
		    MAPPING("7f0000200000-7f0000400000", "2048", "2048", "0", "0")
			    MAPPING("7f0000400000-7f0000600000", "2056", "2048", "0", "0"));
	resident_is(asked, 2 << 20, 512, 10 + 2);
	resident_is(asked, (2 << 20) + 1, 512 + 514, 10);
	put("/proc/self/smaps", "7f0000000000-7f0000200000 rw-p\nRss:    40 kB\n");
	ck_assert_int_eq(host_pagemap_resident(asked, 4096).here_pages, -1);
	put("/proc/self/smaps", MAPPING("1000-2000", "99999999999999", "0", "0", "0"));
	ck_assert_int_eq(host_pagemap_resident(asked, 4096).here_pages, -1);
}
END_TEST

/* Cut from a host with kernelcore=; the second zone has no memory. */
START_TEST(zones)
{
	struct host_zone zone[HOST_ZONES];

	make_root();
	ck_assert_int_eq(host_zones_collect(zone, HOST_ZONES), -ENOENT);
	put("/proc/zoneinfo",
	    "Node 0, zone      DMA\n  per-node stats\n        spanned  4095\n"
	    "  cpu: 0\n              high:  0\n  start_pfn:           1\n"
	    "Node 0, zone   Device\n        spanned  0\n  start_pfn:           0\n"
	    "Node 1, zone   Normal\n        spanned  8000\n  start_pfn: 5000\n"
	    "Node 1, zone  Movable\n        spanned  100\n  start_pfn: 6000\n");
	ck_assert_int_eq(host_zones_collect(zone, HOST_ZONES), 3);
	ck_assert_int_eq(host_zones_collect(zone, 1), 1);
	ck_assert_int_eq(zone[2].node, 1);
	ck_assert(zone[2].movable && !zone[0].movable && !zone[1].movable);
	ck_assert_uint_eq(zone[0].first_frame, 1);
	ck_assert_uint_eq(zone[0].frames, 4095);
	ck_assert(!host_zones_is_movable(zone, 3, 5999) && host_zones_is_movable(zone, 3, 6000));
	ck_assert(host_zones_is_movable(zone, 3, 6099) && !host_zones_is_movable(zone, 3, 6100));
	ck_assert(!host_zones_is_movable(zone, 3, 0) &&
		  !host_zones_is_movable(zone, 3, UINT64_MAX));
}
END_TEST

/* What the kernel is asked, and how its answers are told apart. */
static const struct {
	int advised, collapsed, expected;
} answers[] = {{0, 0, 1},
	       {0, -EAGAIN, 0},
	       {0, -EINVAL, -EINVAL},
	       {0, -ENOMEM, -ENOMEM},
	       {-EINVAL, 0, -EINVAL}};
static int answer, asked;

int __wrap_sys_madvise(void *addr, size_t bytes, int advice);
int __wrap_sys_madvise(void *addr, size_t bytes, int advice)
{
	ck_assert_ptr_eq(addr, &answer);
	ck_assert_uint_eq(bytes, 4096);
	asked += advice == 25;
	return advice == 25 ? answers[answer].collapsed : answers[answer].advised;
}

START_TEST(collapse)
{
	answer = _i;
	ck_assert_int_eq(host_moves_collapse(&answer, 4096), answers[_i].expected);
	ck_assert_int_eq(asked, answers[_i].advised ? 0 : answers[_i].collapsed == -EAGAIN ? 5 : 1);
}
END_TEST

START_TEST(compact)
{
	char path[PATH_MAX], said[8] = "";
	FILE *in;

	make_root();
	ck_assert_int_eq(host_moves_compact(), -ENOENT);
	put("/proc/sys/vm/compact_memory", "");
	ck_assert_int_eq(host_moves_compact(), 0);
	ck_assert_int_eq(host_file_path("/proc/sys/vm/compact_memory", path, sizeof(path)), 0);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(fgets(said, sizeof(said), in));
	fclose(in);
	ck_assert_str_eq(said, "1");
}
END_TEST

static void check_misc(const char *resource, int64_t capacity, int64_t used, int64_t limit,
		       int64_t limit_used)
{
	struct host_misc m;

	host_misc_collect(resource, &m);
	ck_assert_str_eq(m.resource, resource);
	ck_assert_int_eq(m.capacity, capacity);
	ck_assert_int_eq(m.used, used);
	ck_assert_int_eq(m.limit, limit);
	ck_assert_int_eq(m.limit_used, limit_used);
}

/* Before Linux 6.12 the top's use is the sum of its children's. */
START_TEST(misc)
{
	make_root();
	check_misc("sev", -1, -1, -1, -1);
	lay("milan");
	check_misc("sev", 382, 2, -1, -1);
	check_misc("sev_es", 127, 0, -1, -1);
	check_misc("other", -1, -1, -1, -1);
	put("/sys/fs/cgroup/system.slice/misc.current", "sev 3");
	check_misc("sev", 382, 5, -1, -1);
	lay("snp");
	check_misc("sev_es", 127, 3, -1, -1);
	lay("small-host");
	check_misc("sev", 382, 2, 1, 1);
	/* Of two limits the one that leaves less. */
	put("/sys/fs/cgroup/system.slice/bench.service/misc.max", "sev 5");
	put("/sys/fs/cgroup/system.slice/bench.service/misc.current", "sev 1");
	check_misc("sev", 382, 2, 1, 1);
	put("/sys/fs/cgroup/system.slice/misc.max", "sev 9");
	check_misc("sev", 382, 2, 5, 1);
}
END_TEST

START_TEST(pids)
{
	const char *const group = "/sys/fs/cgroup/system.slice/bench.service/pids.max";

	make_root();
	ck_assert_int_eq(host_pids_left(), -1);
	lay("milan");
	ck_assert_int_eq(host_pids_left(), -1);
	put(group, "max");
	put("/sys/fs/cgroup/system.slice/bench.service/pids.current", "7");
	ck_assert_int_eq(host_pids_left(), -1);
	put(group, "100");
	ck_assert_int_eq(host_pids_left(), 93);
	/* The group above leaves less. */
	put("/sys/fs/cgroup/system.slice/pids.max", "50");
	put("/sys/fs/cgroup/system.slice/pids.current", "20");
	ck_assert_int_eq(host_pids_left(), 30);
	put("/sys/fs/cgroup/system.slice/pids.current", "60");
	ck_assert_int_eq(host_pids_left(), 0);
}
END_TEST

START_TEST(snp)
{
	struct snp_status s;
	struct fault f = {0};

	firmware_err = 0;
	ck_assert_int_eq(snp_status_read(77, &s, &f), 0);
	ck_assert_uint_eq(s.api_major, 1);
	ck_assert_uint_eq(s.api_minor, 55);
	ck_assert_uint_eq(s.build, 40);
	ck_assert_uint_eq(s.guest_count, 3);
	ck_assert(s.initialised && s.rmp_initialised);
	ck_assert_uint_eq(s.current_tcb, 0xdb18000000000004);
	ck_assert_uint_eq(s.reported_tcb, 0xda17000000000003);
	firmware_err = EINVAL;
	ck_assert_int_eq(snp_status_read(77, &s, &f), -EINVAL);
	ck_assert_str_eq(f.op, "ioctl(SNP_PLATFORM_STATUS)");
}
END_TEST

/* A CPU's folder names its node. (On a kernel without nodes there is nothing to be found.) */
START_TEST(node_of_cpu)
{
	make_root();
	ck_assert_int_eq(host_numa_node_of_cpu(3), -ENOENT);
	put("/sys/devices/system/cpu/cpu3/node0/cpulist", "0-3\n");
	put("/sys/devices/system/cpu/cpu30/topology/core_id", "7\n");
	if (host_numa_has_node(0))
		ck_assert_int_eq(host_numa_node_of_cpu(3), 0);
	ck_assert_int_eq(host_numa_node_of_cpu(30), -ENOENT);
	ck_assert_int_eq(host_numa_node_of_cpu(-1), -ENOENT);
}
END_TEST

static Suite *host_probes_suite(void)
{
	const TTest *const test[] = {msr,     pagemap, kinds, resident, zones,
				     compact, misc,    pids,  snp,	node_of_cpu};
	TCase *tcase = tcase_create("host_probes");
	Suite *suite = suite_create("host_probes");

	tcase_add_checked_fixture(tcase, NULL, drop_root);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	tcase_add_loop_test(tcase, collapse, 0, LENGTH(answers));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(host_probes_suite());
}
