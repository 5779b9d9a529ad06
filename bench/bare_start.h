/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare_start: a guest's start in straight system calls, those that a start by the library makes and
 * in their order, with two readings of the clock.
 */
#ifndef BENCH_BARE_START_H
#define BENCH_BARE_START_H

#include "must.h"
#include "sevpinbench/boot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/payload.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/units.h"
#include "sevpinbench/vm.h"
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BARE_CHUNK  (2 * UNITS_MIB)
#define BARE_CPUIDS 400
#define BARE_POLICY 1 /* SEV: no debugging */

/* Linux 6.10; absent from older headers. */
#define BARE_CAP_VM_TYPES 235
#define BARE_INIT2	  22

/* Everything of one bare start; set up and taken down outside the two readings of the clock. */
struct bare {
	bool sev;
	enum pin_mode mode;
	uint64_t bytes;
	const void *image; /* the boot area as the library writes it */
	uint64_t image_bytes, encryption_mask;
	void *zeros;
	int kvm, vm, vcpu, uffd, firmware;
	int wait_fd; /* the epoll set of whoever will serve the faults */
	struct kvm_run *run;
	size_t run_bytes;
	void *map; /* the memory, and what was mapped around it to align it */
	unsigned char *memory;
	struct io_uring ring;
	bool ringed;
	union {
		struct kvm_cpuid2 head;
		unsigned char room[sizeof(struct kvm_cpuid2) +
				   BARE_CPUIDS * sizeof(struct kvm_cpuid_entry2)];
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

static void map_memory(struct bare *b)
{
	uintptr_t start;

	b->map = mmap(NULL, b->bytes + BARE_CHUNK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(b->map == MAP_FAILED ? -1 : 0);
	start = ((uintptr_t)b->map + BARE_CHUNK - 1) / BARE_CHUNK * BARE_CHUNK;
	b->memory = (unsigned char *)b->map + (start - (uintptr_t)b->map);
	MUST(madvise(b->memory, b->bytes, MADV_NOHUGEPAGE));
}

static void set_memslot(struct bare *b)
{
	struct kvm_userspace_memory_region slot = {
		.memory_size = b->bytes, .userspace_addr = (uint64_t)(uintptr_t)b->memory};

	MUST(ioctl(b->vm, KVM_SET_USER_MEMORY_REGION, &slot));
}

/* Where encryption is concerned. */
static void firmware_command(struct bare *b, uint32_t id, void *data)
{
	struct kvm_sev_cmd cmd = {
		.id = id, .data = (uint64_t)(uintptr_t)data, .sev_fd = (uint32_t)b->firmware};

	MUST(ioctl(b->vm, KVM_MEMORY_ENCRYPT_OP, &cmd));
}

static void create_vm(struct bare *b)
{
	unsigned long type = 0;
	unsigned char init2[48] = {0};
	int types;

	if (b->sev) {
		types = ioctl(b->kvm, KVM_CHECK_EXTENSION, BARE_CAP_VM_TYPES);
		type = types > 0 && types & 1 << VM_TYPE_SEV ? VM_TYPE_SEV : 0;
	}
	do { /* as the library does, and for its reason */
		b->vm = ioctl(b->kvm, KVM_CREATE_VM, type);
	} while (b->vm < 0 && errno == EINTR);
	MUST(b->vm);
	if (b->sev)
		firmware_command(b, type ? BARE_INIT2 : KVM_SEV_INIT, type ? init2 : NULL);
}

static void launch_sev(struct bare *b)
{
	struct kvm_sev_launch_start start = {.policy = BARE_POLICY};
	struct kvm_sev_launch_update_data update = {
		.uaddr = (uint64_t)(uintptr_t)b->memory + BOOT_MAILBOX_BYTES,
		.len = (uint32_t)(b->image_bytes - BOOT_MAILBOX_BYTES)};
	unsigned char measurement[SEV_MEASUREMENT_BYTES];
	struct kvm_sev_launch_measure measure = {.uaddr = (uint64_t)(uintptr_t)measurement,
						 .len = sizeof(measurement)};

	firmware_command(b, KVM_SEV_LAUNCH_START, &start);
	firmware_command(b, KVM_SEV_LAUNCH_UPDATE_DATA, &update);
	firmware_command(b, KVM_SEV_LAUNCH_MEASURE, &measure);
	firmware_command(b, KVM_SEV_LAUNCH_FINISH, NULL);
}

static void pin_range(struct bare *b, unsigned slot, uint64_t bytes)
{
	struct iovec range = {b->memory, bytes};
	struct kvm_enc_region region = {(uint64_t)(uintptr_t)b->memory, bytes};
	int r;

	if (b->sev) {
		MUST(ioctl(b->vm, KVM_MEMORY_ENCRYPT_REG_REGION, &region));
		return;
	}
	r = io_uring_register_buffers_update_tag(&b->ring, slot, &range, NULL, 1);
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
	if (!b->sev) {
		MUST(io_uring_queue_init(1, &b->ring, 0));
		b->ringed = true;
		MUST(io_uring_register_buffers_sparse(
			&b->ring,
			b->mode == PIN_MODE_EAGER ? 1 : (unsigned)(b->bytes / BARE_CHUNK)));
	}
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
				   .len = BARE_CHUNK,
				   .mode = UFFDIO_COPY_MODE_DONTWAKE};
	struct uffdio_range wake = {(uint64_t)(uintptr_t)b->memory, BARE_CHUNK};

	if (b->mode == PIN_MODE_DEMAND) {
		MUST(ioctl(b->uffd, UFFDIO_COPY, &copy));
		pin_range(b, 0, BARE_CHUNK);
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
	s.cr3 = BOOT_TABLES_GPA | b->encryption_mask;
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
	b->cpuid.head.nent = BARE_CPUIDS;
	MUST(ioctl(b->kvm, KVM_GET_SUPPORTED_CPUID, &b->cpuid));
	if (b->sev) {
		b->firmware = open(SEV_DEVICE_PATH, O_RDONLY | O_CLOEXEC);
		MUST(b->firmware);
	}
	create_vm(b);
	map_memory(b);
	if (b->sev) /* its regions come first */
		pin(b);
	set_memslot(b);
	if (!b->sev)
		pin(b);
	load(b);
	if (b->sev)
		launch_sev(b);
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
	if (b->sev)
		close(b->firmware);
	close(b->kvm);
	munmap(b->map, b->bytes + BARE_CHUNK);
}

#endif
