// SPDX-License-Identifier: GPL-2.0-or-later
/* file_beside: write a new file beside the old one, then rename: readers see old or new, whole. */
#include "sevpinbench/file_beside.h"

#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What to do about a failure to write there. */
static const struct {
	int err;
	const char *hint;
} remedies[] = {
	{ENOSPC, "the file system is full: free some space there, or name a file elsewhere"},
	{EDQUOT, "your disk quota is used up: free some space, or name a file elsewhere"},
	{EACCES, "no permission to create files in that folder: name a file elsewhere"},
	{EROFS, "that file system is mounted read-only: name a file elsewhere"},
	{ENOENT, "the folder does not exist: create it first"},
	{ENOTDIR, "a part of the path is not a folder"},
	{EEXIST, "an earlier process left this file: remove it and try again"},
	{EISDIR, "it is a folder: name a file in it"},
	{ELOOP, "it is a symbolic link, which would be replaced: name the file itself"},
	{EINVAL, "it is a device, pipe or socket, which would be replaced: name a regular file"},
	{ENAMETOOLONG, "the path is too long"},
};

static int fail(struct fault *f, int err, const char *op, const char *object)
{
	size_t i;

	fault_set(f, -err, op, "%s", object);
	for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (remedies[i].err == -err)
			fault_hint(f, "%s", remedies[i].hint);
	}
	return err;
}

/*
 * The rename replaces whatever has the name, so root could lose /dev/null to "-o /dev/null".
 * Only a regular file may be replaced. 0 or -errno.
 */
static int check_replaceable(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
}

int file_beside_open(struct file_beside *b, const char *path, struct fault *f)
{
	int err;

	b->fd = -1;
	if (path[0] == '\0')
		return fail(f, -ENOENT, "create", "\"\" (an empty file name)");
	if (strlen(path) >= sizeof(b->path))
		return fail(f, -ENAMETOOLONG, "create", path);
	err = check_replaceable(path);
	if (err)
		return fail(f, err, "create", path);
	snprintf(b->path, sizeof(b->path), "%s", path);
	snprintf(b->beside, sizeof(b->beside), "%s.tmp.%ld", path, (long)getpid());
	b->fd = sys_open(b->beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
	if (b->fd >= 0)
		return 0;
	err = b->fd;
	b->fd = -1;
	return fail(f, err, "create", b->beside);
}

/*
 * Make the rename itself durable. A folder that may be written but not read, and a file system
 * that cannot sync folders, are no failures: the file is in place and whole.
 */
static int sync_folder(const char *path)
{
	char folder[4096];
	char *slash;
	int fd, err;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder] = '\0';
	fd = sys_open(folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd == -EACCES ? 0 : fd;
	err = sys_fsync(fd);
	sys_close(&fd);
	return err == -EINVAL || err == -EROFS ? 0 : err;
}

int file_beside_commit(struct file_beside *b, struct fault *f)
{
	int err;

	if (b->fd < 0)
		return fail(f, -EBADF, "commit", "a file that is not open");
	err = sys_fsync(b->fd);
	if (err) {
		fail(f, err, "fsync", b->beside);
		file_beside_abandon(b);
		return err;
	}
	sys_close(&b->fd);
	err = sys_rename(b->beside, b->path);
	if (err) {
		fail(f, err, "rename", b->path);
		sys_unlink(b->beside);
		return err;
	}
	err = sync_folder(b->path);
	if (err)
		fail(f, err, "fsync the folder of", b->path);
	return err;
}

void file_beside_abandon(struct file_beside *b)
{
	if (b->fd < 0)
		return;
	sys_close(&b->fd);
	sys_unlink(b->beside);
}

int file_beside_print(const char *path, int (*print)(const void *arg, FILE *out, struct fault *f),
		      const void *arg, struct fault *f)
{
	struct file_beside b;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out;
	/* First, so that a place where nothing can be written costs nobody a long print. */
	int err = file_beside_open(&b, path, f);

	if (err)
		return err;
	out = open_memstream(&text, &bytes);
	err = out ? print(arg, out, f) : fail(f, -ENOMEM, "open_memstream", path);
	if (out && (ferror(out) | (fclose(out) != 0)) && !err)
		err = fail(f, -ENOMEM, "print", path);
	if (!err) {
		err = sys_write_all(b.fd, text, bytes);
		if (err)
			fail(f, err, "write", b.beside);
	}
	if (!err)
		err = file_beside_commit(&b, f);
	file_beside_abandon(&b);
	free(text);
	return err;
}
