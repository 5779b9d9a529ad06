/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys: the one door to the kernel.
 *
 * Each wrapper makes exactly one call and returns its result, or -errno. EINTR is handed on
 * except where the comment says otherwise. Tests make any of them fail by linking with
 * -Wl,--wrap=NAME; the product pays one direct call.
 */
#ifndef SEVPINBENCH_SYS_H
#define SEVPINBENCH_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* O_CLOEXEC is always added. The descriptor, or -errno. */
int sys_open(const char *path, int flags, mode_t mode);

/* Close *fd if it is not -1 and set it to -1. An error is not reported: nothing can be done. */
void sys_close(int *fd);

/* The ioctl's own result, or -errno. */
int sys_ioctl(int fd, unsigned long request, void *arg);
int sys_ioctl_value(int fd, unsigned long request, unsigned long value);

/* How wide the terminal behind fd is, in characters; 0 where it does not know. -errno for others.
 */
int sys_terminal_columns(int fd);

/* 0 and *addr, or -errno and *addr = NULL. */
int sys_mmap(void **addr, size_t bytes, int prot, int flags, int fd, off_t offset);

/* Unmap *addr if it is not NULL and set it to NULL. */
void sys_munmap(void **addr, size_t bytes);

int sys_madvise(void *addr, size_t bytes, int advice);

/* memfd_create(2) with MFD_CLOEXEC added. The descriptor, or -errno. */
int sys_memfd(const char *name, unsigned flags);
int sys_ftruncate(int fd, off_t bytes);

/* fallocate(2) with FALLOC_FL_KEEP_SIZE. 0 or -errno. */
int sys_fallocate(int fd, off_t offset, off_t bytes);

/* Pages of the file that are in memory, by cachestat(2) (Linux 6.5), or -errno. */
int64_t sys_cached_pages(int fd);

/* Bytes read or written, perhaps fewer than asked, or -errno. */
ssize_t sys_read(int fd, void *buf, size_t bytes);
ssize_t sys_pread(int fd, void *buf, size_t bytes, off_t offset);
ssize_t sys_write(int fd, const void *buf, size_t bytes);

/* Write it all, going on after short writes and EINTR. 0 or -errno. */
int sys_write_all(int fd, const void *buf, size_t bytes);

int sys_fsync(int fd);
int sys_rename(const char *from, const char *to);
int sys_unlink(const char *path);

/* perf_event_open(2): attr's event of this process, on any CPU. Descriptor or -errno. */
struct perf_event_attr;
int sys_perf_event_open(struct perf_event_attr *attr);

/* fork(2): 0 in the child, its number in the parent, or -errno. */
int sys_fork(void);

/*
 * Wait on a word in memory that processes share, as long as it holds this value: until woken, for
 * so many ns (0: any time) or until a signal comes. 0 or -errno; the word is to be looked at in any
 * case.
 */
int sys_futex_wait(uint32_t *word, uint32_t value, uint64_t ns);

/* Wake so many of those who wait on the word. Returns their number, or -errno. */
int sys_futex_wake(uint32_t *word, uint32_t count);

/* Keep the calling thread to one CPU. 0 or -errno. */
int sys_run_on_cpu(int cpu);

/* userfaultfd(2), or /dev/userfaultfd where the call is not permitted. Descriptor or -errno. */
int sys_userfaultfd(int flags);

#endif
