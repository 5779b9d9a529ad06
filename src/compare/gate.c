// SPDX-License-Identifier: GPL-2.0-or-later
/* gate: a comparison as a verdict for CI. */
#include "sevpinbench/gate.h"

#include "cell_fields.h"
#include "gate_noise.h"
#include "row.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const need_text[GATE_NEED_COUNT] = {"required", "watched", "off"};
static const char *const verdict_text[GATE_VERDICT_COUNT] = {"pass", "FAIL", "can't tell", "noisy",
							     "off"};

const struct words words_gate_need = {"need", GATE_NEED_COUNT, need_text};
const struct words words_gate_verdict = {"verdict", GATE_VERDICT_COUNT, verdict_text};

/*
 * 5% of a time: half of the 10% that twenty quiet samples show reliably. The absolute bounds are
 * what the host's own doing adds now and then: a timer's interrupt or a switch of tasks costs tens
 * of microseconds. A fault's quantiles come from a histogram whose steps are 3.2% wide, so 10% is
 * three steps; a p99 rests on few faults. Pages are exact. Firmware flushes now and then when ASIDs
 * are used again (two more). Required is what the tool is about and what nearly every host measures
 * well; the rest is watched: it can fail, but its noise fails nobody.
 */
static const struct {
	double relative, absolute;
	enum gate_need need;
} defaults[COMPARE_METRIC_COUNT] = {
	[COMPARE_STARTUP] = {0.05, 100e3, GATE_REQUIRED},
	[COMPARE_PIN_PHASE] = {0.05, 50e3, GATE_WATCHED},
	[COMPARE_WORKING_SET] = {0.05, 200e3, GATE_REQUIRED},
	[COMPARE_FAULT_P50] = {0.10, 5e3, GATE_WATCHED},
	[COMPARE_FAULT_P99] = {0.25, 50e3, GATE_WATCHED},
	[COMPARE_SLOPE] = {0.05, 1e6, GATE_WATCHED},
	[COMPARE_PINNED_START] = {0, 0, GATE_REQUIRED},
	[COMPARE_PINNED_TOUCHED] = {0, 0, GATE_REQUIRED},
	[COMPARE_HOST_PINNED] = {0, 0, GATE_WATCHED},
	[COMPARE_FLUSHES] = {0, 2, GATE_WATCHED},
	[COMPARE_LEAKED] = {0, 0, GATE_REQUIRED},
	[COMPARE_FAILED] = {0, 0, GATE_REQUIRED},
};

void gate_config_default(struct gate_config *config)
{
	*config = (struct gate_config){.alpha = GATE_ALPHA, .power = GATE_POWER};
}

static bool rule_fits(const struct gate_rule *r, enum compare_metric metric, const struct cell *c)
{
	return (r->metric < 0 || r->metric == (int)metric) &&
	       (r->guest_type < 0 || r->guest_type == (int)c->guest_type) &&
	       (r->pin < 0 || r->pin == (int)c->pin) &&
	       (r->mechanism < 0 || r->mechanism == (int)c->mechanism) &&
	       (r->backing < 0 || r->backing == (int)c->backing) &&
	       (r->guest_bytes == 0 || r->guest_bytes == c->guest_bytes);
}

static bool is_suspect(const struct gate_row *row)
{
	return row->verdict == GATE_FAIL && row_is_tested(row->row);
}

static int by_figure(const void *key, const void *element)
{
	const struct compare_row *a = key, *b = ((const struct gate_row *)element)->row;

	if (a->base_cell != b->base_cell)
		return a->base_cell < b->base_cell ? -1 : 1;
	return (a->metric > b->metric) - (a->metric < b->metric);
}

/* The row of the same figure, or NULL: they stand in the order of the base's cells and metrics. */
static struct gate_row *same_figure(const struct gate *g, const struct compare_row *r)
{
	return bsearch(r, g->row, g->compare->row_count, sizeof(*g->row), by_figure);
}

static bool is_asked(const struct gate *g, const struct compare_row *r)
{
	const struct gate_row *first = g->of ? same_figure(g->of, r) : NULL;

	return !g->of || (first && is_suspect(first));
}

