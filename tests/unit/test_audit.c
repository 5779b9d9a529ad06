// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_audit: pin mechanisms that are wrong, each in one way, must make the matching tests FAIL and
 * no others. Guests, page frames and counts are played: no KVM is needed.
 */
#include "sevpinbench/audit.h"
#include "sevpinbench/host_pagemap.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/units.h"

#include "../../src/audit/holder.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GUEST_BYTES (4 * UNITS_MIB)
#define PAGES	    (GUEST_BYTES / UNITS_PAGE_BYTES)
#define BOOT_PAGES  9
#define ZERO_FRAME  7
#define FIRST_FRAME 1000
#define COPY_FRAME  500000

/* What is wrong with the mechanism that is played. */
enum wrong {
	RIGHT,
	COUNTS_NOTHING,	  /* pages are pinned and nobody counts them */
	PINS_ZERO_PAGE,	  /* in place of pages that are not there yet */
	PLAIN_REFERENCES, /* held, but by no pin */
	WANDERS,	  /* pages go elsewhere after they were pinned */
	PINS_ALL_AT_ONCE, /* where they should be pinned on demand */
	LEAKS,		  /* the end of a guest gives nothing back */
	UNREGISTERS_NOTHING,
	KNOWS_NO_LIMIT,
	LIMITS_TOO_MUCH,
	LAUNCH_IS_FREE,
	TAKES_ANY_REGION,
	FLUSHES_AT_PIN, /* once a page, where there is a memslot */
	FLUSHES_AT_TOUCH,
	OTHER_NODE,
};

static enum wrong wrong;
static enum pin_mode mode;
static bool unreadable; /* the counters */
static int64_t pinned, flushes;
static enum phase now;
static uint64_t touched_pages;
static pid_t parent;
static unsigned char memory[GUEST_BYTES] __attribute__((aligned(4096)));

/* ---- the kernel, as far as the audit sees it ---- */

int __wrap_launch_probe(struct launch_limits *l, struct fault *f);
int __wrap_launch_probe(struct launch_limits *l, struct fault *f)
{
	(void)f;
	*l = (struct launch_limits){.sev = true};
	return 0;
}

int __wrap_launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *k, bool *found,
				   struct fault *f);
int __wrap_launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *k, bool *found,
				   struct fault *f)
{
	(void)t;
	(void)k;
	(void)f;
	*found = true;
	return 0;
}

int __wrap_host_numa_collect(struct host_node *node, int max);
int __wrap_host_numa_collect(struct host_node *node, int max)
{
	(void)max;
	node[0] = (struct host_node){.id = 0, .total_bytes = 1};
	node[1] = (struct host_node){.id = 1, .total_bytes = 1};
	return 2;
}

static bool is_pinned(uint64_t page)
{
	if (mode == PIN_MODE_NONE || wrong == PINS_ZERO_PAGE)
		return false;
	return mode == PIN_MODE_EAGER || wrong == PINS_ALL_AT_ONCE ||
	       page < BOOT_PAGES + touched_pages;
}

/* A plain reference keeps a page where it is, too. */
int __wrap_host_numa_move(void *page, int node);
int __wrap_host_numa_move(void *page, int node)
{
	(void)node;
	return !is_pinned((uint64_t)((unsigned char *)page - memory) / UNITS_PAGE_BYTES);
}

int __wrap_host_numa_node_of(void *page);
int __wrap_host_numa_node_of(void *page)
{
	(void)page;
	return 0;
}

int __wrap_host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page);
int __wrap_host_pagemap_frames(const void *addr, uint64_t pages, struct host_page *page)
{
	bool copies = getpid() != parent && wrong != PLAIN_REFERENCES;

	(void)addr;
	for (uint64_t i = 0; i < pages; i++) {
		uint64_t frame = FIRST_FRAME + i;

		if (wrong == PINS_ZERO_PAGE && now < PHASE_PAYLOAD)
			frame = ZERO_FRAME;
		if (wrong == WANDERS && now == PHASE_TOUCH)
			frame += PAGES;
		if (copies && is_pinned(i))
			frame += COPY_FRAME;
		page[i] = (struct host_page){.frame = frame};
	}
	return 0;
}

int __wrap_host_pagemap_kinds(struct host_page *page, uint64_t pages);
int __wrap_host_pagemap_kinds(struct host_page *page, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		page[i].zero = page[i].frame == ZERO_FRAME;
	return 0;
}

int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return unreadable ? -1 : pinned;
}

int64_t __wrap_pin_counters_node_pages(struct pin_counters *c, int node);
int64_t __wrap_pin_counters_node_pages(struct pin_counters *c, int node)
{
	(void)c;
	return unreadable ? -1 : node == (wrong == OTHER_NODE ? 0 : 1) ? pinned : 0;
}

