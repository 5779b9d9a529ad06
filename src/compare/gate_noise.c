// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_noise: what the noise of a comparison hides, and how many runs would show it. */
#include "gate_noise.h"

#include "row.h"
#include <math.h>

#define TAIL_GATE 0.05 /* beyond each end of struct compare_row.wide */
#define RUNS_MAX  1e6  /* more is no advice */

/*
 * A host that wanders goes up or down, and back and forth. How far it went up or down is known of
 * each figure, with its sign: see trends_explain(). What is left when that is taken out is the less
 * the faster it moves: of neighbours that are alike the second wave is about as high as the first,
 * of a random walk a quarter of it, whose middle goes astray farther. The factors were chosen with
 * gate-calibration.
 */
#define WAVES_SECOND 1.6
#define WAVES_AHEAD  0.6
#define TREND_SURELY 1.2 /* a trend is known roughly; so much of it explains a shift */
#define TREND_HIDES  0.5 /* and so much of it may hide one: the worst case is rare */

/* A host that wanders does so under all cells and on both sides: their slow waves are taken
 * together.
 */
void gate_noise_wander(const struct compare *c, double *drift, double *trend)
{
	double sum[STATS_WAVES] = {0};
	uint32_t i, n = 0;
	unsigned k, side;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->row[i];
		const struct compare_figure *figure[] = {&r->base, &r->new};

		if (!row_is_tested(r) || compare_metrics[r->metric].unit != COMPARE_NS)
			continue;
		for (side = 0; side < 2; side++) {
			n += figure[side]->has_waves;
			for (k = 0; k < STATS_WAVES && figure[side]->has_waves; k++)
				sum[k] += figure[side]->wave[k];
		}
	}
	for (k = 0; k < STATS_WAVES && n > 0; k++)
		sum[k] /= n;
	*drift = fmax(1, WAVES_SECOND * sum[1] + WAVES_AHEAD * fmax(0, sum[0] - sum[1]));
	*trend = fmin(1, fmax(0, sum[0] - 1));
}

/*
 * Two trends explain a shift, and which one it was, samples do not say. The host went on from where
 * the base left it: the middles are then half of both rises apart. Or each campaign began at the
 * same place, and went its own way: then they are half of what the rises differ by apart. The
 * greater of the two is (rise of NEW + |rise of base|) / 2. Downwards the same.
 */
static double trends_explain(const struct gate *g, const struct compare_row *r, double sign)
{
	if (compare_metrics[r->metric].kind != COMPARE_BY_TEST)
		return 0; /* no host wanders in pages */
	return g->trend * fmax(0, (sign * r->new.rise + fabs(r->base.rise)) / 2);
}

double gate_noise_explained(const struct gate *g, const struct compare_row *r)
{
	return TREND_SURELY * trends_explain(g, r, 1);
}

double gate_noise_hidden(const struct gate *g, const struct compare_row *r)
{
	return TREND_HIDES * trends_explain(g, r, -1);
}

double gate_noise_significant(const struct gate *g)
{
	return stats_normal_quantile(g->config.alpha / (g->tested ? g->tested : 1));
}

double gate_noise_findable(const struct gate *g)
{
	return gate_noise_significant(g) + stats_normal_quantile(1 - g->config.power);
}

double gate_noise_deviation(const struct gate *g, const struct compare_row *r)
{
	if (!r->wide.low.known || !r->wide.high.known)
		return -1;
	return (r->wide.high.value - r->wide.low.value) / (2 * stats_normal_quantile(TAIL_GATE)) *
	       sqrt(fmax(1, g->drift / r->inflation));
}

double gate_noise_detectable(const struct gate *g, const struct compare_row *r)
{
	return fmax(0, gate_noise_deviation(g, r)) * gate_noise_findable(g) +
	       gate_noise_explained(g, r);
}

bool gate_noise_too_few(const struct gate *g, const struct compare_row *r, double m, double n)
{
	return stats_least_p((size_t)m, (size_t)n, r->inflation) * g->tested > g->config.alpha;
}

/* So many runs a side would make a change as large as the one that was seen significant. */
static double runs_for_seen(const struct gate *g, const struct compare_row *r, double deviation)
{
	double asked = gate_noise_significant(g);
	double shift = r->shift.estimate - gate_noise_explained(g, r);
	double seen = fmin(stats_normal_quantile(r->test.p_greater), shift / deviation);

	return seen > 0 ? ceil(pow(fmax(1, asked / seen), 2) * r->new.n) : 0;
}

uint32_t gate_noise_runs(const struct gate *g, const struct gate_row *row)
{
	const struct compare_row *r = row->row;
	double deviation = gate_noise_deviation(g, r), runs, variance;
	double room = GATE_TWICE * row->bound - gate_noise_explained(g, r);

	runs = r->new.n > 3 ? r->new.n : 3;
	while (runs < 1000 && gate_noise_too_few(g, r, runs, runs))
		runs++;
	if (deviation >= 0 && row->bound > 0 && room <= 0)
		return 0; /* a trend does not become less by more runs */
	if (deviation >= 0 && row->bound > 0) {
		/* The variance goes down as 1/m + 1/n. */
		variance = deviation * deviation / (1.0 / r->base.n + 1.0 / r->new.n);
		variance *= pow(gate_noise_findable(g) / room, 2);
		runs = fmax(runs, ceil(2 * variance));
		if (r->shift.estimate > row->bound)
			runs = fmax(runs, runs_for_seen(g, r, deviation));
	} else if (deviation < 0) {
		runs = fmax(runs, 6); /* there, the noise itself can be told */
	}
	return runs <= RUNS_MAX ? (uint32_t)runs : 0;
}
