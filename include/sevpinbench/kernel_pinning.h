/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_pinning: how kvm_amd pins SEV guests' memory, where it can do it either way: its parameter
 * sev_pinning (kernel/ of this project), "eager" or "demand", which counts for VMs that become SEV
 * guests afterwards.
 */
#ifndef SEVPINBENCH_KERNEL_PINNING_H
#define SEVPINBENCH_KERNEL_PINNING_H

#include "sevpinbench/fault.h"
#include "sevpinbench/words.h"
#include <stdbool.h>

#define KERNEL_PINNING_PATH "/sys/module/kvm_amd/parameters/sev_pinning"

struct kernel_pinning {
	bool present;	     /* kvm_amd has the parameter */
	enum pin_mode now;   /* what it says: PIN_MODE_EAGER or PIN_MODE_DEMAND */
	enum pin_mode found; /* what it said when it was opened */
	int fd;		     /* locked, so that nobody else switches it; -1: somebody does */
	bool may_switch;
	char reason[128]; /* why it may not be switched; "" where it may */
};

#define KERNEL_PINNING_CLOSED \
	{                     \
		.fd = -1      \
	}

/*
 * Look at the parameter. Where the kernel has it, lock it: alone to switch it, if may_switch is
 * true and the process may write it, else together with others who leave it alone. Two programs of
 * which one switches it would spoil each other's guests. Never fails.
 */
void kernel_pinning_open(struct kernel_pinning *k, bool may_switch);

/* True where guests can be pinned in that mode by KVM itself: it is so now and stays so, or can be
   made so. */
bool kernel_pinning_offers(const struct kernel_pinning *k, enum pin_mode mode);

/*
 * Have guests made from now on pinned eagerly or on demand. Nothing is written where it is so
 * already. 0 or -errno.
 */
int kernel_pinning_set(struct kernel_pinning *k, enum pin_mode mode, struct fault *f);

/* Put back what was found, and let go. Safe when closed. */
void kernel_pinning_close(struct kernel_pinning *k);

#endif
