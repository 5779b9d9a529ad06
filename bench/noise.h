/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * noise: how starts of an awkward host vary, for gate-calibration. Each kind gives a factor around
 * 1 for one round of a campaign; its state is kept from round to round, and from campaign to
 * campaign.
 */
#ifndef BENCH_NOISE_H
#define BENCH_NOISE_H

#include "sevpinbench/random.h"
#include <math.h>

static struct random chance = {20261124};
static uint32_t campaign; /* of a pair: 0 the base, 1 the new one, 2 what is measured again */

static double uniform(void)
{
	return ((double)(random_next(&chance) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static double quiet(double state[4], uint32_t round, uint32_t runs)
{
	(void)state;
	(void)round;
	(void)runs;
	return 1 + 0.03 * normal();
}

/* One start in twenty takes up to many times as long. */
static double heavy(double state[4], uint32_t round, uint32_t runs)
{
	(void)state;
	(void)round;
	(void)runs;
	return exp(0.03 * normal()) * (uniform() < 0.05 ? pow(uniform(), -0.7) : 1);
}

static double bimodal(double state[4], uint32_t round, uint32_t runs)
{
	return quiet(state, round, runs) * (uniform() < 0.3 ? 1.06 : 1);
}

/* A trend from first to last of up to 10%, another in each campaign, around the same mean. */
static double drifting(double state[4], uint32_t round, uint32_t runs)
{
	if (round == 0)
		state[0] = 0.2 * (uniform() - 0.5);
	return quiet(state, round, runs) + state[0] * ((double)round / runs - 0.5);
}

/* The same trend, but one that goes on: the new campaign begins where the base ended. */
static double drifting_on(double state[4], uint32_t round, uint32_t runs)
{
	if (round == 0 && campaign == 0)
		state[0] = 0.2 * (uniform() - 0.5);
	return quiet(state, round, runs) + state[0] * (campaign + (double)round / runs - 0.5);
}

/* AR(1): each round resembles the one before, by so much. */
static double resembling_by(double share, double state[4], uint32_t round)
{
	state[0] = round == 0 ? normal() : share * state[0] + sqrt(1 - share * share) * normal();
	return 1 + 0.03 * state[0];
}

static double resembling(double state[4], uint32_t round, uint32_t runs)
{
	(void)runs;
	return resembling_by(0.7, state, round);
}

/* So much that a campaign has hardly a middle of its own. */
static double hardly_moving(double state[4], uint32_t round, uint32_t runs)
{
	(void)runs;
	return resembling_by(0.9, state, round);
}

/* A walk that starts at the same place and goes where it likes, by so much a round. */
static double walking_by(double step, double state[4], uint32_t round)
{
	state[0] = round == 0 ? 0 : state[0] + step * normal();
	return 1 + state[0] + 0.02 * normal();
}

static double walking(double state[4], uint32_t round, uint32_t runs)
{
	(void)runs;
	return walking_by(0.01, state, round);
}

static double walking_fast(double state[4], uint32_t round, uint32_t runs)
{
	(void)runs;
	return walking_by(0.02, state, round);
}

/* At some round the level changes by up to 10%, and stays. */
static double jumping(double state[4], uint32_t round, uint32_t runs)
{
	if (round == 0) {
		state[0] = 0.2 * (uniform() - 0.5);
		state[1] = uniform() * runs;
	}
	return quiet(state, round, runs) + (round > state[1] ? state[0] : 0);
}

#endif
