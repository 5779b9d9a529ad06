/* SPDX-License-Identifier: GPL-2.0-or-later */
/* context: what the tests share, and how they say what they found. Private to audit/. */
#ifndef AUDIT_CONTEXT_H
#define AUDIT_CONTEXT_H

#include "sevpinbench/audit.h"
#include "sevpinbench/host.h"
#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/launch.h"
#include "story.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What is assumed of a flush of all CPUs' caches, to project from counts to hardware. */
#define FLUSH_ASSUMED_NS 1000000u

struct audit_context {
	struct cell cell;     /* the guest that is asked for, half of it touched */
	struct launch launch; /* counts pins and flushes, too */
	bool one_order;	      /* only the cell's own order of pinning is of interest */
	struct kernel_pinning *pinning;
	int node_count;			  /* NUMA nodes with memory */
	int node[2];			  /* two of them */
	struct story *story[STORY_COUNT]; /* those that were needed so far */
};

/* True where the guest's pins are in VmPin of this process. */
bool context_by_vmpin(const struct audit_context *c);

/* True for private anonymous memory, of which fork(2) makes copies. */
bool context_is_private(const struct audit_context *c);

/* The verdict and what was found; the last of them counts. */
void audit_pass(struct audit_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void audit_info(struct audit_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void audit_skip(struct audit_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void audit_fail(struct audit_result *r, const char *consequence, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void audit_expect(struct audit_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A SKIP for what could not be looked at, told apart where a permission is lacking. */
void audit_unseen(struct audit_result *r, int err, const char *what);

/* A step of the test failed that is not what it is about. */
void audit_fault(struct audit_result *r, const struct fault *f);

/* A story whose guest got to its end; else NULL, and the reason in the result. */
const struct story *context_story(struct audit_context *c, enum story_name name,
				  struct audit_result *r);

/* The same, where pages could be looked at. */
const struct story *context_seen_story(struct audit_context *c, enum story_name name,
				       struct audit_result *r);

/* PASS where so, else FAIL; both with what was found. */
#define audit_judge(r, right, consequence, ...)                      \
	do {                                                         \
		if (right)                                           \
			audit_pass((r), __VA_ARGS__);                \
		else                                                 \
			audit_fail((r), (consequence), __VA_ARGS__); \
	} while (0)

/* What follows of the failures that several tests find. */
extern const char consequence_not_pinned[], consequence_too_much[], consequence_leak[],
	consequence_flushes[];

extern const struct audit_subject audit_counted, audit_pages, audit_unmovable, audit_limit,
	audit_released, audit_regions, audit_flushes;

#endif
