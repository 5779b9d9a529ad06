// SPDX-License-Identifier: GPL-2.0-or-later
/* plain_text: text from a record made fit to be shown. */
#include "sevpinbench/plain_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Decode one character of at most 4 bytes. Returns its length, or 0 where the bytes are no valid
 * UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
static size_t decode(const unsigned char *s, uint32_t *code)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	size_t length, i;

	for (length = 0; length < 4; length++) {
		if ((s[0] & forms[length].mask) == forms[length].lead)
			break;
	}
	if (length == 4)
		return 0;
	*code = s[0] & (unsigned char)~forms[length].mask;
	for (i = 1; i <= length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < forms[length].least || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length + 1;
}

/* Characters that are not seen themselves but change what is seen, or that XML forbids. */
static bool is_unseen(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},	 {0x034f, 0x034f},
		{0x061c, 0x061c}, {0x180e, 0x180e}, {0x200b, 0x200f},	 {0x2028, 0x202e},
		{0x2060, 0x206f}, {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},	 {0xfeff, 0xfeff},
		{0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

/* The next character to show, or none; *text moves on. Returns its length in bytes. */
static size_t next_shown(const unsigned char **text, const char **shown)
{
	uint32_t code;
	size_t length = decode(*text, &code);

	*shown = (const char *)*text;
	if (length == 0) {
		*shown = "?";
		(*text)++;
		return 1;
	}
	*text += length;
	if (code == '\n' || code == '\t') {
		*shown = " ";
		return 1;
	}
	return is_unseen(code) ? 0 : length;
}

char *plain_text(const char *text, size_t max_chars, char *buf, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	const char *shown;
	/* cut: where "..." goes if the text proves too long: it must fit behind. */
	size_t used = 0, chars = 0, cut = 0, length;

	while (*s != '\0') {
		length = next_shown(&s, &shown);
		if (length == 0)
			continue;
		if (chars == max_chars || used + length >= size) {
			memcpy(buf + cut, "...", sizeof("..."));
			return buf;
		}
		memcpy(buf + used, shown, length);
		used += length;
		chars++;
		if (chars + 3 <= max_chars && used + 3 < size)
			cut = used;
	}
	buf[used] = '\0';
	return buf;
}

size_t plain_text_width(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}
