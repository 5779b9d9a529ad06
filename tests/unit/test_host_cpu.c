// SPDX-License-Identifier: GPL-2.0-or-later
/* test_host_cpu: CPUID leaves of known processors, and NUMA nodes that this host lacks. */
#include "fake_cpu.h"
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"

#include "run_suite.h"
#include <check.h>
#include <cpuid.h>
#include <errno.h>
#include <libcpuid/libcpuid.h>
#include <numa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct fake_cpu *fake;
static const char *fake_leaf; /* what leaf 4000_0000 has, with the hypervisor bit as in fake */

/* The library's CPUID: the fake's where there is one. */
int __real_cpuid_get_raw_data(struct cpu_raw_data_t *raw);
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw);
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw)
{
	if (!fake)
		return __real_cpuid_get_raw_data(raw);
	if (!fake->vendor[0])
		return -1;
	fake_cpu_raw(fake, raw);
	return 0;
}

void __real_cpu_exec_cpuid_ext(uint32_t *regs);
void __wrap_cpu_exec_cpuid_ext(uint32_t *regs);
void __wrap_cpu_exec_cpuid_ext(uint32_t *regs)
{
	if (!fake) {
		__real_cpu_exec_cpuid_ext(regs);
		return;
	}
	ck_assert_uint_eq(regs[0], 0x40000000);
	memcpy(&regs[1], fake_leaf ? fake_leaf : fake->hypervisor, 12);
}

/* Nodes 0 and 2 with memory, node 3 without; no libnuma at all where fake_numa is -1. */
static int fake_numa;

int __real_numa_available(void);
int __wrap_numa_available(void);
int __wrap_numa_available(void)
{
	return fake_numa < 0 ? -1 : __real_numa_available();
}

int __real_numa_max_node(void);
int __wrap_numa_max_node(void);
int __wrap_numa_max_node(void)
{
	return fake_numa ? 3 : __real_numa_max_node();
}

int __real_numa_bitmask_isbitset(const struct bitmask *mask, unsigned node);
int __wrap_numa_bitmask_isbitset(const struct bitmask *mask, unsigned node);
int __wrap_numa_bitmask_isbitset(const struct bitmask *mask, unsigned node)
{
	return fake_numa ? node != 1 && node <= 3 : __real_numa_bitmask_isbitset(mask, node);
}

long long __real_numa_node_size64(int node, long long *unused);
long long __wrap_numa_node_size64(int node, long long *unused);
long long __wrap_numa_node_size64(int node, long long *unused)
{
	if (!fake_numa)
		return __real_numa_node_size64(node, unused);
	if (node == 3)
		return -1;
	if (unused)
		*unused = 1000 + node;
	return 5000 + node;
}

static void restore(void)
{
	fake = NULL;
	fake_leaf = NULL;
	fake_numa = 0;
	host_file_set_root(NULL);
}

static void collect(const struct fake_cpu *cpu, struct host_cpu *c)
{
	memset(c, 0xa5, sizeof(*c));
	fake = cpu;
	host_cpu_collect(c);
}

START_TEST(epyc_with_sev)
{
	struct host_cpu c;

	host_file_set_root("tests/fixtures/host/milan-v2");
	collect(&milan, &c);
	ck_assert_str_eq(c.vendor, "AuthenticAMD");
	ck_assert_str_eq(c.name, "AMD EPYC 7763 64-Core Processor");
	ck_assert_int_eq(c.family, 25);
	ck_assert_int_eq(c.model, 1);
	ck_assert_int_eq(c.stepping, 1);
	ck_assert_str_eq(c.microcode, "0xa0011d5");
	ck_assert_int_eq(c.logical_cpus, 93);
	ck_assert(!c.hypervisor);
	ck_assert_str_eq(c.hypervisor_name, "");
	ck_assert_uint_eq(c.sev_eax, 0x0101fd3f);
	ck_assert_uint_eq(c.sev_ebx, 0x00004173);
	ck_assert_uint_eq(c.sev_ecx, 0x000001fd);
	ck_assert_uint_eq(c.sev_edx, 0x00000080);
	ck_assert(c.sme && c.sev && c.sev_es && c.sev_snp);
	ck_assert_int_eq(c.c_bit, 51);
	ck_assert_int_eq(c.pa_reduction, 5);
	ck_assert_int_eq(host_cpu_platform(&c), PLATFORM_HARDWARE);
}
END_TEST

