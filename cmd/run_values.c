// SPDX-License-Identifier: GPL-2.0-or-later
/* run_values: what is given with each option of "sevpinbench run". */
#include "run_values.h"

#include "parse.h"
#include "sevpinbench/boot.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RUNS 1000000

#define bad(f, option, ...) fault_set(f, EINVAL, option, __VA_ARGS__)

int run_value_guest_type(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
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

int run_value_guest_mem(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	return parse_sizes("--guest-mem", v, o->plan.guest_bytes, PLAN_SIZES, &o->plan.size_count,
			   f);
}

int run_value_pin(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value[PIN_MODE_COUNT] = {0}, i;
	int n = parse_words("--pin", &words_pin_mode, v, value, PIN_MODE_COUNT, f);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		o->plan.mode[i] = (enum pin_mode)value[i];
	o->plan.mode_count = (unsigned)n;
	return 0;
}

int run_value_backing(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value[BACKING_COUNT], i;
	int n = parse_words("--backing", &words_backing, v, value, BACKING_COUNT, f);

	for (i = 0; i < n; i++)
		o->plan.backing[i] = (enum backing)value[i];
	o->plan.backing_count = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

int run_value_touch_order(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value, n = parse_words("--touch-order", &words_touch_order, v, &value, 1, f);

	if (n > 0)
		o->plan.touch_order = (enum touch_order)value;
	return n < 0 ? n : 0;
}

int run_value_touch_op(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value, n = parse_words("--touch-op", &words_touch_op, v, &value, 1, f);

	if (n > 0)
		o->plan.touch_op = (enum touch_op)value;
	return n < 0 ? n : 0;
}

int run_value_plot_format(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value, n = parse_words("--plot-format", &words_plot_format, v, &value, 1, f);

	if (n > 0)
		o->plot_format = (enum plot_format)value;
	return n < 0 ? n : 0;
}

/* One more number of threads for a list, no two alike. */
static int add_threads(const char *option, const char *item, uint32_t least, uint32_t *list,
		       unsigned *count, unsigned room, struct fault *f)
{
	unsigned i, n = *count;
	int r;

	if (n == room)
		return bad(f, option, "more than %u numbers", room);
	r = parse_u32(option, item, least, 64, &list[n], f);
	for (i = 0; i < n && r == 0; i++) {
		if (list[i] == list[n])
			r = bad(f, option, "%s is given twice", item);
	}
	*count = n + 1;
	return r;
}

static int add_prefault(void *arg, const char *item, struct fault *f)
{
	struct plan_request *p = arg;

	return add_threads("--prefault", item, 0, p->prefault_threads, &p->prefault_count,
			   PLAN_PREFAULTS, f);
}

static int add_pin_threads(void *arg, const char *item, struct fault *f)
{
	struct plan_request *p = arg;

	return add_threads("--pin-threads", item, 1, p->pin_threads, &p->pin_threads_count,
			   PLAN_PIN_THREADS, f);
}

int run_value_prefault(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	o->plan.prefault_count = 0;
	return parse_list("--prefault", v, add_prefault, &o->plan, f);
}

int run_value_pin_threads(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	o->plan.pin_threads_count = 0;
	return parse_list("--pin-threads", v, add_pin_threads, &o->plan, f);
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

int run_value_touch(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	o->plan.touch_count = 0;
	return parse_list("--touch", v, add_touch, &o->plan, f);
}

int run_value_vcpus(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	return parse_u32("--vcpus", v, 1, BOOT_MAX_VCPUS, &o->plan.vcpus, f);
}

int run_value_chunk(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	uint64_t bytes;

	if (units_parse_size(v, &bytes) < 0)
		return bad(f, "--chunk", "\"%.40s\" is not a size, such as 4K, 2M or 1G", v);
	if (bytes < UNITS_PAGE_BYTES || bytes > UNITS_GIB || (bytes & (bytes - 1)) != 0)
		return bad(f, "--chunk", "%.40s is not a power of two from 4K to 1G", v);
	o->plan.chunk_bytes = bytes;
	return 0;
}

static int add_parallel(struct plan_request *p, uint32_t guests, struct fault *f)
{
	unsigned i, n = p->parallel_count;

	for (i = 0; i < n; i++) {
		if (p->parallel[i] == guests)
			return bad(f, "--parallel", "%u is given twice", guests);
	}
	if (n == PLAN_PARALLELS)
		return bad(f, "--parallel", "more than %d numbers", PLAN_PARALLELS);
	p->parallel[p->parallel_count++] = guests;
	return 0;
}

/* One item: a number, or a range that doubles. */
static int add_parallels(void *arg, const char *item, struct fault *f)
{
	const char *dots = strstr(item, "..");
	char first[16];
	uint32_t low = 0, high;
	int r;

	snprintf(first, sizeof(first), "%.*s", dots ? (int)(dots - item) : 15, item);
	r = parse_u32("--parallel", first, 1, CELL_MOST_PARALLEL, &low, f);
	high = low;
	if (r == 0 && dots)
		r = parse_u32("--parallel", dots + 2, 1, CELL_MOST_PARALLEL, &high, f);
	if (r == 0 && high < low)
		r = bad(f, "--parallel", "the range %.40s goes down", item);
	for (; r == 0 && low <= high; low *= 2)
		r = add_parallel(arg, low, f);
	return r;
}

int run_value_parallel(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;

	o->plan.parallel_count = 0;
	return parse_list("--parallel", v, add_parallels, &o->plan, f);
}

int run_value_runs(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	return parse_u32("--runs", v, 1, MAX_RUNS, &o->campaign.runs, f);
}

int run_value_warmup(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	return parse_u32("--warmup", v, 0, MAX_RUNS, &o->campaign.warmup, f);
}

int run_value_seed(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	o->seed_given = true;
	if (units_parse_u64(v, 0, INT64_MAX, &o->campaign.seed) < 0)
		return bad(f, "--seed", "\"%.40s\" is not a number from 0 to 2^63-1", v);
	return 0;
}

int run_value_cpu(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int n = parse_cpus("--cpu", v, o->cpu, RUN_MAX_CPUS, f);

	if (n < 0)
		return n;
	o->cpu_count = (unsigned)n;
	snprintf(o->campaign.cpu_list, sizeof(o->campaign.cpu_list), "%s", v);
	return 0;
}

int run_value_pin_order(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	int value[PIN_ORDER_COUNT], i;
	int n = parse_words("--pin-order", &words_pin_order, v, value, PIN_ORDER_COUNT, f);

	for (i = 0; i < n; i++)
		o->plan.pin_order[i] = (enum pin_order)value[i];
	o->plan.pin_order_count = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

int run_value_sev_policy(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	char *end;
	unsigned long policy;

	errno = 0;
	policy = strtoul(v, &end, 0);
	if (v[0] < '0' || v[0] > '9' || *end || errno || policy > UINT32_MAX)
		return bad(f, "--sev-policy", "\"%.40s\" is not a number such as 0x1", v);
	o->plan.sev_policy = (uint32_t)policy;
	return 0;
}

int run_value_launch_update(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	if (units_parse_size(v, &o->plan.launch_update_bytes) < 0 ||
	    o->plan.launch_update_bytes % UNITS_PAGE_BYTES != 0)
		return bad(f, "--launch-update", "\"%.40s\" is not a size in whole 4K pages", v);
	return 0;
}

int run_value_numa_node(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	uint32_t node = 0;
	int r = parse_u32("--numa-node", v, 0, HOST_NODES - 1, &node, f);

	o->plan.numa_node = (int)node;
	return r;
}

int run_value_label(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	return parse_label_text("--label", v, &o->campaign, f);
}

int run_value_openmetrics(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;

	o->openmetrics = v;
	return v[0] ? 0 : bad(f, "--openmetrics", "an empty path");
}

int run_value_output(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	o->output = v;
	return v[0] ? 0 : bad(f, "-o", "an empty path");
}

int run_value_no_flush_count(void *into, const char *v, struct fault *f)
{
	struct run_options *o = into;
	(void)v;
	(void)f;
	o->campaign.count_flushes = false;
	return 0;
}
