/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_file: how the host modules read /proc and /sys, so that a test can show them another. */
#ifndef SEVPINBENCH_HOST_FILE_H
#define SEVPINBENCH_HOST_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read files below this folder instead of "/". For tests; NULL or "" restores "/". The text is
 * not copied and must outlive its use.
 */
void host_file_set_root(const char *root);

/*
 * Put root + path into buf. Returns 0 or -ENAMETOOLONG.
 */
int host_file_path(const char *path, char *buf, size_t size);

/*
 * Read a whole small file as text: at most size - 1 bytes (the rest of a longer file is left),
 * always terminated, trailing newlines removed. Bytes that are not printable ASCII (newline and
 * tab apart) become '?', so that what came from a hostile file can be shown.
 * Returns the length or -errno; buf is "" on failure.
 */
int host_file_read(const char *path, char *buf, size_t size);

/* Read a file that holds one unsigned decimal number. 0, -errno, or -EINVAL where it holds none. */
int host_file_read_u64(const char *path, uint64_t *value);

/*
 * In text of "key value" lines ("MemAvailable:  123 kB", "nr_foll_pin_acquired 5") find the
 * number behind key. The key must start a line and be followed by ':', space or tab.
 * Returns 0, -ENOENT (no such key) or -EINVAL (no number behind it).
 */
int host_file_find_u64(const char *text, const char *key, uint64_t *value);

/*
 * The same for text, which is what is left of the line less blanks at its end; '=' may follow the
 * key too. Cut where buf is too small. Returns 0, or -ENOENT and buf "".
 */
int host_file_find_text(const char *text, const char *key, char *buf, size_t size);

#endif
