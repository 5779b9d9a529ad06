// SPDX-License-Identifier: GPL-2.0-or-later
/* sev: an SEV guest's launch, one function a KVM command. */
#include "sevpinbench/sev.h"

#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/psp-sev.h>
#include <stdio.h>
#include <unistd.h>

/* Linux 6.10; absent from older headers. */
#define COMMAND_INIT2 22
struct sev_init2 {
	uint64_t vmsa_features;
	uint32_t flags;
	uint16_t ghcb_version;
	uint16_t pad1;
	uint32_t pad2[8];
};
_Static_assert(sizeof(struct sev_init2) == 48, "struct kvm_sev_init of Linux 6.10");

const char *sev_status_name(uint32_t status)
{
	static const char *const names[] = {
		"SUCCESS",
		"INVALID_PLATFORM_STATE",
		"INVALID_GUEST_STATE",
		"INVALID_CONFIG",
		"INVALID_LENGTH",
		"ALREADY_OWNED",
		"INVALID_CERTIFICATE",
		"POLICY_FAILURE",
		"INACTIVE",
		"INVALID_ADDRESS",
		"BAD_SIGNATURE",
		"BAD_MEASUREMENT",
		"ASID_OWNED",
		"INVALID_ASID",
		"WBINVD_REQUIRED",
		"DF_FLUSH_REQUIRED",
		"INVALID_GUEST",
		"INVALID_COMMAND",
		"ACTIVE",
		"HWERROR_PLATFORM",
		"HWERROR_UNSAFE",
		"UNSUPPORTED",
		"INVALID_PARAM",
		"RESOURCE_LIMIT",
		"SECURE_DATA_INVALID",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}

/* Why the firmware most likely said so. */
static const char *status_cause(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *cause;
	} causes[] = {
		{SEV_RET_INVALID_PLATFORM_STATE, "the firmware is not initialised: see dmesg for "
						 "what ccp said when it was loaded"},
		{SEV_RET_POLICY_FAILURE, "the firmware does not allow this --sev-policy"},
		{SEV_RET_ASID_OWNED,
		 "the firmware still counts this ASID to an earlier guest, whose DEACTIVATE "
		 "failed: "
		 "it is lost until the firmware is initialised anew (reload kvm_amd and ccp, or "
		 "reboot)"},
		{SEV_RET_INVALID_ASID,
		 "the ASID is out of the firmware's range: see the SEV settings "
		 "of the firmware setup"},
		{SEV_RET_WBINVD_REQUIRED,
		 "a cache flush is due before an ASID can be used again: a "
		 "kernel error"},
		{SEV_RET_DFFLUSH_REQUIRED, "a data fabric flush is due before an ASID can be used "
					   "again: a kernel error"},
		{SEV_RET_RESOURCE_LIMIT, "the firmware can hold no more guests: end others"},
		{SEV_RET_HWSEV_RET_PLATFORM, "the security processor met a hardware error: it may "
					     "need a reset of the host"},
		{SEV_RET_HWSEV_RET_UNSAFE, "the security processor met a hardware error and may be "
					   "unsafe: power the host down"},
	};
	size_t i;

	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].status == status)
			return causes[i].cause;
	}
	return "";
}

int sev_open(struct fault *f)
{
	int fd = sys_open(SEV_DEVICE_PATH, O_RDONLY, 0);

	if (fd >= 0)
		return fd;
	fault_set(f, -fd, "open", SEV_DEVICE_PATH);
	if (fd == -EACCES || fd == -EPERM)
		fault_hint(f,
			   "your user may not read /dev/sev: setfacl -m u:USER:r /dev/sev, or run "
			   "as root");
	else
		fault_hint(f,
			   "no SEV firmware: load ccp; enable SMEE and SEV in the firmware setup; "
			   "dmesg | grep -i -e sev -e ccp says what was missing");
	return fd;
}

int sev_platform_status(int sev_fd, struct sev_platform *p, struct fault *f)
{
	struct sev_user_data_status status = {0};
	struct sev_issue_cmd cmd = {.cmd = SEV_PLATFORM_STATUS,
				    .data = (uint64_t)(uintptr_t)&status};
	int r = sys_ioctl(sev_fd, SEV_ISSUE_CMD, &cmd);

	if (r < 0)
		return fault_set(f, -r, "ioctl(SEV_PLATFORM_STATUS)", SEV_DEVICE_PATH);
	*p = (struct sev_platform){.api_major = status.api_major,
				   .api_minor = status.api_minor,
				   .build = status.build,
				   .state = status.state,
				   .guest_count = status.guest_count,
				   .es = status.flags & SEV_STATUS_FLAGS_CONFIG_ES};
	return 0;
}

