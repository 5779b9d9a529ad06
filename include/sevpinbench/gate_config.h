/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_config: bounds from a file, schema "sevpinbench.gate/1" (docs/gate.schema.json). */
#ifndef SEVPINBENCH_GATE_CONFIG_H
#define SEVPINBENCH_GATE_CONFIG_H

#include "sevpinbench/fault.h"
#include "sevpinbench/gate.h"

/* Read over what config has (the defaults). A key that is not known is refused. 0 or -errno. */
int gate_config_read(struct gate_config *config, const char *path, struct fault *f);

#endif
