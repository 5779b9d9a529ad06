/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userfault: demand pinning in user space, on a stock kernel. Guest memory is registered with
 * userfaultfd; a thread, the handler, serves each fault by filling the whole chunk around it,
 * pinning that, and only then letting the faulting vCPU go on. There may be several handlers, each
 * with memory of its own: userfault_team.h.
 *
 * The whole chunk is filled before it is pinned, since a hole would make the pin itself fault
 * into this userfaultfd (for SEV with kvm->lock held: the handler would wait for itself).
 * Anonymous memory is filled by UFFDIO_COPY: a zero page is not the guest's memory. A
 * vCPU may see such a chunk between copy and pin: another one, or the one that waits, when KVM
 * wakes it early (seen in 1% of the starts on a busy host). File memory has an alias: filled and
 * pinned there, then shown to the guest by UFFDIO_CONTINUE, so that no vCPU sees an unpinned page.
 */
#ifndef SEVPINBENCH_USERFAULT_H
#define SEVPINBENCH_USERFAULT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/histogram.h"
#include "sevpinbench/ledger.h"
#include "sevpinbench/pin_ops.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define USERFAULT_MAX_SHARES 128

/*
 * How guest memory is shared out among handlers: stretch i reaches from from[i] to from[i + 1] and
 * is served by handler i % handlers. Bounds are bounds of chunks.
 */
struct userfault_shares {
	unsigned count, handlers;
	uint64_t from[USERFAULT_MAX_SHARES + 1];
};

/* One handler. */
struct userfault {
	int fd;	     /* userfaultfd; -1 while not started */
	int stop_fd; /* eventfd that ends the thread */
	int wait_fd; /* epoll set of the two, on which the thread waits */
	bool opened; /* the thread exists */
	pthread_t thread;
	int cpu; /* for the thread; -1 any */

	const struct guest_memory *memory;
	const struct userfault_shares *shares;
	unsigned first; /* of the stretches that are ours: first, first + handlers, ... */
	const struct pin_ops *ops;
	void *ops_state;
	struct ledger *ledger;
	void *zeros; /* present zero pages, source of UFFDIO_COPY */
	uint64_t zeros_bytes;

	pthread_mutex_t lock;	/* serving a chunk: the thread, or the host before the start */
	struct histogram times; /* of faults served; read after userfault_stop() */
	bool failed;		/* atomic: failure is set and faults are no longer served */
	struct fault failure;
	void (*on_failure)(void *arg); /* called by the thread, once, when it fails */
	void *on_failure_arg;
};

struct userfault_config {
	int cpu;
	const struct userfault_shares *shares; /* must outlive it, as must the ledger */
	unsigned first;
	const struct pin_ops *ops;
	void *ops_state;
	struct ledger *ledger;
	void (*on_failure)(void *arg);
	void *on_failure_arg;
};

/* Before timing: the thread, waiting, and the zeros. 0, or -errno and closed. */
int userfault_open(struct userfault *u, const struct userfault_config *c, struct fault *f);

/*
 * Register the memory, which must not be present in the guest's mapping yet, and let the thread
 * see its faults. 0 or -errno.
 */
int userfault_start(struct userfault *u, const struct guest_memory *m, struct fault *f);

/* Has the thread failed? Then its fault is copied to f, and -errno returned. Else 0. */
int userfault_failure(const struct userfault *u, struct fault *f);

/*
 * Make one of our chunks present and pinned, once, and let whoever waits for it go on. By any
 * thread. 0 or -errno.
 */
int userfault_serve(struct userfault *u, uint64_t chunk, struct fault *f);

/* The same for the host's own touch, which waits for nothing: what is there needs no call. */
int userfault_touch(struct userfault *u, uint64_t chunk, struct fault *f);

/*
 * Wait until the chunk being served, if any, is pinned. A vCPU may overtake the pin of the chunk
 * that it waited for (see above): what it touched is all pinned only after this.
 */
void userfault_settle(struct userfault *u);

/* End the thread and unregister. No vCPU may be running. Safe when not started. */
void userfault_stop(struct userfault *u);

/* Free everything; stops first where that was not done. Safe when zeroed. */
void userfault_close(struct userfault *u);

/*
 * May this process handle faults that the kernel takes on its memory, and, with_alias, those on
 * file memory? 0 or -errno with the reason and the remedy.
 */
int userfault_probe(bool with_alias, struct fault *f);

#endif
