/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gang: threads that do one thing at once, each its share of it. They are made before a timing and
 * parked, so that making them is in nobody's time. Number 0 may be the caller itself. They take no
 * signals: these are for the one that starts the guest.
 */
#ifndef SEVPINBENCH_GANG_H
#define SEVPINBENCH_GANG_H

#include "sevpinbench/fault.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#define GANG_MAX 64

struct gang;

struct gang_hand {
	struct gang *gang;
	unsigned number;
	pthread_t thread;
	sem_t go;
};

struct gang {
	unsigned count;				  /* that work; 0 closed */
	unsigned first;				  /* 1 where number 0 is the caller, else 0 */
	void (*work)(void *arg, unsigned number); /* NULL: go home */
	void *arg;
	sem_t done;
	struct gang_hand hand[GANG_MAX];
};

/*
 * Make the threads, so that count work (at least 1, at most GANG_MAX), the caller one of them or
 * not. Number i runs on cpus[i % cpu_count]; a caller places itself. cpu_count 0: where the caller
 * may run. 0, or -errno and closed.
 */
int gang_open(struct gang *g, unsigned count, bool with_caller, const int *cpus, unsigned cpu_count,
	      struct fault *f);

/* work(arg, number) by each of them, and wait until all have done it. */
void gang_run(struct gang *g, void (*work)(void *arg, unsigned number), void *arg);

/* End the threads. Safe when zeroed. */
void gang_close(struct gang *g);

#endif
