// SPDX-License-Identifier: GPL-2.0-or-later
/* snp: what an SEV-SNP guest needs of KVM that no other does. */
#include "sevpinbench/snp.h"

#include "sevpinbench/sev.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <linux/kvm.h>

/* Of <linux/kvm.h> from Linux 6.8 and 6.11; absent from older headers. */
#define CAP_GUEST_MEMFD	      234
#define MEMORY_GUEST_MEMFD    (1u << 2)
#define ATTRIBUTE_PRIVATE     (1u << 3)
#define COMMAND_LAUNCH_START  100
#define COMMAND_LAUNCH_UPDATE 101
#define COMMAND_LAUNCH_FINISH 102

struct memory_region2 {
	uint32_t slot, flags;
	uint64_t guest_phys_addr, memory_size, userspace_addr, guest_memfd_offset;
	uint32_t guest_memfd, pad1;
	uint64_t pad2[14];
};

struct memory_attributes {
	uint64_t address, size, attributes, flags;
};

struct create_guest_memfd {
	uint64_t size, flags, reserved[6];
};

struct launch_start {
	uint64_t policy;
	uint8_t gosvw[16];
	uint16_t flags;
	uint8_t pad0[6];
	uint64_t pad1[4];
};

struct launch_update {
	uint64_t gfn_start, uaddr, len;
	uint8_t type, pad0;
	uint16_t flags;
	uint32_t pad1;
	uint64_t pad2[4];
};

struct launch_finish {
	uint64_t id_block_uaddr, id_auth_uaddr;
	uint8_t id_block_en, auth_key_en, vcek_disabled, host_data[32], pad0[3];
	uint16_t flags;
	uint64_t pad1[4];
};

_Static_assert(sizeof(struct memory_region2) == 160, "kvm_userspace_memory_region2");
_Static_assert(sizeof(struct memory_attributes) == 32, "kvm_memory_attributes");
_Static_assert(sizeof(struct create_guest_memfd) == 64, "kvm_create_guest_memfd");
_Static_assert(sizeof(struct launch_start) == 64, "kvm_sev_snp_launch_start");
_Static_assert(sizeof(struct launch_update) == 64, "kvm_sev_snp_launch_update");
_Static_assert(sizeof(struct launch_finish) == 88, "kvm_sev_snp_launch_finish");

#define IOCTL_SET_MEMORY_REGION2    _IOW(KVMIO, 0x49, struct memory_region2)
#define IOCTL_SET_MEMORY_ATTRIBUTES _IOW(KVMIO, 0xd2, struct memory_attributes)
#define IOCTL_CREATE_GUEST_MEMFD    _IOWR(KVMIO, 0xd4, struct create_guest_memfd)

/* How long one call may keep us from looking at the stop flag. */
#define ALLOCATE_STEP_BYTES (256 * UNITS_MIB)

int snp_probe(const struct vm *vm, struct fault *f)
{
	if ((vm_types(vm) & 1u << VM_TYPE_SNP) &&
	    sys_ioctl_value(vm->dev_fd, KVM_CHECK_EXTENSION, CAP_GUEST_MEMFD) > 0)
		return 0;
	fault_set(f, ENOTTY, "ioctl(KVM_CHECK_EXTENSION)", "no SEV-SNP among the types of VM");
	fault_hint(f, "KVM has no SEV-SNP here: it needs Linux 6.11, kvm_amd with sev_snp=1, an "
		      "IOMMU that is not in passthrough mode, and memory that the firmware setup "
		      "keeps for the RMP; dmesg | grep -i -e snp -e rmp says what was missing");
	return -ENOTTY;
}

int snp_guest_memfd(const struct vm *vm, uint64_t bytes, struct fault *f)
{
	struct create_guest_memfd create = {.size = bytes};
	int fd = sys_ioctl_value(vm->vm_fd, IOCTL_CREATE_GUEST_MEMFD, (unsigned long)&create);
	char size[32];

	if (fd < 0)
		fault_set(f, -fd, "ioctl(KVM_CREATE_GUEST_MEMFD)", "%s",
			  units_format_bytes(bytes, size, sizeof(size)));
	return fd;
}

