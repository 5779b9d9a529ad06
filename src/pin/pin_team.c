// SPDX-License-Identifier: GPL-2.0-or-later
/* pin_team: memory pinned at once by several threads. */
#include "sevpinbench/pin_team.h"

#include "sevpinbench/stop.h"
#include <errno.h>

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

static int pin_share(struct pin_team *t, struct pin_member *m)
{
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

static void run_member(void *arg, unsigned number)
{
	struct pin_team *t = arg;
	struct pin_member *m = &t->member[number];

	m->result = pin_share(t, m);
	if (m->result < 0)
		__atomic_store_n(&t->failed, true, __ATOMIC_RELAXED);
}

int pin_team_open(struct pin_team *t, const struct pin_ops *ops, struct ledger *ledger,
		  unsigned threads, const int *cpus, unsigned cpu_count, struct fault *f)
{
	int r;

	t->count = 0;
	t->failed = false;
	t->ops = ops;
	t->ledger = ledger;
	r = gang_open(&t->gang, threads, true, cpus, cpu_count, f);
	while (r == 0 && t->count < t->gang.count) {
		struct pin_member *m = &t->member[t->count];

		*m = (struct pin_member){.first = ledger->chunks * t->count / t->gang.count,
					 .end = ledger->chunks * (t->count + 1) / t->gang.count};
		/* More threads than chunks: some have nothing to do, and need a state all the same.
		 */
		r = ops->open(&m->state, m->end > m->first ? m->end - m->first : 1, f);
		t->count += r == 0;
	}
	if (r < 0)
		pin_team_close(t);
	return r;
}

int pin_team_run(struct pin_team *t, const struct guest_memory *m, const struct vm *vm,
		 struct fault *f)
{
	unsigned i;

	t->memory = m;
	t->vm = vm;
	gang_run(&t->gang, run_member, t);
	for (i = 0; i < t->count; i++) {
		if (t->member[i].result < 0) {
			if (f)
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

	gang_close(&t->gang);
	for (i = 0; i < t->count; i++)
		t->ops->close(t->member[i].state);
	t->count = 0;
}
