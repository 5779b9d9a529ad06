// SPDX-License-Identifier: GPL-2.0-or-later
/* vcpu: one virtual CPU, set up in 64-bit mode, run from exit to exit. */
#include "sevpinbench/vcpu.h"

#include "sevpinbench/sys.h"
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/mman.h>

#define CPUID_EXT_FEATURES 0x80000001u
#define CPUID_EXT_ADDRESS  0x80000008u
#define CPUID_EXT_SEV	   0x8000001fu
#define CPUID_EDX_PDPE1GB  (1u << 26)

/* Architectural bits: AMD APM vol. 2, 3.1. */
#define CR0_PE	 (1u << 0)
#define CR0_ET	 (1u << 4)
#define CR0_PG	 (1u << 31)
#define CR4_PAE	 (1u << 5)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)

#define RFLAGS_RESERVED 2u

/* GHCB protocol: a termination request with reason code 0. */
#define GHCB_TERMINATION 0x100u
#define GHCB_REQUEST	 0xfffu

/* Linux 6.8; absent from older headers. */
#define EXIT_MEMORY_FAULT 39

static struct kvm_cpuid2 *cpuid_of(struct vcpu_cpuid *c)
{
	return (struct kvm_cpuid2 *)(void *)c->table;
}

int vcpu_cpuid_fetch(struct vcpu_cpuid *c, const struct vm *vm, struct fault *f)
{
	struct kvm_cpuid2 *t = cpuid_of(c);
	const uint32_t room = (sizeof(*c) - sizeof(*t)) / sizeof(t->entries[0]);
	int r;

	memset(c, 0, sizeof(*c));
	t->nent = room;
	r = sys_ioctl(vm->dev_fd, KVM_GET_SUPPORTED_CPUID, t);
	/* The number comes back from outside, and find_leaf() goes by it. */
	if (r >= 0 && t->nent > room)
		r = -E2BIG;
	return r < 0 ? fault_set(f, -r, "ioctl(KVM_GET_SUPPORTED_CPUID)", "room for %u entries",
				 room)
		     : 0;
}

static const struct kvm_cpuid_entry2 *find_leaf(const struct vcpu_cpuid *c, uint32_t leaf)
{
	const struct kvm_cpuid2 *t = (const struct kvm_cpuid2 *)(const void *)c->table;
	uint32_t i;

	for (i = 0; i < t->nent; i++) {
		if (t->entries[i].function == leaf)
			return &t->entries[i];
	}
	return NULL;
}

bool vcpu_cpuid_has_1g_pages(const struct vcpu_cpuid *c)
{
	const struct kvm_cpuid_entry2 *e = find_leaf(c, CPUID_EXT_FEATURES);

	return e && (e->edx & CPUID_EDX_PDPE1GB);
}

unsigned vcpu_cpuid_address_bits(const struct vcpu_cpuid *c)
{
	const struct kvm_cpuid_entry2 *e = find_leaf(c, CPUID_EXT_ADDRESS);

	return e && (e->eax & 0xff) ? e->eax & 0xff : 36;
}

uint64_t vcpu_cpuid_encryption_mask(const struct vcpu_cpuid *c)
{
	const struct kvm_cpuid_entry2 *e = find_leaf(c, CPUID_EXT_SEV);

	return e && (e->ebx & 0x3f) ? 1ULL << (e->ebx & 0x3f) : 0;
}

