// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_limit: do pins count against RLIMIT_MEMLOCK, to the page? */
#include "holder.h"

#include "sevpinbench/sev.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What an io_uring counts for itself: its rings and tables. */
#define URING_SLACK_BYTES (64 * UNITS_PAGE_BYTES)

/* Encrypted at launch: no more than the smallest guest has. */
#define LAUNCH_BYTES UNITS_MIB

static const char consequence_no_limit[] =
	"a user can pin more memory than the administrator allows, and starve the host";
static const char consequence_too_strict[] =
	"guests that are within the administrator's limit do not start";

/* What came of pinning all of the memory under a limit. */
struct attempt {
	int result;		/* 0 or -errno */
	bool made;		/* up to the pinning */
	int64_t before, pinned; /* the host's count before it, and when it had come to its end */
};

/* Launch the VM and encrypt so much of its memory, which is pinned while that lasts. */
static int launch(struct holder *h, uint32_t policy, uint64_t bytes)
{
	int r = sev_launch_start(&h->vm, h->sev_fd, policy, NULL);

	return r < 0 ? r : sev_launch_update(&h->vm, h->sev_fd, h->memory.host, bytes, NULL);
}

/* In a child: the limit is its own, and what it cannot give back ends with it. */
static void attempt_in_child(struct audit_context *c, uint64_t limit_bytes, uint64_t launch_bytes,
			     int tell)
{
	struct attempt a = {.before = pin_counters_host_pages(&c->launch.counters)};
	struct holder h;

	a.result = holder_open(&h, c, NULL);
	if (a.result == 0)
		a.result = host_memory_limit_locked(limit_bytes);
	if (a.result == 0) {
		a.made = true;
		a.result = holder_pin(&h, NULL);
	}
	if (a.result == 0 && launch_bytes)
		a.result = launch(&h, c->cell.sev_policy, launch_bytes);
	a.pinned = pin_counters_host_pages(&c->launch.counters);
	sys_write(tell, &a, sizeof(a));
	holder_close(&h);
	_exit(0);
}

static int attempt(struct audit_context *c, uint64_t limit_bytes, uint64_t launch_bytes,
		   struct attempt *a)
{
	int end[2], r = pipe2(end, O_CLOEXEC) < 0 ? -errno : 0;
	ssize_t n = 0;
	pid_t child;

	if (r < 0)
		return r;
	child = fork();
	if (child == 0)
		attempt_in_child(c, limit_bytes, launch_bytes, end[1]);
	r = child < 0 ? -errno : 0;
	sys_close(&end[1]);
	if (r == 0)
		n = sys_read(end[0], a, sizeof(*a));
	sys_close(&end[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return r < 0 ? r : n == (ssize_t)sizeof(*a) && a->made ? 0 : -ECHILD;
}

static const char *outcome(int result)
{
	return result == 0 ? "pinned" : strerror(-result);
}

static void test_exact(struct audit_context *c, struct audit_result *r)
{
	const uint64_t bytes = c->cell.guest_bytes;
	uint64_t slack = c->cell.guest_type == GUEST_TYPE_VM ? URING_SLACK_BYTES : 0;
	struct attempt less, enough;
	char size[24];
	int64_t left;
	int err;

	if (c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "pin mode none pins nothing");
		return;
	}
	err = attempt(c, bytes - UNITS_PAGE_BYTES, 0, &less);
	if (err == 0)
		err = attempt(c, bytes + slack, 0, &enough);
	if (err < 0) {
		audit_unseen(r, err, "a child with a limit");
		return;
	}
	/* In chunks, those that still fit stay until the end. */
	left = pin_has_chunks(c->cell.mechanism) || less.pinned < 0 ? 0 : less.pinned - less.before;
	audit_expect(r, "%s less a page: %s and nothing pinned; %s: pinned",
		     units_format_size(bytes, size, sizeof(size)), strerror(ENOMEM),
		     slack ? "that and an io_uring's own" : "that");
	audit_judge(r, less.result == -ENOMEM && enough.result == 0 && left == 0,
		    less.result == 0 ? "a user can pin more memory than the administrator allows, "
				       "and starve the host"
		    : left	     ? consequence_leak
			   : "guests that are within the administrator's limit do not start",
		    "%s less a page: %s and %lld pages pinned; %s: %s", size, outcome(less.result),
		    (long long)left, slack ? "that and an io_uring's own" : "that",
		    outcome(enough.result));
}

/* What the firmware works on is pinned once more while it does, in every mode. */
static void test_launch(struct audit_context *c, struct audit_result *r)
{
	const uint64_t sum = c->cell.guest_bytes + LAUNCH_BYTES;
	struct attempt less, enough;
	char size[24];
	int err;

	if (c->cell.guest_type == GUEST_TYPE_VM || c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "nothing is both registered and encrypted");
		return;
	}
	err = attempt(c, sum - UNITS_PAGE_BYTES, LAUNCH_BYTES, &less);
	if (err == 0)
		err = attempt(c, sum, LAUNCH_BYTES, &enough);
	if (err < 0) {
		audit_unseen(r, err, "a child with a limit");
		return;
	}
	units_format_size(sum, size, sizeof(size));
	audit_expect(r, "%s less a page: %s; %s: launched", size, strerror(ENOMEM), size);
	audit_judge(r, less.result == -ENOMEM && enough.result == 0,
		    less.result == 0 ? consequence_no_limit : consequence_too_strict,
		    "%s less a page: %s; %s: %s", size,
		    less.result ? strerror(-less.result) : "launched", size,
		    enough.result ? strerror(-enough.result) : "launched");
}

static const struct audit_test tests[] = {
	{"limit-exact",
	 "without CAP_IPC_LOCK registering fails with ENOMEM where the memory is a page more than "
	 "RLIMIT_MEMLOCK, and pins nothing",
	 "getrlimit(2): RLIMIT_MEMLOCK; arch/x86/kvm/svm/sev.c: sev_pin_memory()", test_exact},
	{"limit-launch",
	 "without CAP_IPC_LOCK a launch update fails with ENOMEM where what is registered and what "
	 "it "
	 "encrypts are together a page more than RLIMIT_MEMLOCK",
	 "getrlimit(2): RLIMIT_MEMLOCK; arch/x86/kvm/svm/sev.c: sev_launch_update_data()",
	 test_launch},
};

const struct audit_subject audit_limit = {"limit", tests, LENGTH(tests)};
