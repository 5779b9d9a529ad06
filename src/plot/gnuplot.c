// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gnuplot: text as gnuplot's data, and the program itself.
 *
 * The script and gnuplot's words travel through files in memory rather than pipes, so neither
 * side can block on the other and a gnuplot that dies early raises no SIGPIPE.
 */
#include "gnuplot.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Octal works inside gnuplot's double quotes for every byte, also for the backtick, which there
 * would run a command and which a backslash alone does not disarm in all versions.
 */
static void put_byte(unsigned char c, bool keep_high, FILE *out)
{
	if (c < 0x20 || c == 0x7f || strchr("\"\\`", c) || (c >= 0x80 && !keep_high))
		fprintf(out, "\\%03o", c);
	else
		fputc(c, out);
}

void gnuplot_put_text(const char *text, size_t max_chars, FILE *out)
{
	char plain[2048];
	const char *p;

	fputc('"', out);
	for (p = plain_text(text, max_chars, plain, sizeof(plain)); *p != '\0'; p++)
		put_byte((unsigned char)*p, true, out);
	fputc('"', out);
}

void gnuplot_put_path(const char *path, FILE *out)
{
	const char *p;

	fputs(path[0] == '/' ? "\"" : "\"./", out);
	for (p = path; *p != '\0'; p++)
		put_byte((unsigned char)*p, false, out);
	fputc('"', out);
}

/* True for what would change how gnuplot reads numbers, names fonts or finds files. */
static bool is_unwanted(const char *variable)
{
	static const char *const prefix[] = {"LC_",	 "LANG=",	"LANGUAGE=", "GNUPLOT",
					     "GNUTERM=", "GDFONTPATH=", "FIT_LOG=",  "FIT_SCRIPT="};
	size_t i;

	for (i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++) {
		if (strncmp(variable, prefix[i], strlen(prefix[i])) == 0)
			return true;
	}
	return false;
}

/* This process's environment without what is unwanted; the array is the caller's to free. */
static char **make_environment(char *locale)
{
	static char *nothing[] = {NULL};
	char **from = environ ? environ : nothing, **env;
	size_t i, count = 0, used = 0;

	while (from[count])
		count++;
	env = calloc(count + 2, sizeof(*env));
	if (!env)
		return NULL;
	for (i = 0; i < count; i++) {
		if (!is_unwanted(from[i]))
			env[used++] = from[i];
	}
	env[used] = locale;
	return env;
}

/* The child gets default signals: a campaign blocks or ignores some, which spawning hands on. */
static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* Open for good; -1 while it is not held. Once it was looked for, no other is started. */
static int held_fd = -1;
static bool looked_for;

int gnuplot_hold(void)
{
	const char *path = getenv("PATH"), *end;
	char file[4096];
	size_t length;

	looked_for = true;
	for (; path && held_fd < 0; path = *end ? end + 1 : NULL) {
		end = path + strcspn(path, ":");
		length = (size_t)(end - path);
		/* An empty part is the current folder; nobody means that here. */
		if (length == 0 || length + sizeof("/gnuplot") > sizeof(file))
			continue;
		memcpy(file, path, length);
		memcpy(file + length, "/gnuplot", sizeof("/gnuplot"));
		if (access(file, X_OK) == 0)
			held_fd = sys_open(file, O_PATH, 0);
	}
	return held_fd < 0 ? -ENOENT : held_fd;
}

/*
 * In the child: default signals, the three descriptors, the program. Its own stays open: where
 * gnuplot is a script, that is how its interpreter reads it.
 */
static void become(int script_fd, int out_fd, int words_fd, char *const *argv, char *const *env)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(script_fd, STDIN_FILENO) >= 0 && dup2(out_fd, STDOUT_FILENO) >= 0 &&
	    dup2(words_fd, STDERR_FILENO) >= 0 && fcntl(held_fd, F_SETFD, 0) == 0)
		fexecve(held_fd, argv, env);
	_exit(127);
}

static int fork_held(int script_fd, int out_fd, int words_fd, char *const *argv, char *const *env,
		     pid_t *pid)
{
	*pid = fork();
	if (*pid == 0)
		become(script_fd, out_fd, words_fd, argv, env);
	return *pid < 0 ? errno : 0;
}

