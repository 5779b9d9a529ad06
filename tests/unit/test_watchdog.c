// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watchdog: each phase of a start in turn takes longer than it may. Where a signal interrupts
 * what it waits for, it ends then; where nothing does, it ends when the kernel lets it. Either way
 * the sample has failed, says in which phase, leaves nothing, and the next one is good. Needs
 * /dev/kvm; phases of SEV guests need /dev/sev.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/boot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/vcpu_team.h"
#include "sevpinbench/vm.h"

#include "launch_cells.h"
#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define MAY_NS	    50000000u  /* what the chosen phase may take */
#define STUBBORN_NS 200000000u /* what it takes where nothing interrupts it */

/* A phase that hangs: PHASE_COUNT none. */
static enum phase chosen = PHASE_COUNT;
static bool is_stubborn;
static unsigned met;

/* What the step at hand may take; 0: it may take for ever. And the least that any could. */
static uint64_t armed_ns, least_ns = UINT64_MAX;
int __real_stop_alarm(uint64_t ns);
int __wrap_stop_alarm(uint64_t ns);
int __wrap_stop_alarm(uint64_t ns)
{
	armed_ns = ns;
	least_ns = ns && ns < least_ns ? ns : least_ns;
	return __real_stop_alarm(ns);
}

/*
 * Wait in the phase's stead, which has little time: the others need what they need. 0: go on with
 * its work; -EINTR: it was interrupted.
 */
static int hang(enum phase p, struct fault *f)
{
	const struct timespec step = {.tv_nsec = 1000000};
	uint64_t start = clock_now_ns();

	if (p != chosen)
		return 0;
	met++;
	ck_assert_uint_gt(armed_ns, 0);
	__real_stop_alarm(MAY_NS);
	if (is_stubborn) {
		while (clock_now_ns() - start < STUBBORN_NS)
			nanosleep(&step, NULL);
		return 0;
	}
	while (!stop_alarm_rang() && clock_now_ns() - start < 10000000000u)
		nanosleep(&step, NULL);
	return f ? fault_set(f, EINTR, "hang", "%s", words_text(&words_phase, p)) : 0;
}

/* The Makefile looks for "__wrap_NAME(" in this file: hence the name once more in full. */
#define WRAP(type, name, phase, wrapped, arguments) \
	__typeof__(name) __real_##name;             \
	type wrapped;                               \
	type wrapped                                \
	{                                           \
		int r = hang(phase, f);             \
                                                    \
		if (r < 0)                          \
			return r;                   \
		return __real_##name arguments;     \
	}

WRAP(int, vm_open, PHASE_OPEN, __wrap_vm_open(struct vm *vm, struct fault *f), (vm, f))
WRAP(int, vm_create, PHASE_VM_CREATE, __wrap_vm_create(struct vm *vm, struct fault *f), (vm, f))
WRAP(int, vm_create_sev, PHASE_VM_CREATE,
     __wrap_vm_create_sev(struct vm *vm, unsigned type, struct fault *f), (vm, type, f))
WRAP(int, sev_init, PHASE_SEV_INIT, __wrap_sev_init(struct vm *vm, int sev_fd, struct fault *f),
     (vm, sev_fd, f))
WRAP(int, guest_memory_open, PHASE_MEM_MAP,
     __wrap_guest_memory_open(struct guest_memory *m, enum backing b, uint64_t bytes, int numa_node,
			      bool with_alias, struct fault *f),
     (m, b, bytes, numa_node, with_alias, f))
WRAP(int, guest_memory_prefault, PHASE_PREFAULT,
     __wrap_guest_memory_prefault(struct guest_memory *m, struct gang *gang, struct fault *f),
     (m, gang, f))
WRAP(int, vm_set_memory, PHASE_MEMSLOT,
     __wrap_vm_set_memory(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t bytes, void *host,
			  struct fault *f),
     (vm, slot, gpa, bytes, host, f))
WRAP(int, pin_start, PHASE_PIN,
     __wrap_pin_start(struct pin *p, struct guest_memory *m, const struct vm *vm, struct fault *f),
     (p, m, vm, f))
WRAP(int, pin_before_host_write, PHASE_PAYLOAD,
     __wrap_pin_before_host_write(struct pin *p, uint64_t offset, uint64_t bytes, struct fault *f),
     (p, offset, bytes, f))
WRAP(int, sev_launch_start, PHASE_LAUNCH_START,
     __wrap_sev_launch_start(struct vm *vm, int sev_fd, uint32_t policy, struct fault *f),
     (vm, sev_fd, policy, f))
WRAP(int, sev_launch_update, PHASE_LAUNCH_UPDATE,
     __wrap_sev_launch_update(struct vm *vm, int sev_fd, void *addr, uint64_t bytes,
			      struct fault *f),
     (vm, sev_fd, addr, bytes, f))
WRAP(int, sev_launch_measure, PHASE_LAUNCH_MEASURE,
     __wrap_sev_launch_measure(struct vm *vm, int sev_fd, unsigned char *measurement,
			       struct fault *f),
     (vm, sev_fd, measurement, f))
WRAP(int, sev_launch_finish, PHASE_LAUNCH_FINISH,
     __wrap_sev_launch_finish(struct vm *vm, int sev_fd, struct fault *f), (vm, sev_fd, f))
