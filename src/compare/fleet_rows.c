// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet_rows: each group against the others that are alike, and what is far from the middle. */
#include "fleet_rows.h"

#include "row.h"
#include "sevpinbench/stats.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_OTHERS 2
/* Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993: the modified z-score. The MAD of
   normal values is 1/1.4826 of their standard deviation. */
#define USUAL_MADS (3.5 * 1.4826)
/* A time that is nearer than this to the others' is none that anybody looks for. */
#define LEAST_SHARE 0.05

/* The groups of one class that have one metric of one cell. */
struct peers {
	uint32_t count;
	uint32_t *group, *cell; /* a peer each: its number, and its side's cell */
	double *median;
	double *values;		     /* room for those of all */
	struct compare_cell *others; /* whose series lie in values */
};

static const struct compare_series *series_of(const struct fleet *f, const struct peers *p,
					      uint32_t i, enum compare_metric m)
{
	return &f->group[p->group[i]].side.cell[p->cell[i]].series[m];
}

static int find_peers(const struct fleet *f, uint32_t cell, enum compare_metric m, uint32_t alike,
		      struct peers *p)
{
	uint32_t i, at;
	uint64_t values = 0;

	p->count = 0;
	for (i = 0; i < f->group_count; i++) {
		if (f->group[i].alike != alike)
			continue;
		at = fleet_cell_of(&f->group[i], &f->cell[cell]);
		if (at == UINT32_MAX || f->group[i].side.cell[at].series[m].n == 0)
			continue;
		p->group[p->count] = i;
		p->cell[p->count++] = at;
		values += f->group[i].side.cell[at].series[m].n;
	}
	if (values > UINT32_MAX)
		return -ENOMEM;
	free(p->values);
	p->values = calloc(values + 1, sizeof(*p->values));
	p->others->series[m].value = p->values;
	return p->values ? 0 : -ENOMEM;
}

