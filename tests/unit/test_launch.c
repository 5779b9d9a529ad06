// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_launch: real starts in each mode, and what a sample says of starts that end early and of
 * guests that lie. Needs /dev/kvm.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/boot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/payload.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include "sevpinbench/vcpu_team.h"

#include "launch_cells.h"
#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ALL_PHASES (((1u << PHASE_COUNT) - 1) & ~SAMPLE_SEV_PHASES) /* of a guest of type vm */
#define BOOT_PAGES 9						    /* of a small guest */

/* ---- the kernel, and the clock, as a test wants them ---- */

#define OTHERS_PAGES 1000

/* Others may pin on this host: what they do is made up here. */
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return OTHERS_PAGES + (int64_t)process_vmpin_pages();
}

/* What happens when the guest is about to start: its time is set then. */
static bool has_vcpus;
int __real_vcpu_team_create(struct vcpu_team *t, const struct vm *vm,
			    const struct vcpu_cpuid *cpuid, const struct boot_config *boot,
			    struct fault *f);
int __wrap_vcpu_team_create(struct vcpu_team *t, const struct vm *vm,
			    const struct vcpu_cpuid *cpuid, const struct boot_config *boot,
			    struct fault *f);
int __wrap_vcpu_team_create(struct vcpu_team *t, const struct vm *vm,
			    const struct vcpu_cpuid *cpuid, const struct boot_config *boot,
			    struct fault *f)
{
	has_vcpus = true;
	return __real_vcpu_team_create(t, vm, cpuid, boot, f);
}

static int signal_at_alarm;
static uint64_t guest_time_ns;
int __real_stop_alarm(uint64_t ns);
int __wrap_stop_alarm(uint64_t ns);
int __wrap_stop_alarm(uint64_t ns)
{
	if (ns && has_vcpus && signal_at_alarm)
		stop_request(signal_at_alarm);
	return __real_stop_alarm(ns && has_vcpus && guest_time_ns ? guest_time_ns : ns);
}

/* Set when the guest has run its first instruction and is about to touch. */
static bool touching, goes_on;
int __real_vcpu_team_touch(struct vcpu_team *t, struct fault *f);
int __wrap_vcpu_team_touch(struct vcpu_team *t, struct fault *f);
int __wrap_vcpu_team_touch(struct vcpu_team *t, struct fault *f)
{
	__atomic_store_n(&touching, true, __ATOMIC_RELEASE);
	if (goes_on)
		raise(SIGCONT);
	return __real_vcpu_team_touch(t, f);
}

/* A guest that touched less than it was asked to. */
static bool lie;
int __real_boot_verify(const struct guest_memory *m, const struct boot_config *c,
		       uint64_t *touched_pages, struct fault *f);
int __wrap_boot_verify(const struct guest_memory *m, const struct boot_config *c,
		       uint64_t *touched_pages, struct fault *f);
int __wrap_boot_verify(const struct guest_memory *m, const struct boot_config *c,
		       uint64_t *touched_pages, struct fault *f)
{
	if (lie)
		memset(m->host + PAYLOAD_TOUCHED, 0, sizeof(uint64_t));
	return __real_boot_verify(m, c, touched_pages, f);
}

/* ---- starts ---- */

static struct launch launch;
static struct sample_room room;
static struct sample *const sample = &room.sample;
static const int cpus[] = {0};

static void open_launch(void)
{
	const struct launch_options o = {
		.cpus = cpus, .cpu_count = 1, .seed = 7, .epoch_ns = clock_now_ns()};
	struct fault f = {0};

	ck_assert_int_eq(stop_install(), 0);
	ck_assert_int_eq(launch_open(&launch, &o, &f), 0);
}

static void close_launch(void)
{
	launch_close(&launch);
	launch_close(&launch); /* once more does no harm */
}

static bool usable[PIN_MECHANISM_COUNT][BACKING_COUNT];

static int start(const struct cell *c, uint32_t order)
{
	memset(&room, 0x5a, sizeof(room));
	has_vcpus = false;
	return launch_run(&launch, c, order, &room);
}

