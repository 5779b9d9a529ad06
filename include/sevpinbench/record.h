/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: all that a campaign found out, as plain structs. campaign/ fills it while measuring,
 * report/ fills it from a file; every renderer reads only this.
 */
#ifndef SEVPINBENCH_RECORD_H
#define SEVPINBENCH_RECORD_H

#include "sevpinbench/cell.h"
#include "sevpinbench/host.h"
#include "sevpinbench/sample.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_LABELS	   32
#define RECORD_LABEL_KEY   64
#define RECORD_LABEL_VAL   256
#define RECORD_TEXT	   256
#define RECORD_CMDLINE	   2048
#define RECORD_MAX_CELLS   4096
#define RECORD_AUDIT_TESTS 64 /* a cell; more in a file are refused */
#define RECORD_AUDIT_ID	   48
#define RECORD_AUDIT_TEXT  512
#define RECORD_MAX_SAMPLES 10000000u /* a cell; more in a file is refused */

struct record_label {
	char key[RECORD_LABEL_KEY];
	char value[RECORD_LABEL_VAL];
};

struct record_tool {
	char version[64];      /* "0.1.0" */
	char git_revision[64]; /* "" where built outside a repository */
	char command_line[RECORD_CMDLINE];
};

struct record_plan {
	uint64_t seed;
	uint32_t runs, warmup;
	int64_t start_wall_s, end_wall_s; /* end is 0 while it runs */
	char cpu_list[RECORD_TEXT];	  /* as asked; "" = not placed */
	bool count_flushes;		  /* asked for, and the guests are of a type that has any */
	uint32_t label_count;
	struct record_label label[RECORD_LABELS];
};

/* A cell that was asked for and could not be measured here. */
struct record_refusal {
	struct cell cell;
	char reason[512]; /* with numbers: "needs 64.0 GiB pinned; 22.9 GiB available" */
	char hint[512];	  /* what to do; may be empty */
	int64_t needed_bytes, available_bytes; /* -1 where the reason is not memory */
};

struct record_audit_test {
	char id[RECORD_AUDIT_ID];
	enum audit_verdict verdict;
	char expected[RECORD_AUDIT_TEXT], found[RECORD_AUDIT_TEXT];
	char consequence[RECORD_AUDIT_TEXT]; /* of a FAIL; else empty */
};

/* What the pins of a cell's guests hold, found out after the samples were taken. */
struct record_audit {
	bool asked;		    /* else there is nothing in it */
	enum audit_verdict verdict; /* FAIL: of a test; SKIP: not made; INFO: not all was seen */
	char reason[RECORD_AUDIT_TEXT]; /* of SKIP and INFO */
	char hint[RECORD_AUDIT_TEXT];	/* what to do; may be empty */
	uint32_t test_count, test_room;
	struct record_audit_test *test; /* owned by the record */
};

struct record_chunk; /* of the memory that samples point to; record.c's own */

struct record_cell {
	struct cell cell;
	uint32_t sample_count, sample_room;
	struct sample *sample; /* owned by the record */
	uint32_t warmup_count, warmup_room;
	struct sample *warmup;	    /* owned by the record; never part of a summary */
	struct record_chunk *chunk; /* owned by the record: what its samples point to */
	struct record_audit audit;
};

struct record {
	struct record_tool tool;
	struct host_facts host;
	struct record_plan plan;
	uint32_t refusal_count;
	struct record_refusal *refusal; /* owned by the record */
	uint32_t cell_count;
	struct record_cell *cell; /* owned by the record */
	bool complete;		  /* every planned sample was taken */
	char stopped_by[64];	  /* "SIGINT", "journal recovered", "" where complete */
};

/*
 * Make room for the given numbers of cells and refusals, zeroed. Returns 0 or -ENOMEM and then
 * holds nothing. A record starts zeroed ({0}).
 */
int record_open(struct record *r, uint32_t cells, uint32_t refusals);

/*
 * Room for so many samples in one cell, touched so that filling them faults nothing in.
 * May be called again to grow. 0 or -ENOMEM (the old room stays).
 */
int record_cell_reserve(struct record_cell *c, uint32_t samples, uint32_t warmups);

/*
 * Keep a copy of a sample and of what it points to, behind the cell's samples or its warm-ups.
 * Grows the room where it is used up, and does not touch it. 0 or -ENOMEM.
 */
int record_keep(struct record_cell *c, bool warmup, const struct sample *s);

/*
 * Another test of an audit, zeroed; NULL without memory, or where there are RECORD_AUDIT_TESTS.
 * Moves those that there are.
 */
struct record_audit_test *record_audit_add(struct record_audit *a);

/* Free what the record owns and zero it. Safe on a zeroed record. */
void record_close(struct record *r);

#endif
