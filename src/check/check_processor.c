// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_processor: what the CPU offers (CPUID Fn8000_001F, AMD APM vol. 3, E.4.17) and what the
 * firmware setup has switched on (MSRs; AMD APM vol. 2, 15.34 to 15.36).
 */
#include "rows.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/host_msr.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CPUID_SEV "CPUID 8000_001F "

/* In EAX of the leaf. */
#define EAX_PAGE_FLUSH (1u << 2)
#define EAX_VMPL       (1u << 5)
#define EAX_COHERENT   (1u << 10)

#define SYSCFG_SMEE  (1ULL << 23)
#define SYSCFG_SNP   (1ULL << 24)
#define SYSCFG_VMPL  (1ULL << 25)
#define HWCR_SMMLOCK (1ULL << 0)

/* The RMP: a fixed part, then 16 bytes for each page (APM vol. 2, 15.36.4). */
#define RMP_FIXED_BYTES (16 * UNITS_KIB)
#define RMP_ENTRY_BYTES 16u

static void look_cpu(const struct check_context *c, struct check_result *r)
{
	const struct host_cpu *cpu = &c->host->cpu;

	if (strcmp(cpu->vendor, "AuthenticAMD") == 0)
		check_pass(r, "%s", cpu->vendor);
	else
		check_fail(r, "%s", cpu->vendor[0] ? cpu->vendor : "unknown: no CPUID");
}

static void look_model(const struct check_context *c, struct check_result *r)
{
	static const struct {
		int family, first, last;
		const char *name;
	} generation[] = {
		{23, 0x01, 0x0f, "EPYC 7001, Naples: SEV"},
		{23, 0x30, 0x3f, "EPYC 7002, Rome: SEV, SEV-ES"},
		{25, 0x00, 0x0f, "EPYC 7003, Milan: SEV, SEV-ES, SEV-SNP"},
		{25, 0x10, 0x1f, "EPYC 9004, Genoa: SEV, SEV-ES, SEV-SNP"},
		{25, 0xa0, 0xaf, "EPYC 9004, Bergamo: SEV, SEV-ES, SEV-SNP"},
		{26, 0x00, 0x1f, "EPYC 9005, Turin: SEV, SEV-ES, SEV-SNP"},
	};
	const struct host_cpu *cpu = &c->host->cpu;
	const char *known = "no generation known to this program";

	for (size_t i = 0; i < LENGTH(generation); i++) {
		if (cpu->family == generation[i].family && cpu->model >= generation[i].first &&
		    cpu->model <= generation[i].last)
			known = generation[i].name;
	}
	if (strstr(cpu->name, "EPYC"))
		check_pass(r, "%s; family %d model %d stepping %d (%s)", cpu->name, cpu->family,
			   cpu->model, cpu->stepping, known);
	else if (c->asked->guest_type == GUEST_TYPE_VM)
		check_info(r, "%s; family %d model %d stepping %d",
			   cpu->name[0] ? cpu->name : "no name", cpu->family, cpu->model,
			   cpu->stepping);
	else
		check_warn(r, "%s; family %d model %d stepping %d",
			   cpu->name[0] ? cpu->name : "no name", cpu->family, cpu->model,
			   cpu->stepping);
}

static void look_microcode(const struct check_context *c, struct check_result *r)
{
	const char *version = c->host->cpu.microcode;
	char text[128];

	/* Linux 6.16 and newer know which are outdated. */
	host_file_read("/sys/devices/system/cpu/vulnerabilities/old_microcode", text, sizeof(text));
	if (strncmp(text, "Vulnerable", strlen("Vulnerable")) == 0)
		check_warn(r, "%s: the kernel calls it old", version);
	else
		check_info(r, "%s", version[0] ? version : "not told");
}

/* A bit of the leaf that is there or not. */
static void say_bit(struct check_result *r, bool there)
{
	if (there)
		check_pass(r, "yes");
	else
		check_fail(r, "no");
}

static void look_sme(const struct check_context *c, struct check_result *r)
{
	say_bit(r, c->host->cpu.sme);
}

static void look_sev(const struct check_context *c, struct check_result *r)
{
	say_bit(r, c->host->cpu.sev);
}

