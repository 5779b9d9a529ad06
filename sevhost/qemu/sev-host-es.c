// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEV-ES guests on an emulated SEV host (AMD64 Architecture Programmer's Manual, volume 2, 15.35):
 * a guest's registers live in a page of its own, the VMSA, which the host cannot read; here it is
 * not encrypted.
 *
 * The first part of a VMSA is laid out as the save area of a VMCB, which QEMU's VMRUN and #VMEXIT
 * work on. So both change places while the guest runs: QEMU finds the guest's state where it looks
 * for it, and afterwards the VMCB holds again what the host had written there and nothing of the
 * guest's. What a VMSA has besides is moved here.
 */
#include "qemu/osdep.h"

#include "cpu.h"
#include "exec/exec-all.h"
#include "exec/helper-proto.h"
#include "hw/i386/sev-host.h"
#include "hw/misc/psp-sev.h"
#include "tcg/helper-tcg.h"

/* VMCB control area. */
#define VMCB_INT_STATE 0x68
#define VMCB_GHCB      0xa0
#define VMCB_VIRT_EXT  0xb8
#define VMCB_VMSA      0x108
#define VMCB_SAVE      0x400

#define VIRT_EXT_LBR	     (1u << 0)
#define INT_STATE_GUEST_MASK (1u << 1) /* the guest's RFLAGS.IF, which the host cannot see */

/* VMSA, and the host's save area behind its first 400h bytes. */
#define VMSA_SHARED   0x298 /* laid out as in a VMCB up to here */
#define VMSA_GPRS     0x300 /* by number of the register; RAX and RSP are in the shared part */
#define VMSA_FEATURES 0x3b0
#define VMSA_XCR0     0x3e8
#define VMSA_X87_DP   0x400
#define VMSA_MXCSR    0x408
#define VMSA_X87_FTW  0x40c
#define VMSA_X87_FSW  0x40e
#define VMSA_X87_FCW  0x410
#define VMSA_X87_RIP  0x418
#define VMSA_X87_REGS 0x420 /* 8 of 8 bytes, then 8 of 2 */
#define VMSA_XMM      0x470
#define VMSA_YMM_HIGH 0x570

#define FEATURE_SNP	   (1u << 0)
#define EXCP_VC		   29
#define EXIT_EFER_TRAP	   0x8f
#define EXIT_CR_TRAPS_LAST 0x9f
#define EXIT_EXCP_MC	   (SVM_EXIT_EXCP_BASE + 18)
#define NPF_RESERVED_BIT   (1u << 3)
#define MXCSR_RESET	   0x1f80
#define FCW_RESET	   0x37f
#define FSW_TOP_SHIFT	   11

static hwaddr vmsa_of(CPUX86State *env)
{
	return x86_ldq_phys(env_cpu(env), env->vm_vmcb + VMCB_VMSA);
}

static bool is_memory(hwaddr page)
{
	uint8_t byte;

	return page && !(page & ~TARGET_PAGE_MASK) &&
	       address_space_read(&address_space_memory, page, MEMTXATTRS_UNSPECIFIED, &byte, 1) ==
		       MEMTX_OK;
}

static void change_places(CPUX86State *env)
{
	CPUState *cs = env_cpu(env);
	hwaddr vmcb = env->vm_vmcb + VMCB_SAVE, vmsa = vmsa_of(env);
	unsigned int at;

	for (at = 0; at < VMSA_SHARED; at += 8) {
		uint64_t was = x86_ldq_phys(cs, vmcb + at);

		x86_stq_phys(cs, vmcb + at, x86_ldq_phys(cs, vmsa + at));
		x86_stq_phys(cs, vmsa + at, was);
	}
}

/* FS, GS, TR, LDTR and the MSRs of SYSCALL and SYSENTER: what VMLOAD and VMSAVE are about. */
static void with_rax(CPUX86State *env, void (*helper)(CPUX86State *, int), hwaddr page)
{
	target_ulong rax = env->regs[R_EAX];

	env->regs[R_EAX] = page;
	helper(env, 2);
	env->regs[R_EAX] = rax;
}

static void load_gprs(CPUX86State *env, hwaddr area)
{
	unsigned int i;

	for (i = 0; i < CPU_NB_REGS; i++) {
		if (i != R_EAX && i != R_ESP)
			env->regs[i] = x86_ldq_phys(env_cpu(env), area + VMSA_GPRS + i * 8);
	}
}

static void load_xcr0(CPUX86State *env, hwaddr area)
{
	env->xcr0 = x86_ldq_phys(env_cpu(env), area + VMSA_XCR0);
	cpu_sync_bndcs_hflags(env);
	cpu_sync_avx_hflag(env);
}

