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
#define VCPU_FILES	    2u /* the vCPU, and KVM's figures about it */
#define HANDLER_FILES	    3u /* userfaultfd, and what its thread waits on */

/* What the kernel may count against RLIMIT_MEMLOCK for an io_uring of ours itself (6.18: some
   pages for its queues). */
#define RING_BYTES (64 * UNITS_KIB)

static int check_size(const struct cell *c, struct fault *f)
{
	uint64_t page = guest_memory_page_bytes(c->backing), bytes = c->guest_bytes;
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
	if (c->chunk_bytes && bytes % c->chunk_bytes != 0) {
		fault_set(f, EINVAL, "--chunk", "%s does not divide a guest of %s",
			  units_format_size(c->chunk_bytes, unit, sizeof(unit)), size);
		fault_hint(f, "demand pinning works in whole chunks: give a --chunk that divides "
			      "every --guest-mem");
		return -EINVAL;
	}
	return 0;
}

static int check_chunk(const struct cell *c, struct fault *f)
{
	uint64_t page = guest_memory_page_bytes(c->backing);
	char size[32];

	if (c->chunk_bytes > 0 && c->chunk_bytes % page == 0)
		return 0;
	return fault_set(f, EINVAL, "--chunk", "%s is smaller than a page of backing %s",
			 units_format_size(c->chunk_bytes, size, sizeof(size)),
			 words_text(&words_backing, c->backing));
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
static enum pin_order usual_order(enum guest_type t)
{
	return t == GUEST_TYPE_VM ? PIN_ORDER_MEMSLOT_FIRST : PIN_ORDER_REGION_FIRST;
}

/* What only an SEV guest has, and an SEV-ES guest as well. */
static void set_sev(struct cell *c, const struct plan_request *p)
{
	c->sev_policy = cell_policy(c->guest_type, p->sev_policy);
	c->launch_update_bytes =
		p->launch_update_bytes < c->guest_bytes ? p->launch_update_bytes : c->guest_bytes;
	if (c->pin == PIN_MODE_DEMAND && p->kvm_demand && c->guest_type != GUEST_TYPE_SEV_SNP) {
		c->mechanism = PIN_MECHANISM_KVM_DEMAND;
		c->chunk_bytes = 0;
	}
	if (c->pin == PIN_MODE_NONE)
		snprintf(c->note, sizeof(c->note),
			 "nothing is pinned: a page that the host moves is lost to an SEV guest; a "
			 "baseline only");
	else if (c->mechanism == PIN_MECHANISM_KVM_REGION && c->backing == BACKING_THP &&
		 c->prefault_threads == 0)
		snprintf(c->note, sizeof(c->note),
			 "memory that nobody has touched: a kernel may pin the huge page of zeros "
			 "in "
			 "its place, which counts as well (sevpinbench audit --backing thp tells)");
}

/* A chunk-wise demand fault can only be had for a page that is absent from the guest's mapping;
   prefaulted memory is, where there is a second mapping to fault it in by. */
static void note_demand(struct cell *c)
{
	bool file = guest_memory_is_file(c->backing);

	if (c->prefault_threads && !file) {
		c->prefault_threads = 0;
		snprintf(c->note, sizeof(c->note),
			 "not prefaulted: userfaultfd serves absent pages only (--backing memfd "
			 "can)");
	} else if (c->backing == BACKING_THP) {
		snprintf(c->note, sizeof(c->note),
			 "demand faults fill 4 KiB pages: userfaultfd makes no huge pages");
	}
}

/* Its private memory is allocated by KVM, a page at a time, and never moves. */
static int check_snp(const struct cell *c, struct fault *f)
{
	if (c->backing != BACKING_ANON)
		return fault_set(
			f, EINVAL, "--backing",
			"sev-snp guests have their memory of a guest_memfd, in pages of 4K "
			"(anon, for what they share)");
	if (c->prefault_threads)
		return fault_set(f, EINVAL, "--prefault",
				 "sev-snp guests' memory is allocated by the pin: --pin eager");
	if (c->pin_threads > 1)
		return fault_set(f, EINVAL, "--pin-threads",
				 "sev-snp guests' memory is allocated by one thread");
	if (c->numa_node >= 0)
		return fault_set(f, EINVAL, "--numa-node",
				 "a guest_memfd takes its pages where KVM's caller runs: numactl");
	return 0;
}

/* Which entry of each list a cell is made of; the innermost list is the last. */
enum { SIZE, BACKING, TOUCH, PREFAULT, THREADS, ORDER, PARALLEL, MODE, LISTS };

static void list_lengths(const struct plan_request *p, unsigned length[LISTS])
{
	length[SIZE] = p->size_count;
	length[BACKING] = p->backing_count;
	length[TOUCH] = p->touch_count;
	length[PREFAULT] = p->prefault_count;
	length[THREADS] = p->pin_threads_count ? p->pin_threads_count : 1;
	length[ORDER] = p->pin_order_count ? p->pin_order_count : 1;
	length[PARALLEL] = p->parallel_count ? p->parallel_count : 1;
	length[MODE] = p->mode_count;
}

/* The next combination; false after the last. */
static bool advance(unsigned at[LISTS], const unsigned length[LISTS])
{
	int i;

	for (i = LISTS - 1; i >= 0; i--) {
		if (++at[i] < length[i])
			return true;
		at[i] = 0;
	}
	return false;
}

static int make_cell(const struct plan_request *p, const unsigned at[LISTS], struct cell *c,
		     struct fault *f)
{
	enum pin_mode mode = p->mode[at[MODE]];
	uint64_t bytes = p->guest_bytes[at[SIZE]];
	/* What is not pinned is not pinned in any order. */
	unsigned order = mode == PIN_MODE_NONE ? 0 : at[ORDER];
	/* What is not pinned at once is not pinned by several at once. */
	uint32_t threads =
		mode == PIN_MODE_EAGER && p->pin_threads_count ? p->pin_threads[at[THREADS]] : 1;
	int r, mechanism = pin_mechanism(p->guest_type, mode);

	if (mechanism < 0) {
		fault_set(f, ENOTSUP, "--pin", "there are no %s guests with pin mode %s",
			  words_text(&words_guest_type, p->guest_type),
			  words_text(&words_pin_mode, mode));
		fault_hint(f, "memory of sev-snp guests is pinned from its allocation on: eager "
			      "(ahead) or demand (at the fault)");
		return mechanism;
	}
	if (p->guest_type == GUEST_TYPE_SEV && (p->sev_policy & CELL_POLICY_ES)) {
		fault_set(f, EINVAL, "--sev-policy",
			  "%#x asks for SEV-ES (bit 2): take --guest-type sev-es", p->sev_policy);
		return -EINVAL;
	}
	*c = (struct cell){
		.guest_type = p->guest_type,
		.pin = mode,
		.mechanism = (enum pin_mechanism)mechanism,
		.backing = p->backing[at[BACKING]],
		.guest_bytes = bytes,
		.vcpus = p->vcpus,
		.touch_bytes = touch_bytes(&p->touch[at[TOUCH]], bytes),
		.touch_order = p->touch_order,
		.touch_op = p->touch_op,
		.chunk_bytes = pin_has_chunks((enum pin_mechanism)mechanism) ? p->chunk_bytes : 0,
		.prefault_threads = p->prefault_threads[at[PREFAULT]],
		.pin_threads = threads,
		.pin_order = p->pin_order_count ? p->pin_order[order] : usual_order(p->guest_type),
		.numa_node = p->numa_node,
		.parallel = p->parallel_count ? p->parallel[at[PARALLEL]] : 1,
	};
	if (p->guest_type != GUEST_TYPE_VM)
		set_sev(c, p);
	if (pin_has_chunks(c->mechanism))
		note_demand(c);
	r = pin_has_chunks(c->mechanism) ? check_chunk(c, f) : 0;
	if (r == 0 && c->guest_type == GUEST_TYPE_SEV_SNP)
		r = check_snp(c, f);
	return r < 0 ? r : check_size(c, f);
}

/* What all cells of a plan share is not looked at. */
static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->guest_bytes == b->guest_bytes && a->pin == b->pin && a->backing == b->backing &&
	       a->touch_bytes == b->touch_bytes && a->prefault_threads == b->prefault_threads &&
	       a->pin_threads == b->pin_threads && a->pin_order == b->pin_order &&
	       a->parallel == b->parallel;
}

