// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_disturbance: what the rest of the host may do while a sample is taken, at the number where
 * it gets a flag. The host's files, its memory and the clock are the test's.
 */
#include "fixture_root.h"
#include "sevpinbench/disturbance.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MS 1000000u

static struct host_facts host;
static struct host_memory memory_now;
static struct sample_room room;
static struct sample *const sample = &room.sample;
static struct cell cell;
static const struct cell plain = {.pin = PIN_MODE_EAGER,
				  .mechanism = PIN_MECHANISM_KVM_REGION,
				  .guest_bytes = UNITS_GIB,
				  .touch_bytes = UNITS_GIB,
				  .vcpus = 1};

/* Each reading of the clock is as much later: two of them are what the fixed work took. */
static uint64_t now_ns, step_ns;
uint64_t __wrap_clock_now_ns(void);
uint64_t __wrap_clock_now_ns(void)
{
	return now_ns += step_ns;
}

void __wrap_host_memory_collect_settings(struct host_memory *m);
void __wrap_host_memory_collect_settings(struct host_memory *m)
{
	*m = memory_now;
}

/* Where this thread may run. */
static cpu_set_t may_run;
int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	(void)pid;
	ck_assert_uint_eq(bytes, sizeof(*set));
	*set = may_run;
	return 0;
}

struct sums {
	uint64_t steal_ticks, normal, movable, migrated, stalls, swapped;
};

static void show(const struct sums *s)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "cpu  1 2 3 4 5 6 7 %" PRIu64 " 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n",
		 s->steal_ticks);
	put("/proc/stat", text);
	snprintf(text, sizeof(text),
		 "pgalloc_dma 0\npgalloc_normal %" PRIu64 "\npgalloc_movable %" PRIu64
		 "\nallocstall_normal %" PRIu64 "\npgmigrate_success %" PRIu64 "\npswpout %" PRIu64
		 "\n",
		 s->normal, s->movable, s->stalls, s->migrated, s->swapped);
	put("/proc/vmstat", text);
}

static void set_up(void)
{
	make_root();
	cell = plain;
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	memset(&host, 0, sizeof(host));
	host.platform = PLATFORM_HARDWARE;
	snprintf(host.clocksource, sizeof(host.clocksource), "tsc");
	snprintf(host.governor, sizeof(host.governor), "performance");
	snprintf(host.memory.thp_enabled, sizeof(host.memory.thp_enabled), "always");
	host.memory.numa_balancing = 0;
	memory_now = host.memory;
	CPU_ZERO(&may_run);
	now_ns = 1;
	step_ns = 50000;
}

/* A sample of so many ms, during which the sums grow by as much. Returns its flags. */
static uint32_t take(uint64_t took_ms, const struct sums *grow)
{
	struct sums at = {1000, 1000, 1000, 1000, 1000, 1000};
	struct disturbance d;

	sample_room_clear(&room);
	disturbance_open(&d, &host, false);
	show(&at);
	disturbance_begin(&d);
	at.steal_ticks += grow->steal_ticks;
	at.normal += grow->normal;
	at.movable += grow->movable;
	at.migrated += grow->migrated;
	at.stalls += grow->stalls;
	at.swapped += grow->swapped;
	show(&at);
	now_ns += took_ms * MS - step_ns;
	disturbance_end(&d, &cell, sample);
	return sample->flags;
}

#define DISTURBED SAMPLE_BIT(SAMPLE_FLAG_DISTURBED)
#define CHANGED	  SAMPLE_BIT(SAMPLE_FLAG_HOST_CHANGED)

START_TEST(quiet)
{
	ck_assert_uint_eq(take(100, &(struct sums){0}), 0);
	ck_assert_str_eq(sample->detail, "");
}
END_TEST

