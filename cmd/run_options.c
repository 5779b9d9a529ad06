// SPDX-License-Identifier: GPL-2.0-or-later
/* run_options: the options of "sevpinbench run": the table, and the defaults. */
#include "run_options.h"

#include "run_values.h"
#include "sevpinbench/units.h"
#include "verbs.h"
#include <errno.h>
#include <sys/random.h>

#define DEFAULT_SIZES	  "64M,256M,1G"
#define DEFAULT_PINS	  "eager,demand"
#define DEFAULT_CHUNK	  (2 * UNITS_MIB)
#define DEFAULT_TOUCH	  100000u /* millionths */
#define DEFAULT_TOUCH_CAP (8 * UNITS_GIB)
#define DEFAULT_POLICY	  0x1 /* NODBG: no debugging, as QEMU */
#define DEFAULT_RUNS	  10
#define DEFAULT_WARMUP	  1

static const struct option_row rows[] = {
	OPTION("guest-type", 0, "TYPE", VALUE_WORD, &words_guest_type, "auto", run_value_guest_type,
	       "auto, vm, sev, sev-es, sev-snp (auto)"),
	OPTION("guest-mem", 0, "SIZE,..", VALUE_SIZE, NULL, NULL, run_value_guest_mem,
	       "sizes, or a doubling range 1G..64G (" DEFAULT_SIZES ")"),
	OPTION("pin", 0, "MODE,..", VALUE_WORD, &words_pin_mode, NULL, run_value_pin,
	       "eager, demand, none (" DEFAULT_PINS ")"),
	OPTION("backing", 0, "KIND,..", VALUE_WORD, &words_backing, NULL, run_value_backing,
	       "anon, thp, memfd, hugetlb-2M, hugetlb-1G (anon)"),
	OPTION("prefault", 0, "THREADS,..", VALUE_NUMBER, NULL, NULL, run_value_prefault,
	       "fault memory in before the pin; 0: the pin does (0)"),
	OPTION("pin-threads", 0, "THREADS,..", VALUE_NUMBER, NULL, NULL, run_value_pin_threads,
	       "eager: threads that pin, a stretch each (1)"),
	OPTION("touch", 0, "AMOUNT,..", VALUE_TEXT, NULL, "1% 10% 100%", run_value_touch,
	       "working set: share or size (10%, at most 8G)"),
	OPTION("touch-order", 0, "ORDER", VALUE_WORD, &words_touch_order, NULL,
	       run_value_touch_order, "seq, random (seq)"),
	OPTION("touch-op", 0, "OP", VALUE_WORD, &words_touch_op, NULL, run_value_touch_op,
	       "write, read (write)"),
	OPTION("vcpus", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_vcpus,
	       "virtual CPUs, sharing the touching (1)"),
	OPTION("chunk", 0, "SIZE", VALUE_SIZE, NULL, "4K 64K 2M 1G", run_value_chunk,
	       "what a user-space demand fault pins (2M)"),
	OPTION("pin-order", 0, "ORDER,..", VALUE_WORD, &words_pin_order, NULL, run_value_pin_order,
	       "region-first, memslot-first (sev: region-first)"),
	OPTION("sev-policy", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_sev_policy,
	       "of the launch (0x1: no debugging)"),
	OPTION("launch-update", 0, "SIZE", VALUE_SIZE, NULL, NULL, run_value_launch_update,
	       "encrypt so much at launch (boot area)"),
	OPTION("parallel", 0, "N,..", VALUE_NUMBER, NULL, "1 2 4 8", run_value_parallel,
	       "guests started at once, or a doubling range 1..8 (1)"),
	OPTION("runs", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_runs,
	       "samples of each cell (10)"),
	OPTION("warmup", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_warmup,
	       "starts of each cell before them (1)"),
	OPTION("seed", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_seed,
	       "of the shuffling (random, recorded)"),
	OPTION("cpu", 0, "LIST", VALUE_TEXT, NULL, NULL, run_value_cpu,
	       "host CPUs to run on: 0,2-5 (any)"),
	OPTION("numa-node", 0, "N", VALUE_NUMBER, NULL, NULL, run_value_numa_node,
	       "guest memory from this node (any)"),
	OPTION("label", 0, "KEY=VALUE", VALUE_TEXT, NULL, NULL, run_value_label,
	       "a word of yours for the result; repeatable"),
	OPTION("output", 'o', "PATH", VALUE_FILE, NULL, "json", run_value_output,
	       "result file or folder (results/HOST-DATE.json)"),
	OPTION("plot-format", 0, "FORMAT", VALUE_WORD, &words_plot_format, NULL,
	       run_value_plot_format, "svg, png, pdf, term (svg)"),
	OPTION("openmetrics", 0, "FILE", VALUE_FILE, NULL, "prom", run_value_openmetrics,
	       "metrics for Prometheus' textfile collector, too"),
	OPTION_FLAG("audit", 0, run_options, audit, "find out last what each cell's pins hold"),
	OPTION("no-flush-count", 0, NULL, VALUE_TEXT, NULL, NULL, run_value_no_flush_count,
	       "do not count cache flushes on all CPUs"),
	OPTION_FLAG("no-kernel-switch", 0, run_options, no_kernel_switch,
		    "leave kvm_amd.sev_pinning as it is"),
	OPTION_FLAG("no-plots", 0, run_options, no_plots, "draw nothing"),
	OPTION_FLAG("dry-run", 0, run_options, dry_run,
		    "show the plan, its memory and time; start nothing"),
	OPTION_FLAG("quiet", 'q', run_options, quiet, "no progress"),
	OPTION_HELP(run_options),
};

const struct option_table run_option_table = {
	.verb = "run",
	.synopsis = "[OPTION...]",
	.about = "Start guests of every size in every pin mode, in shuffled order; measure startup "
		 "latency\n"
		 "and pinned pages; write a table, a JSON document and plots.",
	.exits =
		"0 fine, 1 a sample or an audit failed or pins leaked, 2 usage, 3 lacks a resource "
		"or\n"
		"permission, 4 unsupported here, 5 can't be trusted, 130/143 ended by a signal.\n",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};

void run_options_default(struct run_options *o)
{
	*o = (struct run_options){
		.guest_type_auto = true,
		.plan = {.backing_count = 1,
			 .backing = {BACKING_ANON},
			 .prefault_count = 1,
			 .touch_count = 1,
			 .touch = {{.is_share = true,
				    .millionths = DEFAULT_TOUCH,
				    .cap_bytes = DEFAULT_TOUCH_CAP}},
			 .vcpus = 1,
			 .chunk_bytes = DEFAULT_CHUNK,
			 .sev_policy = DEFAULT_POLICY,
			 .numa_node = -1},
		.campaign = {.runs = DEFAULT_RUNS, .warmup = DEFAULT_WARMUP, .count_flushes = true},
	};
	run_value_guest_mem(o, DEFAULT_SIZES, NULL);
	run_value_pin(o, DEFAULT_PINS, NULL);
}

int run_options_seed(struct run_options *o, struct fault *f)
{
	uint32_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return fault_set(f, errno, "getrandom", "seed");
	o->campaign.seed = seed;
	return 0;
}

int run_options_parse(struct run_options *o, int argc, char **argv, struct fault *f)
{
	int r;

	run_options_default(o);
	r = options_parse_all(&run_option_table, o, argc, argv, f);
	return r < 0 || o->seed_given ? r : run_options_seed(o, f);
}
