// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate-calibration: how often does the gate cry wolf, and how often does it miss one?
 *
 * Campaigns are drawn from recorded samples, rounds at a time in blocks, so that drift, outliers
 * and what cells have in common stay in them, and from made-up noise of awkward kinds. Pairs
 * without a difference give the rate of false alarms; pairs with a known one the rate of misses.
 * With --rerun-on-fail, what looks worse is measured again, once: from a third campaign.
 * With --normal only how much each figure on record varies is taken from there: each is drawn by
 * itself, from a normal distribution (of its logarithm). What is lost then is the gate's doing.
 * With --beyond the noise is of kinds of which nothing is promised.
 * With --pairs-of the arguments are real campaigns, each gated against the one before.
 */
#include "campaigns.h"
#include "sevpinbench/gate.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOWER_BY 0.1

/* ---- a gate run ---- */

struct tally {
	unsigned runs, verdict[GATE_VERDICT_COUNT];
	/* Required times alone, of which the change is one that must be found. */
	unsigned figures, figure[GATE_VERDICT_COUNT];
};

/* Judge what failed again by c's samples of the suspects' cells, as gate --rerun-on-fail does. */
static void gate_rerun(struct gate *g, const struct compare_side *base, struct record *c)
{
	bool *measure = calloc(base->cell_count + 1, sizeof(*measure));
	struct compare_side side = {0};
	struct record some = *c;
	struct compare fresh;
	uint32_t i;

	if (!measure)
		must(-ENOMEM, "cells");
	else if (gate_suspects(g, measure) > 0) {
		some.cell = calloc(c->cell_count + 1, sizeof(*some.cell));
		must(some.cell ? 0 : -ENOMEM, "cells");
		for (i = some.cell_count = 0; some.cell && i < c->cell_count; i++) {
			if (measure[i])
				some.cell[some.cell_count++] = c->cell[i];
		}
		must(compare_side_add_record(&side, "C", &some, NULL), "C");
		must(compare_side_finish(&side), "C");
		must(compare_open(&fresh, base, &side, 0, g->config.alpha, NULL), "compare");
		must(gate_again(g, &fresh), "gate");
		compare_close(&fresh);
		compare_side_close(&side);
		free(some.cell);
	}
	free(measure);
}

/* c: what would be measured again; NULL: nothing would. */
static void gate_pair(struct record *a, struct record *b, struct record *c_or_null, struct tally *t)
{
	struct compare_side base = {0}, new = {0};
	struct gate_config config;
	struct compare c;
	struct gate g;
	uint32_t i;

	gate_config_default(&config);
	must(compare_side_add_record(&base, "A", a, NULL), "A");
	must(compare_side_add_record(&new, "B", b, NULL), "B");
	must(compare_side_finish(&base), "A");
	must(compare_side_finish(&new), "B");
	must(compare_open(&c, &base, &new, 0, config.alpha, NULL), "compare");
	must(gate_open(&g, &c, &config), "gate");
	if (c_or_null)
		gate_rerun(&g, &base, c_or_null);
	t->runs++;
	t->verdict[g.verdict]++;
	for (i = 0; i < c.row_count; i++) {
		if (c.row[i].metric != COMPARE_STARTUP && c.row[i].metric != COMPARE_WORKING_SET)
			continue;
		if (SLOWER_BY * c.row[i].base.median < GATE_TWICE * g.row[i].bound)
			continue; /* the gate does not promise to find so small a change */
		t->figures++;
		t->figure[g.row[i].verdict]++;
	}
	gate_close(&g);
	compare_close(&c);
	compare_side_close(&base);
	compare_side_close(&new);
}

static void make_slower(struct record *r, double factor)
{
	uint32_t i, k;
	int p;

	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].sample_count; k++) {
			uint64_t *ns = r->cell[i].sample[k].phases_ns;

			for (p = 0; p < PHASE_COUNT; p++)
				ns[p] = (uint64_t)((double)ns[p] * factor);
		}
	}
}