/* Pages pinned at first instruction, and after the touch, to the page. */
static const struct {
	struct cell cell;
	uint64_t touched, first, after, faults;
} starts[] = {
	{{NONE, .touch_bytes = 100 * 4096}, 100, 0, 0, 0},
	{{NONE, .touch_bytes = 100 * 4096, .vcpus = 3, .prefault_threads = 2}, 100, 0, 0, 0},
	{{NONE, .touch_bytes = 4 * UNITS_MIB, .touch_order = TOUCH_ORDER_RANDOM},
	 1024 - BOOT_PAGES,
	 0,
	 0,
	 0},
	{{NONE, .touch_bytes = 0}, 0, 0, 0, 0},
	{{EAGER, .touch_bytes = 100 * 4096}, 100, 1024, 1024, 0},
	{{EAGER, .touch_bytes = 100 * 4096, .backing = BACKING_MEMFD, .prefault_threads = 1},
	 100,
	 1024,
	 1024,
	 0},
	{{EAGER, .touch_bytes = 100 * 4096, .touch_op = TOUCH_OP_READ, .vcpus = 2},
	 100,
	 1024,
	 1024,
	 0},
	{{EAGER, .touch_bytes = 100 * 4096, .pin_threads = 2, .prefault_threads = 1},
	 100,
	 1024,
	 1024,
	 0},
	{{EAGER, .touch_bytes = 10 * 4096, .guest_bytes = 2 * UNITS_MIB}, 10, 512, 512, 0},
	/* The boot area is in the first chunk, and the working set behind it reaches further. */
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 64 * UNITS_KIB}, 64, 16, 80, 4},
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 4096}, 64, 9, 73, 64},
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 4 * UNITS_MIB}, 64, 1024, 1024, 0},
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 64 * UNITS_KIB,
	  .touch_op = TOUCH_OP_READ, .touch_order = TOUCH_ORDER_RANDOM},
	 64,
	 16,
	 80,
	 4},
	{{DEMAND, .touch_bytes = 4 * UNITS_MIB, .chunk_bytes = 64 * UNITS_KIB, .vcpus = 4},
	 1024 - BOOT_PAGES,
	 16,
	 1024,
	 63},
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 64 * UNITS_KIB, .backing = BACKING_MEMFD,
	  .vcpus = 2},
	 64,
	 16,
	 80,
	 4},
	{{DEMAND, .touch_bytes = 64 * 4096, .chunk_bytes = 64 * UNITS_KIB, .backing = BACKING_MEMFD,
	  .prefault_threads = 2},
	 64,
	 16,
	 80,
	 4},
};

static void check_pins(enum pin_boundary b, int64_t pages)
{
	const struct pin_point *at = &sample->pins[b];

	ck_assert_msg(at->ledger_pages == pages && at->vmpin_pages == pages &&
			      at->host_pages == OTHERS_PAGES + pages,
		      "%s: ledger %lld, VmPin %lld, host %lld, not %lld",
		      words_text(&words_pin_boundary, b), (long long)at->ledger_pages,
		      (long long)at->vmpin_pages, (long long)at->host_pages - OTHERS_PAGES,
		      (long long)pages);
}

static void check_times(const struct cell *c)
{
	uint64_t startup, bare, set, sum = 0;

	ck_assert_uint_eq(sample->phases_done, ALL_PHASES);
	for (int p = 0; p < PHASE_COUNT; p++) {
		if (p != PHASE_PREFAULT && p != PHASE_PIN && p != PHASE_UNPIN &&
		    ALL_PHASES & 1u << p)
			ck_assert_uint_gt(sample->phases_ns[p], 0);
		sum += p <= PHASE_FIRST_INSTRUCTION ? sample->phases_ns[p] : 0;
	}
	ck_assert(sample_startup_ns(sample, &startup));
	ck_assert(sample_startup_without_prefault_ns(sample, &bare));
	ck_assert(sample_working_set_ns(sample, &set));
	ck_assert_uint_eq(startup, sum);
	ck_assert_uint_eq(startup - bare, sample->phases_ns[PHASE_PREFAULT]);
	ck_assert_uint_eq(set - startup, sample->phases_ns[PHASE_TOUCH]);
	/* Prefaulting a thousand pages takes longer than finding that there is nothing to do. */
	if (c->prefault_threads)
		ck_assert_uint_gt(sample->phases_ns[PHASE_PREFAULT], 20000);
}

