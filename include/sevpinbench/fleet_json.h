/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet_json: a fleet as a document (docs/fleet.schema.json). */
#ifndef SEVPINBENCH_FLEET_JSON_H
#define SEVPINBENCH_FLEET_JSON_H

#include "sevpinbench/fleet.h"
#include <stdio.h>

/* Schema "sevpinbench.fleet/1", of a finished fleet. 0 or -ENOMEM. Errors of writing stay in out.
 */
int fleet_json_print(const struct fleet *f, FILE *out);

#endif
