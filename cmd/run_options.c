// SPDX-License-Identifier: GPL-2.0-or-later
/* run_options: the options of "sevpinbench run": one table for parsing and for --help. */
#include "run_options.h"

#include "parse.h"
#include "sevpinbench/boot.h"
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
#define MAX_RUNS	  1000000

#define bad(f, option, ...) fault_set(f, EINVAL, option, __VA_ARGS__)

static int parse_guest_type(struct run_options *o, const char *v, struct fault *f)
{
	int value;

	o->guest_type_auto = strcmp(v, "auto") == 0;
	if (o->guest_type_auto)
		return 0;
	value = words_value(&words_guest_type, v);
	if (value < 0)
		return bad(f, "--guest-type",
			   "\"%.40s\" is not one of auto, vm, sev, sev-es, sev-snp", v);
	o->plan.guest_type = (enum guest_type)value;
	return 0;
}

static int parse_guest_mem(struct run_options *o, const char *v, struct fault *f)
{
	return parse_sizes("--guest-mem", v, o->plan.guest_bytes, PLAN_SIZES, &o->plan.size_count,
			   f);
}

static int parse_pin(struct run_options *o, const char *v, struct fault *f)
{
	int value[PIN_MODE_COUNT], i;
	int n = parse_words("--pin", &words_pin_mode, v, value, PIN_MODE_COUNT, f);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		o->plan.mode[i] = (enum pin_mode)value[i];
	o->plan.mode_count = (unsigned)n;
	return 0;
}

