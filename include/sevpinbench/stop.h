/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop: how a run is told to end early. A signal sets a flag that long steps look at, and calls
 * one hook, by which launch/ brings its vCPUs out of the guest.
 */
#ifndef SEVPINBENCH_STOP_H
#define SEVPINBENCH_STOP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Catch SIGINT, SIGTERM and SIGHUP (end early), SIGALRM (stop_alarm), SIGUSR1 (wakes a thread out
 * of a system call, nothing else) and SIGCONT (stop_continued), the first three unless they are
 * ignored already, as nohup has SIGHUP; ignore SIGPIPE and SIGXFSZ, so that a closed output and a
 * file too large are error codes. Once, before any thread is made. 0 or -errno.
 */
int stop_install(void);

/* The signal that asked for the end, 0 while none did. */
int stop_signal(void);

/* Ask for the end as a signal would. Async-signal-safe. */
void stop_request(int signal);

/*
 * hook(arg) is called in the signal handler at SIGINT, SIGTERM, SIGHUP and SIGALRM, and once at
 * once where one of the first three has come before. It must be async-signal-safe.
 * NULL takes it away; after that returns, the hook is not running in the calling thread.
 */
void stop_set_hook(void (*hook)(void *arg), void *arg);

/* SIGALRM, and with it the hook, after so many ns; 0 cancels. Returns 0 or -errno. */
int stop_alarm(uint64_t ns);

/* True when the alarm went off since it was last set. */
bool stop_alarm_rang(void);

/*
 * How often this process was sent SIGCONT since stop_install(): by it, whoever stopped the process
 * (SIGSTOP, a terminal's ^Z) has it go on. A control group's freezer sends none.
 */
unsigned stop_continued(void);

#endif