static void load_fpu(CPUX86State *env, hwaddr vmsa)
{
	CPUState *cs = env_cpu(env);
	uint16_t status = x86_lduw_phys(cs, vmsa + VMSA_X87_FSW);
	uint16_t valid = x86_lduw_phys(cs, vmsa + VMSA_X87_FTW);
	unsigned int i;

	cpu_set_mxcsr(env, x86_ldl_phys(cs, vmsa + VMSA_MXCSR));
	cpu_set_fpuc(env, x86_lduw_phys(cs, vmsa + VMSA_X87_FCW));
	env->fpstt = status >> FSW_TOP_SHIFT & 7;
	env->fpus = status & ~(7u << FSW_TOP_SHIFT);
	env->fpip = x86_ldq_phys(cs, vmsa + VMSA_X87_RIP);
	env->fpdp = x86_ldq_phys(cs, vmsa + VMSA_X87_DP);
	for (i = 0; i < 8; i++) {
		floatx80 *st = &env->fpregs[(env->fpstt + i) & 7].d;

		env->fptags[i] = !(valid >> i & 1);
		st->low = x86_ldq_phys(cs, vmsa + VMSA_X87_REGS + i * 8);
		st->high = x86_lduw_phys(cs, vmsa + VMSA_X87_REGS + 64 + i * 2);
	}
	for (i = 0; i < 32; i++) {
		ZMMReg *r = &env->xmm_regs[i / 2];

		r->ZMM_Q(i % 2) = x86_ldq_phys(cs, vmsa + VMSA_XMM + i * 8);
		r->ZMM_Q(2 + i % 2) = x86_ldq_phys(cs, vmsa + VMSA_YMM_HIGH + i * 8);
	}
}

static void store_fpu(CPUX86State *env, hwaddr vmsa)
{
	CPUState *cs = env_cpu(env);
	uint16_t valid = 0;
	unsigned int i;

	update_mxcsr_from_sse_status(env);
	x86_stl_phys(cs, vmsa + VMSA_MXCSR, env->mxcsr);
	x86_stw_phys(cs, vmsa + VMSA_X87_FCW, env->fpuc);
	x86_stw_phys(cs, vmsa + VMSA_X87_FSW,
		     (env->fpus & ~(7u << FSW_TOP_SHIFT)) | env->fpstt << FSW_TOP_SHIFT);
	x86_stq_phys(cs, vmsa + VMSA_X87_RIP, env->fpip);
	x86_stq_phys(cs, vmsa + VMSA_X87_DP, env->fpdp);
	for (i = 0; i < 8; i++) {
		const floatx80 *st = &env->fpregs[(env->fpstt + i) & 7].d;

		valid |= !env->fptags[i] << i;
		x86_stq_phys(cs, vmsa + VMSA_X87_REGS + i * 8, st->low);
		x86_stw_phys(cs, vmsa + VMSA_X87_REGS + 64 + i * 2, st->high);
	}
	x86_stw_phys(cs, vmsa + VMSA_X87_FTW, valid);
	for (i = 0; i < 32; i++) {
		const ZMMReg *r = &env->xmm_regs[i / 2];

		x86_stq_phys(cs, vmsa + VMSA_XMM + i * 8, r->ZMM_Q(i % 2));
		x86_stq_phys(cs, vmsa + VMSA_YMM_HIGH + i * 8, r->ZMM_Q(2 + i % 2));
	}
}

/* What the host had in the floating-point registers is gone after #VMEXIT. */
static void reset_fpu(CPUX86State *env)
{
	memset(env->xmm_regs, 0, sizeof(env->xmm_regs));
	memset(env->fpregs, 0, sizeof(env->fpregs));
	memset(env->fptags, 1, sizeof(env->fptags));
	env->fpus = env->fpstt = env->fpip = env->fpdp = env->fpcs = env->fpds = 0;
	cpu_set_fpuc(env, FCW_RESET);
	cpu_set_mxcsr(env, MXCSR_RESET);
}

/*
 * At VMRUN, before QEMU reads the guest's state. False: VMEXIT_INVALID, as without a VMSA, with the
 * ASID of a guest without SEV-ES, or with LBR virtualization off.
 */
bool sev_host_es_enter(CPUX86State *env, uint32_t asid)
{
	CPUState *cs = env_cpu(env);
	bool snp;

	if (asid >= psp_sev_min_asid() || !is_memory(vmsa_of(env)) ||
	    !(x86_ldq_phys(cs, env->vm_vmcb + VMCB_VIRT_EXT) & VIRT_EXT_LBR))
		return false;
	snp = x86_ldq_phys(cs, vmsa_of(env) + VMSA_FEATURES) & FEATURE_SNP;
	if (snp && !sev_host_snp_is_vmsa(vmsa_of(env), asid))
		return false;
	env->hflags2 |= SEV_HOST_HF2_ES | (snp ? SEV_HOST_HF2_SNP : 0);
	change_places(env);
	with_rax(env, helper_vmload, env->vm_vmcb);
	load_gprs(env, vmsa_of(env));
	load_xcr0(env, vmsa_of(env));
	load_fpu(env, vmsa_of(env));
	return true;
}

