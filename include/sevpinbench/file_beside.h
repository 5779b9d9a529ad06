/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file_beside: write a new file beside the old one, then rename: readers see old or new, whole. */
#ifndef SEVPINBENCH_FILE_BESIDE_H
#define SEVPINBENCH_FILE_BESIDE_H

#include "sevpinbench/fault.h"
#include <stdio.h>

struct file_beside {
	int fd;		   /* -1 closed */
	char path[4096];   /* where it will be */
	char beside[4128]; /* where it is until then */
};

/* Create "PATH.tmp.PID" with O_EXCL|O_NOFOLLOW, mode 0644 less umask. 0 or -errno. */
int file_beside_open(struct file_beside *b, const char *path, struct fault *f);

/* Sync, close and rename into place. On failure the file beside is removed. 0 or -errno. */
int file_beside_commit(struct file_beside *b, struct fault *f);

/* Close and remove what was not committed. Safe after commit and on fd -1. */
void file_beside_abandon(struct file_beside *b);

/*
 * What print() prints, as the file at path: whole, or the old one stays. print returns 0 or -errno,
 * with the fault set; it prints into memory, so that what it prints costs its size. 0 or -errno.
 */
int file_beside_print(const char *path, int (*print)(const void *arg, FILE *out, struct fault *f),
		      const void *arg, struct fault *f);

#endif
