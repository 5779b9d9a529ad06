// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * demand: how fast demand faults are served, against a bare peer.
 *
 * The peer has the structure of the kernel's demand_paging_test -u MISSING
 * (tools/testing/selftests/kvm): for each vCPU a userfaultfd on its slice of memory and a thread
 * that waits in poll(2), reads one event and answers with a UFFDIO_COPY of one chunk that wakes the
 * vCPU. It pins nothing and runs where the scheduler puts it. Ours is the library's own path, with
 * what it pins (io_uring) and with a mechanism that pins nothing. Other peers show what a structure
 * is worth: each thread on its vCPU's CPU, as ours are; the same without poll(2); and threads on
 * the next CPU that never sleep. The guest is the same for all: it touches each page of its memory
 * once, in order, and that is what is timed.
 *
 * usage: demand [ROUNDS [VCPUS [CHUNK [SIZE]]]]   (10 rounds of 1 and 4 vCPUs, 4K and 2M)
 */
#include "must.h"
#include "sevpinbench/boot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/host.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include "sevpinbench/userfault_team.h"
#include "sevpinbench/vcpu_team.h"
#include "turns.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_VCPUS 64

struct guest {
	uint64_t bytes, chunk_bytes, boot_bytes, pages;
	uint32_t vcpus;
	bool pages_1g;
	int cpu[MAX_VCPUS];
	unsigned cpu_count;
	cpu_set_t allowed;
	struct vm vm;
	struct vcpu_cpuid cpuid;
	struct guest_memory memory;
	struct vcpu_team team;
};

static struct guest guest;
static void *zeros;

/* ---- the guest ---- */

/* Up to its first instruction, with the boot area written by whoever serves its faults. */
static void start_guest(bool placed)
{
	struct guest *g = &guest;
	struct guest_memory_slot slot[GUEST_MEMORY_SLOTS];
	cpu_set_t one;

	MUST(sched_setaffinity(0, sizeof(g->allowed), &g->allowed));
	g->cpu_count = host_cpus_allowed(-1, g->cpu, MAX_VCPUS);
	if (placed) {
		CPU_ZERO(&one);
		CPU_SET(g->cpu[0], &one);
		MUST(sched_setaffinity(0, sizeof(one), &one));
	}
	WORK(vcpu_team_open(&g->team, g->vcpus, g->cpu, placed ? g->cpu_count : 0, &f));
	WORK(vm_open(&g->vm, &f));
	WORK(vcpu_cpuid_fetch(&g->cpuid, &g->vm, &f));
	WORK(vm_create(&g->vm, &f));
	g->pages_1g = vcpu_cpuid_has_1g_pages(&g->cpuid);
	g->boot_bytes = boot_area_bytes(g->bytes, g->bytes, g->pages_1g);
	g->pages = boot_touch_pages(g->bytes, g->bytes, g->pages_1g);
	WORK(guest_memory_open(&g->memory, BACKING_ANON, g->bytes, -1, false, &f));
	if (guest_memory_slots(&g->memory, slot) != 1)
		exit(3);
	WORK(vm_set_memory(&g->vm, 0, slot[0].gpa, slot[0].bytes, slot[0].host, &f));
}

static struct boot_config boot(void)
{
	return (struct boot_config){
		.pages_1g = guest.pages_1g, .vcpus = guest.vcpus, .touch_bytes = guest.bytes};
}

/* Pages a second. */
static double run_guest(void)
{
	const struct boot_config b = boot();
	uint64_t start, end, touched;

	WORK(vcpu_team_create(&guest.team, &guest.vm, &guest.cpuid, &b, &f));
	WORK(vcpu_team_first(&guest.team, &f));
	start = clock_now_ns();
	WORK(vcpu_team_touch(&guest.team, &f));
	end = clock_now_ns();
	WORK(boot_verify(&guest.memory, &b, &touched, &f));
	vcpu_team_stop(&guest.team);
	return (double)guest.pages / ((double)(end - start) / 1e9);
}

static void end_guest(void)
{
	vm_close(&guest.vm);
	guest_memory_close(&guest.memory);
	vcpu_team_close(&guest.team);
}

/* ---- ours ---- */

static int nothing_open(void **state, uint64_t max_ranges, struct fault *f)
{
	(void)max_ranges;
	(void)f;
	*state = NULL;
	return 0;
}

static int nothing_start(void *state, const struct vm *vm, struct fault *f)
{
	(void)state;
	(void)vm;
	(void)f;
	return 0;
}

static int nothing_add(void *state, void *addr, uint64_t bytes, struct fault *f)
{
	(void)state;
	(void)addr;
	(void)bytes;
	(void)f;
	return 0;
}

