/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet: the results of many hosts, grouped by host, kernel, processor or microcode: each group's
 * figures, how far apart equal ones are, and which of them is far from the others. The method is
 * told in docs/statistics.md.
 */
#ifndef SEVPINBENCH_FLEET_H
#define SEVPINBENCH_FLEET_H

#include "sevpinbench/compare.h"

#define FLEET_NAME 300

enum fleet_by { FLEET_BY_HOST, FLEET_BY_KERNEL, FLEET_BY_CPU, FLEET_BY_MICROCODE };
#define FLEET_BY_COUNT 4

extern const struct words words_fleet_by; /* "host", "kernel", .. */

enum fleet_verdict {
	FLEET_USUAL,
	FLEET_OUTLIER,
	FLEET_TOO_FEW, /* far, but no difference, however great, could be significant */
	FLEET_ALONE,   /* fewer than two others that are alike: nobody can tell which is odd */
};
#define FLEET_VERDICT_COUNT 4

extern const struct words words_fleet_verdict; /* "~", "outlier", "too few", "-" */

/* All results of one host, or of one kernel. */
struct fleet_group {
	char name[FLEET_NAME]; /* as in the results: may be hostile */
	struct compare_side side;
	uint32_t alike; /* the number of its class: groups whose hosts are alike in all fields but
			   the one that groups are made by */
};

/* A metric of a cell in one group. */
struct fleet_row {
	uint32_t group, cell; /* cell: of the fleet's */
	/* The group as new, all others of its class pooled as base: where there are any. */
	struct compare_row with;
	uint32_t others; /* so many of its class have the metric, itself not counted */
	double usual;	 /* so far from the middle of the class a median may be */
	double middle;	 /* the median of the class's medians */
	double p;	 /* two-sided, adjusted (Holm) for all rows that were tested */
	bool tested;
	enum fleet_verdict verdict;
};

/* How far apart the medians of alike groups are; two or more of them. */
struct fleet_spread {
	uint32_t cell, alike, groups;
	enum compare_metric metric;
	double least, middle, most;
};

struct fleet {
	enum fleet_by by;
	double alpha;
	uint32_t group_count, group_room;
	struct fleet_group *group; /* owned; by name once finished */
	uint32_t class_count;	   /* of alike groups */
	uint32_t cell_count, cell_room;
	struct cell *cell; /* owned; of all groups */
	uint32_t row_count, row_room, tested;
	struct fleet_row *row; /* owned; by cell, metric, class and group */
	uint32_t spread_count, spread_room;
	struct fleet_spread *spread; /* owned; by cell, metric and class */
};

/*
 * Take a result into its group, as compare_side_take(). A fleet starts zeroed but for by and alpha.
 * 0 or -errno.
 */
int fleet_take(struct fleet *f, const char *path, const struct record *r,
	       struct compare_stage *stage, struct fault *fault);

/*
 * Host fields (bits), other than those allowed, in which results of one group differ, so that they
 * should not be pooled; the first such two are in *first and *which. 0 where there are none.
 */
uint32_t fleet_unlike(const struct fleet *f, uint32_t allow, const struct compare_source **first,
		      const struct compare_source **which);

/* After the last result: classes, rows, spreads and verdicts. 0 or -ENOMEM. */
int fleet_finish(struct fleet *f);

/* The first group of a class. */
const struct fleet_group *fleet_class(const struct fleet *f, uint32_t alike);

/* Host fields (bits) in which a class differs from the first. */
uint32_t fleet_class_differs(const struct fleet *f, uint32_t alike);

/* The group's number of the fleet's cell, or UINT32_MAX where it was not measured there. */
uint32_t fleet_cell_of(const struct fleet_group *g, const struct cell *cell);

/* Any host was EMULATED. */
bool fleet_is_emulated(const struct fleet *f);

/* Free all. Safe on a zeroed fleet. */
void fleet_close(struct fleet *f);

#endif
