/* SPDX-License-Identifier: GPL-2.0-or-later */
/* campaign: warm-up, then all samples of all cells, in shuffled order, into a record. */
#ifndef SEVPINBENCH_CAMPAIGN_H
#define SEVPINBENCH_CAMPAIGN_H

#include "sevpinbench/fault.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdint.h>

/* Where a campaign stands, between two samples. */
struct campaign_progress {
	uint32_t done, total; /* samples, warm-ups included; guests at once are one */
	uint64_t elapsed_ns;
	uint64_t left_ns;   /* estimate from the samples taken so far; 0 while there is none */
	uint32_t next_cell; /* the cell of the sample to come; meaningless at the end */
};

/* Whoever watches: told outside the timed parts, in the campaign's own thread. */
struct campaign_observer {
	void *arg;
	/* Before each sample and once at the end. May be NULL. */
	void (*progress)(void *arg, const struct campaign_progress *p);
	/*
	 * A sample was taken; it is put into the record next. A value below 0 ends the campaign
	 * (a journal that cannot be written): it is what campaign_run() returns.
	 */
	int (*sampled)(void *arg, uint32_t cell, bool warmup, const struct sample *s,
		       struct fault *f);
};

/* The most guests that a cell of the record starts at once: launch_options.guests. */
uint32_t campaign_guests(const struct record *r);

/*
 * Make room in the record for plan.warmup and plan.runs samples of each cell, each as often as it
 * has guests at once, touched beforehand so that measuring allocates nothing. To be called when the
 * launch is open, whose processes have no use for copies. 0, -E2BIG, or -ENOMEM also where the host
 * lacks the memory for them.
 */
int campaign_reserve(struct record *r, struct fault *f);

/*
 * Take plan.warmup warm-ups and plan.runs samples of each cell. A round takes one sample of
 * every cell, in an order shuffled anew by plan.seed, so that a drift of the host meets all cells
 * alike. Before each sample memory is checked again; one for which there is none has failed.
 * Sets record.complete, or stopped_by where stop_signal() ended it.
 * Returns 0 (also where a signal ended it), or the observer's -errno.
 */
int campaign_run(struct record *r, struct launch *l, const struct launch_limits *limits,
		 const struct campaign_observer *o, struct fault *f);

#endif
