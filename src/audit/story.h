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
	STORY_SLOTLESS,	     /* its memslots are deleted when it has touched what it does, */
	STORY_UNREGISTERED,  /* or its memory is unregistered */
};
#define STORY_COUNT 11

/* When pages are looked at. */
enum moment {
	MOMENT_BEFORE,	   /* the memory is about to be registered */
	MOMENT_REGISTERED, /* it has been */
	MOMENT_LAUNCHED,   /* the boot area is written, and encrypted */
	MOMENT_STARTED,	   /* the guest has run its first instruction */
	MOMENT_TOUCHED,	   /* and touched what it does */
};
#define MOMENT_COUNT 5

/* An experiment on some pages: how many were tried, and how many are elsewhere now. */
struct story_moves {
	uint64_t tried, moved;
};

/* What the kernel can do with pages once the guest has touched what it does; done in this order. */
struct story_probes {
	int move_err;				    /* move_pages(2) to the other node */
	struct story_moves to_node, others_to_node; /* pages that should be pinned, and others */
	int compact_err;			    /* compaction of all memory */
	struct story_moves compacted, others_compacted, control_compacted;
	int collapse_err;		      /* MADV_COLLAPSE, on whole huge pages' worth */
	struct story_moves collapsed;	      /* of which all should be pinned */
	struct story_moves control_collapsed; /* of our own */
};

/* The host's pins before and after memory was taken from a guest that is still there; -1 unknown.
 */
struct story_taken {
	int err; /* it could not be */
	int64_t before, after;
};

struct story {
	int result; /* 0, or -errno with room.failure: the guest did not get to its end */
	struct sample_room room; /* its pins and flushes */
	uint64_t pages, boot_pages, touch_pages;
	int look_err;			      /* pages could not be looked at */
	struct host_page *page[MOMENT_COUNT]; /* NULL where nobody looked */
	struct host_page *child;	      /* as a child saw them, forked last of all */
	struct story_probes probes;	      /* where the plan has them */
	struct host_resident resident_before, resident; /* none of the guest's touched; touched */
	struct story_taken taken;
	int64_t node_rise[2]; /* pins on the context's two nodes until touched */
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

/* Pages that were allocated of a guest_memfd then; -1 unknown. */
int64_t story_allocated(const struct story *s, enum pin_boundary b);

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