static bool is_new(const struct cell *c, const struct cell *cells, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (same_cell(c, &cells[i]))
			return false;
	}
	return true;
}

int plan_cells(const struct plan_request *p, struct cell *cells, uint32_t room, struct fault *f)
{
	unsigned at[LISTS] = {0}, length[LISTS];
	struct cell cell;
	uint32_t n = 0;
	int r;

	list_lengths(p, length);
	do {
		r = make_cell(p, at, &cell, f);
		if (r < 0)
			return r;
		if (!is_new(&cell, cells, n))
			continue;
		if (n == room)
			return fault_set(f, E2BIG, "the plan", "more than %u cells", room);
		cells[n++] = cell;
	} while (advance(at, length));
	return (int)n;
}

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

/* Rings for io_uring, and what is counted against RLIMIT_MEMLOCK. */
static void set_limits(const struct cell *c, uint64_t boot, struct plan_needs *n)
{
	if (c->guest_type == GUEST_TYPE_VM) {
		/* An eager pin takes one for each thread, faults one for each of their handlers:
		   for each vCPU at most, each with files of its own. */
		if (pin_has_chunks(c->mechanism))
			n->rings += c->vcpus > 1 ? c->vcpus : 1;
		else
			n->rings += c->pin_threads > 1 ? c->pin_threads : n->pinned_bytes > 0;
		if (pin_has_chunks(c->mechanism) && c->vcpus > 1)
			n->files += (c->vcpus - 1) * HANDLER_FILES;
		n->files += n->rings > 1 ? n->rings - 1 : 0; /* one is among the fixed */
		n->memlock_bytes = n->pinned_bytes + n->rings * RING_BYTES;
		return;
	}
	n->rings = 0;
	if (c->guest_type == GUEST_TYPE_SEV_SNP) /* no limit counts its memory */
		return;
	/* A kernel that pins on demand asks for the limit of the whole region all the same. What a
	   launch update pins meanwhile is counted beside what is registered. */
	n->memlock_bytes =
		c->mechanism == PIN_MECHANISM_KVM_DEMAND ? c->guest_bytes : n->pinned_bytes;
	n->memlock_bytes += boot > c->launch_update_bytes ? boot : c->launch_update_bytes;
}