START_TEST(stolen)
{
	/* One tick may be a nanosecond; 5% of the time may be lost. */
	ck_assert_uint_eq(take(100, &(struct sums){.steal_ticks = 1}), 0);
	ck_assert_uint_eq(take(100, &(struct sums){.steal_ticks = 2}), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "gave 20 ms"));
	ck_assert_uint_eq(take(400, &(struct sums){.steal_ticks = 2}), 0);
	ck_assert_uint_eq(take(400, &(struct sums){.steal_ticks = 3}), DISTURBED);
}
END_TEST

START_TEST(allocated)
{
	struct plan_needs needs;
	uint64_t own;

	plan_needs(&cell, false, &needs);
	own = units_pages(needs.resident_bytes + needs.table_bytes);
	own += own / 32 + 1024 + 192;
	/* 100 MB a second, beside what the guest needs. */
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own + 25000}), 0);
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own, .movable = 25001}), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "others allocated 25001 pages"));
	ck_assert_uint_eq(take(2000, &(struct sums){.normal = own, .movable = 25001}), 0);
	/* Pages that pinning moves are allocated twice. */
	ck_assert_uint_eq(
		take(1000,
		     &(struct sums){.normal = own + 5000, .movable = 25000, .migrated = 5000}),
		0);
	ck_assert_uint_eq(
		take(1000,
		     &(struct sums){.normal = own + 5000, .movable = 25001, .migrated = 5000}),
		DISTURBED);
}
END_TEST

/* Each chunk that is pinned by itself costs the kernel pages of its own. */
START_TEST(allocated_for_chunks)
{
	struct plan_needs needs;
	uint64_t own;

	cell.mechanism = PIN_MECHANISM_USERFAULT;
	cell.chunk_bytes = 64 * UNITS_KIB;
	plan_needs(&cell, false, &needs);
	own = units_pages(needs.resident_bytes + needs.table_bytes);
	own += own / 32 + 1024 + 192 + 4 * (UNITS_GIB / (64 * UNITS_KIB));
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own + 25000}), 0);
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own + 25001}), DISTURBED);
	/* A fault in a hole of huge pages takes one, and gives it back. */
	cell.backing = BACKING_THP;
	own += units_pages(needs.resident_bytes);
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own + 25000}), 0);
	ck_assert_uint_eq(take(1000, &(struct sums){.normal = own + 25001}), DISTURBED);
}
END_TEST

/*
 * One that takes 650,000 pages a second is seen beside a guest of 32 MiB that is up in 15 ms,
 * though the guest takes as many in that time; and what such guests were seen to take is theirs.
 */
START_TEST(allocated_beside_short)
{
	cell.guest_bytes = cell.touch_bytes = 32 * UNITS_MIB;
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 8446}), 0);
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 8446 + 9750}), DISTURBED);
	cell.parallel = 4;
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 4 * 8446}), 0);
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 4 * 8446 + 9750}), DISTURBED);
	/* Sixteen vCPUs and their threads took 1,800 pages. */
	cell.parallel = 1;
	cell.vcpus = 16;
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 8446 + 1800}), 0);
	ck_assert_uint_eq(take(15, &(struct sums){.normal = 8446 + 9750}), DISTURBED);
}
END_TEST

START_TEST(moved)
{
	struct plan_needs needs;
	uint64_t own;

	plan_needs(&cell, false, &needs);
	own = units_pages(needs.resident_bytes + needs.table_bytes);
	ck_assert_uint_eq(take(100, &(struct sums){.migrated = own + 2048}), 0);
	ck_assert_uint_eq(take(100, &(struct sums){.migrated = own + 2049}), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "the kernel moved"));
}
END_TEST

START_TEST(short_of_memory)
{
	ck_assert_uint_eq(take(100, &(struct sums){.stalls = 1}), DISTURBED);
	ck_assert_uint_eq(take(100, &(struct sums){.swapped = 1}), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "ran short of memory: 0 allocations"));
}
END_TEST

/* The work takes two readings of the clock, 50 us at the beginning. */
static uint32_t pace(uint64_t later_ns)
{
	struct disturbance d;

	sample_room_clear(&room);
	step_ns = 50000;
	disturbance_open(&d, &host, false);
	show(&(struct sums){0});
	disturbance_begin(&d);
	step_ns = later_ns;
	disturbance_end(&d, &cell, sample);
	return sample->flags;
}

