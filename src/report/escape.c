// SPDX-License-Identifier: GPL-2.0-or-later
/* escape: text as data in the languages of CI. */
#include "escape.h"

#include "sevpinbench/plain_text.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLAIN_SIZE 1024
#define PIECE_SIZE 8

static void spell_entity(char c, char *piece)
{
	snprintf(piece, PIECE_SIZE, "&#%u;", (unsigned char)c);
}

static void spell_twice(char c, char *piece)
{
	snprintf(piece, PIECE_SIZE, "%c%c", c, c);
}

static void spell_percent(char c, char *piece)
{
	snprintf(piece, PIECE_SIZE, "%%%02X", (unsigned char)c);
}

/*
 * Replace the special characters by what the format makes of their number; whatever does not fit
 * whole is left out with all that follows.
 */
static char *replace(const char *text, const char *special, void (*spell)(char c, char *piece),
		     const char *before, const char *behind, char *buf, size_t size)
{
	char plain[PLAIN_SIZE], piece[PIECE_SIZE];
	const char *p;
	size_t used, length;

	plain_text(text, SIZE_MAX, plain, sizeof(plain));
	used = (size_t)snprintf(buf, size, "%s", before);
	for (p = plain; *p; p++) {
		if (strchr(special, *p))
			spell(*p, piece);
		else
			snprintf(piece, sizeof(piece), "%c", *p);
		length = strlen(piece);
		if (used + length + strlen(behind) >= size)
			break;
		memcpy(buf + used, piece, length);
		used += length;
	}
	/* Not half a character. */
	while (*p && used > strlen(before) && ((unsigned char)*p & 0xc0) == 0x80) {
		p--;
		used--;
	}
	snprintf(buf + used, size - used, "%s", behind);
	return buf;
}

char *escape_xml(const char *text, char *buf, size_t size)
{
	return replace(text, "&<>\"'", spell_entity, "", "", buf, size);
}

char *escape_markdown(const char *text, char *buf, size_t size)
{
	return replace(text, "&<>|`*_[]\\@#!~:", spell_entity, "", "", buf, size);
}

char *escape_csv(const char *text, char *buf, size_t size)
{
	bool formula = text[0] && strchr("=+-@\t\r", text[0]);

	return replace(text, "\"", spell_twice, formula ? "\"'" : "\"", "\"", buf, size);
}

/* Of a message only these are read back, of a property also what ends it. */
char *escape_github_message(const char *text, char *buf, size_t size)
{
	return replace(text, "%\r\n", spell_percent, "", "", buf, size);
}

char *escape_github_property(const char *text, char *buf, size_t size)
{
	return replace(text, "%\r\n:,", spell_percent, "", "", buf, size);
}
