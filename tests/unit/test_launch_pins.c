// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_launch_pins: the three accounts of what is pinned, made to disagree in each way, and what a
 * sample says of it. Needs /dev/kvm and io_uring.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/launch.h"
#include "sevpinbench/stop.h"

#include "launch_cells.h"
#include "process_state.h"
#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define NO_COUNT   INT64_MIN /* it cannot be read */
#define FLAG(name) SAMPLE_BIT(SAMPLE_FLAG_##name)

/* ---- the counts, as a test wants them ---- */

/* What is added to the true count at each boundary; the last holds for later readings. */
struct count {
	int64_t extra[PIN_BOUNDARY_COUNT];
	unsigned reads;
};

static struct count host, vmpin;
static unsigned settle_reads; /* after so many later readings all is as it was; 0 never */

static int64_t changed(struct count *c, int64_t pages)
{
	int64_t extra = c->extra[c->reads < PIN_BOUNDARY_COUNT ? c->reads : PIN_BOUNDARY_COUNT - 1];

	c->reads++;
	if (settle_reads && c->reads > PIN_BOUNDARY_COUNT + settle_reads)
		extra = 0;
	return extra == NO_COUNT ? SAMPLE_NO_COUNT : pages + extra;
}

int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return changed(&host, 1000 + (int64_t)process_vmpin_pages());
}

int64_t __real_pin_counters_vmpin_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_vmpin_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_vmpin_pages(struct pin_counters *c)
{
	return changed(&vmpin, __real_pin_counters_vmpin_pages(c));
}

static int other_pid;
int __wrap_pin_counters_find_other(int *pid, char *name, uint64_t *pages);
int __wrap_pin_counters_find_other(int *pid, char *name, uint64_t *pages)
{
	*pid = other_pid;
	*pages = 77;
	memcpy(name, "qemu", 5);
	return other_pid != 0;
}

static bool keep_pins;
int __real_io_uring_unregister_buffers(struct io_uring *ring);
int __wrap_io_uring_unregister_buffers(struct io_uring *ring);
int __wrap_io_uring_unregister_buffers(struct io_uring *ring)
{
	return keep_pins ? 0 : __real_io_uring_unregister_buffers(ring);
}
void __real_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
	if (!keep_pins)
		__real_io_uring_queue_exit(ring);
}

/* The wait for the counts to settle need not be long here: nothing comes after it. */
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* ---- starts ---- */

static struct launch launch;
static struct sample_room room;
static struct sample *const sample = &room.sample;

static void open_launch(void)
{
	const struct launch_options o = {0};
	struct fault f = {0};

	ck_assert_int_eq(stop_install(), 0);
	ck_assert_int_eq(launch_open(&launch, &o, &f), 0);
}

static void close_launch(void)
{
	launch_close(&launch);
}

static int start(enum backing b)
{
	const struct cell c = launch_cell((struct cell){EAGER, .backing = b, .touch_bytes = 4096});

	memset(&room, 0x5a, sizeof(room));
	return launch_run(&launch, &c, 0, &room);
}

