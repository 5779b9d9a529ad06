// SPDX-License-Identifier: GPL-2.0-or-later
/* check_kvm: what KVM offers. */
#include "rows.h"

#include "sevpinbench/guest_memory.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/units.h"
#include <stdio.h>
#include <string.h>

#define PARAMETERS "/sys/module/kvm_amd/parameters/"

/* The backends of KVM, by a parameter that each has. */
static void look_module(const struct check_context *c, struct check_result *r)
{
	static const char *const other[] = {"kvm_intel", "kvm_pvm"};
	char text[128], path[64];

	(void)c;
	if (host_file_read(PARAMETERS "npt", text, sizeof(text)) >= 0) {
		check_pass(r, "kvm_amd is loaded");
		return;
	}
	for (size_t i = 0; i < LENGTH(other); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s/refcnt", other[i]);
		if (host_file_read(path, text, sizeof(text)) >= 0) {
			check_fail(r, "%s is loaded, not kvm_amd", other[i]);
			return;
		}
	}
	check_fail(r, "kvm_amd is not loaded");
}

/* A parameter that is Y or N (0 or 1 before Linux 5.18). */
static void look_parameter(const char *name, struct check_result *r)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	if (host_file_read(path, text, sizeof(text)) < 0)
		check_fail(r, "kvm_amd has no parameter %s", name);
	else if (strcmp(text, "Y") == 0 || strcmp(text, "1") == 0)
		check_pass(r, "%s", text);
	else
		check_fail(r, "%s", text);
}

static void look_npt(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_parameter("npt", r);
}

static void look_sev(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_parameter("sev", r);
}

static void look_sev_es(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_parameter("sev_es", r);
}

static void look_sev_snp(const struct check_context *c, struct check_result *r)
{
	(void)c;
	look_parameter("sev_snp", r);
}

static void look_kvm(const struct check_context *c, struct check_result *r)
{
	if (c->kvm)
		check_pass(r, "opened, API version 12");
	else
		check_fault(r, &c->kvm_fault);
}

static void look_guest(const struct check_context *c, struct check_result *r)
{
	/* The probe asks KVM, and then opens the device: that is another row's. */
	if (!c->kvm)
		check_skip(r, "not asked: see kvm");
	else if (c->limits.sev || strcmp(c->limits.sev_fault.op, "open") == 0)
		check_pass(r, "it does");
	else
		check_fault(r, &c->limits.sev_fault);
}

static void look_types(const struct check_context *c, struct check_result *r)
{
	/* By guest type: KVM_X86_DEFAULT_VM, _SEV_VM, _SEV_ES_VM, _SNP_VM. */
	static const unsigned bit[GUEST_TYPE_COUNT] = {0, 2, 3, 4};
	enum guest_type t = c->asked->guest_type;

	/* SNP is younger than the call that tells. */
	if (c->vm_types == 0 && t == GUEST_TYPE_SEV_SNP)
		check_fail(r, "not told: this kernel is too old for SNP");
	else if (c->vm_types == 0)
		check_info(r, "not told (before Linux 6.7)");
	else if (c->vm_types & 1u << bit[t])
		check_pass(r, "bits %#x", c->vm_types);
	else
		check_fail(r, "bits %#x: not bit %u", c->vm_types, bit[t]);
}

static void look_addresses(const struct check_context *c, struct check_result *r)
{
	uint64_t top = guest_memory_top_gpa(c->asked->guest_bytes);
	char text[32];

	units_format_bytes(top, text, sizeof(text));
	check_expect(r, "enough for addresses up to %s", text);
	if (c->limits.address_bits >= 63 || top <= 1ULL << c->limits.address_bits)
		check_pass(r, "%u bits", c->limits.address_bits);
	else
		check_fail(r, "%u bits", c->limits.address_bits);
}

static void look_vcpus(const struct check_context *c, struct check_result *r)
{
	check_info(r, "up to %u", c->limits.max_vcpus);
}

/* Where it was switched off, it will be again. */
#define RELOAD(parameter)                                                                \
	"grep -r kvm_amd /etc/modprobe.d /proc/cmdline   # shows what switches it off\n" \
	"echo 'options kvm_amd " parameter "=1' >>/etc/modprobe.d/sev.conf\n"            \
	"modprobe -r kvm_amd && modprobe kvm_amd"

static const struct check rows[] = {
	{"kvm", NULL, "/dev/kvm", FOR_ALL, ANY_MODE, "open(/dev/kvm), KVM_GET_API_VERSION",
	 "opened, API version 12", "every guest is started through it", NULL, look_kvm},
	{"kvm-types", "kvm", "types of VM", FOR_ALL, ANY_MODE,
	 "KVM_CHECK_EXTENSION(KVM_CAP_VM_TYPES)", "bit 0 default, 2 SEV, 3 SEV-ES, 4 SEV-SNP",
	 "from 6.10 on a VM is made as what it is to be; before, SEV's are of the default type",
	 "boot Linux 6.11 or newer, with the type's parameter of kvm_amd on", look_types},
	{"kvm-addresses", "kvm", "guest addresses", FOR_ALL, ANY_MODE, "KVM_GET_SUPPORTED_CPUID",
	 "enough for the guest", "memory beyond them cannot be reached",
	 "take a smaller --guest-mem", look_addresses},
	{"kvm-vcpus", "kvm", "vCPUs of a guest", FOR_NOBODY, ANY_MODE,
	 "KVM_CHECK_EXTENSION(KVM_CAP_MAX_VCPUS)", "1 or more",
	 "KVM's limit, or this program's where that is less", NULL, look_vcpus},
	{"kvm-amd", "cpu-sev-flag", "KVM's module for AMD", FOR_SEV, ANY_MODE, PARAMETERS "npt",
	 "kvm_amd is loaded", "only kvm_amd knows SEV", "modprobe kvm_amd", look_module},
	{"kvm-npt", "kvm-amd", "nested paging", FOR_SEV, ANY_MODE, PARAMETERS "npt", "Y",
	 "KVM switches SEV off without it", RELOAD("npt"), look_npt},
	{"kvm-sev", "kvm-amd", "SEV in KVM", FOR_SEV, ANY_MODE, PARAMETERS "sev", "Y",
	 "N where it was loaded so, or where the CPU, the setup or the firmware fell short: see "
	 "the "
	 "rows above, and dmesg | grep -i -e sev -e ccp",
	 RELOAD("sev"), look_sev},
	{"kvm-sev-guest", "kvm-sev", "KVM takes SEV guests", FOR_SEV, ANY_MODE,
	 "KVM_CREATE_VM, KVM_MEMORY_ENCRYPT_OP", "it does",
	 "asked as a launch does, without starting one", NULL, look_guest},
	{"kvm-sev-es", "kvm-sev", "SEV-ES in KVM", FOR_ES, ANY_MODE, PARAMETERS "sev_es", "Y",
	 "as for SEV", RELOAD("sev_es"), look_sev_es},
	{"kvm-sev-snp", "kvm-sev-es", "SEV-SNP in KVM", FOR_SNP, ANY_MODE, PARAMETERS "sev_snp",
	 "Y", "as for SEV; Linux 6.11 and newer", RELOAD("sev_snp"), look_sev_snp},
};

const struct check_group check_kvm = {"KVM", rows, LENGTH(rows)};
