// SPDX-License-Identifier: GPL-2.0-or-later
/* run: plan, preflight, warm-up, samples, record; then table, document, plots. */
#include "dry_run.h"
#include "exit_code.h"
#include "output.h"
#include "progress.h"
#include "replan.h"
#include "run_audit.h"
#include "run_options.h"
#include "run_wanted.h"
#include "say.h"
#include "sevpinbench/campaign.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/journal.h"
#include "sevpinbench/openmetrics.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/result_bars.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/sandbox.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "terminal.h"
#include "tool.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct run {
	const char *verb; /* that speaks: run, or one that has a campaign made */
	struct run_options options;
	struct launch_limits limits;
	struct kernel_pinning pinning;
	struct record record;
	struct output output;
	struct journal journal;
	struct progress progress;
	bool journal_failed;
};

/* As much locked memory as we may have without asking anybody. */
static void raise_memlock(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
}

static int place(const struct run *run)
{
	const struct run_options *o = &run->options;
	int r = o->cpu_count ? sys_run_on_cpu(o->cpu[0]) : 0;

	if (r == 0)
		return 0;
	say(run->verb, "--cpu: sched_setaffinity to CPU %d: %s", o->cpu[0], strerror(-r));
	return EXIT_LACKS;
}

/* Sort the cells into those that can run here and those that cannot. */
static int divide(struct run *run, const struct cell *cells, uint32_t n, struct fault *f)
{
	struct record *r = &run->record;
	struct record_refusal refusal;
	uint32_t i;

	if (record_open(r, n, n) < 0)
		return fault_set(f, ENOMEM, "calloc", "%u cells", n);
	r->cell_count = r->refusal_count = 0;
	for (i = 0; i < n; i++) {
		if (preflight_cell(&cells[i], &r->host, &run->limits, &refusal))
			r->cell[r->cell_count++].cell = cells[i];
		else
			r->refusal[r->refusal_count++] = refusal;
	}
	return 0;
}

/* When KVM pins SEV guests' memory: at registration, at the fault, or as it is told. */
static int find_pinning(struct run *run)
{
	struct kernel_pinning *k = &run->pinning;
	bool *demand = &run->options.plan.kvm_demand;
	char *lacks = run->limits.region_lacks;
	const size_t size = sizeof(run->limits.region_lacks);
	struct fault f = {0};
	int r;

	kernel_pinning_open(k, !run->options.no_kernel_switch);
	r = launch_probe_kvm_demand(run->options.plan.guest_type, k, demand, &f);
	if (stop_signal())
		return say_stopped(run->verb);
	/* Too little locked memory even for a small guest: each cell will be told the numbers. */
	if (r < 0 && r != -ENOMEM)
		return say_fault(run->verb,
				 r == -ENODATA ? "cannot find out when KVM pins an SEV guest"
					       : "cannot start an SEV guest",
				 &f);
	if (k->present && k->fd < 0)
		snprintf(lacks, size, "%s: %s", KERNEL_PINNING_PATH, k->reason);
	else if (k->present && !kernel_pinning_offers(k, PIN_MODE_EAGER))
		snprintf(lacks, size, "KVM here pins on demand only (sev_pinning is demand; %s)",
			 k->reason);
	else if (!k->present && *demand)
		snprintf(lacks, size, "KVM here pins on demand only (its kvm_amd has no switch)");
	return EXIT_FINE;
}

/* The guest type, and what the kernel does for it. Returns an exit code. */
static int choose_type(struct run *run)
{
	static const char *const cannot[GUEST_TYPE_COUNT] = {
		"cannot start guests", "cannot start SEV guests", "cannot start SEV-ES guests",
		"cannot start SEV-SNP guests"};
	struct run_options *o = &run->options;
	struct fault f = {0};
	const int r = launch_probe(&run->limits, &f);

	/* What it cut short looks like a host that cannot. */
	if (stop_signal())
		return say_stopped(run->verb);
	if (r < 0)
		return say_fault(run->verb, "cannot start guests", &f);
	if (o->guest_type_auto)
		o->plan.guest_type = run->limits.sev ? GUEST_TYPE_SEV : GUEST_TYPE_VM;
	/* KVM flushes the caches of all CPUs for encrypted guests only. */
	if (o->plan.guest_type == GUEST_TYPE_VM)
		run->record.plan.count_flushes = false;
	if (o->plan.guest_type == GUEST_TYPE_VM)
		return EXIT_FINE;
	if (!launch_can_start(&run->limits, o->plan.guest_type, &f))
		return say_fault(run->verb, cannot[o->plan.guest_type], &f);
	if (o->plan.guest_type == GUEST_TYPE_SEV_SNP) /* its memory is not registered */
		return EXIT_FINE;
	return find_pinning(run);
}

