// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate_run: "gate --run".
 *
 * Who measures needs what the sandbox takes (KVM, io_uring, userfaultfd), and who reads the
 * baseline must not have it. So this process measures and never opens a document: a child that has
 * entered the sandbox reads and judges, and leaves what is to be measured in memory that both see.
 * That is copied when the child has ended, and believed no more than a command line.
 */
#include "gate_run.h"

#include "exit_code.h"
#include "reading.h"
#include "run_values.h"
#include "run_wanted.h"
#include "say.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOCUMENT 4096 /* a document's path */
#define SUFFIX	 ".json"

/* What a child tells. No pointers: it is data from a file. */
struct told {
	uint32_t runs, warmup, flushes;
	char cpu_list[RECORD_TEXT];
	uint32_t cell_count;
	struct cell cell[RECORD_MAX_CELLS];
	uint32_t suspects;
	/* By the cells, and behind them lines of slopes; a byte that is not 0 is a yes. */
	unsigned char measure[2 * RECORD_MAX_CELLS];
};

struct gate_run {
	const char *verb;
	const struct gate_options *options;
	int argc;
	char **argv;
	struct host_facts host;
	struct told *shared; /* written by a child */
	struct told told;    /* a copy that nobody writes */
	struct run_options campaign;
	unsigned count; /* documents */
	char path[1 + GATE_RERUNS][DOCUMENT];
	uint32_t cell_count;
	struct cell cell[RECORD_MAX_CELLS];   /* of the baseline's plan */
	struct cell wanted[RECORD_MAX_CELLS]; /* of the campaign at hand */
};

/* ---- in a child ---- */

struct proposal {
	struct told *told;
	struct compare_side base;
	unsigned results;
	bool placed_otherwise;
};

static int take_plan(void *arg, const char *path, const struct record *r,
		     struct compare_stage *stage, struct fault *f)
{
	struct proposal *p = arg;
	struct told *t = p->told;

	if (p->results++ == 0)
		memcpy(t->cpu_list, r->plan.cpu_list, sizeof(t->cpu_list));
	else if (strcmp(t->cpu_list, r->plan.cpu_list) != 0)
		p->placed_otherwise = true;
	t->runs = r->plan.runs > t->runs ? r->plan.runs : t->runs;
	t->warmup = r->plan.warmup > t->warmup ? r->plan.warmup : t->warmup;
	t->flushes |= r->plan.count_flushes;
	return compare_side_take(&p->base, path, r, stage, f);
}

/* What does not depend on NEW is found out before it is measured. An exit code. */
static int check_base(const struct gate_run *g, struct proposal *p)
{
	struct compare_source here = {.path = "this host", .host = g->host};
	const struct compare_side side = {.source_count = 1, .source = &here};
	const struct compare_source *which = NULL;
	uint32_t differ = compare_unlike(&p->base, &side, &which) & ~g->options->allow;

	if (differ)
		return sides_refuse(g->verb, &p->base.source[0], which, differ);
	if (p->placed_otherwise) {
		say(g->verb, "the baseline's results were placed on different CPUs (--cpu), so "
			     "there is no one plan to repeat");
		return EXIT_UNTRUSTED;
	}
	if (p->base.cell_count == 0 || p->base.cell_count > RECORD_MAX_CELLS) {
		say(g->verb, "the baseline has %" PRIu32 " cells: from 1 to %d can be measured",
		    p->base.cell_count, RECORD_MAX_CELLS);
		return EXIT_LACKS;
	}
	return EXIT_FINE;
}

/* The baseline's plan. An exit code. */
static int propose(struct gate_run *g)
{
	struct proposal p = {.told = g->shared};
	struct gate_config *config = calloc(1, sizeof(*config));
	uint32_t i;
	int code;

	code = config ? gate_read_config(g->verb, g->options, config) : say_no_memory(g->verb);
	if (code == EXIT_FINE)
		code = gate_read_baseline(g->verb, g->options, &g->host, "this host", take_plan,
					  &p);
	if (code == EXIT_FINE)
		code = check_base(g, &p);
	for (i = 0; code == EXIT_FINE && i < p.base.cell_count; i++)
		g->shared->cell[i] = p.base.cell[i].cell;
	g->shared->cell_count = p.base.cell_count;
	compare_side_close(&p.base);
	free(config);
	return code;
}

