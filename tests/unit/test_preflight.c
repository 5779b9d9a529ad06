// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_preflight: each reason to refuse a cell, at the number where it begins. The host is made
 * up: whether this one can pin, which nodes and how much memory it has, is answered by the test.
 */
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct host_facts host;
static struct launch_limits limits;
static struct cell cell;
static struct record_refusal refusal;
static int probe_result;

int __wrap_pin_probe(enum guest_type t, enum pin_mechanism m, enum backing b, struct fault *f);
int __wrap_pin_probe(enum guest_type t, enum pin_mechanism m, enum backing b, struct fault *f)
{
	ck_assert_int_eq((int)t, (int)cell.guest_type);
	ck_assert_int_eq((int)m, (int)cell.mechanism);
	ck_assert_int_eq((int)b, (int)cell.backing);
	if (probe_result == 0)
		return 0;
	fault_set(f, -probe_result, "io_uring_setup", "ring 0");
	fault_hint(f, "what the mechanism itself advises");
	return probe_result;
}

bool __wrap_host_numa_has_node(int node);
bool __wrap_host_numa_has_node(int node)
{
	return node == 0;
}

void __wrap_host_memory_collect_room(struct host_memory *m);
void __wrap_host_memory_collect_room(struct host_memory *m)
{
	*m = host.memory;
}

static int64_t pids_left;
int64_t __wrap_host_pids_left(void);
int64_t __wrap_host_pids_left(void)
{
	return pids_left;
}

static struct host_misc asids;
void __wrap_host_misc_collect(const char *resource, struct host_misc *m);
void __wrap_host_misc_collect(const char *resource, struct host_misc *m)
{
	ck_assert_str_eq(resource, cell.guest_type == GUEST_TYPE_SEV ? "sev" : "sev_es");
	*m = asids;
}

static uid_t user;
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return user;
}

/* Not set for real: that would be in the way of whatever runs these tests. */
static rlim_t files_limit, address_space_limit, processes_limit;
int __wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *limit);
int __wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	ck_assert(resource == RLIMIT_NOFILE || resource == RLIMIT_AS || resource == RLIMIT_NPROC);
	limit->rlim_cur = resource == RLIMIT_NOFILE ? files_limit
			  : resource == RLIMIT_AS   ? address_space_limit
						    : processes_limit;
	limit->rlim_max = RLIM_INFINITY;
	return 0;
}

/* A host on which the cell can run: 24 GiB, of which 20 are available. */
static void make_host(void)
{
	host.memory = (struct host_memory){
		.total_bytes = 24 * (int64_t)UNITS_GIB,
		.available_bytes = 20 * (int64_t)UNITS_GIB,
		.huge_2m_free = -1,
		.huge_1g_free = -1,
		.cgroup_limit_bytes = -1,
		.cgroup_used_bytes = -1,
		.memlock_soft_bytes = 8 * (int64_t)UNITS_MIB,
		.memlock_hard_bytes = 8 * (int64_t)UNITS_MIB,
		.can_exceed_memlock = true,
	};
	limits = (struct launch_limits){.address_bits = 48, .max_vcpus = 128};
	cell = (struct cell){.guest_type = GUEST_TYPE_VM,
			     .pin = PIN_MODE_EAGER,
			     .mechanism = PIN_MECHANISM_IO_URING,
			     .guest_bytes = 4 * UNITS_GIB,
			     .touch_bytes = 400 * UNITS_MIB,
			     .vcpus = 2,
			     .numa_node = -1};
	files_limit = 1024;
	address_space_limit = processes_limit = RLIM_INFINITY;
	pids_left = -1;
	asids = (struct host_misc){"", -1, -1, -1, -1};
	user = 0;
	memset(&refusal, 0x5a, sizeof(refusal));
}

static void must_pass(void)
{
	bool passed = preflight_cell(&cell, &host, &limits, &refusal);

	ck_assert_msg(passed, "refused: %s", refusal.reason);
}