/* The cells asked for, or their number as -errno, told; what the host offers may be known. */
static int plan(const struct run *run, bool looked, struct cell *cells, int *code)
{
	struct fault f = {0};
	const struct run_options *o = &run->options;
	int n = o->wanted ? replan_cells(o, looked, cells, RECORD_MAX_CELLS, &f)
			  : plan_cells(&o->plan, cells, RECORD_MAX_CELLS, &f);

	*code = EXIT_FINE;
	if (n < 0 && o->wanted) {
		*code = say_fault(run->verb, "the plan cannot be repeated", &f);
	} else if (n < 0) {
		say_usage(run->verb, &f);
		*code = n == -ENOTSUP ? EXIT_UNSUPPORTED : EXIT_USAGE;
	}
	return n;
}

/*
 * Options to cells. What does not fit together is a wrong use on any host, so that is seen before
 * the host is looked at; with what it offers the plan is made. Returns an exit code.
 */
static int make_plan(struct run *run)
{
	struct cell *cells = calloc(RECORD_MAX_CELLS, sizeof(*cells));
	struct fault f = {0};
	int n, code;

	if (!cells)
		return say_no_memory(run->verb);
	n = plan(run, false, cells, &code);
	if (code == EXIT_FINE)
		code = choose_type(run);
	if (code == EXIT_FINE)
		n = plan(run, true, cells, &code);
	if (code == EXIT_FINE && divide(run, cells, (uint32_t)n, &f) < 0)
		code = say_fault(run->verb, "cannot plan", &f);
	if (code == EXIT_FINE && run->options.wanted)
		code = replan_refuse(run->verb, &run->record);
	free(cells);
	return code;
}

static void on_progress(void *arg, const struct campaign_progress *p)
{
	struct run *run = arg;

	progress_show(&run->progress, &run->record, p);
}

static int on_sample(void *arg, uint32_t cell, bool warmup, const struct sample *s, struct fault *f)
{
	struct run *run = arg;
	int r = journal_add(&run->journal, cell, warmup, s, f);

	run->journal_failed = r < 0;
	return r;
}

/* Take the samples. Returns an exit code; what was measured is in the record in any case. */
static int measure(struct run *run)
{
	const struct run_options *o = &run->options;
	const struct launch_options lo = {.cpus = o->cpu,
					  .cpu_count = o->cpu_count,
					  .seed = o->campaign.seed,
					  .epoch_ns = clock_now_ns(),
					  .count_flushes = run->record.plan.count_flushes,
					  .pinning = &run->pinning,
					  .guests = campaign_guests(&run->record)};
	const struct campaign_observer observer = {run, on_progress, on_sample};
	struct launch launch = {0};
	struct fault f = {0};
	int r = launch_open(&launch, &lo, &f);

	if (r == 0)
		r = campaign_reserve(&run->record, &f);
	if (r == 0) {
		progress_open(&run->progress, o->quiet);
		r = campaign_run(&run->record, &launch, &run->limits, &observer, &f);
		progress_close(&run->progress);
	}
	launch_close(&launch);
	return r < 0 ? say_fault(run->verb, "the campaign ended early", &f) : EXIT_FINE;
}

static void draw_plots(const struct run *run)
{
	const struct record *record = &run->record;
	const char *name = run->output.path;
	const struct plot_request q = {.style = {.format = run->options.plot_format},
				       .record = &record,
				       .name = &name,
				       .count = 1};

	output_draw_plots(run->verb, &q, run->output.path, PLOT_USUAL_KINDS, false, false);
}

/* On a terminal, the table once more as bars. */
static void print_bars(const struct run *run)
{
	const struct record *record = &run->record;
	const char *name = "";
	struct terminal t;

	terminal_look(&t);
	if (t.is_one && !run->options.quiet) {
		fputc('\n', stdout);
		result_bars_print(&record, &name, 1,
				  &(struct bars_style){t.columns, t.unicode, t.colour}, stdout);
	}
}

