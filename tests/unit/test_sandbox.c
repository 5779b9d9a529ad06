// SPDX-License-Identifier: GPL-2.0-or-later
/* test_sandbox: what a sandboxed process is kept from, and what it can still do. */
#include "sevpinbench/sandbox.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char program[] = "true";
static char *const arguments[] = {program, NULL};
static char *const environment[] = {NULL};

static int true_fd(void)
{
	int fd = open("/bin/true", O_PATH | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/*
 * In a child: nobody leaves the sandbox. Its exit status, which is what test() returned. By
 * _exit(): a leak checker's threads could not do their work there.
 */
static int in_sandbox(int exec_fd, int (*test)(int exec_fd))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct fault f = {0};

		_exit(sandbox_enter(exec_fd, &f) ? 99 : test(exec_fd));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool refused(long r)
{
	return r < 0 && errno == EPERM;
}

static int no_sockets(int exec_fd)
{
	int pair[2];

	(void)exec_fd;
	if (!refused(socket(AF_INET, SOCK_STREAM, 0)) || !refused(socket(AF_UNIX, SOCK_DGRAM, 0)))
		return 1;
	return refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) ? 0 : 2;
}

static int no_other_power(int exec_fd)
{
	(void)exec_fd;
	if (!refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
		return 1;
	if (!refused(syscall(SYS_io_uring_setup, 1, NULL)))
		return 2;
	if (!refused(syscall(SYS_bpf, 0, NULL, 0)) || !refused(syscall(SYS_unshare, 0)))
		return 3;
	return refused(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)) ? 0 : 4;
}

static int no_program(int exec_fd)
{
	int fd = open("/bin/true", O_PATH | O_CLOEXEC);

	(void)exec_fd;
	if (!refused(execve("/bin/true", arguments, environment)))
		return 1;
	if (fd < 0 ||
	    !refused(syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH)))
		return 2;
	return refused(syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, environment, 0)) ? 0
												: 3;
}

static int the_held_one(int exec_fd)
{
	fexecve(exec_fd, arguments, environment);
	return 1;
}

static int not_below_the_held_one(int exec_fd)
{
	return refused(syscall(SYS_execveat, exec_fd, "../bin/true", arguments, environment, 0))
		       ? 0
		       : 1;
}

static int files_as_before(int exec_fd)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	(void)exec_fd;
	return fd < 0 ? 1 : 0;
}

static int capabilities_gone(int exec_fd)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	(void)exec_fd;
	if (syscall(SYS_capget, &header, data) < 0)
		return 1;
	if (data[0].permitted & (1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN | 1U << CAP_IPC_LOCK))
		return 2;
	return data[0].effective & ~data[0].permitted ? 3 : 0;
}

START_TEST(refuses)
{
	static int (*const tests[])(int) = {no_sockets, no_other_power, no_program, files_as_before,
					    capabilities_gone};

	ck_assert_int_eq(in_sandbox(-1, tests[_i]), 0);
}
END_TEST

START_TEST(starts_what_it_holds)
{
	int fd = true_fd();

	ck_assert_int_eq(in_sandbox(fd, the_held_one), 0);
	ck_assert_int_eq(in_sandbox(fd, no_program), 0);
	ck_assert_int_eq(in_sandbox(fd, not_below_the_held_one), 0);
	ck_assert_int_eq(in_sandbox(fd, no_sockets), 0);
	close(fd);
}
END_TEST

/* What guests need is kept. */
START_TEST(guests_keep_theirs)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct then[_LINUX_CAPABILITY_U32S_3] = {{0}}, now[2] = {{0}};
	const uint32_t needed = 1U << CAP_SYS_ADMIN | 1U << CAP_IPC_LOCK | 1U << CAP_SYS_PTRACE;

	ck_assert_int_eq((int)syscall(SYS_capget, &header, then), 0);
	ck_assert_int_eq(sandbox_drop_capabilities(), 0);
	ck_assert_int_eq((int)syscall(SYS_capget, &header, now), 0);
	ck_assert_uint_eq(now[0].effective & needed, then[0].effective & needed);
	ck_assert_uint_eq(now[0].permitted & (1U << CAP_NET_ADMIN | 1U << CAP_SYS_MODULE), 0);
}
END_TEST

int main(void)
{
	const char *preload = getenv("LD_PRELOAD");
	Suite *suite;
	TCase *tcase;

	if (preload && strstr(preload, "vgpreload")) {
		puts("valgrind knows no seccomp(2), and does not live through a refused execve(2)");
		return 77;
	}
	suite = suite_create("sandbox");
	tcase = tcase_create("sandbox");
	tcase_add_loop_test(tcase, refuses, 0, 5);
	tcase_add_test(tcase, starts_what_it_holds);
	tcase_add_test(tcase, guests_keep_theirs);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