void plan_needs(const struct cell *c, bool pages_1g, struct plan_needs *n)
{
	uint64_t page = guest_memory_page_bytes(c->backing);
	uint64_t boot = boot_area_bytes(c->guest_bytes, c->touch_bytes, pages_1g);
	uint64_t used;

	*n = (struct plan_needs){.files = FIXED_FILES + VCPU_FILES * c->vcpus};
	n->touch_pages = boot_touch_pages(c->guest_bytes, c->touch_bytes, pages_1g);
	used = boot + n->touch_pages * UNITS_PAGE_BYTES;
	if (c->pin == PIN_MODE_EAGER)
		used = n->pinned_bytes = c->guest_bytes;
	if (c->pin != PIN_MODE_EAGER && used < c->launch_update_bytes)
		used = c->launch_update_bytes;
	if (c->mechanism == PIN_MECHANISM_KVM_DEMAND || c->mechanism == PIN_MECHANISM_GUEST_MEMFD)
		n->pinned_bytes = used; /* more where it pins huge pages; memlock: all of it */
	if (pin_has_chunks(c->mechanism)) {
		used = n->pinned_bytes = round_up(used, c->chunk_bytes);
		n->rings = pin_io_uring_rings(used / c->chunk_bytes) - 1;
	}
	set_limits(c, boot, n);
	n->resident_bytes = c->prefault_threads ? c->guest_bytes : round_up(used, page);
	if (c->backing == BACKING_THP && n->resident_bytes < c->guest_bytes)
		n->resident_bytes = round_up(used, 2 * UNITS_MIB);
	if (n->resident_bytes > c->guest_bytes)
		n->resident_bytes = c->guest_bytes;
	n->table_bytes = units_pages(c->guest_bytes) * MEMSLOT_PAGE_BYTES +
			 units_pages(n->resident_bytes) * RESIDENT_PAGE_BYTES;
	n->kernel_bytes = n->table_bytes + FIXED_BYTES;
	if (page > UNITS_PAGE_BYTES)
		n->huge_pages = n->resident_bytes / page;
}
