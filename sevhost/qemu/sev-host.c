// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The processor's half of an emulated SEV host (AMD64 Architecture Programmer's Manual, volume 2,
 * chapter 15): CPUID and MSRs that announce SEV, the checks at VMRUN, and what #VMEXIT has to
 * leave in the VMCB because software cannot decode an encrypted guest's instructions itself.
 * Nothing is encrypted.
 */
#include "qemu/osdep.h"

#include "cpu.h"
#include "exec/exec-all.h"
#include "hw/i386/sev-host.h"
#include "hw/misc/psp-sev.h"

/* VMCB control area, where QEMU 7.2 has only a reserved range. */
#define VMCB_NEXT_RIP	 0xc8
#define VMCB_INSN_LENGTH 0xd0
#define VMCB_INSN_BYTES	 0xd1

#define NESTED_CTL_NP	  (1ull << 0)
#define NESTED_CTL_SEV	  (1ull << 1)
#define NESTED_CTL_SEV_ES (1ull << 2)

#define CPUID_SEV    (1u << 1)
#define CPUID_SEV_ES (1u << 3)
#define CPUID_SNP    (1u << 4)
#define CPUID_VMPL   (1u << 5)
#define VMPLS	     (4u << 12)

#define MSR_SYSCFG     0xc0010010
#define MSR_HWCR       0xc0010015
#define MSR_SEV_STATUS 0xc0010131

#define HWCR_SMMLOCK	    (1u << 0)
#define SEV_STATUS_ENABLED  (1u << 0)
#define SEV_STATUS_ES	    (1u << 1)
#define SEV_STATUS_SNP	    (1u << 2)
#define CR_ACCESS_GPR_VALID (1ull << 63)
#define NPF_INSN_FETCH	    (1u << 4)

#define INSN_MAX 15

struct insn {
	uint8_t bytes[INSN_MAX];
	unsigned int fetched; /* may be fewer at the end of what is mapped */
	unsigned int opcode;  /* where the opcode starts, behind the prefixes */
	uint8_t rex;
	bool address_size; /* prefix 67h */
};

bool sev_host_cpuid(CPUX86State *env, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
	if (!psp_sev_asids() || !(env->features[FEAT_8000_0001_ECX] & CPUID_EXT3_SVM))
		return false;
	*eax = CPUID_SEV | CPUID_SEV_ES | (psp_sev_with_snp() ? CPUID_SNP | CPUID_VMPL : 0);
	*ebx = SEV_HOST_C_BIT | (5u << 6); /* five physical address bits fewer */
	*ebx |= psp_sev_with_snp() ? VMPLS : 0;
	*ecx = psp_sev_asids();
	*edx = psp_sev_min_asid();
	return true;
}

/* True when the MSR was one of ours. SYSCFG and HWCR read as firmware with SEV leaves them. */
bool sev_host_rdmsr(CPUX86State *env)
{
	uint64_t value;

	if (!psp_sev_asids())
		return false;
	switch ((uint32_t)env->regs[R_ECX]) {
	case MSR_SYSCFG:
		value = sev_host_syscfg();
		break;
	case MSR_HWCR:
		value = HWCR_SMMLOCK;
		break;
	case MSR_SEV_STATUS:
		value = env->hflags2 & SEV_HOST_HF2_GUEST ? SEV_STATUS_ENABLED : 0;
		value |= env->hflags2 & SEV_HOST_HF2_ES ? SEV_STATUS_ES : 0;
		value |= env->hflags2 & SEV_HOST_HF2_SNP ? SEV_STATUS_SNP : 0;
		break;
	default:
		if (!sev_host_es_rdmsr(env, env->regs[R_ECX], &value) &&
		    !sev_host_snp_rdmsr(env->regs[R_ECX], &value))
			return false;
	}
	env->regs[R_EAX] = (uint32_t)value;
	env->regs[R_EDX] = value >> 32;
	return true;
}

/* False: this VMRUN ends with VMEXIT_INVALID. */
bool sev_host_vmrun(CPUX86State *env, uint64_t nested_ctl, uint32_t asid)
{
	bool es = nested_ctl & NESTED_CTL_SEV_ES;

	env->hflags2 &= ~(SEV_HOST_HF2_GUEST | SEV_HOST_HF2_ES | SEV_HOST_HF2_SNP);
	if (!psp_sev_asids())
		return true;
	if (!(nested_ctl & NESTED_CTL_SEV))
		return !es;
	if (!(nested_ctl & NESTED_CTL_NP) || !psp_sev_asid_is_active(asid) ||
	    (!es && asid < psp_sev_min_asid()))
		return false;
	if (es && !sev_host_es_enter(env, asid))
		return false;
	env->hflags2 |= SEV_HOST_HF2_GUEST;
	return true;
}

/* The instruction at the guest's RIP, as far as it is mapped. Never faults. */
static void fetch(CPUX86State *env, struct insn *insn)
{
	target_ulong at = env->segs[R_CS].base + env->eip;
	void *host = NULL;

	for (insn->fetched = 0; insn->fetched < INSN_MAX; insn->fetched++, at++) {
		if (!(env->hflags & HF_CS64_MASK))
			at = (uint32_t)at;
		if (!host || !(at & ~TARGET_PAGE_MASK)) {
			int flags = probe_access_flags(env, at, MMU_INST_FETCH,
						       cpu_mmu_index(env, true), true, &host, 0);
			if ((flags & TLB_INVALID_MASK) || !host)
				return;
		}
		insn->bytes[insn->fetched] = *(uint8_t *)host;
		host = (uint8_t *)host + 1;
	}
}

static bool is_prefix(uint8_t byte)
{
	static const uint8_t legacy[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
					 0x66, 0x67, 0xf0, 0xf2, 0xf3};

	return memchr(legacy, byte, sizeof(legacy)) != NULL;
}

