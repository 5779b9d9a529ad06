// SPDX-License-Identifier: GPL-2.0-or-later
/* test_units: sizes, numbers, shares and durations, from text and back. */
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define UNTOUCHED 0xdeadbeefu

START_TEST(pages_cover_bytes)
{
	ck_assert_uint_eq(units_pages(0), 0);
	ck_assert_uint_eq(units_pages(1), 1);
	ck_assert_uint_eq(units_pages(4096), 1);
	ck_assert_uint_eq(units_pages(4097), 2);
	ck_assert_uint_eq(units_pages(UNITS_GIB), 262144);
	/* Rounding up must not wrap. */
	ck_assert_uint_eq(units_pages(UINT64_MAX), 1ULL << 52);
}
END_TEST

static const struct {
	const char *text;
	int result;
	uint64_t bytes;
} sizes[] = {
	{"0", 0, 0},
	{"1", 0, 1},
	{"4097", 0, 4097},
	{"4096B", 0, 4096},
	{"64K", 0, 65536},
	{"64k", 0, 65536},
	{"64KB", 0, 65536},
	{"64KiB", 0, 65536},
	{"64kib", 0, 65536},
	{"2M", 0, 2 * UNITS_MIB},
	{"1.5G", 0, 3 * UNITS_GIB / 2},
	{"0.5K", 0, 512},
	{"1.0", 0, 1},
	{"2TiB", 0, 2 * UNITS_TIB},
	{"0.0009765625K", 0, 1},
	{"18446744073709551615", 0, UINT64_MAX},
	{"16777215T", 0, 16777215 * UNITS_TIB},
	{"", -EINVAL, 0},
	{" 1", -EINVAL, 0},
	{"1 ", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"+1", -EINVAL, 0},
	{"1Q", -EINVAL, 0},
	{"1 K", -EINVAL, 0},
	{"K", -EINVAL, 0},
	{".", -EINVAL, 0},
	{".K", -EINVAL, 0},
	{"1..5G", -EINVAL, 0},
	{"1.5.5G", -EINVAL, 0},
	{"1KK", -EINVAL, 0},
	{"1Ki", -EINVAL, 0},
	{"1BK", -EINVAL, 0},
	{"1GiBx", -EINVAL, 0},
	{"0x10", -EINVAL, 0},
	{"1e3", -EINVAL, 0},
	{"inf", -EINVAL, 0},
	{"1,5G", -EINVAL, 0},
	{"1.5", -EINVAL, 0},
	{"0.3K", -EINVAL, 0},
	{"18446744073709551616", -ERANGE, 0},
	{"99999999999999999999999999", -ERANGE, 0},
	{"16777216T", -ERANGE, 0},
	{"18014398509481984K", -ERANGE, 0},
};

START_TEST(size_is_read)
{
	uint64_t bytes = UNTOUCHED;
	int r = units_parse_size(sizes[_i].text, &bytes);

	ck_assert_msg(r == sizes[_i].result, "\"%s\": %d, not %d", sizes[_i].text, r,
		      sizes[_i].result);
	ck_assert_uint_eq(bytes, r == 0 ? sizes[_i].bytes : UNTOUCHED);
}
END_TEST

static const struct {
	const char *text;
	uint64_t min, max;
	int result;
	uint64_t value;
} numbers[] = {
	{"0", 0, 10, 0, 0},
	{"10", 0, 10, 0, 10},
	{"7", 7, 7, 0, 7},
	{"007", 0, 10, 0, 7},
	{"18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX},
	{"11", 0, 10, -ERANGE, 0},
	{"0", 1, 10, -ERANGE, 0},
	{"18446744073709551616", 0, UINT64_MAX, -ERANGE, 0},
	{"", 0, 10, -EINVAL, 0},
	{"-1", 0, 10, -EINVAL, 0},
	{"+1", 0, 10, -EINVAL, 0},
	{"1.0", 0, 10, -EINVAL, 0},
	{"1.", 0, 10, -EINVAL, 0},
	{"1K", 0, 10000, -EINVAL, 0},
	{"1 ", 0, 10, -EINVAL, 0},
	{" 1", 0, 10, -EINVAL, 0},
	{"x", 0, 10, -EINVAL, 0},
};

START_TEST(number_is_read)
{
	uint64_t value = UNTOUCHED;
	int r = units_parse_u64(numbers[_i].text, numbers[_i].min, numbers[_i].max, &value);

	ck_assert_msg(r == numbers[_i].result, "\"%s\": %d, not %d", numbers[_i].text, r,
		      numbers[_i].result);
	ck_assert_uint_eq(value, r == 0 ? numbers[_i].value : UNTOUCHED);
}
END_TEST

static const struct {
	const char *text;
	int result;
	uint32_t millionths;
} shares[] = {
	{"0%", 0, 0},
	{"10%", 0, 100000},
	{"100%", 0, 1000000},
	{"100.000%", 0, 1000000},
	{"12.5%", 0, 125000},
	{"0.0001%", 0, 1},
	{"99.9999%", 0, 999999},
	{"100.0001%", -ERANGE, 0},
	{"100.00000001%", -ERANGE, 0},
	{"101%", -ERANGE, 0},
	{"18446744073709551616%", -ERANGE, 0},
	{"10", -EINVAL, 0},
	{"%", -EINVAL, 0},
	{"", -EINVAL, 0},
	{"-1%", -EINVAL, 0},
	{"10%%", -EINVAL, 0},
	{"10 %", -EINVAL, 0},
	{"10%x", -EINVAL, 0},
};

START_TEST(share_is_read)
{
	uint32_t millionths = UNTOUCHED;
	int r = units_parse_percent(shares[_i].text, &millionths);

	ck_assert_msg(r == shares[_i].result, "\"%s\": %d, not %d", shares[_i].text, r,
		      shares[_i].result);
	ck_assert_uint_eq(millionths, r == 0 ? shares[_i].millionths : UNTOUCHED);
}
END_TEST

START_TEST(bytes_for_people)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} row[] = {
		{0, "0 B"},
		{1, "1 B"},
		{1023, "1023 B"},
		{1024, "1 KiB"},
		{1536, "1.5 KiB"},
		{4096, "4 KiB"},
		{UNITS_MIB - 1, "1.0 MiB"},
		{UNITS_MIB, "1 MiB"},
		{3 * UNITS_GIB / 2, "1.5 GiB"},
		{64 * UNITS_GIB, "64 GiB"},
		{UNITS_GIB + 1, "1.0 GiB"},
		{1000 * UNITS_GIB, "1000 GiB"},
		{UNITS_TIB, "1 TiB"},
		{1ULL << 60, "1 EiB"},
		{UINT64_MAX, "16.0 EiB"},
	};
	char buf[16];

	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_str_eq(units_format_bytes(row[i].bytes, buf, sizeof(buf)), row[i].text);
}
END_TEST