static int judge(struct gate_run *g)
{
	bool again[2 * RECORD_MAX_CELLS] = {false};
	char *path[1 + GATE_RERUNS];
	uint32_t i;
	int code;

	for (i = 0; i < g->count; i++)
		path[i] = g->path[i];
	code = gate_judge_again(g->verb, g->options, path, g->count, 2 * RECORD_MAX_CELLS, again,
				&g->shared->suspects);
	for (i = 0; i < 2 * RECORD_MAX_CELLS; i++)
		g->shared->measure[i] = again[i];
	return code;
}

/* Do it in a child, under the sandbox. An exit code; what it told is in g->told. */
static int in_child(struct gate_run *g, int (*work)(struct gate_run *g))
{
	int status = 0;
	pid_t child;

	memset(g->shared, 0, sizeof(*g->shared));
	fflush(NULL);
	child = fork();
	if (child < 0) {
		say(g->verb, "fork: %s", strerror(errno));
		return EXIT_LACKS;
	}
	if (child == 0) {
		reading_begin(g->verb, false);
		exit(work(g));
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	memcpy(&g->told, g->shared, sizeof(g->told));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say(g->verb, "reading the results was ended by signal %d (%s)", WTERMSIG(status),
	    strsignal(WTERMSIG(status)));
	return EXIT_LACKS;
}

/* ---- here ---- */

static int take_number(int (*take)(void *into, const char *v, struct fault *f),
		       struct run_options *o, uint32_t number, struct fault *f)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, number);
	return take(o, text, f);
}

/* What the child told, by way of the options. 0 or -errno. */
static int take_told(struct gate_run *g, struct fault *f)
{
	struct run_options *c = &g->campaign;
	int type, r;

	run_options_default(c);
	c->output = g->options->campaign.output;
	c->quiet = g->options->campaign.quiet;
	c->no_plots = true;
	c->guest_type_auto = false;
	c->campaign.count_flushes = g->told.flushes != 0;
	g->told.cpu_list[sizeof(g->told.cpu_list) - 1] = '\0';
	r = take_number(run_value_runs, c, g->told.runs, f);
	if (r == 0)
		r = take_number(run_value_warmup, c, g->told.warmup, f);
	if (r == 0 && g->told.cpu_list[0])
		r = run_value_cpu(c, g->told.cpu_list, f);
	if (r < 0)
		return r;
	if (g->told.cell_count == 0 || g->told.cell_count > RECORD_MAX_CELLS)
		return fault_set(f, EINVAL, "cells", "%" PRIu32, g->told.cell_count);
	type = (int)g->told.cell[0].guest_type;
	if (type < 0 || type >= GUEST_TYPE_COUNT)
		return fault_set(f, EINVAL, "guest type", "number %d", type);
	c->plan.guest_type = g->told.cell[0].guest_type;
	g->cell_count = g->told.cell_count;
	memcpy(g->cell, g->told.cell, g->cell_count * sizeof(g->cell[0]));
	memcpy(g->wanted, g->cell, sizeof(g->wanted));
	c->wanted = g->wanted;
	c->wanted_count = g->told.cell_count;
	return 0;
}

/* "NAME-again-1.json", beside the first document, whose name ends in .json or does not. */
static void name_again(struct gate_run *g)
{
	const char *first = g->path[0];
	size_t n = strlen(first), suffix = strlen(SUFFIX);

	if (n > suffix && strcmp(first + n - suffix, SUFFIX) == 0)
		n -= suffix;
	snprintf(g->path[g->count], DOCUMENT, "%.*s-again-%u" SUFFIX, (int)n, first, g->count);
}