static void pin_one_more(struct record *r)
{
	struct record_cell *c = &r->cell[random_below(&chance, r->cell_count)];
	uint32_t k;

	for (k = 0; k < c->sample_count; k++)
		c->sample[k].pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages++;
}

enum change { CHANGE_NONE, CHANGE_SLOWER, CHANGE_PAGE };

static void change_record(struct record *r, enum change change)
{
	if (change == CHANGE_SLOWER)
		make_slower(r, 1 + SLOWER_BY);
	if (change == CHANGE_PAGE)
		pin_one_more(r);
}

static bool rerun; /* what looks worse is measured again, once */

static void draw(const struct origin *o, uint32_t number, struct record *r, uint32_t runs)
{
	campaign = number;
	o->draw(o, r, runs);
}

static void run(const struct origin *o, enum change change, uint32_t pairs, uint32_t runs,
		struct tally *t)
{
	struct record a, b, c;
	uint32_t i;

	*t = (struct tally){0};
	for (i = 0; i < pairs; i++) {
		a = b = c = (struct record){0};
		draw(o, 0, &a, runs);
		draw(o, 1, &b, runs);
		change_record(&b, change);
		if (rerun) {
			draw(o, 2, &c, runs);
			change_record(&c, change);
		}
		gate_pair(&a, &b, rerun ? &c : NULL, t);
		record_close(&a);
		record_close(&b);
		record_close(&c);
	}
}

static double percent(unsigned n, unsigned of)
{
	return of ? 100.0 * n / of : 0;
}

static void calibrate(const struct origin *o, uint32_t pairs, uint32_t runs)
{
	struct tally aa, slower, page;

	run(o, CHANGE_NONE, pairs, runs, &aa);
	run(o, CHANGE_SLOWER, pairs / 4 + 1, runs, &slower);
	run(o, CHANGE_PAGE, pairs / 20 + 1, runs, &page);
	printf("| %s | %u | %.2f%% | %.1f%% | %.1f%% | %.1f%% | %.2f%% | %.1f%% |\n", o->name,
	       aa.runs, percent(aa.verdict[GATE_FAIL], aa.runs),
	       percent(aa.verdict[GATE_CANT_TELL], aa.runs),
	       percent(slower.verdict[GATE_FAIL], slower.runs),
	       percent(slower.figure[GATE_FAIL], slower.figures),
	       percent(slower.figure[GATE_PASS], slower.figures),
	       percent(page.verdict[GATE_FAIL], page.runs));
	fflush(stdout);
}

static void read_result(const char *path, struct record *r)
{
	struct fault f = {0};
	char text[512];

	*r = (struct record){0};
	if (result_json_read(r, path, &f) == 0)
		return;
	fault_text(&f, text, sizeof(text));
	fprintf(stderr, "gate-calibration: %s: %s\n", path, text);
	exit(3);
}

/* Real campaigns back to back: each against the one before. */
static void gate_real(int n, char **path)
{
	struct tally t = {0};
	struct record a, b;
	int i;

	for (i = 0; i + 1 < n; i++) {
		read_result(path[i], &a);
		read_result(path[i + 1], &b);
		gate_pair(&a, &b, NULL, &t);
		record_close(&a);
		record_close(&b);
	}
	printf("%u pairs: %u failed (%.1f%%), %u can't tell, %u passed; of %u required times %u "
	       "failed, %u can't be told\n",
	       t.runs, t.verdict[GATE_FAIL], percent(t.verdict[GATE_FAIL], t.runs),
	       t.verdict[GATE_CANT_TELL], t.verdict[GATE_PASS], t.figures, t.figure[GATE_FAIL],
	       t.figure[GATE_CANT_TELL]);
}

/* Rounds are drawn as samples: one of each cell. */
static void must_be_alone(const struct record *r, const char *path)
{
	uint32_t i;

	for (i = 0; i < r->cell_count; i++) {
		if (cell_guests(&r->cell[i].cell) == 1)
			continue;
		fprintf(stderr,
			"gate-calibration: %s: has guests that started at once (--parallel); "
			"such rounds can't be drawn\n",
			path);
		exit(2);
	}
}

