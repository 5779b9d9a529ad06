// SPDX-License-Identifier: GPL-2.0-or-later
/* row: one metric of one cell, both sides. */
#include "row.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_95		0.025 /* beyond each end of a 95% interval */
#define TAIL_GATE	0.05
#define DISAGREE_P	0.001 /* of sources on one side: rarer than that, it is worth a warning */
#define SOURCES_LEAST_N 4

bool row_is_tested(const struct compare_row *r)
{
	return !r->exact && r->base.n > 0 && r->new.n > 0;
}

static void copy_sorted(double *to, const double *from, uint32_t n)
{
	memcpy(to, from, n * sizeof(*to));
	stats_sort(to, n);
}

/*
 * One source against all others of its side together. Each is asked, so each must be the rarer to
 * count. room has place for all values.
 */
static int ask_source(const struct compare_series *s, uint32_t from, uint32_t to, uint32_t sources,
		      double *room, struct compare_figure *out, double *medians)
{
	uint32_t n = to - from, others = s->n - n;
	struct stats_summary summary;
	struct stats_test test;
	int err;

	copy_sorted(room, s->value + from, n);
	stats_summarise_sorted(room, n, &summary);
	medians[0] = fmin(medians[0], summary.median);
	medians[1] = fmax(medians[1], summary.median);
	if (n < SOURCES_LEAST_N || others < SOURCES_LEAST_N)
		return 0;
	memcpy(room + n, s->value, from * sizeof(*room));
	memcpy(room + n + from, s->value + to, (s->n - to) * sizeof(*room));
	stats_sort(room + n, others);
	err = stats_mann_whitney(room + n, others, room, n, 1, &test);
	out->disagrees |= !err && test.p_two * sources < DISAGREE_P;
	return err;
}

static int ask_sources(const struct compare_series *s, uint32_t sources, double *room,
		       struct compare_figure *out)
{
	double medians[2] = {INFINITY, -INFINITY};
	uint32_t i, to;
	int err = 0;

	for (i = 0; i < sources && !err && sources > 1; i++) {
		to = i + 1 < sources ? s->from[i + 1] : s->n;
		if (to > s->from[i])
			err = ask_source(s, s->from[i], to, sources, room, out, medians);
	}
	if (medians[1] > medians[0])
		out->apart = medians[1] - medians[0];
	return err;
}

/* A side's figure; sorted gets its values. */
static int take_figure(const struct compare_series *s, uint32_t sources, double *sorted,
		       struct compare_figure *out)
{
	struct stats_summary summary;
	int err;

	out->n = s->n;
	if (s->n == 0)
		return 0;
	err = ask_sources(s, sources, sorted, out);
	copy_sorted(sorted, s->value, s->n);
	stats_summarise_sorted(sorted, s->n, &summary);
	out->median = summary.median;
	out->least = summary.min;
	out->most = summary.max;
	out->ci_low = summary.ci_low;
	out->ci_high = summary.ci_high;
	return err;
}

/*
 * How much more the difference of both varies, as each side's neighbours resemble each other; and
 * the slow waves and the trend of both. room has place for the values of either.
 */
static void ask_order(const struct compare_series *a, const double *a_sorted,
		      const struct compare_series *b, const double *b_sorted, double *room,
		      struct compare_row *r)
{
	double in_a, in_b;

	stats_ranks(a->value, a_sorted, a->n, room);
	in_a = stats_inflation(room, a->n) / a->n;
	r->base.has_waves = stats_waves(room, a->n, r->base.wave);
	r->base.rise = stats_rise(room, a_sorted, a->n);
	stats_ranks(b->value, b_sorted, b->n, room);
	in_b = stats_inflation(room, b->n) / b->n;
	r->new.has_waves = stats_waves(room, b->n, r->new.wave);
	r->new.rise = stats_rise(room, b_sorted, b->n);
	r->inflation = (in_a + in_b) / (1.0 / a->n + 1.0 / b->n);
}

/* Counts on which all samples of a side agree are not a matter of chance. */
static bool is_exact(const struct compare_row *r)
{
	switch (compare_metrics[r->metric].kind) {
	case COMPARE_BY_TEST:
		return false;
	case COMPARE_BY_VALUE:
		return r->base.least == r->base.most && r->new.least == r->new.most;
	case COMPARE_BY_WORST:
		break;
	}
	return true;
}

static void compare_exactly(struct compare_row *r)
{
	bool worst = compare_metrics[r->metric].kind == COMPARE_BY_WORST;

	r->exact = true;
	r->shift.estimate = worst ? r->new.most - r->base.most : r->new.median - r->base.median;
	r->wide = r->shift;
}

static double mean(const struct compare_series *s)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		sum += s->value[i];
	return sum / s->n;
}

static int test(struct compare_row *r, const struct compare_series *a, const double *a_sorted,
		const struct compare_series *b, const double *b_sorted, double *room)
{
	static const double tails[] = {TAIL_95, TAIL_GATE};
	struct stats_shift shift[2];
	int err;

	ask_order(a, a_sorted, b, b_sorted, room, r);
	err = stats_mann_whitney(a_sorted, a->n, b_sorted, b->n, r->inflation, &r->test);
	if (!err)
		err = stats_shift_twice(a_sorted, a->n, b_sorted, b->n, tails, r->inflation, shift);
	if (err)
		return err;
	r->shift = shift[0];
	r->wide = shift[1];
	/* Of counts with many ties the median difference is 0 also where every third is another. */
	if (compare_metrics[r->metric].kind == COMPARE_BY_VALUE)
		r->shift = r->wide = (struct stats_shift){.estimate = mean(b) - mean(a)};
	return 0;
}

int row_compare(const struct compare *c, struct compare_row *r)
{
	const struct compare_series *a = &c->base->cell[r->base_cell].series[r->metric];
	const struct compare_series *b = &c->new->cell[r->new_cell].series[r->metric];
	uint32_t both = a->n + b->n;
	double *sorted = calloc(2 * (size_t)both + 1, sizeof(*sorted));
	int err;

	if (!sorted)
		return -ENOMEM;
	r->p = r->inflation = 1;
	err = take_figure(a, c->base->source_count, sorted, &r->base);
	if (!err)
		err = take_figure(b, c->new->source_count, sorted + a->n, &r->new);
	if (!err && a->n > 0 && b->n > 0) {
		if (is_exact(r))
			compare_exactly(r);
		else
			err = test(r, a, sorted, b, sorted + a->n, sorted + both);
		if (r->base.median != 0)
			r->relative = (struct stats_figure){true, r->shift.estimate /
									  fabs(r->base.median)};
	}
	free(sorted);
	return err;
}
