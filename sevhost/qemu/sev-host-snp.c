// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEV-SNP on an emulated SEV host (AMD64 Architecture Programmer's Manual, volume 2, 15.36, and
 * volume 3 for the instructions): the MSRs that say where the table of pages' owners (RMP) is, and
 * the four instructions that change it. The table is kept right, so that what the host's kernel
 * reads there is what hardware would have. A guest's accesses are checked against it: private
 * memory must be its own and validated. The host's are not.
 */
#include "qemu/osdep.h"

#include "cpu.h"
#include "exec/exec-all.h"
#include "exec/helper-proto.h"
#include "hw/i386/sev-host.h"
#include "hw/misc/psp-sev.h"
#include "tcg/helper-tcg.h"

#define MSR_SYSCFG   0xc0010010
#define MSR_RMP_BASE 0xc0010132
#define MSR_RMP_END  0xc0010133

#define SYSCFG_MFDM	   (1u << 19)
#define SYSCFG_MEM_ENCRYPT (1u << 23)
#define SYSCFG_SNP_EN	   (1u << 24)
#define SYSCFG_VMPL_EN	   (1u << 25)

#define LARGE_PAGE (2ull << 20)
#define ENTRIES	   512 /* of a large page */

/* Beside those of <linux/kvm.h>'s PFERR_*: what a nested page fault says about SEV-SNP. */
#define NPF_RMP	  (1ull << 31)
#define NPF_ENC	  (1ull << 34)
#define NPF_SIZEM (1ull << 35)

#define EXCP_VC		   29
#define VC_PAGE_NOT_VALIDATED 0x404

/* What the instructions leave in RAX. */
enum result {
	DONE = 0,
	FAIL_INPUT = 1,
	FAIL_PERMISSION = 2,
	FAIL_OVERLAP = 4,
	FAIL_SIZEMISMATCH = 6,
};

/* Bits of the operand that the translator hands on: the opcode's last byte and the prefix. */
#define OP_BYTE_FF   2
#define OP_PREFIX_F2 1

bool sev_host_walked_encrypted;
static uint64_t syscfg = SYSCFG_MEM_ENCRYPT;
static bool validating; /* PVALIDATE or RMPADJUST looks a page up */

uint64_t sev_host_syscfg(void)
{
	return syscfg;
}

bool sev_host_snp_rdmsr(uint32_t msr, uint64_t *value)
{
	PspSev *psp = psp_sev_with_snp();

	if (!psp)
		return false;
	if (msr == MSR_RMP_BASE)
		*value = psp_rmp_base(psp);
	else if (msr == MSR_RMP_END)
		*value = psp_rmp_end(psp);
	else
		return false;
	return true;
}

/* SNP_EN stays until reset, as on hardware. */
bool sev_host_snp_wrmsr(uint32_t msr, uint64_t value)
{
	if (!psp_sev_with_snp() || msr != MSR_SYSCFG)
		return false;
	syscfg = SYSCFG_MEM_ENCRYPT | (syscfg & SYSCFG_SNP_EN) |
		 (value & (SYSCFG_MFDM | SYSCFG_SNP_EN | SYSCFG_VMPL_EN));
	return true;
}

/* A VMSA whose guest says that it is one of SEV-SNP must be a page that the firmware made one. */
bool sev_host_snp_is_vmsa(hwaddr page, uint32_t asid)
{
	PspSev *psp = psp_sev_with_snp();
	const uint64_t *entry = psp ? psp_rmp_entry(psp, page) : NULL;

	return entry && (*entry & PSP_RMP_VMSA) && psp_rmp_asid(*entry) == asid;
}

/* ---- the host's instructions ---- */

static bool any_assigned(const uint64_t *first)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		if (first[2 * i] & PSP_RMP_ASSIGNED)
			return true;
	}
	return false;
}

/* All entries of a large page are written, as the kernel looks at a page's own for who has it. */
static void write_entries(uint64_t *entry, uint64_t value)
{
	unsigned int i, count = value & PSP_RMP_LARGE ? ENTRIES : 1;

	for (i = 0; i < count; i++)
		entry[2 * i] = i ? value + (i * 4096ull) : value;
}

