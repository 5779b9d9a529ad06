/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock: the one clock of all measurements, and the wall clock for labels. */
#ifndef SEVPINBENCH_CLOCK_H
#define SEVPINBENCH_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Nanoseconds of CLOCK_MONOTONIC_RAW: not slewed by NTP. Served by the vDSO, so it costs no
 * system call where the clocksource allows it. Cannot fail on a kernel that has the clock.
 */
uint64_t clock_now_ns(void);

/* Seconds since 1970, UTC. Only for labels and file names, never for a measurement. */
int64_t clock_wall_s(void);

/* "2026-11-23T22:31:05Z" for the given time; buf needs 21 bytes. */
void clock_format_utc(int64_t wall_s, char *buf, size_t size);

/* "20261123T223105Z", fit for a file name; buf needs 17 bytes. */
void clock_format_stamp(int64_t wall_s, char *buf, size_t size);

#endif
