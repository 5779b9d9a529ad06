/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_holders: guests of audit_scene.h that are held: in children, or never run; and their
 * regions. */
#ifndef TESTS_AUDIT_HOLDERS_H
#define TESTS_AUDIT_HOLDERS_H

#include "audit_scene.h"

static int64_t hostage_pages;

int __wrap_hostage_take(struct hostage *h, struct audit_context *c, bool then_exec);
int __wrap_hostage_take(struct hostage *h, struct audit_context *c, bool then_exec)
{
	(void)c;
	*h = (struct hostage){.pid = fork(), .told = -1, .input = -1};
	if (h->pid == 0) {
		pause();
		_exit(0);
	}
	hostage_pages =
		mode == PIN_MODE_NONE || wrong == COUNTS_NOTHING || wrong == PLAIN_REFERENCES
			? 0
			: PAGES;
	if (then_exec && wrong != LEAKS)
		hostage_pages = 0;
	pinned += hostage_pages;
	return 0;
}

void __real_hostage_end(struct hostage *h);
void __wrap_hostage_end(struct hostage *h);
void __wrap_hostage_end(struct hostage *h)
{
	if (wrong != LEAKS)
		pinned -= hostage_pages;
	hostage_pages = 0;
	__real_hostage_end(h);
}

/* ---- guests that are not run, and their regions ---- */

#define REGIONS 8

static struct region {
	void *addr;
	uint64_t bytes;
} regions[REGIONS];
static uint64_t limit_bytes;

static int64_t region_pages(uint64_t bytes)
{
	return mode == PIN_MODE_EAGER && wrong != COUNTS_NOTHING && wrong != PLAIN_REFERENCES
		       ? (int64_t)units_pages(bytes)
		       : 0;
}

int __wrap_holder_open(struct holder *h, struct audit_context *c, struct fault *f);
int __wrap_holder_open(struct holder *h, struct audit_context *c, struct fault *f)
{
	(void)c;
	(void)f;
	*h = (struct holder){.memory = {.host = memory, .bytes = GUEST_BYTES}};
	memset(regions, 0, sizeof(regions));
	return 0;
}

int __wrap_host_memory_limit_locked(uint64_t bytes);
int __wrap_host_memory_limit_locked(uint64_t bytes)
{
	limit_bytes = bytes;
	return 0;
}

int __wrap_holder_pin(struct holder *h, struct fault *f);
int __wrap_holder_pin(struct holder *h, struct fault *f)
{
	(void)h;
	(void)f;
	if (wrong == KNOWS_NO_LIMIT)
		return 0;
	return limit_bytes < GUEST_BYTES || wrong == LIMITS_TOO_MUCH ? -ENOMEM : 0;
}

/* The same memory counts once more. */
int __wrap_sev_launch_start(struct vm *vm, int sev_fd, uint32_t policy, struct fault *f);
int __wrap_sev_launch_start(struct vm *vm, int sev_fd, uint32_t policy, struct fault *f)
{
	(void)vm;
	(void)sev_fd;
	(void)policy;
	(void)f;
	return 0;
}

int __wrap_sev_launch_update(struct vm *vm, int sev_fd, void *addr, uint64_t bytes,
			     struct fault *f);
int __wrap_sev_launch_update(struct vm *vm, int sev_fd, void *addr, uint64_t bytes, struct fault *f)
{
	(void)vm;
	(void)sev_fd;
	(void)addr;
	(void)f;
	if (wrong == KNOWS_NO_LIMIT || wrong == LAUNCH_IS_FREE)
		return 0;
	return limit_bytes < GUEST_BYTES + bytes ? -ENOMEM : 0;
}

void __wrap_holder_close(struct holder *h);
void __wrap_holder_close(struct holder *h)
{
	(void)h;
	for (int i = 0; i < REGIONS; i++) {
		if (regions[i].addr)
			pinned -= region_pages(regions[i].bytes);
	}
}

int __wrap_sev_register_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f);
int __wrap_sev_register_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f)
{
	(void)vm;
	(void)f;
	if (bytes == 0 || bytes > GUEST_BYTES)
		return wrong == TAKES_ANY_REGION ? 0 : -EINVAL;
	for (int i = 0; i < REGIONS; i++) {
		if (regions[i].addr)
			continue;
		regions[i] = (struct region){addr, bytes};
		pinned += region_pages(bytes);
		return 0;
	}
	return -ENOMEM;
}

int __wrap_sev_unregister_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f);
int __wrap_sev_unregister_region(const struct vm *vm, void *addr, uint64_t bytes, struct fault *f)
{
	(void)f;
	if (vm == &played_vm) { /* of a guest that runs: all of its memory */
		ck_assert(addr == memory && bytes == GUEST_BYTES);
		if (wrong != UNREGISTERS_NOTHING)
			pinned = run_base;
		return 0;
	}
	for (int i = 0; i < REGIONS; i++) {
		if (regions[i].addr != addr || regions[i].bytes != bytes)
			continue;
		if (wrong != UNREGISTERS_NOTHING)
			pinned -= region_pages(bytes);
		regions[i].addr = NULL;
		flushes++;
		return 0;
	}
	return -EINVAL;
}

#endif
