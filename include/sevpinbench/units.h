/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units: the only place where text becomes a number with a unit, and back.
 *
 * Inside the program time is uint64_t nanoseconds and memory is bytes or 4 KiB pages; a name's
 * ending says which (_ns, _bytes, _pages).
 */
#ifndef SEVPINBENCH_UNITS_H
#define SEVPINBENCH_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNITS_PAGE_BYTES 4096ULL
#define UNITS_KIB	 (1ULL << 10)
#define UNITS_MIB	 (1ULL << 20)
#define UNITS_GIB	 (1ULL << 30)
#define UNITS_TIB	 (1ULL << 40)

/* Pages that cover so many bytes, the last one perhaps in part. */
uint64_t units_pages(uint64_t bytes);

/*
 * Parse "4096", "64K", "64KiB", "1.5G", "2TiB": binary units, upper or lower case, a trailing
 * "B" or "iB" allowed. A fraction must come out as whole bytes.
 * Returns 0, -EINVAL (not a size: empty, sign, unknown unit, trailing text) or -ERANGE (does not
 * fit 64 bits). Zero is a size; callers that need more say so.
 */
int units_parse_size(const char *text, uint64_t *bytes);

/* Parse a plain unsigned decimal number within [min, max]. 0, -EINVAL or -ERANGE. */
int units_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* Parse "10%" (0..100, a fraction allowed) into millionths of the whole. 0, -EINVAL, -ERANGE. */
int units_parse_percent(const char *text, uint32_t *millionths);

/*
 * Print bytes for people: "4 KiB", "1.5 GiB", "64 GiB"; one decimal where the number is not
 * whole. buf of 16 bytes is enough. Returns buf.
 */
char *units_format_bytes(uint64_t bytes, char *buf, size_t size);

/*
 * Print bytes the way units_parse_size() reads them back to the same number, shortest exact
 * form: "64G", "2M", "4097". buf of 24 bytes is enough. Returns buf.
 */
char *units_format_size(uint64_t bytes, char *buf, size_t size);

/* Print a duration with three significant digits: "812 ns", "1.23 ms", "45.6 s". 16 bytes. */
char *units_format_ns(uint64_t ns, char *buf, size_t size);

/*
 * Print a long duration for people who wait: "40 s", "3 min 20 s", "2 h 5 min"; rounded down to
 * seconds or minutes. buf of 32 bytes is enough. Returns buf.
 */
char *units_format_wait(uint64_t ns, char *buf, size_t size);

/* The conversions that renderers need. */
double units_ns_to_s(uint64_t ns);
double units_ns_to_ms(uint64_t ns);
double units_bytes_to_gib(uint64_t bytes);

#endif
