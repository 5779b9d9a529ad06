// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prefault: the eager path. How much faster several threads fault memory in than one, what a pin of
 * present memory costs beside one bare registration with io_uring, and whether several threads pin
 * faster; for each backing, all ways in turn.
 *
 * As many processes, which share nothing, are the control: what they do not gain the machine does
 * not have.
 *
 * Memory is warm: it is touched and freed right before each timing, so that nobody times a
 * hypervisor that must find the pages first. Huge pages are taken into the host's pools for the
 * time, and given back; where there are none, the backing is left out.
 *
 * usage: prefault [ROUNDS [THREADS [SIZE [BACKING]]]]   (9 rounds, 2 threads, 1G, all backings)
 */
#include "must.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/gang.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/host.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include "turns.h"
#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static enum backing backing;
static uint64_t bytes = UNITS_GIB;
static struct gang gang; /* of all threads */
static int cpu[GANG_MAX];
static unsigned cpu_count;
static struct guest_memory memory;

static double gib_per_s(uint64_t start, uint64_t end)
{
	return (double)bytes / (double)UNITS_GIB / ((double)(end - start) / 1e9);
}

static void open_memory(void)
{
	WORK(guest_memory_open(&memory, backing, bytes, -1, false, &f));
}

static void warm(void)
{
	open_memory();
	WORK(guest_memory_prefault(&memory, &gang, &f));
	guest_memory_close(&memory);
}

/* ---- faulting in ---- */

static double run_prefault(void *arg)
{
	struct gang *by = arg; /* NULL: the caller alone */
	uint64_t start, end;

	warm();
	open_memory();
	start = clock_now_ns();
	WORK(guest_memory_prefault(&memory, by, &f));
	end = clock_now_ns();
	guest_memory_close(&memory);
	return gib_per_s(start, end);
}

/* The control: as many processes, each with its share and nothing in common but the machine. */
struct together {
	unsigned ready, go; /* atomic */
	uint64_t end_ns[GANG_MAX];
};

