// SPDX-License-Identifier: GPL-2.0-or-later
/* plan: from what was asked for to the cells of a campaign, and what each of them needs. */
#include "sevpinbench/plan.h"

#include "sevpinbench/boot.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>

/*
 * Kernel memory beside the guest's own, as upper bounds. A memslot on shadow paging: 8 bytes a
 * page of rmap, 2 of write tracking, and 2 MiB-page counters (arch/x86/kvm/x86.c,
 * kvm_alloc_memslot_metadata), 12 in all; less with a TDP MMU. Page tables: 8 bytes a resident
 * page in ours, as much in KVM's, as much for the list of pages pinned. Fixed: the VM, its vCPUs,
 * this program.
 */
#define MEMSLOT_PAGE_BYTES  12u
#define RESIDENT_PAGE_BYTES 24u
#define FIXED_BYTES	    (32 * UNITS_MIB)
#define FIXED_FILES	    32u

/* What the kernel may count against RLIMIT_MEMLOCK for an io_uring of ours itself (6.18: some
   pages for its queues). */
#define RING_BYTES (64 * UNITS_KIB)

static int check_size(const struct plan_request *p, uint64_t bytes, bool chunks, struct fault *f)
{
	uint64_t page = guest_memory_page_bytes(p->backing);
	char size[32], unit[32];

	units_format_size(bytes, size, sizeof(size));
	if (bytes > 8192 * UNITS_GIB - UNITS_GIB)
		return fault_set(f, EINVAL, "--guest-mem",
				 "%s is more than the 8 TiB that KVM takes", size);
	if (bytes % page != 0)
		return fault_set(f, EINVAL, "--guest-mem", "%s is not a whole number of %s pages",
				 size, units_format_size(page, unit, sizeof(unit)));
	if (bytes < BOOT_MIN_GUEST_BYTES)
		return fault_set(f, EINVAL, "--guest-mem",
				 "%s is less than the 2M that a guest needs", size);
	if (chunks && bytes % p->chunk_bytes != 0) {
		fault_set(f, EINVAL, "--chunk", "%s does not divide a guest of %s",
			  units_format_size(p->chunk_bytes, unit, sizeof(unit)), size);
		fault_hint(f, "demand pinning works in whole chunks: give a --chunk that divides "
			      "every --guest-mem");
		return -EINVAL;
	}
	return 0;
}

static int check_chunk(const struct plan_request *p, struct fault *f)
{
	uint64_t page = guest_memory_page_bytes(p->backing);
	char size[32];

	if (p->chunk_bytes > 0 && p->chunk_bytes % page == 0)
		return 0;
	return fault_set(f, EINVAL, "--chunk", "%s is smaller than a page of backing %s",
			 units_format_size(p->chunk_bytes, size, sizeof(size)),
			 words_text(&words_backing, p->backing));
}

static uint64_t touch_bytes(const struct plan_touch *t, uint64_t guest_bytes)
{
	uint64_t bytes = t->bytes;

	if (t->is_share)
		bytes = (uint64_t)((__uint128_t)guest_bytes * t->millionths / 1000000);
	if (t->cap_bytes && bytes > t->cap_bytes)
		bytes = t->cap_bytes;
	if (bytes > guest_bytes)
		bytes = guest_bytes;
	return bytes / UNITS_PAGE_BYTES * UNITS_PAGE_BYTES;
}

/*
 * QEMU registers a block of memory when it is allocated, before it becomes a memslot: target/i386/
 * sev.c, sev_ram_block_added(), called by ram_block_add(). So do we for SEV guests.
 */
static enum pin_order pin_order(const struct plan_request *p)
{
	if (p->pin_order >= 0)
		return (enum pin_order)p->pin_order;
	return p->guest_type == GUEST_TYPE_VM ? PIN_ORDER_MEMSLOT_FIRST : PIN_ORDER_REGION_FIRST;
}

/* What only an SEV guest has. */
static void set_sev(struct cell *c, const struct plan_request *p)
{
	c->sev_policy = p->sev_policy;
	c->launch_update_bytes =
		p->launch_update_bytes < c->guest_bytes ? p->launch_update_bytes : c->guest_bytes;
	if (c->pin == PIN_MODE_DEMAND && p->kvm_demand) {
		c->mechanism = PIN_MECHANISM_KVM_DEMAND;
		c->chunk_bytes = 0;
	}
	if (c->pin == PIN_MODE_NONE)
		snprintf(c->note, sizeof(c->note),
			 "nothing is pinned: a page that the host moves is lost to an SEV guest; a "
			 "baseline only");
}

/* A chunk-wise demand fault can only be had for a page that is absent from the guest's mapping;
   prefaulted memory is, where there is a second mapping to fault it in by. */
