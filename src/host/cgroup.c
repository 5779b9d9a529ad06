// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cgroup: the memory limit that this process would hit first, among its own cgroup and all of
 * that one's ancestors that can be seen, in version 2 and in version 1 of the interface; and the
 * same for what the misc controller counts, and for processes.
 */
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CGROUP_PATH	1024UL
#define MOUNTINFO_BYTES (512UL << 10) /* a host with containers has thousands of mounts */

/* Version 1 writes "no limit" as the largest number of whole pages. */
#define NO_LIMIT (UINT64_C(1) << 60)

/* How a version of the interface calls things. */
struct cgroup_kind {
	const char *fs_type;
	const char *controller; /* as in /proc/self/cgroup and in the mount's options */
	const char *limit, *used;
	const char *reclaimable; /* key in memory.stat, descendants included */
};

static const struct cgroup_kind memory_kinds[] = {
	{"cgroup2", "", "memory.max", "memory.current", "inactive_file"},
	{"cgroup", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
	 "total_inactive_file"},
};

static const struct cgroup_kind misc_kinds[] = {
	{"cgroup2", "", "misc.max", "misc.current", NULL},
	{"cgroup", "misc", "misc.max", "misc.current", NULL},
};

static const struct cgroup_kind pids_kinds[] = {
	{"cgroup2", "", "pids.max", "pids.current", NULL},
	{"cgroup", "pids", "pids.max", "pids.current", NULL},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* True where a comma-separated list has the word; the empty list is one empty word. */
static bool list_has(const char *list, size_t length, const char *word)
{
	size_t word_length = strlen(word), item;
	const char *end = list + length;

	for (;;) {
		item = strcspn(list, ",");
		if (item > (size_t)(end - list))
			item = (size_t)(end - list);
		if (item == word_length && memcmp(list, word, item) == 0)
			return true;
		if (list + item >= end)
			return false;
		list += item + 1;
	}
}

/*
 * This process's path in the hierarchy, from a line "4:cpu,memory:/path" of /proc/self/cgroup;
 * "0::/path" is version 2. Returns false where it is in none.
 */
static bool find_path(const struct cgroup_kind *kind, char *text, char *path, size_t size)
{
	const char *list, *found;
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n"))) {
		list = strchr(line, ':');
		found = list ? strchr(list + 1, ':') : NULL;
		if (!found || found[1] != '/')
			continue;
		if (list_has(list + 1, (size_t)(found - list - 1), kind->controller))
			return (size_t)snprintf(path, size, "%s", found + 1) < size;
	}
	return false;
}

/* In place: \040 and its like, which stand for blanks and backslashes in mountinfo. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

struct cgroup_mount {
	char root[CGROUP_PATH];	 /* what part of the hierarchy is mounted */
	char point[CGROUP_PATH]; /* where */
};

/* One line of /proc/self/mountinfo (proc_pid_mountinfo(5)): is it the mount that is wanted? */
static bool parse_mount(const struct cgroup_kind *kind, const char *line, struct cgroup_mount *m)
{
	const char *behind = strstr(line, " - ");
	char fs_type[32], options[512];

	if (!behind || sscanf(behind, " - %31s %*s %511s", fs_type, options) != 2)
		return false;
	if (strcmp(fs_type, kind->fs_type) != 0)
		return false;
	if (*kind->controller && !list_has(options, strlen(options), kind->controller))
		return false;
	if (sscanf(line, "%*s %*s %*s %1023s %1023s", m->root, m->point) != 2)
		return false;
	unescape(m->root);
	unescape(m->point);
	return true;
}

static bool find_mount(const struct cgroup_kind *kind, struct cgroup_mount *m)
{
	char *text = malloc(MOUNTINFO_BYTES);
	bool found = false;
	char *line, *rest;

	if (!text)
		return false;
	host_file_read("/proc/self/mountinfo", text, MOUNTINFO_BYTES);
	rest = text;
	while (!found && (line = strsep(&rest, "\n")))
		found = parse_mount(kind, line, m);
	free(text);
	return found;
}

/*
 * The path below the mount point. A container may have only a part of the hierarchy mounted; a
 * path outside that part (or "/..", from a namespace) leaves the mount point itself, the nearest
 * that can be seen.
 */
static const char *path_below(const struct cgroup_mount *m, const char *path)
{
	size_t length = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);

	if (strncmp(path, m->root, length) != 0 || path[length] != '/')
		return "";
	return strncmp(path, "/..", 3) == 0 ? "" : path + length;
}

static bool read_in(const char *folder, const char *file, uint64_t *value)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) < sizeof(path) &&
	       host_file_read_u64(path, value) == 0;
}

/*
 * What the kernel gives back before it kills: file pages not in active use. Without this a
 * container that has read a large file once would look full for ever.
 */
static uint64_t reclaimable_bytes(const struct cgroup_kind *kind, const char *folder)
{
	char path[PATH_MAX], text[8192];
	uint64_t bytes;

	if ((size_t)snprintf(path, sizeof(path), "%s/memory.stat", folder) >= sizeof(path) ||
	    host_file_read(path, text, sizeof(text)) < 0 ||
	    host_file_find_u64(text, kind->reclaimable, &bytes))
		return 0;
	return bytes;
}