/* Each flag by its own bit of EAX. */
START_TEST(sev_bits)
{
	struct fake_cpu cpu = milan;
	struct host_cpu c;

	for (unsigned bit = 0; bit < 32; bit++) {
		cpu.sev[0] = 1U << bit;
		collect(&cpu, &c);
		ck_assert_int_eq(c.sme, bit == 0);
		ck_assert_int_eq(c.sev, bit == 1);
		ck_assert_int_eq(c.sev_es, bit == 3);
		ck_assert_int_eq(c.sev_snp, bit == 4);
		ck_assert_int_eq(c.c_bit, bit == 1 ? 51 : -1);
		ck_assert_int_eq(c.pa_reduction, bit == 1 ? 5 : -1);
	}
	cpu.sev[0] = 2;
	cpu.sev[1] = UINT32_MAX;
	collect(&cpu, &c);
	ck_assert_int_eq(c.c_bit, 63);
	ck_assert_int_eq(c.pa_reduction, 63);
}
END_TEST

/* Below leaf 8000_001F whatever stands there means nothing. */
START_TEST(cpus_without_the_sev_leaf)
{
	struct fake_cpu cpu = milan;
	struct host_cpu c;

	cpu.last_extended = 0x8000001e;
	collect(&cpu, &c);
	ck_assert_str_eq(c.name, "AMD EPYC 7763 64-Core Processor");
	ck_assert_uint_eq(c.sev_eax | c.sev_ebx | c.sev_ecx | c.sev_edx, 0);
	ck_assert(!c.sme && !c.sev && !c.sev_es && !c.sev_snp);
	ck_assert_int_eq(c.c_bit, -1);
	ck_assert_int_eq(c.pa_reduction, -1);
	cpu.last_extended = 0x80000003;
	collect(&cpu, &c);
	ck_assert_str_eq(c.name, "");
}
END_TEST

START_TEST(family_and_model)
{
	static const struct {
		uint32_t signature;
		int family, model, stepping;
	} row[] = {
		{0x00800f12, 23, 1, 2},	 /* EPYC 7001 */
		{0x00830f10, 23, 49, 0}, /* EPYC 7002 */
		{0x00a10f11, 25, 17, 1}, /* EPYC 9004 */
		{0x000606a6, 6, 106, 6}, /* Xeon, Ice Lake */
		{0x00000543, 5, 4, 3},	 /* base family 5: the extended parts do not count */
		{0x0ff30543, 5, 4, 3},
	};
	struct fake_cpu cpu = milan;
	struct host_cpu c;

	for (size_t i = 0; i < LENGTH(row); i++) {
		cpu.signature = row[i].signature;
		collect(&cpu, &c);
		ck_assert_int_eq(c.family, row[i].family);
		ck_assert_int_eq(c.model, row[i].model);
		ck_assert_int_eq(c.stepping, row[i].stepping);
	}
}
END_TEST

START_TEST(platforms)
{
	static const struct {
		char signature[13];
		const char *name;
		enum platform platform;
	} row[] = {
		{"KVMKVMKVM\0\0\0", "KVMKVMKVM", PLATFORM_VIRTUAL},
		{"TCGTCGTCGTCG", "TCGTCGTCGTCG", PLATFORM_EMULATED},
		{"Microsoft Hv", "Microsoft Hv", PLATFORM_VIRTUAL},
		{" lrpepyh  vr", "lrpepyh  vr", PLATFORM_VIRTUAL},
		{"\x01\xff\x1b[2J ", "???[2J", PLATFORM_VIRTUAL},
	};
	struct fake_cpu cpu = milan;
	struct host_cpu c;

	for (size_t i = 0; i < LENGTH(row); i++) {
		memcpy(cpu.hypervisor, row[i].signature, 12);
		collect(&cpu, &c);
		ck_assert(c.hypervisor);
		ck_assert_str_eq(c.hypervisor_name, row[i].name);
		ck_assert_int_eq(host_cpu_platform(&c), row[i].platform);
	}
}
END_TEST

