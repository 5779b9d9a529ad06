// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pin_counters: counts in made-up files, and real pins in the real ones. The real ones need
 * root, io_uring and a kernel that counts pins; what is missing is said, and that test left out.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/host_file.h"
#include "sevpinbench/pin_counters.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define PINNED_BYTES (64UL << 20)
#define PINNED_PAGES ((int64_t)(PINNED_BYTES / 4096))

/* Others may pin on this host meanwhile: a count must come out right in one of these tries. */
#define TRIES 50

static struct pin_counters counters;
static char root[400];

/* Folders before what is in them. */
static const char *const entries[] = {
	"",
	"/proc",
	"/proc/self",
	"/proc/sys",
	"/proc/sys/vm",
	"/proc/41",
	"/proc/42",
	"/proc/43",
	"/proc/42abc",
	"/proc/vmstat",
	"/proc/self/status",
	"/proc/sys/vm/stat_refresh",
	"/proc/41/status",
	"/proc/42/status",
	"/proc/43/status",
	"/proc/42abc/status",
};
#define FOLDERS 9

static void full_path(const char *name, char *path, size_t size)
{
	ck_assert_int_lt(snprintf(path, size, "%s%s", root, name), (int)size);
}

static void write_file(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	full_path(name, path, sizeof(path));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void make_root(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[512];

	snprintf(root, sizeof(root), "%s/pin-counters.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 1; i < FOLDERS; i++) {
		full_path(entries[i], path, sizeof(path));
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	write_file("/proc/sys/vm/stat_refresh", "");
	write_file("/proc/vmstat",
		   "nr_free 1\nnr_foll_pin_acquired 1000\nnr_foll_pin_released 400\n");
	write_file("/proc/self/status", "Name:\tself\nVmPin:\t    4096 kB\n");
	host_file_set_root(root);
}

static void remove_root(void)
{
	char path[512];

	pin_counters_close(&counters);
	host_file_set_root(NULL);
	for (size_t i = LENGTH(entries); i-- > 0;) {
		full_path(entries[i], path, sizeof(path));
		remove(path);
	}
	ck_assert_int_ne(access(root, F_OK), 0);
}

START_TEST(counts_in_files)
{
	char text[16];

	pin_counters_open(&counters);
	ck_assert_int_ge(counters.vmstat_fd, 0);
	ck_assert_int_ge(counters.refresh_fd, 0);
	ck_assert_int_ge(counters.status_fd, 0);
	ck_assert_int_eq(counters.vmstat_err | counters.refresh_err | counters.status_err, 0);
	ck_assert_int_eq(pin_counters_host_pages(&counters), 600);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), 1024);
	/* The descriptors stay open, and each reading is new. */
	write_file("/proc/vmstat", "nr_foll_pin_acquired 7\nnr_foll_pin_released 7\n");
	write_file("/proc/self/status", "VmPin:\t       0 kB\n");
	ck_assert_int_eq(pin_counters_host_pages(&counters), 0);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), 0);
	/* Refreshed at offset 0 each time. */
	ck_assert_int_eq(host_file_read("/proc/sys/vm/stat_refresh", text, sizeof(text)), 1);
	ck_assert_str_eq(text, "1");
}
END_TEST

START_TEST(counts_that_are_none)
{
	static const char *const vmstat[] = {
		"",
		"nr_foll_pin_acquired 5\n",
		"nr_foll_pin_released 5\n",
		"nr_foll_pin_acquired 5\nnr_foll_pin_released x\n",
		"nr_foll_pin_acquired 5\nnr_foll_pin_released 6\n",
		"nr_foll_pin_acquired 18446744073709551615\nnr_foll_pin_released 0\n",
		"nr_foll_pin_acquired 18446744073709551616\nnr_foll_pin_released 0\n",
	};
	static const char *const status[] = {"", "VmPin:\n", "VmPin:\t-4 kB\n", "xVmPin: 4 kB\n"};

	pin_counters_open(&counters);
	for (size_t i = 0; i < LENGTH(vmstat); i++) {
		write_file("/proc/vmstat", vmstat[i]);
		ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	}
	for (size_t i = 0; i < LENGTH(status); i++) {
		write_file("/proc/self/status", status[i]);
		ck_assert_int_eq(pin_counters_vmpin_pages(&counters), -1);
	}
}
END_TEST

