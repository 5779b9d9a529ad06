// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crew: child processes that do the same task side by side, and meet on the way.
 *
 * All waiting is on futexes in shared memory: who waits takes no time from who works, and all
 * members at a meeting are woken by one call. But the last one is awake long after the first: an
 * idle CPU may need a millisecond. So whoever is awake waits for the others, for a moment and
 * without sleeping, and then all are let go. Each member without a task waits on a word of its own,
 * so that it sleeps through what the others do.
 */
#include "sevpinbench/crew.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How soon a death is seen; who is alive wakes the leader at once. */
#define LOOK_NS 100000000u

/* How long the leader waits for all to be awake; more members than CPUs may take longer. */
#define AWAKE_NS 20000000u

#define BOARD_ALIGN 4096u

/* A cache line each: members must not slow each other down. */
struct crew_seat {
	uint32_t task; /* futex: the task that the member is to do */
	uint32_t at;   /* the meeting that it has come to */
} __attribute__((aligned(64)));

struct crew_shared {
	uint32_t gate __attribute__((aligned(64)));  /* futex: up to where members are woken */
	uint32_t go __attribute__((aligned(64)));    /* how far they may go */
	uint32_t awake __attribute__((aligned(64))); /* of those woken last */
	uint32_t missing
		__attribute__((aligned(64))); /* futex: members on their way to a meeting */
	struct crew_seat seat[];
};

struct crew_member {
	pid_t pid; /* 0: none */
	bool lost; /* died over the task at hand, or before it */
	bool overdue;
	int status;
};

/* What gate and go stand at when that meeting of the task is over. */
static uint32_t gate_of(const struct crew *c, uint32_t meeting)
{
	return c->task * (CREW_DONE + 1) + meeting;
}

/* ---- a member ---- */

static void arrive(struct crew *c, uint32_t member, uint32_t meeting)
{
	__atomic_store_n(&c->shared->seat[member].at, meeting, __ATOMIC_RELEASE);
	if (__atomic_sub_fetch(&c->shared->missing, 1, __ATOMIC_ACQ_REL) == 0)
		sys_futex_wake(&c->shared->missing, 1);
}

void crew_meet(struct crew *c, uint32_t member, uint32_t meeting)
{
	uint32_t *gate = &c->shared->gate, seen;

	arrive(c, member, meeting);
	while ((seen = __atomic_load_n(gate, __ATOMIC_ACQUIRE)) < gate_of(c, meeting) &&
	       !stop_signal())
		sys_futex_wait(gate, seen, 0);
	__atomic_add_fetch(&c->shared->awake, 1, __ATOMIC_ACQ_REL);
	/* Others may need this CPU to wake up on. */
	while (__atomic_load_n(&c->shared->go, __ATOMIC_ACQUIRE) < gate_of(c, meeting) &&
	       !stop_signal())
		sched_yield();
}

