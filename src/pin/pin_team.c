// SPDX-License-Identifier: GPL-2.0-or-later
/* pin_team: memory pinned at once by several threads. */
#include "sevpinbench/pin_team.h"

#include "sevpinbench/stop.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>

uint64_t pin_team_chunk_bytes(const struct pin_ops *ops, uint64_t total_bytes, unsigned threads,
			      uint64_t unit_bytes)
{
	uint64_t share, chunks;

	if (threads < 2)
		return ops->max_range_bytes;
	share = (total_bytes + threads - 1) / threads;
	chunks = (share + ops->max_range_bytes - 1) / ops->max_range_bytes;
	share = (share + chunks - 1) / chunks;
	share = (share + unit_bytes - 1) / unit_bytes * unit_bytes;
	return share < ops->max_range_bytes ? share : ops->max_range_bytes;
}

static int pin_share(struct pin_member *m)
{
	struct pin_team *t = m->team;
	uint64_t chunk;
	int r = m->first < m->end ? t->ops->start(m->state, t->vm, &m->fault) : 0;

	for (chunk = m->first; chunk < m->end && r == 0; chunk++) {
		if (stop_signal())
			return fault_set(&m->fault, EINTR, "pin", "ended by a signal");
		if (__atomic_load_n(&t->failed, __ATOMIC_RELAXED))
			break;
		r = t->ops->add(m->state, t->memory->host + chunk * t->ledger->chunk_bytes,
				ledger_chunk_bytes(t->ledger, chunk), &m->fault);
		if (r == 0)
			ledger_add(t->ledger, chunk);
	}
	return r;
}

static void run_member(struct pin_member *m)
{
	m->result = pin_share(m);
	if (m->result < 0)
		__atomic_store_n(&m->team->failed, true, __ATOMIC_RELAXED);
}

static void *member_thread(void *arg)
{
	struct pin_member *m = arg;
	struct pin_team *t = m->team;

	while (sem_wait(&t->go) < 0 && errno == EINTR)
		;
	if (!t->quit)
		run_member(m);
	sem_post(&t->done);
	return NULL;
}

/* The threads take no signals: they are for the one that starts the guest. */
static int make_thread(struct pin_member *m, int cpu)
{
	sigset_t all, old;
	cpu_set_t cpus;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&m->thread, NULL, member_thread, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err == 0 && cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(cpu, &cpus);
		pthread_setaffinity_np(m->thread, sizeof(cpus), &cpus);
	}
	return err;
}

int pin_team_open(struct pin_team *t, const struct pin_ops *ops, struct ledger *ledger,
		  unsigned threads, const int *cpus, unsigned cpu_count, struct fault *f)
{
	unsigned i;
	int r = 0;

	t->count = t->threads = 0;
	t->released = t->quit = t->failed = false;
	t->ops = ops;
	t->ledger = ledger;
	threads = threads > PIN_TEAM_MAX ? PIN_TEAM_MAX : threads < 1 ? 1 : threads;
	for (i = 0; i < threads && r == 0; i++) {
		struct pin_member *m = &t->member[i];

		*m = (struct pin_member){.team = t,
					 .first = ledger->chunks * i / threads,
					 .end = ledger->chunks * (i + 1) / threads};
		/* More threads than chunks: some have nothing to do, and need a state all the same.
		 */
		r = ops->open(&m->state, m->end > m->first ? m->end - m->first : 1, f);
		t->count += r == 0;
	}
	sem_init(&t->go, 0, 0);
	sem_init(&t->done, 0, 0);
	for (i = 1; i < threads && r == 0; i++) {
		r = make_thread(&t->member[i], cpu_count ? cpus[i % cpu_count] : -1);
		r = r ? fault_set(f, r, "pthread_create", "pin thread %u of %u", i + 1, threads)
		      : 0;
		t->threads += r == 0;
	}
	if (r < 0)
		pin_team_close(t);
	return r;
}

/* Each thread waits for one post, whichever: they are all alike until they run. */
static void let_go(struct pin_team *t)
{
	unsigned i;

	for (i = 0; i < t->threads; i++)
		sem_post(&t->go);
}

int pin_team_run(struct pin_team *t, const struct guest_memory *m, const struct vm *vm,
		 struct fault *f)
{
	unsigned i;

	t->memory = m;
	t->vm = vm;
	t->released = true;
	let_go(t);
	run_member(&t->member[0]);
	for (i = 0; i < t->threads; i++) {
		while (sem_wait(&t->done) < 0 && errno == EINTR)
			;
	}
	for (i = 0; i < t->count; i++) {
		if (t->member[i].result < 0) {
			*f = t->member[i].fault;
			return t->member[i].result;
		}
	}
	return 0;
}

void pin_team_release(struct pin_team *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++)
		t->ops->release(t->member[i].state);
}

void pin_team_close(struct pin_team *t)
{
	unsigned i;

	if (t->count == 0)
		return;
	if (!t->released) {
		t->quit = true;
		let_go(t);
	}
	for (i = 1; i <= t->threads; i++)
		pthread_join(t->member[i].thread, NULL);
	for (i = 0; i < t->count; i++)
		t->ops->close(t->member[i].state);
	sem_destroy(&t->go);
	sem_destroy(&t->done);
	t->threads = t->count = 0;
}
