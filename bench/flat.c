// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flat: does a demand start cost the same whatever the guest's size? Starts of a small and of a
 * large guest in turn, the first of the two alternating. A guest's memslot is left out: what KVM
 * allocates for it is the kernel's affair, and O(size) wherever it shadows page tables. Printed
 * are the medians, without that phase and of it alone, the median of the ratios pair by pair with
 * its 95% confidence interval, and what this program's memory grew by.
 *
 * usage: flat [PAIRS [SMALL LARGE]]   (30 pairs of 1G and 1T)
 */
#include "sevpinbench/host_file.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/stats.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include <stdio.h>
#include <stdlib.h>

#define CHUNK	  (2 * UNITS_MIB)
#define MAX_PAIRS 1000

/* Of one size: startup without the memslot, and the memslot. */
struct side {
	uint64_t bytes;
	double rest_ns[MAX_PAIRS], phase_ns[PHASE_COUNT][MAX_PAIRS];
	uint64_t peak_kib;
};

__attribute__((noreturn)) static void give_up(const struct fault *f, const char *detail)
{
	char text[512];

	fault_text(f, text, sizeof(text));
	fprintf(stderr, "flat: %s %s\n", text, detail);
	exit(3);
}

static uint64_t peak_kib(void)
{
	char text[8192];
	uint64_t kib = 0;

	host_file_read("/proc/self/status", text, sizeof(text));
	host_file_find_u64(text, "VmHWM", &kib);
	return kib;
}

static void start(struct launch *l, struct side *side, unsigned at)
{
	struct cell c = {.pin = PIN_MODE_DEMAND,
			 .mechanism = PIN_MECHANISM_USERFAULT,
			 .guest_bytes = side->bytes,
			 .vcpus = 1,
			 .chunk_bytes = CHUNK,
			 .numa_node = -1};
	struct sample_room s;
	uint64_t ns = 0;
	int i;

	if (launch_run(l, &c, 0, &s) < 0 || !sample_startup_ns(&s.sample, &ns))
		give_up(&s.failure, s.detail);
	for (i = 0; i < PHASE_COUNT; i++)
		side->phase_ns[i][at] = (double)s.sample.phases_ns[i];
	side->rest_ns[at] = (double)ns - side->phase_ns[PHASE_MEMSLOT][at];
	side->peak_kib = peak_kib();
}

static double median(const double *ns, unsigned n)
{
	struct stats_summary s;

	if (stats_summarise(ns, n, &s) < 0)
		exit(3);
	return s.median;
}

static void print_line(const char *name, double small_ns, double large_ns)
{
	printf("%-18s %12.3f %12.3f\n", name, small_ns / 1e6, large_ns / 1e6);
}

/* Phase by phase, those that a start has. */
static void print(const struct side *small, const struct side *large, unsigned pairs)
{
	char size[2][32];
	int i;

	printf("startup latency with demand pinning, ms; medians of %u starts each, in turn\n",
	       pairs);
	printf("%-18s %12s %12s\n", "", units_format_size(small->bytes, size[0], sizeof(size[0])),
	       units_format_size(large->bytes, size[1], sizeof(size[1])));
	for (i = 0; i <= PHASE_FIRST_INSTRUCTION; i++) {
		double a = median(small->phase_ns[i], pairs), b = median(large->phase_ns[i], pairs);

		if (a > 0 || b > 0)
			print_line(words_text(&words_phase, (unsigned)i), a, b);
	}
	print_line("all but memslot", median(small->rest_ns, pairs), median(large->rest_ns, pairs));
}

int main(int argc, char **argv)
{
	static struct side small = {.bytes = UNITS_GIB}, large = {.bytes = UNITS_TIB};
	static double ratio[MAX_PAIRS];
	struct launch_options options = {.epoch_ns = 0};
	struct stats_summary sr;
	struct fault f = {0};
	struct launch launch;
	uint64_t pairs = 30, i, small_peak;

	if ((argc > 1 && units_parse_u64(argv[1], 1, MAX_PAIRS, &pairs) < 0) || argc == 3 ||
	    (argc > 3 && (units_parse_size(argv[2], &small.bytes) < 0 ||
			  units_parse_size(argv[3], &large.bytes) < 0)) ||
	    small.bytes < CHUNK || large.bytes < CHUNK) {
		fputs("usage: flat [PAIRS [SMALL LARGE]]\n", stderr);
		return 2;
	}
	stop_install();
	if (launch_open(&launch, &options, &f) < 0)
		give_up(&f, "");
	start(&launch, &small, 0); /* these warm up */
	small_peak = small.peak_kib;
	start(&launch, &large, 0);
	for (i = 0; i < pairs && !stop_signal(); i++) {
		start(&launch, i & 1 ? &large : &small, (unsigned)i);
		start(&launch, i & 1 ? &small : &large, (unsigned)i);
		ratio[i] = large.rest_ns[i] / small.rest_ns[i];
	}
	launch_close(&launch);
	if (stop_signal() || stats_summarise(ratio, i, &sr) < 0)
		return 3;
	print(&small, &large, (unsigned)i);
	printf("ratio, pair by pair, without the memslot: %.3f", sr.median);
	if (sr.ci_low.known)
		printf("   95%% CI %.3f .. %.3f", sr.ci_low.value, sr.ci_high.value);
	printf("\nmost memory of this process: %llu KiB after the first small guest, %llu KiB in "
	       "the "
	       "end\n",
	       (unsigned long long)small_peak, (unsigned long long)large.peak_kib);
	return 0;
}
