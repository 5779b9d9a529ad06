/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden: compare text with the file tests/golden/NAME, byte for byte. With GOLDEN_UPDATE=1 the
 * file is written instead, for a change that was meant; look at its difference before keeping it.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *golden_read(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	/* Up to the end of the file: none of these texts has a null byte. */
	if (!in)
		return NULL;
	if (getdelim(&text, &room, '\0', in) < 0)
		text[0] = '\0';
	fclose(in);
	return text;
}

static inline void golden_check(const char *name, const char *text)
{
	char path[256];
	const char *update = getenv("GOLDEN_UPDATE");
	char *expected;
	size_t i;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (update && strcmp(update, "1") == 0) {
		FILE *out = fopen(path, "w");

		ck_assert_ptr_nonnull(out);
		ck_assert_int_ge(fputs(text, out), 0);
		ck_assert_int_eq(fclose(out), 0);
		return;
	}
	expected = golden_read(path);
	ck_assert_msg(expected, "%s is missing: run from the repository root", path);
	for (i = 0; text[i] != '\0' && text[i] == expected[i]; i++)
		;
	ck_assert_msg(text[i] == expected[i],
		      "differs from %s at byte %zu: \"%.60s\" instead of \"%.60s\"", path, i,
		      text + i, expected + i);
	free(expected);
}

#endif
