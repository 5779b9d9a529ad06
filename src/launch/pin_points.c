// SPDX-License-Identifier: GPL-2.0-or-later
/* pin_points: pins counted at the boundaries of a sample, and the three accounts compared. */
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/units.h"
#include "start.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_TRIES   20
#define SETTLE_STEP_NS 50000000L

/*
 * What KVM itself says it has pinned for this VM at its faults, which is not on our books:
 * docs/demand-pinning.md. Not every kernel that does it tells.
 */
static int64_t kvm_pinned_pages(const struct vm *vm)
{
	char path[128];
	uint64_t pages;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/sev_pinned_pages", getpid(),
		 vm->vm_fd);
	return host_file_read_u64(path, &pages) || pages > INT64_MAX ? SAMPLE_NO_COUNT
								     : (int64_t)pages;
}

static int64_t count_ledger(const struct start *s)
{
	if (s->pin.mechanism == PIN_MECHANISM_KVM_DEMAND && s->vm.vm_fd >= 0)
		return kvm_pinned_pages(&s->vm);
	if (s->pin.mechanism == PIN_MECHANISM_GUEST_MEMFD && s->guest_memfd >= 0) {
		int64_t pages = snp_allocated_pages(s->guest_memfd);

		return pages < 0 ? SAMPLE_NO_COUNT : pages;
	}
	return (int64_t)ledger_pages(&s->pin.ledger);
}

void pin_points_count(struct pin_counters *c, const struct start *start, enum pin_boundary b,
		      struct sample *s)
{
	s->pins[b] = (struct pin_point){
		.ledger_pages = count_ledger(start),
		.vmpin_pages = pin_counters_vmpin_pages(c),
		.host_pages = pin_counters_host_pages(c),
	};
}

/* Set a flag; the first to come explains itself. */
static void confess(struct sample *s, enum sample_flag flag, const char *detail)
{
	s->flags |= SAMPLE_BIT(flag);
	if (s->detail[0] == '\0')
		snprintf(s->detail, SAMPLE_DETAIL_LEN, "%s", detail);
}

/*
 * May the host count so many where we pinned ledger pages? From 6.12 io_uring holds one pin for a
 * huge page (io_uring/rsrc.c, io_coalesce_buffer), so memory that can be huge may count less.
 */
static bool folios_explain(const struct cell *c, int64_t host, int64_t ledger)
{
	int64_t folio = (int64_t)(guest_memory_page_bytes(c->backing) / UNITS_PAGE_BYTES);

	if (folio > 1)
		return host * folio == ledger;
	if (c->backing == BACKING_THP || c->backing == BACKING_MEMFD)
		return host >= ledger / 512 && host < ledger;
	return false;
}

static void blame_other(struct sample *s, const char *boundary, int64_t host, int64_t ledger)
{
	char name[64], text[SAMPLE_DETAIL_LEN];
	uint64_t pages;
	int pid;

	if (pin_counters_find_other(&pid, name, &pages) == 1)
		snprintf(text, sizeof(text),
			 "%s: host counts %lld pages, ledger %lld; process %d (%s) pins %llu",
			 boundary, (long long)host, (long long)ledger, pid, name,
			 (unsigned long long)pages);
	else
		snprintf(text, sizeof(text),
			 "%s: host counts %lld pages, ledger %lld; some other process pins or "
			 "unpins",
			 boundary, (long long)host, (long long)ledger);
	confess(s, SAMPLE_FLAG_FOREIGN_PINS, text);
}

static void judge_boundary(const struct cell *c, bool ask_host, struct sample *s,
			   enum pin_boundary b)
{
	const char *name = words_text(&words_pin_boundary, b);
	const struct pin_point *at = &s->pins[b], *before = &s->pins[PIN_BOUNDARY_BEFORE];
	bool counts = pin_counts_in_vmpin(c->guest_type, c->mechanism);
	/* A guest_memfd's pages do not move, and nobody has to say so: no pin is counted. */
	int64_t ledger = c->mechanism == PIN_MECHANISM_GUEST_MEMFD ? 0 : at->ledger_pages;
	int64_t vmpin = at->vmpin_pages - before->vmpin_pages;
	int64_t host = at->host_pages - before->host_pages;
	char text[SAMPLE_DETAIL_LEN];

