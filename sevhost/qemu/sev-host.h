/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor's half of an emulated SEV host: what QEMU's interpreter of x86 instructions asks
 * at the places that apply-hooks edits. Goes to include/hw/i386/sev-host.h.
 */
#ifndef SEV_HOST_H
#define SEV_HOST_H

/* Features of SVM that kvm_amd wants to see before it tries SEV; sev-host.c keeps the promise. */
#define SEV_HOST_SVM_FEATURES \
	(CPUID_SVM_NRIPSAVE | CPUID_SVM_FLUSHASID | CPUID_SVM_DECODEASSIST | CPUID_SVM_LBRV)

/* Bits of hflags2 that QEMU does not use: the guest that runs now is an SEV guest, or an SEV-ES
 * guest, whose state goes back to its VMSA, or one of SEV-SNP, which is both of that, too. */
#define SEV_HOST_HF2_GUEST (1u << 31)
#define SEV_HOST_HF2_ES	   (1u << 30)
#define SEV_HOST_HF2_SNP   (1u << 29)

#define SEV_HOST_EXIT_VMGEXIT 0x403
#define SEV_HOST_MSR_GHCB     0xc0010130

/* The position that the first EPYC has, which is the model emulated. */
#define SEV_HOST_C_BIT 47

bool sev_host_cpuid(CPUX86State *env, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx);
bool sev_host_rdmsr(CPUX86State *env);
bool sev_host_vmrun(CPUX86State *env, uint64_t nested_ctl, uint32_t asid);
uint64_t sev_host_vmexit(CPUX86State *env, uint32_t exit_code, uint64_t exit_info_1);
unsigned int sev_host_insn_length(CPUX86State *env);
uint8_t sev_host_insn_byte(CPUX86State *env);

/* sev-host-es.c */
bool sev_host_es_enter(CPUX86State *env, uint32_t asid);
void sev_host_es_leave(CPUX86State *env);
void sev_host_es_restore_host(CPUX86State *env);
void sev_host_es_exit(CPUX86State *env, uint32_t exit_code, uint64_t exit_info_1);
void sev_host_vmmcall(CPUX86State *env, uintptr_t retaddr);
bool sev_host_es_rdmsr(CPUX86State *env, uint32_t msr, uint64_t *value);
bool sev_host_wrmsr(CPUX86State *env);

/* sev-host-snp.c */
uint64_t sev_host_syscfg(void);
bool sev_host_snp_rdmsr(uint32_t msr, uint64_t *value);
bool sev_host_snp_wrmsr(uint32_t msr, uint64_t value);
bool sev_host_snp_is_vmsa(hwaddr page, uint32_t asid);
uint64_t sev_host_snp_npf(CPUX86State *env, uint64_t exit_info_1);
bool sev_host_snp_access(CPUX86State *env, hwaddr page, int mmu_idx, bool probe, uintptr_t retaddr);

/* Had what the walk went through last, CR3 or an entry, the C-bit? Then what is fetched from where
 * it points is the guest's private memory. */
extern bool sev_host_walked_encrypted;

/*
 * CR3, or a page-table entry, on the walk's way: in an SEV guest's own (whose addresses are
 * translated by the nested tables) the C-bit is no address bit. The nested tables never have it.
 */
static inline uint64_t sev_host_strip(const CPUX86State *env, int walked_by, uint64_t entry)
{
	if (walked_by == MMU_NESTED_IDX && (env->hflags2 & SEV_HOST_HF2_GUEST)) {
		sev_host_walked_encrypted = entry >> SEV_HOST_C_BIT & 1;
		entry &= ~(1ull << SEV_HOST_C_BIT);
	}
	return entry;
}

#endif
