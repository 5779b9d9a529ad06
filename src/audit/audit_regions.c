// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_regions: regions that are registered twice, that overlap, are empty, wrap or are unknown.
 */
#include "holder.h"

#include "sevpinbench/sev.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REGION_STEPS 6
#define SEV_C	     "arch/x86/kvm/svm/sev.c: sev_mem_enc_[un]register_region(), sev_pin_memory()"

enum region_call { REGION_END, REGION_ADD, REGION_REMOVE };

/* One call about [offset, offset + bytes) of the guest's memory, and what it must return. */
struct region_step {
	enum region_call call;
	uint64_t offset, bytes;
	int result;
};

/* Run a case on a VM of its own; whatever it does, no pin may be left when it is over. */
static void run_steps(struct audit_context *c, struct audit_result *r,
		      const struct region_step *step)
{
	int64_t before = pin_counters_host_pages(&c->launch.counters), left;
	char wanted[AUDIT_TEXT] = "", found[AUDIT_TEXT] = "";
	size_t used[2] = {0, 0};
	struct fault f = {0};
	bool right = true;
	struct holder h;

	if (c->cell.guest_type == GUEST_TYPE_VM || c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "nothing is registered with KVM");
		return;
	}
	if (holder_open(&h, c, &f) < 0) {
		audit_fault(r, &f);
		return;
	}
	for (int i = 0; i < REGION_STEPS && step[i].call != REGION_END; i++) {
		void *at = h.memory.host + step[i].offset;
		bool add = step[i].call == REGION_ADD;
		int result = add ? sev_register_region(&h.vm, at, step[i].bytes, NULL)
				 : sev_unregister_region(&h.vm, at, step[i].bytes, NULL);
		const char *name = add ? "register" : "unregister";

		right = right && result == step[i].result;
		used[0] +=
			(size_t)snprintf(wanted + used[0], sizeof(wanted) - used[0], "%s %s, ",
					 name, step[i].result ? strerror(-step[i].result) : "ok");
		used[1] += (size_t)snprintf(found + used[1], sizeof(found) - used[1], "%s %s, ",
					    name, result ? strerror(-result) : "ok");
	}
	left = before < 0 ? 0 : settled_pages(c, before) - before;
	holder_close(&h);
	audit_expect(r, "%s0 pages left pinned", wanted);
	audit_judge(r, right && left == 0,
		    left ? consequence_leak
			 : "a program that keeps to the documented interface is misled",
		    "%s%lld pages left pinned", found, (long long)left);
}

static void test_twice(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {
		{REGION_ADD, 0, UNITS_MIB, 0},
		{REGION_ADD, 0, UNITS_MIB, 0},
		{REGION_REMOVE, 0, UNITS_MIB, 0},
		{REGION_REMOVE, 0, UNITS_MIB, 0},
		{REGION_REMOVE, 0, UNITS_MIB, -EINVAL}};

	run_steps(c, r, steps);
}

static void test_overlap(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {
		{REGION_ADD, 0, 2 * UNITS_MIB, 0},
		{REGION_ADD, UNITS_MIB, 2 * UNITS_MIB, 0},
		{REGION_REMOVE, 0, 2 * UNITS_MIB, 0},
		{REGION_REMOVE, UNITS_MIB, 2 * UNITS_MIB, 0}};

	run_steps(c, r, steps);
}

static void test_unaligned(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {
		{REGION_ADD, 123, UNITS_PAGE_BYTES, 0},
		{REGION_REMOVE, 0, 2 * UNITS_PAGE_BYTES, -EINVAL},
		{REGION_REMOVE, 123, UNITS_PAGE_BYTES, 0}};

	run_steps(c, r, steps);
}

static void test_empty(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {{REGION_ADD, 0, 0, -EINVAL}};

	run_steps(c, r, steps);
}

static void test_wrap(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {
		{REGION_ADD, 0, UINT64_MAX - UNITS_PAGE_BYTES + 1, -EINVAL}};

	run_steps(c, r, steps);
}

static void test_unknown(struct audit_context *c, struct audit_result *r)
{
	static const struct region_step steps[REGION_STEPS] = {
		{REGION_REMOVE, 0, UNITS_MIB, -EINVAL},
		{REGION_ADD, 0, UNITS_MIB, 0},
		{REGION_REMOVE, 0, UNITS_MIB / 2, -EINVAL},
		{REGION_REMOVE, 0, UNITS_MIB, 0}};

	run_steps(c, r, steps);
}

static const struct audit_test tests[] = {
	{"idempotent-twice", "a region may be registered twice, and is then unregistered twice",
	 SEV_C, test_twice},
	{"idempotent-overlap", "regions may overlap, and each gives back its own pins", SEV_C,
	 test_overlap},
	{"idempotent-unaligned",
	 "a region need not begin or end at a page, and is unregistered as it was registered",
	 SEV_C, test_unaligned},
	{"idempotent-empty", "a region of no bytes is refused", SEV_C, test_empty},
	{"idempotent-wrap", "a region that wraps around the end of addresses is refused", SEV_C,
	 test_wrap},
	{"idempotent-unknown", "what is not registered, or not so, cannot be unregistered", SEV_C,
	 test_unknown},
};

const struct audit_subject audit_regions = {"regions", tests, LENGTH(tests)};