/* Each file that is missing takes its own count away and no other. */
START_TEST(files_that_are_missing)
{
	char path[512];

	full_path("/proc/sys/vm/stat_refresh", path, sizeof(path));
	ck_assert_int_eq(unlink(path), 0);
	pin_counters_open(&counters);
	ck_assert_int_eq(counters.refresh_fd, -1);
	ck_assert_int_eq(counters.refresh_err, ENOENT);
	ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), 1024);
	pin_counters_close(&counters);

	host_file_set_root("/nonexistent");
	pin_counters_open(&counters);
	ck_assert_int_eq(counters.vmstat_err, ENOENT);
	ck_assert_int_eq(counters.status_err, ENOENT);
	ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), -1);
	pin_counters_close(&counters);
	ck_assert_int_eq(counters.vmstat_fd, -1);
	pin_counters_close(&counters);
}
END_TEST

static ssize_t write_result;
ssize_t __real_sys_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t bytes)
{
	return write_result ? write_result : __real_sys_write(fd, buf, bytes);
}

/* A count that could not be refreshed is no count; EINVAL comes after the refresh. */
START_TEST(refresh_that_fails)
{
	pin_counters_open(&counters);
	write_result = -ENOMEM;
	ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	write_result = -EINVAL;
	ck_assert_int_eq(pin_counters_host_pages(&counters), 600);
	write_result = 0;
}
END_TEST

START_TEST(longer_than_the_buffer)
{
	static char text[PIN_COUNTERS_TEXT + 4096];

	memset(text, 'x', sizeof(text) - 1);
	write_file("/proc/vmstat", text);
	write_file("/proc/self/status", text);
	pin_counters_open(&counters);
	ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), -1);
}
END_TEST

START_TEST(others_in_files)
{
	char name[64] = "unset";
	uint64_t pages = 1;
	int pid = 1;

	ck_assert_int_eq(pin_counters_find_other(&pid, name, &pages), 0);
	write_file("/proc/41/status", "Name:\tidle\nVmPin:\t       0 kB\n");
	write_file("/proc/42abc/status", "Name:\tno process\nVmPin:\t 999999 kB\n");
	ck_assert_int_eq(pin_counters_find_other(&pid, name, &pages), 0);
	ck_assert_str_eq(name, "unset");
	write_file("/proc/42/status", "Name:\tsmall\nVmPin:\t      64 kB\n");
	write_file("/proc/43/status", "Name:\tlarge one\nVmPin:\t     128 kB\n");
	ck_assert_int_eq(pin_counters_find_other(&pid, name, &pages), 1);
	ck_assert_int_eq(pid, 43);
	ck_assert_str_eq(name, "large one");
	ck_assert_uint_eq(pages, 32);
	host_file_set_root("/nonexistent");
	ck_assert_int_eq(pin_counters_find_other(&pid, name, &pages), -ENOENT);
}
END_TEST

/* This process itself is not another one. */
START_TEST(others_are_not_this_one)
{
	char folder[64], path[512], file[96], name[64];
	uint64_t pages;
	int pid;

	snprintf(folder, sizeof(folder), "/proc/%d", (int)getpid());
	full_path(folder, path, sizeof(path));
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(file, sizeof(file), "%s/status", folder);
	write_file(file, "Name:\tme\nVmPin:\t     128 kB\n");
	ck_assert_int_eq(pin_counters_find_other(&pid, name, &pages), 0);
	full_path(file, path, sizeof(path));
	unlink(path);
	full_path(folder, path, sizeof(path));
	rmdir(path);
}
END_TEST

struct pinned {
	struct io_uring ring;
	struct iovec memory;
};