static void skip_prefixes(CPUX86State *env, struct insn *insn)
{
	unsigned int i;

	insn->rex = 0;
	insn->address_size = false;
	for (i = 0; i < insn->fetched && is_prefix(insn->bytes[i]); i++)
		insn->address_size |= insn->bytes[i] == 0x67;
	if ((env->hflags & HF_CS64_MASK) && i < insn->fetched && (insn->bytes[i] & 0xf0) == 0x40)
		insn->rex = insn->bytes[i++];
	insn->opcode = i;
}

/* ModRM byte, SIB byte and displacement. */
static unsigned int modrm_length(CPUX86State *env, const struct insn *insn, unsigned int at)
{
	uint8_t modrm = insn->bytes[at];
	unsigned int mod = modrm >> 6, rm = modrm & 7, length = 1;
	bool wide = env->hflags & HF_CS64_MASK
			    ? true
			    : !(env->hflags & HF_CS32_MASK) == insn->address_size;

	if (mod == 3)
		return 1;
	if (!wide) /* 16-bit addresses */
		return 1 + (mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
	if (rm == 4) { /* SIB; base 5 without mod means a displacement alone */
		length++;
		rm = insn->bytes[at + 1] & 7;
	}
	return length + (mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0);
}

/*
 * Only what SVM intercepts as an instruction can be here: one byte (HLT, PUSHF, IRET, ...), INT n,
 * or 0F and a second byte, where groups 6 and 7 and the moves of CR and DR have a ModRM byte. The
 * encodings of VMMCALL, MONITOR, RDTSCP and their like are ModRM bytes of group 7, too.
 */
static unsigned int insn_length(CPUX86State *env, const struct insn *insn)
{
	unsigned int at = insn->opcode;

	if (at + 1 >= INSN_MAX)
		return 0;
	if (insn->bytes[at] == 0xcd)
		return at + 2;
	if (insn->bytes[at] != 0x0f)
		return at + 1;
	switch (insn->bytes[at + 1]) {
	case 0x00:
	case 0x01:
		if (at + 3 >= INSN_MAX)
			return 0;
		return at + 2 + modrm_length(env, insn, at + 2);
	case 0x20 ... 0x23: /* always register to register, whatever mod says */
		return at + 3;
	default:
		return at + 2;
	}
}

/* Of the instruction at RIP, which is one of these; and its first byte. */
unsigned int sev_host_insn_length(CPUX86State *env)
{
	struct insn insn;

	fetch(env, &insn);
	skip_prefixes(env, &insn);
	return insn_length(env, &insn);
}

uint8_t sev_host_insn_byte(CPUX86State *env)
{
	struct insn insn;

	fetch(env, &insn);
	return insn.fetched ? insn.bytes[0] : 0;
}

static bool is_register_access(uint32_t exit_code)
{
	return exit_code < SVM_EXIT_EXCP_BASE;
}

/* Exits for which the manual says that nRIP is the next instruction's; 0 for all others. */
static bool is_instruction(uint32_t exit_code)
{
	if (is_register_access(exit_code))
		return true;
	if (exit_code >= SVM_EXIT_TASK_SWITCH && exit_code <= SVM_EXIT_SHUTDOWN)
		return false;
	return exit_code >= SVM_EXIT_CR0_SEL_WRITE && exit_code <= 0x8e;
}

/* MOV to or from CR and DR tells which general register it uses; CLTS, LMSW and SMSW do not. */
static uint64_t register_access_info(const struct insn *insn)
{
	const uint8_t *op = &insn->bytes[insn->opcode];

	if (insn->opcode + 2 >= INSN_MAX || op[0] != 0x0f || op[1] < 0x20 || op[1] > 0x23)
		return 0;
	return (op[1] & 1 ? 0 : CR_ACCESS_GPR_VALID) | (insn->rex & 1 ? 8 : 0) | (op[2] & 7);
}

/* Called at every #VMEXIT with the guest's state still there; returns EXITINFO1. */
uint64_t sev_host_vmexit(CPUX86State *env, uint32_t exit_code, uint64_t exit_info_1)
{
	CPUState *cs = env_cpu(env);
	struct insn insn = {.fetched = 0};
	uint64_t next = 0;
	unsigned int i, given = 0;

	if (exit_code == SVM_EXIT_NPF)
		exit_info_1 = sev_host_snp_npf(env, exit_info_1);
	if (env->hflags2 & SEV_HOST_HF2_ES) { /* the host gets to know nothing of all that */
		sev_host_es_exit(env, exit_code, exit_info_1);
	} else if (exit_code == SVM_EXIT_IOIO) {
		next = x86_ldq_phys(cs, env->vm_vmcb + offsetof(struct vmcb, control.exit_info_2));
	} else if (is_instruction(exit_code)) {
		fetch(env, &insn);
		skip_prefixes(env, &insn);
		next = env->eip + insn_length(env, &insn);
		if (is_register_access(exit_code))
			exit_info_1 = register_access_info(&insn);
	} else if (exit_code == SVM_EXIT_NPF && !(exit_info_1 & NPF_INSN_FETCH)) {
		fetch(env, &insn);
		given = insn.fetched;
	}
	x86_stq_phys(cs, env->vm_vmcb + VMCB_NEXT_RIP, next);
	x86_stb_phys(cs, env->vm_vmcb + VMCB_INSN_LENGTH, given);
	for (i = 0; i < given; i++)
		x86_stb_phys(cs, env->vm_vmcb + VMCB_INSN_BYTES + i, insn.bytes[i]);
	env->hflags2 &= ~(SEV_HOST_HF2_GUEST | SEV_HOST_HF2_SNP);
	return exit_info_1;
}