/* Let one cgroup's limit into m where it leaves less than the one already there. */
static void see_memory(const struct cgroup_kind *kind, const char *folder, void *out)
{
	struct host_memory *m = out;
	uint64_t limit, used, spare;
	int64_t left, least;

	if (!read_in(folder, kind->limit, &limit) || limit >= NO_LIMIT)
		return;
	if (!read_in(folder, kind->used, &used) || used >= NO_LIMIT)
		return;
	spare = reclaimable_bytes(kind, folder);
	used -= spare < used ? spare : used;
	left = (int64_t)limit - (int64_t)used;
	least = m->cgroup_limit_bytes - m->cgroup_used_bytes;
	if (m->cgroup_limit_bytes >= 0 && left >= least)
		return;
	m->cgroup_limit_bytes = (int64_t)limit;
	m->cgroup_used_bytes = (int64_t)used;
}

/* Show see() each cgroup from this process's own up to the top, whose folder is then in top. */
static void walk(const struct cgroup_kind *kind,
		 void (*see)(const struct cgroup_kind *, const char *, void *), void *out,
		 char *top, size_t top_size)
{
	char text[8192], path[CGROUP_PATH], folder[2 * CGROUP_PATH];
	struct cgroup_mount mount;
	size_t length;

	if (host_file_read("/proc/self/cgroup", text, sizeof(text)) <= 0 ||
	    !find_path(kind, text, path, sizeof(path)) || !find_mount(kind, &mount))
		return;
	snprintf(folder, sizeof(folder), "%s%s", mount.point, path_below(&mount, path));
	snprintf(top, top_size, "%s", mount.point);
	length = strlen(mount.point);
	/* From the cgroup itself up to the mount point, dropping the last name each time. */
	for (;;) {
		see(kind, folder, out);
		if (strlen(folder) <= length)
			return;
		*strrchr(folder, '/') = '\0';
	}
}

void host_cgroup_collect(struct host_memory *m)
{
	char top[CGROUP_PATH];

	m->cgroup_limit_bytes = m->cgroup_used_bytes = -1;
	for (size_t i = 0; i < LENGTH(memory_kinds); i++)
		walk(&memory_kinds[i], see_memory, m, top, sizeof(top));
}

/* The number behind the resource in one of the controller's files; -1 where there is none. */
static int64_t misc_value(const char *folder, const char *file, const char *resource)
{
	char path[PATH_MAX], text[1024];
	uint64_t value;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path) ||
	    host_file_read(path, text, sizeof(text)) < 0 ||
	    host_file_find_u64(text, resource, &value) || value > INT64_MAX)
		return -1;
	return (int64_t)value;
}

static void see_misc(const struct cgroup_kind *kind, const char *folder, void *out)
{
	struct host_misc *m = out;
	int64_t limit = misc_value(folder, kind->limit, m->resource);
	int64_t used = misc_value(folder, kind->used, m->resource);

	if (limit < 0 || used < 0 || (m->limit >= 0 && limit - used >= m->limit - m->limit_used))
		return;
	m->limit = limit;
	m->limit_used = used;
}

/*
 * What the whole host uses. The top of the hierarchy has no misc.current before Linux 6.12
 * (kernel/cgroup/misc.c): then its children's together are it, since nothing is charged to the
 * top alone.
 */
static int64_t misc_used(const char *top, const char *resource)
{
	char path[PATH_MAX], folder[2 * CGROUP_PATH];
	int64_t used = misc_value(top, "misc.current", resource), part;
	const struct dirent *entry;
	DIR *dir;

	if (used >= 0 || host_file_path(top, path, sizeof(path)))
		return used;
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (size_t)snprintf(folder, sizeof(folder), "%s/%s", top, entry->d_name) >=
			    sizeof(folder))
			continue;
		part = misc_value(folder, "misc.current", resource);
		if (part >= 0 && __builtin_add_overflow(used < 0 ? 0 : used, part, &used))
			used = INT64_MAX;
	}
	if (dir)
		closedir(dir);
	return used;
}

void host_misc_collect(const char *resource, struct host_misc *m)
{
	char top[CGROUP_PATH];

	*m = (struct host_misc){resource, -1, -1, -1, -1};
	for (size_t i = 0; i < LENGTH(misc_kinds) && m->capacity < 0; i++) {
		top[0] = '\0';
		walk(&misc_kinds[i], see_misc, m, top, sizeof(top));
		if (!top[0])
			continue;
		/* Only the host's own top has it: a container's numbers are not the host's. */
		m->capacity = misc_value(top, "misc.capacity", resource);
		if (m->capacity >= 0)
			m->used = misc_used(top, resource);
	}
}

static void see_pids(const struct cgroup_kind *kind, const char *folder, void *out)
{
	int64_t *left = out, here;
	uint64_t limit, used;

	/* "max" is no number: no limit. */
	if (!read_in(folder, kind->limit, &limit) || !read_in(folder, kind->used, &used) ||
	    limit > INT64_MAX)
		return;
	here = used > limit ? 0 : (int64_t)(limit - used);
	if (*left < 0 || here < *left)
		*left = here;
}

int64_t host_pids_left(void)
{
	char top[CGROUP_PATH];
	int64_t left = -1;

	for (size_t i = 0; i < LENGTH(pids_kinds); i++)
		walk(&pids_kinds[i], see_pids, &left, top, sizeof(top));
	return left;
}