	if (at->vmpin_pages < 0 || before->vmpin_pages < 0 ||
	    (ask_host && (at->host_pages < 0 || before->host_pages < 0)))
		confess(s, SAMPLE_FLAG_PINS_UNREADABLE, "a pin counter could not be read");
	if (counts && at->vmpin_pages >= 0 && before->vmpin_pages >= 0 &&
	    vmpin != at->ledger_pages) {
		snprintf(text, sizeof(text), "%s: VmPin counts %lld pages, ledger %lld", name,
			 (long long)vmpin, (long long)at->ledger_pages);
		confess(s, SAMPLE_FLAG_PIN_MISMATCH, text);
		return;
	}
	if (at->host_pages < 0 || before->host_pages < 0 || host == ledger)
		return;
	if (host < ledger && folios_explain(c, host, ledger)) {
		confess(s, SAMPLE_FLAG_FOLIO_UNITS, "the host counts a pinned huge page once");
	} else if (host > ledger || ledger == 0 || (counts && at->vmpin_pages >= 0)) {
		/* Ours are all there, by VmPin or by the ledger: the rest is somebody else's, who
		   pins, or has given back what he held before. */
		blame_other(s, name, host, ledger);
	} else {
		snprintf(text, sizeof(text), "%s: host counts %lld pages, ledger %lld%s", name,
			 (long long)host, (long long)at->ledger_pages,
			 c->mechanism == PIN_MECHANISM_KVM_REGION
				 ? ": KVM took the region and did not pin the guest's pages; "
				   "without "
				   "--prefault it may have pinned the zero page in their place"
				 : "");
		confess(s, SAMPLE_FLAG_PIN_MISMATCH, text);
	}
}

/* Two readings that tell of a change: both were possible. */
static bool moved(int64_t before, int64_t now)
{
	return before >= 0 && now >= 0 && before != now;
}

/* Is everything given back? Unpinning may end some time after the call that asked for it. */
static void settle(struct pin_counters *c, struct sample *s)
{
	const struct timespec step = {.tv_nsec = SETTLE_STEP_NS};
	const struct pin_point *before = &s->pins[PIN_BOUNDARY_BEFORE];
	struct pin_point *after = &s->pins[PIN_BOUNDARY_AFTER_DESTROY];
	int i;

	for (i = 0; i < SETTLE_TRIES && (moved(before->host_pages, after->host_pages) ||
					 moved(before->vmpin_pages, after->vmpin_pages));
	     i++) {
		nanosleep(&step, NULL);
		after->vmpin_pages = pin_counters_vmpin_pages(c);
		after->host_pages = pin_counters_host_pages(c);
	}
}

static void judge_end(struct sample *s)
{
	const struct pin_point *before = &s->pins[PIN_BOUNDARY_BEFORE];
	const struct pin_point *after = &s->pins[PIN_BOUNDARY_AFTER_DESTROY];
	int64_t host = after->host_pages - before->host_pages;
	bool vmpin_known = after->vmpin_pages >= 0 && before->vmpin_pages >= 0;
	int64_t vmpin = vmpin_known ? after->vmpin_pages - before->vmpin_pages : 0;
	bool host_known = after->host_pages >= 0 && before->host_pages >= 0;
	char name[64], text[SAMPLE_DETAIL_LEN];
	uint64_t pages;
	int pid;

	if (vmpin == 0 && (!host_known || host == 0))
		return;
	/* VmPin is of this process alone. The host's count may have moved by another's doing:
	   believe that where there is a sign of one, for a leak must not be called away. */
	if (vmpin == 0 && (host < 0 || (s->flags & SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS)) ||
			   pin_counters_find_other(&pid, name, &pages) == 1)) {
		blame_other(s, words_text(&words_pin_boundary, PIN_BOUNDARY_AFTER_DESTROY), host,
			    0);
		return;
	}
	s->detail[0] = '\0'; /* nothing else matters as much */
	snprintf(text, sizeof(text),
		 "after_destroy: %lld pages more pinned on the host than before, VmPin %+lld",
		 (long long)host, (long long)vmpin);
	confess(s, SAMPLE_FLAG_LEAK, text);
}

void pin_points_judge(struct pin_counters *c, const struct cell *cell, bool ask_host,
		      struct sample *s)
{
	int b;

	for (b = PIN_BOUNDARY_AFTER_PIN; b < PIN_BOUNDARY_AFTER_DESTROY; b++) {
		if (s->pins[b].ledger_pages >= 0)
			judge_boundary(cell, ask_host, s, (enum pin_boundary)b);
	}
	settle(c, s);
	judge_end(s);
}
