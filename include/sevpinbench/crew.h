/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crew: child processes that do the same task side by side, and meet on the way.
 *
 * The leader, who opened the crew, gives a task to some of them; they stop at meetings until it
 * lets them go on, all at once. They share one piece of memory with it, the board. Members live
 * from task to task, and so are as warm as their leader; one that has died is replaced before the
 * next task. None outlives the leader, whatever ends it, and crew_close() leaves none.
 */
#ifndef SEVPINBENCH_CREW_H
#define SEVPINBENCH_CREW_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CREW_LAST_MEETING 6 /* they are numbered from 1 */
#define CREW_DONE	  7 /* the task has been done: where nobody waits */

struct crew {
	void *board; /* all zero at first, and touched */
	/* The rest is crew's own. */
	struct crew_shared *shared;
	size_t shared_bytes;
	struct crew_member *member; /* as the leader knows them */
	uint32_t size;
	uint32_t count; /* the first ones, that have the task at hand */
	uint32_t task;	/* its number */
	void (*work)(struct crew *c, uint32_t member, void *arg);
	void *arg;
	int told; /* the signal they were told of meanwhile; 0 none */
	pid_t leader;
};

/*
 * Make so many members, none of which has a task. work() is what a task is: called in the member's
 * process, where all memory but the board is a copy of the leader's at this time. To be called
 * before the leader has threads or much memory. 0, or -errno and nothing is left.
 */
int crew_open(struct crew *c, uint32_t size, size_t board_bytes,
	      void (*work)(struct crew *c, uint32_t member, void *arg), void *arg, struct fault *f);

/* End all members at once, whatever they do, and wait for their end. Safe on a zeroed crew. */
void crew_close(struct crew *c);

/* ---- the leader's ---- */

/* Give the first count members a task. 0, or -errno where one had died and cannot be replaced. */
int crew_begin(struct crew *c, uint32_t count, struct fault *f);

/*
 * Wait until each of them is at this meeting, is past it, or is dead; whoever is not after so many
 * ns, as one that somebody has stopped, is killed. While the leader itself is stopped no time goes
 * by. A signal that ends the run (stop.h) is passed on to them once, and then waited on: they come
 * out by themselves.
 */
void crew_await(struct crew *c, uint32_t meeting, uint64_t most_ns);

/* Let those go on that wait at this meeting. */
void crew_let_go(struct crew *c, uint32_t meeting);

/* True where the member has died over the task, and the wait status that says how. */
bool crew_is_lost(const struct crew *c, uint32_t member, int *status);

/* True where that was because it did not come to a meeting in time. */
bool crew_is_overdue(const struct crew *c, uint32_t member);

/* End one member, which is not to be trusted with another task. */
void crew_dismiss(struct crew *c, uint32_t member);

/* ---- a member's ---- */

/* Wait at a meeting until the leader lets go, or a signal ends the run. */
void crew_meet(struct crew *c, uint32_t member, uint32_t meeting);

#endif
