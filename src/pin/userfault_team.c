// SPDX-License-Identifier: GPL-2.0-or-later
/* userfault_team: the fault handlers of a guest, one for each CPU that its vCPUs run on. */
#include "sevpinbench/userfault_team.h"

#include "sevpinbench/units.h"
#include <errno.h>
#include <stdlib.h>

/*
 * A stretch for each vCPU: its slice of what is touched. What lies before the first slice and
 * behind the last goes with these; a chunk in two slices goes with the first.
 */
static void share_out(struct userfault_shares *s, const struct userfault_team_config *c)
{
	const uint64_t chunk = c->ledger->chunk_bytes, end = c->ledger->total_bytes;
	unsigned vcpus = c->vcpus < 1			   ? 1
			 : c->vcpus > USERFAULT_MAX_SHARES ? USERFAULT_MAX_SHARES
							   : c->vcpus;
	unsigned i;

	s->handlers = c->cpu_count < 1 ? 1 : c->cpu_count < vcpus ? c->cpu_count : vcpus;
	s->count = s->handlers == 1 ? 1 : vcpus; /* one may have it in one piece */
	s->from[0] = 0;
	for (i = 1; i < s->count; i++) {
		uint64_t at =
			c->work_at + units_pages(c->work_bytes) * i / s->count * UNITS_PAGE_BYTES;

		at = (at + chunk - 1) / chunk * chunk;
		s->from[i] = at < end ? at : end;
	}
	s->from[s->count] = end;
}

/* Chunks that one handler may come to pin. */
static uint64_t count_chunks(const struct userfault_team *t, unsigned first)
{
	const struct userfault_shares *s = &t->shares;
	const uint64_t chunk = t->ledger->chunk_bytes;
	uint64_t chunks = 0;
	unsigned i;

	for (i = first; i < s->count; i += s->handlers)
		chunks += (s->from[i + 1] - s->from[i] + chunk - 1) / chunk;
	return chunks > 0 ? chunks : 1;
}

static int open_member(struct userfault_team *t, unsigned i, const struct userfault_team_config *c,
		       struct fault *f)
{
	struct userfault_config u = {.cpu = c->cpu_count ? c->cpus[i] : -1,
				     .shares = &t->shares,
				     .first = i,
				     .ops = t->ops,
				     .ledger = t->ledger,
				     .on_failure = c->on_failure,
				     .on_failure_arg = c->on_failure_arg};
	int r = t->ops->open(&u.ops_state, count_chunks(t, i), f);

	if (r < 0)
		return r;
	r = userfault_open(&t->member[i], &u, f);
	if (r < 0)
		t->ops->close(u.ops_state);
	return r;
}

int userfault_team_open(struct userfault_team *t, const struct userfault_team_config *c,
			struct fault *f)
{
	int r = 0;

	*t = (struct userfault_team){.ops = c->ops, .ledger = c->ledger};
	share_out(&t->shares, c);
	t->member = calloc(t->shares.handlers, sizeof(*t->member));
	if (!t->member)
		return fault_set(f, ENOMEM, "calloc", "%u fault handlers", t->shares.handlers);
	while (t->count < t->shares.handlers && r == 0) {
		r = open_member(t, t->count, c, f);
		t->count += r == 0;
	}
	if (r < 0)
		userfault_team_close(t);
	return r;
}

int userfault_team_start(struct userfault_team *t, const struct guest_memory *m,
			 const struct vm *vm, struct fault *f)
{
	unsigned i;
	int r = 0;

	for (i = 0; i < t->count && r == 0; i++) {
		r = t->ops->start(t->member[i].ops_state, vm, f);
		if (r == 0)
			r = userfault_start(&t->member[i], m, f);
	}
	return r;
}

int userfault_team_failure(const struct userfault_team *t, struct fault *f)
{
	unsigned i;
	int r = 0;

	for (i = 0; i < t->count && r == 0; i++)
		r = userfault_failure(&t->member[i], f);
	return r;
}

/* Who serves the chunk. */
static struct userfault *member_of(struct userfault_team *t, uint64_t chunk)
{
	const struct userfault_shares *s = &t->shares;
	unsigned i = 0;

	while (chunk * t->ledger->chunk_bytes >= s->from[i + 1])
		i++;
	return &t->member[i % s->handlers];
}

int userfault_team_touch(struct userfault_team *t, uint64_t offset, uint64_t bytes, struct fault *f)
{
	uint64_t chunk = offset / t->ledger->chunk_bytes;
	uint64_t last = (offset + bytes - 1) / t->ledger->chunk_bytes;
	int r = 0;

	for (; chunk <= last && r == 0; chunk++)
		r = userfault_touch(member_of(t, chunk), chunk, f);
	return r;
}

void userfault_team_settle(struct userfault_team *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++)
		userfault_settle(&t->member[i]);
}

void userfault_team_release(struct userfault_team *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		bool ended = !t->member[i].opened;

		userfault_stop(&t->member[i]);
		if (!ended)
			histogram_merge(&t->times, &t->member[i].times);
		t->ops->release(t->member[i].ops_state);
	}
}

void userfault_team_close(struct userfault_team *t)
{
	unsigned i;

	userfault_team_release(t);
	for (i = 0; i < t->count; i++) {
		userfault_close(&t->member[i]);
		t->ops->close(t->member[i].ops_state);
	}
	free(t->member);
	t->member = NULL;
	t->count = 0;
}
