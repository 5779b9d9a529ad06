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
	}
	free(r->cell);
	free(r->refusal);
	memset(r, 0, sizeof(*r));
}
