// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor: what this tool adds to the bare system calls.
 *
 * A bare start makes the calls that a start by the tool makes, in their order, straight from one
 * function, and reads the clock twice: at the open of /dev/kvm and at the guest's first
 * instruction. It is run in turn with a start by the library, whose startup latency is the sum of
 * its phases; which of the two comes first alternates. Printed are both medians and the median
 * of the ratios pair by pair, with its 95% confidence interval.
 *
 * usage: floor [--marks] [PAIRS [SIZE]]
 *
 * --marks makes each reading of the clock a system call that cannot succeed, for bench/calls to
 * tell what was called between two of them.
 */
#include "sevpinbench/boot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/payload.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/stats.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNK	  (2 * UNITS_MIB)
#define MAX_PAIRS 1000
#define CPUIDS	  400

/* Everything of one bare start; set up and taken down outside the two readings of the clock. */
struct bare {
	enum pin_mode mode;
	uint64_t bytes;
	const void *image; /* the boot area as the library writes it */
	uint64_t image_bytes;
	void *zeros;
	int kvm, vm, vcpu, uffd;
	int wait_fd; /* the epoll set of whoever will serve the faults */
	struct kvm_run *run;
	size_t run_bytes;
	void *map; /* the memory, and what was mapped around it to align it */
	unsigned char *memory;
	struct io_uring ring;
	bool ringed;
	union {
		struct kvm_cpuid2 head;
		unsigned char
			room[sizeof(struct kvm_cpuid2) + CPUIDS * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;
};

/* What is closed to leave a mark; bench/calls knows these numbers. */
enum mark {
	MARK_BARE = -1001,
	MARK_TOOL = -1002,
	MARK_CLOCK = -1003,
	MARK_END = -1004,
	MARK_MEMORY = -1005, /* malloc() and its like */
	MARK_LOCK = -1006
};

static bool marks;

static void mark(enum mark m)
{
	if (marks)
		close(m);
}

uint64_t __real_clock_now_ns(void);
uint64_t __wrap_clock_now_ns(void);
uint64_t __wrap_clock_now_ns(void)
{
	mark(MARK_CLOCK);
	return __real_clock_now_ns();
}

/* Of the library's own calls; what other libraries do below them shows as system calls at most. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	mark(MARK_MEMORY);
	return __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	mark(MARK_MEMORY);
	return __real_calloc(count, size);
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	mark(MARK_MEMORY);
	__real_free(block);
}

int __real_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock)
{
	mark(MARK_LOCK);
	return __real_pthread_mutex_lock(lock);
}

/* A step that fails ends the benchmark: there is nothing to compare with. */
#define MUST(call)                                                                  \
	do {                                                                        \
		if ((call) < 0) {                                                   \
			fprintf(stderr, "floor: %s: %s\n", #call, strerror(errno)); \
			exit(3);                                                    \
		}                                                                   \
	} while (0)

static void map_memory(struct bare *b)
{
	struct kvm_userspace_memory_region slot = {.memory_size = b->bytes};
	uintptr_t start;

	b->map = mmap(NULL, b->bytes + CHUNK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(b->map == MAP_FAILED ? -1 : 0);
	start = ((uintptr_t)b->map + CHUNK - 1) / CHUNK * CHUNK;
	b->memory = (unsigned char *)b->map + (start - (uintptr_t)b->map);
	MUST(madvise(b->memory, b->bytes, MADV_NOHUGEPAGE));
	slot.userspace_addr = (uint64_t)(uintptr_t)b->memory;
	MUST(ioctl(b->vm, KVM_SET_USER_MEMORY_REGION, &slot));
}

static void pin_range(struct bare *b, unsigned slot, uint64_t bytes)
{
	struct iovec range = {b->memory, bytes};
	int r = io_uring_register_buffers_update_tag(&b->ring, slot, &range, NULL, 1);

	errno = r < 0 ? -r : 0;
	MUST(r);
}

static void pin(struct bare *b)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {.range = {(uint64_t)(uintptr_t)b->memory, b->bytes},
				      .mode = UFFDIO_REGISTER_MODE_MISSING};
	struct epoll_event event = {.events = EPOLLIN};

	if (b->mode == PIN_MODE_NONE)
		return;
	MUST(io_uring_queue_init(1, &b->ring, 0));
	b->ringed = true;
	MUST(io_uring_register_buffers_sparse(
		&b->ring, b->mode == PIN_MODE_EAGER ? 1 : (unsigned)(b->bytes / CHUNK)));
	if (b->mode == PIN_MODE_EAGER) {
		pin_range(b, 0, b->bytes);
		return;
	}
	b->uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	MUST(b->uffd);
	MUST(ioctl(b->uffd, UFFDIO_API, &api));
	MUST(ioctl(b->uffd, UFFDIO_REGISTER, &reg));
	MUST(epoll_ctl(b->wait_fd, EPOLL_CTL_ADD, b->uffd, &event));
}

static void load(struct bare *b)
{
	struct uffdio_copy copy = {.dst = (uint64_t)(uintptr_t)b->memory,
				   .src = (uint64_t)(uintptr_t)b->zeros,
				   .len = CHUNK,
				   .mode = UFFDIO_COPY_MODE_DONTWAKE};
	struct uffdio_range wake = {(uint64_t)(uintptr_t)b->memory, CHUNK};

	if (b->mode == PIN_MODE_DEMAND) {
		MUST(ioctl(b->uffd, UFFDIO_COPY, &copy));
		pin_range(b, 0, CHUNK);
		MUST(ioctl(b->uffd, UFFDIO_WAKE, &wake));
	}
	memcpy(b->memory, b->image, b->image_bytes);
}

static void make_vcpu(struct bare *b)
{
	const struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
	const struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_regs regs = {.rip = BOOT_PAYLOAD_GPA, .rflags = 2};
	struct kvm_sregs s;

	b->vcpu = ioctl(b->vm, KVM_CREATE_VCPU, 0);
	MUST(b->vcpu);
	b->run = mmap(NULL, b->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, b->vcpu, 0);
	MUST(b->run == MAP_FAILED ? -1 : 0);
	MUST(ioctl(b->vcpu, KVM_SET_CPUID2, &b->cpuid));
	MUST(ioctl(b->vcpu, KVM_GET_SREGS, &s));
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = 0x80000011;
	s.cr3 = BOOT_TABLES_GPA;
	s.cr4 = 0x20;
	s.efer = 0x500;
	MUST(ioctl(b->vcpu, KVM_SET_SREGS, &s));
	MUST(ioctl(b->vcpu, KVM_SET_REGS, &regs));
}

static uint64_t bare_startup_ns(struct bare *b)
{
	uint64_t start, took;

	mark(MARK_BARE);
	start = clock_now_ns();
	b->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	MUST(b->kvm);
	MUST(ioctl(b->kvm, KVM_GET_API_VERSION, 0));
	b->run_bytes = (size_t)ioctl(b->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	b->cpuid.head.nent = CPUIDS;
	MUST(ioctl(b->kvm, KVM_GET_SUPPORTED_CPUID, &b->cpuid));
	do { /* as the library does, and for its reason */
		b->vm = ioctl(b->kvm, KVM_CREATE_VM, 0);
	} while (b->vm < 0 && errno == EINTR);
	MUST(b->vm);
	map_memory(b);
	pin(b);
	load(b);
	make_vcpu(b);
	while (ioctl(b->vcpu, KVM_RUN, 0) < 0) /* io_uring's task work may interrupt it once */
		MUST(errno == EINTR ? 0 : -1);
	MUST(b->run->exit_reason == KVM_EXIT_IO && b->run->io.port == PAYLOAD_PORT_FIRST ? 0 : -1);
	took = clock_now_ns() - start;
	mark(MARK_END);
	return took;
}

static void bare_down(struct bare *b)
{
	munmap(b->run, b->run_bytes);
	close(b->vcpu);
	if (b->mode == PIN_MODE_DEMAND)
		close(b->uffd);
	if (b->ringed) {
		io_uring_unregister_buffers(&b->ring);
		io_uring_queue_exit(&b->ring);
	}
	b->ringed = false;
	close(b->vm);
	close(b->kvm);
	munmap(b->map, b->bytes + CHUNK);
}

static uint64_t tool_startup_ns(struct launch *l, const struct cell *c)
{
	struct sample s;
	uint64_t ns = 0;
	char text[512];
	int r;

	mark(MARK_TOOL);
	r = launch_run(l, c, 0, &s);
	mark(MARK_END);
	if (r < 0 || !sample_startup_ns(&s, &ns)) {
		fault_text(&s.failure, text, sizeof(text));
		fprintf(stderr, "floor: %s %s\n", text, s.detail);
		exit(3);
	}
	return ns;
}

static void compare(struct launch *l, struct bare *b, const struct cell *c, unsigned pairs)
{
	static double bare[MAX_PAIRS], tool[MAX_PAIRS], ratio[MAX_PAIRS];
	struct stats_summary sb, st, sr;
	unsigned i, turn;

	for (i = 0; i < pairs + 1; i++) { /* the first pair warms up */
		double ns[2] = {0, 0};

		for (turn = 0; turn < 2; turn++) {
			if ((turn ^ i) & 1) {
				ns[1] = (double)tool_startup_ns(l, c);
			} else {
				ns[0] = (double)bare_startup_ns(b);
				bare_down(b);
			}
		}
		bare[i ? i - 1 : 0] = ns[0];
		tool[i ? i - 1 : 0] = ns[1];
		ratio[i ? i - 1 : 0] = ns[1] / ns[0];
	}
	if (stats_summarise(bare, pairs, &sb) < 0 || stats_summarise(tool, pairs, &st) < 0 ||
	    stats_summarise(ratio, pairs, &sr) < 0)
		exit(3);
	printf("%-7s %5u %10.3f %10.3f %12.3f", words_text(&words_pin_mode, c->pin), pairs,
	       sb.median / 1e6, st.median / 1e6, sr.median);
	if (sr.ci_low.known)
		printf("   %.3f .. %.3f", sr.ci_low.value, sr.ci_high.value);
	putchar('\n');
}

/* The boot area, written once by the library for the bare start to copy. */
static void make_image(struct bare *b, bool pages_1g)
{
	struct guest_memory m;
	struct boot_config c = {.pages_1g = pages_1g, .vcpus = 1};
	void *image;

	b->image_bytes = boot_area_bytes(b->bytes, 0, pages_1g);
	image = malloc(b->image_bytes);
	MUST(image ? 0 : -1);
	MUST(guest_memory_open(&m, BACKING_ANON, b->bytes, -1, false, NULL));
	boot_write(&m, &c);
	memcpy(image, m.host, b->image_bytes);
	guest_memory_close(&m);
	b->image = image;
	b->zeros = mmap(NULL, CHUNK, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(b->zeros == MAP_FAILED ? -1 : 0);
	b->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	MUST(b->wait_fd);
}

int main(int argc, char **argv)
{
	static struct bare bare;
	struct launch_options options = {.epoch_ns = clock_now_ns()};
	struct launch launch;
	struct launch_limits limits;
	struct fault f = {0};
	uint64_t pairs = 30, bytes = 64 * UNITS_MIB;
	char text[512], size[32];
	unsigned mode;

	if (argc > 1 && strcmp(argv[1], "--marks") == 0) {
		marks = true;
		argc--;
		argv++;
	}
	if ((argc > 1 && units_parse_u64(argv[1], 1, MAX_PAIRS, &pairs) < 0) ||
	    (argc > 2 && (units_parse_size(argv[2], &bytes) < 0 || bytes % CHUNK != 0 ||
			  bytes < CHUNK || bytes > UNITS_GIB))) {
		fputs("usage: floor [--marks] [PAIRS [SIZE]]   SIZE up to 1G, a multiple of 2M\n",
		      stderr);
		return 2;
	}
	stop_install();
	if (launch_probe(&limits, &f) < 0 || launch_open(&launch, &options, &f) < 0) {
		fault_text(&f, text, sizeof(text));
		fprintf(stderr, "floor: %s\n", text);
		return 3;
	}
	bare.bytes = bytes;
	make_image(&bare, limits.pages_1g);
	printf("startup latency of a %s guest, ms; both in turn, %llu pairs\n",
	       units_format_size(bytes, size, sizeof(size)), (unsigned long long)pairs);
	printf("%-7s %5s %10s %10s %12s   %s\n", "pin", "n", "bare", "tool", "tool/bare", "95% CI");
	for (mode = 0; mode < PIN_MODE_COUNT; mode++) {
		struct cell c = {.pin = (enum pin_mode)mode,
				 .mechanism = (enum pin_mechanism)pin_mechanism(
					 GUEST_TYPE_VM, (enum pin_mode)mode),
				 .guest_bytes = bytes,
				 .vcpus = 1,
				 .chunk_bytes = CHUNK,
				 .numa_node = -1};

		bare.mode = (enum pin_mode)mode;
		compare(&launch, &bare, &c, (unsigned)pairs);
	}
	launch_close(&launch);
	return 0;
}
