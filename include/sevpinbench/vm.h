/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm: a virtual machine, one function a step; the order of the steps is launch/'s.
 * Source of every rule: Documentation/virt/kvm/api.rst of the kernel.
 */
#ifndef SEVPINBENCH_VM_H
#define SEVPINBENCH_VM_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm {
	int dev_fd; /* /dev/kvm */
	int vm_fd;
	size_t run_bytes; /* size of a vCPU's shared page(s) */
	bool sev_init2;	  /* an SEV VM of a type of its own, which wants KVM_SEV_INIT2 */
	bool sev_es;
};

#define VM_CLOSED                         \
	{                                 \
		.dev_fd = -1, .vm_fd = -1 \
	}

/*
 * Open /dev/kvm and make sure that it speaks API version 12. 0 or -errno; the fault's hint tells
 * a missing module from a missing permission.
 */
int vm_open(struct vm *vm, struct fault *f);

/* KVM_CREATE_VM of the default type. After vm_open(). */
int vm_create(struct vm *vm, struct fault *f);

/*
 * The same for an SEV, SEV-ES or SEV-SNP guest: a VM of its type (VM_TYPE_*) where the kernel has
 * that (6.10 and newer), else of the default type, which SEV-SNP cannot be. Sets sev_init2 and
 * sev_es. After vm_open().
 */
int vm_create_sev(struct vm *vm, unsigned type, struct fault *f);

/*
 * KVM_SET_USER_MEMORY_REGION: guest physical [gpa, gpa + bytes) is the memory at host. All page
 * aligned. After vm_create(). Where KVM shadows page tables this costs time in proportion to
 * bytes (mm metadata), where it has a TDP MMU it does not.
 */
int vm_set_memory(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t bytes, void *host,
		  struct fault *f);

/* vCPUs one VM may have (KVM_CAP_MAX_VCPUS), or -errno. After vm_open(). */
int vm_max_vcpus(const struct vm *vm);

/* Of <linux/kvm.h> from Linux 6.10 (KVM_X86_SEV_VM and so on); absent from older headers. */
#define VM_TYPE_SEV 2
#define VM_TYPE_ES  3
#define VM_TYPE_SNP 4

/*
 * The types of VM that this KVM offers, a bit each (KVM_CAP_VM_TYPES: 2 SEV, 3 SEV-ES, 4 SEV-SNP).
 * 0 before Linux 6.7, which does not tell. After vm_open().
 */
unsigned vm_types(const struct vm *vm);

/* Close the VM, then /dev/kvm. Every vCPU of it must be closed first, or the VM lives on. */
void vm_close(struct vm *vm);

#endif
