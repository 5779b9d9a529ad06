/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate_judge: baseline and new results read and judged. Reads foreign documents: whoever calls it
 * has given up first what that has no use for (reading.h).
 */
#ifndef SEVPINBENCH_CMD_GATE_JUDGE_H
#define SEVPINBENCH_CMD_GATE_JUDGE_H

#include "gate_output.h"
#include "run_options.h"
#include "sevpinbench/gate.h"
#include "sides.h"
#include <stdbool.h>
#include <stdint.h>

/* Labels of what was measured more than once: "1: NAME-again-1.json", "1 of 2: of NAME.json". */
#define GATE_LABEL_RERUNS "gate-reruns"
#define GATE_LABEL_RERUN  "gate-rerun"

/* What "sevpinbench gate" was asked for. */
struct gate_options {
	unsigned baseline_count;
	const char *baseline[COMPARE_SOURCES];
	const char *folder, *config;
	uint32_t allow;
	struct gate_output output;
	bool run, help;
	uint32_t reruns;
	struct run_options campaign; /* of --run: seed, output, quiet */
};

/*
 * Each of the baseline's results, through sides_read_by(): what is named is looked for below the
 * fingerprint of host; whose it is, for a message. An exit code.
 */
int gate_read_baseline(const char *verb, const struct gate_options *o,
		       const struct host_facts *host, const char *whose,
		       int (*take)(void *arg, const char *path, const struct record *r,
				   struct compare_stage *stage, struct fault *f),
		       void *arg);

/* The bounds: the defaults, and over them what the config says. An exit code. */
int gate_read_config(const char *verb, const struct gate_options *o, struct gate_config *config);

/* A verdict from the results given as operands (NULL behind the last), printed. An exit code. */
int gate_judge_files(const char *verb, const struct gate_options *o, char **results);

/*
 * A verdict on one new result, and on those (n - 1 of them) for which what looked worse was
 * measured again. While there are suspects and fewer than o->reruns of these, nothing is printed:
 * *suspects of the figures are to be measured again, in the cells of the baseline that measure
 * (room for cells) has true; else it is printed and *suspects is 0. Where cells were measured
 * again, the first document gets a label that names the others. An exit code.
 */
int gate_judge_again(const char *verb, const struct gate_options *o, char **result, unsigned n,
		     uint32_t cells, bool *measure, uint32_t *suspects);

#endif
