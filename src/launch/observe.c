// SPDX-License-Identifier: GPL-2.0-or-later
/* observe: what the kernel counts while a guest starts, read between the steps. */
#include "start.h"

void observe_begin(struct launch *l)
{
	struct observer *o = &l->start->observer;
	unsigned i;

	o->vm.fd = -1;
	o->vcpus = 0;
	o->flushes = flush_counter_read(&l->flushes);
	for (i = 0; i < GUEST_STAT_COUNT; i++)
		o->stats[i] = GUEST_STATS_UNKNOWN;
}

static void open_vcpus(struct observer *o, const struct vcpu_team *t)
{
	for (; o->vcpus < t->count; o->vcpus++)
		guest_stats_open(&o->vcpu[o->vcpus], t->member[o->vcpus].vcpu.fd);
}

static void note_flushes(struct launch *l, enum phase phase, struct sample_room *out)
{
	struct phase_counts *c = &out->sample.counts;
	int64_t *last = &l->start->observer.flushes;
	int64_t now = *last < 0 ? -1 : flush_counter_read(&l->flushes);

	/* Known from the first reading to the last, or not at all. */
	c->flushes_known = now >= 0;
	if (c->flushes_known)
		out->count[SAMPLE_FLUSHES][phase] += now - *last;
	*last = now;
}

/* A figure is known once it was read, and counts from nothing: the VM is new. */
static void note_stats(struct observer *o, enum phase phase, struct sample_room *out)
{
	int64_t now[GUEST_STAT_COUNT];
	uint32_t i;

	for (i = 0; i < GUEST_STAT_COUNT; i++)
		now[i] = GUEST_STATS_UNKNOWN;
	guest_stats_add(&o->vm, now);
	for (i = 0; i < o->vcpus; i++)
		guest_stats_add(&o->vcpu[i], now);
	for (i = 0; i < GUEST_STAT_COUNT; i++) {
		if (now[i] == GUEST_STATS_UNKNOWN)
			continue;
		out->sample.counts.stats_known |= 1u << i;
		out->count[i][phase] =
			now[i] - (o->stats[i] == GUEST_STATS_UNKNOWN ? 0 : o->stats[i]);
		o->stats[i] = now[i];
	}
}

void observe_step(struct launch *l, const struct step *step, struct sample_room *out)
{
	struct start *s = l->start;
	struct observer *o = &s->observer;

	if (step->boundary >= 0)
		pin_points_count(&l->counters, s, (enum pin_boundary)step->boundary, &out->sample);
	note_flushes(l, step->phase, out);
	if (step->phase == PHASE_VM_CREATE)
		guest_stats_open(&o->vm, s->vm.vm_fd);
	if (step->phase == PHASE_VCPU_CREATE)
		open_vcpus(o, &s->team);
	if (o->vm.fd >= 0)
		note_stats(o, step->phase, out);
}

void observe_resume(struct launch *l)
{
	int64_t *last = &l->start->observer.flushes;

	if (*last >= 0)
		*last = flush_counter_read(&l->flushes);
}

void observe_close(struct launch *l)
{
	struct observer *o = &l->start->observer;

	while (o->vcpus > 0)
		guest_stats_close(&o->vcpu[--o->vcpus]);
	guest_stats_close(&o->vm);
}
