// SPDX-License-Identifier: GPL-2.0-or-later
/* run_options: the options of "sevpinbench run": one table for parsing and for --help. */
#include "run_options.h"

#include "parse.h"
#include "run_values.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DEFAULT_SIZES	  "64M,256M,1G"
#define DEFAULT_PINS	  "eager,demand"
#define DEFAULT_CHUNK	  (2 * UNITS_MIB)
#define DEFAULT_TOUCH	  100000u /* millionths */
#define DEFAULT_TOUCH_CAP (8 * UNITS_GIB)
#define DEFAULT_POLICY	  0x1 /* NODBG: no debugging, as QEMU */
#define DEFAULT_RUNS	  10
#define DEFAULT_WARMUP	  1

#define bad(f, option, ...) fault_set(f, EINVAL, option, __VA_ARGS__)

static const struct option_row {
	const char *name; /* long; NULL: none */
	char letter;	  /* short; 0: none */
	const char *arg;  /* NULL: takes none */
	int (*parse)(struct run_options *o, const char *value, struct fault *f);
	const char *help;
} rows[] = {
	{"guest-type", 0, "TYPE", run_value_guest_type, "auto, vm, sev, sev-es, sev-snp (auto)"},
	{"guest-mem", 0, "SIZE,..", run_value_guest_mem,
	 "sizes, or a doubling range 1G..64G (" DEFAULT_SIZES ")"},
	{"pin", 0, "MODE,..", run_value_pin, "eager, demand, none (" DEFAULT_PINS ")"},
	{"backing", 0, "KIND,..", run_value_backing,
	 "anon, thp, memfd, hugetlb-2M, hugetlb-1G (anon)"},
	{"prefault", 0, "THREADS,..", run_value_prefault,
	 "fault memory in before the pin; 0: the pin does (0)"},
	{"touch", 0, "AMOUNT,..", run_value_touch, "working set: share or size (10%, at most 8G)"},
	{"touch-order", 0, "ORDER", run_value_touch_order, "seq, random (seq)"},
	{"touch-op", 0, "OP", run_value_touch_op, "write, read (write)"},
	{"vcpus", 0, "N", run_value_vcpus, "virtual CPUs, sharing the touching (1)"},
	{"chunk", 0, "SIZE", run_value_chunk, "what a user-space demand fault pins (2M)"},
	{"pin-order", 0, "ORDER,..", run_value_pin_order,
	 "region-first, memslot-first (sev: region-first)"},
	{"sev-policy", 0, "N", run_value_sev_policy, "of the launch (0x1: no debugging)"},
	{"launch-update", 0, "SIZE", run_value_launch_update,
	 "encrypt so much at launch (boot area)"},
	{"runs", 0, "N", run_value_runs, "samples of each cell (10)"},
	{"warmup", 0, "N", run_value_warmup, "starts of each cell before them (1)"},
	{"seed", 0, "N", run_value_seed, "of the shuffling (random, recorded)"},
	{"cpu", 0, "LIST", run_value_cpu, "host CPUs to run on: 0,2-5 (any)"},
	{"numa-node", 0, "N", run_value_numa_node, "guest memory from this node (any)"},
	{"label", 0, "KEY=VALUE", run_value_label, "a word of yours for the result; repeatable"},
	{"output", 'o', "PATH", run_value_output, "result file or folder (results/HOST-DATE.json)"},
	{"plot-format", 0, "FORMAT", run_value_plot_format, "svg, png, pdf, term (svg)"},
	{"no-flush-count", 0, NULL, run_value_no_flush_count,
	 "do not count cache flushes on all CPUs"},
	{"no-kernel-switch", 0, NULL, run_value_no_kernel_switch,
	 "leave kvm_amd.sev_pinning as it is"},
	{"no-plots", 0, NULL, run_value_no_plots, "draw nothing"},
	{"dry-run", 0, NULL, run_value_dry_run,
	 "show the plan, its memory and time; start nothing"},
	{"quiet", 'q', NULL, run_value_quiet, "no progress"},
	{"help", 'h', NULL, run_value_help, "this text"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void set_defaults(struct run_options *o)
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

/* getopt's tables, made of ours. A row's number comes back as its value. */
static void make_getopt_tables(struct option *longs, char *shorts)
{
	size_t i;

	*shorts++ = ':'; /* a missing value is told from an unknown option */
	for (i = 0; i < ROWS; i++) {
		longs[i] =
			(struct option){rows[i].name, rows[i].arg ? required_argument : no_argument,
					NULL, 256 + (int)i};
		if (!rows[i].letter)
			continue;
		*shorts++ = rows[i].letter;
		if (rows[i].arg)
			*shorts++ = ':';
	}
	longs[ROWS] = (struct option){0};
	*shorts = '\0';
}

static const struct option_row *find_row(int code)
{
	size_t i;

	if (code >= 256)
		return &rows[code - 256];
	for (i = 0; i < ROWS; i++) {
		if (rows[i].letter == code)
			return &rows[i];
	}
	return NULL;
}

int run_options_parse(struct run_options *o, int argc, char **argv, struct fault *f)
{
	struct option longs[ROWS + 1];
	char shorts[2 * ROWS + 2];
	const struct option_row *row;
	int code, r;

	set_defaults(o);
	make_getopt_tables(longs, shorts);
	opterr = 0;
	optind = 1;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		row = find_row(code);
		if (!row)
			return parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		r = row->parse(o, optarg, f);
		if (r < 0)
			return r;
	}
	if (optind < argc)
		return bad(f, "arguments", "\"%.60s\" was not expected", argv[optind]);
	if (!o->seed_given) {
		uint32_t seed = 0;

		if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			return fault_set(f, errno, "getrandom", "seed");
		o->campaign.seed = seed;
	}
	return 0;
}

void run_options_print_help(void)
{
	char left[40];
	size_t i;

	puts("usage: sevpinbench run [OPTION...]\n\n"
	     "Start guests of every size in every pin mode, in shuffled order; measure startup "
	     "latency\n"
	     "and pinned pages; write a table, a JSON document and plots.\n");
	for (i = 0; i < ROWS; i++) {
		if (rows[i].letter)
			snprintf(left, sizeof(left), "-%c, --%s %s", rows[i].letter, rows[i].name,
				 rows[i].arg ? rows[i].arg : "");
		else
			snprintf(left, sizeof(left), "    --%s %s", rows[i].name,
				 rows[i].arg ? rows[i].arg : "");
		printf("  %-25s %s\n", left, rows[i].help);
	}
	puts("\nExit: 0 fine, 1 a sample failed or leaked pins, 2 usage, 3 lacks a resource or "
	     "permission,\n"
	     "4 unsupported here, 5 can't be trusted, 130/143 ended by a signal. See "
	     "sevpinbench-run(1).");
}