static void print_head(void)
{
	puts("| samples from | A/A pairs | false alarms | can't tell | +10%: run fails | "
	     "+10%: figures failed | +10%: figures missed | one page more: run fails |\n"
	     "|:---|---:|---:|---:|---:|---:|---:|---:|");
}

static void calibrate_beyond(uint32_t pairs)
{
	static const struct origin beyond[] = {
		{"beyond: hardly moving", draw_made_up, NULL, hardly_moving},
		{"beyond: random walk of 2%", draw_made_up, NULL, walking_fast},
		{"beyond: a jump of up to 10%", draw_made_up, NULL, jumping},
	};
	size_t k;

	print_head();
	for (k = 0; k < sizeof(beyond) / sizeof(beyond[0]); k++)
		calibrate(&beyond[k], pairs, 20);
}

static void calibrate_recorded(void (*how)(const struct origin *o, struct record *r, uint32_t runs),
			       uint32_t pairs, int n, char **path)
{
	struct origin o = {.draw = how};
	struct record r;
	int i;

	for (i = 0; i < n; i++) {
		read_result(path[i], &r);
		o.recorded = &r;
		o.name = strrchr(path[i], '/') ? strrchr(path[i], '/') + 1 : path[i];
		must_be_alone(&r, path[i]);
		calibrate(&o, pairs / 4 + 1, 20);
		record_close(&r);
	}
}

static void calibrate_all(uint32_t pairs, int n, char **path)
{
	static const struct origin made_up[] = {
		{"made up: quiet (3%)", draw_made_up, NULL, quiet},
		{"made up: heavy tail", draw_made_up, NULL, heavy},
		{"made up: two modes", draw_made_up, NULL, bimodal},
		{"made up: trend", draw_made_up, NULL, drifting},
		{"made up: trend that goes on", draw_made_up, NULL, drifting_on},
		{"made up: neighbours alike", draw_made_up, NULL, resembling},
		{"made up: random walk", draw_made_up, NULL, walking},
	};
	size_t k;

	print_head();
	for (k = 0; k < sizeof(made_up) / sizeof(made_up[0]); k++)
		calibrate(&made_up[k], pairs, 20);
	calibrate_recorded(draw_recorded, pairs, n, path);
}

int main(int argc, char **argv)
{
	uint64_t pairs = 1000;
	bool beyond = false, by_normal = false;

	if (argc > 2 && strcmp(argv[1], "--pairs-of") == 0) {
		gate_real(argc - 2, argv + 2);
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "--rerun-on-fail") == 0) {
		rerun = true;
		argc--;
		argv++;
	}
	if (argc > 2 && (strcmp(argv[1], "--beyond") == 0 || strcmp(argv[1], "--normal") == 0)) {
		beyond = strcmp(argv[1], "--beyond") == 0;
		by_normal = !beyond;
		argc--;
		argv++;
	}
	if (argc < 2 || (beyond && argc > 2) || (by_normal && argc < 3) ||
	    units_parse_u64(argv[1], 1, 1000000, &pairs) < 0) {
		fputs("usage: gate-calibration [--rerun-on-fail] PAIRS [RESULT...]\n"
		      "       gate-calibration [--rerun-on-fail] --beyond PAIRS\n"
		      "       gate-calibration [--rerun-on-fail] --normal PAIRS RESULT...\n"
		      "       gate-calibration --pairs-of RESULT...\n",
		      stderr);
		return 2;
	}
	if (beyond) {
		calibrate_beyond((uint32_t)pairs);
	} else if (by_normal) {
		print_head();
		calibrate_recorded(draw_normal, (uint32_t)pairs, argc - 2, argv + 2);
	} else {
		calibrate_all((uint32_t)pairs, argc - 2, argv + 2);
	}
	return 0;
}
