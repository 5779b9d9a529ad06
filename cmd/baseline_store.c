// SPDX-License-Identifier: GPL-2.0-or-later
/* baseline_store: results kept under a name, a folder a machine. */
#include "baseline_store.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_MOST 64

int baseline_check_name(const char *name, struct fault *f)
{
	const char *p;

	for (p = name; isalnum((unsigned char)*p) || (p > name && *p && strchr(".-_", *p)); p++)
		;
	if (p > name && *p == '\0' && p - name <= NAME_MOST)
		return 0;
	return fault_set(f, EINVAL, "NAME",
			 "\"%.64s\" is no name for a baseline: up to %d letters, digits and .-_, "
			 "the first a letter or digit",
			 name, NAME_MOST);
}

bool baseline_is_file(const char *text)
{
	size_t n = strlen(text);

	return strchr(text, '/') || (n > 5 && strcmp(text + n - 5, ".json") == 0);
}

char *baseline_path(const char *folder, const char *fingerprint, const char *name, unsigned i,
		    char *buf)
{
	snprintf(buf, BASELINE_PATH, "%.3500s/%s/%s.%u.json", folder, fingerprint, name, i);
	return buf;
}

unsigned baseline_count(const char *folder, const char *fingerprint, const char *name)
{
	char path[BASELINE_PATH];
	unsigned n = 0;

	while (n < BASELINE_MOST &&
	       access(baseline_path(folder, fingerprint, name, n + 1, path), F_OK) == 0)
		n++;
	return n;
}