int64_t __wrap_flush_counter_read(const struct flush_counter *c);
int64_t __wrap_flush_counter_read(const struct flush_counter *c)
{
	(void)c;
	return flushes;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* ---- guests ---- */

/* How many pages the counter says are pinned once the guest has come so far. */
static int64_t counted(enum phase done)
{
	bool held = mode == PIN_MODE_EAGER || wrong == PINS_ALL_AT_ONCE;

	if (mode == PIN_MODE_NONE || wrong == COUNTS_NOTHING || wrong == PLAIN_REFERENCES)
		return 0;
	if (held)
		return PAGES;
	return done < PHASE_PAYLOAD
		       ? 0
		       : BOOT_PAGES + (done == PHASE_TOUCH ? (int64_t)touched_pages : 0);
}

static void reach(struct launch *l, struct sample *s, enum phase done, int boundary, int64_t base)
{
	const struct guest_memory m = {.host = memory, .bytes = GUEST_BYTES, .memfd = -1};
	const struct launch_view view = {&m, BOOT_PAGES * UNITS_PAGE_BYTES, touched_pages};

	now = done;
	if (done >= PHASE_PIN)
		pinned = base + counted(done);
	if (boundary >= 0)
		s->pins[boundary] = (struct pin_point){-1, -1, unreadable ? -1 : pinned};
	l->options.pause(l->options.pause_arg, done, &view);
}

int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample *s);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order, struct sample *s)
{
	const uint64_t room = PAGES - BOOT_PAGES;
	int64_t base = pinned;

	*s = (struct sample){.order = order, .counts.flushes_known = 1};
	touched_pages = c->touch_bytes / UNITS_PAGE_BYTES;
	touched_pages = touched_pages < room ? touched_pages : room;
	s->pins[PIN_BOUNDARY_BEFORE] = (struct pin_point){-1, -1, unreadable ? -1 : base};
	reach(l, s, PHASE_MEM_MAP, -1, base);
	reach(l, s, PHASE_PREFAULT, -1, base);
	reach(l, s, PHASE_PIN, PIN_BOUNDARY_AFTER_PIN, base);
	reach(l, s, PHASE_PAYLOAD, -1, base);
	reach(l, s, PHASE_LAUNCH_UPDATE, -1, base);
	reach(l, s, PHASE_FIRST_INSTRUCTION, PIN_BOUNDARY_FIRST_INSTRUCTION, base);
	reach(l, s, PHASE_TOUCH, PIN_BOUNDARY_AFTER_TOUCH, base);
	if (wrong != LEAKS)
		pinned = base;
	s->pins[PIN_BOUNDARY_AFTER_DESTROY] = (struct pin_point){-1, -1, unreadable ? -1 : pinned};
	s->counts.flushes[PHASE_DESTROY] = 2;
	if (wrong == FLUSHES_AT_PIN && c->pin_order == PIN_ORDER_MEMSLOT_FIRST)
		s->counts.flushes[PHASE_PIN] = PAGES;
	if (wrong == FLUSHES_AT_TOUCH)
		s->counts.flushes[PHASE_TOUCH] = (int64_t)touched_pages;
	return 0;
}

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
	(void)vm;
	(void)f;
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

/* ---- tests ---- */

static struct audit_report report;

static void run_audit(enum pin_mode m, const char *const *wanted, size_t count)
{
	const struct audit_request asked = {.guest_type = GUEST_TYPE_SEV,
					    .pin = m,
					    .backing = BACKING_ANON,
					    .guest_bytes = GUEST_BYTES,
					    .wanted = wanted,
					    .wanted_count = count};
	struct fault f = {0};

	mode = m;
	pinned = 77; /* somebody else's, from before */
	parent = getpid();
	ck_assert_int_eq(audit_run(&asked, &report, &f), 0);
}

/* " counted-node own-pages", in the order of the table. */
static void collect_failed(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < report.count; i++) {
		const struct audit_result *r = &report.result[i];

		ck_assert_msg(r->found[0] && r->expected[0], "%s says nothing", r->test->id);
		ck_assert_msg((r->verdict == AUDIT_FAIL) == (r->consequence[0] != '\0'),
			      "%s: consequence \"%s\"", r->test->id, r->consequence);
		if (r->verdict == AUDIT_FAIL)
			used += (size_t)snprintf(text + used, size - used, " %s", r->test->id);
	}
}

#define COUNTED " counted-registered counted-started counted-touched counted-node"