/* Start it. The descriptors are above 2, so no dup2 overwrites another's source. 0 or -errno. */
static int start(int script_fd, int picture_fd, int words_fd, pid_t *pid)
{
	char name[] = "gnuplot", no_settings[] = "-d", from_stdin[] = "-";
	char locale[] = "LC_ALL=C.UTF-8";
	char *const argv[] = {name, no_settings, from_stdin, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char **env = make_environment(locale);
	int err = env ? 0 : ENOMEM, out_fd = picture_fd < 0 ? words_fd : picture_fd;

	if (err)
		return -err;
	if (looked_for) {
		err = held_fd < 0 ? ENOENT : fork_held(script_fd, out_fd, words_fd, argv, env, pid);
		free(env);
		return -err;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	err = posix_spawn_file_actions_adddup2(&actions, script_fd, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, words_fd, STDERR_FILENO);
	if (!err)
		err = set_signals(&attr);
	if (!err)
		err = posix_spawnp(pid, name, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	return -err;
}

/* Wait for the child's end; kill it when its time is up. 0 and *status, or -errno. */
static int wait_for(pid_t pid, unsigned time_limit_ms, int *status)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	uint64_t deadline = clock_now_ns() + (uint64_t)time_limit_ms * 1000000u;
	pid_t r;

	for (;;) {
		r = waitpid(pid, status, WNOHANG);
		if (r == pid)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (clock_now_ns() >= deadline)
			break;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return -ETIME;
}

static void read_words(int fd, char *said, size_t size)
{
	char raw[1024];
	ssize_t n = sys_pread(fd, raw, sizeof(raw) - 1, 0);
	char *from = raw, *to = raw;

	raw[n > 0 ? n : 0] = '\0';
	/* gnuplot starts with empty lines and points at the mistake with many spaces. */
	for (; *from != '\0'; from++) {
		if (*from == '\n' || *from == '\t')
			*from = ' ';
		if (*from != ' ' || (to > raw && to[-1] != ' '))
			*to++ = *from;
	}
	*to = '\0';
	plain_text(raw, 160, said, size);
}

static int fail_to_start(int err, struct fault *f)
{
	fault_set(f, err, "start gnuplot", "to be found on PATH");
	if (err == ENOENT)
		fault_hint(f, "plots need gnuplot: apt-get install gnuplot-nox");
	return -err;
}

static int judge(int status, const char *said, struct fault *f)
{
	if (WIFSIGNALED(status))
		return fault_set(f, EIO, "gnuplot", "ended by signal %d: %s", WTERMSIG(status),
				 said);
	/* POSIX lets a spawn that failed appear as a child that exits so. */
	if (WEXITSTATUS(status) == 127)
		return fail_to_start(ENOENT, f);
	if (WEXITSTATUS(status) != 0)
		return fault_set(f, EIO, "gnuplot", "exit %d: %s", WEXITSTATUS(status), said);
	return 0;
}

int gnuplot_memfd(const char *name)
{
	int low = sys_memfd(name, 0), fd;

	if (low < 0)
		return low;
	fd = fcntl(low, F_DUPFD_CLOEXEC, 3);
	fd = fd < 0 ? -errno : fd;
	sys_close(&low);
	return fd;
}

int gnuplot_run(int script_fd, int picture_fd, unsigned time_limit_ms, char *said, size_t said_size,
		struct fault *f)
{
	int words_fd = gnuplot_memfd("gnuplot's words"), status = 0, err;
	pid_t pid = -1;

	said[0] = '\0';
	if (words_fd < 0)
		return fault_set(f, -words_fd, "memfd_create", "gnuplot's words");
	err = start(script_fd, picture_fd, words_fd, &pid);
	if (err) {
		fail_to_start(-err, f);
		goto out;
	}
	err = wait_for(pid, time_limit_ms, &status);
	read_words(words_fd, said, said_size);
	if (err)
		fault_set(f, -err, "wait for gnuplot", "limit %u ms: %s", time_limit_ms, said);
	else
		err = judge(status, said, f);
out:
	sys_close(&words_fd);
	return err;
}
