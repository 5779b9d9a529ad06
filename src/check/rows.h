/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows: what the files with rows share. A row's function looks at the context or reads a file,
 * then says one of check_pass() and its like; the words about what is expected, why, and what to
 * do are the row's own unless the function knows better (numbers).
 */
#ifndef CHECK_ROWS_H
#define CHECK_ROWS_H

#include "context.h"
#include "sevpinbench/check.h"

/* Who needs a row. */
#define TYPE(name)  (1u << GUEST_TYPE_##name)
#define FOR_NOBODY  0u
#define FOR_SNP	    TYPE(SEV_SNP)
#define FOR_ES	    (TYPE(SEV_ES) | FOR_SNP)
#define FOR_SEV	    (TYPE(SEV) | FOR_ES)
#define FOR_REGIONS (TYPE(SEV) | TYPE(SEV_ES)) /* whose memory is registered with KVM */
#define FOR_VM	    TYPE(VM)
#define FOR_ALL	    (FOR_VM | FOR_SEV)
#define MODE(name)  (1u << PIN_MODE_##name)
#define ANY_MODE    (MODE(EAGER) | MODE(DEMAND) | MODE(NONE))
#define PINNING	    (MODE(EAGER) | MODE(DEMAND))

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The verdict and what was found. The last of them counts. */
void check_pass(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_info(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_warn(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_fail(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_skip(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * It could not be looked at, with the errno. For lack of permission that is told apart, and the
 * fix is to run as root unless another is given.
 */
void check_unseen(struct check_result *r, int err, const char *what);

/* In place of the row's own words. */
void check_expect(struct check_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void check_fix(struct check_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A fault as a FAIL: its text found, its hint as the fix. */
void check_fault(struct check_result *r, const struct fault *f);

/* A setting that is one number in a file. -1 where it is not there or no number. */
int64_t check_number(const char *path);

extern const struct check_group check_machine, check_processor, check_kvm, check_firmware,
	check_memory, check_limits, check_kernel, check_pinning, check_timing;

#endif