/* The bound of a row in its metric's unit. Returns what the metric may do. */
static enum gate_need bound_of(const struct gate *g, const struct compare_row *r, double *bound)
{
	const struct cell *cell = &g->compare->base->cell[r->base_cell].cell;
	double relative = defaults[r->metric].relative, absolute = defaults[r->metric].absolute;
	int need = (int)defaults[r->metric].need;
	uint32_t i;

	for (i = 0; i < g->config.rule_count; i++) {
		const struct gate_rule *rule = &g->config.rule[i];

		if (!rule_fits(rule, r->metric, cell))
			continue;
		relative = rule->relative >= 0 ? rule->relative : relative;
		absolute = rule->absolute >= 0 ? rule->absolute : absolute;
		need = rule->need >= 0 ? rule->need : need;
	}
	*bound = fmax(relative * fabs(r->base.median), absolute);
	return is_asked(g, r) ? (enum gate_need)need : GATE_OFF;
}

/* ---- rows ---- */

static bool is_missing(const struct compare_row *r)
{
	return r->base.n > 0 && r->new.n == 0;
}

/* What a side's own sources differ by, or the host wandered meanwhile, proves nothing of NEW. */
static bool is_explained(const struct gate *g, const struct compare_row *r)
{
	double chance = gate_noise_deviation(g, r) * gate_noise_significant(g);

	return (!r->exact && r->shift.estimate - gate_noise_explained(g, r) <= chance) ||
	       (r->base.disagrees && r->base.apart >= fabs(r->shift.estimate)) ||
	       (r->new.disagrees && r->new.apart >= fabs(r->shift.estimate));
}

static bool is_clear(const struct gate *g, const struct gate_row *row)
{
	const struct compare_row *r = row->row;
	double hidden = gate_noise_hidden(g, r);

	if (r->exact)
		return true;
	if (gate_noise_too_few(g, r, r->base.n, r->new.n) || !r->wide.high.known)
		return false;
	/* What failed once is not cleared by a set that only would have found twice the bound. */
	if (g->of)
		return r->wide.high.value + hidden <= row->bound;
	/* Either no change as large as the bound is likely, */
	if (r->wide.high.value + hidden <= row->bound)
		return true;
	/* or none as large was seen (or is hidden by trends), and one of twice that would have
	 * been. */
	return r->shift.estimate + hidden <= row->bound &&
	       row->detectable <= GATE_TWICE * row->bound;
}

static enum gate_verdict judge(const struct gate *g, struct gate_row *row, enum gate_need need)
{
	const struct compare_row *r = row->row;
	bool significant = r->exact || row->p <= g->config.alpha;
	bool worse = r->new.n > 0 && r->base.n > 0 && significant && r->shift.estimate > row->bound;

	if (need == GATE_OFF || r->base.n == 0)
		return GATE_NOT_JUDGED;
	if (worse && !is_explained(g, r))
		return GATE_FAIL;
	if (!worse && !is_missing(r) && is_clear(g, row))
		return GATE_PASS;
	/* A count that changes from start to start has no noise to be told, only what is seen. */
	if (!worse && !is_missing(r) && compare_metrics[r->metric].kind == COMPARE_BY_VALUE)
		return GATE_PASS;
	row->runs = gate_noise_runs(g, row);
	return need == GATE_REQUIRED ? GATE_CANT_TELL : GATE_NOISY;
}

/* One-sided p of all rows that are judged by a test, adjusted together. 0 or -ENOMEM. */
static int adjust(struct gate *g)
{
	uint32_t rows = g->compare->row_count, i, n = 0;
	double *p = calloc((size_t)rows + 1, sizeof(*p)), bound;
	int err;

	if (!p)
		return -ENOMEM;
	for (i = 0; i < rows; i++) {
		g->row[i] = (struct gate_row){.row = &g->compare->row[i], .p = 1};
		if (row_is_tested(g->row[i].row) && bound_of(g, g->row[i].row, &bound) != GATE_OFF)
			p[n++] = g->row[i].row->test.p_greater;
	}
	g->tested = n;
	err = stats_holm(p, n, p);
	for (i = n = 0; i < rows; i++) {
		if (row_is_tested(g->row[i].row) && bound_of(g, g->row[i].row, &bound) != GATE_OFF)
			g->row[i].p = p[n++];
	}
	free(p);
	return err;
}