static void look_sev_es(const struct check_context *c, struct check_result *r)
{
	say_bit(r, c->host->cpu.sev_es);
}

static void look_sev_snp(const struct check_context *c, struct check_result *r)
{
	say_bit(r, c->host->cpu.sev_snp);
}

static void look_c_bit(const struct check_context *c, struct check_result *r)
{
	check_info(r, "bit %d of a physical address", c->host->cpu.c_bit);
}

static void look_pa_reduction(const struct check_context *c, struct check_result *r)
{
	check_info(r, "%d bits", c->host->cpu.pa_reduction);
}

static void look_page_flush(const struct check_context *c, struct check_result *r)
{
	check_info(r, "%s", c->host->cpu.sev_eax & EAX_PAGE_FLUSH ? "yes" : "no");
}

static void look_coherent(const struct check_context *c, struct check_result *r)
{
	check_info(r, "%s", c->host->cpu.sev_eax & EAX_COHERENT ? "yes" : "no");
}

static void look_vmpl(const struct check_context *c, struct check_result *r)
{
	const struct host_cpu *cpu = &c->host->cpu;

	if (cpu->sev_eax & EAX_VMPL)
		check_pass(r, "%u levels", cpu->sev_ebx >> 12 & 0xf);
	else
		check_fail(r, "no");
}

/*
 * ASIDs 1 to EDX - 1 are for guests with encrypted state, EDX to ECX for those without. Here the
 * CPU's numbers; how many are free is asked of the kernel.
 */
static void look_asids(const struct check_context *c, struct check_result *r)
{
	uint32_t most = c->host->cpu.sev_ecx, least = c->host->cpu.sev_edx;
	uint32_t es = least > 1 ? least - 1 : 0, sev;

	es = es < most ? es : most;
	sev = most - es;
	if ((c->asked->guest_type >= GUEST_TYPE_SEV_ES ? es : sev) > 0)
		check_pass(r, "%u: %u for SEV, %u for SEV-ES and SEV-SNP", most, sev, es);
	else
		check_fail(r, "%u: %u for SEV, %u for SEV-ES and SEV-SNP", most, sev, es);
}

/* The kernel takes a flag back where an MSR says that the setup has it off. */
static void look_flag(const char *flag, struct check_result *r)
{
	char text[8192], flags[4096], word[32];

	if (host_file_read("/proc/cpuinfo", text, sizeof(text)) <= 0 ||
	    host_file_find_text(text, "flags", flags, sizeof(flags))) {
		check_info(r, "not told: /proc/cpuinfo has no flags");
		return;
	}
	snprintf(text, sizeof(text), " %.4090s ", flags);
	snprintf(word, sizeof(word), " %s ", flag);
	if (strstr(text, word))
		check_pass(r, "flag %s is set", flag);
	else
		check_fail(r, "flag %s is not set, although the CPU has it", flag);
}

static void look_flag_sev(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_flag("sev", r);
}

static void look_flag_sev_es(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_flag("sev_es", r);
}

/*
 * Read an MSR of CPU 0. Where that is not possible it is no reason to doubt the host: the kernel
 * read it, and its flags say what it found.
 */
static bool read_msr(uint32_t msr, uint64_t *value, struct check_result *r)
{
	int err = host_msr_read(0, msr, value);

	if (err == 0)
		return true;
	check_skip(r, "/dev/cpu/0/msr: %s", strerror(-err));
	if (err == -ENOENT)
		check_fix(r, "modprobe msr");
	else if (err == -EACCES || err == -EPERM)
		check_fix(r, "run as root");
	return false;
}

static void look_smee(const struct check_context *c, struct check_result *r)
{
	uint64_t value;

	(void)c;
	if (read_msr(HOST_MSR_SYSCFG, &value, r))
		say_bit(r, value & SYSCFG_SMEE);
}

static void look_smmlock(const struct check_context *c, struct check_result *r)
{
	uint64_t value;

	(void)c;
	if (read_msr(HOST_MSR_HWCR, &value, r))
		say_bit(r, value & HWCR_SMMLOCK);
}

