/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcpu: one virtual CPU, set up in 64-bit mode, run from exit to exit. */
#ifndef SEVPINBENCH_VCPU_H
#define SEVPINBENCH_VCPU_H

#include "sevpinbench/fault.h"
#include "sevpinbench/vm.h"
#include <stdbool.h>
#include <stdint.h>

struct kvm_run; /* the kernel's; only src/kvm/ looks inside */

struct vcpu {
	int fd; /* -1 closed */
	uint32_t id;
	struct kvm_run *run; /* mapped, run_bytes long */
	size_t run_bytes;
};

/* What a guest of ours may ask for; everything else is VCPU_EXIT_OTHER. */
enum vcpu_exit {
	VCPU_EXIT_OUT, /* wrote a byte to an I/O port */
	VCPU_EXIT_HALT,
	VCPU_EXIT_TERMINATED,  /* an SEV-ES guest asked for its end, with nothing to complain of */
	VCPU_EXIT_INTERRUPTED, /* a signal, or vcpu_kick() */
	VCPU_EXIT_OTHER,       /* the fault says which */
};

/* Where a vCPU starts. Flat 64-bit code and data; all addresses guest physical = virtual. */
struct vcpu_start {
	uint64_t rip, rdi, cr3;
};

/* The CPUID that the host's KVM supports, fetched once a VM and given to each of its vCPUs. */
struct vcpu_cpuid {
	_Alignas(8) unsigned char table[16 * 1024];
};

/*
 * KVM_GET_SUPPORTED_CPUID. After vm_open(). 0 or -errno.
 */
int vcpu_cpuid_fetch(struct vcpu_cpuid *c, const struct vm *vm, struct fault *f);

/* True where the guest may map 1 GiB pages (CPUID 8000_0001 EDX[26]). */
bool vcpu_cpuid_has_1g_pages(const struct vcpu_cpuid *c);

/* Guest physical address bits (CPUID 8000_0008 EAX[7:0]); 36 where the leaf is absent. */
unsigned vcpu_cpuid_address_bits(const struct vcpu_cpuid *c);

/* The mask of the C-bit (CPUID 8000_001F EBX[5:0]); 0 where the leaf is absent. */
uint64_t vcpu_cpuid_encryption_mask(const struct vcpu_cpuid *c);

/*
 * KVM_CREATE_VCPU and its shared page. After vm_create(), and after the SEV guest's init where
 * there is one (6.1 refuses that with EINVAL once a vCPU exists). 0, or -errno and closed.
 */
int vcpu_open(struct vcpu *v, const struct vm *vm, uint32_t id, struct fault *f);

/*
 * KVM_SET_CPUID2, then KVM_SET_SREGS (in that order: the other way round a 64-bit SREGS is
 * refused with EINVAL), then KVM_SET_REGS. 0 or -errno.
 */
int vcpu_set_up(struct vcpu *v, const struct vcpu_cpuid *c, const struct vcpu_start *s,
		struct fault *f);

/*
 * KVM_RUN until the next exit. *port is set for VCPU_EXIT_OUT. Returns enum vcpu_exit; -errno
 * where KVM_RUN itself failed. f is set for VCPU_EXIT_OTHER and for -errno.
 */
int vcpu_run(struct vcpu *v, uint16_t *port, struct fault *f);

/*
 * Make the running or next KVM_RUN of v return VCPU_EXIT_INTERRUPTED, for good. May be called from
 * a signal handler or another thread; a thread inside KVM_RUN must be sent a signal as well.
 */
void vcpu_kick(struct vcpu *v);

/* Unmap and close. Safe on a closed vCPU. */
void vcpu_close(struct vcpu *v);

#endif
