// SPDX-License-Identifier: GPL-2.0-or-later
/* gang: threads that do one thing at once. */
#include "sevpinbench/gang.h"

#include "sevpinbench/thread.h"
#include <errno.h>
#include <stddef.h>

static void wait_for(sem_t *s)
{
	while (sem_wait(s) < 0 && errno == EINTR)
		;
}

static void *hand_thread(void *arg)
{
	struct gang_hand *h = arg;

	for (;;) {
		wait_for(&h->go);
		if (!h->gang->work)
			return NULL;
		h->gang->work(h->gang->arg, h->number);
		sem_post(&h->gang->done);
	}
}

static void let_go(struct gang *g, void (*work)(void *arg, unsigned number), void *arg)
{
	unsigned i;

	g->work = work;
	g->arg = arg;
	for (i = g->first; i < g->count; i++)
		sem_post(&g->hand[i].go);
}

/* Those that there are go home. */
static void end(struct gang *g)
{
	unsigned i;

	let_go(g, NULL, NULL);
	for (i = g->first; i < g->count; i++) {
		pthread_join(g->hand[i].thread, NULL);
		sem_destroy(&g->hand[i].go);
	}
	sem_destroy(&g->done);
	g->count = 0;
}

int gang_open(struct gang *g, unsigned count, bool with_caller, const int *cpus, unsigned cpu_count,
	      struct fault *f)
{
	int r;

	count = count > GANG_MAX ? GANG_MAX : count < 1 ? 1 : count;
	sem_init(&g->done, 0, 0);
	g->first = with_caller;
	for (g->count = g->first; g->count < count; g->count++) {
		struct gang_hand *h = &g->hand[g->count];

		*h = (struct gang_hand){.gang = g, .number = g->count};
		sem_init(&h->go, 0, 0);
		r = thread_start(&h->thread, cpu_count ? cpus[g->count % cpu_count] : -1, 0,
				 hand_thread, h);
		if (r < 0) {
			fault_set(f, -r, "pthread_create", "thread %u of %u", g->count + 1, count);
			sem_destroy(&h->go);
			end(g);
			return r;
		}
	}
	return 0;
}

void gang_run(struct gang *g, void (*work)(void *arg, unsigned number), void *arg)
{
	unsigned i;

	let_go(g, work, arg);
	if (g->first)
		work(arg, 0);
	for (i = g->first; i < g->count; i++)
		wait_for(&g->done);
}

void gang_close(struct gang *g)
{
	if (g->count > 0)
		end(g);
}
