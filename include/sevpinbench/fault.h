/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: what went wrong, told once.
 *
 * Library code never prints. A function that can fail returns 0 or -errno and, on failure, fills
 * the caller's struct fault; only cmd/ turns it into words for a person.
 */
#ifndef SEVPINBENCH_FAULT_H
#define SEVPINBENCH_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#define FAULT_OP_LEN	 64
#define FAULT_OBJECT_LEN 192
#define FAULT_HINT_LEN	 384

struct fault {
	char op[FAULT_OP_LEN];	       /* the call or step: "ioctl(KVM_CREATE_VM)" */
	char object[FAULT_OBJECT_LEN]; /* on what: "/dev/kvm", "guest memory, 64.0 GiB" */
	int err;		       /* positive errno; 0 where no call failed */
	bool has_fw;		       /* fw holds a firmware status */
	uint32_t fw;		       /* SEV firmware status code */
	char hint[FAULT_HINT_LEN];     /* why it likely did, and what to do; may be empty */
};

/*
 * Record a failure and return -err, so that "return fault_set(...)" reads as one step.
 * f may be NULL (the caller does not care). A former content of f is overwritten. Text that is
 * too long is cut. The object is a printf format.
 */
int fault_set(struct fault *f, int err, const char *op, const char *object_fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Add the likely cause and the remedy to a fault already set. f may be NULL. */
void fault_hint(struct fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* True once fault_set() has been called on f since it was zeroed. */
bool fault_is_set(const struct fault *f);

/*
 * Put "OP: OBJECT: errno text (firmware status 0x..)" into buf, without the hint.
 * Always terminates buf; size must be at least 1.
 */
void fault_text(const struct fault *f, char *buf, unsigned size);

#endif
