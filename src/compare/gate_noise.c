// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_noise: what the noise of a comparison hides, and how many runs would show it. */
#include "gate_noise.h"

#include "row.h"
#include <math.h>

#define TAIL_GATE 0.05 /* beyond each end of struct compare_row.wide */
#define RUNS_MAX  1e6  /* more is no advice */

/*
 * From slow waves to no wave. Of a random walk the k-th has a power of q/k^2, and the middle of a
 * walk that starts anew each time varies by q pi^2/3 (3.3 q): the first wave, and three times
 * (pi^2/3 - 1 = 2.3 of 3/4) by what it is above the second. Of independent values all are 1. By
 * chance the first is small, now and then, where the second is not. The last factor is what
 * gate-calibration leaves room for: the greater of two rough estimates is rather too great.
 */
#define WAVES_AHEAD  3.0
#define WAVES_SECOND 3.0
#define WAVES_LEFT   0.95

/* A host that wanders does so under all cells and on both sides: their slow waves are taken
 * together.
 */
double gate_noise_drift(const struct compare *c)
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
	return fmax(1, WAVES_LEFT * fmax(sum[0] + WAVES_AHEAD * fmax(0, sum[0] - sum[1]),
					 WAVES_SECOND * sum[1]));
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

bool gate_noise_too_few(const struct gate *g, const struct compare_row *r, double m, double n)
{
	return stats_least_p((size_t)m, (size_t)n, r->inflation) * g->tested > g->config.alpha;
}

/* So many runs a side would make a change as large as the one that was seen significant. */
static double runs_for_seen(const struct gate *g, const struct compare_row *r, double deviation)
{
	double asked = gate_noise_significant(g);
	double seen = fmin(stats_normal_quantile(r->test.p_greater), r->shift.estimate / deviation);

	return seen > 0 ? ceil(pow(fmax(1, asked / seen), 2) * r->new.n) : 0;
}

uint32_t gate_noise_runs(const struct gate *g, const struct gate_row *row)
{
	const struct compare_row *r = row->row;
	double deviation = gate_noise_deviation(g, r), runs, variance;

	runs = r->new.n > 3 ? r->new.n : 3;
	while (runs < 1000 && gate_noise_too_few(g, r, runs, runs))
		runs++;
	if (deviation >= 0 && row->bound > 0) {
		/* The variance goes down as 1/m + 1/n. */
		variance = deviation * deviation / (1.0 / r->base.n + 1.0 / r->new.n);
		variance *= pow(gate_noise_findable(g) / (GATE_TWICE * row->bound), 2);
		runs = fmax(runs, ceil(2 * variance));
		if (r->shift.estimate > row->bound)
			runs = fmax(runs, runs_for_seen(g, r, deviation));
	} else if (deviation < 0) {
		runs = fmax(runs, 6); /* there, the noise itself can be told */
	}
	return runs <= RUNS_MAX ? (uint32_t)runs : 0;
}
