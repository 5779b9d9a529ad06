// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_host: files of /proc and /sys that hold anything. The input is their paths and contents in
 * turn, a NUL behind each; what is not in it does not exist. The checks are asked on that host.
 */
#include "fuzz.h"
#include "fuzz_large.h"
#include "sevpinbench/check.h"
#include "sevpinbench/check_json.h"
#include "sevpinbench/check_table.h"
#include "sevpinbench/host.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin_counters.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <libcpuid/libcpuid.h>
#include <sys/types.h>
#include <sys/utsname.h>

#define MOST_FILES 64
#define FIRST_FD   1000 /* above any true one */

static struct {
	const char *path, *text;
	size_t path_length, bytes;
} file[MOST_FILES];

static struct {
	int file;
	size_t at;
} opened[MOST_FILES];
static int file_count, open_count;

int __wrap_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode)
{
	size_t length = strlen(path);

	(void)flags;
	(void)mode;
	for (int i = 0; i < file_count; i++) {
		if (file[i].path_length != length || memcmp(file[i].path, path, length) != 0)
			continue;
		for (int n = 0; n < MOST_FILES; n++) {
			if (opened[n].file >= 0)
				continue;
			opened[n].file = i;
			opened[n].at = 0;
			open_count++;
			return FIRST_FD + n;
		}
		return -EMFILE;
	}
	return -ENOENT;
}

void __wrap_sys_close(int *fd);
void __wrap_sys_close(int *fd)
{
	if (*fd >= FIRST_FD) {
		must(opened[*fd - FIRST_FD].file >= 0);
		opened[*fd - FIRST_FD].file = -1;
		open_count--;
	}
	*fd = -1;
}

/* In pieces, as /proc gives them. */
static ssize_t give(int i, size_t at, void *buf, size_t bytes)
{
	size_t left = at < file[i].bytes ? file[i].bytes - at : 0;

	left = left < bytes ? left : bytes;
	left = left < 4096 ? left : 4096;
	memcpy(buf, file[i].text + at, left);
	return (ssize_t)left;
}

ssize_t __wrap_sys_read(int fd, void *buf, size_t bytes);
ssize_t __wrap_sys_read(int fd, void *buf, size_t bytes)
{
	ssize_t n;

	must(fd >= FIRST_FD && opened[fd - FIRST_FD].file >= 0);
	n = give(opened[fd - FIRST_FD].file, opened[fd - FIRST_FD].at, buf, bytes);
	opened[fd - FIRST_FD].at += (size_t)n;
	return n;
}

ssize_t __wrap_sys_pread(int fd, void *buf, size_t bytes, off_t offset);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t bytes, off_t offset)
{
	must(fd >= FIRST_FD && opened[fd - FIRST_FD].file >= 0);
	return give(opened[fd - FIRST_FD].file, offset < 0 ? 0 : (size_t)offset, buf, bytes);
}

ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes)
{
	(void)buf;
	return fd >= FIRST_FD ? (ssize_t)bytes : -EBADF;
}

off_t __wrap_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	(void)fd;
	(void)whence;
	return offset;
}

int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation)
{
	(void)operation;
	return fd >= FIRST_FD ? 0 : -1;
}

struct perf_event_attr;
int __wrap_sys_perf_event_open(struct perf_event_attr *attr);
int __wrap_sys_perf_event_open(struct perf_event_attr *attr)
{
	(void)attr;
	return -EACCES;
}

int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw);
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw)
{
	(void)raw;
	return -1;
}

int __wrap_host_numa_collect(struct host_node *node, int max);
int __wrap_host_numa_collect(struct host_node *node, int max)
{
	(void)node;
	(void)max;
	return 0;
}

int __wrap_launch_probe(struct launch_limits *l, struct fault *f);
int __wrap_launch_probe(struct launch_limits *l, struct fault *f)
{
	*l = (struct launch_limits){0};
	return fault_set(f, ENOENT, "open", "/dev/kvm");
}

int __wrap_pin_io_uring_probe(struct fault *f);
int __wrap_pin_io_uring_probe(struct fault *f)
{
	return fault_set(f, ENOSYS, "io_uring_setup", "a ring");
}

int __wrap_userfault_probe(bool with_alias, struct fault *f);
int __wrap_userfault_probe(bool with_alias, struct fault *f)
{
	(void)with_alias;
	return fault_set(f, ENOSYS, "userfaultfd", "flags");
}

static void split(char *text, size_t size)
{
	char *end = text + size, *piece = text;

	for (file_count = 0; piece < end && file_count < MOST_FILES; file_count++) {
		file[file_count].path = piece;
		file[file_count].path_length = strlen(piece);
		piece += file[file_count].path_length + 1;
		file[file_count].text = piece < end ? piece : "";
		file[file_count].bytes = piece < end ? strlen(piece) : 0;
		piece += file[file_count].bytes + 1;
	}
}

static void ask(void)
{
	static const struct check_request asked = {
		.guest_type = GUEST_TYPE_SEV, .guest_bytes = 4 * UNITS_GIB, .pin = PIN_MODE_EAGER};
	static struct check_report report;
	struct record_tool tool = {.version = "fuzz"};
	struct fault f = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	must(out && check_run(&asked, &report, &f) == 0);
	check_table_print(&report, true, out);
	must(check_json_print(&report, &tool, out, &f) == 0);
	must(fclose(out) == 0);
	for (size_t i = 0; i < size; i++)
		must((unsigned char)text[i] >= ' ' || text[i] == '\n');
	free(text);
}

static void count(void)
{
	static struct pin_counters counters;
	struct host_misc misc;

	pin_counters_open(&counters);
	must(pin_counters_host_pages(&counters) >= -1);
	must(pin_counters_vmpin_pages(&counters) >= -1);
	must(pin_counters_node_pages(&counters, 0) >= -1);
	pin_counters_close(&counters);
	host_misc_collect("sev", &misc);
	must(misc.used >= -1 && misc.capacity >= -1 && misc.limit >= -1 && misc.limit_used >= -1);
}

static unsigned sum_of(const uint8_t *data, size_t size)
{
	unsigned sum = (unsigned)size;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host_facts facts;
	char *text = __real_malloc(size + 1);
	int64_t usable;

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	split(text, size);
	for (int n = 0; n < MOST_FILES; n++)
		opened[n].file = -1;
	open_count = 0;
	host_file_set_root("");
	host_collect(&facts);
	usable = host_memory_usable_bytes(&facts.memory);
	must(usable >= -1 && facts.cpu.logical_cpus >= -1);
	count();
	/* The checks and their texts cost a hundred times as much as the parsers they stand on. */
	if (sum_of(data, size) % 61 == 0)
		ask();
	must(open_count == 0);
	fuzz_must_have_freed();
	__real_free(text);
	return 0;
}
