/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz: what the fuzz targets share. A broken promise ends the target, which libFuzzer reports. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* What a failure must tell: the call, the number, and nothing that a terminal would obey. */
static inline void must_be_told(const struct fault *f, int err)
{
	char text[512];

	must(err < 0 && f->err == -err && f->op[0] != '\0');
	fault_text(f, text, sizeof(text));
	for (const char *p = text; *p; p++)
		must((unsigned char)*p >= ' ' && *p != 0x7f);
}

/* Byte by byte, of structs: both began as zeros, so what lies between members is the same, too. */
static inline bool is_same(const void *a, const void *b, size_t bytes)
{
	return memcmp(a, b, bytes) == 0;
}

/* The input as a file that has a path. The same one each time: its old content goes. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("input", MFD_CLOEXEC);
		must(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(ftruncate(fd, 0) == 0);
	must(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

#endif