int snp_allocate(int guest_memfd, uint64_t bytes, struct fault *f)
{
	uint64_t at = 0, step;
	int r = 0;

	while (at < bytes && r == 0) {
		step = bytes - at < ALLOCATE_STEP_BYTES ? bytes - at : ALLOCATE_STEP_BYTES;
		if (stop_signal())
			return fault_set(f, EINTR, "pin", "ended by a signal");
		r = sys_fallocate(guest_memfd, (off_t)at, (off_t)step);
		if (r == -EINTR && !stop_signal())
			r = 0; /* another signal: again */
		else
			at += step;
	}
	if (r < 0) {
		fault_set(f, -r, "fallocate", "guest_memfd, at %llu", (unsigned long long)at);
		if (r == -ENOMEM)
			fault_hint(f, "too little memory: private memory is never swapped");
	}
	return r;
}

int64_t snp_allocated_pages(int guest_memfd)
{
	return sys_cached_pages(guest_memfd);
}

int snp_set_memory(const struct vm *vm, uint32_t slot, const struct snp_memory *m, struct fault *f)
{
	struct memory_region2 region = {
		.slot = slot,
		.flags = MEMORY_GUEST_MEMFD,
		.guest_phys_addr = m->gpa,
		.memory_size = m->bytes,
		.userspace_addr = (uint64_t)(uintptr_t)m->host,
		.guest_memfd_offset = m->offset,
		.guest_memfd = (uint32_t)m->guest_memfd,
	};
	int r = sys_ioctl(vm->vm_fd, IOCTL_SET_MEMORY_REGION2, &region);
	char size[32];

	return r == 0 ? 0
		      : fault_set(f, -r, "ioctl(KVM_SET_USER_MEMORY_REGION2)",
				  "slot %u, %s at %#llx", slot,
				  units_format_bytes(m->bytes, size, sizeof(size)),
				  (unsigned long long)m->gpa);
}

int snp_set_private(const struct vm *vm, uint64_t gpa, uint64_t bytes, struct fault *f)
{
	struct memory_attributes attributes = {
		.address = gpa, .size = bytes, .attributes = ATTRIBUTE_PRIVATE};
	int r = sys_ioctl(vm->vm_fd, IOCTL_SET_MEMORY_ATTRIBUTES, &attributes);
	char size[32];

	return r == 0 ? 0
		      : fault_set(f, -r, "ioctl(KVM_SET_MEMORY_ATTRIBUTES)", "private, %s at %#llx",
				  units_format_bytes(bytes, size, sizeof(size)),
				  (unsigned long long)gpa);
}

int snp_launch_start(struct vm *vm, int sev_fd, uint64_t policy, struct fault *f)
{
	struct launch_start start = {.policy = policy};
	int r = sev_command(vm, sev_fd, COMMAND_LAUNCH_START, "KVM_SEV_SNP_LAUNCH_START", &start,
			    f);

	if (r == -EINVAL)
		fault_hint(
			f,
			"KVM does not take this --sev-policy: of SNP, bits 0 to 15 (the firmware's "
			"API) and 19 (debugging) may be chosen");
	return r;
}

int snp_launch_update(struct vm *vm, int sev_fd, uint64_t gpa, void *from, uint64_t bytes,
		      enum snp_page type, struct fault *f)
{
	struct launch_update update = {
		.gfn_start = gpa / UNITS_PAGE_BYTES,
		.uaddr = (uint64_t)(uintptr_t)from,
		.len = bytes,
		.type = (uint8_t)type,
	};
	uint64_t left;
	int r = 0;

	/* KVM may do a part only, and says in the struct how far it came. */
	do {
		left = update.len;
		r = sev_command(vm, sev_fd, COMMAND_LAUNCH_UPDATE, "KVM_SEV_SNP_LAUNCH_UPDATE",
				&update, f);
		if (r == 0 && update.len == left)
			r = fault_set(f, EIO, "KVM_SEV_SNP_LAUNCH_UPDATE", "no progress");
	} while (r == 0 && update.len > 0);
	return r;
}

int snp_launch_finish(struct vm *vm, int sev_fd, struct fault *f)
{
	struct launch_finish finish = {0};

	return sev_command(vm, sev_fd, COMMAND_LAUNCH_FINISH, "KVM_SEV_SNP_LAUNCH_FINISH", &finish,
			   f);
}