static void label_again(struct gate_run *g)
{
	struct record_plan *p = &g->campaign.campaign;
	const char *slash = strrchr(g->path[0], '/');

	p->label_count = 1;
	snprintf(p->label[0].key, sizeof(p->label[0].key), GATE_LABEL_RERUN);
	snprintf(p->label[0].value, sizeof(p->label[0].value), "%u of %" PRIu32 ": of %.200s",
		 g->count, g->options->reruns, slash ? slash + 1 : g->path[0]);
}

/* One campaign. An exit code, EXIT_FINE where its document can be judged. */
static int measure(struct gate_run *g)
{
	const struct run_options *o = &g->options->campaign;
	struct fault f = {0};
	char *path = g->path[g->count];
	int code;

	/* The seed that was given is for what was asked for; each set again has one of its own. */
	if (g->count == 0 && o->seed_given)
		g->campaign.campaign.seed = o->campaign.seed;
	else if (run_options_seed(&g->campaign, &f) < 0)
		return say_fault(g->verb, "no seed", &f);
	code = run_wanted(g->verb, &g->campaign, g->argc, g->argv, path, DOCUMENT);
	g->count++;
	if (stop_signal())
		return code;
	/* Of samples: that is for the gate to judge. */
	if (code == EXIT_MEASURED)
		return EXIT_FINE;
	if (code == EXIT_UNTRUSTED)
		say(g->verb, "the host was not left alone while it was measured, or pins do not "
			     "add up: see the flags of the samples");
	return code == EXIT_UNTRUSTED ? EXIT_FINE : code;
}

/* The cells that the child wants to see again. Their number. */
static uint32_t want_suspects(struct gate_run *g)
{
	uint32_t i, n = 0;

	for (i = 0; i < g->cell_count; i++) {
		if (g->told.measure[i] != 0)
			g->wanted[n++] = g->cell[i];
	}
	g->campaign.wanted_count = n;
	return n;
}

/* Judge, and measure again what looks worse, as often as was asked for. An exit code. */
static int decide(struct gate_run *g)
{
	int code = in_child(g, judge);

	while (code == EXIT_FINE && g->told.suspects > 0 && g->count <= g->options->reruns) {
		if (want_suspects(g) == 0)
			break;
		say(g->verb,
		    "%" PRIu32 " figures look worse: %" PRIu32
		    " cells are measured again (%u of %" PRIu32 ")",
		    g->told.suspects, g->campaign.wanted_count, g->count, g->options->reruns);
		name_again(g);
		label_again(g);
		g->campaign.output = g->path[g->count];
		code = measure(g);
		if (code == EXIT_FINE)
			code = in_child(g, judge);
	}
	return code;
}

static int run(struct gate_run *g)
{
	struct fault f = {0};
	int code;

	host_collect(&g->host);
	code = in_child(g, propose);
	if (code != EXIT_FINE)
		return code;
	if (take_told(g, &f) < 0)
		return say_fault(g->verb, "the baseline's plan cannot be repeated", &f);
	code = measure(g);
	if (code == EXIT_FINE)
		code = decide(g);
	if (stop_signal()) {
		if (g->count > 0)
			say(g->verb, "ended by a signal before there was a verdict");
		return EXIT_SIGNAL + stop_signal();
	}
	return code;
}

int gate_run(const char *verb, const struct gate_options *o, int argc, char **argv)
{
	struct gate_run *g = calloc(1, sizeof(*g));
	void *shared = NULL;
	int code;

	if (!g)
		return say_no_memory(verb);
	g->verb = verb;
	g->options = o;
	g->argc = argc;
	g->argv = argv;
	if (sys_mmap(&shared, sizeof(*g->shared), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0) < 0) {
		code = say_no_memory(verb);
	} else {
		g->shared = shared;
		stop_install();
		code = run(g);
		sys_munmap(&shared, sizeof(*g->shared));
	}
	free(g);
	return code;
}