#define NO_SEV_HINT                                                                                \
	"KVM has no SEV here: the CPU lacks it, the firmware setup has it off (SMEE, minimum SEV " \
	"non-ES ASID), or kvm_amd was loaded with sev=0"

/*
 * From Linux 6.10 KVM names the types of VM that it offers. Where SEV is not among them, and there
 * is no firmware to talk to either, there is none, and no VM need be made to find out.
 */
static bool has_surely_none(const struct vm *vm)
{
	unsigned types = vm_types(vm);

	return types && !(types & 1u << VM_TYPE_SEV) && access(SEV_DEVICE_PATH, F_OK) < 0;
}

int sev_probe(struct vm *vm, struct fault *f)
{
	/* sev_mem_enc_ioctl() looks first whether there is SEV (ENOTTY), then at the command. */
	struct kvm_sev_cmd no_command = {.id = UINT32_MAX};
	int r;

	if (has_surely_none(vm)) {
		fault_set(f, ENOTTY, "ioctl(KVM_CHECK_EXTENSION)",
			  "no SEV among the types of VM, and no " SEV_DEVICE_PATH);
		fault_hint(f, NO_SEV_HINT);
		return -ENOTTY;
	}
	r = vm_create_sev(vm, VM_TYPE_SEV, f);

	if (r < 0)
		return r;
	r = sys_ioctl(vm->vm_fd, KVM_MEMORY_ENCRYPT_OP, &no_command);
	sys_close(&vm->vm_fd);
	if (r == -EINVAL)
		return 0;
	r = r < 0 ? r : -EPROTO; /* a command that there is not was obeyed */
	fault_set(f, -r, "ioctl(KVM_MEMORY_ENCRYPT_OP)", "no command");
	fault_hint(f, NO_SEV_HINT);
	return r;
}

int sev_probe_es(struct vm *vm, struct fault *f)
{
	struct kvm_sev_cmd init = {.id = KVM_SEV_ES_INIT};
	int vcpu, r;

	if (vm_types(vm) & 1u << VM_TYPE_ES)
		return 0;
	r = vm_create(vm, f);
	if (r < 0)
		return r;
	vcpu = sys_ioctl_value(vm->vm_fd, KVM_CREATE_VCPU, 0);
	/* Where SEV-ES is off that comes first (ENOTTY); else the vCPU is in the way (EINVAL). */
	r = vcpu < 0 ? vcpu : sys_ioctl(vm->vm_fd, KVM_MEMORY_ENCRYPT_OP, &init);
	sys_close(&vcpu);
	sys_close(&vm->vm_fd);
	if (r == -EINVAL)
		return 0;
	r = r < 0 ? r : -EPROTO;
	fault_set(f, -r, "ioctl(KVM_MEMORY_ENCRYPT_OP)", "KVM_SEV_ES_INIT");
	fault_hint(f, "KVM has no SEV-ES here: the CPU lacks it, the firmware setup leaves it no "
		      "ASIDs (minimum SEV non-ES ASID), or kvm_amd was loaded with sev_es=0");
	return r;
}

int sev_command(struct vm *vm, int sev_fd, uint32_t id, const char *name, void *data,
		struct fault *f)
{
	struct kvm_sev_cmd cmd = {
		.id = id, .data = (uint64_t)(uintptr_t)data, .sev_fd = (uint32_t)sev_fd};
	int r = sys_ioctl(vm->vm_fd, KVM_MEMORY_ENCRYPT_OP, &cmd);

	if (r == 0)
		return 0;
	fault_set(f, -r, name, "%s",
		  /* ENOTTY: SNP's LAUNCH_START, where the firmware makes no context */
		  cmd.error && (r == -EIO || r == -ENOTTY) ? sev_status_name(cmd.error)
							   : "the firmware was not asked");
	if (f && cmd.error) {
		f->has_fw = true;
		f->fw = cmd.error;
	}
	fault_hint(f, "%s", status_cause(cmd.error));
	return r;
}