int vcpu_open(struct vcpu *v, const struct vm *vm, uint32_t id, struct fault *f)
{
	void *run;
	int r;

	v->run = NULL;
	v->id = id;
	v->run_bytes = vm->run_bytes;
	v->fd = sys_ioctl_value(vm->vm_fd, KVM_CREATE_VCPU, id);
	if (v->fd < 0) {
		r = fault_set(f, -v->fd, "ioctl(KVM_CREATE_VCPU)", "vCPU %u", id);
		v->fd = -1;
		return r;
	}
	r = sys_mmap(&run, v->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (r < 0) {
		fault_set(f, -r, "mmap", "shared page of vCPU %u", id);
		sys_close(&v->fd);
		return r;
	}
	v->run = run;
	return 0;
}

/* Flat segments for 64-bit mode; CR4.PAE, EFER.LMA and paging on, no interrupts, no IDT. */
static int set_sregs(struct vcpu *v, uint64_t cr3, struct fault *f)
{
	const struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
	const struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_sregs s;
	int r = sys_ioctl(v->fd, KVM_GET_SREGS, &s);

	if (r < 0)
		return fault_set(f, -r, "ioctl(KVM_GET_SREGS)", "vCPU %u", v->id);
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = CR0_PE | CR0_ET | CR0_PG;
	s.cr3 = cr3;
	s.cr4 = CR4_PAE;
	s.efer = EFER_LME | EFER_LMA;
	r = sys_ioctl(v->fd, KVM_SET_SREGS, &s);
	return r < 0 ? fault_set(f, -r, "ioctl(KVM_SET_SREGS)", "vCPU %u, CR3 %#llx", v->id,
				 (unsigned long long)cr3)
		     : 0;
}

int vcpu_set_up(struct vcpu *v, const struct vcpu_cpuid *c, const struct vcpu_start *start,
		struct fault *f)
{
	struct kvm_regs regs = {.rip = start->rip, .rdi = start->rdi, .rflags = RFLAGS_RESERVED};
	int r = sys_ioctl(v->fd, KVM_SET_CPUID2, cpuid_of((struct vcpu_cpuid *)(uintptr_t)c));

	if (r < 0)
		return fault_set(f, -r, "ioctl(KVM_SET_CPUID2)", "vCPU %u", v->id);
	r = set_sregs(v, start->cr3, f);
	if (r < 0)
		return r;
	r = sys_ioctl(v->fd, KVM_SET_REGS, &regs);
	return r < 0 ? fault_set(f, -r, "ioctl(KVM_SET_REGS)", "vCPU %u", v->id) : 0;
}

/* An exit that no guest of ours asks for. */
static int unexpected_exit(const struct vcpu *v, struct fault *f)
{
	uint32_t reason = v->run->exit_reason;

	switch (reason) {
	case KVM_EXIT_SHUTDOWN:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: triple fault", v->id);
		fault_hint(f, "the guest met an exception; its page tables or code are not what "
			      "this host's KVM accepts. Please report it");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: KVM internal error, suberror %u", v->id,
			  v->run->internal.suberror);
		fault_hint(f, "1: KVM could not emulate an instruction. 2, 3: an event during "
			      "delivery of another. See dmesg");
		break;
	case KVM_EXIT_FAIL_ENTRY:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: entry failed, hardware reason %#llx", v->id,
			  (unsigned long long)v->run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: system event %u, %#llx", v->id,
			  v->run->system_event.type,
			  (unsigned long long)v->run->system_event.data[0]);
		if ((v->run->system_event.data[0] & GHCB_REQUEST) == GHCB_TERMINATION)
			fault_hint(f,
				   "PVALIDATE did not take a page of the guest's private memory");
		break;
	case EXIT_MEMORY_FAULT:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: memory fault", v->id);
		fault_hint(f, "the guest took private memory for shared or the other way round. "
			      "Please report it");
		break;
	default:
		fault_set(f, 0, "KVM_RUN", "vCPU %u: unexpected exit reason %u", v->id, reason);
		break;
	}
	return VCPU_EXIT_OTHER;
}

static bool has_terminated(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
	       run->system_event.type == KVM_SYSTEM_EVENT_SEV_TERM &&
	       run->system_event.ndata == 1 && run->system_event.data[0] == GHCB_TERMINATION;
}

int vcpu_run(struct vcpu *v, uint16_t *port, struct fault *f)
{
	int r = sys_ioctl_value(v->fd, KVM_RUN, 0);

	if (r == -EINTR || r == -EAGAIN)
		return VCPU_EXIT_INTERRUPTED;
	if (r < 0) {
		fault_set(f, -r, "ioctl(KVM_RUN)", "vCPU %u", v->id);
		if (r == -EFAULT || r == -ENOMEM)
			fault_hint(f,
				   "the kernel found no memory behind the guest's: see dmesg for "
				   "an out-of-memory report");
		return r;
	}
	switch (v->run->exit_reason) {
	case KVM_EXIT_IO:
		if (v->run->io.direction != KVM_EXIT_IO_OUT)
			return unexpected_exit(v, f);
		*port = v->run->io.port;
		return VCPU_EXIT_OUT;
	case KVM_EXIT_HLT:
		return VCPU_EXIT_HALT;
	case KVM_EXIT_INTR:
		return VCPU_EXIT_INTERRUPTED;
	default:
		return has_terminated(v->run) ? VCPU_EXIT_TERMINATED : unexpected_exit(v, f);
	}
}

void vcpu_kick(struct vcpu *v)
{
	if (v->run)
		__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_RELEASE);
}

void vcpu_close(struct vcpu *v)
{
	void *run = v->run;

	sys_munmap(&run, v->run_bytes);
	v->run = NULL;
	sys_close(&v->fd);
}
