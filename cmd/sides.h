/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sides: results read for a comparison, and refused where they are not alike. */
#ifndef SEVPINBENCH_CMD_SIDES_H
#define SEVPINBENCH_CMD_SIDES_H

#include "sevpinbench/compare.h"
#include <stdint.h>

/* Read a result into a side. An exit code, the failure told. */
int sides_read(const char *verb, struct compare_side *side, const char *path);

/*
 * Finish both sides and compare them. Where they are unlike in fields that are not allowed, the
 * fields are told and EXIT_UNTRUSTED comes back. An exit code.
 */
int sides_compare(const char *verb, struct compare *c, struct compare_side *base,
		  struct compare_side *new, uint32_t allow, double alpha);

/* "kernel,microcode": fields that may differ, into bits. 0 or -EINVAL. */
int sides_parse_allow(const char *text, uint32_t *allow, struct fault *f);

/* A share between 0 and 1, both excluded: an error rate. 0 or -EINVAL. */
int sides_parse_share(const char *option, const char *text, double *share, struct fault *f);

#endif
