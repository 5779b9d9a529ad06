// SPDX-License-Identifier: GPL-2.0-or-later
/* cpu: what processor this is, what it can encrypt, and whether it is one; by libcpuid. */
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"

#include <libcpuid/libcpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table of raw leaves has the four registers in this order. */
enum { EAX_REG, EBX_REG, ECX_REG, EDX_REG };

#define LEAF_EXTENDED	0x80000000U
#define LEAF_HYPERVISOR 0x40000000U
#define LEAF_BRAND	2    /* 8000_0002 to 8000_0004 */
#define LEAF_SEV	0x1f /* 8000_001F */

_Static_assert(MAX_EXT_CPUID_LEVEL > LEAF_SEV, "libcpuid keeps leaf 8000_001F");

#define BIT(number) (1U << (number))

/* QEMU's interpreter; with an accelerator QEMU shows that one's signature instead. */
#define TCG_SIGNATURE	"TCGTCGTCGTCG"
#define SIGNATURE_BYTES 12

/* CPUID text to plain text: cut at NUL, no blanks around it, nothing unprintable. */
static void copy_text(char to[HOST_TEXT], const void *from, size_t bytes)
{
	char text[HOST_TEXT] = "";
	size_t length;

	memcpy(text, from, bytes < sizeof(text) ? bytes : sizeof(text) - 1);
	for (char *c = text; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
	snprintf(to, HOST_TEXT, "%s", text + strspn(text, " "));
}

static void read_vendor(struct host_cpu *c, const struct cpu_raw_data_t *raw)
{
	const uint32_t *leaf = raw->basic_cpuid[0];
	const uint32_t text[3] = {leaf[EBX_REG], leaf[EDX_REG], leaf[ECX_REG]};

	copy_text(c->vendor, text, sizeof(text));
}

/* AMD APM vol. 3, E.3.2: the extended parts count only with a base family of 15; Intel's: or 6. */
static void read_signature(struct host_cpu *c, const struct cpu_raw_data_t *raw)
{
	uint32_t eax = raw->basic_cpuid[1][EAX_REG];
	int base_family = (int)(eax >> 8 & 0xf);

	c->stepping = (int)(eax & 0xf);
	c->model = (int)(eax >> 4 & 0xf);
	c->family = base_family;
	if (base_family == 15)
		c->family += (int)(eax >> 20 & 0xff);
	if (base_family == 15 || base_family == 6)
		c->model += (int)(eax >> 16 & 0xf) << 4;
}

static void read_hypervisor(struct host_cpu *c, const struct cpu_raw_data_t *raw)
{
	uint32_t regs[4] = {LEAF_HYPERVISOR};

	c->hypervisor = raw->basic_cpuid[1][ECX_REG] & BIT(31);
	cpu_exec_cpuid_ext(regs);
	/* Without a hypervisor the leaf means nothing; an interpreter that hides is in it all the
	   same (Linux wants no hypervisor where it offers SEV-SNP). */
	if (c->hypervisor || memcmp(&regs[EBX_REG], TCG_SIGNATURE, SIGNATURE_BYTES) == 0)
		copy_text(c->hypervisor_name, &regs[EBX_REG], SIGNATURE_BYTES);
}

static void read_sev(struct host_cpu *c, const uint32_t *leaf)
{
	c->sev_eax = leaf[EAX_REG];
	c->sev_ebx = leaf[EBX_REG];
	c->sev_ecx = leaf[ECX_REG];
	c->sev_edx = leaf[EDX_REG];
	c->sme = c->sev_eax & BIT(0);
	c->sev = c->sev_eax & BIT(1);
	c->sev_es = c->sev_eax & BIT(3);
	c->sev_snp = c->sev_eax & BIT(4);
	if (!c->sev)
		return;
	c->c_bit = (int)(c->sev_ebx & 0x3f);
	c->pa_reduction = (int)(c->sev_ebx >> 6 & 0x3f);
}

/* libcpuid executes every leaf of its tables; only those up to the announced last one count. */
static void read_leaves(struct host_cpu *c, const struct cpu_raw_data_t *raw)
{
	uint32_t last = raw->ext_cpuid[0][EAX_REG];

	read_vendor(c, raw);
	if (raw->basic_cpuid[0][EAX_REG] >= 1) {
		read_signature(c, raw);
		read_hypervisor(c, raw);
	}
	if (last >= LEAF_EXTENDED + LEAF_BRAND + 2)
		copy_text(c->name, raw->ext_cpuid[LEAF_BRAND], 3 * sizeof(raw->ext_cpuid[0]));
	if (last >= LEAF_EXTENDED + LEAF_SEV)
		read_sev(c, raw->ext_cpuid[LEAF_SEV]);
}

/* The number of CPUs in a list such as "0-3,8,10-11"; -1 where it is no such list. */
static int count_list(const char *list)
{
	unsigned long from, to;
	long count = 0;
	char *end;

	for (;; list = end + 1) {
		if (*list < '0' || *list > '9')
			return -1;
		from = to = strtoul(list, &end, 10);
		if (*end == '-' && end[1] >= '0' && end[1] <= '9')
			to = strtoul(end + 1, &end, 10);
		if (to < from || to > INT32_MAX)
			return -1;
		count += (long)(to - from) + 1;
		if (count > INT32_MAX)
			return -1;
		if (*end == '\0')
			return (int)count;
		if (*end != ',')
			return -1;
	}
}

int host_cpus_online(void)
{
	char text[8192];

	return host_file_read("/sys/devices/system/cpu/online", text, sizeof(text)) > 0
		       ? count_list(text)
		       : -1;
}

static void read_files(struct host_cpu *c)
{
	char text[8192]; /* of /proc/cpuinfo the first CPU is enough */

	if (host_file_read("/proc/cpuinfo", text, sizeof(text)) > 0)
		host_file_find_text(text, "microcode", c->microcode, sizeof(c->microcode));
	c->logical_cpus = host_cpus_online();
	c->qemu_machine = host_file_read("/sys/class/dmi/id/sys_vendor", text, sizeof(text)) > 0 &&
			  strncmp(text, "QEMU", 4) == 0;
}

void host_cpu_collect(struct host_cpu *c)
{
	struct cpu_raw_data_t raw;

	memset(c, 0, sizeof(*c));
	c->family = c->model = c->stepping = -1;
	c->c_bit = c->pa_reduction = -1;
	if (cpuid_get_raw_data(&raw) == 0)
		read_leaves(c, &raw);
	read_files(c);
}

enum platform host_cpu_platform(const struct host_cpu *c)
{
	if (strcmp(c->hypervisor_name, TCG_SIGNATURE) == 0)
		return PLATFORM_EMULATED;
	return c->hypervisor || c->qemu_machine ? PLATFORM_VIRTUAL : PLATFORM_HARDWARE;
}
