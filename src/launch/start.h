/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start: everything of one start of a guest. Private to launch/. */
#ifndef SEVPINBENCH_LAUNCH_START_H
#define SEVPINBENCH_LAUNCH_START_H

#include "placement.h"
#include "sevpinbench/boot.h"
#include "sevpinbench/cell.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/guest_stats.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/snp.h"
#include "sevpinbench/vcpu.h"
#include "sevpinbench/vcpu_team.h"
#include "sevpinbench/vm.h"

/* What is read between two steps, and what it was when last read. */
struct observer {
	struct guest_stats vm, vcpu[BOOT_MAX_VCPUS];
	uint32_t vcpus; /* whose figures are open */
	int64_t stats[GUEST_STAT_COUNT];
	int64_t flushes;
};

struct start {
	const struct cell *cell;
	struct observer observer;
	struct vm vm;
	int sev_fd; /* /dev/sev; -1 for guests that are not SEV */
	uint64_t encrypted_bytes;
	unsigned char measurement[SEV_MEASUREMENT_BYTES];
	unsigned char zeros[UNITS_PAGE_BYTES]; /* never written */
	struct vcpu_cpuid cpuid;
	struct guest_memory memory;
	int guest_memfd; /* an SEV-SNP guest's private memory; -1 for others */
	struct boot_config boot;
	struct placement placement;
	struct gang prefaulters; /* count 0: the caller alone */
	struct pin pin;
	struct vcpu_team team;
};

/* One timed step of a start. */
struct step {
	enum phase phase;
	int (*run)(struct start *s, struct fault *f);
	int boundary; /* pins are counted after it: enum pin_boundary, or -1 */
	bool (*wanted)(const struct cell *c); /* NULL: by every cell */
};

/* The steps up to the end of the touching, in order; each needs those before it. */
extern const struct step start_steps[];
extern const unsigned start_step_count;

/* The steps that take it down again; all are run, whatever was reached. They do not fail. */
extern const struct step end_steps[];
extern const unsigned end_step_count;

/*
 * Look, before the first step and after each one, at what the kernel counts: pins at the step's
 * boundary, cache flushes, KVM's figures. Never between timestamps. observe_resume() where others
 * have looked at the guest since: their flushes do not count. observe_close() before the guest is
 * taken down, for open figures keep a VM alive; flushes are counted on.
 */
void observe_begin(struct launch *l);
void observe_step(struct launch *l, const struct step *step, struct sample_room *out);
void observe_resume(struct launch *l);
void observe_close(struct launch *l);

/* Count pins at a boundary: ledger, VmPin, host. Not between timestamps. */
void pin_points_count(struct pin_counters *c, const struct start *start, enum pin_boundary b,
		      struct sample *s);

/*
 * Compare the three accounts at every boundary that was reached, and set the flags that say where
 * they disagree and why. Waits up to a second for the host's count to come back to what it was
 * before the start; what then remains is a leak, unless another process is to blame. Where the host
 * is not asked, for its count is of several guests, only what this process has pinned is compared.
 */
void pin_points_judge(struct pin_counters *c, const struct cell *cell, bool ask_host,
		      struct sample *s);

/* A sample without anything in it: no phase, no count; in a room that is empty. */
void launch_blank(struct sample_room *room, uint32_t order, uint64_t epoch_ns);

/* What a step that begins a phase may take, before the guest is given up. */
uint64_t launch_step_time_ns(enum phase p, const struct cell *c);

/* Switch the kernel to the pin mode that the cell's mechanism needs. 0 or -errno. */
int launch_switch_pinning(struct kernel_pinning *k, const struct cell *c, struct fault *f);

/* The processes of rounds (launch_options.guests). round_close() is safe on NULL. */
int round_open(struct launch *l, struct fault *f);
void round_close(struct round *r);

#endif
