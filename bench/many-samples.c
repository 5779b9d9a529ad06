// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many-samples FILE [SAMPLES [CELLS]]: a result of so many samples (1000000) in so many cells (20),
 * for trying out what reads results. All cells have the same samples, in memory once: times of
 * which no two are alike, pins, faults, and what KVM counts of a plain guest.
 */
#include "sevpinbench/random.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct random chance = {20221108};
static struct sample *shared; /* by all cells; kept to the end */

static int64_t exits[] = {1, 7}; /* at the first instruction, and while it touches */

static void note_moved(struct phase_counts *c, unsigned row, enum phase p)
{
	const unsigned bit = row * PHASE_COUNT + (unsigned)p;

	c->moved[bit / 64] |= UINT64_C(1) << bit % 64;
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
	s->faults = (struct fault_times){.count = 32,
					 .p50_ns = 400000,
					 .p90_ns = 600000,
					 .p99_ns = 900000,
					 .p999_ns = 900000,
					 .max_ns = 900000,
					 .sum_ns = 14400000};
	s->counts =
		(struct phase_counts){.stats_known = (1u << GUEST_STAT_COUNT) - 1, .count = exits};
	note_moved(&s->counts, GUEST_STAT_EXITS, PHASE_FIRST_INSTRUCTION);
	note_moved(&s->counts, GUEST_STAT_EXITS, PHASE_TOUCH);
	s->touched_pages = 1638;
	s->minor_faults = 16386;
}

static int make(struct record *r, uint32_t samples, uint32_t cells)
{
	uint32_t i;

	if (record_open(r, cells, 0))
		return 3;
	shared = calloc(samples, sizeof(*shared));
	if (!shared)
		return 3;
	for (i = 0; i < samples; i++)
		fill_sample(&shared[i], i);
	snprintf(r->tool.version, sizeof(r->tool.version), "0");
	snprintf(r->host.name, sizeof(r->host.name), "many-samples");
	r->complete = true;
	r->plan.runs = samples;
	r->plan.start_wall_s = (int64_t)time(NULL);
	for (i = 0; i < cells; i++) {
		r->cell[i].cell = (struct cell){.pin = PIN_MODE_EAGER,
						.mechanism = PIN_MECHANISM_IO_URING,
						.guest_bytes = (64 + i) * UNITS_MIB,
						.vcpus = 1,
						.pin_threads = 1,
						.parallel = 1,
						.numa_node = -1};
		r->cell[i].sample = shared;
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