int sev_init(struct vm *vm, int sev_fd, struct fault *f)
{
	struct sev_init2 init2 = {0};
	int r;

	if (vm->sev_init2)
		r = sev_command(vm, sev_fd, COMMAND_INIT2, "KVM_SEV_INIT2", &init2, f);
	else if (vm->sev_es)
		r = sev_command(vm, sev_fd, KVM_SEV_ES_INIT, "KVM_SEV_ES_INIT", NULL, f);
	else
		r = sev_command(vm, sev_fd, KVM_SEV_INIT, "KVM_SEV_INIT", NULL, f);

	if (r == -EBUSY)
		fault_hint(f, "no ASID is free: other guests hold them all; "
			      "/sys/fs/cgroup/misc.current counts them, misc.capacity has their "
			      "number");
	else if (r == -ENOTTY)
		fault_hint(f, "kvm_amd has it switched off: modprobe kvm_amd sev=1 sev_es=1");
	return r;
}

int sev_launch_start(struct vm *vm, int sev_fd, uint32_t policy, struct fault *f)
{
	struct kvm_sev_launch_start start = {.policy = policy};

	return sev_command(vm, sev_fd, KVM_SEV_LAUNCH_START, "KVM_SEV_LAUNCH_START", &start, f);
}

int sev_launch_update(struct vm *vm, int sev_fd, void *addr, uint64_t bytes, struct fault *f)
{
	struct kvm_sev_launch_update_data update = {.uaddr = (uint64_t)(uintptr_t)addr,
						    .len = (uint32_t)bytes};
	int r = sev_command(vm, sev_fd, KVM_SEV_LAUNCH_UPDATE_DATA, "KVM_SEV_LAUNCH_UPDATE_DATA",
			    &update, f);

	if (r == -ENOMEM)
		fault_hint(f, "over RLIMIT_MEMLOCK, which must hold everything registered and this "
			      "update (ulimit -l unlimited), or out of memory");
	return r;
}

int sev_launch_update_vmsa(struct vm *vm, int sev_fd, struct fault *f)
{
	return sev_command(vm, sev_fd, KVM_SEV_LAUNCH_UPDATE_VMSA, "KVM_SEV_LAUNCH_UPDATE_VMSA",
			   NULL, f);
}

int sev_launch_measure(struct vm *vm, int sev_fd, unsigned char *measurement, struct fault *f)
{
	struct kvm_sev_launch_measure measure = {.uaddr = (uint64_t)(uintptr_t)measurement,
						 .len = SEV_MEASUREMENT_BYTES};

	return sev_command(vm, sev_fd, KVM_SEV_LAUNCH_MEASURE, "KVM_SEV_LAUNCH_MEASURE", &measure,
			   f);
}

int sev_launch_finish(struct vm *vm, int sev_fd, struct fault *f)
{
	return sev_command(vm, sev_fd, KVM_SEV_LAUNCH_FINISH, "KVM_SEV_LAUNCH_FINISH", NULL, f);
}

int sev_register_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f)
{
	struct kvm_enc_region region = {(uint64_t)(uintptr_t)addr, bytes};
	char size[32];
	int r = sys_ioctl(vm->vm_fd, KVM_MEMORY_ENCRYPT_REG_REGION, &region);

	if (r == 0)
		return 0;
	fault_set(f, -r, "ioctl(KVM_MEMORY_ENCRYPT_REG_REGION)", "%s at %p",
		  units_format_bytes(bytes, size, sizeof(size)), addr);
	if (r == -ENOMEM)
		fault_hint(f,
			   "over RLIMIT_MEMLOCK without CAP_IPC_LOCK (dmesg: \"SEV: N locked pages "
			   "exceed the lock limit\"), or pages that could not be pinned (dmesg: "
			   "\"SEV: Failure locking N pages\"): CMA memory, or too little of it");
	return r;
}

int sev_unregister_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f)
{
	struct kvm_enc_region region = {(uint64_t)(uintptr_t)addr, bytes};
	char size[32];
	int r = sys_ioctl(vm->vm_fd, KVM_MEMORY_ENCRYPT_UNREG_REGION, &region);

	if (r == 0)
		return 0;
	return fault_set(f, -r, "ioctl(KVM_MEMORY_ENCRYPT_UNREG_REGION)", "%s at %p",
			 units_format_bytes(bytes, size, sizeof(size)), addr);
}
