// SPDX-License-Identifier: GPL-2.0-or-later
/* sys: the one door to the kernel. One call each; the result, or -errno. */
#include "sevpinbench/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Linux 6.1; absent from older headers. */
#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

int sys_open(const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags | O_CLOEXEC, mode);

	return fd < 0 ? -errno : fd;
}

void sys_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int sys_ioctl(int fd, unsigned long request, void *arg)
{
	int r = ioctl(fd, request, arg);

	return r < 0 ? -errno : r;
}

int sys_ioctl_value(int fd, unsigned long request, unsigned long value)
{
	int r = ioctl(fd, request, value);

	return r < 0 ? -errno : r;
}

int sys_terminal_columns(int fd)
{
	struct winsize w = {0};
	int r = sys_ioctl(fd, TIOCGWINSZ, &w);

	return r < 0 ? r : w.ws_col;
}

int sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	void *p = mmap(NULL, bytes, prot, flags, fd, offset);

	*addr = p == MAP_FAILED ? NULL : p;
	return p == MAP_FAILED ? -errno : 0;
}

void sys_munmap(void **addr, size_t bytes)
{
	if (*addr)
		munmap(*addr, bytes);
	*addr = NULL;
}

int sys_madvise(void *addr, size_t bytes, int advice)
{
	return madvise(addr, bytes, advice) < 0 ? -errno : 0;
}

int sys_memfd(const char *name, unsigned flags)
{
	int fd = memfd_create(name, flags | MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_ftruncate(int fd, off_t bytes)
{
	return ftruncate(fd, bytes) < 0 ? -errno : 0;
}

int sys_fallocate(int fd, off_t offset, off_t bytes)
{
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, bytes) < 0 ? -errno : 0;
}

int64_t sys_cached_pages(int fd)
{
	/* Of <linux/mman.h> from Linux 6.5; absent from older headers, and so is the number. */
	const long cachestat = 451;
	const struct {
		uint64_t offset, bytes; /* 0: to its end */
	} all = {0, 0};
	struct {
		uint64_t cached, dirty, writeback, evicted, recently_evicted;
	} stat = {0};

	return syscall(cachestat, fd, &all, &stat, 0) < 0 ? -errno : (int64_t)stat.cached;
}

ssize_t sys_read(int fd, void *buf, size_t bytes)
{
	ssize_t n = read(fd, buf, bytes);

	return n < 0 ? -errno : n;
}

ssize_t sys_pread(int fd, void *buf, size_t bytes, off_t offset)
{
	ssize_t n = pread(fd, buf, bytes, offset);

	return n < 0 ? -errno : n;
}

ssize_t sys_write(int fd, const void *buf, size_t bytes)
{
	ssize_t n = write(fd, buf, bytes);

	return n < 0 ? -errno : n;
}

int sys_write_all(int fd, const void *buf, size_t bytes)
{
	const char *p = buf;
	ssize_t n;

	while (bytes > 0) {
		n = sys_write(fd, p, bytes);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

int sys_fsync(int fd)
{
	return fsync(fd) < 0 ? -errno : 0;
}

int sys_rename(const char *from, const char *to)
{
	return rename(from, to) < 0 ? -errno : 0;
}

int sys_unlink(const char *path)
{
	return unlink(path) < 0 ? -errno : 0;
}

int sys_perf_event_open(struct perf_event_attr *attr)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_fork(void)
{
	pid_t pid = fork();

	return pid < 0 ? -errno : pid;
}

int sys_futex_wait(uint32_t *word, uint32_t value, uint64_t ns)
{
	const struct timespec wait = {.tv_sec = (time_t)(ns / 1000000000u),
				      .tv_nsec = (long)(ns % 1000000000u)};

	return syscall(SYS_futex, word, FUTEX_WAIT, value, ns ? &wait : NULL, NULL, 0) < 0 ? -errno
											   : 0;
}

int sys_futex_wake(uint32_t *word, uint32_t count)
{
	long n = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);

	return n < 0 ? -errno : (int)n;
}

int sys_run_on_cpu(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus) < 0 ? -errno : 0;
}

int sys_userfaultfd(int flags)
{
	int fd = (int)syscall(SYS_userfaultfd, flags | O_CLOEXEC);
	int err = errno;
	int device;

	if (fd >= 0)
		return fd;
	if (err != EPERM)
		return -err;
	device = sys_open("/dev/userfaultfd", O_RDWR, 0);
	if (device < 0)
		return -err;
	fd = sys_ioctl_value(device, USERFAULTFD_IOC_NEW, (unsigned long)(flags | O_CLOEXEC));
	sys_close(&device);
	return fd;
}
