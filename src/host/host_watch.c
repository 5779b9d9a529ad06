// SPDX-License-Identifier: GPL-2.0-or-later
/* host_watch: what the rest of the host does meanwhile. */
#include "sevpinbench/host_watch.h"

#include "sevpinbench/host_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define NS_A_SECOND   1000000000
#define STEAL_COLUMN  8 /* of the line "cpu", counted from 1: proc(5) */

static int64_t read_stolen_ns(void)
{
	const long ticks = sysconf(_SC_CLK_TCK);
	char text[1024], line[256], *at = line, *end;
	unsigned long long value = 0;
	int column;

	host_file_read("/proc/stat", text, sizeof(text));
	if (ticks <= 0 || host_file_find_text(text, "cpu", line, sizeof(line)) < 0)
		return -1;
	for (column = 0; column < STEAL_COLUMN; column++, at = end) {
		value = strtoull(at, &end, 10);
		if (end == at)
			return -1;
	}
	return value > INT64_MAX / NS_A_SECOND ? -1 : (int64_t)value * (NS_A_SECOND / ticks);
}

static int64_t read_waited_ns(void)
{
	char text[128], *end;
	long long ran, waited;

	host_file_read("/proc/thread-self/schedstat", text, sizeof(text));
	ran = strtoll(text, &end, 10);
	if (end == text || ran < 0)
		return -1;
	waited = strtoll(end, &end, 10);
	return *end != ' ' || waited < 0 ? -1 : waited;
}

/* The sum of those of the keys that there are; -1 where there is none. */
static int64_t sum_of(const char *text, const char *const *key, size_t count)
{
	int64_t sum = -1;
	uint64_t value;

	for (size_t i = 0; i < count; i++) {
		if (host_file_find_u64(text, key[i], &value) == 0 && value <= INT64_MAX / 16)
			sum = (sum < 0 ? 0 : sum) + (int64_t)value;
	}
	return sum;
}

void host_watch_read(struct host_watch *w)
{
	static const char *const allocated[] = {"pgalloc_dma", "pgalloc_dma32", "pgalloc_normal",
						"pgalloc_movable", "pgalloc_device"};
	static const char *const stalled[] = {"allocstall_dma", "allocstall_dma32",
					      "allocstall_normal", "allocstall_movable",
					      "allocstall_device"};
	static const char *const migrated[] = {"pgmigrate_success"};
	static const char *const swapped[] = {"pswpin", "pswpout"};
	char text[16384];

	host_file_read("/proc/vmstat", text, sizeof(text));
	w->stolen_ns = read_stolen_ns();
	w->waited_ns = read_waited_ns();
	w->allocated_pages = sum_of(text, allocated, LENGTH(allocated));
	w->migrated_pages = sum_of(text, migrated, LENGTH(migrated));
	w->reclaims = sum_of(text, stalled, LENGTH(stalled));
	w->swapped_pages = sum_of(text, swapped, LENGTH(swapped));
}

static void read_line(const char *path, char *text, size_t size)
{
	host_file_read(path, text, size);
	text[strcspn(text, "\n")] = '\0';
}

bool host_watch_settings_changed(const struct host_facts *then, char *text, size_t size)
{
	char clocksource[HOST_TEXT], governor[HOST_TEXT], balancing[2][24], cpus[2][24];
	struct host_memory now;
	const struct {
		const char *name, *was, *is;
	} row[] = {
		{"transparent_hugepage/enabled", then->memory.thp_enabled, now.thp_enabled},
		{"transparent_hugepage/defrag", then->memory.thp_defrag, now.thp_defrag},
		{"transparent_hugepage/shmem_enabled", then->memory.thp_shmem, now.thp_shmem},
		{"numa_balancing", balancing[0], balancing[1]},
		{"clock source", then->clocksource, clocksource},
		{"governor", then->governor, governor},
		{"the number of CPUs online", cpus[0], cpus[1]},
	};

	host_memory_collect_settings(&now);
	read_line(HOST_CLOCKSOURCE_PATH, clocksource, sizeof(clocksource));
	read_line(HOST_GOVERNOR_PATH, governor, sizeof(governor));
	snprintf(balancing[0], sizeof(balancing[0]), "%lld",
		 (long long)then->memory.numa_balancing);
	snprintf(balancing[1], sizeof(balancing[1]), "%lld", (long long)now.numa_balancing);
	snprintf(cpus[0], sizeof(cpus[0]), "%d", then->cpu.logical_cpus);
	snprintf(cpus[1], sizeof(cpus[1]), "%d", host_cpus_online());
	for (size_t i = 0; i < LENGTH(row); i++) {
		if (row[i].was[0] && row[i].is[0] && row[i].was[0] != '-' && row[i].is[0] != '-' &&
		    strcmp(row[i].was, row[i].is) != 0) {
			snprintf(text, size, "%s was %s and is %s", row[i].name, row[i].was,
				 row[i].is);
			return true;
		}
	}
	return false;
}
