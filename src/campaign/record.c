// SPDX-License-Identifier: GPL-2.0-or-later
/* record: the memory of a campaign's findings. */
#include "sevpinbench/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int record_open(struct record *r, uint32_t cells, uint32_t refusals)
{
	/* One spare element each: calloc(0) may return NULL, which is no failure. */
	struct record_cell *cell = calloc((size_t)cells + 1, sizeof(*cell));
	struct record_refusal *refusal = calloc((size_t)refusals + 1, sizeof(*refusal));

	if (!cell || !refusal) {
		free(cell);
		free(refusal);
		return -ENOMEM;
	}
	r->cell = cell;
	r->cell_count = cells;
	r->refusal = refusal;
	r->refusal_count = refusals;
	return 0;
}

/*
 * Grow an array of samples to the wanted room. The new part is written, not just allocated:
 * calloc() would leave its pages to be faulted in between timestamps.
 */
static int grow(struct sample **sample, uint32_t *room, uint32_t wanted)
{
	struct sample *p;

	if (wanted <= *room)
		return 0;
	p = reallocarray(*sample, wanted, sizeof(*p));
	if (!p)
		return -ENOMEM;
	memset(p + *room, 0, (size_t)(wanted - *room) * sizeof(*p));
	*sample = p;
	*room = wanted;
	return 0;
}

int record_cell_reserve(struct record_cell *c, uint32_t samples, uint32_t warmups)
{
	int err = grow(&c->sample, &c->sample_room, samples);

	return err ? err : grow(&c->warmup, &c->warmup_room, warmups);
}

/* ---- what samples point to: kept chunk by chunk, given back with the record ---- */

#define CHUNK_BYTES (16 * 1024)

struct record_chunk {
	struct record_chunk *before;
	size_t used;
	max_align_t memory[CHUNK_BYTES / sizeof(max_align_t)];
};

/* A copy of so many bytes, at most of a chunk; or NULL. */
static void *keep_bytes(struct record_cell *c, const void *from, size_t bytes)
{
	const size_t aligned = (bytes + sizeof(int64_t) - 1) & ~(sizeof(int64_t) - 1);
	struct record_chunk *chunk = c->chunk;
	char *to;

	if (!chunk || chunk->used + aligned > sizeof(chunk->memory)) {
		chunk = malloc(sizeof(*chunk));
		if (!chunk)
			return NULL;
		chunk->before = c->chunk;
		chunk->used = 0;
		c->chunk = chunk;
	}
	to = (char *)chunk->memory + chunk->used;
	chunk->used += aligned;
	return memcpy(to, from, bytes);
}

/* Those that are not 0, and which they are. */
static int keep_counts(struct record_cell *c, struct phase_counts *to,
		       const struct phase_counts *from)
{
	const int64_t *next = from->count;
	int64_t count[SAMPLE_COUNTS];
	unsigned bit, n = 0;

	memset(to->moved, 0, sizeof(to->moved));
	to->count = NULL;
	if (!to->flushes_known && to->stats_known == 0)
		return 0;
	for (bit = 0; bit < SAMPLE_COUNTS; bit++) {
		if (!(from->moved[bit / 64] >> bit % 64 & 1))
			continue;
		count[n] = *next++;
		to->moved[bit / 64] |= (uint64_t)(count[n] != 0) << bit % 64;
		n += count[n] != 0;
	}
	if (n > 0)
		to->count = keep_bytes(c, count, n * sizeof(count[0]));
	return n > 0 && !to->count ? -ENOMEM : 0;
}

static int keep_rest(struct record_cell *c, struct sample *to, const struct sample *from)
{
	const char *detail = sample_detail(from);
	int err = keep_counts(c, &to->counts, &from->counts);

	to->detail = NULL;
	to->failure = NULL;
	to->faults.step = NULL;
	if (detail[0])
		to->detail = keep_bytes(c, detail, strlen(detail) + 1);
	if (sample_has_failure(from))
		to->failure = keep_bytes(c, from->failure, sizeof(*from->failure));
	if (from->faults.steps)
		to->faults.step = keep_bytes(c, from->faults.step,
					     from->faults.steps * sizeof(*from->faults.step));
	if (err || (detail[0] && !to->detail) || (sample_has_failure(from) && !to->failure) ||
	    (from->faults.steps && !to->faults.step))
		return -ENOMEM;
	return 0;
}

/* A place for one more at the end of the list, or NULL. */
static struct sample *next_place(struct sample **list, uint32_t count, uint32_t *room)
{
	const uint32_t wanted = *room < 8 ? 8 : *room * 2;
	struct sample *grown;

	if (count == *room) {
		grown = reallocarray(*list, wanted, sizeof(*grown));
		if (!grown)
			return NULL;
		*list = grown;
		*room = wanted;
	}
	return &(*list)[count];
}

int record_keep(struct record_cell *c, bool warmup, const struct sample *s)
{
	uint32_t *count = warmup ? &c->warmup_count : &c->sample_count;
	struct sample *place = warmup ? next_place(&c->warmup, *count, &c->warmup_room)
				      : next_place(&c->sample, *count, &c->sample_room);

	if (!place)
		return -ENOMEM;
	*place = *s;
	if (keep_rest(c, place, s) < 0)
		return -ENOMEM;
	++*count;
	return 0;
}

static void drop_chunks(struct record_cell *c)
{
	struct record_chunk *before;

	for (; c->chunk; c->chunk = before) {
		before = c->chunk->before;
		free(c->chunk);
	}
}

struct record_audit_test *record_audit_add(struct record_audit *a)
{
	const uint32_t wanted = a->test_room < 8 ? 8 : a->test_room * 2;
	struct record_audit_test *test;

	if (a->test_count == RECORD_AUDIT_TESTS)
		return NULL;
	if (a->test_count == a->test_room) {
		test = reallocarray(a->test, wanted, sizeof(*test));
		if (!test)
			return NULL;
		a->test = test;
		a->test_room = wanted;
	}
	test = &a->test[a->test_count++];
	*test = (struct record_audit_test){0};
	return test;
}

void record_close(struct record *r)
{
	uint32_t i;

	for (i = 0; i < r->cell_count; i++) {
		free(r->cell[i].sample);
		free(r->cell[i].warmup);
		free(r->cell[i].audit.test);
		drop_chunks(&r->cell[i]);
	}
	free(r->cell);
	free(r->refusal);
	memset(r, 0, sizeof(*r));
}