static void must_refuse(const char *reason, const char *hint, int64_t needed, int64_t available)
{
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_str_eq(refusal.reason, reason);
	ck_assert_msg(strstr(refusal.hint, hint), "hint: %s", refusal.hint);
	ck_assert_int_eq(refusal.needed_bytes, needed);
	ck_assert_int_eq(refusal.available_bytes, available);
	ck_assert_mem_eq(&refusal.cell, &cell, sizeof(cell));
}

START_TEST(a_cell_that_can_run)
{
	must_pass();
	ck_assert(preflight_memory_now(&cell, &limits, &refusal));
}
END_TEST

START_TEST(guest_addresses)
{
	/* 34 GiB of memory end at 36 GiB; 2^36 is 64 GiB, 2^35 is 32. */
	cell.pin = PIN_MODE_NONE;
	cell.mechanism = PIN_MECHANISM_NONE;
	cell.guest_bytes = 34 * UNITS_GIB;
	limits.address_bits = 36;
	must_pass();
	limits.address_bits = 35;
	must_refuse("needs guest addresses up to 36 GiB; this CPU has 35 address bits",
		    "smaller --guest-mem", -1, -1);
	cell.guest_bytes = 30 * UNITS_GIB;
	must_pass();
	limits.address_bits = 64;
	must_pass();
}
END_TEST

START_TEST(vcpus)
{
	cell.vcpus = 128;
	must_pass();
	limits.max_vcpus = 127;
	must_refuse("needs 128 vCPUs; 127 are possible here", "--vcpus", -1, -1);
}
END_TEST

START_TEST(numa_node)
{
	cell.numa_node = 0;
	must_pass();
	cell.numa_node = 1;
	must_refuse("needs NUMA node 1; this host has no memory there", "numactl", -1, -1);
}
END_TEST

START_TEST(mechanism)
{
	probe_result = -EPERM;
	must_refuse("mechanism io-uring cannot be used: io_uring_setup: ring 0: Operation not "
		    "permitted",
		    "what the mechanism itself advises", -1, -1);
}
END_TEST

START_TEST(memlock)
{
	host.memory.can_exceed_memlock = false;
	/* The guest's memory, and 64 KiB for what the ring itself takes. */
	must_refuse("needs 4.0 GiB pinned; RLIMIT_MEMLOCK allows 8 MiB", "ulimit -l 4194368",
		    4 * (int64_t)UNITS_GIB + 65536, 8 * (int64_t)UNITS_MIB);
	host.memory.memlock_hard_bytes = 4 * (int64_t)UNITS_GIB + 65536;
	must_pass();
	host.memory.memlock_hard_bytes -= 4096;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	host.memory.memlock_hard_bytes = INT64_MAX;
	must_pass();
	/* Who pins nothing needs none of it. */
	host.memory.memlock_hard_bytes = 0;
	cell.pin = PIN_MODE_NONE;
	cell.mechanism = PIN_MECHANISM_NONE;
	must_pass();
}
END_TEST

START_TEST(huge_pages)
{
	cell.backing = BACKING_HUGETLB_2M;
	must_refuse("needs 2048 huge pages of 2 MiB; 0 are free", "echo 2048 > ", -1, -1);
	ck_assert(!preflight_memory_now(&cell, &limits, &refusal));
	/* The 53 that others hold stay theirs: the pool must have 2101. */
	host.memory.huge_2m_free = 2047;
	host.memory.huge_2m_total = 2100;
	must_refuse("needs 2048 huge pages of 2 MiB; 2047 are free",
		    "echo 2101 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", -1, -1);
	host.memory.huge_2m_free = 2048;
	must_pass();
	ck_assert(preflight_memory_now(&cell, &limits, &refusal));

	cell.backing = BACKING_HUGETLB_1G;
	must_refuse("needs 4 huge pages of 1 GiB; 0 are free", "hugepages-1048576kB/nr_hugepages",
		    -1, -1);
	host.memory.huge_1g_free = 4;
	must_pass();
	/* Pool pages are none of the available memory; the kernel's tables are. */
	host.memory.available_bytes = 2 * (int64_t)UNITS_GIB;
	must_pass();
	host.memory.available_bytes = 1 * (int64_t)UNITS_GIB;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
}
END_TEST