START_TEST(slower)
{
	ck_assert_uint_eq(pace(54900), 0);
	ck_assert_uint_eq(pace(56000), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "12% slower"));
	ck_assert_uint_eq(pace(45100), 0);
	ck_assert_uint_eq(pace(44000), DISTURBED);
	ck_assert_ptr_nonnull(strstr(sample->detail, "12% faster"));
	host.platform = PLATFORM_EMULATED;
	ck_assert_uint_eq(pace(90000), 0);
}
END_TEST

START_TEST(settings)
{
	snprintf(memory_now.thp_enabled, sizeof(memory_now.thp_enabled), "never");
	ck_assert_uint_eq(take(100, &(struct sums){0}), CHANGED);
	ck_assert_str_eq(sample->detail, "transparent_hugepage/enabled was always and is never");
	memory_now = host.memory;
	memory_now.numa_balancing = 1;
	ck_assert_uint_eq(take(100, &(struct sums){0}), CHANGED);
	ck_assert_str_eq(sample->detail, "numa_balancing was 0 and is 1");
	memory_now.numa_balancing = -1; /* unknown */
	ck_assert_uint_eq(take(100, &(struct sums){0}), 0);
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
	ck_assert_uint_eq(take(100, &(struct sums){0}), CHANGED);
	ck_assert_str_eq(sample->detail, "governor was performance and is powersave");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	host.cpu.logical_cpus = 6;
	put("/sys/devices/system/cpu/online", "0-3,8,10\n");
	ck_assert_uint_eq(take(100, &(struct sums){0}), 0);
	put("/sys/devices/system/cpu/online", "0-3,10\n");
	ck_assert_uint_eq(take(100, &(struct sums){0}), CHANGED);
	ck_assert_str_eq(sample->detail, "the number of CPUs online was 6 and is 5");
}
END_TEST

/* A sample of so many ms, during which this thread waited for a CPU. */
static uint32_t wait_for(uint64_t took_ms, uint64_t waited_us)
{
	struct disturbance d;
	char text[64];

	sample_room_clear(&room);
	disturbance_open(&d, &host, false);
	show(&(struct sums){0});
	put("/proc/thread-self/schedstat", "5000 7000000 3\n");
	disturbance_begin(&d);
	snprintf(text, sizeof(text), "%u %" PRIu64 " 9\n", 90 * MS, 7 * MS + waited_us * 1000);
	put("/proc/thread-self/schedstat", text);
	now_ns += took_ms * MS - step_ns;
	disturbance_end(&d, &cell, sample);
	return sample->flags;
}

START_TEST(waited)
{
	CPU_SET(3, &may_run);
	ck_assert_uint_eq(wait_for(100, 10000), 0);
	ck_assert_uint_eq(wait_for(100, 10001), DISTURBED);
	ck_assert_str_eq(sample->detail, "other processes had this one's CPU for 10.0 ms of 100.0");
	/* Less than a slice of the scheduler's. */
	ck_assert_uint_eq(wait_for(3, 1999), 0);
	ck_assert_uint_eq(wait_for(3, 2001), DISTURBED);
	/* An interpreted kernel's own threads take more. */
	host.platform = PLATFORM_EMULATED;
	ck_assert_uint_eq(wait_for(50, 29999), 0);
	ck_assert_uint_eq(wait_for(100, 35000), 0);
	ck_assert_uint_eq(wait_for(100, 35001), DISTURBED);
	host.platform = PLATFORM_HARDWARE;
	/* Our own threads may have had it. */
	cell.vcpus = 2;
	ck_assert_uint_eq(wait_for(100, 50000), 0);
	cell = plain;
	cell.mechanism = PIN_MECHANISM_USERFAULT;
	cell.chunk_bytes = 2 * UNITS_MIB;
	ck_assert_uint_eq(wait_for(100, 50000), 0);
	CPU_SET(4, &may_run);
	ck_assert_uint_eq(wait_for(100, 50000), DISTURBED);
	cell = plain;
	cell.prefault_threads = 3;
	ck_assert_uint_eq(wait_for(100, 50000), 0);
	cell = plain;
	cell.parallel = 2;
	ck_assert_uint_eq(wait_for(100, 50000), 0);
	cell = plain;
	/* Not known, or no number. */
	put("/proc/thread-self/schedstat", "0 0 0\n");
	ck_assert_uint_eq(take(100, &(struct sums){0}), 0);
	put("/proc/thread-self/schedstat", "12\n");
	ck_assert_uint_eq(take(100, &(struct sums){0}), 0);
}
END_TEST

