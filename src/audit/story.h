/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story: one guest from its start to its end, and all that was seen of its memory on the way.
 * Several tests judge the same story, so a story is told once and then only read.
 */
#ifndef AUDIT_STORY_H
#define AUDIT_STORY_H

#include "sevpinbench/cell.h"
#include "sevpinbench/host_pagemap.h"
#include "sevpinbench/sample.h"
#include <stdbool.h>
#include <stdint.h>

struct audit_context;

enum story_name {
	STORY_ASKED,	     /* as asked for; half of it touched */
	STORY_READ,	     /* the host reads all of it before it is pinned */
	STORY_WRITTEN,	     /* the host writes all of it before it is pinned */
	STORY_IDLE,	     /* the guest touches nothing behind its boot area, */
	STORY_ONE,	     /* one page, */
	STORY_ALL,	     /* all of it */
	STORY_REGION_FIRST,  /* pinned before KVM knows the memory, */
	STORY_MEMSLOT_FIRST, /* and the other way round */
	STORY_NODE,	     /* on one of two nodes */
};
#define STORY_COUNT 9

/* When pages are looked at. */
enum moment {
	MOMENT_BEFORE,	   /* the memory is about to be registered */
	MOMENT_REGISTERED, /* it has been */
	MOMENT_LAUNCHED,   /* the boot area is written, and encrypted */
	MOMENT_STARTED,	   /* the guest has run its first instruction */
	MOMENT_TOUCHED,	   /* and touched what it does */
};
#define MOMENT_COUNT 5

struct story_moves {
	uint64_t tried, moved;
};

struct story {
	int result; /* 0, or -errno with sample.failure: the guest did not get to its end */
	struct sample sample; /* pins and flushes */
	uint64_t pages, boot_pages, touch_pages;
	int look_err;			      /* pages could not be looked at */
	struct host_page *page[MOMENT_COUNT]; /* NULL where nobody looked */
	struct host_page *child;	      /* as a child saw them, forked last of all */
	int move_err;			      /* of the moves to the other node, done after that */
	struct story_moves pinned, unpinned;  /* by what is expected to be pinned */
	int64_t node_rise[2];		      /* pins on the context's two nodes until touched */
};

/*
 * The story of this name, told when it is first asked for. NULL without memory. A guest that does
 * not get to its end is a story too.
 */
const struct story *story_get(struct audit_context *c, enum story_name name);

/* Tell it: start the guest and look. What story_get() calls. *s is zeroed. 0 or -ENOMEM. */
int story_tell(struct audit_context *c, enum story_name name, struct story *s);

/* The cell of a story's guest. */
struct cell story_cell(const struct audit_context *c, enum story_name name);

/* Safe on NULL. */
void story_free(struct story *s);

/* Pages pinned more at a boundary than before, by the counter that sees them; -1 unknown. */
int64_t story_rise(const struct story *s, enum pin_boundary b, bool by_vmpin);

/* ---- what should be pinned: expect.c ---- */

enum expectation { EXPECT_FREE, EXPECT_EITHER, EXPECT_PINNED };

/* Should this page of the guest be pinned at that moment, by the guest's mode and mechanism? */
enum expectation expect_page(const struct cell *cell, const struct story *s, enum moment m,
			     uint64_t page);

/* How many should be, at least and at most. */
struct expect_range {
	int64_t least, most;
};
struct expect_range expect_pages(const struct cell *cell, const struct story *s, enum moment m);

#endif
