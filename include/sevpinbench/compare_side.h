/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare_side: one side of a comparison: the samples of one campaign or several, pooled by cell,
 * as columns of numbers. Samples are handed over one by one and not kept, so that a million of
 * them takes the memory of their numbers only.
 *
 * Guests that started at once are no independent measurements: a round of them is one number. Of a
 * time it is the median of the guests, of a count their mean (so that one guest which differs
 * shows), of what must not happen the worst. Of a round of which a guest failed only the last is
 * kept.
 */
#ifndef SEVPINBENCH_COMPARE_SIDE_H
#define SEVPINBENCH_COMPARE_SIDE_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

#define COMPARE_SOURCES 64 /* files a side */
#define COMPARE_PATH	512

/* What is compared. A new one is a row in src/compare/metric.c. */
enum compare_metric {
	COMPARE_STARTUP,
	COMPARE_PIN_PHASE,
	COMPARE_WORKING_SET,
	COMPARE_FAULT_P50,
	COMPARE_FAULT_P99,
	COMPARE_SLOPE,	      /* startup's growth with the guest's size, over all sizes of a cell */
	COMPARE_PINNED_START, /* by the ledger, at the first instruction */
	COMPARE_PINNED_TOUCHED, /* by the ledger, after the touch */
	COMPARE_HOST_PINNED,	/* by the host's count, after the touch */
	COMPARE_FLUSHES,
	COMPARE_LEAKED,
	COMPARE_FAILED, /* 1 for a sample that failed, 0 for others */
};
#define COMPARE_METRIC_COUNT 12

enum compare_unit { COMPARE_NS, COMPARE_NS_PER_GIB, COMPARE_PAGES, COMPARE_COUNT };
#define COMPARE_UNIT_COUNT 4

/* How a metric is compared. */
enum compare_kind {
	COMPARE_BY_TEST,  /* a time: by a test */
	COMPARE_BY_VALUE, /* a count: exactly where all samples of a side agree, else by a test */
	COMPARE_BY_WORST, /* what must not happen at all: by each side's worst sample */
};

struct compare_metric_row {
	enum compare_unit unit;
	enum compare_kind kind;
	/* false where the sample does not have it; NULL: made of other metrics */
	bool (*get)(const struct sample *s, double *value);
	const char *title; /* for people */
};

extern const struct words words_compare_metric, words_compare_unit;
extern const struct compare_metric_row compare_metrics[COMPARE_METRIC_COUNT];

/* One metric of one cell, in the order in which it was measured. */
struct compare_series {
	uint32_t n, room;
	double *value;			/* owned */
	uint32_t from[COMPARE_SOURCES]; /* where a source's values begin; n or more: it has none */
};

struct compare_cell {
	struct cell cell; /* guest_bytes 0: over all sizes, COMPARE_SLOPE only */
	struct compare_series series[COMPARE_METRIC_COUNT];
};

/* Where the samples come from. */
struct compare_source {
	char path[COMPARE_PATH];
	struct record_tool tool;
	struct host_facts host;
	int64_t start_wall_s;
	uint64_t seed;
	bool complete;
};

/* The samples of a source while it is read: by the cells of its file, which are known at its end.
 */
struct compare_stage {
	uint32_t cell_count;
	struct compare_stage_cell *cell; /* owned */
};

struct compare_side {
	uint32_t source_count;
	struct compare_source *source; /* owned; room for COMPARE_SOURCES */
	uint32_t cell_count, cell_room;
	struct compare_cell *cell; /* owned */
};

/* A sample of a cell, below RECORD_MAX_CELLS. A stage starts zeroed. 0 or -ENOMEM. */
int compare_stage_add(struct compare_stage *stage, uint32_t cell, const struct sample *s);
void compare_stage_close(struct compare_stage *stage);

/*
 * Take a source over: facts and cells from the record, whose samples are not looked at, and what
 * was staged; the stage is closed in any case. A side starts zeroed. 0, -ENOMEM, -E2BIG (too many
 * sources) or -EEXIST: the same campaign (by host, start and seed) is in it already.
 */
int compare_side_take(struct compare_side *side, const char *path, const struct record *r,
		      struct compare_stage *stage, struct fault *f);

/* Take a record with its samples. */
int compare_side_add_record(struct compare_side *side, const char *path, const struct record *r,
			    struct fault *f);

/* After the last sample: what is made over several cells (slopes). 0 or -ENOMEM. */
int compare_side_finish(struct compare_side *side);

/* True where both are the same campaign: told by its host's name, its start and its seed. */
bool compare_same_campaign(const struct compare_source *a, const struct compare_source *b);

/* Free all. Safe on a zeroed side. */
void compare_side_close(struct compare_side *side);

#endif