static void nothing_release(void *state)
{
	(void)state;
}

static const struct pin_ops pins_nothing = {
	.max_range_bytes = UNITS_GIB,
	.open = nothing_open,
	.start = nothing_start,
	.add = nothing_add,
	.release = nothing_release,
	.close = nothing_release,
};

struct ours {
	const struct pin_ops *ops;
	struct histogram times; /* of all rounds */
};

static double run_ours(void *arg)
{
	struct ours *o = arg;
	struct guest *g = &guest;
	struct userfault_team t;
	struct ledger ledger;
	struct userfault_team_config c = {.ops = o->ops, .ledger = &ledger, .vcpus = g->vcpus};
	const struct boot_config b = (start_guest(true), boot());
	double rate;

	WORK(ledger_open(&ledger, g->bytes, g->chunk_bytes, &f));
	c.work_at = g->boot_bytes;
	c.work_bytes = g->bytes - g->boot_bytes;
	c.cpus = g->cpu;
	c.cpu_count = g->cpu_count;
	WORK(userfault_team_open(&t, &c, &f));
	WORK(userfault_team_start(&t, &g->memory, &g->vm, &f));
	WORK(userfault_team_touch(&t, 0, g->boot_bytes, &f));
	boot_write(&g->memory, &b);
	rate = run_guest();
	userfault_team_settle(&t);
	WORK(userfault_team_failure(&t, &f));
	if (ledger_pages(&ledger) != g->bytes / UNITS_PAGE_BYTES) {
		fputs("demand: not every page was served\n", stderr);
		exit(3);
	}
	userfault_team_release(&t);
	histogram_merge(&o->times, &t.times);
	userfault_team_close(&t);
	ledger_close(&ledger);
	end_guest();
	return rate;
}

/* ---- the peer ---- */

/* Where its threads run, and how they wait for an event. */
struct peer {
	enum { ANYWHERE, BESIDE, APART } where;
	enum { POLL, BLOCK, SPIN } wait;
};

struct peer_thread {
	const struct peer *peer;
	pthread_t thread;
	int fd, stop[2];
	bool stopped; /* atomic */
};

/* One event, or false where it is time to stop. */
static bool next_event(struct peer_thread *p, struct uffd_msg *event)
{
	struct pollfd wait[2] = {{p->fd, POLLIN, 0}, {p->stop[0], POLLIN, 0}};

	while (!__atomic_load_n(&p->stopped, __ATOMIC_RELAXED)) {
		if (p->peer->wait == POLL)
			MUST(poll(wait, 2, -1));
		if (wait[1].revents)
			return false;
		if (read(p->fd, event, sizeof(*event)) > 0)
			return true;
		MUST(errno == EAGAIN ? 0 : -1);
	}
	return false;
}

static void *serve_peer(void *arg)
{
	struct peer_thread *p = arg;
	struct uffd_msg event;

	while (next_event(p, &event)) {
		struct uffdio_copy copy = {.src = (uint64_t)(uintptr_t)zeros,
					   .len = guest.chunk_bytes};

		copy.dst = event.arg.pagefault.address / copy.len * copy.len;
		MUST(ioctl(p->fd, UFFDIO_COPY, &copy) < 0 && errno != EEXIST ? -1 : 0);
	}
	return NULL;
}

static void start_peer(struct peer_thread *p, uint64_t from, uint64_t end, int cpu)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {
		.range = {(uint64_t)(uintptr_t)guest.memory.host + from, end - from},
		.mode = UFFDIO_REGISTER_MODE_MISSING};
	cpu_set_t one;

	p->stopped = false;
	p->fd = (int)syscall(SYS_userfaultfd,
			     O_CLOEXEC | (p->peer->wait == BLOCK ? 0 : O_NONBLOCK));
	MUST(p->fd);
	MUST(ioctl(p->fd, UFFDIO_API, &api));
	MUST(ioctl(p->fd, UFFDIO_REGISTER, &reg));
	MUST(pipe(p->stop));
	MUST(-pthread_create(&p->thread, NULL, serve_peer, p));
	if (p->peer->where == ANYWHERE)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	MUST(-pthread_setaffinity_np(p->thread, sizeof(one), &one));
}

static void stop_peer(struct peer_thread *p)
{
	__atomic_store_n(&p->stopped, true, __ATOMIC_RELAXED);
	MUST(write(p->stop[1], "", 1));
	if (p->peer->wait == BLOCK)
		pthread_cancel(p->thread);
	pthread_join(p->thread, NULL);
	close(p->fd);
	close(p->stop[0]);
	close(p->stop[1]);
}

