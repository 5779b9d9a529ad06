// SPDX-License-Identifier: GPL-2.0-or-later
/* gang: threads that do one thing at once. */
#include "sevpinbench/gang.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
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

static int make_hand(struct gang_hand *h, int cpu)
{
	sigset_t all, old;
	cpu_set_t cpus;
	int err;

	sem_init(&h->go, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&h->thread, NULL, hand_thread, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		sem_destroy(&h->go);
	} else if (cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(cpu, &cpus);
		pthread_setaffinity_np(h->thread, sizeof(cpus), &cpus);
	}
	return err;
}

static void let_go(struct gang *c, void (*work)(void *arg, unsigned number), void *arg)
{
	unsigned i;

	c->work = work;
	c->arg = arg;
	for (i = c->first; i < c->count; i++)
		sem_post(&c->hand[i].go);
}

/* Those that there are go home. */
static void end(struct gang *c)
{
	unsigned i;

	let_go(c, NULL, NULL);
	for (i = c->first; i < c->count; i++) {
		pthread_join(c->hand[i].thread, NULL);
		sem_destroy(&c->hand[i].go);
	}
	sem_destroy(&c->done);
	c->count = 0;
}

int gang_open(struct gang *c, unsigned count, bool with_caller, const int *cpus, unsigned cpu_count,
	      struct fault *f)
{
	int err;

	count = count > GANG_MAX ? GANG_MAX : count < 1 ? 1 : count;
	sem_init(&c->done, 0, 0);
	c->first = with_caller;
	for (c->count = c->first; c->count < count; c->count++) {
		struct gang_hand *h = &c->hand[c->count];

		*h = (struct gang_hand){.gang = c, .number = c->count};
		err = make_hand(h, cpu_count ? cpus[c->count % cpu_count] : -1);
		if (err) {
			fault_set(f, err, "pthread_create", "thread %u of %u", c->count + 1, count);
			end(c);
			return -err;
		}
	}
	return 0;
}

void gang_run(struct gang *c, void (*work)(void *arg, unsigned number), void *arg)
{
	unsigned i;

	let_go(c, work, arg);
	if (c->first)
		work(arg, 0);
	for (i = c->first; i < c->count; i++)
		wait_for(&c->done);
}

void gang_close(struct gang *c)
{
	if (c->count > 0)
		end(c);
}
