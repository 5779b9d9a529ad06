/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes: experiments on the memory of a guest that has touched what it does: what the kernel
 * copies, moves and puts together is not held. They disturb what they look at, each what comes
 * after it.
 */
#ifndef AUDIT_PROBES_H
#define AUDIT_PROBES_H

#include "context.h"
#include "sevpinbench/guest_memory.h"

/*
 * See the memory as a child does. fork(2) copies at once what has a long-term pin, as it could not
 * be copied later, and shares all else: so the child's frames differ where a page is pinned. 0 or
 * -errno.
 */
int probe_child(const struct guest_memory *m, struct host_page *page, uint64_t pages);

/* All others, into s->probes. The pages' frames when touched are in the story. */
void probe_all(const struct audit_context *c, const struct cell *cell, struct story *s,
	       const struct guest_memory *m);

#endif
