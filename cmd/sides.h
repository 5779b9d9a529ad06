/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sides: results read for a comparison, and refused where they are not alike. */
#ifndef SEVPINBENCH_CMD_SIDES_H
#define SEVPINBENCH_CMD_SIDES_H

#include "sevpinbench/compare.h"
#include <stdint.h>

/* Read a result into a side. An exit code, the failure told. */
int sides_read(const char *verb, struct compare_side *side, const char *path);

/*
 * Read a result and hand it to take, which closes the stage and returns 0 or -errno: -EEXIST and
 * -E2BIG are told as wrong use. An exit code, the failure told.
 */
int sides_read_by(const char *verb, const char *path,
		  int (*take)(void *arg, const char *path, const struct record *r,
			      struct compare_stage *stage, struct fault *f),
		  void *arg);

/*
 * Begin to read a result that will be asked for after others, in a thread of its own; NULL: none.
 * One at a time: where one was begun and not asked for yet, nothing is done.
 */
void sides_read_ahead(const char *path);

/* Nobody will ask for it any more. */
void sides_read_none(void);

/* Tell in which fields (bits) the hosts of two results differ. EXIT_UNTRUSTED. */
int sides_refuse(const char *verb, const struct compare_source *first,
		 const struct compare_source *which, uint32_t differ);

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
