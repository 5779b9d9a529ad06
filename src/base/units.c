// SPDX-License-Identifier: GPL-2.0-or-later
/* units: the only place where text becomes a number with a unit, and back. */
#include "sevpinbench/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

uint64_t units_pages(uint64_t bytes)
{
	return bytes / UNITS_PAGE_BYTES + (bytes % UNITS_PAGE_BYTES != 0);
}

/* A decimal number "12" or "12.25" as whole / 10^digits. Returns the end of it, or NULL. */
static const char *parse_decimal(const char *s, uint64_t *number, uint64_t *scale, int *err)
{
	bool point = false;
	int digits = 0;

	*number = 0;
	*scale = 1;
	for (; isdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		digits++;
		if (__builtin_mul_overflow(*number, 10u, number) ||
		    __builtin_add_overflow(*number, (unsigned)(*s - '0'), number) ||
		    (point && (*scale >= 1000000000000000000u / 10))) {
			*err = -ERANGE;
			return NULL;
		}
		if (point)
			*scale *= 10;
	}
	*err = -EINVAL;
	return digits > 0 ? s : NULL;
}

static int parse_unit(const char *s, uint64_t *unit)
{
	static const struct {
		char letter;
		uint64_t unit;
	} units[] = {{'k', UNITS_KIB}, {'m', UNITS_MIB}, {'g', UNITS_GIB}, {'t', UNITS_TIB}};
	size_t i;

	*unit = 1;
	if (*s == '\0' || strcasecmp(s, "b") == 0)
		return 0;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (tolower((unsigned char)*s) != units[i].letter)
			continue;
		*unit = units[i].unit;
		s++;
		return *s == '\0' || strcasecmp(s, "b") == 0 || strcasecmp(s, "ib") == 0 ? 0
											 : -EINVAL;
	}
	return -EINVAL;
}

int units_parse_size(const char *text, uint64_t *bytes)
{
	uint64_t number, scale, unit;
	__uint128_t wide;
	int err;
	const char *end = parse_decimal(text, &number, &scale, &err);

	if (!end)
		return err;
	err = parse_unit(end, &unit);
	if (err)
		return err;
	wide = (__uint128_t)number * unit;
	if (wide % scale != 0)
		return -EINVAL;
	wide /= scale;
	if (wide > UINT64_MAX)
		return -ERANGE;
	*bytes = (uint64_t)wide;
	return 0;
}

int units_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t number, scale;
	int err;
	const char *end = parse_decimal(text, &number, &scale, &err);

	if (!end)
		return err;
	if (*end != '\0' || strchr(text, '.'))
		return -EINVAL;
	if (number < min || number > max)
		return -ERANGE;
	*value = number;
	return 0;
}

int units_parse_percent(const char *text, uint32_t *millionths)
{
	uint64_t number, scale;
	__uint128_t wide;
	int err;
	const char *end = parse_decimal(text, &number, &scale, &err);

	if (!end)
		return err;
	if (strcmp(end, "%") != 0)
		return -EINVAL;
	wide = (__uint128_t)number * 10000u;
	if (wide > (__uint128_t)scale * 1000000u)
		return -ERANGE;
	*millionths = (uint32_t)(wide / scale);
	return 0;
}

char *units_format_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t i = 0;

	/* 1023.95 would be rounded to "1024.0". */
	while (value >= 1023.95 && (value >= 1024 || bytes % (1ULL << (10 * i)) != 0) &&
	       i < sizeof(unit) / sizeof(unit[0]) - 1) {
		value /= 1024;
		i++;
	}
	if (bytes % (1ULL << (10 * i)) == 0)
		snprintf(buf, size, "%.0f %s", value, unit[i]);
	else
		snprintf(buf, size, "%.1f %s", value, unit[i]);
	return buf;
}

char *units_format_size(uint64_t bytes, char *buf, size_t size)
{
	static const struct {
		const char *letter;
		uint64_t unit;
	} units[] = {{"T", UNITS_TIB}, {"G", UNITS_GIB}, {"M", UNITS_MIB}, {"K", UNITS_KIB}};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (bytes == 0 || bytes % units[i].unit != 0)
			continue;
		snprintf(buf, size, "%llu%s", (unsigned long long)(bytes / units[i].unit),
			 units[i].letter);
		return buf;
	}
	snprintf(buf, size, "%llu", (unsigned long long)bytes);
	return buf;
}

char *units_format_ns(uint64_t ns, char *buf, size_t size)
{
	static const char *const unit[] = {"ns", "us", "ms", "s"};
	double value = (double)ns;
	size_t i = 0;

	/* 999.5 would round to a four-digit "1000". */
	while (value >= 999.5 && i < sizeof(unit) / sizeof(unit[0]) - 1) {
		value /= 1000;
		i++;
	}
	if (i == 0 || value >= 99.95)
		snprintf(buf, size, "%.0f %s", value, unit[i]);
	else
		snprintf(buf, size, "%.*f %s", value < 9.995 ? 2 : 1, value, unit[i]);
	return buf;
}

char *units_format_wait(uint64_t ns, char *buf, size_t size)
{
	unsigned long long s = ns / 1000000000u;

	if (s < 60)
		snprintf(buf, size, "%llu s", s);
	else if (s < 3600)
		snprintf(buf, size, "%llu min %llu s", s / 60, s % 60);
	else
		snprintf(buf, size, "%llu h %llu min", s / 3600, s / 60 % 60);
	return buf;
}

double units_ns_to_s(uint64_t ns)
{
	return (double)ns / 1e9;
}

double units_ns_to_ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

double units_bytes_to_gib(uint64_t bytes)
{
	return (double)bytes / (double)UNITS_GIB;
}
