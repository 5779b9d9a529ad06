// SPDX-License-Identifier: GPL-2.0-or-later
/* vm: a virtual machine, one function a step. */
#include "sevpinbench/vm.h"

#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>

#define KVM_DEVICE "/dev/kvm"

/* Linux 6.7 and 6.10; absent from older headers. */
#define CAP_VM_TYPES 235

/* The hint for an open of /dev/kvm that failed. */
static const char *open_hint(int err)
{
	switch (err) {
	case ENOENT:
		return "KVM is not there: enable SVM (AMD) or VT-x (Intel) in the firmware setup "
		       "and "
		       "load kvm_amd or kvm_intel; in a container, pass --device /dev/kvm";
	case EACCES:
	case EPERM:
		return "your user may not use KVM: join the group of /dev/kvm (usermod -aG kvm "
		       "USER, then log in again) or run as root";
	case ENODEV:
	case ENXIO:
		return "the device is there but no KVM behind it: load kvm_amd or kvm_intel";
	default:
		return "";
	}
}

int vm_open(struct vm *vm, struct fault *f)
{
	const char *call = "ioctl(KVM_GET_API_VERSION)";
	int version, run_bytes;
	int fd = sys_open(KVM_DEVICE, O_RDWR, 0);

	if (fd < 0) {
		fault_set(f, -fd, "open", KVM_DEVICE);
		fault_hint(f, "%s", open_hint(-fd));
		return fd;
	}
	vm->dev_fd = fd;
	version = sys_ioctl_value(fd, KVM_GET_API_VERSION, 0);
	run_bytes = version;
	if (version >= 0) {
		call = "ioctl(KVM_GET_VCPU_MMAP_SIZE)";
		run_bytes = sys_ioctl_value(fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	}
	if (run_bytes < 0) {
		fault_set(f, -run_bytes, call, KVM_DEVICE);
		fault_hint(f, "/dev/kvm does not answer like KVM; is it a stand-in?");
	} else if (version != KVM_API_VERSION) {
		run_bytes = fault_set(f, ENOTSUP, "KVM_GET_API_VERSION",
				      "/dev/kvm says version %d, this program needs %d", version,
				      KVM_API_VERSION);
	} else {
		vm->run_bytes = (size_t)run_bytes;
		return 0;
	}
	sys_close(&vm->dev_fd);
	return run_bytes;
}

static int create(struct vm *vm, unsigned long type, struct fault *f)
{
	int fd;

	/* A pending signal or task work (an io_uring that is being torn down) makes the kernel's
	   thread creation inside give up: EINTR, and the call may be made again. */
	do {
		fd = sys_ioctl_value(vm->dev_fd, KVM_CREATE_VM, type);
	} while (fd == -EINTR && !stop_signal());
	if (fd < 0) {
		fault_set(f, -fd, "ioctl(KVM_CREATE_VM)", "type %lu", type);
		if (fd == -EBUSY)
			fault_hint(f, "another hypervisor (VirtualBox, VMware) may hold the CPU");
		return fd;
	}
	vm->vm_fd = fd;
	return 0;
}

int vm_create(struct vm *vm, struct fault *f)
{
	return create(vm, 0, f);
}

unsigned vm_types(const struct vm *vm)
{
	int types = sys_ioctl_value(vm->dev_fd, KVM_CHECK_EXTENSION, CAP_VM_TYPES);

	return types > 0 ? (unsigned)types : 0;
}

int vm_create_sev(struct vm *vm, unsigned type, struct fault *f)
{
	vm->sev_es = type != VM_TYPE_SEV;
	vm->sev_init2 = vm_types(vm) & 1u << type;
	return create(vm, vm->sev_init2 || type == VM_TYPE_SNP ? type : 0, f);
}

int vm_set_memory(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t bytes, void *host,
		  struct fault *f)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = bytes,
		.userspace_addr = (uint64_t)(uintptr_t)host,
	};
	char size[32];
	int r = sys_ioctl(vm->vm_fd, KVM_SET_USER_MEMORY_REGION, &region);

	if (r < 0) {
		fault_set(f, -r, "ioctl(KVM_SET_USER_MEMORY_REGION)", "slot %u, %s at %#llx", slot,
			  units_format_bytes(bytes, size, sizeof(size)), (unsigned long long)gpa);
		if (r == -ENOMEM)
			fault_hint(f, "the kernel lacks memory for its tables of this guest "
				      "(about 12 bytes a guest page)");
	}
	return r;
}

int vm_max_vcpus(const struct vm *vm)
{
	int r = sys_ioctl_value(vm->dev_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);

	/* Absent capability: the documented fallback is KVM_CAP_NR_VCPUS, and then 4. */
	if (r == 0)
		r = sys_ioctl_value(vm->dev_fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS);
	return r == 0 ? 4 : r;
}

void vm_close(struct vm *vm)
{
	sys_close(&vm->vm_fd);
	sys_close(&vm->dev_fd);
}
