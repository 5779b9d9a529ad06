/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_rooms: room for what samples of a record made by a test point to, kept to its end. */
#ifndef TESTS_SAMPLE_ROOMS_H
#define TESTS_SAMPLE_ROOMS_H

#include "sevpinbench/sample.h"

#include <check.h>
#include <stdlib.h>

struct test_room {
	struct sample_room room;
	struct test_room *next;
};

/* Give the sample a room of its own, with what it had: texts and counts are set there. */
static inline struct sample_room *room_for(struct sample *kept)
{
	static struct test_room *all;
	struct test_room *r = calloc(1, sizeof(*r));

	ck_assert_ptr_nonnull(r);
	r->next = all;
	all = r;
	sample_room_copy(&r->room, kept);
	*kept = r->room.sample;
	return &r->room;
}

#endif
