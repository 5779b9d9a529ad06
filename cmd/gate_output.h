/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_output: which renderings of a gate's verdict go where. */
#ifndef SEVPINBENCH_CMD_GATE_OUTPUT_H
#define SEVPINBENCH_CMD_GATE_OUTPUT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/gate.h"
#include "sevpinbench/words.h"

#define GATE_FORMAT_COUNT 6
#define GATE_OUTPUTS	  8

extern const struct words words_gate_format; /* "table", "json", .. */

struct gate_output {
	unsigned count; /* 0: the table, to standard output */
	struct {
		int format;
		char path[1024]; /* "": standard output */
	} to[GATE_OUTPUTS];
};

/* "github,junit=gate.xml", added to what there is. 0 or -EINVAL. */
int gate_output_parse(struct gate_output *o, const char *text, struct fault *f);

/* Write all of them. An exit code, failures told. */
int gate_output_print(const char *verb, const struct gate_output *o, const struct gate *g);

#endif