/* The set changes between two samples, and stays so. */
START_TEST(moved_elsewhere)
{
	struct disturbance d;

	CPU_SET(3, &may_run);
	disturbance_open(&d, &host, false);
	show(&(struct sums){0});
	for (int i = 0; i < 4; i++) {
		sample_room_clear(&room);
		disturbance_begin(&d);
		if (i == 1) {
			CPU_CLR(3, &may_run);
			CPU_SET(2, &may_run);
		} else if (i == 3) {
			CPU_SET(5, &may_run);
		}
		disturbance_end(&d, &cell, sample);
		ck_assert_uint_eq(sample->flags, i ? CHANGED : 0);
		ck_assert_int_eq(strstr(sample->detail, "now on 1 others:") != NULL,
				 i == 1 || i == 2);
	}
	ck_assert_ptr_nonnull(strstr(sample->detail, "might run on 1 CPUs, and now on 2:"));
}
END_TEST

/* What cannot be read is not judged, and what a sample has to say for itself stays before the rest.
 */
START_TEST(unknown)
{
	struct disturbance d;

	sample_room_clear(&room);
	snprintf(room.detail, sizeof(room.detail), "its own");
	disturbance_open(&d, &host, false);
	put("/proc/stat", "cpu 1 2 3\n");
	put("/proc/vmstat", "nr_free_pages 1\n");
	disturbance_begin(&d);
	ck_assert_int_eq(d.before.stolen_ns, -1);
	ck_assert_int_eq(d.before.allocated_pages, -1);
	show(&(struct sums){1000, 1u << 30, 0, 1u << 30, 1000, 1000});
	disturbance_end(&d, &cell, sample);
	ck_assert_uint_eq(sample->flags, 0);
	disturbance_begin(&d);
	show(&(struct sums){1000, 1u << 30, 0, 1u << 30, 1001, 1000});
	disturbance_end(&d, &cell, sample);
	ck_assert_uint_eq(sample->flags, DISTURBED);
	ck_assert_str_eq(sample->detail,
			 "its own; the host ran short of memory: 1 allocations had to wait for "
			 "some, 0 pages were swapped");
	/* No more than there is room for. */
	disturbance_begin(&d);
	show(&(struct sums){1000, 1u << 30, 0, 1u << 30, 1002, 1000});
	for (int i = 0; i < 5; i++)
		disturbance_end(&d, &cell, sample);
	ck_assert_uint_eq(strlen(sample->detail), SAMPLE_DETAIL_LEN - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("disturbance");
	TCase *tc = tcase_create("disturbance");

	tcase_add_checked_fixture(tc, set_up, drop_root);
	tcase_add_test(tc, quiet);
	tcase_add_test(tc, stolen);
	tcase_add_test(tc, allocated);
	tcase_add_test(tc, allocated_for_chunks);
	tcase_add_test(tc, allocated_beside_short);
	tcase_add_test(tc, moved);
	tcase_add_test(tc, short_of_memory);
	tcase_add_test(tc, slower);
	tcase_add_test(tc, settings);
	tcase_add_test(tc, waited);
	tcase_add_test(tc, moved_elsewhere);
	tcase_add_test(tc, unknown);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
