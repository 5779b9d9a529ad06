// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KVM_MEMORY_ENCRYPT_REG_REGION as a pin mechanism: for SEV guests. A stock kvm_amd pins a region
 * when it is registered, one with demand pinning when the guest touches it.
 *
 * Regions are never unregistered one by one, each would cost an all-CPU cache flush: they end with
 * their VM.
 */
#include "sevpinbench/pin_ops.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdlib.h>

/* sev_pin_memory() refuses more than INT_MAX pages at once. */
#define MAX_RANGE_BYTES (4 * UNITS_TIB)

struct regions {
	const struct vm *vm;
};

static int region_open(void **state, uint64_t max_ranges, struct fault *f)
{
	(void)max_ranges;
	*state = calloc(1, sizeof(struct regions));
	return *state ? 0 : fault_set(f, ENOMEM, "calloc", "state of registered regions");
}

static int region_start(void *state, const struct vm *vm, struct fault *f)
{
	struct regions *s = state;

	(void)f;
	s->vm = vm;
	return 0;
}

static int region_add(void *state, void *addr, uint64_t bytes, struct fault *f)
{
	const struct regions *s = state;

	return sev_register_region(s->vm, addr, bytes, f);
}

static void region_release(void *state)
{
	struct regions *s = state;

	s->vm = NULL;
}

static void region_close(void *state)
{
	free(state);
}

const struct pin_ops pin_ops_kvm_region = {
	.max_range_bytes = MAX_RANGE_BYTES,
	.counts_in_vmpin = false,
	.open = region_open,
	.start = region_start,
	.add = region_add,
	.release = region_release,
	.close = region_close,
};
