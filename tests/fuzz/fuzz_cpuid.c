// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_cpuid: what a processor, or whoever pretends to be one, says of itself; and the table that
 * KVM gives to guests. The input is the raw leaves, then the table.
 */
#include "fuzz.h"
#include "sevpinbench/host.h"
#include "sevpinbench/vcpu.h"
#include "sevpinbench/vm.h"
#include <errno.h>
#include <libcpuid/libcpuid.h>
#include <sys/types.h>

static const uint8_t *input;
static size_t input_size;

/* The next bytes of the input; zeros behind its end. */
static void take(void *to, size_t bytes)
{
	size_t n = bytes < input_size ? bytes : input_size;

	memset(to, 0, bytes);
	if (n)
		memcpy(to, input, n);
	input += n;
	input_size -= n;
}

/* First the leaves that are looked at, so that a short input reaches them all. */
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw);
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw)
{
	memset(raw, 0xff, sizeof(*raw));
	take(raw->basic_cpuid, 2 * sizeof(raw->basic_cpuid[0]));
	take(raw->ext_cpuid[0], sizeof(raw->ext_cpuid[0]));
	take(raw->ext_cpuid[0x1f], sizeof(raw->ext_cpuid[0]));
	take(raw->ext_cpuid[2], 3 * sizeof(raw->ext_cpuid[0]));
	return 0;
}

void __wrap_cpu_exec_cpuid_ext(uint32_t *regs);
void __wrap_cpu_exec_cpuid_ext(uint32_t *regs)
{
	take(regs, 4 * sizeof(*regs));
}

int __wrap_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode)
{
	(void)path;
	(void)flags;
	(void)mode;
	return -ENOENT;
}

int __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)request;
	take(arg, sizeof(struct vcpu_cpuid));
	return 0;
}

static void must_be_plain(const char *text)
{
	must(strlen(text) < HOST_TEXT);
	for (; *text; text++)
		must(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vcpu_cpuid *table = malloc(sizeof(*table));
	struct vm vm = VM_CLOSED;
	struct fault f = {0};
	struct host_cpu cpu;
	uint64_t mask;

	must(table);
	input = data;
	input_size = size;
	host_cpu_collect(&cpu);
	must(host_cpu_platform(&cpu) < PLATFORM_COUNT);
	must_be_plain(cpu.vendor);
	must_be_plain(cpu.name);
	must_be_plain(cpu.hypervisor_name);
	must(cpu.sev == (cpu.c_bit >= 0) && cpu.c_bit < 64 && cpu.pa_reduction < 64);
	if (vcpu_cpuid_fetch(table, &vm, &f) == 0) {
		vcpu_cpuid_has_1g_pages(table);
		must(vcpu_cpuid_address_bits(table) <= 255);
		mask = vcpu_cpuid_encryption_mask(table);
		must((mask & (mask - 1)) == 0);
	}
	free(table);
	return 0;
}
