// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox: rights that are given up, before anything foreign is read. */
#include "sevpinbench/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Files that belong to somebody else are read and written as before: "sudo sevpinbench plot". */
#define FOR_FILES                                                                     \
	(1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_CHOWN | \
	 1ULL << CAP_FOWNER)

/*
 * IPC_LOCK: pins above RLIMIT_MEMLOCK. SYS_ADMIN: page frames, probes, debugfs. PERFMON: flushes.
 * SYS_PTRACE: userfaultfd for the kernel's faults. SYS_NICE: pages moved by the audit. RESOURCE:
 * limits. RAWIO: the MSRs that check reads.
 */
#define FOR_GUESTS                                                                        \
	(FOR_FILES | 1ULL << CAP_IPC_LOCK | 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_PERFMON | \
	 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_SYS_NICE | 1ULL << CAP_SYS_RESOURCE |       \
	 1ULL << CAP_SYS_RAWIO | 1ULL << CAP_KILL | 1ULL << CAP_SETPCAP)

/* Also out of the bounding set, where we may: then no program that is started gets them back. */
static int keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	int i;

	for (i = 0; i <= CAP_LAST_CAP; i++) {
		if (!(kept >> i & 1))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		const uint32_t mask = (uint32_t)(kept >> 32 * i);

		data[i].effective &= mask;
		data[i].permitted &= mask;
		data[i].inheritable &= mask;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int sandbox_drop_capabilities(void)
{
	return keep_capabilities(FOR_GUESTS);
}

/*
 * A list of what is refused, not of what is let through: gnuplot and its libraries are under it
 * too, and what they call differs from release to release. (gnuplot sets its user to the one that
 * it has, and ends where it may not.)
 */
static const int refused[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(execve),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(bpf),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsmount),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(sethostname),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
	SCMP_SYS(fanotify_init),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
};

static int add_rules(scmp_filter_ctx filter, int exec_fd)
{
	const uint32_t no = SCMP_ACT_ERRNO(EPERM);
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]) && !err; i++)
		err = seccomp_rule_add(filter, no, refused[i], 0);
	if (!err && exec_fd < 0)
		return seccomp_rule_add(filter, no, SCMP_SYS(execveat), 0);
	/* No file but the one that is open here, and by its descriptor alone. */
	if (!err)
		err = seccomp_rule_add(filter, no, SCMP_SYS(execveat), 1,
				       SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)exec_fd, 0));
	if (!err)
		err = seccomp_rule_add(filter, no, SCMP_SYS(execveat), 1,
				       SCMP_A4(SCMP_CMP_NE, AT_EMPTY_PATH, 0));
	return err;
}

int sandbox_enter(int exec_fd, struct fault *f)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err;

	if (!filter)
		return fault_set(f, ENOMEM, "seccomp_init", "filter");
	err = keep_capabilities(FOR_FILES);
	if (!err)
		err = add_rules(filter, exec_fd);
	if (!err)
		err = seccomp_load(filter); /* sets no_new_privs */
	seccomp_release(filter);
	return err ? fault_set(f, -err, "seccomp_load", "filter") : 0;
}
