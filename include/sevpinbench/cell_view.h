/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_view: the cells of a record as the table and the plots see them: summarised, grouped into
 * lines (cells alike but for the guest's size), and with what tells them apart.
 */
#ifndef SEVPINBENCH_CELL_VIEW_H
#define SEVPINBENCH_CELL_VIEW_H

#include "sevpinbench/cell_sources.h"
#include "sevpinbench/cell_summary.h"
#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell has beside its type, pin mode, mechanism and size. */
enum cell_trait {
	CELL_TRAIT_BACKING,
	CELL_TRAIT_VCPUS,
	CELL_TRAIT_TOUCH,
	CELL_TRAIT_TOUCH_ORDER,
	CELL_TRAIT_TOUCH_OP,
	CELL_TRAIT_CHUNK,
	CELL_TRAIT_PREFAULT,
	CELL_TRAIT_PIN_THREADS,
	CELL_TRAIT_PIN_ORDER,
	CELL_TRAIT_NODE,
	CELL_TRAIT_PARALLEL, /* guests at once */
	CELL_TRAIT_SOURCE,   /* which of several records it is from */
};
#define CELL_TRAIT_COUNT 12
#define CELL_TRAIT_TEXT	 CELL_SOURCE_TEXT /* the longest of them */

struct cell_view {
	const struct record *record; /* of several, all their cells below the first one's head */
	struct cell_sources sources;
	struct cell_summary *summary; /* a cell each */
	uint32_t *group;	      /* a cell each: the number of its group */
	uint32_t *first;	      /* a group each: its first cell, in plan order */
	uint32_t group_count;
	bool touch_percent; /* the working set is a share of the guest, not a size */
	bool type_differs;
	bool mechanism_differs; /* within one type and pin mode */
	bool trait_differs[CELL_TRAIT_COUNT];
};

/* 0 or -ENOMEM, and then nothing is held. The record must outlive the view. */
int cell_view_open(struct cell_view *v, const struct record *r);

/* The same of several records (at least one), each with what it was read from. */
int cell_view_open_several(struct cell_view *v, const struct record *const *r,
			   const char *const *name, uint32_t count);

void cell_view_close(struct cell_view *v);

/* True where both cells would be one line of a plot if their sizes differed. */
bool cell_view_same_line(const struct cell_view *v, uint32_t a, uint32_t b);

/* The same of cells whose sizes are alike and whose working sets may differ. */
bool cell_view_same_touch_line(const struct cell_view *v, uint32_t a, uint32_t b);

/* True where they differ in pin mode and mechanism (and so in chunk) at most: a fair comparison. */
bool cell_view_comparable(const struct cell_view *v, uint32_t a, uint32_t b);

/* True where both have the trait alike, or neither has it. */
bool cell_view_same_trait(const struct cell_view *v, uint32_t a, uint32_t b, enum cell_trait trait);

/* The head of the trait's column: "backing". */
const char *cell_view_trait_head(enum cell_trait trait);

/* The cell's trait for a column, "2M", and as a phrase, "chunk 2M"; "-" and "" where it has none.
 */
char *cell_view_trait_text(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			   char *buf, size_t size);
char *cell_view_trait_phrase(const struct cell_view *v, uint32_t cell, enum cell_trait trait,
			     char *buf, size_t size);

/* "backing anon, 1 vCPU, touch 10%, ...": what all cells share. "" where there are no cells. */
char *cell_view_conditions(const struct cell_view *v, char *buf, size_t size);

/* ", thp, 2 vCPUs": the traits of a cell that not all cells share. May be "". */
char *cell_view_differences(const struct cell_view *v, uint32_t cell, char *buf, size_t size);

/*
 * The pages of a cell that were pinned at the boundary, median of its samples (n 0: not known): by
 * the ledger, or where the host's count disproves that in some sample (disproved) by the host's.
 */
const struct stats_summary *cell_view_pinned(const struct cell_view *v, uint32_t cell,
					     enum pin_boundary at, bool *disproved);

/*
 * The fastest and the slowest startup of the cell's valid samples, each guest for itself; what the
 * summary has of guests at once is of rounds. False where there is none.
 */
bool cell_view_startup_range(const struct cell_view *v, uint32_t cell, double *low, double *high);

/* True where they would be comparable if their working sets were alike, and their sizes are. */
bool cell_view_touch_comparable(const struct cell_view *v, uint32_t a, uint32_t b);

/* A figure as the whole number the formats of units.h take; 0 where negative, cut at 2^63. */
uint64_t cell_view_whole(double value);

/* "io-uring", or "nothing pinned" where a sentence would say "none (none)". */
const char *cell_view_mechanism(const struct cell *c);

/* "virtual (KVMKVMKVM)" or "EMULATED (TCGTCGTCGTCG)"; hardware is "hardware". */
char *cell_view_platform(const struct record *r, char *buf, size_t size);

#endif