static void look_msr_snp(const struct check_context *c, struct check_result *r)
{
	uint64_t value;

	(void)c;
	if (!read_msr(HOST_MSR_SYSCFG, &value, r))
		return;
	if ((value & (SYSCFG_SNP | SYSCFG_VMPL)) == (SYSCFG_SNP | SYSCFG_VMPL))
		check_pass(r, "SNP and VMPL are on");
	else
		check_fail(r, "SNP is %s, VMPL is %s", value & SYSCFG_SNP ? "on" : "off",
			   value & SYSCFG_VMPL ? "on" : "off");
}

static void look_rmp(const struct check_context *c, struct check_result *r)
{
	uint64_t from, to, covers;
	char text[32], total[32];

	if (!read_msr(HOST_MSR_RMP_BASE, &from, r) || !read_msr(HOST_MSR_RMP_END, &to, r))
		return;
	if (from == 0 || to <= from || to - from <= RMP_FIXED_BYTES) {
		check_fail(r, "none: base %#llx, end %#llx", (unsigned long long)from,
			   (unsigned long long)to);
		return;
	}
	covers = (to - from + 1 - RMP_FIXED_BYTES) / RMP_ENTRY_BYTES * UNITS_PAGE_BYTES;
	units_format_bytes(covers, text, sizeof(text));
	if (c->host->memory.total_bytes > 0 && covers < (uint64_t)c->host->memory.total_bytes)
		check_fail(r, "%#llx to %#llx covers %s of %s", (unsigned long long)from,
			   (unsigned long long)to, text,
			   units_format_bytes((uint64_t)c->host->memory.total_bytes, total,
					      sizeof(total)));
	else
		check_pass(r, "%#llx to %#llx covers addresses up to %s", (unsigned long long)from,
			   (unsigned long long)to, text);
}

/* As AMD's own menus call them; a board's may differ. */
#define SETUP_SEV                                                                           \
	"in the firmware setup (AMD CBS, CPU Common Options): SMEE: Enabled; SEV Control: " \
	"Enable; "                                                                          \
	"then reboot"
#define SETUP_ASIDS                                                                               \
	"in the firmware setup (AMD CBS, CPU Common Options): SEV-ES ASID Space Limit: a number " \
	"that leaves ASIDs on both sides; then reboot"
#define SETUP_SNP                                                                                  \
	"in the firmware setup: AMD CBS, CPU Common Options: SNP Memory (RMP Table) Coverage: "    \
	"Enabled; NBIO Common Options: SEV-SNP Support: Enabled; then reboot\nboot Linux 6.10 or " \
	"newer, with the IOMMU on"
#define OTHER_CPU "take another host: no setting adds this to a CPU"

