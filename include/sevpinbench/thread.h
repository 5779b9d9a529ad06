/* SPDX-License-Identifier: GPL-2.0-or-later */
/* thread: threads of this program, each on its CPU and deaf to signals that are for others. */
#ifndef SEVPINBENCH_THREAD_H
#define SEVPINBENCH_THREAD_H

#include <pthread.h>

/*
 * Start work(arg) in a thread, to be joined by the caller: on one CPU, or with -1 where the caller
 * may run; a CPU that may not be used leaves it there, too. It takes no signal but the one named
 * (0: none), for signals are for the thread that starts guests. 0 or -errno.
 */
int thread_start(pthread_t *thread, int cpu, int signal, void *(*work)(void *arg), void *arg);

#endif