START_TEST(files)
{
	/* 1 GiB in 4K chunks: 32 files, one of them a ring, two a vCPU (there are 2), and as an
	   upper bound 17 more rings, and three for a second fault handler. */
	cell.pin = PIN_MODE_DEMAND;
	cell.mechanism = PIN_MECHANISM_USERFAULT;
	cell.guest_bytes = cell.touch_bytes = UNITS_GIB;
	cell.chunk_bytes = 4096;
	must_pass();
	files_limit = 55;
	must_refuse("needs 56 open files, one for each 16,384 chunks; ulimit -n allows 55",
		    "larger --chunk", -1, -1);
	files_limit = 56;
	must_pass();
	/* A larger chunk would not help where one ring is enough. */
	files_limit = 20;
	cell.chunk_bytes = 2 * UNITS_MIB;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_str_eq(refusal.reason, "needs 40 open files; ulimit -n allows 20");
	ck_assert_str_eq(refusal.hint, "raise ulimit -n");
}
END_TEST

START_TEST(address_space)
{
	cell.pin = PIN_MODE_NONE;
	cell.mechanism = PIN_MECHANISM_NONE;
	address_space_limit = 4 * UNITS_GIB + 256 * UNITS_MIB;
	must_pass();
	address_space_limit--;
	must_refuse("needs 4.0 GiB of address space and 256 MiB for the program; ulimit -v allows "
		    "4.2 GiB",
		    "ulimit -v unlimited", -1, -1);
	/* File memory that is pinned on demand is mapped twice. */
	cell.pin = PIN_MODE_DEMAND;
	cell.mechanism = PIN_MECHANISM_USERFAULT;
	cell.backing = BACKING_MEMFD;
	cell.chunk_bytes = 2 * UNITS_MIB;
	address_space_limit = 8 * UNITS_GIB + 256 * UNITS_MIB;
	must_pass();
	address_space_limit--;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_ptr_nonnull(strstr(refusal.reason, "needs 8.0 GiB of address space"));
}
END_TEST

START_TEST(memory_and_the_margin)
{
	struct plan_needs n;
	int64_t need, margin = 24 * (int64_t)UNITS_GIB / 20;

	plan_needs(&cell, false, &n);
	need = (int64_t)(n.resident_bytes + n.kernel_bytes);
	host.memory.available_bytes = need + margin;
	must_pass();
	ck_assert(preflight_memory_now(&cell, &limits, &refusal));
	host.memory.available_bytes--;
	must_refuse("needs 4.0 GiB pinned and up to 68 MiB of kernel tables; 5.3 GiB available, of "
		    "which 1.2 GiB are kept free",
		    "smaller --guest-mem", need, need + margin - 1);
	ck_assert(!preflight_memory_now(&cell, &limits, &refusal));
	ck_assert_int_eq(refusal.needed_bytes, need);
	ck_assert_int_eq(refusal.available_bytes, need + margin - 1);

	/* The words of a cell that pins nothing. */
	cell.pin = PIN_MODE_NONE;
	cell.mechanism = PIN_MECHANISM_NONE;
	host.memory.available_bytes = (int64_t)UNITS_GIB;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_ptr_nonnull(strstr(refusal.reason, "touched and up to"));
	/* Nobody knows: nobody is refused. */
	host.memory.available_bytes = -1;
	must_pass();
}
END_TEST

