/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: what do the pins really hold? A table of tests, each an experiment with small guests on
 * this kernel; a report has one result a test. A kernel that says "registered" has not said that
 * the guest's pages cannot move.
 */
#ifndef SEVPINBENCH_AUDIT_H
#define SEVPINBENCH_AUDIT_H

#include "sevpinbench/cell.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/host.h"
#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/words.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_TESTS 48 /* the table has fewer */
#define AUDIT_TEXT  512

/* What a guest must be: whole huge pages and chunks, and small enough to look at each page. */
#define AUDIT_MIN_BYTES	 (4ULL << 20)
#define AUDIT_MAX_BYTES	 (1ULL << 30)
#define AUDIT_UNIT_BYTES (2ULL << 20)

struct audit_context; /* what the tests share; audit/'s own */
struct audit_result;

/* A row of the table. */
struct audit_test {
	const char *id;	    /* "own-pages-read": never changes its meaning */
	const char *title;  /* what a right kernel does, one sentence */
	const char *source; /* where that is said */
	void (*run)(struct audit_context *c, struct audit_result *r);
};

/* Tests of one subject, in the order in which they are made. */
struct audit_subject {
	const char *title;
	const struct audit_test *tests;
	size_t count;
};

struct audit_result {
	const struct audit_test *test;
	enum audit_verdict verdict;
	bool unseen; /* a permission is lacking to look */
	char expected[AUDIT_TEXT], found[AUDIT_TEXT];
	char consequence[AUDIT_TEXT]; /* of a FAIL; else empty */
};

struct audit_request {
	bool type_auto; /* sev where it works, else vm */
	enum guest_type guest_type;
	enum pin_mode pin;
	enum backing backing;
	uint32_t prefault_threads;
	uint64_t guest_bytes;	   /* a multiple of AUDIT_UNIT_BYTES within the two limits */
	const char *const *wanted; /* ids, or what ids begin with up to a "-"; NULL: every test */
	size_t wanted_count;
};

struct audit_report {
	struct cell cell; /* the guest, with the type and mechanism that were chosen */
	struct host_facts host;
	uint32_t count;
	struct audit_result result[AUDIT_TESTS];
	uint32_t tally[AUDIT_VERDICT_COUNT];
	bool unseen; /* something could not be looked at for lack of permission */
};

/*
 * Make the tests. 0 whatever they find, or -errno where no guest of this kind can be had here:
 * -EINVAL where the request has a size or a test that there is not (the option in the fault).
 * Starts guests and so uses stop_set_hook() and stop_alarm(); makes children, and so wants to be
 * the only thread. Leaves nothing behind.
 */
int audit_run(const struct audit_request *asked, struct audit_report *report, struct fault *f);

/*
 * The same of the guests of one cell of a campaign: its size, order of pinning, chunks, vCPUs and
 * node too; they touch what a test needs, in order, and encrypt their boot area only. Flushes are
 * counted for the cell's own order of pinning. The kernel is switched by way of the caller's
 * pinning (opened), and host is copied. 0 whatever the tests find; -EINVAL where the audit has no
 * such guests, other -errno where none can be had; the reason in the fault.
 */
int audit_cell(const struct cell *cell, const struct host_facts *host,
	       struct kernel_pinning *pinning, struct audit_report *report, struct fault *f);

/* Is this test among those that are wanted by such a word? */
bool audit_matches(const struct audit_test *test, const char *wanted);

/* The whole table. */
extern const struct audit_subject *const audit_subjects[];
extern const size_t audit_subject_count;

#endif
