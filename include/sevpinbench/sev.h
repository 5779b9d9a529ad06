/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sev: an SEV guest's launch, one function a KVM command; their order is launch/'s. Sources:
 * Documentation/virt/kvm/x86/amd-memory-encryption.rst and arch/x86/kvm/svm/sev.c of the kernel;
 * AMD's SEV API specification (55766) for what the firmware does and says.
 *
 * A command that fails fills fault.err with the errno and, where the firmware was asked,
 * fault.fw with its status, whose name sev_status_name() tells.
 */
#ifndef SEVPINBENCH_SEV_H
#define SEVPINBENCH_SEV_H

#include "sevpinbench/fault.h"
#include "sevpinbench/vm.h"
#include <stdbool.h>
#include <stdint.h>

#define SEV_DEVICE_PATH	      "/dev/sev"
#define SEV_MEASUREMENT_BYTES 48 /* 32 of HMAC, 16 of nonce (SEV API, LAUNCH_MEASURE) */

/* State of the platform, from the firmware. */
struct sev_platform {
	unsigned api_major, api_minor, build, state;
	unsigned guest_count;
	bool es; /* initialised with SEV-ES */
};

/*
 * Open /dev/sev, through which KVM reaches the firmware; reading is enough (sev_fd of struct
 * kvm_sev_cmd). The descriptor, or -errno with the likely cause.
 */
int sev_open(struct fault *f);

/* SEV_PLATFORM_STATUS. 0 or -errno. */
int sev_platform_status(int sev_fd, struct sev_platform *p, struct fault *f);

/*
 * Does KVM offer SEV guests on this host? A VM is made and asked; vm is open (vm_open), without a
 * VM yet, and is so afterwards. 0, or -errno: -ENOTTY where kvm_amd has SEV switched off.
 */
int sev_probe(struct vm *vm, struct fault *f);

/*
 * The same for SEV-ES guests. Before Linux 6.10 KVM tells only by how it refuses an init that comes
 * too late, after a vCPU.
 */
int sev_probe_es(struct vm *vm, struct fault *f);

/*
 * KVM_SEV_INIT or KVM_SEV_ES_INIT on a VM of type 0, KVM_SEV_INIT2 on one of type 2, 3 or 4
 * (vm_create_sev() chose): takes an ASID. Before any vCPU (6.1 refuses with EINVAL) and before
 * regions are registered.
 */
int sev_init(struct vm *vm, int sev_fd, struct fault *f);

/* One command of KVM_MEMORY_ENCRYPT_OP; name is for the fault, which gets the firmware's status. */
int sev_command(struct vm *vm, int sev_fd, uint32_t id, const char *name, void *data,
		struct fault *f);

/* KVM_SEV_LAUNCH_START: a fresh key and a handle. policy: SEV API, guest policy. After init. */
int sev_launch_start(struct vm *vm, int sev_fd, uint32_t policy, struct fault *f);

/*
 * KVM_SEV_LAUNCH_UPDATE_DATA: encrypt [addr, addr + bytes) of guest memory in place and measure
 * it; both multiples of 16. The pages are pinned, and counted against RLIMIT_MEMLOCK, while the
 * call lasts. After launch start.
 */
int sev_launch_update(struct vm *vm, int sev_fd, void *addr, uint64_t bytes, struct fault *f);

/*
 * KVM_SEV_LAUNCH_UPDATE_VMSA, SEV-ES only: encrypt and measure the registers of all vCPUs, which
 * the host can neither see nor set any more. When all vCPUs are set up, before the measurement.
 */
int sev_launch_update_vmsa(struct vm *vm, int sev_fd, struct fault *f);

/* KVM_SEV_LAUNCH_MEASURE: the measurement of what was encrypted. After the updates. */
int sev_launch_measure(struct vm *vm, int sev_fd, unsigned char *measurement, struct fault *f);

/* KVM_SEV_LAUNCH_FINISH: the guest may run. After the measurement. */
int sev_launch_finish(struct vm *vm, int sev_fd, struct fault *f);

/*
 * KVM_MEMORY_ENCRYPT_REG_REGION: KVM pins [addr, addr + bytes) of this process's memory until the
 * VM is gone (or the same region is unregistered, which costs an all-CPU cache flush and is
 * therefore not done). Legal at any time after init, by the process that made the VM.
 */
int sev_register_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f);

/*
 * KVM_MEMORY_ENCRYPT_UNREG_REGION: the end of a region's pins, after an all-CPU cache flush. The
 * same address and size as it was registered with, else -EINVAL.
 */
int sev_unregister_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f);

/* "INVALID_GUEST_STATE", by the SEV API's table of status codes; "unknown" beyond it. */
const char *sev_status_name(uint32_t status);

#endif