static void note_demand(struct cell *c, const struct plan_request *p)
{
	bool file = guest_memory_is_file(c->backing);

	if (p->prefault_threads && !file) {
		c->prefault_threads = 0;
		snprintf(c->note, sizeof(c->note),
			 "not prefaulted: userfaultfd serves absent pages only (--backing memfd "
			 "can)");
	} else if (c->backing == BACKING_THP) {
		snprintf(c->note, sizeof(c->note),
			 "demand faults fill 4 KiB pages: userfaultfd makes no huge pages");
	}
}

static int make_cell(const struct plan_request *p, uint64_t bytes, enum pin_mode mode,
		     struct cell *c, struct fault *f)
{
	int mechanism = pin_mechanism(p->guest_type, mode);
	int r;

	if (mechanism < 0) {
		fault_set(f, ENOTSUP, "--guest-type", "%s guests are not built yet",
			  words_text(&words_guest_type, p->guest_type));
		fault_hint(f, "this version starts guests of type vm and sev");
		return mechanism;
	}
	*c = (struct cell){
		.guest_type = p->guest_type,
		.pin = mode,
		.mechanism = (enum pin_mechanism)mechanism,
		.backing = p->backing,
		.guest_bytes = bytes,
		.vcpus = p->vcpus,
		.touch_bytes = touch_bytes(&p->touch, bytes),
		.touch_order = p->touch_order,
		.touch_op = p->touch_op,
		.prefault_threads = p->prefault_threads,
		.pin_order = pin_order(p),
		.numa_node = p->numa_node,
	};
	if (p->guest_type != GUEST_TYPE_VM)
		set_sev(c, p);
	if (pin_has_chunks(c->mechanism)) {
		c->chunk_bytes = p->chunk_bytes;
		note_demand(c, p);
	}
	r = pin_has_chunks(c->mechanism) ? check_chunk(p, f) : 0;
	return r < 0 ? r : check_size(p, bytes, pin_has_chunks(c->mechanism), f);
}

int plan_cells(const struct plan_request *p, struct cell *cells, struct fault *f)
{
	unsigned i, m;
	int n = 0, r;

	for (i = 0; i < p->size_count; i++) {
		for (m = 0; m < p->mode_count; m++) {
			r = make_cell(p, p->guest_bytes[i], p->mode[m], &cells[n], f);
			if (r < 0)
				return r;
			n++;
		}
	}
	return n;
}

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

/* Rings for io_uring, and what is counted against RLIMIT_MEMLOCK. */
static void set_limits(const struct cell *c, uint64_t boot, struct plan_needs *n)
{
	if (c->guest_type == GUEST_TYPE_VM) {
		n->rings += n->pinned_bytes > 0;
		n->files += n->rings > 1 ? n->rings - 1 : 0; /* one is among the fixed */
		n->memlock_bytes = n->pinned_bytes + n->rings * RING_BYTES;
		return;
	}
	n->rings = 0;
	/* A kernel that pins on demand asks for the limit of the whole region all the same. What a
	   launch update pins meanwhile is counted beside what is registered. */
	n->memlock_bytes =
		c->mechanism == PIN_MECHANISM_KVM_DEMAND ? c->guest_bytes : n->pinned_bytes;
	n->memlock_bytes += boot > c->launch_update_bytes ? boot : c->launch_update_bytes;
}

void plan_needs(const struct cell *c, bool pages_1g, struct plan_needs *n)
{
	uint64_t page = guest_memory_page_bytes(c->backing);
	uint64_t boot = boot_area_bytes(c->guest_bytes, pages_1g);
	uint64_t used;

	*n = (struct plan_needs){.files = FIXED_FILES};
	n->touch_pages = boot_touch_pages(c->guest_bytes, c->touch_bytes, pages_1g);
	used = boot + n->touch_pages * UNITS_PAGE_BYTES;
	if (c->pin == PIN_MODE_EAGER)
		used = n->pinned_bytes = c->guest_bytes;
	if (c->pin != PIN_MODE_EAGER && used < c->launch_update_bytes)
		used = c->launch_update_bytes;
	if (c->mechanism == PIN_MECHANISM_KVM_DEMAND)
		n->pinned_bytes = used; /* more where it pins huge pages; memlock: all of it */
	if (pin_has_chunks(c->mechanism)) {
		used = n->pinned_bytes = round_up(used, c->chunk_bytes);
		n->rings = used / c->chunk_bytes / PIN_IO_URING_RANGES_PER_RING;
	}
	set_limits(c, boot, n);
	n->resident_bytes = c->prefault_threads ? c->guest_bytes : round_up(used, page);
	if (c->backing == BACKING_THP && n->resident_bytes < c->guest_bytes)
		n->resident_bytes = round_up(used, 2 * UNITS_MIB);
	if (n->resident_bytes > c->guest_bytes)
		n->resident_bytes = c->guest_bytes;
	n->kernel_bytes = units_pages(c->guest_bytes) * MEMSLOT_PAGE_BYTES +
			  units_pages(n->resident_bytes) * RESIDENT_PAGE_BYTES + FIXED_BYTES;
	if (page > UNITS_PAGE_BYTES)
		n->huge_pages = n->resident_bytes / page;
}