/* RMPUPDATE: the new state is in memory, as struct rmp_state of Linux. */
static enum result rmpupdate(CPUX86State *env, PspSev *psp, uintptr_t retaddr)
{
	uint64_t page = env->regs[R_EAX] & ~0xfffull, state = env->regs[R_ECX];
	uint64_t gpa = cpu_ldq_data_ra(env, state, retaddr);
	uint32_t bits = cpu_ldl_data_ra(env, state + 8, retaddr);
	uint32_t asid = cpu_ldl_data_ra(env, state + 12, retaddr);
	bool assigned = bits & 1, large = bits >> 8 & 1, immutable = bits >> 16 & 1;
	uint64_t *entry = psp_rmp_entry(psp, page), *first;

	if (!entry || (large && page % LARGE_PAGE) || (!assigned && (immutable || asid)))
		return FAIL_INPUT;
	if (*entry & PSP_RMP_IMMUTABLE)
		return FAIL_PERMISSION;
	first = psp_rmp_entry(psp, page & ~(LARGE_PAGE - 1));
	if (!large && first && (*first & PSP_RMP_LARGE))
		return FAIL_OVERLAP;
	if (large && !(*entry & PSP_RMP_LARGE) && assigned && any_assigned(entry))
		return FAIL_OVERLAP;
	if (!assigned) { /* a large page's entries all become the host's, and small */
		unsigned int i;

		for (i = 0; i < (large ? ENTRIES : 1); i++)
			entry[2 * i] = 0;
		return DONE;
	}
	write_entries(entry, PSP_RMP_ASSIGNED | (large ? PSP_RMP_LARGE : 0) |
				     (immutable ? PSP_RMP_IMMUTABLE : 0) | (gpa & PSP_RMP_GPA) |
				     PSP_RMP_ASID(asid & 0x3ff));
	return DONE;
}

/* PSMASH: a large page becomes 512 small ones of the same owner. */
static enum result psmash(CPUX86State *env, PspSev *psp)
{
	uint64_t page = env->regs[R_EAX];
	uint64_t *entry = psp_rmp_entry(psp, page);
	unsigned int i;

	if (!entry || page % LARGE_PAGE || !(*entry & PSP_RMP_LARGE))
		return FAIL_INPUT;
	if (*entry & PSP_RMP_IMMUTABLE)
		return FAIL_PERMISSION;
	for (i = 0; i < ENTRIES; i++)
		entry[2 * i] &= ~PSP_RMP_LARGE;
	return DONE;
}

/* ---- the guest's ---- */

/* The entry of the page at a guest's virtual address, which is made present first. */
static uint64_t *guest_entry(CPUX86State *env, PspSev *psp, bool large, uintptr_t retaddr)
{
	CPUTLBEntryFull *full;
	target_ulong address = env->regs[R_EAX] & TARGET_PAGE_MASK;
	uint64_t *entry;
	void *host;

	tlb_flush_page(env_cpu(env), address); /* and with it what a fault left of the last time */
	validating = true;
	probe_access_full(env, address, MMU_DATA_STORE, cpu_mmu_index(env, false), false, &host,
			  &full, retaddr);
	validating = false;
	entry = psp_rmp_entry(psp, full->phys_addr);
	if (entry && (*entry & PSP_RMP_LARGE) && !large) /* the host has to split it */
		cpu_vmexit(env, SVM_EXIT_NPF, SVM_NPTEXIT_GPA | NPF_RMP | NPF_SIZEM | 7, retaddr);
	return entry;
}

/* PVALIDATE: CF says that nothing changed. */
static enum result pvalidate(CPUX86State *env, PspSev *psp, bool *unchanged, uintptr_t retaddr)
{
	bool large = env->regs[R_ECX] & 1, validate = env->regs[R_EDX] & 1;
	uint64_t *entry;

	if (large && env->regs[R_EAX] % LARGE_PAGE)
		return FAIL_INPUT;
	entry = guest_entry(env, psp, large, retaddr);
	if (!entry || !(*entry & PSP_RMP_ASSIGNED))
		return FAIL_INPUT;
	if (large && !(*entry & PSP_RMP_LARGE))
		return FAIL_SIZEMISMATCH;
	*unchanged = validate == !!(*entry & PSP_RMP_VALIDATED);
	if (validate)
		*entry |= PSP_RMP_VALIDATED;
	else
		*entry &= ~PSP_RMP_VALIDATED;
	tlb_flush_page(env_cpu(env), env->regs[R_EAX] & TARGET_PAGE_MASK);
	return DONE;
}