static const struct {
	enum wrong wrong;
	enum pin_mode mode;
	const char *failed;
} mechanisms[] = {
	{RIGHT, PIN_MODE_EAGER, ""},
	{RIGHT, PIN_MODE_DEMAND, ""},
	{RIGHT, PIN_MODE_NONE, ""},
	{COUNTS_NOTHING, PIN_MODE_EAGER, COUNTED},
	{COUNTS_NOTHING, PIN_MODE_DEMAND, " counted-started counted-touched counted-node"},
	{PINS_ZERO_PAGE, PIN_MODE_EAGER,
	 " own-pages own-pages-read own-pages-written long-term unmovable launch-pages"},
	{PLAIN_REFERENCES, PIN_MODE_EAGER, COUNTED " long-term launch-pages"},
	{PLAIN_REFERENCES, PIN_MODE_DEMAND,
	 " counted-started counted-touched counted-node long-term launch-pages"},
	{WANDERS, PIN_MODE_EAGER, " own-pages own-pages-read own-pages-written launch-pages"},
	{WANDERS, PIN_MODE_DEMAND, " launch-pages"},
	{PINS_ALL_AT_ONCE, PIN_MODE_DEMAND, COUNTED " long-term unmovable"},
	{LEAKS, PIN_MODE_EAGER, " released-close released-kill released-exec"},
	{UNREGISTERS_NOTHING, PIN_MODE_EAGER,
	 " released-unregister idempotent-twice idempotent-overlap idempotent-unaligned "
	 "idempotent-unknown"},
	{KNOWS_NO_LIMIT, PIN_MODE_EAGER, " limit-exact limit-launch"},
	{LAUNCH_IS_FREE, PIN_MODE_EAGER, " limit-launch"},
	{LIMITS_TOO_MUCH, PIN_MODE_DEMAND, " limit-exact limit-launch"},
	{TAKES_ANY_REGION, PIN_MODE_EAGER, " idempotent-empty idempotent-wrap"},
	{FLUSHES_AT_PIN, PIN_MODE_EAGER, " flushes-register-memslot"},
	{FLUSHES_AT_TOUCH, PIN_MODE_EAGER, " flushes-touch"},
	{OTHER_NODE, PIN_MODE_EAGER, " counted-node"},
};

START_TEST(each_wrong_mechanism_fails_its_tests)
{
	char failed[1024];

	wrong = mechanisms[_i].wrong;
	run_audit(mechanisms[_i].mode, NULL, 0);
	collect_failed(failed, sizeof(failed));
	ck_assert_str_eq(failed, mechanisms[_i].failed);
	ck_assert_uint_eq(report.count, 28);
}
END_TEST

START_TEST(what_cannot_be_read_fails_nothing)
{
	unreadable = true;
	run_audit(PIN_MODE_EAGER, NULL, 0);
	ck_assert_uint_eq(report.tally[AUDIT_FAIL], 0);
	ck_assert(report.unseen);
}
END_TEST

START_TEST(tests_are_chosen_by_id_or_subject)
{
	static const char *const wanted[] = {"own-pages-read", "flushes"};

	run_audit(PIN_MODE_EAGER, wanted, 2);
	ck_assert_uint_eq(report.count, 6);
	ck_assert_str_eq(report.result[0].test->id, "own-pages-read");
	ck_assert_str_eq(report.result[1].test->id, "flushes-register");
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *wanted, *option;
} refused[] = {
	{2 * UNITS_MIB, "huge", "--guest-mem"},	  {5 * UNITS_MIB, "huge", "--guest-mem"},
	{2 * UNITS_GIB, "huge", "--guest-mem"},	  {GUEST_BYTES, "own", NULL},
	{GUEST_BYTES, "own-pages-", "arguments"}, {GUEST_BYTES, "", "arguments"},
	{GUEST_BYTES, "hug", "arguments"},
};

START_TEST(what_there_is_not_is_refused)
{
	const struct audit_request asked = {.guest_type = GUEST_TYPE_SEV,
					    .pin = PIN_MODE_NONE,
					    .guest_bytes = refused[_i].bytes,
					    .wanted = &refused[_i].wanted,
					    .wanted_count = 1};
	struct fault f = {0};
	int r = audit_run(&asked, &report, &f);

	ck_assert_int_eq(r, refused[_i].option ? -EINVAL : 0);
	if (refused[_i].option)
		ck_assert_str_eq(f.op, refused[_i].option);
}
END_TEST

/* An id is a name for ever: small letters and hyphens, no two the same, each with its words. */
START_TEST(the_table_is_well_formed)
{
	const char *id[AUDIT_TESTS];
	size_t count = 0;

	for (size_t s = 0; s < audit_subject_count; s++) {
		for (size_t i = 0; i < audit_subjects[s]->count; i++) {
			const struct audit_test *t = &audit_subjects[s]->tests[i];

			ck_assert_uint_lt(count, AUDIT_TESTS);
			ck_assert_uint_eq(strspn(t->id, "abcdefghijklmnopqrstuvwxyz-"),
					  strlen(t->id));
			ck_assert(t->title[0] && t->source[0] && t->run);
			for (size_t j = 0; j < count; j++)
				ck_assert_str_ne(id[j], t->id);
			id[count++] = t->id;
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, each_wrong_mechanism_fails_its_tests, 0,
			    sizeof(mechanisms) / sizeof(mechanisms[0]));
	tcase_add_test(tests, what_cannot_be_read_fails_nothing);
	tcase_add_test(tests, tests_are_chosen_by_id_or_subject);
	tcase_add_loop_test(tests, what_there_is_not_is_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tests, the_table_is_well_formed);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
