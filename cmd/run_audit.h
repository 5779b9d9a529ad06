/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_audit: "run --audit": what the pins of each cell hold, once its samples have been taken. */
#ifndef SEVPINBENCH_CMD_RUN_AUDIT_H
#define SEVPINBENCH_CMD_RUN_AUDIT_H

#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/record.h"
#include <stdbool.h>

/*
 * Audit every cell of the record, and mark it. A cell that cannot be audited is marked with the
 * reason. Wants to be the only thread, and no guest to be running. Tells on standard error how far
 * it is, unless quiet.
 */
void run_audit(struct record *r, const struct launch_limits *limits, struct kernel_pinning *pinning,
	       bool quiet);

#endif