static const struct check rows[] = {
	{"cpu", NULL, "an AMD processor", FOR_SEV, ANY_MODE, "CPUID 0", "AuthenticAMD",
	 "SEV is AMD's; Intel's TDX is another thing and not measured here", OTHER_CPU, look_cpu},
	{"cpu-model", "cpu", "a server model", FOR_NOBODY, ANY_MODE,
	 "CPUID 1, 8000_0002 to 8000_0004", "EPYC",
	 "only EPYC has the secure processor's firmware for guests", OTHER_CPU, look_model},
	{"cpu-microcode", NULL, "microcode", FOR_NOBODY, ANY_MODE,
	 "/proc/cpuinfo, /sys/devices/system/cpu/vulnerabilities/old_microcode",
	 "the vendor's newest",
	 "results under different microcode do not compare; SNP's security version counts it",
	 "install the Debian package amd64-microcode or intel-microcode; reboot", look_microcode},
	{"cpu-sme", "cpu", "SME: memory encryption", FOR_NOBODY, ANY_MODE, CPUID_SEV "EAX[0]",
	 "yes", "SEV is built on the same engine", OTHER_CPU, look_sme},
	{"msr-smee", "cpu", "memory encryption is on", FOR_SEV, ANY_MODE,
	 "MSR C001_0010 SYSCFG[23], by /dev/cpu/0/msr", "yes",
	 "the firmware setup decides; with it off the kernel hides SEV", SETUP_SEV, look_smee},
	{"msr-smmlock", "cpu", "SMM is locked", FOR_SEV, ANY_MODE,
	 "MSR C001_0015 HWCR[0], by /dev/cpu/0/msr", "yes",
	 "the SEV firmware refuses INIT while system management memory is open, and the kernel "
	 "hides "
	 "SEV",
	 "in the firmware setup: SMM Lock: Enabled; or ask the board's vendor for a newer firmware",
	 look_smmlock},
	{"cpu-sev", "cpu", "SEV: encrypted guests", FOR_SEV, ANY_MODE, CPUID_SEV "EAX[1]", "yes",
	 "what all of this is about; a hypervisor hides it from its guests", OTHER_CPU, look_sev},
	{"cpu-sev-flag", "cpu-sev", "the kernel sees SEV", FOR_SEV, ANY_MODE, "/proc/cpuinfo",
	 "flag sev", "the kernel clears the flag where the setup has memory encryption off",
	 SETUP_SEV, look_flag_sev},
	{"cpu-c-bit", "cpu-sev", "C-bit", FOR_NOBODY, ANY_MODE, CPUID_SEV "EBX[5:0]", "a bit",
	 "this bit in a page table entry asks for encryption; guests must know it", NULL,
	 look_c_bit},
	{"cpu-pa-reduction", "cpu-sev", "address bits lost", FOR_NOBODY, ANY_MODE,
	 CPUID_SEV "EBX[11:6]", "a few bits",
	 "with encryption on physical addresses are so much shorter", NULL, look_pa_reduction},
	{"cpu-asids", "cpu-sev", "encrypted guests at once", FOR_SEV, ANY_MODE,
	 CPUID_SEV "ECX, EDX", "at least 1 of the guest's kind",
	 "each guest holds an ASID, the number of its key; the setup divides them between SEV and "
	 "SEV-ES",
	 SETUP_ASIDS, look_asids},
	{"cpu-page-flush", "cpu-sev", "VM page flush MSR", FOR_NOBODY, ANY_MODE, CPUID_SEV "EAX[2]",
	 "yes", "flushes one page from the caches; without it KVM flushes all caches of all CPUs",
	 NULL, look_page_flush},
	{"cpu-coherent", "cpu-sev", "caches coherent between keys", FOR_NOBODY, ANY_MODE,
	 CPUID_SEV "EAX[10]", "yes",
	 "where the hardware keeps them so, giving memory back needs fewer flushes", NULL,
	 look_coherent},
	{"cpu-sev-es", "cpu-sev", "SEV-ES: encrypted registers", FOR_ES, ANY_MODE,
	 CPUID_SEV "EAX[3]", "yes", "guests of type sev-es and sev-snp need it", OTHER_CPU,
	 look_sev_es},
	{"cpu-sev-es-flag", "cpu-sev-es", "the kernel sees SEV-ES", FOR_ES, ANY_MODE,
	 "/proc/cpuinfo", "flag sev_es", "as for SEV", SETUP_SEV, look_flag_sev_es},
	{"cpu-sev-snp", "cpu-sev-es", "SEV-SNP: page ownership", FOR_SNP, ANY_MODE,
	 CPUID_SEV "EAX[4]", "yes", "guests of type sev-snp need it", OTHER_CPU, look_sev_snp},
	{"cpu-vmpl", "cpu-sev-snp", "VM permission levels", FOR_SNP, ANY_MODE,
	 CPUID_SEV "EAX[5], EBX[15:12]", "yes", "SNP needs them", OTHER_CPU, look_vmpl},
	{"msr-snp", "cpu-sev-snp", "SNP is on", FOR_SNP, ANY_MODE,
	 "MSR C001_0010 SYSCFG[24], [25], by /dev/cpu/0/msr", "SNP and VMPL are on",
	 "the kernel switches it on at boot, where the setup and the IOMMU allow it", SETUP_SNP,
	 look_msr_snp},
	{"msr-rmp", "cpu-sev-snp", "room for the RMP", FOR_SNP, ANY_MODE,
	 "MSRs C001_0132, C001_0133, by /dev/cpu/0/msr", "a range that covers all memory",
	 "the table of page owners; the setup reserves its memory", SETUP_SNP, look_rmp},
};

const struct check_group check_processor = {"processor", rows, LENGTH(rows)};
