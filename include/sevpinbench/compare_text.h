/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_text: the words in which every rendering tells a comparison. */
#ifndef SEVPINBENCH_COMPARE_TEXT_H
#define SEVPINBENCH_COMPARE_TEXT_H

#include "sevpinbench/compare.h"
#include <stddef.h>
#include <stdint.h>

#define COMPARE_NAME 160
#define COMPARE_CELL 48 /* any other text of a column */
#define COMPARE_NOTE 512

/* Fields (bits) in which cells of the side differ among each other, so that names must tell them.
 */
uint32_t compare_varying(const struct compare_side *side);

/* "vm eager io-uring 64M", "vm eager io-uring all sizes", and what varies else. Returns buf. */
char *compare_cell_name(const struct cell *c, uint32_t varying, char *buf, size_t size);

/* "33.5 ms", "16384", "0.743 s/GiB"; with sign: "+1.2 ms". Returns buf. */
char *compare_value(enum compare_unit unit, double value, bool sign, char *buf, size_t size);

/* "+12.3%", "-" where there is none. */
char *compare_percent(const struct compare_row *r, char *buf, size_t size);

/* "-0.31 .. +1.2 ms"; "exact" of a count; "-" where there is none. */
char *compare_interval(const struct compare_row *r, char *buf, size_t size);

/* "0.0123", "< 0.0001", "-" of what was not tested. */
char *compare_p(double p, bool tested, char *buf, size_t size);

/*
 * What the reader of the numbers must know, a sentence each, plain text: that a host was EMULATED,
 * what differs, what stands on one side only, what was pooled and disagrees, what is incomplete.
 */
void compare_notes(const struct compare *c, void (*note)(void *arg, const char *text), void *arg);

/* Who is told notes, and one more note for him, as printf() makes it; what is foreign in it is made
 * plain. */
struct compare_listener {
	void (*note)(void *arg, const char *text);
	void *arg;
};
void compare_say(const struct compare_listener *n, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "results/a.json and 2 more": where a side comes from. */
char *compare_sources(const struct compare_side *side, char *buf, size_t size);

/* "EMULATED" where any of the side's hosts is; else the word of the first. */
const char *compare_platform(const struct compare_side *side);

/* "AMD EPYC ..., Linux 6.1.0, EMULATED (TCGTCGTCGTCG)". */
char *compare_host(const struct compare_side *side, char *buf, size_t size);

#endif