START_TEST(size_is_exact_and_short)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} row[] = {
		{0, "0"},
		{1, "1"},
		{1023, "1023"},
		{1024, "1K"},
		{4096, "4K"},
		{4097, "4097"},
		{2 * UNITS_MIB, "2M"},
		{3 * UNITS_GIB / 2, "1536M"},
		{64 * UNITS_GIB, "64G"},
		{UNITS_TIB, "1T"},
		{UINT64_MAX, "18446744073709551615"},
	};
	char buf[24];
	uint64_t back;

	for (size_t i = 0; i < LENGTH(row); i++) {
		ck_assert_str_eq(units_format_size(row[i].bytes, buf, sizeof(buf)), row[i].text);
		ck_assert_int_eq(units_parse_size(buf, &back), 0);
		ck_assert_uint_eq(back, row[i].bytes);
	}
}
END_TEST

START_TEST(time_has_three_digits)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} row[] = {
		{0, "0 ns"},
		{812, "812 ns"},
		{999, "999 ns"},
		{1000, "1.00 us"},
		{1234, "1.23 us"},
		{9994, "9.99 us"},
		{9995, "10.0 us"},
		{12345, "12.3 us"},
		{99949, "99.9 us"},
		{99950, "100 us"},
		{999499, "999 us"},
		{999500, "1.00 ms"},
		{1230000, "1.23 ms"},
		{999500000, "1.00 s"},
		{45600000000, "45.6 s"},
		{5000000000000, "5000 s"},
		{UINT64_MAX, "18446744074 s"},
	};
	char buf[16];

	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_str_eq(units_format_ns(row[i].ns, buf, sizeof(buf)), row[i].text);
}
END_TEST

START_TEST(waits_are_rounded_down)
{
	static const struct {
		uint64_t s;
		const char *text;
	} row[] = {
		{0, "0 s"},	     {40, "40 s"},	  {59, "59 s"},
		{60, "1 min 0 s"},   {200, "3 min 20 s"}, {3599, "59 min 59 s"},
		{3600, "1 h 0 min"}, {7500, "2 h 5 min"}, {90059, "25 h 0 min"},
	};
	char buf[32];

	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_str_eq(
			units_format_wait(row[i].s * 1000000000u + 999999999, buf, sizeof(buf)),
			row[i].text);
	ck_assert_str_eq(units_format_wait(UINT64_MAX, buf, sizeof(buf)), "5124095 h 34 min");
}
END_TEST

START_TEST(text_is_cut_where_room_ends)
{
	char buf[4] = "xyz";

	ck_assert_str_eq(units_format_size(UINT64_MAX, buf, sizeof(buf)), "184");
	ck_assert_str_eq(units_format_bytes(64 * UNITS_GIB, buf, sizeof(buf)), "64 ");
	ck_assert_str_eq(units_format_ns(1234, buf, sizeof(buf)), "1.2");
	ck_assert_str_eq(units_format_wait(200000000000, buf, sizeof(buf)), "3 m");
}
END_TEST

START_TEST(conversions)
{
	ck_assert_double_eq(units_ns_to_s(1500000000), 1.5);
	ck_assert_double_eq(units_ns_to_ms(1500000), 1.5);
	ck_assert_double_eq(units_bytes_to_gib(3 * UNITS_GIB / 2), 1.5);
	ck_assert(isfinite(units_bytes_to_gib(UINT64_MAX)));
}
END_TEST

static Suite *units_suite(void)
{
	const TTest *const formats[] = {
		pages_cover_bytes,     bytes_for_people,       size_is_exact_and_short,
		time_has_three_digits, waits_are_rounded_down, text_is_cut_where_room_ends,
		conversions,
	};
	Suite *suite = suite_create("units");
	TCase *text = tcase_create("from text");
	TCase *back = tcase_create("to text");

	tcase_add_loop_test(text, size_is_read, 0, (int)LENGTH(sizes));
	tcase_add_loop_test(text, number_is_read, 0, (int)LENGTH(numbers));
	tcase_add_loop_test(text, share_is_read, 0, (int)LENGTH(shares));
	suite_add_tcase(suite, text);
	for (size_t i = 0; i < LENGTH(formats); i++)
		tcase_add_test(back, formats[i]);
	suite_add_tcase(suite, back);
	return suite;
}

int main(void)
{
	return run_suite(units_suite());
}