static void *grow(void *array, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t more = *room ? *room * 2 : 64;
	void *grown;

	if (count < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (grown)
		*room = more;
	return grown;
}

/* A peer against all others, which lie one behind the other as one result's samples would. */
static int compare_peer(struct fleet *f, struct peers *p, uint32_t which, struct fleet_row *row)
{
	struct fleet_group *g = &f->group[p->group[which]];
	enum compare_metric m = row->with.metric;
	struct compare_series *others = &p->others->series[m];
	struct compare_side base = {.source_count = 1, .cell_count = 1, .cell = p->others};
	struct compare_side new = {.source_count = g->side.source_count,
				   .cell_count = 1,
				   .cell = &g->side.cell[p->cell[which]]};
	const struct compare c = {.base = &base, .new = &new, .alpha = f->alpha};
	const struct compare_series *s;
	uint32_t i;
	int err;

	others->n = 0;
	for (i = 0; i < p->count; i++) {
		if (i == which)
			continue;
		s = series_of(f, p, i, m);
		memcpy(others->value + others->n, s->value, s->n * sizeof(*s->value));
		others->n += s->n;
	}
	err = row_compare(&c, &row->with);
	row->others = p->count - 1;
	row->tested = row->others >= LEAST_OTHERS && row_is_tested(&row->with);
	row->p = 1;
	/* Results that disagree are not one sample: they have no interval. */
	if (row->with.new.disagrees)
		row->with.new.ci_low.known = row->with.new.ci_high.known = false;
	return err;
}

static int add_spread(struct fleet *f, const struct fleet_row *row, uint32_t alike,
		      const struct stats_summary *s)
{
	struct fleet_spread *grown =
		grow(f->spread, f->spread_count, &f->spread_room, sizeof(*f->spread));

	if (!grown)
		return -ENOMEM;
	f->spread = grown;
	f->spread[f->spread_count++] = (struct fleet_spread){.cell = row->cell,
							     .alike = alike,
							     .groups = (uint32_t)s->n,
							     .metric = row->with.metric,
							     .least = s->min,
							     .middle = s->median,
							     .most = s->max};
	return 0;
}

/* The middle of the class and what is usual in it, into its rows; and its spread. */
static int look_around(struct fleet *f, struct peers *p, struct fleet_row *rows, uint32_t alike)
{
	struct stats_summary s;
	uint32_t i;
	int err;

	for (i = 0; i < p->count; i++)
		p->median[i] = compare_metrics[rows[0].with.metric].kind == COMPARE_BY_WORST
				       ? rows[i].with.new.most
				       : rows[i].with.new.median;
	err = stats_summarise(p->median, p->count, &s);
	if (err)
		return err;
	for (i = 0; i < p->count; i++) {
		rows[i].middle = s.median;
		rows[i].usual = USUAL_MADS * s.mad;
	}
	return p->count < 2 ? 0 : add_spread(f, rows, alike, &s);
}

static int add_class(struct fleet *f, uint32_t cell, enum compare_metric m, uint32_t alike,
		     struct peers *p)
{
	struct fleet_row *grown;
	uint32_t i, first = f->row_count;
	int err = find_peers(f, cell, m, alike, p);

	for (i = 0; i < p->count && !err; i++) {
		grown = grow(f->row, f->row_count, &f->row_room, sizeof(*f->row));
		if (!grown)
			return -ENOMEM;
		f->row = grown;
		f->row[f->row_count] = (struct fleet_row){
			.group = p->group[i], .cell = cell, .with = {.metric = m}};
		err = compare_peer(f, p, i, &f->row[f->row_count++]);
	}
	return err || p->count == 0 ? err : look_around(f, p, &f->row[first], alike);
}

static int add_all(struct fleet *f, struct peers *p)
{
	uint32_t cell, alike;
	int m, err = 0;

	for (cell = 0; cell < f->cell_count && !err; cell++) {
		for (m = 0; m < COMPARE_METRIC_COUNT && !err; m++) {
			for (alike = 0; alike < f->class_count && !err; alike++)
				err = add_class(f, cell, (enum compare_metric)m, alike, p);
		}
	}
	return err;
}

static enum fleet_verdict judge(const struct fleet *f, const struct fleet_row *row)
{
	const struct compare_row *r = &row->with;
	enum compare_kind kind = compare_metrics[r->metric].kind;
	double far = fabs((kind == COMPARE_BY_WORST ? r->new.most : r->new.median) - row->middle);

	if (row->others < LEAST_OTHERS)
		return FLEET_ALONE;
	/* What must not happen: more of it than with any other. */
	if (kind == COMPARE_BY_WORST)
		return r->shift.estimate > 0 ? FLEET_OUTLIER : FLEET_USUAL;
	if (r->exact)
		return r->shift.estimate != 0 ? FLEET_OUTLIER : FLEET_USUAL;
	if (far <= row->usual)
		return FLEET_USUAL;
	if (2 * stats_least_p(r->base.n, r->new.n, r->inflation) * f->tested > f->alpha)
		return FLEET_TOO_FEW;
	if (row->p > f->alpha)
		return FLEET_USUAL;
	if (kind == COMPARE_BY_TEST && fabs(r->shift.estimate) < LEAST_SHARE * fabs(r->base.median))
		return FLEET_USUAL;
	return FLEET_OUTLIER;
}

static int judge_all(struct fleet *f)
{
	double *p = calloc((size_t)f->row_count + 1, sizeof(*p));
	uint32_t i, n = 0;
	int err;

	if (!p)
		return -ENOMEM;
	for (i = 0; i < f->row_count; i++) {
		if (f->row[i].tested)
			p[n++] = f->row[i].with.test.p_two;
	}
	f->tested = n;
	err = stats_holm(p, n, p);
	for (i = n = 0; i < f->row_count; i++) {
		if (f->row[i].tested)
			f->row[i].p = p[n++];
		f->row[i].verdict = judge(f, &f->row[i]);
	}
	free(p);
	return err;
}

int fleet_rows_make(struct fleet *f)
{
	struct peers p = {.group = calloc((size_t)f->group_count + 1, sizeof(*p.group)),
			  .cell = calloc((size_t)f->group_count + 1, sizeof(*p.cell)),
			  .median = calloc((size_t)f->group_count + 1, sizeof(*p.median)),
			  .others = calloc(1, sizeof(*p.others))};
	int err = p.group && p.cell && p.median && p.others ? 0 : -ENOMEM;

	if (!err)
		err = add_all(f, &p);
	if (!err)
		err = judge_all(f);
	free(p.values);
	free(p.others);
	free(p.median);
	free(p.cell);
	free(p.group);
	return err;
}
