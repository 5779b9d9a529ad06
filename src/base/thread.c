// SPDX-License-Identifier: GPL-2.0-or-later
/* thread: threads of this program, each on its CPU and deaf to signals that are for others. */
#include "sevpinbench/thread.h"

#include <sched.h>
#include <signal.h>

int thread_start(pthread_t *thread, int cpu, int signal, void *(*work)(void *arg), void *arg)
{
	sigset_t mask, old;
	cpu_set_t cpus;
	int err;

	sigfillset(&mask);
	if (signal)
		sigdelset(&mask, signal);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	err = pthread_create(thread, NULL, work, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err == 0 && cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(cpu, &cpus);
		pthread_setaffinity_np(*thread, sizeof(cpus), &cpus);
	}
	return -err;
}
