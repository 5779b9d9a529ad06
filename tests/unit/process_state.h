/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process_state: what this process holds: files, mappings, threads, pins, pages in memory. */
#ifndef TESTS_PROCESS_STATE_H
#define TESTS_PROCESS_STATE_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Entries of a /proc folder, "." and ".." and the one that reads it not counted. */
static inline unsigned process_entries(const char *path)
{
	unsigned count = 0;
	const struct dirent *e;
	char own[16];
	DIR *dir = opendir(path);

	ck_assert_ptr_nonnull(dir);
	snprintf(own, sizeof(own), "%d", dirfd(dir));
	while ((e = readdir(dir)))
		count += e->d_name[0] != '.' && strcmp(e->d_name, own) != 0;
	closedir(dir);
	return count;
}

static inline unsigned process_files(void)
{
	return process_entries("/proc/self/fd");
}

static inline unsigned process_threads(void)
{
	return process_entries("/proc/self/task");
}

/* Mappings; those that lie behind one another and are alike may be one line. */
static inline unsigned process_mappings(void)
{
	unsigned lines = 0;
	int c;
	FILE *file = fopen("/proc/self/maps", "r");

	ck_assert_ptr_nonnull(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

/* A number of /proc/self/status, as it stands there. */
static inline uint64_t process_status(const char *key)
{
	char line[256];
	unsigned long long value = 0;
	bool found = false;
	FILE *file = fopen("/proc/self/status", "r");

	ck_assert_ptr_nonnull(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strncmp(line, key, strlen(key)) == 0 &&
			sscanf(line + strlen(key), ": %llu", &value) == 1;
	fclose(file);
	ck_assert(found);
	return value;
}

static inline uint64_t process_vmpin_pages(void)
{
	return process_status("VmPin") / 4;
}

/* A memory checker maps memory of its own when it likes; then only the rest is looked at. */
#if defined(__SANITIZE_ADDRESS__)
#define PROCESS_STATE_MAPPINGS false
#elif defined(__has_feature)
#define PROCESS_STATE_MAPPINGS (!__has_feature(address_sanitizer))
#else
#define PROCESS_STATE_MAPPINGS true
#endif

static inline bool process_mappings_are_ours(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return PROCESS_STATE_MAPPINGS && !(preload && strstr(preload, "vgpreload"));
}

struct process_state {
	unsigned files, threads, mappings;
	uint64_t mapped_kib, vmpin_pages;
};

static inline struct process_state process_state_now(void)
{
	return (struct process_state){
		.files = process_files(),
		.threads = process_threads(),
		.mappings = process_mappings(),
		.mapped_kib = process_status("VmSize"),
		.vmpin_pages = process_vmpin_pages(),
	};
}

/*
 * Is there nothing now that was not there then? A thread that was joined may be seen for a moment
 * longer, and a closed ring unpins some time later: waits for them, two seconds at most.
 */
static inline void process_state_is_as(const struct process_state *then, const char *after)
{
	struct process_state now;

	for (int i = 0; i < 2000; i++) {
		bool same;

		now = process_state_now();
		same = now.files == then->files && now.threads <= then->threads &&
		       now.vmpin_pages == then->vmpin_pages;
		if (process_mappings_are_ours())
			same = same && now.mappings <= then->mappings &&
			       now.mapped_kib <= then->mapped_kib;
		if (same)
			return;
		usleep(1000);
	}
	ck_abort_msg("%s left: files %u, were %u; threads %u, %u; mappings %u, %u; mapped %llu "
		     "KiB, %llu; VmPin %llu pages, %llu",
		     after, now.files, then->files, now.threads, then->threads, now.mappings,
		     then->mappings, (unsigned long long)now.mapped_kib,
		     (unsigned long long)then->mapped_kib, (unsigned long long)now.vmpin_pages,
		     (unsigned long long)then->vmpin_pages);
}

/* Is there a page behind an address in this mapping now? (Not just in the file's cache.) */
static inline bool process_has_page(const void *address)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t n = pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)address / 4096 * 8));

	close(fd);
	ck_assert_int_eq((int)n, (int)sizeof(entry));
	return entry >> 63;
}

#endif
