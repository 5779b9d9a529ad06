// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many-samples FILE [SAMPLES [CELLS]]: a result of so many samples (1000000) in so many cells (20),
 * for trying out what reads results: eager and demand ones in turn. Cells of a kind have the same
 * samples, in memory once: times of which no two are alike, pins, faults (of demand ones a dozen
 * steps of their distribution, as guests of 256 to 512 MiB have it), and what KVM counts of a plain
 * guest.
 */
#include "sevpinbench/random.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct random chance; /* by the second: no two results are the same campaign */
/* By all cells of a kind; kept to the end. */
static struct sample *shared[2];
static struct histogram_step *steps; /* of the demand ones */

static int64_t exits[] = {1, 7}; /* at the first instruction, and while it touches */

static void note_moved(struct phase_counts *c, unsigned row, enum phase p)
{
	const unsigned bit = row * PHASE_COUNT + (unsigned)p;

	c->moved[bit / 64] |= UINT64_C(1) << bit % 64;
}

#define STEPS_LEAST 8 /* of a demand sample; and up to half as many more */

/* A demand sample's own: a fault a step or two, each slower than the ones before it. */
static void fill_steps(struct fault_times *t, struct histogram_step *step)
{
	uint64_t ns = 250000 + random_below(&chance, 50000);
	uint32_t i;

	t->steps = STEPS_LEAST + (uint32_t)random_below(&chance, STEPS_LEAST / 2 + 1);
	t->step = step;
	for (i = 0; i < t->steps; i++) {
		step[i] = (struct histogram_step){ns, 1 + random_below(&chance, 2)};
		t->count += step[i].count;
		t->sum_ns += ns * step[i].count;
		ns += 1 + random_below(&chance, 40000);
	}
	t->p50_ns = step[t->steps / 2].ns;
	t->p90_ns = step[t->steps - 2].ns;
	t->p99_ns = t->p999_ns = t->max_ns = step[t->steps - 1].ns;
}

static void fill_sample(struct sample *s, uint32_t order)
{
	int i;

	s->order = order;
	s->start_ns = order * UINT64_C(40000000);
	s->phases_done = ((1u << PHASE_COUNT) - 1) & ~SAMPLE_SEV_PHASES;
	for (i = 0; i < PHASE_COUNT; i++) {
		if (sample_has_phase(s, (enum phase)i))
			s->phases_ns[i] = 500000 + random_below(&chance, 5000000);
	}
	s->first_ns = s->start_ns + random_below(&chance, 40000000) + 1;
	for (i = 0; i < PIN_BOUNDARY_COUNT; i++)
		s->pins[i] = (struct pin_point){16384, 16384, 16640};
	s->counts =
		(struct phase_counts){.stats_known = (1u << GUEST_STAT_COUNT) - 1, .count = exits};
	note_moved(&s->counts, GUEST_STAT_EXITS, PHASE_FIRST_INSTRUCTION);
	note_moved(&s->counts, GUEST_STAT_EXITS, PHASE_TOUCH);
	s->touched_pages = 1638;
	s->minor_faults = 16386;
}

static int make_samples(uint32_t samples)
{
	const size_t most = STEPS_LEAST + STEPS_LEAST / 2;
	uint32_t i;

	shared[0] = calloc(samples, sizeof(**shared));
	shared[1] = calloc(samples, sizeof(**shared));
	steps = calloc(samples * most, sizeof(*steps));
	if (!shared[0] || !shared[1] || !steps)
		return 3;
	for (i = 0; i < samples; i++) {
		fill_sample(&shared[0][i], i);
		fill_sample(&shared[1][i], i);
		fill_steps(&shared[1][i].faults, &steps[i * most]);
	}
	return 0;
}

static int make(struct record *r, uint32_t samples, uint32_t cells)
{
	const int64_t now = (int64_t)time(NULL);
	uint32_t i;

	chance.state = (uint64_t)now;
	if (record_open(r, cells, 0) || make_samples(samples))
		return 3;
	snprintf(r->tool.version, sizeof(r->tool.version), "0");
	snprintf(r->host.name, sizeof(r->host.name), "many-samples");
	r->complete = true;
	r->plan.runs = samples;
	r->plan.start_wall_s = now;
	for (i = 0; i < cells; i++) {
		const bool demand = i % 2;

		r->cell[i].cell = (struct cell){.pin = demand ? PIN_MODE_DEMAND : PIN_MODE_EAGER,
						.mechanism = demand ? PIN_MECHANISM_USERFAULT
								    : PIN_MECHANISM_IO_URING,
						.guest_bytes = (64 + i / 2) * UNITS_MIB,
						.vcpus = 1,
						.pin_threads = 1,
						.parallel = 1,
						.numa_node = -1};
		r->cell[i].sample = shared[demand];
		r->cell[i].sample_count = samples;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t samples = 1000000, cells = 20;
	struct record r = {0};
	struct fault f = {0};
	char text[512];

	if (argc < 2 || argc > 4 || argv[1][0] == '-' ||
	    (argc > 2 && units_parse_u64(argv[2], 1, 2000000, &samples) < 0) ||
	    (argc > 3 && units_parse_u64(argv[3], 1, RECORD_MAX_CELLS, &cells) < 0)) {
		fputs("usage: many-samples FILE [SAMPLES [CELLS]]\n", stderr);
		return 2;
	}
	if (make(&r, (uint32_t)(samples / cells), (uint32_t)cells)) {
		fputs("many-samples: no memory\n", stderr);
		return 3;
	}
	if (result_json_write(&r, argv[1], &f) < 0) {
		fault_text(&f, text, sizeof(text));
		fprintf(stderr, "many-samples: %s\n", text);
		return 3;
	}
	return 0;
}
