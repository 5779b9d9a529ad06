/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake_cpu: what a processor says of itself, for tests that stand in for libcpuid. */
#ifndef TESTS_FAKE_CPU_H
#define TESTS_FAKE_CPU_H

#include <libcpuid/libcpuid.h>
#include <stdint.h>
#include <string.h>

/* Texts as the leaves hold them, registers in their order. */
struct fake_cpu {
	char vendor[13]; /* as EBX, EDX, ECX of leaf 0 spell it */
	char brand[49];
	char hypervisor[13];
	uint32_t signature, last_extended;
	uint32_t sev[4];
};

static const struct fake_cpu milan = {
	.vendor = "AuthenticAMD",
	.brand = "AMD EPYC 7763 64-Core Processor                ",
	.signature = 0x00a00f11,
	.last_extended = 0x80000023,
	.sev = {0x0101fd3f, 0x00004173, 0x000001fd, 0x00000080},
};

/* The leaves, as cpuid_get_raw_data() of libcpuid would return them. */
static inline void fake_cpu_raw(const struct fake_cpu *fake, struct cpu_raw_data_t *raw)
{
	/* Leaves above the last are what Intel's processors return: not 0. */
	memset(raw, 0xff, sizeof(*raw));
	raw->basic_cpuid[0][0] = 0x10;
	memcpy(&raw->basic_cpuid[0][1], fake->vendor, 4);
	memcpy(&raw->basic_cpuid[0][3], fake->vendor + 4, 4);
	memcpy(&raw->basic_cpuid[0][2], fake->vendor + 8, 4);
	raw->basic_cpuid[1][0] = fake->signature;
	raw->basic_cpuid[1][2] = fake->hypervisor[0] ? 1U << 31 : 0;
	raw->ext_cpuid[0][0] = fake->last_extended;
	memcpy(raw->ext_cpuid[2], fake->brand, 48);
	if (fake->last_extended >= 0x8000001f)
		memcpy(raw->ext_cpuid[0x1f], fake->sev, sizeof(fake->sev));
}

#endif