WRAP(int, vcpu_team_create, PHASE_VCPU_CREATE,
     __wrap_vcpu_team_create(struct vcpu_team *t, const struct vm *vm,
			     const struct vcpu_cpuid *cpuid, const struct boot_config *boot,
			     struct fault *f),
     (t, vm, cpuid, boot, f))
WRAP(int, vcpu_team_first, PHASE_FIRST_INSTRUCTION,
     __wrap_vcpu_team_first(struct vcpu_team *t, struct fault *f), (t, f))
WRAP(int, vcpu_team_touch, PHASE_TOUCH,
     __wrap_vcpu_team_touch(struct vcpu_team *t, struct fault *f), (t, f))

static struct cell cell;

/* What others pin on this host is none of this test's business; SEV's pins are counted there alone.
 */
int64_t __real_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	return cell.guest_type == GUEST_TYPE_VM ? (int64_t)process_vmpin_pages()
						: __real_pin_counters_host_pages(c);
}

/* ---- the starts ---- */

static const struct cell cells[] = {
	{EAGER, .vcpus = 2, .touch_bytes = 8 * 4096, .prefault_threads = 2},
	{DEMAND, .backing = BACKING_MEMFD, .vcpus = 3, .touch_bytes = 64 * 4096,
	 .chunk_bytes = 64 * UNITS_KIB, .prefault_threads = 1},
	{.guest_type = GUEST_TYPE_SEV,
	 .pin = PIN_MODE_EAGER,
	 .mechanism = PIN_MECHANISM_KVM_REGION,
	 .vcpus = 2,
	 .touch_bytes = 8 * 4096,
	 .prefault_threads = 1},
};

static struct launch launch;
static struct sample_room room;
static bool usable[LENGTH(cells)];

/* To be asked before the tests: launch_cells.h. */
static void find_usable(void)
{
	struct launch_limits limits;
	struct fault f = {0};
	bool has_sev = launch_probe(&limits, &f) == 0 && limits.sev;

	for (size_t i = 0; i < LENGTH(cells); i++)
		usable[i] = cells[i].guest_type == GUEST_TYPE_SEV
				    ? has_sev
				    : launch_can_use(cells[i].mechanism, cells[i].backing);
}

static void close_launch(void)
{
	launch_close(&launch);
}

static int start(void)
{
	return launch_run(&launch, &cell, 0, &room);
}

static void must_fail(enum phase p, bool stubborn)
{
	uint64_t begin = clock_now_ns();
	int r;

	chosen = p;
	is_stubborn = stubborn;
	met = 0;
	r = start();
	chosen = PHASE_COUNT;
	ck_assert_uint_ge(met, 1);
	ck_assert_uint_lt(clock_now_ns() - begin, 5000000000u);
	ck_assert_msg(r == -EINTR || r == -ETIMEDOUT, "%s: %d", words_text(&words_phase, p), r);
	ck_assert_msg((room.sample.flags & ~SAMPLE_BIT(SAMPLE_FLAG_DISTURBED)) ==
			      (SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT)),
		      "%s: flags %#x, %s", words_text(&words_phase, p), room.sample.flags,
		      room.detail);
	ck_assert_int_eq(room.failure.err, -r);
	/* By its name, in the failure or in the advice to it. */
	ck_assert_msg(strstr(room.failure.op, words_text(&words_phase, p)) ||
			      strstr(room.failure.hint, words_text(&words_phase, p)),
		      "%s: %s, %s", words_text(&words_phase, p), room.failure.op,
		      room.failure.hint);
	ck_assert(sample_has_phase(&room.sample, PHASE_DESTROY));
}

/* Loop index: a cell, and a phase. */
START_TEST(a_phase_that_hangs)
{
	const enum phase p = (enum phase)((unsigned)_i % PHASE_COUNT);
	const struct launch_options none = {0};
	struct process_state before;
	struct fault f = {0};
	bool reached;

	if (!usable[(unsigned)_i / PHASE_COUNT])
		return;
	cell = launch_cell(cells[(unsigned)_i / PHASE_COUNT]);
	ck_assert_int_eq(stop_install(), 0);
	ck_assert_int_eq(launch_open(&launch, &none, &f), 0);
	ck_assert_int_eq(start(), 0);
	ck_assert_int_eq(start(), 0);
	ck_assert_uint_ge(least_ns, 60000000000u); /* nothing that works is given up early */
	reached = sample_has_phase(&room.sample, p) && p < PHASE_VCPU_STOP;
	before = process_state_now();
	for (int stubborn = 0; stubborn < 2 && reached; stubborn++) {
		must_fail(p, stubborn != 0);
		process_state_is_as(&before, words_text(&words_phase, p));
		ck_assert_int_eq(start(), 0);
		ck_assert_uint_eq(room.sample.flags, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tcase;

	if (!launch_has_kvm())
		return 77;
	find_usable();
	suite = suite_create("watchdog");
	tcase = tcase_create("watchdog");
	tcase_set_tags(tcase, "slow");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, NULL, close_launch);
	tcase_add_loop_test(tcase, a_phase_that_hangs, 0, (int)(LENGTH(cells) * PHASE_COUNT));
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
