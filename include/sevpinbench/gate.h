/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate: a comparison as a verdict for CI: did it get worse by more than it may? A metric fails only
 * where the change is significant at the family-wise level and larger than both of its bounds;
 * where noise would hide a change of twice the bound, the gate says that it can't tell. What this
 * promises, and how it was tried, is in docs/statistics.md.
 */
#ifndef SEVPINBENCH_GATE_H
#define SEVPINBENCH_GATE_H

#include "sevpinbench/compare.h"

#define GATE_RULES  256
#define GATE_ALPHA  0.01 /* false alarms of a whole gate run, at most */
#define GATE_POWER  0.95 /* with which a change of twice the bound is found */
#define GATE_TWICE  2.0
#define GATE_RERUNS 9 /* so often can a suspect be measured again */

/* What a metric may do to the verdict. */
enum gate_need {
	GATE_REQUIRED, /* fail, and can't tell */
	GATE_WATCHED,  /* fail only: noise is not held against the run */
	GATE_OFF,      /* shown by compare, not judged */
};
#define GATE_NEED_COUNT 3

extern const struct words words_gate_need; /* "required", "watched", "off" */

/* What may change by how much. Numbers below 0 (need: -1) leave what an earlier rule said. */
struct gate_rule {
	int metric;				 /* enum compare_metric; -1 all */
	int guest_type, pin, mechanism, backing; /* enums of words.h; -1 any */
	uint64_t guest_bytes;			 /* 0 any */
	double relative;			 /* of the base's median: 0.05 */
	double absolute;			 /* in the metric's unit */
	int need;
};

struct gate_config {
	double alpha, power;
	uint32_t rule_count; /* in order: a later one overrules */
	struct gate_rule rule[GATE_RULES];
};

enum gate_verdict {
	GATE_PASS,
	GATE_FAIL,
	GATE_CANT_TELL, /* required, and noise or too few samples hide what is asked for */
	GATE_NOISY,	/* the same of a watched one */
	GATE_NOT_JUDGED,
};
#define GATE_VERDICT_COUNT 5

extern const struct words words_gate_verdict; /* "pass", "FAIL", "can't tell", "noisy", "off" */

/* What a fresh set of samples said of a suspect, judged alone against the same base. */
struct gate_again {
	uint32_t n;
	double shift; /* in the metric's unit */
	double p;     /* one-sided, adjusted for the suspects of that set */
	enum gate_verdict verdict;
};

struct gate_row {
	const struct compare_row *row;
	double bound;	   /* in the metric's unit: the larger of both bounds */
	double detectable; /* a change that would be found with the power asked for; 0 exact */
	double p;	   /* one-sided (worse), adjusted; 1 where not tested */
	uint32_t runs;	   /* can't tell, noisy: so many runs a side would do; 0 unknown */
	enum gate_verdict verdict;
	uint32_t again_count; /* 0: was no suspect, or was not measured again */
	struct gate_again again[GATE_RERUNS];
};

struct gate {
	const struct compare *compare; /* must outlive it */
	const struct gate *of; /* judges its suspects alone, from a fresh set; NULL: judges all */
	uint32_t reruns;       /* fresh sets that were taken in; where they come from */
	const struct compare_side *again[GATE_RERUNS]; /* must outlive it */
	struct gate_config config;
	uint32_t tested; /* the family's size */
	double drift; /* of the host: so many times the variance of independent samples; from 1 */
	double trend; /* does it go up or down: from 0, as by chance, to 1, for certain */
	uint32_t count[GATE_VERDICT_COUNT];
	uint32_t missing;	   /* cells of the baseline that NEW lacks: can't tell */
	uint32_t runs;		   /* the most that any required row asks for, a side */
	uint32_t more;		   /* the most by which NEW lacks them */
	struct gate_row *row;	   /* owned; one a row of the comparison */
	enum gate_verdict verdict; /* GATE_PASS, GATE_FAIL or GATE_CANT_TELL */
};

/* The default bounds, with their reasons in gate.c and sevpinbench-gate(1). */
void gate_config_default(struct gate_config *config);

/* Judge a comparison. 0 or -ENOMEM, and then nothing is held. */
int gate_open(struct gate *g, const struct compare *c, const struct gate_config *config);

/*
 * A suspect is a row that failed by a test, which chance can do too. (What is counted exactly, and
 * what must not happen at all, has no noise to be blamed.) How many there are; measure, where it is
 * not NULL, has room for the base's cells and gets true for those that are to be measured again.
 */
uint32_t gate_suspects(const struct gate *g, bool *measure);

/*
 * Take in a fresh set of samples of the suspects' cells, compared with the same base. It alone
 * decides about each suspect: it fails again; or passes, where a change of its bound can be
 * excluded; or can't be told. Only the side must outlive it. 0 or -ENOMEM; then nothing has
 * changed. At most GATE_RERUNS times.
 */
int gate_again(struct gate *g, const struct compare *fresh);
void gate_close(struct gate *g);

#endif