/* The life of a member. Only its end ends it. */
__attribute__((noreturn)) static void serve(struct crew *c, uint32_t member)
{
	struct crew_seat *seat = &c->shared->seat[member];

	/* A leader that has gone already sends no signal any more. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != c->leader)
		_exit(1);
	for (;;) {
		uint32_t last = c->task;

		while ((c->task = __atomic_load_n(&seat->task, __ATOMIC_ACQUIRE)) == last)
			sys_futex_wait(&seat->task, last, 0);
		c->work(c, member, c->arg);
		arrive(c, member, CREW_DONE);
	}
}

/* ---- the leader ---- */

static int hire(struct crew *c, uint32_t i, struct fault *f)
{
	struct crew_member *m = &c->member[i];
	int pid;

	c->shared->seat[i] = (struct crew_seat){.task = c->task, .at = CREW_DONE};
	pid = sys_fork();
	if (pid == 0)
		serve(c, i);
	if (pid < 0) {
		fault_set(f, -pid, "fork", "process %u of %u", i + 1, c->size);
		if (pid == -EAGAIN)
			fault_hint(f, "a limit on processes was met: ulimit -u, or pids.max of a "
				      "control group");
		return pid;
	}
	*m = (struct crew_member){.pid = pid};
	return 0;
}

int crew_open(struct crew *c, uint32_t size, size_t board_bytes,
	      void (*work)(struct crew *c, uint32_t member, void *arg), void *arg, struct fault *f)
{
	size_t head = sizeof(struct crew_shared) + size * sizeof(struct crew_seat);
	void *memory = NULL;
	uint32_t i;
	int r;

	head = (head + BOARD_ALIGN - 1) / BOARD_ALIGN * BOARD_ALIGN;
	*c = (struct crew){.work = work, .arg = arg, .size = size, .leader = getpid()};
	c->shared_bytes = head + board_bytes;
	c->member = calloc(size, sizeof(*c->member));
	r = c->member ? sys_mmap(&memory, c->shared_bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
		      : -ENOMEM;
	if (r < 0) {
		fault_set(f, -r, "mmap", "what %u processes share", size);
		goto out;
	}
	c->shared = memory;
	c->board = (char *)memory + head;
	for (i = 0; i < size && r == 0; i++)
		r = hire(c, i, f);
out:
	if (r < 0)
		crew_close(c);
	return r;
}

/* Wait for the end of a member that has been told to, or has ended by itself. */
static void bury(struct crew_member *m, int options)
{
	pid_t r;

	if (m->pid == 0)
		return;
	do
		r = waitpid(m->pid, &m->status, options);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return;
	m->pid = 0;
	m->lost = true;
}

void crew_dismiss(struct crew *c, uint32_t member)
{
	struct crew_member *m = &c->member[member];

	if (m->pid != 0)
		kill(m->pid, SIGKILL);
	bury(m, 0);
}

void crew_close(struct crew *c)
{
	void *memory = c->shared;
	uint32_t i;

	/* All first, so that they take their memory down side by side. */
	for (i = 0; c->member && i < c->size; i++) {
		if (c->member[i].pid != 0)
			kill(c->member[i].pid, SIGKILL);
	}
	for (i = 0; c->member && i < c->size; i++)
		bury(&c->member[i], 0);
	sys_munmap(&memory, c->shared_bytes);
	free(c->member);
	*c = (struct crew){0};
}

/* How many are still to come to this meeting, of those who live. */
static uint32_t count_missing(const struct crew *c, uint32_t meeting)
{
	uint32_t i, missing = 0;

	for (i = 0; i < c->count; i++)
		missing += !c->member[i].lost &&
			   __atomic_load_n(&c->shared->seat[i].at, __ATOMIC_ACQUIRE) < meeting;
	return missing;
}

int crew_begin(struct crew *c, uint32_t count, struct fault *f)
{
	uint32_t i;
	int r = 0;

	c->count = count;
	c->told = 0;
	for (i = 0; i < count && r == 0; i++) {
		bury(&c->member[i], WNOHANG);
		if (c->member[i].pid == 0)
			r = hire(c, i, f);
	}
	if (r < 0)
		return r;
	c->task++;
	for (i = 0; i < count; i++)
		c->shared->seat[i].at = 0;
	__atomic_store_n(&c->shared->gate, gate_of(c, 0), __ATOMIC_RELEASE);
	__atomic_store_n(&c->shared->missing, count, __ATOMIC_RELEASE);
	for (i = 0; i < count; i++) {
		__atomic_store_n(&c->shared->seat[i].task, c->task, __ATOMIC_RELEASE);
		sys_futex_wake(&c->shared->seat[i].task, 1);
	}
	return 0;
}

/* Pass a signal on to those who did not get it by themselves, as from a terminal. */
static void tell(struct crew *c)
{
	uint32_t i;

	if (c->told || !stop_signal())
		return;
	c->told = stop_signal();
	for (i = 0; i < c->count; i++) {
		if (c->member[i].pid != 0)
			kill(c->member[i].pid, c->told);
	}
}

/* A process that is stopped dies of this, too; one that the kernel holds does when it is let go. */
static void kill_missing(struct crew *c, uint32_t meeting)
{
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		struct crew_member *m = &c->member[i];

		if (m->pid == 0 ||
		    __atomic_load_n(&c->shared->seat[i].at, __ATOMIC_ACQUIRE) >= meeting)
			continue;
		m->overdue = true;
		kill(m->pid, SIGKILL);
	}
}

void crew_await(struct crew *c, uint32_t meeting, uint64_t most_ns)
{
	uint32_t *missing = &c->shared->missing, seen, i;
	uint64_t waited_ns = 0;

	for (;;) {
		/* First, or nobody is told of a stop where all are here already. */
		tell(c);
		seen = __atomic_load_n(missing, __ATOMIC_ACQUIRE);
		if (count_missing(c, meeting) == 0)
			return;
		if (sys_futex_wait(missing, seen, LOOK_NS) == -ETIMEDOUT)
			waited_ns += LOOK_NS;
		if (waited_ns >= most_ns)
			kill_missing(c, meeting);
		for (i = 0; i < c->count; i++)
			bury(&c->member[i], WNOHANG);
	}
}

void crew_let_go(struct crew *c, uint32_t meeting)
{
	/* Whoever has ended its task early is past the next meeting already. */
	const uint32_t waiting = count_missing(c, meeting + 1);
	uint32_t *gate = &c->shared->gate;
	uint64_t since;

	__atomic_store_n(&c->shared->missing, waiting, __ATOMIC_RELEASE);
	__atomic_store_n(&c->shared->awake, 0, __ATOMIC_RELEASE);
	__atomic_store_n(gate, gate_of(c, meeting), __ATOMIC_RELEASE);
	sys_futex_wake(gate, c->count);
	since = clock_now_ns();
	while (__atomic_load_n(&c->shared->awake, __ATOMIC_ACQUIRE) < waiting && !stop_signal() &&
	       clock_now_ns() - since < AWAKE_NS)
		sched_yield();
	__atomic_store_n(&c->shared->go, gate_of(c, meeting), __ATOMIC_RELEASE);
}

bool crew_is_lost(const struct crew *c, uint32_t member, int *status)
{
	*status = c->member[member].status;
	return c->member[member].lost;
}

bool crew_is_overdue(const struct crew *c, uint32_t member)
{
	return c->member[member].overdue;
}