static void sum_up(struct gate *g)
{
	uint32_t i;

	memset(g->count, 0, sizeof(g->count));
	g->missing = g->runs = g->more = 0;
	for (i = 0; i < g->compare->row_count; i++) {
		const struct gate_row *row = &g->row[i];

		g->count[row->verdict]++;
		if (row->verdict == GATE_CANT_TELL && row->runs > g->runs)
			g->runs = row->runs;
		if (row->verdict == GATE_CANT_TELL && row->runs > row->row->new.n + g->more)
			g->more = row->runs - row->row->new.n;
	}
	for (i = 0; i < g->compare->lone_count; i++)
		g->missing += g->compare->lone[i].is_base;
	if (g->count[GATE_FAIL] > 0)
		g->verdict = GATE_FAIL;
	/* Where nothing was judged, nothing was found out. */
	else if (g->count[GATE_CANT_TELL] > 0 || g->missing > 0 || g->count[GATE_PASS] == 0)
		g->verdict = GATE_CANT_TELL;
	else
		g->verdict = GATE_PASS;
}

static int open_of(struct gate *g, const struct compare *c, const struct gate_config *config,
		   const struct gate *of)
{
	enum gate_need need;
	uint32_t i;

	*g = (struct gate){.compare = c, .config = *config, .of = of};
	g->row = calloc((size_t)c->row_count + 1, sizeof(*g->row));
	if (!g->row || adjust(g)) {
		gate_close(g);
		return -ENOMEM;
	}
	gate_noise_wander(c, &g->drift, &g->trend);
	for (i = 0; i < c->row_count; i++) {
		struct gate_row *row = &g->row[i];

		row->row = &c->row[i];
		need = bound_of(g, row->row, &row->bound);
		if (row_is_tested(row->row))
			row->detectable = gate_noise_detectable(g, row->row);
		row->verdict = judge(g, row, need);
	}
	sum_up(g);
	return 0;
}

int gate_open(struct gate *g, const struct compare *c, const struct gate_config *config)
{
	return open_of(g, c, config, NULL);
}

/* ---- suspects ---- */

uint32_t gate_suspects(const struct gate *g, bool *measure)
{
	const struct compare_side *base = g->compare->base;
	uint32_t i, k, n = 0;

	for (i = 0; measure && i < base->cell_count; i++)
		measure[i] = false;
	for (i = 0; i < g->compare->row_count; i++) {
		const struct compare_row *r = &g->compare->row[i];

		if (!is_suspect(&g->row[i]))
			continue;
		n++;
		if (measure && r->metric != COMPARE_SLOPE)
			measure[r->base_cell] = true;
		for (k = 0; measure && r->metric == COMPARE_SLOPE && k < base->cell_count; k++)
			measure[k] |= base->cell[k].cell.guest_bytes > 0 &&
				      cell_fields_same_line(&base->cell[k].cell,
							    &base->cell[r->base_cell].cell);
	}
	return n;
}

static void take_again(struct gate_row *row, const struct gate_row *fresh)
{
	struct gate_again *again = &row->again[row->again_count++];

	*again = (struct gate_again){.p = 1, .verdict = GATE_CANT_TELL};
	if (fresh && fresh->verdict != GATE_NOT_JUDGED) {
		again->n = fresh->row->new.n;
		again->shift = fresh->row->shift.estimate;
		again->p = fresh->p;
		again->verdict = fresh->verdict;
	}
	row->verdict = again->verdict;
	row->runs = fresh ? fresh->runs : 0;
}

int gate_again(struct gate *g, const struct compare *fresh)
{
	struct gate again;
	uint32_t i;
	int err = open_of(&again, fresh, &g->config, g);

	if (err)
		return err;
	for (i = 0; i < g->compare->row_count; i++) {
		if (is_suspect(&g->row[i]))
			take_again(&g->row[i], same_figure(&again, g->row[i].row));
	}
	gate_close(&again);
	g->again[g->reruns++] = fresh->new;
	sum_up(g);
	return 0;
}

void gate_close(struct gate *g)
{
	free(g->row);
	*g = (struct gate){0};
}
