// SPDX-License-Identifier: GPL-2.0-or-later
/* dry_run: the plan on paper. */
#include "dry_run.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"
#include <stdio.h>
#include <sys/sysinfo.h>

#define PROBE_BYTES (64 * UNITS_MIB)

/* What the estimate assumes where it measures nothing: a touched page on an interpreting KVM,
   and what a start costs apart from memory. */
#define TOUCH_PAGE_NS 10000u
#define START_NS      50000000u

/* How long memory takes to be faulted in here: measured now, on a little of it. 0: not known. */
static double fault_in_ns_per_byte(void)
{
	struct guest_memory m;
	uint64_t start, ns = 0;

	if (guest_memory_open(&m, BACKING_ANON, PROBE_BYTES, -1, false, NULL) < 0)
		return 0;
	start = clock_now_ns();
	if (guest_memory_prefault(&m, NULL, NULL) == 0)
		ns = clock_now_ns() - start;
	guest_memory_close(&m);
	return (double)ns / (double)PROBE_BYTES;
}

/* Guests at once share the CPUs that there are. */
static double start_ns(const struct cell *c, const struct plan_needs *n, double byte_ns)
{
	const int cpus = get_nprocs();
	const double turns = cell_guests(c) > (uint32_t)cpus ? cell_guests(c) / (double)cpus : 1;

	return turns * (START_NS + (double)n->resident_bytes * byte_ns +
			(double)(n->touch_pages * TOUCH_PAGE_NS));
}

static void print_cell(const struct cell *c, const struct plan_needs *n, double ns)
{
	char size[32], pinned[32], resident[32], kernel[32], time[32];

	const uint32_t guests = cell_guests(c);

	printf("%-8s %-7s %-11s %-7s %10s %10s %10s %9s\n",
	       words_text(&words_guest_type, c->guest_type), words_text(&words_pin_mode, c->pin),
	       words_text(&words_pin_mechanism, c->mechanism),
	       units_format_size(c->guest_bytes, size, sizeof(size)),
	       units_format_bytes(n->pinned_bytes * guests, pinned, sizeof(pinned)),
	       units_format_bytes(n->resident_bytes * guests, resident, sizeof(resident)),
	       units_format_bytes(n->kernel_bytes * guests, kernel, sizeof(kernel)),
	       units_format_ns((uint64_t)ns, time, sizeof(time)));
	if (guests > 1)
		printf("         %u guests at once; this is for all of them\n", guests);
	if (c->note[0])
		printf("         %s\n", c->note);
}

void dry_run_print(const struct record *r, const struct launch_limits *l)
{
	double byte_ns = fault_in_ns_per_byte(), total = 0;
	uint32_t i, starts = r->plan.warmup + r->plan.runs;
	char time[32];

	printf("%-8s %-7s %-11s %-7s %10s %10s %10s %9s\n", "type", "pin", "mechanism", "size",
	       "pinned", "resident", "kernel <=", "a start ~");
	for (i = 0; i < r->cell_count; i++) {
		struct plan_needs n;

		plan_needs(&r->cell[i].cell, l->pages_1g, &n);
		print_cell(&r->cell[i].cell, &n, start_ns(&r->cell[i].cell, &n, byte_ns));
		total += start_ns(&r->cell[i].cell, &n, byte_ns) * starts;
	}
	for (i = 0; i < r->refusal_count; i++)
		printf("refused: %s %s: %s\n", words_text(&words_pin_mode, r->refusal[i].cell.pin),
		       units_format_size(r->refusal[i].cell.guest_bytes, time, sizeof(time)),
		       r->refusal[i].reason);
	printf("%u cell%s, each started %u + %u times: about %s (estimated: memory faulted in at "
	       "%.2f "
	       "s/GiB,\nmeasured now; 10 us a touched page and 50 ms a start assumed)\n",
	       r->cell_count, r->cell_count == 1 ? "" : "s", r->plan.warmup, r->plan.runs,
	       units_format_wait((uint64_t)total, time, sizeof(time)),
	       byte_ns * (double)UNITS_GIB / 1e9);
}
