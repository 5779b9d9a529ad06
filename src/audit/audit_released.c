// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_released: does every way for a guest to end give all of its pins back? */
#include "holder.h"

#include "sevpinbench/sev.h"
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#define CLOSING "virt/kvm/kvm_main.c: kvm_destroy_vm(); arch/x86/kvm/svm/sev.c: sev_vm_destroy()"

static void judge_left(struct audit_result *r, int64_t before, int64_t held, int64_t after)
{
	audit_expect(r, "0 pages pinned more than before");
	if (before < 0 || after < 0)
		audit_unseen(r, -EACCES, "the pin counters");
	else if (held == before && after == before)
		audit_info(r, "nothing was pinned, and nothing is left");
	else
		audit_judge(r, after == before, consequence_leak,
			    "%lld pages pinned, %lld after its end", (long long)(held - before),
			    (long long)(after - before));
}

/* The usual end of a guest, of all guests that were looked at. */
static void test_close(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_story(c, STORY_ASKED, r);
	const struct pin_point *pins;

	if (!s)
		return;
	pins = s->room.sample.pins;
	judge_left(r, pins[PIN_BOUNDARY_BEFORE].host_pages,
		   pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages,
		   pins[PIN_BOUNDARY_AFTER_DESTROY].host_pages);
}

/* On demand there is nothing to give back of a guest that has never run. */
static void unregister_run(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_story(c, STORY_UNREGISTERED, r);

	if (!s)
		return;
	if (s->taken.err)
		audit_fail(r, consequence_leak, "unregistering failed: %s",
			   strerror(-s->taken.err));
	else
		judge_left(r, s->room.sample.pins[PIN_BOUNDARY_BEFORE].host_pages, s->taken.before,
			   s->taken.after);
}

static void test_unregister(struct audit_context *c, struct audit_result *r)
{
	int64_t before = pin_counters_host_pages(&c->launch.counters), held;
	struct fault f = {0};
	struct holder h;
	int err;

	if (c->cell.guest_type == GUEST_TYPE_VM || c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "nothing is registered with KVM");
		return;
	}
	if (c->cell.mechanism == PIN_MECHANISM_KVM_DEMAND) {
		unregister_run(c, r);
		return;
	}
	err = holder_open(&h, c, &f);
	if (err == 0)
		err = sev_register_region(&h.vm, h.memory.host, h.memory.bytes, &f);
	held = pin_counters_host_pages(&c->launch.counters);
	if (err == 0)
		err = sev_unregister_region(&h.vm, h.memory.host, h.memory.bytes, &f);
	if (err < 0)
		audit_fault(r, &f);
	else /* while the VM is still there */
		judge_left(r, before, held, settled_pages(c, before));
	holder_close(&h);
}

/*
 * Pins are of what is registered, not of memslots: these come and go while the memory stays the
 * guest's. A kernel that pins at the fault may give back what can no longer fault, then all of it.
 */
static void test_memslot(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_story(c, STORY_SLOTLESS, r);
	const struct story_taken *t;
	int64_t before, end, kept, held;

	if (!s)
		return;
	t = &s->taken;
	before = s->room.sample.pins[PIN_BOUNDARY_BEFORE].host_pages;
	end = s->room.sample.pins[PIN_BOUNDARY_AFTER_DESTROY].host_pages;
	held = t->before - before;
	kept = t->after - before;
	audit_expect(r, "%lld pages pinned without memslots%s, 0 after the guest's end",
		     (long long)held,
		     c->cell.mechanism == PIN_MECHANISM_KVM_DEMAND ? " (or none)" : "");
	if (t->err)
		audit_fail(r, consequence_leak, "deleting a memslot failed: %s", strerror(-t->err));
	else if (before < 0 || end < 0 || t->before < 0 || t->after < 0)
		audit_unseen(r, -EACCES, "the pin counters");
	else if (end != before)
		audit_fail(r, consequence_leak, "%lld pages pinned, %lld after the guest's end",
			   (long long)held, (long long)(end - before));
	else if (held == 0 && kept == 0)
		audit_info(r, "nothing was pinned, and nothing is left");
	else
		audit_judge(r,
			    kept == held ||
				    (c->cell.mechanism == PIN_MECHANISM_KVM_DEMAND && kept == 0),
			    "memory is still registered and pinned no more: when the guest gets it "
			    "back, it can be moved",
			    "%lld pages pinned, %lld without memslots, 0 after the guest's end",
			    (long long)held, (long long)kept);
}

static void test_kill(struct audit_context *c, struct audit_result *r)
{
	int64_t before = pin_counters_host_pages(&c->launch.counters), held;
	struct hostage h;
	int err = hostage_take(&h, c, false);

	if (err < 0) {
		audit_unseen(r, err, "a child with a guest");
		return;
	}
	held = pin_counters_host_pages(&c->launch.counters);
	hostage_end(&h);
	judge_left(r, before, held, settled_pages(c, before));
}

/* The process goes on, its memory and the VM do not. */
static void test_exec(struct audit_context *c, struct audit_result *r)
{
	int64_t before = pin_counters_host_pages(&c->launch.counters), after;
	struct hostage h;
	int err = hostage_take(&h, c, true);

	if (err < 0) {
		audit_unseen(r, err, "a child with a guest that executes another program");
		return;
	}
	after = settled_pages(c, before);
	if (waitpid(h.pid, NULL, WNOHANG) != 0) {
		h.pid = -1;
		audit_skip(r, "there is no cat(1) to be executed");
	} else {
		audit_expect(r, "0 pages pinned more than before");
		if (before < 0 || after < 0)
			audit_unseen(r, -EACCES, "the pin counters");
		else
			audit_judge(r, after == before, consequence_leak,
				    "%lld pages pinned after it, while the process goes on",
				    (long long)(after - before));
	}
	hostage_end(&h);
}

static const struct audit_test tests[] = {
	{"released-close", "a guest that is closed has given all of its pins back", CLOSING,
	 test_close},
	{"released-unregister", "unregistering gives a region's pins back while the VM goes on",
	 "Documentation/virt/kvm/api.rst: KVM_MEMORY_ENCRYPT_UNREG_REGION", test_unregister},
	{"released-memslot",
	 "a guest whose memslots are deleted keeps the pins of what is registered, and has none "
	 "when "
	 "it has ended",
	 "Documentation/virt/kvm/x86/amd-memory-encryption.rst: registered until "
	 "unregistered; " CLOSING,
	 test_memslot},
	{"released-kill", "a guest whose process is killed (SIGKILL) has given its pins back",
	 CLOSING, test_kill},
	{"released-exec", "a guest whose process executes another program has given its pins back",
	 CLOSING, test_exec},
};

const struct audit_subject audit_released = {"released", tests, LENGTH(tests)};
