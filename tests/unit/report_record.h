/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_record: made-up records for the tests of the table and the plots. The same call gives
 * the same record on every machine: integers only, a generator of its own, a fixed date.
 */
#ifndef TESTS_REPORT_RECORD_H
#define TESTS_REPORT_RECORD_H

#include "sevpinbench/record.h"
#include "sevpinbench/units.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_ALL_PHASES (((1u << PHASE_COUNT) - 1) & ~SAMPLE_SEV_PHASES) /* of a vm */

/* Noise of +-permille on a value, by splitmix64. */
static inline uint64_t report_noise(uint64_t *state, uint64_t value, uint64_t permille)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return value - value * permille / 1000 + z % (value * permille / 500 + 1);
}

/* About what an ordinary machine shows: eager 0.6 s/GiB, demand 5 ms, none 3 ms. */
static inline void report_sample(struct sample *s, const struct cell *c, uint64_t *seed)
{
	const uint64_t mib = c->guest_bytes / UNITS_MIB;
	const uint64_t pages = units_pages(c->guest_bytes);
	const uint64_t touched = units_pages(c->touch_bytes);
	const uint64_t typical_ns[PHASE_COUNT] = {
		[PHASE_OPEN] = 12000,
		[PHASE_VM_CREATE] = 520000,
		[PHASE_MEM_MAP] = 35000,
		[PHASE_PREFAULT] = c->prefault_threads ? mib * 300000 / c->prefault_threads : 0,
		[PHASE_MEMSLOT] = 600000 + mib * 500,
		[PHASE_PIN] = c->pin == PIN_MODE_EAGER	  ? mib * 590000
			      : c->pin == PIN_MODE_DEMAND ? 1100000
							  : 0,
		[PHASE_PAYLOAD] = 150000,
		[PHASE_VCPU_CREATE] = 1500000,
		[PHASE_FIRST_INSTRUCTION] = c->pin == PIN_MODE_DEMAND ? 1900000 : 310000,
		[PHASE_TOUCH] = touched * (c->pin == PIN_MODE_EAGER ? 9000 : 13000) + 100000,
		[PHASE_VCPU_STOP] = 40000,
		[PHASE_UNPIN] = c->pin == PIN_MODE_NONE ? 0 : mib * 20000,
		[PHASE_DESTROY] = mib * 40000 + 300000,
	};
	int b, phase;

	memset(s, 0, sizeof(*s));
	for (phase = 0; phase < PHASE_COUNT; phase++) {
		if (REPORT_ALL_PHASES & 1u << phase)
			s->phases_ns[phase] = report_noise(seed, typical_ns[phase], 60);
	}
	s->phases_done = REPORT_ALL_PHASES;
	for (b = PIN_BOUNDARY_AFTER_PIN; b <= PIN_BOUNDARY_AFTER_TOUCH; b++)
		s->pins[b].ledger_pages = c->pin == PIN_MODE_EAGER ? (int64_t)pages : 0;
	if (c->pin == PIN_MODE_DEMAND) {
		s->pins[PIN_BOUNDARY_FIRST_INSTRUCTION].ledger_pages = 512;
		s->pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages = (int64_t)(touched / 512 + 1) * 512;
	}
	for (b = 0; b < PIN_BOUNDARY_COUNT; b++) {
		s->pins[b].vmpin_pages = s->pins[b].ledger_pages;
		s->pins[b].host_pages = s->pins[b].ledger_pages + 77;
	}
	s->touched_pages = touched;
}

static inline struct cell report_cell(enum pin_mode pin, uint64_t guest_bytes)
{
	static const enum pin_mechanism mechanism[PIN_MODE_COUNT] = {
		PIN_MECHANISM_IO_URING, PIN_MECHANISM_USERFAULT, PIN_MECHANISM_NONE};

	return (struct cell){
		.guest_type = GUEST_TYPE_VM,
		.pin = pin,
		.mechanism = mechanism[pin],
		.backing = BACKING_ANON,
		.guest_bytes = guest_bytes,
		.vcpus = 1,
		.parallel = 1,
		.touch_bytes = guest_bytes / 10 / UNITS_PAGE_BYTES * UNITS_PAGE_BYTES,
		.chunk_bytes = pin == PIN_MODE_DEMAND ? 2 * UNITS_MIB : 0,
		.pin_threads = 1,
		.numa_node = -1,
	};
}

/* A record with room for so many cells, which the caller sets and then has filled. */
static inline void report_open(struct record *r, uint32_t cells, uint32_t refusals)
{
	*r = (struct record){0};
	if (record_open(r, cells, refusals) != 0)
		abort();
	r->complete = true;
	snprintf(r->tool.version, sizeof(r->tool.version), "0.1.0");
	snprintf(r->host.name, sizeof(r->host.name), "testhost");
	snprintf(r->host.kernel_release, sizeof(r->host.kernel_release), "6.1.0-40-amd64");
	snprintf(r->host.cpu.name, sizeof(r->host.cpu.name), "AMD EPYC 7763 64-Core Processor");
	snprintf(r->host.cpu.hypervisor_name, sizeof(r->host.cpu.hypervisor_name), "KVMKVMKVM");
	r->host.platform = PLATFORM_VIRTUAL;
	r->plan.seed = 1;
	r->plan.start_wall_s = 1795473065;
	r->plan.end_wall_s = 1795473165;
	r->plan.warmup = 1;
}

static inline void report_fill(struct record *r, uint32_t runs)
{
	uint64_t seed = 42;
	uint32_t i, k;

	r->plan.runs = runs;
	for (i = 0; i < r->cell_count; i++) {
		if (record_cell_reserve(&r->cell[i], runs, 0) != 0)
			abort();
		r->cell[i].sample_count = runs;
		for (k = 0; k < runs; k++)
			report_sample(&r->cell[i].sample[k], &r->cell[i].cell, &seed);
	}
}

/* Every given mode with 64M, 256M, 1G and 4G, or the first so many of them; ten runs. */
static inline void report_usual(struct record *r, uint32_t modes, uint32_t sizes)
{
	uint32_t m, s;

	report_open(r, modes * sizes, 0);
	for (m = 0; m < modes; m++) {
		for (s = 0; s < sizes; s++)
			r->cell[m * sizes + s].cell =
				report_cell((enum pin_mode)m, (64 * UNITS_MIB) << (2 * s));
	}
	report_fill(r, 10);
}

#endif