/* RMPADJUST: of the rights of lower privilege levels only "is a VMSA" is kept. */
static enum result rmpadjust(CPUX86State *env, PspSev *psp, uintptr_t retaddr)
{
	bool large = env->regs[R_ECX] & 1;
	uint64_t *entry;

	if (!(env->regs[R_EDX] & 3)) /* a target no lower than VMPL 0 */
		return FAIL_PERMISSION;
	entry = guest_entry(env, psp, large, retaddr);
	if (!entry || !(*entry & PSP_RMP_VALIDATED))
		return FAIL_INPUT;
	if (large && !(*entry & PSP_RMP_LARGE))
		return FAIL_SIZEMISMATCH;
	*entry &= ~PSP_RMP_VMSA;
	*entry |= env->regs[R_EDX] >> 16 & 1 ? PSP_RMP_VMSA : 0;
	return DONE;
}

/* Flags as after a comparison of the result with 0; CF is PVALIDATE's alone. */
static void set_flags(CPUX86State *env, enum result result, bool carry)
{
	uint32_t flags = result == DONE ? CC_Z : 0;

	flags |= __builtin_parity(result) ? 0 : CC_P;
	env->cc_src = flags | (carry ? CC_C : 0);
}

/* The translator sets the flags' source to cc_src. */
void helper_sev_host_rmp(CPUX86State *env, int op)
{
	PspSev *psp = psp_sev_with_snp();
	bool of_guest = op == (OP_BYTE_FF | OP_PREFIX_F2) || op == 0;
	bool in_guest = env->hflags2 & SEV_HOST_HF2_SNP, unchanged = false;
	enum result result;

	if (!psp || !(syscfg & SYSCFG_SNP_EN) || of_guest != in_guest ||
	    (env->hflags & HF_CPL_MASK))
		raise_exception_ra(env, EXCP06_ILLOP, GETPC());
	if (op == OP_PREFIX_F2)
		result = rmpupdate(env, psp, GETPC());
	else if (op == OP_BYTE_FF)
		result = psmash(env, psp);
	else if (op == 0)
		result = rmpadjust(env, psp, GETPC());
	else
		result = pvalidate(env, psp, &unchanged, GETPC());
	env->regs[R_EAX] = result;
	set_flags(env, result, unchanged);
}

/*
 * A guest's virtual address was walked to a page: may it use it? Its private memory must be its
 * own, and validated, else it gets a #VC. False: do not remember the translation; only where that
 * is all that is asked. Whether it lies where it did when it was validated is not looked at.
 */
bool sev_host_snp_access(CPUX86State *env, hwaddr page, int mmu_idx, bool probe, uintptr_t retaddr)
{
	PspSev *psp = psp_sev_with_snp();
	const uint64_t *entry;
	uint32_t asid;

	if (!(env->hflags2 & SEV_HOST_HF2_SNP) || !sev_host_walked_encrypted || !psp ||
	    validating || mmu_idx == MMU_NESTED_IDX || mmu_idx == MMU_PHYS_IDX)
		return true;
	entry = psp_rmp_entry(psp, page);
	asid = x86_ldl_phys(env_cpu(env),
			    env->vm_vmcb + offsetof(struct vmcb, control.asid));
	if (entry && (*entry & PSP_RMP_VALIDATED) && psp_rmp_asid(*entry) == asid)
		return true;
	if (!probe)
		raise_exception_err_ra(env, EXCP_VC, VC_PAGE_NOT_VALIDATED, retaddr);
	return false;
}

/* What a nested page fault of an SEV-SNP guest says besides: it wanted its private page. */
uint64_t sev_host_snp_npf(CPUX86State *env, uint64_t exit_info_1)
{
	validating = false; /* it faulted, and will come again */
	if ((env->hflags2 & SEV_HOST_HF2_SNP) && sev_host_walked_encrypted)
		exit_info_1 |= NPF_ENC;
	return exit_info_1;
}