static double run_peer(void *arg)
{
	const struct peer *peer = arg;
	struct guest *g = &guest;
	struct peer_thread p[MAX_VCPUS];
	const struct boot_config b = (start_guest(peer->where != ANYWHERE), boot());
	uint64_t from, slice;
	double rate;
	uint32_t i;

	boot_write(&g->memory, &b);
	from = (g->boot_bytes + g->chunk_bytes - 1) / g->chunk_bytes * g->chunk_bytes;
	slice = (g->bytes - from) / g->vcpus / g->chunk_bytes * g->chunk_bytes;
	for (i = 0; i < g->vcpus; i++) {
		p[i].peer = peer;
		start_peer(&p[i], from + i * slice,
			   i + 1 < g->vcpus ? from + (i + 1) * slice : g->bytes,
			   g->cpu[(i + (peer->where == APART)) % g->cpu_count]);
	}
	rate = run_guest();
	for (i = 0; i < g->vcpus; i++)
		stop_peer(&p[i]);
	end_guest();
	return rate;
}

/* ---- both ---- */

static void print_times(const char *what, const struct histogram *h)
{
	char p50[24], p99[24];

	printf("  service time, %s: p50 %s, p99 %s\n", what,
	       units_format_ns(histogram_quantile(h, 500), p50, sizeof(p50)),
	       units_format_ns(histogram_quantile(h, 990), p99, sizeof(p99)));
}

static void compare(unsigned rounds)
{
	static struct peer plain = {ANYWHERE, POLL}, beside = {BESIDE, POLL},
			   blocking = {BESIDE, BLOCK}, spinning = {APART, SPIN};
	static struct ours off, on;
	static struct turns_way way[] = {
		{.name = "peer", .run = run_peer, .arg = &plain},
		{.name = "ours, pinning nothing", .run = run_ours, .arg = &off},
		{.name = "ours, pinning", .run = run_ours, .arg = &on},
		{.name = "peer, beside its vCPU", .run = run_peer, .arg = &beside},
		{.name = "the same, in read(2) alone", .run = run_peer, .arg = &blocking},
		{.name = "peer, spinning elsewhere", .run = run_peer, .arg = &spinning},
	};
	const unsigned ways = sizeof(way) / sizeof(way[0]);
	char size[24], chunk[24];

	off = (struct ours){.ops = &pins_nothing};
	on = (struct ours){.ops = &pin_ops_io_uring};
	printf("%u vCPU%s, chunk %s, guest of %s\n", guest.vcpus, guest.vcpus == 1 ? "" : "s",
	       units_format_size(guest.chunk_bytes, chunk, sizeof(chunk)),
	       units_format_size(guest.bytes, size, sizeof(size)));
	printf("  %-26s %4s %12s %8s   %s\n", "", "n", "kpages/s", "/peer", "95% CI");
	turns_run(way, ways, rounds);
	turns_print(way, ways, rounds, 1e3);
	print_times("pinning nothing", &off.times);
	print_times("pinning", &on.times);
}

static void set(uint64_t vcpus, uint64_t chunk_bytes, uint64_t bytes)
{
	guest.vcpus = (uint32_t)vcpus;
	guest.chunk_bytes = chunk_bytes;
	guest.bytes = bytes ? bytes : chunk_bytes < 65536 ? 32 * UNITS_MIB : 512 * UNITS_MIB;
}

int main(int argc, char **argv)
{
	uint64_t rounds = 10, vcpus = 0, chunk = 0, bytes = 0, v, c;

	if ((argc > 1 && units_parse_u64(argv[1], 1, TURNS_MAX_ROUNDS, &rounds) < 0) ||
	    (argc > 2 && units_parse_u64(argv[2], 1, MAX_VCPUS, &vcpus) < 0) ||
	    (argc > 3 && units_parse_size(argv[3], &chunk) < 0) ||
	    (argc > 4 &&
	     (units_parse_size(argv[4], &bytes) < 0 || bytes > GUEST_MEMORY_LOW_BYTES))) {
		fputs("usage: demand [ROUNDS [VCPUS [CHUNK [SIZE]]]]\n", stderr);
		return 2;
	}
	stop_install();
	MUST(sched_getaffinity(0, sizeof(guest.allowed), &guest.allowed));
	zeros = mmap(NULL, UNITS_GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		     0);
	MUST(zeros == MAP_FAILED ? -1 : 0);
	for (v = vcpus ? vcpus : 1; v <= (vcpus ? vcpus : 4); v += 3) {
		for (c = chunk ? chunk : 4096; c <= (chunk ? chunk : 2 * UNITS_MIB);
		     c = c < 2 * UNITS_MIB ? 2 * UNITS_MIB : 2 * c) {
			set(v, c, bytes);
			compare((unsigned)rounds);
		}
	}
	return 0;
}
