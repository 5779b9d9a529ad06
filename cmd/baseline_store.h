/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline_store: results kept under a name, a folder a machine:
 * FOLDER/FINGERPRINT/NAME.1.json, NAME.2.json, ...
 */
#ifndef SEVPINBENCH_CMD_BASELINE_STORE_H
#define SEVPINBENCH_CMD_BASELINE_STORE_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stddef.h>

#define BASELINE_FOLDER "results/baselines"
#define BASELINE_PATH	4096
#define BASELINE_MOST	64 /* results in one */

/* A name is a word of letters, digits and .-_ that begins with a letter or digit. 0 or -EINVAL. */
int baseline_check_name(const char *name, struct fault *f);

/* True where the text of --baseline is a file's and not a baseline's name. */
bool baseline_is_file(const char *text);

/* The path of result number i, from 1. Returns buf of BASELINE_PATH bytes. */
char *baseline_path(const char *folder, const char *fingerprint, const char *name, unsigned i,
		    char *buf);

/* How many results the baseline has: 0 where there is none of that name. */
unsigned baseline_count(const char *folder, const char *fingerprint, const char *name);

#endif