/* What was asked for and is not written is an error: a collector would go on with old numbers. */
static int metrics(const struct run *run)
{
	const char *path = run->options.openmetrics;
	struct fault f = {0};

	if (!path)
		return EXIT_FINE;
	if (openmetrics_write(&run->record, path, &f) < 0) {
		say_fault(run->verb, "the metrics could not be written, the result is not affected",
			  &f);
		return EXIT_LACKS;
	}
	printf("metrics: %s\n", path);
	return EXIT_FINE;
}

/* Document, table, plots. Returns an exit code. */
static int deliver(struct run *run)
{
	const struct run_options *o = &run->options;
	struct fault f = {0};
	int code, shown, flushed;

	if (result_json_write(&run->record, run->output.path, &f) < 0) {
		code = say_fault(run->verb, "the result could not be written", &f);
		fprintf(stderr,
			"  what was measured%s is safe in the journal: make room, then\n"
			"  sevpinbench recover %s\n",
			run->journal_failed ? ", the last sample apart," : "", run->output.journal);
		journal_close(&run->journal, false);
		output_table(run->verb, &run->record);
		say_flush(run->verb);
		return code;
	}
	journal_close(&run->journal, true);
	if (o->wanted) {
		fprintf(stderr, "result: %s\n", run->output.path);
		return EXIT_FINE;
	}
	shown = output_table(run->verb, &run->record);
	print_bars(run);
	printf("result: %s\n", run->output.path);
	code = metrics(run);
	code = code == EXIT_FINE ? shown : code;
	if (!o->no_plots)
		draw_plots(run);
	flushed = say_flush(run->verb);
	return code == EXIT_FINE ? flushed : code;
}

static int run_campaign(struct run *run)
{
	struct fault f = {0};
	int code, delivered;

	if (output_choose(&run->output, run->options.output, &run->record, &f) < 0 ||
	    journal_open(&run->journal, run->output.journal, &run->record, &f) < 0) {
		say_fault(run->verb, "the result would have no place", &f);
		return EXIT_LACKS;
	}
	code = run->record.cell_count ? measure(run) : EXIT_FINE;
	if (!run->record.cell_count)
		run->record.complete = true; /* nothing could be measured, all of it was refused */
	/* Behind all samples, which it must not disturb: what it leaves in memory, they never meet.
	 */
	if (run->options.audit && code == EXIT_FINE)
		run_audit(&run->record, &run->limits, &run->pinning, run->options.quiet);
	delivered = deliver(run);
	if (stop_signal())
		return EXIT_SIGNAL + stop_signal();
	if (code == EXIT_FINE)
		code = output_exit_code(&run->record);
	return code != EXIT_FINE ? code : delivered;
}

static int perform(struct run *run, int argc, char **argv)
{
	int code;

	stop_install();
	raise_memlock();
	sandbox_drop_capabilities();
	host_collect(&run->record.host);
	tool_note(&run->record.tool, argc, argv);
	run->record.plan = run->options.campaign;
	run->record.plan.start_wall_s = clock_wall_s();
	code = place(run);
	if (code == EXIT_FINE)
		code = make_plan(run);
	if (code == EXIT_FINE && run->options.dry_run) {
		dry_run_print(&run->record, &run->limits);
		code = say_flush(run->verb);
		if (code == EXIT_FINE && run->record.refusal_count)
			code = EXIT_LACKS;
	} else if (code == EXIT_FINE) {
		code = run_campaign(run);
	}
	return code;
}

static struct run *run_new(const char *verb)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->verb = verb;
	run->journal.fd = -1;
	run->pinning = (struct kernel_pinning)KERNEL_PINNING_CLOSED;
	return run;
}

static void run_free(struct run *run)
{
	kernel_pinning_close(&run->pinning);
	journal_close(&run->journal, false);
	record_close(&run->record);
	free(run);
}

int run_wanted(const char *verb, const struct run_options *o, int argc, char **argv, char *path,
	       size_t size)
{
	struct run *run = run_new(verb);
	int code;

	if (!run)
		return say_no_memory(verb);
	run->options = *o;
	code = perform(run, argc, argv);
	snprintf(path, size, "%s", run->output.path);
	run_free(run);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct run *run = run_new("run");
	struct fault f = {0};
	int code;

	if (!run)
		return say_no_memory("run");
	if (run_options_parse(&run->options, argc, argv, &f) < 0) {
		code = say_usage(run->verb, &f);
	} else if (run->options.help) {
		options_print_help(&run_option_table);
		code = say_flush(run->verb);
	} else {
		code = perform(run, argc, argv);
	}
	run_free(run);
	return code;
}
