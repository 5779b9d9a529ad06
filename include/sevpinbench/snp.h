/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snp: what an SEV-SNP guest needs of KVM that no other does, one function a call; their order is
 * launch/'s. Its private memory is a guest_memfd, which no process can map; pages of it do not move
 * from their allocation on. Sources: Documentation/virt/kvm/api.rst and
 * Documentation/virt/kvm/x86/amd-memory-encryption.rst of Linux 6.12; AMD 56860 for the firmware.
 *
 * Failures: as sev.h.
 */
#ifndef SEVPINBENCH_SNP_H
#define SEVPINBENCH_SNP_H

#include "sevpinbench/fault.h"
#include "sevpinbench/vm.h"
#include <stdint.h>

/* What a page of the launch is: KVM's numbers, and the firmware's. */
enum snp_page { SNP_PAGE_NORMAL = 1, SNP_PAGE_SECRETS = 5, SNP_PAGE_CPUID = 6 };

/*
 * Does KVM offer SNP guests, with guest_memfd? vm is open (vm_open), without a VM yet. Nothing is
 * made. 0, or -ENOTTY with the likely cause.
 */
int snp_probe(const struct vm *vm, struct fault *f);

/* KVM_CREATE_GUEST_MEMFD: so many bytes, none of them allocated. The descriptor, or -errno. */
int snp_guest_memfd(const struct vm *vm, uint64_t bytes, struct fault *f);

/*
 * fallocate(2): all of it is allocated, in steps, looking at stop_signal() between them (-EINTR).
 * Such pages are not zeroed or given to the guest before it takes them. 0 or -errno.
 */
int snp_allocate(int guest_memfd, uint64_t bytes, struct fault *f);

/* Pages of it that are allocated, by cachestat(2) (Linux 6.5); -errno where that is not told. */
int64_t snp_allocated_pages(int guest_memfd);

/* A stretch of guest memory: one memslot. */
struct snp_memory {
	uint64_t gpa, bytes;
	void *host;	 /* what it is where it is shared */
	int guest_memfd; /* and where it is private, from offset on */
	uint64_t offset;
};

/* KVM_SET_USER_MEMORY_REGION2. All of it is shared at first. */
int snp_set_memory(const struct vm *vm, uint32_t slot, const struct snp_memory *m, struct fault *f);

/* KVM_SET_MEMORY_ATTRIBUTES: private from now on. KVM keeps that a page at a time: O(bytes). */
int snp_set_private(const struct vm *vm, uint64_t gpa, uint64_t bytes, struct fault *f);

/* KVM_SEV_SNP_LAUNCH_START: a context, and the ASID is bound to it. After sev_init(). */
int snp_launch_start(struct vm *vm, int sev_fd, uint64_t policy, struct fault *f);

/*
 * KVM_SEV_SNP_LAUNCH_UPDATE: copy [from, from + bytes) to private memory at gpa; it is measured,
 * encrypted, and validated as far as the guest is concerned. Whole pages, private, not yet used.
 */
int snp_launch_update(struct vm *vm, int sev_fd, uint64_t gpa, void *from, uint64_t bytes,
		      enum snp_page type, struct fault *f);

/* KVM_SEV_SNP_LAUNCH_FINISH, and before it, by KVM, the registers of all vCPUs. */
int snp_launch_finish(struct vm *vm, int sev_fd, struct fault *f);

#endif