static int parse_backing(struct run_options *o, const char *v, struct fault *f)
{
	int value[BACKING_COUNT], i;
	int n = parse_words("--backing", &words_backing, v, value, BACKING_COUNT, f);

	for (i = 0; i < n; i++)
		o->plan.backing[i] = (enum backing)value[i];
	o->plan.backing_count = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

static int parse_touch_order(struct run_options *o, const char *v, struct fault *f)
{
	int value, n = parse_words("--touch-order", &words_touch_order, v, &value, 1, f);

	if (n > 0)
		o->plan.touch_order = (enum touch_order)value;
	return n < 0 ? n : 0;
}

static int parse_touch_op(struct run_options *o, const char *v, struct fault *f)
{
	int value, n = parse_words("--touch-op", &words_touch_op, v, &value, 1, f);

	if (n > 0)
		o->plan.touch_op = (enum touch_op)value;
	return n < 0 ? n : 0;
}

static int parse_plot_format(struct run_options *o, const char *v, struct fault *f)
{
	int value, n = parse_words("--plot-format", &words_plot_format, v, &value, 1, f);

	if (n > 0)
		o->plot_format = (enum plot_format)value;
	return n < 0 ? n : 0;
}

static int add_prefault(void *arg, const char *item, struct fault *f)
{
	struct plan_request *p = arg;
	unsigned i, n = p->prefault_count;
	int r;

	if (n == PLAN_PREFAULTS)
		return bad(f, "--prefault", "more than %d numbers", PLAN_PREFAULTS);
	r = parse_u32("--prefault", item, 0, 64, &p->prefault_threads[n], f);
	for (i = 0; i < n && r == 0; i++) {
		if (p->prefault_threads[i] == p->prefault_threads[n])
			r = bad(f, "--prefault", "%s is given twice", item);
	}
	p->prefault_count = n + 1;
	return r;
}

static int parse_prefault(struct run_options *o, const char *v, struct fault *f)
{
	o->plan.prefault_count = 0;
	return parse_list("--prefault", v, add_prefault, &o->plan, f);
}

static int add_touch(void *arg, const char *item, struct fault *f)
{
	struct plan_request *p = arg;
	struct plan_touch t = {0};

	if (p->touch_count == PLAN_TOUCHES)
		return bad(f, "--touch", "more than %d amounts", PLAN_TOUCHES);
	t.is_share = item[strlen(item) - 1] == '%';
	if (t.is_share ? units_parse_percent(item, &t.millionths) < 0
		       : units_parse_size(item, &t.bytes) < 0)
		return bad(f, "--touch",
			   "\"%.40s\" is neither a share (0%% to 100%%) nor a size (512M)", item);
	if (t.bytes % UNITS_PAGE_BYTES != 0)
		return bad(f, "--touch", "%.40s is not a whole number of 4K pages", item);
	p->touch[p->touch_count++] = t;
	return 0;
}

static int parse_touch(struct run_options *o, const char *v, struct fault *f)
{
	o->plan.touch_count = 0;
	return parse_list("--touch", v, add_touch, &o->plan, f);
}

static int parse_vcpus(struct run_options *o, const char *v, struct fault *f)
{
	return parse_u32("--vcpus", v, 1, BOOT_MAX_VCPUS, &o->plan.vcpus, f);
}

static int parse_chunk(struct run_options *o, const char *v, struct fault *f)
{
	uint64_t bytes;

	if (units_parse_size(v, &bytes) < 0)
		return bad(f, "--chunk", "\"%.40s\" is not a size, such as 4K, 2M or 1G", v);
	if (bytes < UNITS_PAGE_BYTES || bytes > UNITS_GIB || (bytes & (bytes - 1)) != 0)
		return bad(f, "--chunk", "%.40s is not a power of two from 4K to 1G", v);
	o->plan.chunk_bytes = bytes;
	return 0;
}

static int parse_runs(struct run_options *o, const char *v, struct fault *f)
{
	return parse_u32("--runs", v, 1, MAX_RUNS, &o->campaign.runs, f);
}

static int parse_warmup(struct run_options *o, const char *v, struct fault *f)
{
	return parse_u32("--warmup", v, 0, MAX_RUNS, &o->campaign.warmup, f);
}

static int parse_seed(struct run_options *o, const char *v, struct fault *f)
{
	o->seed_given = true;
	if (units_parse_u64(v, 0, INT64_MAX, &o->campaign.seed) < 0)
		return bad(f, "--seed", "\"%.40s\" is not a number from 0 to 2^63-1", v);
	return 0;
}

static int parse_cpu(struct run_options *o, const char *v, struct fault *f)
{
	int n = parse_cpus("--cpu", v, o->cpu, RUN_MAX_CPUS, f);

	if (n < 0)
		return n;
	o->cpu_count = (unsigned)n;
	snprintf(o->campaign.cpu_list, sizeof(o->campaign.cpu_list), "%s", v);
	return 0;
}

static int parse_pin_order(struct run_options *o, const char *v, struct fault *f)
{
	int value[PIN_ORDER_COUNT], i;
	int n = parse_words("--pin-order", &words_pin_order, v, value, PIN_ORDER_COUNT, f);

	for (i = 0; i < n; i++)
		o->plan.pin_order[i] = (enum pin_order)value[i];
	o->plan.pin_order_count = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

static int parse_sev_policy(struct run_options *o, const char *v, struct fault *f)
{
	char *end;
	unsigned long policy;

	errno = 0;
	policy = strtoul(v, &end, 0);
	if (v[0] < '0' || v[0] > '9' || *end || errno || policy > UINT32_MAX)
		return bad(f, "--sev-policy", "\"%.40s\" is not a number such as 0x1", v);
	o->plan.sev_policy = (uint32_t)policy;
	return 0;
}

static int parse_launch_update(struct run_options *o, const char *v, struct fault *f)
{
	if (units_parse_size(v, &o->plan.launch_update_bytes) < 0 ||
	    o->plan.launch_update_bytes % UNITS_PAGE_BYTES != 0)
		return bad(f, "--launch-update", "\"%.40s\" is not a size in whole 4K pages", v);
	return 0;
}

static int parse_numa_node(struct run_options *o, const char *v, struct fault *f)
{
	uint32_t node = 0;
	int r = parse_u32("--numa-node", v, 0, HOST_NODES - 1, &node, f);

	o->plan.numa_node = (int)node;
	return r;
}

static int parse_label(struct run_options *o, const char *v, struct fault *f)
{
	return parse_label_text("--label", v, &o->campaign, f);
}

static int parse_output(struct run_options *o, const char *v, struct fault *f)
{
	o->output = v;
	return v[0] ? 0 : bad(f, "-o", "an empty path");
}

static int set_no_plots(struct run_options *o, const char *v, struct fault *f)
{
	(void)v;
	(void)f;
	o->no_plots = true;
	return 0;
}

static int set_dry_run(struct run_options *o, const char *v, struct fault *f)
{
	(void)v;
	(void)f;
	o->dry_run = true;
	return 0;
}

static int set_no_flush_count(struct run_options *o, const char *v, struct fault *f)
{
	(void)v;
	(void)f;
	o->campaign.count_flushes = false;
	return 0;
}

static int set_quiet(struct run_options *o, const char *v, struct fault *f)
{
	(void)v;
	(void)f;
	o->quiet = true;
	return 0;
}

static int set_help(struct run_options *o, const char *v, struct fault *f)
{
	(void)v;
	(void)f;
	o->help = true;
	return 0;
}

static const struct option_row {
	const char *name; /* long; NULL: none */
	char letter;	  /* short; 0: none */
	const char *arg;  /* NULL: takes none */
	int (*parse)(struct run_options *o, const char *value, struct fault *f);
	const char *help;
} rows[] = {
	{"guest-type", 0, "TYPE", parse_guest_type, "auto, vm, sev, sev-es, sev-snp (auto)"},
	{"guest-mem", 0, "SIZE,..", parse_guest_mem,
	 "sizes, or a doubling range 1G..64G (" DEFAULT_SIZES ")"},
	{"pin", 0, "MODE,..", parse_pin, "eager, demand, none (" DEFAULT_PINS ")"},
	{"backing", 0, "KIND,..", parse_backing, "anon, thp, memfd, hugetlb-2M, hugetlb-1G (anon)"},
	{"prefault", 0, "THREADS,..", parse_prefault,
	 "fault memory in before the pin; 0: the pin does (0)"},
	{"touch", 0, "AMOUNT,..", parse_touch, "working set: share or size (10%, at most 8G)"},
	{"touch-order", 0, "ORDER", parse_touch_order, "seq, random (seq)"},
	{"touch-op", 0, "OP", parse_touch_op, "write, read (write)"},
	{"vcpus", 0, "N", parse_vcpus, "virtual CPUs, sharing the touching (1)"},
	{"chunk", 0, "SIZE", parse_chunk, "what a user-space demand fault pins (2M)"},
	{"pin-order", 0, "ORDER,..", parse_pin_order,
	 "region-first, memslot-first (sev: region-first)"},
	{"sev-policy", 0, "N", parse_sev_policy, "of the launch (0x1: no debugging)"},
	{"launch-update", 0, "SIZE", parse_launch_update, "encrypt so much at launch (boot area)"},
	{"runs", 0, "N", parse_runs, "samples of each cell (10)"},
	{"warmup", 0, "N", parse_warmup, "starts of each cell before them (1)"},
	{"seed", 0, "N", parse_seed, "of the shuffling (random, recorded)"},
	{"cpu", 0, "LIST", parse_cpu, "host CPUs to run on: 0,2-5 (any)"},
	{"numa-node", 0, "N", parse_numa_node, "guest memory from this node (any)"},
	{"label", 0, "KEY=VALUE", parse_label, "a word of yours for the result; repeatable"},
	{"output", 'o', "PATH", parse_output, "result file or folder (results/HOST-DATE.json)"},
	{"plot-format", 0, "FORMAT", parse_plot_format, "svg, png (svg)"},
	{"no-flush-count", 0, NULL, set_no_flush_count, "do not count cache flushes on all CPUs"},
	{"no-plots", 0, NULL, set_no_plots, "draw nothing"},
	{"dry-run", 0, NULL, set_dry_run, "show the plan, its memory and time; start nothing"},
	{"quiet", 'q', NULL, set_quiet, "no progress"},
	{"help", 'h', NULL, set_help, "this text"},
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
	parse_guest_mem(o, DEFAULT_SIZES, NULL);
	parse_pin(o, DEFAULT_PINS, NULL);
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