/* All of them take memory, and of one pool; each mapping and each table of files is its own. */
START_TEST(guests_at_once)
{
	struct plan_needs n;
	int64_t need, margin = 24 * (int64_t)UNITS_GIB / 20;

	cell.guest_bytes = UNITS_GIB;
	cell.parallel = 3;
	plan_needs(&cell, false, &n);
	need = 3 * (int64_t)(n.resident_bytes + n.kernel_bytes);
	host.memory.available_bytes = need + margin;
	files_limit = n.files;
	address_space_limit = UNITS_GIB + 256 * UNITS_MIB;
	must_pass();
	host.memory.available_bytes--;
	must_refuse(
		"3 guests at once: needs 3.0 GiB pinned and up to 123 MiB of kernel tables; 4.3 "
		"GiB available, of which 1.2 GiB are kept free",
		"take fewer guests at once (--parallel)", need, need + margin - 1);
	ck_assert(!preflight_memory_now(&cell, &limits, &refusal));
	host.memory.available_bytes = 20 * (int64_t)UNITS_GIB;
	cell.backing = BACKING_HUGETLB_2M;
	host.memory.huge_2m_free = 1535;
	host.memory.huge_2m_total = 1600;
	must_refuse("3 guests at once: needs 1536 huge pages of 2 MiB; 1535 are free",
		    "echo 1601 >", -1, -1);
	host.memory.huge_2m_free = 1536;
	must_pass();
}
END_TEST

/* io_uring's is the limit of a user, KVM's that of a VM. */
START_TEST(memlock_of_guests_at_once)
{
	struct plan_needs n;

	cell.guest_bytes = UNITS_GIB;
	cell.parallel = 4;
	host.memory.can_exceed_memlock = false;
	plan_needs(&cell, false, &n);
	host.memory.memlock_hard_bytes = 4 * (int64_t)n.memlock_bytes;
	must_pass();
	host.memory.memlock_hard_bytes--;
	must_refuse("4 guests at once: needs 4.0 GiB pinned; RLIMIT_MEMLOCK allows 4.0 GiB",
		    "ulimit -l ", 4 * (int64_t)n.memlock_bytes, 4 * (int64_t)n.memlock_bytes - 1);
	cell.guest_type = GUEST_TYPE_SEV;
	cell.mechanism = PIN_MECHANISM_KVM_REGION;
	plan_needs(&cell, false, &n);
	host.memory.memlock_hard_bytes = (int64_t)n.memlock_bytes;
	must_pass();
}
END_TEST

START_TEST(asids_of_guests_at_once)
{
	cell.guest_bytes = UNITS_GIB;
	cell.guest_type = GUEST_TYPE_SEV;
	cell.mechanism = PIN_MECHANISM_KVM_REGION;
	cell.parallel = 5;
	must_pass(); /* nobody knows */
	asids.capacity = 10;
	asids.used = 5;
	must_pass();
	asids.used = 6;
	must_refuse("5 guests at once: needs 5 ASIDs; 4 are free on this host",
		    "fewer guests at once", -1, -1);
	asids.used = 0;
	asids.limit = 7;
	asids.limit_used = 3;
	must_refuse("5 guests at once: needs 5 ASIDs; its control group has 4 of 7 left",
		    "misc.max", -1, -1);
	/* Where nobody counts them: what the processor has. EDX is the first without ES. */
	asids = (struct host_misc){"", -1, -1, -1, -1};
	host.cpu.sev_ecx = 8;
	host.cpu.sev_edx = 5;
	must_refuse("5 guests at once: needs 5 ASIDs; 4 are free on this host", "", -1, -1);
	host.cpu.sev_edx = 4;
	must_pass();
	cell.guest_type = GUEST_TYPE_SEV_ES;
	must_refuse("5 guests at once: needs 5 ASIDs; 3 are free on this host", "", -1, -1);
	/* One alone is told by KVM itself, with the firmware's reason. */
	cell.parallel = 1;
	asids.capacity = 0;
	must_pass();
	host.cpu.sev_ecx = host.cpu.sev_edx = 0;
}
END_TEST

