/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox: what this process may no longer do. docs/security.md says what is taken for which verb,
 * and why.
 */
#ifndef SEVPINBENCH_SANDBOX_H
#define SEVPINBENCH_SANDBOX_H

#include "sevpinbench/fault.h"

/*
 * For verbs that only read documents: from here on this process and what it starts have no sockets,
 * start no program, and cannot reach what they have no use for (mounts, modules, other processes,
 * io_uring, KVM's ioctls apart). Such a call fails with EPERM. exec_fd is the one file that may be
 * started, by fexecve(3); -1: none. Also drops all capabilities but those to read and write files.
 * Cannot be undone. By libseccomp. 0 or -errno: then nothing has changed but capabilities.
 */
int sandbox_enter(int exec_fd, struct fault *f);

/*
 * For verbs that start guests: drop the capabilities that no part of that uses, for good. What is
 * not there to be dropped is no failure. 0 or -errno.
 */
int sandbox_drop_capabilities(void);

#endif
