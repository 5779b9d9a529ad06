/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: will the guest that is asked for work on this host, and if not, what is to be done? A
 * tree of checks, each a row of a table in src/check/; a report has one result a row.
 */
#ifndef SEVPINBENCH_CHECK_H
#define SEVPINBENCH_CHECK_H

#include "sevpinbench/fault.h"
#include "sevpinbench/host.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_ROWS     96 /* the table has fewer */
#define CHECK_TEXT     512
#define CHECK_FIX_TEXT 1024

enum check_verdict { CHECK_PASS, CHECK_WARN, CHECK_FAIL, CHECK_SKIP, CHECK_INFO };
#define CHECK_VERDICT_COUNT 5
extern const struct words words_check_verdict; /* "PASS" */

struct check_context; /* what is looked at once for all rows; check/'s own */
struct check_result;

/* A row of the table. */
struct check {
	const char *id;	    /* "kvm-sev": never changes its meaning */
	const char *parent; /* the id of an earlier row, perhaps of another group; NULL: none */
	const char *title;  /* what is asked, a few words */
	unsigned types;	    /* bit i: guest type i needs it, so that it can FAIL */
	unsigned modes;	    /* the same for pin modes */
	const char *reads;  /* where it looks: a file, CPUID leaf, call */
	const char *expected, *why;
	const char *fix; /* of a WARN or FAIL that gives no other; may be NULL */
	void (*look)(const struct check_context *c, struct check_result *r);
};

/* Rows that are about the same thing, in the order in which they are asked. */
struct check_group {
	const char *title; /* "processor" */
	const struct check *rows;
	size_t count;
};

struct check_result {
	const struct check *check;
	const struct check_group *group;
	enum check_verdict verdict;
	unsigned depth; /* below its parent in the same group, from 0 */
	bool needed;	/* by the guest that is asked for */
	bool absent;	/* what it asks for is not there, whatever the verdict: no use in asking
			   its children */
	bool unseen;	/* a permission is lacking to look */
	char found[CHECK_TEXT], expected[CHECK_TEXT];
	char fix[CHECK_FIX_TEXT]; /* commands or lines of a file, one a line; may be empty */
};

struct check_request {
	bool type_auto; /* guest_type is chosen as "run" does: sev where it works, else vm */
	enum guest_type guest_type;
	uint64_t guest_bytes;
	enum pin_mode pin;
	bool experiment; /* start a small guest, to see what the kernel pins and when */
};

struct check_report {
	struct check_request asked; /* with the guest type that was chosen */
	struct host_facts host;
	uint32_t count;
	struct check_result result[CHECK_ROWS];
	uint32_t tally[CHECK_VERDICT_COUNT];
	bool unseen; /* something that the guest needs could not be looked at */
};

/*
 * Ask everything. Returns 0 whatever was found, -EINVAL where size and mode are none that a guest
 * can have (the option in the fault), or -ENOMEM. With asked->experiment it starts guests and so
 * uses stop_set_hook() and stop_alarm(). Leaves nothing behind.
 */
int check_run(const struct check_request *asked, struct check_report *report, struct fault *f);

/* The whole table: groups that hold every row, for whoever lists them. */
extern const struct check_group *const check_groups[];
extern const size_t check_group_count;

#endif