START_TEST(starts_and_ends)
{
	struct cell c = launch_cell(starts[_i].cell);
	uint64_t faults = starts[_i].faults;
	bool eager = c.pin == PIN_MODE_EAGER;
	struct process_state before;
	int64_t pinned = eager ? (int64_t)(c.guest_bytes / 4096) : 0;

	if (!usable[c.mechanism][c.backing])
		return;
	start(&c, 0); /* what the C library keeps is kept from now on */
	before = process_state_now();
	for (uint32_t order = 1; order < 3; order++) {
		ck_assert_msg(start(&c, order) == 0, "%s: %s: %s %s", sample->failure->op,
			      sample->failure->object, strerror(sample->failure->err),
			      sample->detail);
		ck_assert_msg(sample->flags == 0, "flags %#x: %s", sample->flags, sample->detail);
		ck_assert(sample_is_valid(sample));
		ck_assert_str_eq(sample->detail, "");
		ck_assert(!fault_is_set(sample->failure));
		ck_assert_uint_eq(sample->order, order);
		ck_assert_uint_gt(sample->start_ns, 0);
		check_times(&c);
		check_pins(PIN_BOUNDARY_BEFORE, 0);
		check_pins(PIN_BOUNDARY_AFTER_PIN, pinned);
		check_pins(PIN_BOUNDARY_FIRST_INSTRUCTION, (int64_t)starts[_i].first);
		check_pins(PIN_BOUNDARY_AFTER_TOUCH, (int64_t)starts[_i].after);
		check_pins(PIN_BOUNDARY_AFTER_DESTROY, 0);
		ck_assert_uint_eq(sample->touched_pages, starts[_i].touched);
		/* A chunk may be asked for twice, by two vCPUs or by one that was interrupted. */
		ck_assert_uint_ge(sample->faults.count, faults);
		ck_assert_uint_le(sample->faults.count, 4 * faults);
		ck_assert_uint_le(sample->faults.p50_ns, sample->faults.p99_ns);
		ck_assert_uint_le(sample->faults.p999_ns, sample->faults.max_ns);
		ck_assert_uint_eq(sample->faults.max_ns > 0, faults > 0);
		process_state_is_as(&before, "a start");
	}
}
END_TEST

START_TEST(limits_of_this_host)
{
	struct process_state before = process_state_now();
	struct launch_limits limits = {0};
	struct fault f = {0};

	ck_assert_int_eq(launch_probe(&limits, &f), 0);
	ck_assert_uint_ge(limits.address_bits, 36);
	ck_assert_uint_le(limits.address_bits, 52);
	ck_assert_uint_ge(limits.max_vcpus, 1);
	ck_assert_uint_le(limits.max_vcpus, BOOT_MAX_VCPUS);
	process_state_is_as(&before, "a probe");
}
END_TEST

/* ---- ended early ---- */

static const struct cell long_ones[] = {
	{NONE, .guest_bytes = UNITS_GIB, .touch_bytes = UNITS_GIB, .touch_op = TOUCH_OP_READ},
	{NONE, .guest_bytes = UNITS_GIB, .touch_bytes = UNITS_GIB, .touch_op = TOUCH_OP_READ,
	 .vcpus = 3},
	{DEMAND, .guest_bytes = UNITS_GIB, .touch_bytes = UNITS_GIB, .chunk_bytes = 4096,
	 .vcpus = 2},
};

static void check_end(int r, uint32_t flags)
{
	ck_assert_int_eq(r, -EINTR);
	ck_assert_uint_eq(sample->flags, flags);
	ck_assert(!sample_is_valid(sample));
	ck_assert_int_eq(sample->failure->err, EINTR);
	ck_assert(!sample_has_phase(sample, PHASE_TOUCH));
	ck_assert(sample_has_phase(sample, PHASE_DESTROY));
	ck_assert_int_eq(sample->pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages, SAMPLE_NO_COUNT);
	check_pins(PIN_BOUNDARY_AFTER_DESTROY, 0);
}

/* A GiB takes seconds; the guest gets 50 ms. */
START_TEST(guest_that_takes_too_long)
{
	struct cell c = launch_cell(long_ones[_i]);
	uint64_t begin = clock_now_ns();

	if (!usable[c.mechanism][c.backing])
		return;
	guest_time_ns = 50000000;
	check_end(start(&c, 0), SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT));
	ck_assert_uint_lt(clock_now_ns() - begin, 2000000000u);
	ck_assert_int_eq(stop_signal(), 0);
	/* The next one is none the worse for it. */
	c.touch_bytes = 4096;
	guest_time_ns = 0;
	ck_assert_int_eq(start(&c, 1), 0);
	ck_assert_uint_eq(sample->flags, 0);
}
END_TEST

