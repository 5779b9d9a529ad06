// SPDX-License-Identifier: GPL-2.0-or-later
/* test_plain_text: what a hostile file may have for a text, made fit to be shown. */
#include "sevpinbench/plain_text.h"

#include "run_suite.h"
#include <check.h>
#include <string.h>

static const struct {
	const char *text;
	size_t max_chars;
	const char *expected;
} plain[] = {
	{"plain", 100, "plain"},
	{"", 100, ""},
	{"a\nb\tc", 100, "a b c"},
	{"\033[31mred\r\x7f\x01", 100, "[31mred"},
	{"\xc2\x9b"
	 "31m",
	 100, "31m"}, /* C1 CSI */
	{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7", 100,
	 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7"},
	{"\xc0\xaf", 100, "??"},	   /* overlong '/' */
	{"\xed\xa0\x80", 100, "???"},	   /* a surrogate */
	{"\xf5\x80\x80\x80", 100, "????"}, /* above U+10FFFF */
	{"\xe2\x82", 100, "??"},	   /* cut short */
	{"a\xe2\x80\xae"
	 "b\xe2\x81\xa6"
	 "c\xe2\x81\xa9\xe2\x80\xac\xef\xbb\xbf",
	 100, "abc"},		   /* bidi, BOM */
	{"\xef\xbf\xbf", 100, ""}, /* forbidden in XML */
	{"exactly10!", 10, "exactly10!"},
	{"eleven char", 10, "eleven ..."},
	{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9..."},
};

START_TEST(plain_text_cases)
{
	char buf[64];

	ck_assert_str_eq(plain_text(plain[_i].text, plain[_i].max_chars, buf, sizeof(buf)),
			 plain[_i].expected);
}
END_TEST

START_TEST(plain_text_fits_its_buffer)
{
	char buf[9];

	memset(buf, 'x', sizeof(buf));
	ck_assert_str_eq(plain_text("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 100, buf, 8),
			 "\xc3\xa9\xc3\xa9...");
	ck_assert_int_eq(buf[8], 'x');
	ck_assert_str_eq(plain_text("1234567", 100, buf, 8), "1234567");
	ck_assert_uint_eq(plain_text_width("\xc3\xa9t\xc3\xa9"), 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plain text");
	TCase *tcase = tcase_create("plain text");

	tcase_add_loop_test(tcase, plain_text_cases, 0, (int)(sizeof(plain) / sizeof(plain[0])));
	tcase_add_test(tcase, plain_text_fits_its_buffer);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
