// SPDX-License-Identifier: GPL-2.0-or-later
/* compare_side: samples of several campaigns pooled by cell, as columns of numbers. */
#include "sevpinbench/compare_side.h"

#include "cell_fields.h"
#include "sevpinbench/stats.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool compare_same_campaign(const struct compare_source *a, const struct compare_source *b)
{
	return a->start_wall_s > 0 && a->start_wall_s == b->start_wall_s && a->seed == b->seed &&
	       strcmp(a->host.name, b->host.name) == 0;
}

/* The side's cell that is like this one in all but its note; made where there is none. */
static int find_cell(struct compare_side *side, const struct cell *cell, uint32_t *index)
{
	uint32_t i, room = side->cell_room ? side->cell_room * 2 : 64;
	struct compare_cell *grown;

	for (i = 0; i < side->cell_count; i++) {
		if (cell_fields_differ(&side->cell[i].cell, cell) == 0)
			break;
	}
	*index = i;
	if (i < side->cell_count)
		return 0;
	if (i == side->cell_room) {
		grown = reallocarray(side->cell, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		side->cell = grown;
		side->cell_room = room;
	}
	memset(&side->cell[i], 0, sizeof(side->cell[i]));
	side->cell[i].cell = *cell;
	side->cell_count++;
	return 0;
}

/* Where this source's values begin in every series, also of cells that it does not have. */
static void mark(struct compare_side *side)
{
	uint32_t i, m, source = side->source_count - 1;

	for (i = 0; i < side->cell_count; i++) {
		for (m = 0; m < COMPARE_METRIC_COUNT; m++)
			side->cell[i].series[m].from[source] = side->cell[i].series[m].n;
	}
}

static int refuse_again(const struct compare_source *a, const char *path, struct fault *f)
{
	fault_set(f, EEXIST, "compare", "%s holds the same campaign as %s", path, a->path);
	fault_hint(f, "counted twice, a campaign would look surer than it is: name it once");
	return -EEXIST;
}

/* The facts of the new source, behind the others. */
static int note_source(struct compare_side *side, const char *path, const struct record *r,
		       struct fault *f)
{
	struct compare_source *s = &side->source[side->source_count];
	uint32_t i;

	memset(s, 0, sizeof(*s));
	snprintf(s->path, sizeof(s->path), "%s", path);
	s->tool = r->tool;
	s->host = r->host;
	s->start_wall_s = r->plan.start_wall_s;
	s->seed = r->plan.seed;
	s->complete = r->complete;
	for (i = 0; i < side->source_count; i++) {
		if (compare_same_campaign(&side->source[i], s))
			return refuse_again(&side->source[i], path, f);
	}
	side->source_count++;
	return 0;
}

#if defined(__GNUC__) && !defined(__clang__)
/* gcc 12 loses sight of what hangs on a stage's cells once their array has grown. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static int grow(struct compare_series *s)
{
	uint32_t room = s->room ? s->room * 2 : 16;
	double *value = reallocarray(s->value, room, sizeof(*value));

	if (!value)
		return -ENOMEM;
	s->value = value;
	s->room = room;
	return 0;
}

static int add_value(struct compare_series *s, double value)
{
	if (s->n == s->room && grow(s) < 0)
		return -ENOMEM;
	s->value[s->n++] = value;
	return 0;
}

/* The samples of one cell: rounds that are over are a value each, behind them the one at hand. */
struct compare_stage_cell {
	struct compare_series series[COMPARE_METRIC_COUNT];
	uint32_t over[COMPARE_METRIC_COUNT]; /* values of rounds that are over */
	uint32_t guests;		     /* of the round at hand, seen so far */
};

/* The values of a round as one; what the host counts is of all its guests, a share each. */
static double fold(uint32_t metric, double *value, uint32_t n, uint32_t guests)
{
	const struct compare_metric_row *m = &compare_metrics[metric];
	double sum = 0, worst = value[0];
	uint32_t i;

	if (guests == 1)
		return value[0];
	if (m->unit == COMPARE_NS)
		return stats_median(value, n);
	for (i = 0; i < n; i++) {
		sum += value[i];
		worst = value[i] > worst ? value[i] : worst;
	}
	if (m->kind == COMPARE_BY_WORST)
		return worst;
	return metric == COMPARE_HOST_PINNED ? sum / n / guests : sum / n;
}

/* The values of a round of several guests become one, or none where the round is not whole. */
static void fold_round(struct compare_stage_cell *c, uint32_t metric, bool whole)
{
	struct compare_series *s = &c->series[metric];
	uint32_t over = c->over[metric], n = s->n - over;

	if (n > 0 &&
	    (compare_metrics[metric].kind == COMPARE_BY_WORST || (whole && n == c->guests))) {
		s->value[over] = fold(metric, &s->value[over], n, c->guests);
		c->over[metric]++;
	}
	s->n = c->over[metric];
}

/* The round at hand is over: where all its guests were seen and have the metric, it is a value. */
static void end_round(struct compare_stage_cell *c, bool whole)
{
	bool alone = whole && c->guests == 1; /* it has one value, or none */
	uint32_t m;

	for (m = 0; m < COMPARE_METRIC_COUNT; m++) {
		if (alone)
			c->over[m] = c->series[m].n;
		else
			fold_round(c, m, whole);
	}
	c->guests = 0;
}

int compare_stage_add(struct compare_stage *stage, uint32_t cell, const struct sample *s)
{
	void *grown;
	double value;
	int m, err = 0;

	if (cell >= stage->cell_count) {
		grown = reallocarray(stage->cell, (size_t)cell + 1, sizeof(*stage->cell));
		if (!grown)
			return -ENOMEM;
		stage->cell = grown;
		memset(stage->cell + stage->cell_count, 0,
		       (cell + 1 - stage->cell_count) * sizeof(*stage->cell));
		stage->cell_count = cell + 1;
	}
	if (s->guest == 0)
		end_round(&stage->cell[cell], true);
	stage->cell[cell].guests++;
	for (m = 0; m < COMPARE_METRIC_COUNT && !err; m++) {
		if (compare_metrics[m].get && compare_metrics[m].get(s, &value))
			err = add_value(&stage->cell[cell].series[m], value);
	}
	return err;
}

void compare_stage_close(struct compare_stage *stage)
{
	uint32_t i, m;

	for (i = 0; i < stage->cell_count; i++) {
		for (m = 0; m < COMPARE_METRIC_COUNT; m++)
			free(stage->cell[i].series[m].value);
	}
	free(stage->cell);
	*stage = (struct compare_stage){0};
}

/* What was staged for a cell, behind what the side has of it; moved where it has nothing. */
static int take_series(struct compare_series *to, struct compare_series *from)
{
	uint32_t i;
	int err = 0;

	if (to->n == 0 && from->n > 0) {
		free(to->value);
		to->value = from->value;
		to->n = from->n;
		to->room = from->room;
		from->value = NULL;
		return 0;
	}
	for (i = 0; i < from->n && !err; i++)
		err = add_value(to, from->value[i]);
	return err;
}

static int take_cells(struct compare_side *side, const struct record *r,
		      struct compare_stage *stage)
{
	uint32_t i, m, at;
	int err = 0;

	mark(side);
	for (i = 0; !err && i < r->cell_count; i++) {
		err = find_cell(side, &r->cell[i].cell, &at);
		/* A journal may end in the middle of a round. */
		if (i < stage->cell_count)
			end_round(&stage->cell[i],
				  stage->cell[i].guests == cell_guests(&r->cell[i].cell));
		for (m = 0; !err && i < stage->cell_count && m < COMPARE_METRIC_COUNT; m++)
			err = take_series(&side->cell[at].series[m], &stage->cell[i].series[m]);
	}
	return err;
}

int compare_side_take(struct compare_side *side, const char *path, const struct record *r,
		      struct compare_stage *stage, struct fault *f)
{
	int err;

	if (!side->source)
		side->source = calloc(COMPARE_SOURCES, sizeof(*side->source));
	if (!side->source)
		err = fault_set(f, ENOMEM, "compare", "%s", path);
	else if (side->source_count == COMPARE_SOURCES)
		err = fault_set(f, E2BIG, "compare", "more than %d results a side",
				COMPARE_SOURCES);
	else
		err = note_source(side, path, r, f);
	if (!err) {
		err = take_cells(side, r, stage);
		if (err)
			fault_set(f, -err, "compare", "%s", path);
	}
	compare_stage_close(stage);
	return err;
}

int compare_side_add_record(struct compare_side *side, const char *path, const struct record *r,
			    struct fault *f)
{
	struct compare_stage stage = {0};
	uint32_t i, k;
	int err = 0;

	for (i = 0; !err && i < r->cell_count; i++) {
		for (k = 0; !err && k < r->cell[i].sample_count; k++)
			err = compare_stage_add(&stage, i, &r->cell[i].sample[k]);
	}
	if (!err)
		return compare_side_take(side, path, r, &stage, f);
	compare_stage_close(&stage);
	return fault_set(f, -err, "compare", "%s", path);
}

/* ---- slopes: a campaign takes a sample of every size in each round, so each round has a line ----
 */

#define SIZES_MAX 256

struct sizes {
	uint32_t n, rounds;
	const struct compare_series *startup[SIZES_MAX];
	double gib[SIZES_MAX];
};

/* All cells like this one but for the size, and how many rounds all of them took part in. */
static void find_sizes(const struct compare_side *side, uint32_t cells, const struct cell *like,
		       struct sizes *out)
{
	uint32_t i;

	*out = (struct sizes){.rounds = UINT32_MAX};
	for (i = 0; i < cells && out->n < SIZES_MAX; i++) {
		const struct compare_cell *c = &side->cell[i];

		if (!cell_fields_same_line(&c->cell, like))
			continue;
		out->startup[out->n] = &c->series[COMPARE_STARTUP];
		out->gib[out->n++] = units_bytes_to_gib(c->cell.guest_bytes);
		if (c->series[COMPARE_STARTUP].n < out->rounds)
			out->rounds = c->series[COMPARE_STARTUP].n;
	}
}

static int add_slopes(const struct sizes *sizes, struct compare_series *out)
{
	double ns[SIZES_MAX];
	struct stats_line line;
	uint32_t round, i;
	int err = 0;

	for (round = 0; round < sizes->rounds && !err; round++) {
		for (i = 0; i < sizes->n; i++)
			ns[i] = sizes->startup[i]->value[round];
		/* Fewer than three sizes, or all alike: no line, and no slope. */
		if (stats_fit_line(sizes->gib, ns, sizes->n, &line) == 0)
			err = add_value(out, line.slope);
	}
	return err;
}

int compare_side_finish(struct compare_side *side)
{
	uint32_t cells = side->cell_count, i, k, at = 0;
	struct sizes sizes;
	struct cell line;
	int err = 0;

	for (i = 0; i < cells && !err; i++) {
		for (k = 0; k < i; k++) {
			if (cell_fields_same_line(&side->cell[k].cell, &side->cell[i].cell))
				break;
		}
		if (k < i)
			continue; /* told with the first of its line */
		find_sizes(side, cells, &side->cell[i].cell, &sizes);
		line = side->cell[i].cell;
		line.guest_bytes = line.touch_bytes = 0;
		if (sizes.n >= 3)
			err = find_cell(side, &line, &at);
		/* The cells may lie elsewhere now, but their series' values do not. */
		find_sizes(side, cells, &line, &sizes);
		if (!err && sizes.n >= 3)
			err = add_slopes(&sizes, &side->cell[at].series[COMPARE_SLOPE]);
	}
	return err;
}

void compare_side_close(struct compare_side *side)
{
	uint32_t i, m;

	for (i = 0; i < side->cell_count; i++) {
		for (m = 0; m < COMPARE_METRIC_COUNT; m++)
			free(side->cell[i].series[m].value);
	}
	free(side->cell);
	free(side->source);
	memset(side, 0, sizeof(*side));
}
