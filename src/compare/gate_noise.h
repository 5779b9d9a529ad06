/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate_noise: what the noise of a comparison hides, and how many runs would show it
 * (docs/statistics.md, "The gate").
 */
#ifndef COMPARE_GATE_NOISE_H
#define COMPARE_GATE_NOISE_H

#include "sevpinbench/gate.h"

/*
 * How the host wandered, as the slow waves of all tested times say. drift: by how much the variance
 * of a campaign's middle is greater than of independent samples, its trend apart; 1 or more. trend:
 * whether it went up or down; from 0, as by chance, to 1, for certain.
 */
void gate_noise_wander(const struct compare *c, double *drift, double *trend);

/*
 * How much worse trends alone can make NEW appear, in the metric's unit; and how much worse it can
 * be where trends alone make up for it. 0 or more. After g->trend is known.
 */
double gate_noise_explained(const struct gate *g, const struct compare_row *r);
double gate_noise_hidden(const struct gate *g, const struct compare_row *r);

/* Deviations of a shift at which it is significant; and at which it is found with the power asked
   for. After g->tested is known. */
double gate_noise_significant(const struct gate *g);
double gate_noise_findable(const struct gate *g);

/*
 * The deviation of a row's shift in its metric's unit, from the width of its interval and as the
 * host wandered (g->drift). Below 0 where it has none.
 */
double gate_noise_deviation(const struct gate *g, const struct compare_row *r);

/* The change that would be found with the power asked for, in the metric's unit. */
double gate_noise_detectable(const struct gate *g, const struct compare_row *r);

/* True where not even m samples that lie wholly apart from n others would be significant. */
bool gate_noise_too_few(const struct gate *g, const struct compare_row *r, double m, double n);

/*
 * So many runs a side would show a change of twice the bound, and one that was seen beyond it; 0
 * where that is unknown or vain.
 */
uint32_t gate_noise_runs(const struct gate *g, const struct gate_row *row);

#endif
