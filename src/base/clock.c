// SPDX-License-Identifier: GPL-2.0-or-later
/* clock: the one clock of all measurements, and the wall clock for labels. */
#include "sevpinbench/clock.h"

#include <time.h>

uint64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int64_t clock_wall_s(void)
{
	return (int64_t)time(NULL);
}

void clock_format_utc(int64_t wall_s, char *buf, size_t size)
{
	struct tm tm;
	time_t t = (time_t)wall_s;

	if (!gmtime_r(&t, &tm) || strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		buf[0] = '\0';
}

void clock_format_stamp(int64_t wall_s, char *buf, size_t size)
{
	struct tm tm;
	time_t t = (time_t)wall_s;

	if (!gmtime_r(&t, &tm) || strftime(buf, size, "%Y%m%dT%H%M%SZ", &tm) == 0)
		buf[0] = '\0';
}
