// SPDX-License-Identifier: GPL-2.0-or-later
/* host_file: read small text files below / or below a test's folder, whatever they hold. */
#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *file_root = "";

void host_file_set_root(const char *root)
{
	file_root = root ? root : "";
}

int host_file_path(const char *path, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s%s", file_root, path);

	return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

/* Files in /proc come in pieces, so read on until the end or the buffer is full. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size) {
		n = sys_read(fd, buf + used, size - used);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

/* Not isprint(): what is printable must not depend on a locale. */
static bool is_plain(char c)
{
	return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
}

int host_file_read(const char *path, char *buf, size_t size)
{
	char full[PATH_MAX];
	ssize_t n;
	int fd, err;

	if (size == 0)
		return -EINVAL;
	buf[0] = '\0';
	err = host_file_path(path, full, sizeof(full));
	if (err)
		return err;
	/* O_NONBLOCK: a pipe in the place of the file must not hold the program up. */
	fd = sys_open(full, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	n = read_all(fd, buf, size - 1 < INT_MAX ? size - 1 : INT_MAX);
	sys_close(&fd);
	for (ssize_t i = 0; i < n; i++) {
		if (!is_plain(buf[i]))
			buf[i] = '?';
	}
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n > 0 ? n : 0] = '\0';
	return (int)n;
}

/* Digits, then a blank, a newline or the end. 0, or -EINVAL where it is not that or too large. */
static int parse_u64(const char *text, uint64_t *value)
{
	const char *p = text;
	uint64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -EINVAL;
	}
	if (p == text || (*p && !strchr(" \t\n", *p)))
		return -EINVAL;
	*value = v;
	return 0;
}

int host_file_read_u64(const char *path, uint64_t *value)
{
	char text[64];
	int n = host_file_read(path, text, sizeof(text));

	if (n < 0)
		return n;
	/* A second word would mean that the file is not what it was taken for. */
	if (text[strcspn(text, " \t\n")])
		return -EINVAL;
	return parse_u64(text, value);
}

/* What stands behind key and separators, to the end of the text; NULL where no line has it. */
static const char *find_value(const char *text, const char *key, const char *separators)
{
	size_t length = strlen(key);
	const char *line = text;

	while (line && length > 0) {
		if (strncmp(line, key, length) == 0 && line[length] &&
		    strchr(separators, line[length]))
			return line + length + strspn(line + length, separators);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return NULL;
}

int host_file_find_u64(const char *text, const char *key, uint64_t *value)
{
	const char *found = find_value(text, key, ": \t");

	return found ? parse_u64(found, value) : -ENOENT;
}

int host_file_find_text(const char *text, const char *key, char *buf, size_t size)
{
	const char *found = find_value(text, key, ": \t=");
	size_t length;

	buf[0] = '\0';
	if (!found)
		return -ENOENT;
	length = strcspn(found, "\n");
	while (length > 0 && strchr(" \t", found[length - 1]))
		length--;
	snprintf(buf, size, "%.*s", (int)(length < INT_MAX ? length : INT_MAX), found);
	return 0;
}