/* A start that pins 1,024 pages at once: what is added to VmPin and the host's count, and said. */
static const struct {
	enum backing backing;
	int64_t vmpin[PIN_BOUNDARY_COUNT], host[PIN_BOUNDARY_COUNT];
	int other_pid;
	uint32_t flags;
	const char *detail;
} accounts[] = {
	/* What was there before does not count. */
	{BACKING_ANON, {0}, {50, 50, 50, 50, 50}, 0, 0, ""},
	{BACKING_ANON, {7, 7, 7, 7, 7}, {0}, 0, 0, ""},
	/* Others pin, or give back what they held. */
	{BACKING_ANON,
	 {0},
	 {0, 0, 9, 0, 0},
	 0,
	 FLAG(FOREIGN_PINS),
	 "first_instruction: host counts 1033 pages, ledger 1024; some other process"},
	{BACKING_ANON,
	 {0},
	 {0, 9, 9, 9, 0},
	 4711,
	 FLAG(FOREIGN_PINS),
	 "after_pin: host counts 1033 pages, ledger 1024; process 4711 (qemu) pins 77"},
	{BACKING_ANON,
	 {0},
	 {0, 0, 0, -3, 0},
	 0,
	 FLAG(FOREIGN_PINS),
	 "after_touch: host counts 1021 pages, ledger 1024; some other process"},
	/* VmPin is our own. */
	{BACKING_ANON,
	 {0, 0, -5, 0, 0},
	 {0},
	 0,
	 FLAG(PIN_MISMATCH),
	 "first_instruction: VmPin counts 1019 pages, ledger 1024"},
	{BACKING_ANON,
	 {0, 0, 0, 5, 0},
	 {0},
	 4711,
	 FLAG(PIN_MISMATCH),
	 "after_touch: VmPin counts 1029 pages, ledger 1024"},
	/* Small pages are counted one by one; pages that may be huge, perhaps once. */
	{BACKING_ANON,
	 {0},
	 {0, -1022, -1022, -1022, 0},
	 0,
	 FLAG(FOREIGN_PINS),
	 "after_pin: host counts 2 pages"},
	{BACKING_MEMFD,
	 {0},
	 {0, -1022, -1022, -1022, 0},
	 0,
	 FLAG(FOLIO_UNITS),
	 "counts a pinned huge page once"},
	{BACKING_MEMFD, {0}, {0, -1, -1, -1, 0}, 0, FLAG(FOLIO_UNITS), "huge page"},
	{BACKING_MEMFD,
	 {0},
	 {0, -1023, -1023, -1023, 0},
	 0,
	 FLAG(FOREIGN_PINS),
	 "after_pin: host counts 1 pages"},
	/* One of the two cannot be read; the other still counts. */
	{BACKING_ANON,
	 {0},
	 {NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT},
	 0,
	 FLAG(PINS_UNREADABLE),
	 "could not be read"},
	{BACKING_ANON, {0}, {0, 0, NO_COUNT, 0, 0}, 0, FLAG(PINS_UNREADABLE), "could not be read"},
	{BACKING_ANON,
	 {NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT},
	 {0},
	 0,
	 FLAG(PINS_UNREADABLE),
	 "could not be read"},
	{BACKING_ANON,
	 {NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT},
	 {0, -3, -3, -3, 0},
	 0,
	 FLAG(PINS_UNREADABLE) | FLAG(PIN_MISMATCH),
	 "could not be read"},
	/* A count that could not be read before is no proof of a leak after. */
	{BACKING_ANON, {NO_COUNT, 0, 0, 0, 0}, {0}, 0, FLAG(PINS_UNREADABLE), "could not be read"},
	{BACKING_ANON, {0}, {NO_COUNT, 0, 0, 0, 0}, 0, FLAG(PINS_UNREADABLE), "could not be read"},
	{BACKING_ANON, {0, 0, 0, 0, NO_COUNT}, {0}, 0, 0, ""},
	/* The end: somebody unpins; somebody who is known pins on; nobody is known; it is us. */
	{BACKING_ANON,
	 {0},
	 {0, 0, 0, 0, -40},
	 0,
	 FLAG(FOREIGN_PINS),
	 "after_destroy: host counts -40 pages"},
	{BACKING_ANON,
	 {0},
	 {0, 0, 0, 0, 40},
	 4711,
	 FLAG(FOREIGN_PINS),
	 "after_destroy: host counts 40 pages, ledger 0; process 4711"},
	{BACKING_ANON,
	 {0},
	 {0, 0, 0, 0, 40},
	 0,
	 FLAG(LEAK),
	 "after_destroy: 40 pages more pinned on the host than before, VmPin +0"},
	{BACKING_ANON, {0, 0, 0, 0, 40}, {0}, 4711, FLAG(LEAK), "VmPin +40"},
	{BACKING_ANON,
	 {NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT},
	 {0, 0, 0, 0, 40},
	 0,
	 FLAG(PINS_UNREADABLE) | FLAG(LEAK),
	 "after_destroy: 40 pages more"},
};

START_TEST(accounts_are_compared)
{
	bool leak = accounts[_i].flags & FLAG(LEAK);

	memcpy(vmpin.extra, accounts[_i].vmpin, sizeof(vmpin.extra));
	memcpy(host.extra, accounts[_i].host, sizeof(host.extra));
	other_pid = accounts[_i].other_pid;
	ck_assert_int_eq(start(accounts[_i].backing), leak ? -EIO : 0);
	ck_assert_msg(sample->flags == accounts[_i].flags, "flags %#x, not %#x: %s", sample->flags,
		      accounts[_i].flags, sample->detail);
	ck_assert_msg(accounts[_i].detail[0] ? strstr(sample->detail, accounts[_i].detail) != NULL
					     : sample->detail[0] == '\0',
		      "detail: %s", sample->detail);
	ck_assert_int_eq(sample_is_valid(sample), !leak);
	/* The times of phases are the same whatever was counted. */
	ck_assert_uint_eq(sample->phases_done, ((1u << PHASE_COUNT) - 1) & ~SAMPLE_SEV_PHASES);
}
END_TEST

START_TEST(pins_that_stay_are_a_leak)
{
	keep_pins = true;
	ck_assert_int_eq(start(BACKING_ANON), -EIO);
	ck_assert_uint_eq(sample->flags, FLAG(LEAK));
	ck_assert(!sample_is_valid(sample));
	ck_assert_ptr_nonnull(strstr(sample->detail, "1024 pages more pinned"));
	ck_assert_ptr_nonnull(strstr(sample->detail, "VmPin +1024"));
	/* Nothing failed: what is wrong is that it stays. */
	ck_assert(!fault_is_set(sample->failure));
}
END_TEST

/* Counts that come back late are waited for. */
START_TEST(pins_given_back_late_are_none)
{
	static const int64_t late[PIN_BOUNDARY_COUNT] = {0, 0, 0, 0, 30};

	memcpy(host.extra, late, sizeof(late));
	settle_reads = 3;
	ck_assert_int_eq(start(BACKING_ANON), 0);
	ck_assert_uint_eq(sample->flags, 0);
	ck_assert_int_eq(sample->pins[PIN_BOUNDARY_AFTER_DESTROY].host_pages,
			 sample->pins[PIN_BOUNDARY_BEFORE].host_pages);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tcase;

	if (!launch_has_kvm())
		return 77;
	if (!launch_can_use(PIN_MECHANISM_IO_URING, BACKING_ANON)) {
		printf("left out, there is no io_uring here\n");
		return 77;
	}
	suite = suite_create("launch pins");
	tcase = tcase_create("launch pins");
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, open_launch, close_launch);
	tcase_add_loop_test(tcase, accounts_are_compared, 0, (int)LENGTH(accounts));
	tcase_add_test(tcase, pins_that_stay_are_a_leak);
	tcase_add_test(tcase, pins_given_back_late_are_none);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
