/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_summary: the samples of one cell as figures. Only valid samples enter (sample_is_valid);
 * a time or count that a sample does not have is left out of its figure alone, so each figure
 * carries its own n.
 *
 * Guests that start at once contend for the same things at the same time: they are no independent
 * measurements. So a round of them enters as one value: of a time the median of its guests, of a
 * count their mean; n is the number of rounds. A round of which a guest failed does not enter.
 */
#ifndef SEVPINBENCH_CELL_SUMMARY_H
#define SEVPINBENCH_CELL_SUMMARY_H

#include "sevpinbench/record.h"
#include "sevpinbench/stats.h"
#include <stdint.h>

struct cell_summary {
	uint32_t taken, valid;	       /* samples, warm-ups not counted */
	uint32_t rounds, whole_rounds; /* of guests at once; of a guest alone, as above */
	struct stats_summary startup_ns, startup_without_prefault_ns, working_set_ns;
	struct stats_summary flushes;		     /* on all CPUs, in the whole sample */
	struct stats_summary encryption_bytes_per_s; /* of the launch updates */
	/* While the guest touches: its own count of pages, and what KVM counted. */
	struct stats_summary touched_pages, touch_exits, touch_faults;
	struct stats_summary phase_ns[PHASE_COUNT];
	struct stats_summary ledger_pages[PIN_BOUNDARY_COUNT];
	/* Risen since the boundary "before": what this sample added to the kernel's counts; of the
	   host's count a guest's share of what its round added. */
	struct stats_summary vmpin_rise_pages[PIN_BOUNDARY_COUNT];
	struct stats_summary host_rise_pages[PIN_BOUNDARY_COUNT];
	/* Of guests at once, n 0 for others: sample_round_up_ns(), the slowest guest's startup, how
	   far the starts were apart. */
	struct stats_summary round_up_ns, slowest_startup_ns, round_spread_ns;
};

/* Summarise a cell. 0 or -ENOMEM (out is then zeroed). A cell without samples has n 0 everywhere.
 */
int cell_summary_make(const struct record_cell *c, struct cell_summary *out);

#endif