/* Small pages, so that a page and a folio are the same thing. False and a note if not possible. */
static bool pin(struct pinned *p)
{
	int err = io_uring_queue_init(1, &p->ring, 0);

	if (err) {
		fprintf(stderr, "note: left out, io_uring_setup: %s\n", strerror(-err));
		return false;
	}
	p->memory.iov_len = PINNED_BYTES;
	p->memory.iov_base = mmap(NULL, PINNED_BYTES, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(p->memory.iov_base, MAP_FAILED);
	madvise(p->memory.iov_base, PINNED_BYTES, MADV_NOHUGEPAGE);
	memset(p->memory.iov_base, 1, PINNED_BYTES);
	err = io_uring_register_buffers(&p->ring, &p->memory, 1);
	if (!err)
		return true;
	fprintf(stderr, "note: left out, io_uring_register_buffers: %s\n", strerror(-err));
	munmap(p->memory.iov_base, PINNED_BYTES);
	io_uring_queue_exit(&p->ring);
	return false;
}

static void unpin(struct pinned *p)
{
	ck_assert_int_eq(io_uring_unregister_buffers(&p->ring), 0);
	io_uring_queue_exit(&p->ring);
	munmap(p->memory.iov_base, PINNED_BYTES);
}

struct change {
	int64_t host_up, host_down, vmpin_up, vmpin_down;
};

/* Pin, unpin, and note what both counts made of it. False where this host cannot. */
static bool observe(struct change *change)
{
	int64_t host = pin_counters_host_pages(&counters);
	int64_t vmpin = pin_counters_vmpin_pages(&counters);
	struct pinned p;

	if (!pin(&p))
		return false;
	change->host_up = pin_counters_host_pages(&counters) - host;
	change->vmpin_up = pin_counters_vmpin_pages(&counters) - vmpin;
	unpin(&p);
	change->host_down = pin_counters_host_pages(&counters) - host;
	change->vmpin_down = pin_counters_vmpin_pages(&counters) - vmpin;
	return true;
}

static bool host_counts_work(void)
{
	pin_counters_open(&counters);
	if (pin_counters_host_pages(&counters) >= 0)
		return true;
	fprintf(stderr, "note: left out, this host's pins cannot be counted here\n");
	return false;
}

START_TEST(real_pins_are_counted)
{
	struct change change = {0};

	if (!host_counts_work())
		return;
	for (int i = 0; i < TRIES; i++) {
		if (!observe(&change))
			return;
		/* Nobody else's pins are in this one. */
		ck_assert_int_eq(change.vmpin_up, PINNED_PAGES);
		ck_assert_int_eq(change.vmpin_down, 0);
		if (change.host_up == PINNED_PAGES && change.host_down == 0)
			return;
		usleep(100000);
	}
	ck_abort_msg("pinned %lld pages; the host's count rose by %lld and kept %lld",
		     (long long)PINNED_PAGES, (long long)change.host_up,
		     (long long)change.host_down);
}
END_TEST

/* What the other process does: pin, say so, and wait to be ended. */
static void other_process(int fd)
{
	struct pinned p;
	char answer = pin(&p) ? 'y' : 'n';

	if (write(fd, &answer, 1) == 1 && answer == 'y')
		pause();
	_exit(0);
}

START_TEST(real_other_process_is_found)
{
	char name[64], answer = 0;
	uint64_t pages = 0;
	int found, pid, fds[2];
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		other_process(fds[1]);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &answer, 1), 1);
	close(fds[0]);
	found = pin_counters_find_other(&pid, name, &pages);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	if (answer != 'y')
		return;
	ck_assert_int_eq(found, 1);
	/* A process with yet more pins may be about; then it is the answer. */
	ck_assert_uint_ge(pages, PINNED_PAGES);
	if (pages == (uint64_t)PINNED_PAGES && pid == child)
		ck_assert_uint_gt(strlen(name), 0);
}
END_TEST

/* Whoever may not refresh gets no host count, but still a VmPin. */
START_TEST(real_counts_without_root)
{
	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
	pin_counters_open(&counters);
	ck_assert_int_eq(counters.refresh_err, EACCES);
	ck_assert_int_eq(pin_counters_host_pages(&counters), -1);
	ck_assert_int_eq(pin_counters_vmpin_pages(&counters), 0);
}
END_TEST

static void close_counters(void)
{
	pin_counters_close(&counters);
}

static Suite *pin_counters_suite(void)
{
	const TTest *const made_up[] = {
		counts_in_files,	 counts_that_are_none,	 files_that_are_missing,
		refresh_that_fails,	 longer_than_the_buffer, others_in_files,
		others_are_not_this_one,
	};
	const TTest *const real[] = {real_pins_are_counted, real_other_process_is_found,
				     real_counts_without_root};
	TCase *files = tcase_create("files"), *kernel = tcase_create("kernel");
	Suite *suite = suite_create("pin_counters");

	tcase_add_checked_fixture(files, make_root, remove_root);
	for (size_t i = 0; i < LENGTH(made_up); i++)
		tcase_add_test(files, made_up[i]);
	suite_add_tcase(suite, files);
	tcase_add_checked_fixture(kernel, NULL, close_counters);
	tcase_set_timeout(kernel, 120);
	for (size_t i = 0; i < LENGTH(real); i++)
		tcase_add_test(kernel, real[i]);
	suite_add_tcase(suite, kernel);
	return suite;
}

int main(void)
{
	return run_suite(pin_counters_suite());
}
