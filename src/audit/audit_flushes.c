// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_flushes: how often are the caches of all CPUs flushed, and what would that cost? */
#include "holder.h"

#include "sevpinbench/sev.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>

/* When a VM ends: sev_vm_destroy() makes one, sev_flush_asids() or the last memslot another. */
#define TEARDOWN_FLUSHES 2

/* So many pages a flush are no flush for each page. */
#define PAGES_A_FLUSH 64

#define WBINVD \
	"arch/x86/kvm/svm/sev.c: sev_guest_memory_reclaimed(), sev_mem_enc_unregister_region()"

/* So many flushes for so many of what: judged, with what they would cost on hardware. */
static void judge_flushes(const struct audit_context *c, struct audit_result *r, int64_t found,
			  int64_t most, uint64_t units, const char *unit)
{
	char cost[32];

	audit_expect(r, "flushes: at most %lld for %llu %s", (long long)most,
		     (unsigned long long)units, unit);
	if (found < 0) {
		audit_skip(r, "flushes cannot be counted: %s", c->launch.flushes.reason);
		return;
	}
	units_format_ns((uint64_t)found * FLUSH_ASSUMED_NS, cost, sizeof(cost));
	audit_judge(r, found <= most, consequence_flushes,
		    "flushes: %lld for %llu %s; at 1 ms each, as assumed of hardware: %s",
		    (long long)found, (unsigned long long)units, unit, found ? cost : "0 ms");
}

/* Flushes of a story's phases, given as bits; -1 unknown. */
static int64_t in_phases(const struct story *s, unsigned phases)
{
	int64_t sum = 0;

	for (unsigned p = 0; p < PHASE_COUNT; p++) {
		if (phases & 1u << p)
			sum += s->room.count[SAMPLE_FLUSHES][p];
	}
	return s->room.sample.counts.flushes_known ? sum : -1;
}

static void judge_register(struct audit_context *c, struct audit_result *r, enum story_name name)
{
	const enum pin_order order = story_cell(c, name).pin_order;
	const struct story *s;

	if (c->one_order && order != c->cell.pin_order) {
		audit_skip(r, "this cell's order is %s",
			   words_text(&words_pin_order, c->cell.pin_order));
		return;
	}
	s = context_story(c, name, r);
	if (s)
		judge_flushes(c, r, in_phases(s, 1u << PHASE_PIN),
			      (int64_t)(s->pages / PAGES_A_FLUSH), s->pages, "pages registered");
}

static void test_register(struct audit_context *c, struct audit_result *r)
{
	judge_register(c, r, STORY_REGION_FIRST);
}

static void test_register_late(struct audit_context *c, struct audit_result *r)
{
	judge_register(c, r, STORY_MEMSLOT_FIRST);
}

static void test_touch(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_story(c, STORY_ALL, r);

	if (s)
		judge_flushes(c, r, in_phases(s, 1u << PHASE_FIRST_INSTRUCTION | 1u << PHASE_TOUCH),
			      (int64_t)(s->touch_pages / PAGES_A_FLUSH), s->touch_pages,
			      "pages touched by the guest");
}

static void test_teardown(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_story(c, STORY_ALL, r);

	if (s)
		judge_flushes(c, r,
			      in_phases(s, 1u << PHASE_VCPU_STOP | 1u << PHASE_UNPIN |
						   1u << PHASE_DESTROY),
			      TEARDOWN_FLUSHES, 1, "guest that ends");
}

static void test_unregister(struct audit_context *c, struct audit_result *r)
{
	struct fault f = {0};
	struct holder h;
	int64_t before, after;
	int err;

	if (c->cell.guest_type == GUEST_TYPE_VM || c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "nothing is registered with KVM");
		return;
	}
	err = holder_open(&h, c, &f);
	if (err == 0)
		err = sev_register_region(&h.vm, h.memory.host, h.memory.bytes, &f);
	before = flush_counter_read(&c->launch.flushes);
	if (err == 0)
		err = sev_unregister_region(&h.vm, h.memory.host, h.memory.bytes, &f);
	after = flush_counter_read(&c->launch.flushes);
	if (err < 0)
		audit_fault(r, &f);
	else
		judge_flushes(c, r, before < 0 || after < 0 ? -1 : after - before, 1, 1,
			      "region unregistered");
	holder_close(&h);
}

static const struct audit_test tests[] = {
	{"flushes-register", "registering memory that has no memslot yet flushes no caches", WBINVD,
	 test_register},
	{"flushes-register-memslot", "registering memory that has a memslot flushes no caches",
	 WBINVD, test_register_late},
	{"flushes-touch", "a guest's first touches of its pages flush no caches", WBINVD,
	 test_touch},
	{"flushes-unregister", "unregistering flushes the caches once for a region", WBINVD,
	 test_unregister},
	{"flushes-teardown", "a guest's end flushes the caches twice, however large it is", WBINVD,
	 test_teardown},
};

const struct audit_subject audit_flushes = {"flushes", tests, LENGTH(tests)};
