// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * io_uring registered buffers as a pin mechanism: real long-term pins on any host, without SEV.
 * A ring takes 16,384 buffers of at most 1 GiB; more rings are made as they are needed. The first
 * one takes fewer: its table is made while the start's clock runs, and would cost by the guest's
 * size.
 */
#include "sevpinbench/pin_ops.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

struct rings {
	struct io_uring *ring; /* room for max_rings */
	uint64_t max_ranges, max_rings;
	uint64_t ranges; /* pinned so far */
	uint64_t made;	 /* rings set up */
};

/* Ranges that so many rings take. */
static uint64_t room_of(uint64_t rings)
{
	return rings == 0 ? 0
			  : PIN_IO_URING_FIRST_RANGES + (rings - 1) * PIN_IO_URING_RANGES_PER_RING;
}

uint64_t pin_io_uring_rings(uint64_t ranges)
{
	const uint64_t beyond = ranges <= room_of(1) ? 0 : ranges - room_of(1);

	return 1 + (beyond + PIN_IO_URING_RANGES_PER_RING - 1) / PIN_IO_URING_RANGES_PER_RING;
}

static int uring_open(void **state, uint64_t max_ranges, struct fault *f)
{
	struct rings *s = calloc(1, sizeof(*s));

	*state = s;
	if (!s)
		return fault_set(f, ENOMEM, "calloc", "io_uring state");
	s->max_ranges = max_ranges;
	s->max_rings = pin_io_uring_rings(max_ranges);
	s->ring = calloc(s->max_rings, sizeof(*s->ring));
	if (s->ring)
		return 0;
	fault_set(f, ENOMEM, "calloc", "%llu rings", (unsigned long long)s->max_rings);
	free(s);
	*state = NULL;
	return -ENOMEM;
}

static int setup_fault(struct fault *f, int err, uint64_t ring)
{
	fault_set(f, err, "io_uring_setup", "ring %llu", (unsigned long long)ring);
	if (err == EPERM || err == EACCES)
		fault_hint(f, "io_uring is forbidden here: sysctl kernel.io_uring_disabled must be "
			      "0, or 1 with this process in the group kernel.io_uring_group; in a "
			      "container the seccomp profile may forbid it");
	else if (err == ENOSYS)
		fault_hint(f, "this kernel has no io_uring, or a seccomp profile hides it");
	else if (err == ENOMEM)
		fault_hint(f, "RLIMIT_MEMLOCK may be too small for the ring: ulimit -l unlimited");
	else if (err == EMFILE)
		fault_hint(f, "each 16,384 chunks need one file: raise ulimit -n, or take a larger "
			      "--chunk");
	return -err;
}

/* One more ring, with an empty table of as many buffers as may still come. */
static int add_ring(struct rings *s, struct fault *f)
{
	uint64_t left = s->max_ranges - room_of(s->made);
	uint64_t room = room_of(s->made + 1) - room_of(s->made);
	unsigned size = (unsigned)(left < room ? left : room);
	struct io_uring *ring = &s->ring[s->made];
	int r = io_uring_queue_init(1, ring, 0);

	if (r < 0)
		return setup_fault(f, -r, s->made);
	r = io_uring_register_buffers_sparse(ring, size);
	if (r < 0) {
		io_uring_queue_exit(ring);
		fault_set(f, -r, "io_uring_register(BUFFERS2, sparse)", "%u buffers", size);
		if (r == -EINVAL)
			fault_hint(f, "sparse buffer tables need Linux 5.19 or newer");
		return r;
	}
	s->made++;
	return 0;
}

static int uring_start(void *state, const struct vm *vm, struct fault *f)
{
	(void)vm;
	return add_ring(state, f);
}

static int uring_add(void *state, void *addr, uint64_t bytes, struct fault *f)
{
	struct rings *s = state;
	const struct iovec range = {.iov_base = addr, .iov_len = bytes};
	char size[32];
	int r = 0;

	if (s->ranges == room_of(s->made))
		r = add_ring(s, f);
	if (r < 0)
		return r;
	/* Rings are filled one after the other. */
	r = io_uring_register_buffers_update_tag(&s->ring[s->made - 1],
						 (unsigned)(s->ranges - room_of(s->made - 1)),
						 &range, NULL, 1);
	if (r == 1) {
		s->ranges++;
		return 0;
	}
	r = r < 0 ? r : -EIO;
	fault_set(f, -r, "io_uring_register(BUFFERS_UPDATE)", "pinning %s at %p",
		  units_format_bytes(bytes, size, sizeof(size)), addr);
	if (r == -ENOMEM)
		fault_hint(f, "over RLIMIT_MEMLOCK without CAP_IPC_LOCK (ulimit -l unlimited), or "
			      "out of memory");
	else if (r == -EFAULT)
		fault_hint(f,
			   "the kernel found no memory for these pages: a memory limit, an empty "
			   "huge page pool, or CMA or ZONE_MOVABLE memory that would not move");
	return r;
}

static void uring_release(void *state)
{
	struct rings *s = state;
	uint64_t i;

	/* Unregistering unpins before it returns; closing a ring alone does so some time later. */
	for (i = 0; i < s->made; i++) {
		io_uring_unregister_buffers(&s->ring[i]);
		io_uring_queue_exit(&s->ring[i]);
	}
	s->made = 0;
	s->ranges = 0;
}

static void uring_close(void *state)
{
	struct rings *s = state;

	if (!s)
		return;
	free(s->ring);
	free(s);
}

const struct pin_ops pin_ops_io_uring = {
	.max_range_bytes = UNITS_GIB,
	.counts_in_vmpin = true,
	.open = uring_open,
	.start = uring_start,
	.add = uring_add,
	.release = uring_release,
	.close = uring_close,
};

int pin_io_uring_probe(struct fault *f)
{
	struct io_uring ring;
	struct rings s = {.ring = &ring, .max_ranges = 1, .max_rings = 1};
	int r = uring_start(&s, NULL, f);

	uring_release(&s);
	return r;
}
