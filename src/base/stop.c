// SPDX-License-Identifier: GPL-2.0-or-later
/* stop: how a run is told to end early. */
#include "sevpinbench/stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

/* Signal handlers can reach nothing but globals. */
static volatile sig_atomic_t stop_by;
static volatile sig_atomic_t alarm_rang;
static volatile sig_atomic_t continued;
static void (*volatile stop_hook)(void *arg);
static void *volatile stop_hook_arg;

static void call_hook(void)
{
	void (*hook)(void *) = stop_hook;

	if (hook)
		hook(stop_hook_arg);
}

static void on_signal(int signal)
{
	int saved = errno;

	if (signal == SIGALRM)
		alarm_rang = 1;
	else
		stop_by = signal;
	call_hook();
	errno = saved;
}

/*
 * Whoever starts us may have a signal ignored, as nohup does with SIGHUP: then it stays so. 0 or
 * -errno.
 */
static int catch_unless_ignored(int signal, const struct sigaction *action)
{
	struct sigaction old;

	if (sigaction(signal, NULL, &old) < 0)
		return -errno;
	if (old.sa_handler == SIG_IGN && signal != SIGALRM)
		return 0;
	return sigaction(signal, action, NULL) < 0 ? -errno : 0;
}

static void on_wake(int signal)
{
	(void)signal;
}

static void on_continue(int signal)
{
	(void)signal;
	continued = continued + 1;
}

int stop_install(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
	struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: calls must end */
	size_t i;
	int r;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&action.sa_mask, ends[i]);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		r = catch_unless_ignored(ends[i], &action);
		if (r < 0)
			return r;
	}
	action.sa_handler = on_wake;
	if (sigaction(SIGUSR1, &action, NULL) < 0)
		return -errno;
	/* Calls that a stop has interrupted go on by themselves, as they do without a handler. */
	action.sa_handler = on_continue;
	action.sa_flags = SA_RESTART;
	if (sigaction(SIGCONT, &action, NULL) < 0)
		return -errno;
	action.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &action, NULL) < 0 || sigaction(SIGXFSZ, &action, NULL) < 0)
		return -errno;
	return 0;
}

int stop_signal(void)
{
	return stop_by;
}

void stop_request(int signal)
{
	on_signal(signal);
}

void stop_set_hook(void (*hook)(void *arg), void *arg)
{
	stop_hook = NULL;
	stop_hook_arg = arg;
	stop_hook = hook;
	if (stop_by)
		call_hook();
}

int stop_alarm(uint64_t ns)
{
	struct itimerval timer = {.it_value = {.tv_sec = (time_t)(ns / 1000000000u),
					       .tv_usec = (suseconds_t)(ns % 1000000000u / 1000)}};

	if (ns)
		alarm_rang = 0;
	return setitimer(ITIMER_REAL, &timer, NULL) < 0 ? -errno : 0;
}

bool stop_alarm_rang(void)
{
	return alarm_rang != 0;
}

unsigned stop_continued(void)
{
	return (unsigned)continued;
}