START_TEST(threads_of_guests_at_once)
{
	cell.guest_bytes = 64 * UNITS_MIB;
	cell.pin = PIN_MODE_DEMAND;
	cell.mechanism = PIN_MECHANISM_USERFAULT;
	cell.chunk_bytes = 2 * UNITS_MIB;
	cell.parallel = 4;
	pids_left = 16; /* two vCPUs each, and who serves their faults beside each */
	must_pass();
	pids_left = 15;
	must_refuse("4 guests at once: needs 16 threads; its control group has room for 15 more",
		    "pids.max", -1, -1);
	pids_left = -1;
	processes_limit = 15;
	must_pass(); /* root */
	user = 1000;
	must_refuse("4 guests at once: needs 16 threads; ulimit -u allows 15", "ulimit -u", -1, -1);
	processes_limit = 16;
	must_pass();
	/* Those that pin, and those that fault memory in before. */
	cell.pin = PIN_MODE_EAGER;
	cell.mechanism = PIN_MECHANISM_IO_URING;
	cell.pin_threads = 3;
	cell.prefault_threads = 5;
	processes_limit = 35;
	must_refuse("4 guests at once: needs 36 threads; ulimit -u allows 35", "ulimit -u", -1, -1);
}
END_TEST

START_TEST(memory_of_the_cgroup)
{
	host.memory.cgroup_limit_bytes = 8 * (int64_t)UNITS_GIB;
	host.memory.cgroup_used_bytes = UNITS_GIB;
	must_pass();
	host.memory.cgroup_used_bytes = 4 * (int64_t)UNITS_GIB;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_int_eq(refusal.available_bytes, 4 * (int64_t)UNITS_GIB);
	ck_assert(!preflight_memory_now(&cell, &limits, &refusal));
}
END_TEST

START_TEST(what_is_kept_free)
{
	static const struct {
		int64_t total;
		uint64_t margin;
	} row[] = {
		{-1, 256 * UNITS_MIB},
		{0, 256 * UNITS_MIB},
		{UNITS_GIB, 256 * UNITS_MIB},
		{5 * (int64_t)UNITS_GIB, 256 * UNITS_MIB},
		{20 * (int64_t)UNITS_GIB, UNITS_GIB},
		{INT64_MAX, INT64_MAX / 20},
	};

	for (size_t i = 0; i < LENGTH(row); i++) {
		host.memory.total_bytes = row[i].total;
		ck_assert_uint_eq(preflight_margin_bytes(&host.memory), row[i].margin);
	}
}
END_TEST

/* Of several reasons the one is told that no freed memory would change. */
START_TEST(first_reason_first)
{
	cell.vcpus = 200;
	cell.numa_node = 7;
	probe_result = -EPERM;
	host.memory.available_bytes = 0;
	ck_assert(!preflight_cell(&cell, &host, &limits, &refusal));
	ck_assert_ptr_nonnull(strstr(refusal.reason, "vCPUs"));
	/* Before a sample only what changes is asked. */
	ck_assert(!preflight_memory_now(&cell, &limits, &refusal));
	ck_assert_ptr_nonnull(strstr(refusal.reason, "available"));
	host.memory.available_bytes = 20 * (int64_t)UNITS_GIB;
	ck_assert(preflight_memory_now(&cell, &limits, &refusal));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_cell_that_can_run,
		guest_addresses,
		vcpus,
		numa_node,
		mechanism,
		memlock,
		huge_pages,
		files,
		address_space,
		memory_and_the_margin,
		guests_at_once,
		memlock_of_guests_at_once,
		asids_of_guests_at_once,
		threads_of_guests_at_once,
		memory_of_the_cgroup,
		what_is_kept_free,
		first_reason_first,
	};
	Suite *suite = suite_create("preflight");
	TCase *tcase = tcase_create("preflight");

	tcase_add_checked_fixture(tcase, make_host, NULL);
	for (size_t i = 0; i < LENGTH(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