static void run_child(struct together *t, unsigned number)
{
	cpu_set_t one;

	if (cpu_count) {
		CPU_ZERO(&one);
		CPU_SET(cpu[number % cpu_count], &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
	bytes = bytes / gang.count / guest_memory_page_bytes(backing) *
		guest_memory_page_bytes(backing);
	open_memory();
	__atomic_fetch_add(&t->ready, 1, __ATOMIC_ACQ_REL);
	while (!__atomic_load_n(&t->go, __ATOMIC_ACQUIRE))
		sched_yield();
	WORK(guest_memory_prefault(&memory, NULL, &f));
	t->end_ns[number] = clock_now_ns();
	_exit(0);
}

static double run_processes(void *arg)
{
	struct together *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t start, end = 0;
	unsigned i;

	(void)arg;
	if (t == MAP_FAILED)
		exit(3);
	warm();
	fflush(stdout);
	for (i = 0; i < gang.count; i++) {
		if (fork() == 0)
			run_child(t, i);
	}
	while (__atomic_load_n(&t->ready, __ATOMIC_ACQUIRE) < gang.count) {
		if (waitpid(-1, NULL, WNOHANG) > 0)
			exit(3); /* it has said why */
		sched_yield();
	}
	start = clock_now_ns();
	__atomic_store_n(&t->go, 1, __ATOMIC_RELEASE);
	for (i = 0; i < gang.count; i++)
		wait(NULL);
	for (i = 0; i < gang.count; i++)
		end = t->end_ns[i] > end ? t->end_ns[i] : end;
	munmap(t, sizeof(*t));
	return gib_per_s(start, end);
}

/* ---- pinning ---- */

struct pinning {
	unsigned threads;
	bool present;
};

static double run_pin(void *arg)
{
	const struct pinning *p = arg;
	const struct pin_config c = {.guest_type = GUEST_TYPE_VM,
				     .mechanism = PIN_MECHANISM_IO_URING,
				     .guest_bytes = bytes,
				     .threads = p->threads,
				     .backing = backing,
				     .cpus = cpu,
				     .cpu_count = cpu_count};
	struct pin pin;
	uint64_t start, end;

	warm();
	open_memory();
	if (p->present)
		WORK(guest_memory_prefault(&memory, &gang, &f));
	WORK(pin_open(&pin, &c, &f));
	start = clock_now_ns();
	WORK(pin_start(&pin, &memory, NULL, &f));
	end = clock_now_ns();
	pin_close(&pin);
	guest_memory_close(&memory);
	return gib_per_s(start, end);
}

/* What there is no way around: one ring, and each GiB registered. */
static double run_bare(void *arg)
{
	struct io_uring ring;
	uint64_t start, end, at;
	int r;

	(void)arg;
	warm();
	open_memory();
	WORK(guest_memory_prefault(&memory, &gang, &f));
	start = clock_now_ns();
	r = io_uring_queue_init(1, &ring, 0);
	if (r == 0)
		r = io_uring_register_buffers_sparse(&ring, (unsigned)(bytes / UNITS_GIB + 1));
	for (at = 0; at < bytes && r >= 0; at += UNITS_GIB) {
		struct iovec range = {memory.host + at,
				      bytes - at < UNITS_GIB ? bytes - at : UNITS_GIB};

		r = io_uring_register_buffers_update_tag(&ring, (unsigned)(at / UNITS_GIB), &range,
							 NULL, 1);
	}
	end = clock_now_ns();
	if (r < 0) {
		fprintf(stderr, "prefault: io_uring: %s\n", strerror(-r));
		exit(3);
	}
	io_uring_unregister_buffers(&ring);
	io_uring_queue_exit(&ring);
	guest_memory_close(&memory);
	return gib_per_s(start, end);
}

/* ---- the machine ---- */

static void reckon(void *arg, unsigned number)
{
	uint64_t *sum = arg, x = number + 1, i;

	for (i = 0; i < 100000000; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	__atomic_fetch_add(sum, x, __ATOMIC_RELAXED); /* or the compiler leaves it out */
}

/* Arithmetic without memory: so many threads at once, against one. */
static double run_arithmetic(void *arg)
{
	struct gang *by = arg;
	uint64_t sum = 0, start = clock_now_ns();

	if (by)
		gang_run(by, reckon, &sum);
	else
		reckon(&sum, 0);
	return (by ? by->count : 1) / ((double)(clock_now_ns() - start) / 1e9);
}

static void compare_cpus(unsigned rounds)
{
	static struct turns_way way[2];
	char team[48];

	snprintf(team, sizeof(team), "%u threads", gang.count);
	way[0] = (struct turns_way){.name = "1 thread", .run = run_arithmetic};
	way[1] = (struct turns_way){.name = team, .run = run_arithmetic, .arg = &gang};
	turns_run(way, 2, rounds);
	printf(" %-27s %4s %12s %8s   %s\n", "arithmetic by", "n", "10^8/s", "/first", "95% CI");
	turns_print(way, 2, rounds, 1);
}

/* ---- the pools ---- */

static long pool_before = -1;
static char pool[128];

static void give_back(void)
{
	FILE *f = pool_before >= 0 ? fopen(pool, "w") : NULL;

	if (f) {
		fprintf(f, "%ld", pool_before);
		fclose(f);
	}
	pool_before = -1;
}

/* Huge pages for all of the memory; false where they cannot be had. */
static bool take_pool(uint64_t page_bytes)
{
	const long wanted = (long)((bytes + page_bytes - 1) / page_bytes);
	long have = -1;
	FILE *f;

	snprintf(pool, sizeof(pool), "/sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
		 (unsigned long long)(page_bytes / 1024));
	f = fopen(pool, "r+");
	if (!f || fscanf(f, "%ld", &pool_before) != 1) {
		printf("  left out: no pool of such pages, or not permitted (%s)\n", pool);
		if (f)
			fclose(f);
		return false;
	}
	rewind(f);
	fprintf(f, "%ld", pool_before + wanted);
	fclose(f);
	f = fopen(pool, "r");
	if (!f || fscanf(f, "%ld", &have) != 1 || have < pool_before + wanted) {
		printf("  left out: %ld of %ld pages can be had\n", have - pool_before, wanted);
		give_back();
	}
	if (f)
		fclose(f);
	return pool_before >= 0;
}

/* ---- all of it ---- */

static void head(const char *what)
{
	printf(" %-27s %4s %12s %8s   %s\n", what, "n", "GiB/s", "/first", "95% CI");
}

static void print_pages(const struct turns_way *w, unsigned rounds)
{
	struct stats_summary s;

	if (stats_summarise(w->figure, rounds, &s) < 0)
		exit(3);
	printf("  4 KiB of memory pinned a second, present: %.2f million\n",
	       s.median * 262144 / 1e6);
}

static void compare(unsigned rounds)
{
	static struct turns_way way[4];
	static struct pinning present = {1, true}, absent = {1, false}, present_team = {0, true},
			      absent_team = {0, false};
	char team[48], processes[48];

	present_team.threads = absent_team.threads = gang.count;
	snprintf(team, sizeof(team), "%u threads", gang.count);
	snprintf(processes, sizeof(processes), "%u processes (control)", gang.count);
	way[0] = (struct turns_way){.name = "1 thread", .run = run_prefault, .arg = NULL};
	way[1] = (struct turns_way){.name = team, .run = run_prefault, .arg = &gang};
	way[2] = (struct turns_way){.name = processes, .run = run_processes};
	turns_run(way, 3, rounds);
	head("faulted in by");
	turns_print(way, 3, rounds, 1);
	way[0] = (struct turns_way){.name = "bare io_uring", .run = run_bare};
	way[1] = (struct turns_way){.name = "1 thread", .run = run_pin, .arg = &present};
	way[2] = (struct turns_way){.name = team, .run = run_pin, .arg = &present_team};
	turns_run(way, 3, rounds);
	head("present memory pinned by");
	turns_print(way, 3, rounds, 1);
	print_pages(&way[1], rounds);
	way[0] = (struct turns_way){.name = "1 thread", .run = run_pin, .arg = &absent};
	way[1] = (struct turns_way){.name = team, .run = run_pin, .arg = &absent_team};
	turns_run(way, 2, rounds);
	head("absent memory pinned by");
	turns_print(way, 2, rounds, 1);
}

int main(int argc, char **argv)
{
	uint64_t rounds = 9, threads = 2;
	char size[24];
	int only = -1, b;

	if ((argc > 1 && units_parse_u64(argv[1], 1, TURNS_MAX_ROUNDS, &rounds) < 0) ||
	    (argc > 2 && units_parse_u64(argv[2], 2, GANG_MAX, &threads) < 0) ||
	    (argc > 3 && (units_parse_size(argv[3], &bytes) < 0 || bytes < 2 * UNITS_MIB)) ||
	    (argc > 4 && (only = words_value(&words_backing, argv[4])) < 0)) {
		fputs("usage: prefault [ROUNDS [THREADS [SIZE [BACKING]]]]\n", stderr);
		return 2;
	}
	stop_install();
	atexit(give_back);
	cpu_count = host_cpus_allowed(-1, cpu, GANG_MAX);
	WORK(gang_open(&gang, (unsigned)threads, true, cpu, cpu_count, &f));
	compare_cpus((unsigned)rounds);
	for (b = 0; b < BACKING_COUNT; b++) {
		uint64_t page = guest_memory_page_bytes((enum backing)b);

		if (only >= 0 && b != only)
			continue;
		backing = (enum backing)b;
		printf("%s, %s\n", words_text(&words_backing, (unsigned)b),
		       units_format_size(bytes, size, sizeof(size)));
		if (bytes % (page * threads) != 0)
			printf("  left out: no whole number of such pages for each thread\n");
		else if (page == UNITS_PAGE_BYTES || take_pool(page))
			compare((unsigned)rounds);
		give_back();
		fflush(stdout);
	}
	gang_close(&gang);
	return 0;
}
