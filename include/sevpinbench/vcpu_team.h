/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpu_team: the vCPUs of one guest. Number 0 runs on the caller's thread, each other one on a
 * thread of its own, made before the timing and parked until the touching starts.
 */
#ifndef SEVPINBENCH_VCPU_TEAM_H
#define SEVPINBENCH_VCPU_TEAM_H

#include "sevpinbench/boot.h"
#include "sevpinbench/fault.h"
#include "sevpinbench/vcpu.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu_team;

struct vcpu_member {
	struct vcpu vcpu;
	struct vcpu_team *team;
	pthread_t thread; /* of number 0: the caller's own */
	unsigned halts;	  /* so many of those that speak */
	int result;	  /* 0 reached its end, or -errno */
	struct fault fault;
};

struct vcpu_team {
	uint32_t count;	  /* vCPUs wanted */
	uint32_t threads; /* members with a thread of their own that exists */
	bool quit;
	bool halts;    /* the guest says by halting what others say by a port */
	bool released; /* the threads have been let go */
	bool kicked;   /* atomic: every vCPU must come out */
	bool stopped;  /* under the lock: there is nobody left to kick */
	pthread_mutex_t lock;
	sem_t go, done;
	struct vcpu_member member[BOOT_MAX_VCPUS];
};

/*
 * Make the threads. cpus: where each vCPU's thread runs, vCPU i on cpus[i % cpu_count]; the
 * caller places itself. cpu_count 0: anywhere. 0, or -errno and closed.
 */
int vcpu_team_open(struct vcpu_team *t, uint32_t vcpus, const int *cpus, unsigned cpu_count,
		   struct fault *f);

/* The phase "vcpu-create": create and set up all vCPUs. 0 or -errno. */
int vcpu_team_create(struct vcpu_team *t, const struct vm *vm, const struct vcpu_cpuid *cpuid,
		     const struct boot_config *boot, struct fault *f);

/* The phase "first-instruction": run vCPU 0 until it says that it runs. 0 or -errno. */
int vcpu_team_first(struct vcpu_team *t, struct fault *f);

/* The phase "touch": run all until each says that it is done. 0, or -errno of the first bad one. */
int vcpu_team_touch(struct vcpu_team *t, struct fault *f);

/*
 * For an SEV-ES guest that is done: run vCPU 0 until it asks for its termination, which is the
 * whole guest's. 0 or -errno.
 */
int vcpu_team_terminate(struct vcpu_team *t, struct fault *f);

/*
 * Bring every vCPU out of the guest, now and for good: their phases then return -EINTR.
 * Async-signal-safe, but for the caller's own thread alone, and not during vcpu_team_stop().
 */
void vcpu_team_kick(struct vcpu_team *t);

/*
 * The same from any other thread, at any time until vcpu_team_close(): once the team is stopped it
 * does nothing. Takes a lock, so not for signal handlers.
 */
void vcpu_team_abort(struct vcpu_team *t);

/* The phase "vcpu-stop": end the threads, close the vCPUs. Safe at any point after open. */
void vcpu_team_stop(struct vcpu_team *t);

/* Safe when zeroed; stops first. */
void vcpu_team_close(struct vcpu_team *t);

#endif