/* At #VMEXIT, when QEMU has written the guest's state to the VMCB. */
void sev_host_es_leave(CPUX86State *env)
{
	CPUState *cs = env_cpu(env);
	hwaddr vmsa = vmsa_of(env);
	unsigned int i;

	if (!(env->hflags2 & SEV_HOST_HF2_ES))
		return;
	if (env->eflags & IF_MASK)
		x86_stl_phys(cs, env->vm_vmcb + VMCB_INT_STATE,
			     x86_ldl_phys(cs, env->vm_vmcb + VMCB_INT_STATE) |
				     INT_STATE_GUEST_MASK);
	for (i = 0; i < CPU_NB_REGS; i++) {
		if (i != R_EAX && i != R_ESP)
			x86_stq_phys(cs, vmsa + VMSA_GPRS + i * 8, env->regs[i]);
	}
	x86_stq_phys(cs, vmsa + VMSA_XCR0, env->xcr0);
	store_fpu(env, vmsa);
	env->hflags &= ~HF_GUEST_MASK; /* QEMU does that next; VMSAVE must not be intercepted */
	with_rax(env, helper_vmsave, env->vm_vmcb);
	change_places(env);
}

/* The same, when QEMU has loaded the host's state from the host's save area: the rest of it. */
void sev_host_es_restore_host(CPUX86State *env)
{
	if (!(env->hflags2 & SEV_HOST_HF2_ES))
		return;
	env->hflags2 &= ~SEV_HOST_HF2_ES;
	with_rax(env, helper_vmload, env->vm_hsave);
	load_gprs(env, env->vm_hsave + VMCB_SAVE);
	load_xcr0(env, env->vm_hsave + VMCB_SAVE);
	reset_fpu(env);
}

/* Exits that need nothing of the guest's registers; all others become the guest's #VC. */
static bool is_automatic(uint32_t exit_code, uint64_t exit_info_1)
{
	switch (exit_code) {
	case EXIT_EXCP_MC:
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_VINTR:
	case SVM_EXIT_PAUSE:
	case SVM_EXIT_HLT:
	case SVM_EXIT_SHUTDOWN:
	case EXIT_EFER_TRAP ... EXIT_CR_TRAPS_LAST:
	case SEV_HOST_EXIT_VMGEXIT:
	case (uint32_t)SVM_EXIT_ERR:
		return true;
	case SVM_EXIT_NPF:
		return !(exit_info_1 & NPF_RESERVED_BIT);
	default:
		return false;
	}
}

/* An exit of an SEV-ES guest: does not return if the guest gets a #VC instead. */
void sev_host_es_exit(CPUX86State *env, uint32_t exit_code, uint64_t exit_info_1)
{
	if (!is_automatic(exit_code, exit_info_1))
		raise_exception_err_ra(env, EXCP_VC, exit_code, 0);
	/* Nobody else can move RIP on. */
	if (exit_code == SVM_EXIT_HLT || exit_code == SVM_EXIT_PAUSE)
		env->eip += sev_host_insn_length(env);
}

/* VMMCALL with a prefix F2 or F3 is VMGEXIT in an SEV-ES guest. */
void sev_host_vmmcall(CPUX86State *env, uintptr_t retaddr)
{
	uint8_t first;

	if (!(env->hflags2 & SEV_HOST_HF2_ES))
		return;
	cpu_restore_state(env_cpu(env), retaddr);
	first = sev_host_insn_byte(env);
	if (first != 0xf2 && first != 0xf3)
		return;
	env->eip += sev_host_insn_length(env);
	cpu_vmexit(env, SEV_HOST_EXIT_VMGEXIT, 0, 0);
}

/* MSR C001_0130, the GHCB's: what the guest and KVM tell each other. It lies in the VMCB. */
bool sev_host_es_rdmsr(CPUX86State *env, uint32_t msr, uint64_t *value)
{
	if (msr != SEV_HOST_MSR_GHCB || !(env->hflags2 & SEV_HOST_HF2_ES))
		return false;
	*value = x86_ldq_phys(env_cpu(env), env->vm_vmcb + VMCB_GHCB);
	return true;
}

bool sev_host_wrmsr(CPUX86State *env)
{
	uint64_t value = (uint32_t)env->regs[R_EAX] | (uint64_t)env->regs[R_EDX] << 32;

	if (sev_host_snp_wrmsr(env->regs[R_ECX], value))
		return true;
	if ((uint32_t)env->regs[R_ECX] != SEV_HOST_MSR_GHCB || !(env->hflags2 & SEV_HOST_HF2_ES))
		return false;
	x86_stq_phys(env_cpu(env), env->vm_vmcb + VMCB_GHCB, value);
	return true;
}
