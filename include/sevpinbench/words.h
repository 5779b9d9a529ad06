/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: the terms of the field, as enums and as the text that options, JSON, tables and plots
 * all share. A new word is a row in src/base/words.c.
 */
#ifndef SEVPINBENCH_WORDS_H
#define SEVPINBENCH_WORDS_H

#include <stddef.h>

enum guest_type { GUEST_TYPE_VM, GUEST_TYPE_SEV, GUEST_TYPE_SEV_ES, GUEST_TYPE_SEV_SNP };
#define GUEST_TYPE_COUNT 4

enum pin_mode { PIN_MODE_EAGER, PIN_MODE_DEMAND, PIN_MODE_NONE };
#define PIN_MODE_COUNT 3

/* Who does the pinning. */
enum pin_mechanism {
	PIN_MECHANISM_NONE,
	PIN_MECHANISM_KVM_REGION,  /* KVM_MEMORY_ENCRYPT_REG_REGION pins it all */
	PIN_MECHANISM_KVM_DEMAND,  /* the same call, on a kernel that pins at the nested fault */
	PIN_MECHANISM_USERFAULT,   /* userfaultfd in this process, a chunk at a time */
	PIN_MECHANISM_IO_URING,	   /* registered buffers: FOLL_LONGTERM pins without SEV */
	PIN_MECHANISM_GUEST_MEMFD, /* SNP: unmovable from allocation */
};
#define PIN_MECHANISM_COUNT 6

enum backing { BACKING_ANON, BACKING_THP, BACKING_MEMFD, BACKING_HUGETLB_2M, BACKING_HUGETLB_1G };
#define BACKING_COUNT 5

enum touch_order { TOUCH_ORDER_SEQ, TOUCH_ORDER_RANDOM };
#define TOUCH_ORDER_COUNT 2

enum touch_op { TOUCH_OP_WRITE, TOUCH_OP_READ };
#define TOUCH_OP_COUNT 2

/* The named, timed steps of a sample, in the order in which a guest lives through them. */
enum phase {
	PHASE_OPEN,
	PHASE_VM_CREATE,
	PHASE_SEV_INIT, /* this and the launch phases: SEV guests only */
	PHASE_MEM_MAP,
	PHASE_PREFAULT,
	PHASE_MEMSLOT,
	PHASE_PIN,
	PHASE_PAYLOAD,
	PHASE_LAUNCH_START,
	PHASE_LAUNCH_UPDATE,
	PHASE_LAUNCH_UPDATE_VMSA, /* SEV-ES guests only, whose vCPUs exist by then */
	PHASE_LAUNCH_MEASURE,
	PHASE_LAUNCH_FINISH,
	PHASE_VCPU_CREATE,
	PHASE_FIRST_INSTRUCTION,
	PHASE_TOUCH,
	PHASE_VCPU_STOP,
	PHASE_UNPIN,
	PHASE_DESTROY,
};
#define PHASE_COUNT 19

/* Is memory pinned before its memslot is set, or after? */
enum pin_order { PIN_ORDER_MEMSLOT_FIRST, PIN_ORDER_REGION_FIRST };
#define PIN_ORDER_COUNT 2

/* The moments at which pins are counted. */
enum pin_boundary {
	PIN_BOUNDARY_BEFORE,
	PIN_BOUNDARY_AFTER_PIN,
	PIN_BOUNDARY_FIRST_INSTRUCTION,
	PIN_BOUNDARY_AFTER_TOUCH,
	PIN_BOUNDARY_AFTER_DESTROY,
};
#define PIN_BOUNDARY_COUNT 5

/* What a sample must confess; none set when all is well. */
enum sample_flag {
	SAMPLE_FLAG_FAILED,	     /* a step failed; sample.failure says which */
	SAMPLE_FLAG_LEAK,	     /* pins remained after destroy */
	SAMPLE_FLAG_FOREIGN_PINS,    /* another process pinned or unpinned meanwhile */
	SAMPLE_FLAG_PIN_MISMATCH,    /* ledger, VmPin and host count disagree, unexplained */
	SAMPLE_FLAG_FOLIO_UNITS,     /* this kernel counts a pinned huge page once */
	SAMPLE_FLAG_PINS_UNREADABLE, /* a pin counter could not be read at some boundary */
	SAMPLE_FLAG_TOUCH_SHORT,     /* the guest did not touch what it was asked to */
	SAMPLE_FLAG_TIMEOUT,	     /* the guest did not end within its time */
	SAMPLE_FLAG_INTERRUPTED,     /* a signal ended the sample early */
	SAMPLE_FLAG_DISTURBED,	     /* the rest of the host did more than it may: disturbance.h */
	SAMPLE_FLAG_HOST_CHANGED,    /* a setting is not what it was when the campaign began */
};
#define SAMPLE_FLAG_COUNT 11

/* KVM's figures about a guest, by its own names; how many it has now, or has had. */
enum guest_stat {
	GUEST_STAT_PAGES_4K, /* mapped for the guest, by page size */
	GUEST_STAT_PAGES_2M,
	GUEST_STAT_PAGES_1G,
	GUEST_STAT_PF_TAKEN, /* faults on guest memory */
	GUEST_STAT_PF_FIXED, /* of these, answered by a mapping */
	GUEST_STAT_EXITS,
	GUEST_STAT_IO_EXITS,
};
#define GUEST_STAT_COUNT 7

enum platform { PLATFORM_HARDWARE, PLATFORM_VIRTUAL, PLATFORM_EMULATED };
#define PLATFORM_COUNT 3

/* What a test of the audit says. */
enum audit_verdict { AUDIT_PASS, AUDIT_FAIL, AUDIT_SKIP, AUDIT_INFO };
#define AUDIT_VERDICT_COUNT 4

/* A set of words; index i is the text of enum value i. */
struct words {
	const char *what; /* "guest type", for messages */
	size_t count;
	const char *const *text;
};

extern const struct words words_guest_type;
extern const struct words words_pin_mode;
extern const struct words words_pin_mechanism;
extern const struct words words_backing;
extern const struct words words_touch_order;
extern const struct words words_touch_op;
extern const struct words words_pin_order;
extern const struct words words_phase;
extern const struct words words_pin_boundary; /* JSON keys: "after_pin" */
extern const struct words words_sample_flag;
extern const struct words words_guest_stat; /* JSON keys, and KVM's own names */
extern const struct words words_platform;
extern const struct words words_audit_verdict; /* "PASS" */

/* Text of value i; "?" where i is outside the set (a hostile file can say anything). */
const char *words_text(const struct words *w, unsigned i);

/* Value of a text; -1 where the set does not have it. Exact match. */
int words_value(const struct words *w, const char *text);

/* "eager, demand, none": the whole set, for messages. Returns buf. */
char *words_list(const struct words *w, char *buf, size_t size);

#endif
