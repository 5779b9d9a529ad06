// SPDX-License-Identifier: GPL-2.0-or-later
/* vcpu_team: the vCPUs of one guest, each on its thread. */
#include "sevpinbench/vcpu_team.h"

#include "sevpinbench/payload.h"
#include "sevpinbench/thread.h"
#include <errno.h>
#include <signal.h>

static bool is_kicked(const struct vcpu_team *t)
{
	return __atomic_load_n(&t->kicked, __ATOMIC_ACQUIRE);
}

/* Run one vCPU until its next exit. What an SEV-ES guest says by halting comes as a port. */
static int run_once(struct vcpu_member *m, uint16_t *port)
{
	int r = vcpu_run(&m->vcpu, port, &m->fault);

	if (r != VCPU_EXIT_HALT || !m->team->halts || m->halts == 2)
		return r;
	*port = m->halts++ == 0 ? PAYLOAD_PORT_FIRST : PAYLOAD_PORT_DONE;
	return VCPU_EXIT_OUT;
}

/* Run one vCPU until it writes to the port. Other ports of the payload are passed over. */
static int run_until(struct vcpu_member *m, uint16_t port)
{
	uint16_t seen = 0;
	int r;

	for (;;) {
		if (is_kicked(m->team))
			return fault_set(&m->fault, EINTR, "KVM_RUN", "vCPU %u", m->vcpu.id);
		r = run_once(m, &seen);
		if (r < 0)
			return r;
		if (r == VCPU_EXIT_OUT && seen == port)
			return 0;
		if (r == VCPU_EXIT_OTHER)
			return -EIO;
		if (r == VCPU_EXIT_HALT || r == VCPU_EXIT_TERMINATED)
			return fault_set(&m->fault, EIO, "KVM_RUN", "vCPU %u %s early", m->vcpu.id,
					 r == VCPU_EXIT_HALT ? "halted" : "ended the guest");
		if (r == VCPU_EXIT_OUT && seen != PAYLOAD_PORT_FIRST)
			return fault_set(&m->fault, EIO, "KVM_RUN",
					 "vCPU %u wrote to port %#x unasked", m->vcpu.id, seen);
	}
}

static void *member_thread(void *arg)
{
	struct vcpu_member *m = arg;
	struct vcpu_team *t = m->team;

	while (sem_wait(&t->go) < 0 && errno == EINTR)
		;
	if (!t->quit)
		m->result = run_until(m, PAYLOAD_PORT_DONE);
	sem_post(&t->done);
	return NULL;
}

int vcpu_team_open(struct vcpu_team *t, uint32_t vcpus, const int *cpus, unsigned cpu_count,
		   struct fault *f)
{
	uint32_t i;
	int r;

	t->count = vcpus;
	t->threads = 0;
	t->halts = false;
	t->quit = t->released = t->kicked = t->stopped = false;
	pthread_mutex_init(&t->lock, NULL);
	sem_init(&t->go, 0, 0);
	sem_init(&t->done, 0, 0);
	for (i = 0; i < vcpus; i++)
		t->member[i] = (struct vcpu_member){.vcpu = {.fd = -1, .id = i}, .team = t};
	t->member[0].thread = pthread_self();
	for (i = 1; i < vcpus; i++) {
		/* Only the kick reaches these threads; other signals are for the caller's. */
		r = thread_start(&t->member[i].thread, cpu_count ? cpus[i % cpu_count] : -1,
				 SIGUSR1, member_thread, &t->member[i]);
		if (r < 0) {
			fault_set(f, -r, "pthread_create", "thread of vCPU %u", i);
			vcpu_team_close(t);
			return r;
		}
		t->threads++;
	}
	return 0;
}

int vcpu_team_create(struct vcpu_team *t, const struct vm *vm, const struct vcpu_cpuid *cpuid,
		     const struct boot_config *boot, struct fault *f)
{
	uint32_t i;
	int r = 0;

	t->halts = boot->halts;
	for (i = 0; i < t->count && r == 0; i++) {
		struct vcpu_start start = boot_start(boot, i);

		r = vcpu_open(&t->member[i].vcpu, vm, i, f);
		if (r == 0)
			r = vcpu_set_up(&t->member[i].vcpu, cpuid, &start, f);
	}
	return r;
}

int vcpu_team_first(struct vcpu_team *t, struct fault *f)
{
	int r = run_until(&t->member[0], PAYLOAD_PORT_FIRST);

	if (r < 0)
		*f = t->member[0].fault;
	return r;
}

int vcpu_team_touch(struct vcpu_team *t, struct fault *f)
{
	uint32_t i;

	t->released = true;
	for (i = 0; i < t->threads; i++)
		sem_post(&t->go);
	t->member[0].result = run_until(&t->member[0], PAYLOAD_PORT_DONE);
	if (t->member[0].result < 0)
		vcpu_team_kick(t);
	for (i = 0; i < t->threads; i++) {
		while (sem_wait(&t->done) < 0 && errno == EINTR)
			;
	}
	/* A kick makes the rest end with EINTR: the cause is the one that did not. */
	for (i = 0; i < t->count; i++) {
		if (t->member[i].result < 0 && t->member[i].result != -EINTR)
			break;
	}
	for (i = i == t->count ? 0 : i; i < t->count; i++) {
		if (t->member[i].result < 0) {
			*f = t->member[i].fault;
			return t->member[i].result;
		}
	}
	return 0;
}

int vcpu_team_terminate(struct vcpu_team *t, struct fault *f)
{
	uint16_t port;
	int r;

	do {
		if (is_kicked(t))
			return fault_set(f, EINTR, "KVM_RUN", "vCPU 0");
		r = vcpu_run(&t->member[0].vcpu, &port, f);
	} while (r == VCPU_EXIT_INTERRUPTED);
	if (r == VCPU_EXIT_TERMINATED || r < 0)
		return r < 0 ? r : 0;
	return r == VCPU_EXIT_OTHER ? -EIO
				    : fault_set(f, EIO, "KVM_RUN", "vCPU 0 does not end the guest");
}

void vcpu_team_kick(struct vcpu_team *t)
{
	uint32_t i;

	__atomic_store_n(&t->kicked, true, __ATOMIC_RELEASE);
	for (i = 0; i < t->count; i++)
		vcpu_kick(&t->member[i].vcpu);
	for (i = 0; i <= t->threads; i++)
		pthread_kill(t->member[i].thread, SIGUSR1);
}

void vcpu_team_abort(struct vcpu_team *t)
{
	pthread_mutex_lock(&t->lock);
	if (!t->stopped)
		vcpu_team_kick(t);
	pthread_mutex_unlock(&t->lock);
}

void vcpu_team_stop(struct vcpu_team *t)
{
	uint32_t i;

	/* From here on nobody else may reach a thread that is joined, or a page that is unmapped.
	 */
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_mutex_unlock(&t->lock);
	if (!t->released) {
		t->quit = true;
		for (i = 0; i < t->threads; i++)
			sem_post(&t->go);
	}
	for (i = 1; i <= t->threads; i++)
		pthread_join(t->member[i].thread, NULL);
	t->threads = 0;
	for (i = 0; i < t->count; i++)
		vcpu_close(&t->member[i].vcpu);
}

void vcpu_team_close(struct vcpu_team *t)
{
	if (t->count == 0)
		return;
	vcpu_team_stop(t);
	sem_destroy(&t->go);
	sem_destroy(&t->done);
	pthread_mutex_destroy(&t->lock);
	t->count = 0;
}
