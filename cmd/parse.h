/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse: option values. Each returns 0 or more, or -EINVAL with the option in fault.op and what
 * is wrong in fault.object. f may be NULL where the text is known to be good.
 */
#ifndef SEVPINBENCH_CMD_PARSE_H
#define SEVPINBENCH_CMD_PARSE_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stdint.h>

/* "256M,1G" or "1G..64G" (doubling), or both mixed; no size twice. */
int parse_sizes(const char *option, const char *text, uint64_t *bytes, unsigned room,
		unsigned *count, struct fault *f);

/* "eager,none": words of the set, none twice, at most room. Returns their number. */
int parse_words(const char *option, const struct words *w, const char *text, int *value, int room,
		struct fault *f);

/*
 * "1%,512M": call item() for each, in order, until one returns less than 0. Returns what it did,
 * or 0.
 */
int parse_list(const char *option, const char *text,
	       int (*item)(void *arg, const char *item, struct fault *f), void *arg,
	       struct fault *f);

int parse_u32(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *value,
	      struct fault *f);

/* "0,2-5": CPUs this process may run on. Returns their number. */
int parse_cpus(const char *option, const char *text, int *cpu, unsigned room, struct fault *f);

/*
 * What getopt_long(3) did not like, with opterr 0: a missing value, a value too many, or an option
 * that is unknown. optopt and the argument at hand say which. Returns -EINVAL.
 */
int parse_bad_option(bool no_value, int option, const char *argument, struct fault *f);

/* "KEY=VALUE", appended to the plan's labels. */
int parse_label_text(const char *option, const char *text, struct record_plan *plan,
		     struct fault *f);

#endif
