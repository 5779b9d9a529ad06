/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare: two sides, cell by cell and metric by metric: by how much is NEW above BASE, and is that
 * more than chance? The methods are told in docs/statistics.md.
 */
#ifndef SEVPINBENCH_COMPARE_H
#define SEVPINBENCH_COMPARE_H

#include "sevpinbench/compare_side.h"
#include "sevpinbench/two_samples.h"

/* What must be alike on both sides, unless it is allowed to differ. First the host's, then cells'.
 */
enum compare_field {
	COMPARE_FIELD_PLATFORM,
	COMPARE_FIELD_HYPERVISOR,
	COMPARE_FIELD_CPU,
	COMPARE_FIELD_CPUS,
	COMPARE_FIELD_MICROCODE,
	COMPARE_FIELD_KERNEL,
	COMPARE_FIELD_THP,
	COMPARE_FIELD_NUMA_BALANCING,
	COMPARE_FIELD_CLOCKSOURCE,
	COMPARE_FIELD_GOVERNOR,
	COMPARE_FIELD_TYPE,
	COMPARE_FIELD_MECHANISM,
	COMPARE_FIELD_BACKING,
	COMPARE_FIELD_VCPUS,
	COMPARE_FIELD_TOUCH,
	COMPARE_FIELD_CHUNK,
	COMPARE_FIELD_PREFAULT,
	COMPARE_FIELD_PIN_THREADS,
	COMPARE_FIELD_PIN_ORDER,
	COMPARE_FIELD_POLICY,
	COMPARE_FIELD_LAUNCH_UPDATE,
	COMPARE_FIELD_NODE,
	COMPARE_FIELD_PARALLEL,
};
#define COMPARE_FIELD_COUNT 23
#define COMPARE_HOST_FIELDS 10 /* so many of them are the host's */

extern const struct words words_compare_field;

enum compare_verdict {
	COMPARE_BETTER,
	COMPARE_WORSE,
	COMPARE_SAME, /* no difference is shown; which does not show that there is none */
	COMPARE_TOO_FEW,
	COMPARE_UNLIKE,
};
#define COMPARE_VERDICT_COUNT 5

extern const struct words words_compare_verdict; /* "better", "worse", "~", "too few", "unlike" */

/* A metric of a cell on one side. */
struct compare_figure {
	uint32_t n;
	double median, least, most;
	struct stats_figure ci_low, ci_high; /* 95%, of the median */
	double apart;	/* between the medians of the sources that are farthest apart; 0 for one */
	bool disagrees; /* the sources differ by more than their noise explains */
	bool has_waves;
	double wave[STATS_WAVES]; /* see stats_waves() */
	double rise;		  /* from the first to the last sample; see stats_rise() */
};

struct compare_row {
	uint32_t base_cell, new_cell; /* indices of the sides' cells */
	enum compare_metric metric;
	struct compare_figure base, new;
	bool exact;		  /* compared as counts; no p */
	struct stats_shift shift; /* Hodges-Lehmann, with its 95% interval; exact: the difference */
	struct stats_figure relative; /* shift by the base's median; unknown where that is 0 */
	double inflation;	      /* see stats_inflation() */
	struct stats_test test;
	double p;		 /* two-sided, adjusted (Holm) for all rows of the comparison */
	struct stats_shift wide; /* the interval with 5% beyond each end, for the gate */
	enum compare_verdict verdict;
};

/* A cell that has no partner; fields says in what the nearest one differs, 0 where there is none.
 */
struct compare_lone {
	bool is_base;
	uint32_t cell;
	uint32_t fields;
};

struct compare {
	const struct compare_side *base, *new; /* must outlive it */
	double alpha;
	uint32_t differ; /* fields of the hosts that differ and were allowed to */
	uint32_t row_count, row_room, tested;
	struct compare_row *row; /* owned */
	uint32_t lone_count, lone_room;
	struct compare_lone *lone; /* owned */
};

/*
 * Fields (bits) in which any source differs from the first of base. *which: such a source, for a
 * message; untouched where there are none.
 */
uint32_t compare_unlike(const struct compare_side *base, const struct compare_side *new,
			const struct compare_source **which);

/* Fields (bits) in which two cells differ; the highest bit: pin mode or size. Notes do not count.
 */
uint32_t compare_cells_differ(const struct cell *a, const struct cell *b);

/* The value of a host's field for people. buf of 300 bytes is enough. Returns buf. */
const char *compare_field_text(const struct host_facts *h, enum compare_field field, char *buf,
			       size_t size);

/*
 * Compare two finished sides. allow: fields (bits) of cells in which partners may differ, and of
 * hosts; alpha: the family-wise error, two-sided. The caller refuses unlike hosts before.
 * 0, -EEXIST where a campaign stands on both sides, or -ENOMEM; on failure nothing is held.
 */
int compare_open(struct compare *c, const struct compare_side *base, const struct compare_side *new,
		 uint32_t allow, double alpha, struct fault *f);
void compare_close(struct compare *c);

/* EMULATED hosts on any side: their times are an interpreter's, and every rendering says so. */
bool compare_is_emulated(const struct compare *c);

#endif
