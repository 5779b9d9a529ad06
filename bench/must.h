/* SPDX-License-Identifier: GPL-2.0-or-later */
/* must: what fails ends a benchmark, for there is nothing to compare with. */
#ifndef BENCH_MUST_H
#define BENCH_MUST_H

#include "sevpinbench/fault.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A system call, or what tells by errno. */
#define MUST(call)                                                                            \
	do {                                                                                  \
		if ((call) < 0) {                                                             \
			fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, #call, \
				strerror(errno));                                             \
			exit(3);                                                              \
		}                                                                             \
	} while (0)

/* A call of the library, which fills the fault f. */
#define WORK(call)                                                                            \
	do {                                                                                  \
		struct fault f = {0};                                                         \
		char text[512];                                                               \
		if ((call) < 0) {                                                             \
			fault_text(&f, text, sizeof(text));                                   \
			fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, #call, \
				text);                                                        \
			exit(3);                                                              \
		}                                                                             \
	} while (0)

#endif
