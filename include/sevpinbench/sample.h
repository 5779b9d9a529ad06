/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample: what one start of one cell gave. Plain data; filled by launch/, read by report/.
 *
 * There may be millions, so a struct sample holds what every sample has and little more. What is
 * rare or mostly zeros it only points to: texts, the distribution of faults, counts. A sample that
 * is being filled points into a struct sample_room, which has place for all there can be; one that
 * is kept points to just what it has, in its record (record_keep()).
 */
#ifndef SEVPINBENCH_SAMPLE_H
#define SEVPINBENCH_SAMPLE_H

#include "sevpinbench/fault.h"
#include "sevpinbench/histogram.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_DETAIL_LEN 256
#define SAMPLE_NO_COUNT	  (-1) /* a count that could not be read */

/* Counts in 4 KiB pages; SAMPLE_NO_COUNT where unreadable or the boundary was not reached. */
struct pin_point {
	int64_t ledger_pages; /* what this tool pinned, by its own account */
	int64_t vmpin_pages;  /* VmPin of this process */
	int64_t host_pages;   /* host-wide, as read: not relative to "before" */
};

#define SAMPLE_FAULT_STEPS 64

/* Demand faults served in user space; all 0 where there were none. */
struct fault_times {
	uint64_t count, p50_ns, p90_ns, p99_ns, p999_ns, max_ns, sum_ns;
	/* Their distribution (histogram_steps()); steps 0: not kept, as in documents of old. */
	uint32_t steps;
	struct histogram_step *step;
};

/* What is counted: KVM's figures, each by its enum guest_stat, and cache flushes on all CPUs. */
#define SAMPLE_FLUSHES	   GUEST_STAT_COUNT
#define SAMPLE_COUNT_ROWS  (GUEST_STAT_COUNT + 1)
#define SAMPLE_COUNTS	   (SAMPLE_COUNT_ROWS * PHASE_COUNT)
#define SAMPLE_COUNT_WORDS ((SAMPLE_COUNTS + 63) / 64)

/*
 * What was counted while a phase ran: by how much it rose. For figures of the present (pages
 * mapped), by how much it changed. Most of them are 0: bit i of "moved" says that number i, row by
 * row and phase by phase, is in count[]; those of other bits are 0 and left out there.
 */
struct phase_counts {
	uint32_t flushes_known; /* 0 or 1 */
	uint32_t stats_known;	/* bit i: enum guest_stat i */
	uint64_t moved[SAMPLE_COUNT_WORDS];
	int64_t *count;
};

struct sample {
	uint32_t order; /* place in the campaign's run order, from 0, warm-ups included; the guests
			   of a round share one */
	uint32_t guest; /* its number in its round, from 0; 0 begins a round */
	uint64_t start_ns; /* since the campaign's start */
	uint64_t first_ns; /* the same, when its first instruction was seen; 0: it was not */
	uint64_t phases_ns[PHASE_COUNT];
	uint32_t phases_done; /* bit i: phase i was completed and its time holds */
	uint32_t flags;	      /* bit i: enum sample_flag i */
	struct pin_point pins[PIN_BOUNDARY_COUNT];
	struct fault_times faults;
	struct phase_counts counts;
	uint64_t encrypted_bytes;	     /* at launch; 0 for vm */
	uint64_t touched_pages;		     /* by the guest's own count, all vCPUs */
	uint64_t minor_faults, major_faults; /* of this process during the sample (getrusage) */
	char *detail;			     /* why a flag is set; may be empty, or NULL */
	struct fault *failure; /* set where FAILED or INTERRUPTED is; else unset, or NULL */
};

/* A sample with room for all it can have. The sample's pointers are into the room. */
struct sample_room {
	struct sample sample;
	int64_t count[SAMPLE_COUNT_ROWS][PHASE_COUNT];
	struct histogram_step step[SAMPLE_FAULT_STEPS];
	char detail[SAMPLE_DETAIL_LEN];
	struct fault failure;
};

/* Point the sample at its room, which has moved or was filled member by member. */
void sample_room_tie(struct sample_room *room);

/* Make it an empty sample in an empty room, tied. */
void sample_room_clear(struct sample_room *room);

/* Make it a copy of a sample that points to another place. */
void sample_room_copy(struct sample_room *room, const struct sample *s);

/* The flag's bit. */
#define SAMPLE_BIT(flag) (1u << (flag))

/* The phases that only SEV guests have, as bits of phases_done. */
#define SAMPLE_SEV_PHASES                                                              \
	(1u << PHASE_SEV_INIT | 1u << PHASE_LAUNCH_START | 1u << PHASE_LAUNCH_UPDATE | \
	 1u << PHASE_LAUNCH_UPDATE_VMSA | 1u << PHASE_LAUNCH_MEASURE | 1u << PHASE_LAUNCH_FINISH)

/* How often something (a row of the counts) was counted in a phase. */
int64_t sample_count(const struct sample *s, unsigned row, enum phase p);

/* Why a flag is set, "" where nothing says; and whether there is a failure. */
const char *sample_detail(const struct sample *s);

/*
 * Set a flag and tell why, as printf() makes it, behind what is told already. Only of a sample with
 * a room (its detail is SAMPLE_DETAIL_LEN bytes, and what is more is cut).
 */
void sample_confess(struct sample *s, enum sample_flag flag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool sample_has_failure(const struct sample *s);

/* True where the phase was completed. */
bool sample_has_phase(const struct sample *s, enum phase p);

/*
 * Startup latency: all phases up to and with first-instruction. false where one is missing.
 * The second leaves the prefault phase out.
 */
bool sample_startup_ns(const struct sample *s, uint64_t *ns);
bool sample_startup_without_prefault_ns(const struct sample *s, uint64_t *ns);

/* Working-set latency: startup + touch. false where the touch was not completed. */
bool sample_working_set_ns(const struct sample *s, uint64_t *ns);

/* Cache flushes on all CPUs in the whole sample. false where they could not be counted. */
bool sample_flushes(const struct sample *s, int64_t *flushes);

/* A sample whose times may enter a summary: not failed, leaked, timed out or interrupted. */
bool sample_is_valid(const struct sample *s);

/*
 * The guests that started at once are samples behind one another, the first of which has the number
 * 0; a guest alone is a round of one. Where the round that begins at sample "at" ends: the next
 * one's first, or count.
 */
uint32_t sample_round_end(const struct sample *s, uint32_t count, uint32_t at);

/*
 * True where all guests of a round are there and valid. In others fewer guests than the cell says
 * contended, so that their times are no measurement of it.
 */
bool sample_round_is_whole(const struct sample *s, uint32_t count, uint32_t guests);

/*
 * Of a whole round: from its first guest's start to its last guest's first instruction, by the
 * clock on the wall; and how far the guests' starts were apart. false where it is not known.
 */
bool sample_round_up_ns(const struct sample *s, uint32_t guests, uint64_t *ns);
uint64_t sample_round_spread_ns(const struct sample *s, uint32_t guests);

#endif
