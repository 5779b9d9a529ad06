/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holder: guests that are held rather than run to their end. A holder is a VM with memory that can
 * be pinned and is never run; a hostage is a child process whose guest has run and still has all
 * of its pins.
 */
#ifndef AUDIT_HOLDER_H
#define AUDIT_HOLDER_H

#include "context.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/vm.h"
#include <sys/types.h>

struct holder {
	struct vm vm;
	int sev_fd;
	struct guest_memory memory;
	struct pin pin;
};

/*
 * Make the VM and its memory, of the context's kind, and fault the memory in where pins do not come
 * with the fault. 0, or -errno and closed.
 */
int holder_open(struct holder *h, struct audit_context *c, struct fault *f);

/* Pin, or have the kernel promise to pin, all of the memory. 0 or -errno. */
int holder_pin(struct holder *h, struct fault *f);

/* Safe when half open. */
void holder_close(struct holder *h);

struct hostage {
	pid_t pid;
	int told;  /* read end: what the child says */
	int input; /* write end: the child's standard input */
};

/*
 * Make a child that starts the context's guest and keeps it, after it has touched what it does.
 * then_exec: the child goes on to execute cat(1), which ends when hostage_end() closes its input.
 * 0 when it is so far, or -errno and ended.
 */
int hostage_take(struct hostage *h, struct audit_context *c, bool then_exec);

/* End it and wait for it. */
void hostage_end(struct hostage *h);

/* The host's pins, once they are so many or two seconds are over. -1 unknown. */
int64_t settled_pages(struct audit_context *c, int64_t wanted);

#endif
