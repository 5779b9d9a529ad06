/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of cases share: how to expect, and small tools. */
#ifndef CASES_H
#define CASES_H

#include "guest.h"

#define PARAMETER "/sys/module/kvm_amd/parameters/sev_pinning"

struct test_case {
	const char *name;
	void (*run)(void);
};

/* Each ends with a nameless one. */
extern const struct test_case region_cases[], page_cases[], guest_cases[], mover_cases[];

/* Has anything been other than expected so far? */
extern int wrong;

void expect(const char *what, long got, long wanted);

/* Pinned for the guest, without what it boots from. */
void expect_pinned(const struct guest *guest, const char *when, long wanted);

/* Ends the program: this host cannot run the case. */
void skip(const char *why) __attribute__((noreturn));

void write_file(const char *path, const char *text);
void sleep_ms(long ms);

/* Root without the right to lock more than the limit. */
void lose_ipc_lock(size_t limit);

/* A guest with all its data registered. */
void start_registered(struct guest *guest, size_t bytes, bool huge);

/* How many of the pages that are there are not pinned: none may be, where only the guest touches.
 */
long not_pinned(const uint8_t *address, size_t pages);

#endif