START_TEST(signal_before_the_guest_runs)
{
	struct cell c = launch_cell(long_ones[_i]);
	uint64_t begin = clock_now_ns();

	if (!usable[c.mechanism][c.backing])
		return;
	signal_at_alarm = SIGINT;
	check_end(start(&c, 0), SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED));
	ck_assert(!sample_has_phase(sample, PHASE_FIRST_INSTRUCTION));
	ck_assert_uint_lt(clock_now_ns() - begin, 1000000000u);
	/* And no start begins after that. */
	ck_assert_int_eq(start(&c, 1), -EINTR);
	ck_assert_uint_eq(sample->flags, SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED));
	ck_assert(!sample_has_phase(sample, PHASE_OPEN));
}
END_TEST

static void *send_signal(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&touching, __ATOMIC_ACQUIRE))
		usleep(1000);
	usleep(20000);
	kill(getpid(), SIGTERM);
	return NULL;
}

START_TEST(signal_while_the_guest_runs)
{
	struct cell c = launch_cell(long_ones[_i]);
	sigset_t all, old;
	pthread_t sender;

	if (!usable[c.mechanism][c.backing])
		return;
	touching = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ck_assert_int_eq(pthread_create(&sender, NULL, send_signal, NULL), 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	check_end(start(&c, 0), SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED));
	ck_assert(sample_has_phase(sample, PHASE_FIRST_INSTRUCTION));
	ck_assert_int_eq(stop_signal(), SIGTERM);
	pthread_join(sender, NULL);
}
END_TEST

/* ---- what is not as it should be ---- */

/* SIGCONT is all that a process sees of having been stopped. */
START_TEST(process_that_was_stopped)
{
	struct cell c = launch_cell((struct cell){NONE, .touch_bytes = 100 * 4096});

	goes_on = true;
	ck_assert_int_eq(start(&c, 0), 0);
	ck_assert_uint_eq(sample->flags, SAMPLE_BIT(SAMPLE_FLAG_DISTURBED));
	ck_assert_ptr_nonnull(strstr(sample->detail, "was stopped meanwhile"));
	goes_on = false;
	ck_assert_int_eq(start(&c, 1), 0);
	ck_assert_uint_eq(sample->flags, 0);
}
END_TEST

START_TEST(guest_that_lies)
{
	struct cell c = launch_cell((struct cell){NONE, .touch_bytes = 100 * 4096});

	lie = true;
	ck_assert_int_eq(start(&c, 0), -EIO);
	ck_assert_uint_eq(sample->flags,
			  SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_TOUCH_SHORT));
	ck_assert_str_eq(sample->failure->op, "mailbox");
	ck_assert_ptr_nonnull(strstr(sample->failure->object, "0 of 100 pages"));
}
END_TEST

static Suite *launch_suite(void)
{
	Suite *suite = suite_create("launch");
	TCase *whole = tcase_create("whole starts"), *early = tcase_create("ended early");

	tcase_set_timeout(whole, 30);
	tcase_add_checked_fixture(whole, open_launch, close_launch);
	tcase_add_loop_test(whole, starts_and_ends, 0, (int)LENGTH(starts));
	tcase_add_test(whole, limits_of_this_host);
	tcase_add_test(whole, guest_that_lies);
	tcase_add_test(whole, process_that_was_stopped);
	suite_add_tcase(suite, whole);
	tcase_set_tags(early, "slow");
	tcase_set_timeout(early, 30);
	tcase_add_checked_fixture(early, open_launch, close_launch);
	tcase_add_loop_test(early, guest_that_takes_too_long, 0, (int)LENGTH(long_ones));
	tcase_add_loop_test(early, signal_before_the_guest_runs, 0, (int)LENGTH(long_ones));
	tcase_add_loop_test(early, signal_while_the_guest_runs, 0, (int)LENGTH(long_ones));
	suite_add_tcase(suite, early);
	return suite;
}

int main(void)
{
	static const struct {
		enum pin_mechanism mechanism;
		enum backing backing;
	} asked[] = {
		{PIN_MECHANISM_IO_URING, BACKING_ANON},
		{PIN_MECHANISM_IO_URING, BACKING_MEMFD},
		{PIN_MECHANISM_USERFAULT, BACKING_ANON},
		{PIN_MECHANISM_USERFAULT, BACKING_MEMFD},
	};

	if (!launch_has_kvm())
		return 77;
	usable[PIN_MECHANISM_NONE][BACKING_ANON] = true;
	for (size_t i = 0; i < LENGTH(asked); i++)
		usable[asked[i].mechanism][asked[i].backing] =
			launch_can_use(asked[i].mechanism, asked[i].backing);
	return run_suite(launch_suite());
}
