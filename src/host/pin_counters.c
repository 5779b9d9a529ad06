// SPDX-License-Identifier: GPL-2.0-or-later
/* pin_counters: the kernel's own counts of pinned pages, read from files opened beforehand. */
#include "sevpinbench/pin_counters.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIB_PER_PAGE 4
#define READINGS     5 /* of counts that change while they are read */

static int open_below_root(const char *path, int flags, int *err)
{
	char full[PATH_MAX];
	int fd = host_file_path(path, full, sizeof(full));

	if (fd == 0)
		fd = sys_open(full, flags | O_NONBLOCK | O_NOCTTY, 0);
	*err = fd < 0 ? -fd : 0;
	return fd < 0 ? -1 : fd;
}

void pin_counters_open(struct pin_counters *c)
{
	c->vmstat_fd = open_below_root("/proc/vmstat", O_RDONLY, &c->vmstat_err);
	c->refresh_fd = open_below_root("/proc/sys/vm/stat_refresh", O_WRONLY, &c->refresh_err);
	c->status_fd = open_below_root("/proc/self/status", O_RDONLY, &c->status_err);
	/* Touched now, so that a later read does not fault it in. */
	memset(c->text, 0, sizeof(c->text));
}

void pin_counters_close(struct pin_counters *c)
{
	sys_close(&c->vmstat_fd);
	sys_close(&c->refresh_fd);
	sys_close(&c->status_fd);
}

void pin_counters_leave_host(struct pin_counters *c)
{
	sys_close(&c->vmstat_fd);
	sys_close(&c->refresh_fd);
}

/* The whole file, from its start, into c->text. 0 or -errno. */
static int reread(struct pin_counters *c, int fd)
{
	size_t used = 0;
	ssize_t n;

	c->text[0] = '\0';
	if (fd < 0)
		return -EBADF;
	/* The kernel hands such a file out in pieces of about a page. */
	while (used < sizeof(c->text) - 1) {
		n = sys_pread(fd, c->text + used, sizeof(c->text) - 1 - used, (off_t)used);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	c->text[used] = '\0';
	return 0;
}

/* Fold the per-CPU parts of all counters into the sums that /proc/vmstat shows. 0 or -errno. */
static int refresh(struct pin_counters *c)
{
	ssize_t n;

	if (c->refresh_fd < 0)
		return -EBADF;
	if (lseek(c->refresh_fd, 0, SEEK_SET) < 0)
		return -errno;
	do
		n = sys_write(c->refresh_fd, "1\n", 2);
	while (n == -EINTR);
	/*
	 * Before Linux 5.14 the kernel refreshes, and then says EINVAL where it finds some other
	 * counter below zero (vmstat_refresh() in mm/vmstat.c).
	 */
	return n >= 0 || n == -EINVAL ? 0 : (int)n;
}

/* The difference as it stands in one reading: 0, -ERANGE where more is released than acquired. */
static int read_difference(struct pin_counters *c, int64_t *pages)
{
	uint64_t acquired, released;

	if (refresh(c) || reread(c, c->vmstat_fd))
		return -EIO;
	if (host_file_find_u64(c->text, "nr_foll_pin_acquired", &acquired) ||
	    host_file_find_u64(c->text, "nr_foll_pin_released", &released))
		return -EIO;
	if (released > acquired || acquired - released > INT64_MAX)
		return -ERANGE;
	*pages = (int64_t)(acquired - released);
	return 0;
}

/*
 * The kernel adds the two up one after the other: while another process unpins, the second may
 * come out above the first. A quiet moment comes.
 */
int64_t pin_counters_host_pages(struct pin_counters *c)
{
	int64_t pages = -1;
	int i, err = -ERANGE;

	for (i = 0; i < READINGS && err == -ERANGE; i++)
		err = read_difference(c, &pages);
	return err ? -1 : pages;
}

int64_t pin_counters_node_pages(struct pin_counters *c, int node)
{
	uint64_t acquired, released;
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/vmstat", node);
	if (refresh(c) || host_file_read(path, c->text, sizeof(c->text)) < 0 ||
	    host_file_find_u64(c->text, "nr_foll_pin_acquired", &acquired) ||
	    host_file_find_u64(c->text, "nr_foll_pin_released", &released))
		return -1;
	return (int64_t)(acquired - released);
}

int64_t pin_counters_vmpin_pages(struct pin_counters *c)
{
	uint64_t kib;

	if (reread(c, c->status_fd) || host_file_find_u64(c->text, "VmPin", &kib))
		return -1;
	return (int64_t)(kib / KIB_PER_PAGE);
}

/* The number in the name of a /proc entry; 0 where the entry is not a process, or is this one. */
static int other_pid(const char *name)
{
	char *end;
	long pid;

	if (name[0] < '1' || name[0] > '9')
		return 0;
	errno = 0;
	pid = strtol(name, &end, 10);
	return *end || errno || pid > INT_MAX || pid == getpid() ? 0 : (int)pid;
}

/* VmPin of one process; 0 where it has none, is gone, or is a kernel thread. */
static uint64_t pinned_by(int pid, char *name, size_t size)
{
	char path[64], status[4096];
	uint64_t kib;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (host_file_read(path, status, sizeof(status)) < 0 ||
	    host_file_find_u64(status, "VmPin", &kib))
		return 0;
	host_file_find_text(status, "Name", name, size);
	return kib / KIB_PER_PAGE;
}

int pin_counters_find_other(int *pid, char *name, uint64_t *pages)
{
	char path[PATH_MAX], seen_name[64];
	const struct dirent *entry;
	int err, seen, found = 0;
	uint64_t pinned;
	DIR *dir;

	err = host_file_path("/proc", path, sizeof(path));
	if (err)
		return err;
	dir = opendir(path);
	if (!dir)
		return -errno;
	/* Of several the one with the most, so that the answer does not depend on their order. */
	while ((entry = readdir(dir))) {
		seen = other_pid(entry->d_name);
		pinned = seen ? pinned_by(seen, seen_name, sizeof(seen_name)) : 0;
		if (pinned == 0 || (found && pinned <= *pages))
			continue;
		found = 1;
		*pid = seen;
		*pages = pinned;
		snprintf(name, 64, "%s", seen_name);
	}
	closedir(dir);
	return found;
}