/* The bit is hidden where a kernel is to offer SEV-SNP: an interpreter's times stay its own. */
START_TEST(interpreter_that_hides)
{
	struct host_cpu c;

	fake_leaf = "TCGTCGTCGTCG";
	collect(&milan, &c);
	ck_assert(!c.hypervisor);
	ck_assert_str_eq(c.hypervisor_name, "TCGTCGTCGTCG");
	ck_assert_int_eq(host_cpu_platform(&c), PLATFORM_EMULATED);
}
END_TEST

/* What the leaf has on a processor without a hypervisor is nobody's name. */
START_TEST(leaf_without_hypervisor)
{
	struct host_cpu c;

	host_file_set_root("tests/fixtures/host/milan-v2");
	fake_leaf = "KVMKVMKVM\0\0\0";
	collect(&milan, &c);
	ck_assert_str_eq(c.hypervisor_name, "");
	ck_assert_int_eq(host_cpu_platform(&c), PLATFORM_HARDWARE);
}
END_TEST

START_TEST(machine_of_qemu)
{
	char root[] = "/tmp/sevpinbench-dmi-XXXXXX", command[256];
	struct host_cpu c;

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(command, sizeof(command),
		 "mkdir -p %s/sys/class/dmi/id && echo QEMU >%s/sys/class/dmi/id/sys_vendor", root,
		 root);
	ck_assert_int_eq(system(command), 0);
	host_file_set_root(root);
	collect(&milan, &c);
	snprintf(command, sizeof(command), "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
	ck_assert(!c.hypervisor && c.qemu_machine);
	ck_assert_int_eq(host_cpu_platform(&c), PLATFORM_VIRTUAL);
}
END_TEST

START_TEST(no_cpuid)
{
	static const struct fake_cpu none;
	struct host_cpu c;

	host_file_set_root("/nonexistent");
	collect(&none, &c);
	ck_assert_str_eq(c.vendor, "");
	ck_assert_str_eq(c.name, "");
	ck_assert_str_eq(c.microcode, "");
	ck_assert_int_eq(c.family, -1);
	ck_assert_int_eq(c.model, -1);
	ck_assert_int_eq(c.stepping, -1);
	ck_assert_int_eq(c.logical_cpus, -1);
	ck_assert(!c.hypervisor && !c.sme && !c.sev && !c.sev_es && !c.sev_snp);
}
END_TEST

/* Asked by the compiler's own means: unlike /proc/cpuinfo right under valgrind too. */
START_TEST(cpu_of_this_host)
{
	unsigned eax, ebx, ecx, edx;
	char vendor[13] = "";
	struct host_cpu c;

	collect(NULL, &c);
	ck_assert(__get_cpuid(0, &eax, &ebx, &ecx, &edx));
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &edx, 4);
	memcpy(vendor + 8, &ecx, 4);
	ck_assert_str_eq(c.vendor, vendor);
	ck_assert_str_ne(c.name, "");
	ck_assert(__get_cpuid(1, &eax, &ebx, &ecx, &edx));
	ck_assert_int_eq(c.stepping, (int)(eax & 15));
	ck_assert_int_eq(c.model & 15, (int)(eax >> 4 & 15));
	ck_assert_int_eq(c.family,
			 (int)((eax >> 8 & 15) + ((eax >> 8 & 15) == 15 ? eax >> 20 & 255 : 0)));
	ck_assert_int_eq(c.hypervisor, (int)(ecx >> 31));
	ck_assert_int_eq(c.hypervisor_name[0] != '\0', c.hypervisor);
}
END_TEST

