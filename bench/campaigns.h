/* SPDX-License-Identifier: GPL-2.0-or-later */
/* campaigns: those that gate-calibration draws, from samples on record and from made-up noise. */
#ifndef BENCH_CAMPAIGNS_H
#define BENCH_CAMPAIGNS_H

#include "noise.h"
#include "sevpinbench/record.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 3 /* rounds that are drawn together */
#define CELLS 6 /* of made-up campaigns */

/* A campaign of runs rounds into r, whose cells are made. */
struct origin {
	const char *name;
	void (*draw)(const struct origin *o, struct record *r, uint32_t runs);
	const struct record *recorded;
	/* A factor around 1. state is the cell's, and stays from campaign to campaign. */
	double (*noise)(double state[4], uint32_t round, uint32_t runs);
};

static void must(int err, const char *what)
{
	if (err == 0)
		return;
	fprintf(stderr, "gate-calibration: %s: %s\n", what, strerror(-err));
	exit(3);
}

static void make_room(struct record *r, uint32_t cells, uint32_t runs)
{
	static int64_t start = 1;
	uint32_t i;

	must(record_open(r, cells, 0), "record");
	r->complete = true;
	r->plan.start_wall_s = ++start; /* so that no two are taken for the same campaign */
	for (i = 0; i < cells; i++) {
		must(record_cell_reserve(&r->cell[i], runs, 0), "samples");
		r->cell[i].sample_count = runs;
	}
}

/* Blocks of consecutive rounds, beginning anywhere, around the end to the start. */
static void draw_recorded(const struct origin *o, struct record *r, uint32_t runs)
{
	const struct record *from = o->recorded;
	uint32_t i, round, rounds = from->cell[0].sample_count, at = 0;

	make_room(r, from->cell_count, runs);
	r->host = from->host;
	for (i = 0; i < from->cell_count; i++) {
		r->cell[i].cell = from->cell[i].cell;
		if (from->cell[i].sample_count < rounds)
			rounds = from->cell[i].sample_count;
	}
	for (round = 0; round < runs; round++) {
		at = round % BLOCK == 0 ? (uint32_t)random_below(&chance, rounds)
					: (at + 1) % rounds;
		for (i = 0; i < from->cell_count; i++)
			r->cell[i].sample[round] = from->cell[i].sample[at];
	}
}

/* Mean and deviation of the logarithms of a cell's startups, or working sets: as get() has them. */
static void describe(const struct record_cell *c, bool (*get)(const struct sample *s, uint64_t *ns),
		     double *mean, double *deviation)
{
	double sum = 0, square = 0, ns;
	uint32_t i, n = 0;
	uint64_t value = 0;

	for (i = 0; i < c->sample_count; i++) {
		if (!get(&c->sample[i], &value))
			continue;
		ns = log((double)value);
		sum += ns;
		square += ns * ns;
		n++;
	}
	must(n > 1 ? 0 : -ENODATA, "a cell's times");
	*mean = sum / n;
	*deviation = sqrt(fmax(0, (square - sum * sum / n) / (n - 1)));
}

/* The same cells, whose startups and working sets have nothing in common but their deviations. */
static void draw_normal(const struct origin *o, struct record *r, uint32_t runs)
{
	const struct record *from = o->recorded;
	double mean[2], deviation[2], ns[2];
	uint32_t i, round;

	make_room(r, from->cell_count, runs);
	r->host = from->host;
	for (i = 0; i < from->cell_count; i++) {
		r->cell[i].cell = from->cell[i].cell;
		describe(&from->cell[i], sample_startup_ns, &mean[0], &deviation[0]);
		describe(&from->cell[i], sample_working_set_ns, &mean[1], &deviation[1]);
		for (round = 0; round < runs; round++) {
			struct sample *s = &r->cell[i].sample[round];

			*s = from->cell[i].sample[0];
			ns[0] = exp(mean[0] + deviation[0] * normal());
			ns[1] = fmax(ns[0], exp(mean[1] + deviation[1] * normal()));
			memset(s->phases_ns, 0, sizeof(s->phases_ns));
			s->phases_ns[PHASE_FIRST_INSTRUCTION] = (uint64_t)ns[0];
			s->phases_ns[PHASE_TOUCH] = (uint64_t)(ns[1] - ns[0]);
		}
	}
}

/* Three sizes, eager and demand: times about as an ordinary host has them. */
static void draw_made_up(const struct origin *o, struct record *r, uint32_t runs)
{
	static double state[CELLS][4], shared[4];
	uint32_t i, round;

	make_room(r, CELLS, runs);
	for (round = 0; round < runs; round++) {
		double host = o->noise(shared, round, runs);

		for (i = 0; i < CELLS; i++) {
			struct cell *c = &r->cell[i].cell;
			struct sample *s = &r->cell[i].sample[round];
			/* Half of what is noise meets all cells of a round alike. */
			double factor = sqrt(host * o->noise(state[i], round, runs));

			c->pin = i % 2 ? PIN_MODE_DEMAND : PIN_MODE_EAGER;
			c->mechanism = i % 2 ? PIN_MECHANISM_USERFAULT : PIN_MECHANISM_IO_URING;
			c->guest_bytes = (256 * UNITS_MIB) << (i / 2);
			c->vcpus = 1;
			c->parallel = 1;
			c->numa_node = -1;
			s->phases_done = ((1u << PHASE_COUNT) - 1) & ~SAMPLE_SEV_PHASES;
			s->phases_ns[PHASE_FIRST_INSTRUCTION] = (uint64_t)(8e6 * factor);
			s->phases_ns[PHASE_PIN] =
				(uint64_t)(i % 2 ? 1e6 * factor
						 : 1.5e8 * (double)(1u << (i / 2)) * factor);
			s->phases_ns[PHASE_TOUCH] =
				(uint64_t)(2e7 * (double)(1u << (i / 2)) * factor);
			for (int b = PIN_BOUNDARY_AFTER_PIN; b <= PIN_BOUNDARY_AFTER_TOUCH; b++)
				s->pins[b].ledger_pages = s->pins[b].host_pages = 512;
		}
	}
}

#endif