START_TEST(nodes_with_a_gap)
{
	struct host_node node[HOST_NODES];

	fake_numa = 1;
	host_file_set_root("tests/fixtures/host/milan-v2");
	ck_assert_int_eq(host_numa_collect(node, HOST_NODES), 3);
	ck_assert_int_eq(node[0].id, 0);
	ck_assert_int_eq(node[0].total_bytes, 5000);
	ck_assert_int_eq(node[0].free_bytes, 1000);
	ck_assert_int_eq(node[0].huge_2m_free, 256);
	ck_assert_int_eq(node[0].huge_1g_free, 32);
	ck_assert_int_eq(node[1].id, 2);
	ck_assert_int_eq(node[1].total_bytes, 5002);
	ck_assert_int_eq(node[1].free_bytes, 1002);
	ck_assert_int_eq(node[1].huge_2m_free, 244);
	ck_assert_int_eq(node[1].huge_1g_free, 28);
	ck_assert_int_eq(node[2].id, 3);
	ck_assert_int_eq(node[2].total_bytes, -1);
	ck_assert_int_eq(node[2].free_bytes, -1);
	ck_assert_int_eq(node[2].huge_2m_free, -1);
	ck_assert_int_eq(node[2].huge_1g_free, -1);
	ck_assert_int_eq(host_numa_collect(node, 1), 1);
	ck_assert_int_eq(host_numa_collect(node, 0), 0);
}
END_TEST

START_TEST(which_nodes_there_are)
{
	fake_numa = 1;
	ck_assert(host_numa_has_node(0));
	ck_assert(!host_numa_has_node(1)); /* a gap */
	ck_assert(host_numa_has_node(2));
	ck_assert(!host_numa_has_node(3)); /* CPUs without memory */
	ck_assert(!host_numa_has_node(4));
	ck_assert(!host_numa_has_node(-1));
	ck_assert(!host_numa_has_node(1 << 30));
}
END_TEST

START_TEST(no_numa)
{
	struct host_node node[1];

	fake_numa = -1;
	ck_assert_int_eq(host_numa_collect(node, 1), 0);
	ck_assert(!host_numa_has_node(0));
}
END_TEST

#define POLICY_BIND	2 /* MPOL_BIND */
#define POLICY_OF_RANGE 2 /* MPOL_F_ADDR */

/* Asked of the kernel by hand, since the library under test uses libnuma. */
START_TEST(bind_to_a_node)
{
	const size_t bytes = 1 << 20;
	unsigned long mask[16] = {0};
	struct host_node node[HOST_NODES];
	int policy = -1, count = host_numa_collect(node, HOST_NODES);
	void *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(addr, MAP_FAILED);
	ck_assert_int_eq(host_numa_bind(addr, bytes, -1), -EINVAL);
	ck_assert_int_eq(host_numa_bind(addr, bytes, 1024), -EINVAL);
	if (count > 0 && host_numa_has_node(node[0].id)) {
		ck_assert_int_eq(host_numa_bind(addr, bytes, node[0].id), 0);
		ck_assert_int_eq(
			syscall(SYS_get_mempolicy, &policy, mask, 1024UL, addr, POLICY_OF_RANGE),
			0);
		ck_assert_int_eq(policy, POLICY_BIND);
		ck_assert_uint_eq(mask[node[0].id / 64], 1UL << node[0].id % 64);
		ck_assert_int_lt(host_numa_bind(addr, bytes, 1023), 0);
		ck_assert_int_eq(host_numa_bind((char *)addr + 1, bytes, node[0].id), -EINVAL);
	}
	munmap(addr, bytes);
}
END_TEST

static Suite *host_cpu_suite(void)
{
	const TTest *const test[] = {
		epyc_with_sev,
		sev_bits,
		cpus_without_the_sev_leaf,
		family_and_model,
		platforms,
		interpreter_that_hides,
		leaf_without_hypervisor,
		machine_of_qemu,
		no_cpuid,
		cpu_of_this_host,
		nodes_with_a_gap,
		which_nodes_there_are,
		no_numa,
		bind_to_a_node,
	};
	TCase *tcase = tcase_create("host_cpu");
	Suite *suite = suite_create("host_cpu");

	tcase_add_checked_fixture(tcase, NULL, restore);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(host_cpu_suite());
}
