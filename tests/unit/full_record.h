/* SPDX-License-Identifier: GPL-2.0-or-later */
/* full_record: a record in which no two members are alike, and two records compared. */
#ifndef TESTS_FULL_RECORD_H
#define TESTS_FULL_RECORD_H

#include "sample_rooms.h"
#include "sevpinbench/record.h"
#include "sevpinbench/result_json.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint64_t next;

static inline int64_t number(void)
{
	return (int64_t)(next += 1000003);
}

static inline void text(char *member, size_t size)
{
	snprintf(member, size, "text %lld \"\\ /\xc3\xa9\xe2\x82\xac", (long long)number());
}

#define TEXT(member)   text(member, sizeof(member))
#define NUMBER(member) ((member) = (__typeof__(member))number())

static inline void fill_cell(struct cell *c, unsigned i)
{
	c->guest_type = (enum guest_type)(i % GUEST_TYPE_COUNT);
	c->pin = (enum pin_mode)((i + 1) % PIN_MODE_COUNT);
	c->mechanism = (enum pin_mechanism)((i + 2) % PIN_MECHANISM_COUNT);
	c->backing = (enum backing)((i + 3) % BACKING_COUNT);
	c->touch_order = (enum touch_order)((i + 1) % TOUCH_ORDER_COUNT);
	c->touch_op = (enum touch_op)((i + 1) % TOUCH_OP_COUNT);
	NUMBER(c->guest_bytes);
	NUMBER(c->vcpus);
	NUMBER(c->touch_bytes);
	NUMBER(c->chunk_bytes);
	NUMBER(c->prefault_threads);
	NUMBER(c->pin_threads);
	c->pin_order = (enum pin_order)(i % PIN_ORDER_COUNT);
	NUMBER(c->sev_policy);
	NUMBER(c->launch_update_bytes);
	c->numa_node = i % 2 ? -1 : (int32_t)i;
	NUMBER(c->parallel);
	TEXT(c->note);
}

static inline void fill_pins(struct sample *s)
{
	int i;

	for (i = 0; i < PIN_BOUNDARY_COUNT; i++) {
		NUMBER(s->pins[i].ledger_pages);
		s->pins[i].vmpin_pages = i == 3 ? SAMPLE_NO_COUNT : number();
		s->pins[i].host_pages = i == 4 ? SAMPLE_NO_COUNT : number();
	}
}

/* Counts of some phases, falling ones too; of a figure that this kernel does not have, none. */
static inline void fill_counts(struct sample *s, struct sample_room *r)
{
	struct phase_counts *c = &s->counts;
	int stat;

	c->flushes_known = 1;
	NUMBER(r->count[SAMPLE_FLUSHES][PHASE_PIN]);
	NUMBER(r->count[SAMPLE_FLUSHES][PHASE_DESTROY]);
	c->stats_known = ((1u << GUEST_STAT_COUNT) - 1) & ~(1u << GUEST_STAT_PF_TAKEN);
	for (stat = 0; stat < GUEST_STAT_COUNT; stat++) {
		if (!(c->stats_known >> stat & 1))
			continue;
		NUMBER(r->count[stat][PHASE_FIRST_INSTRUCTION]);
		r->count[stat][PHASE_TOUCH] = -number();
	}
}

/* With a room of its own, where it has the rest. */
static inline void fill_sample(struct sample *s, unsigned i)
{
	struct sample_room *r = room_for(s);
	int p;

	sample_room_clear(r);
	*s = r->sample;
	s->phases_done = (1u << PHASE_COUNT) - 1;
	for (p = 0; p < PHASE_COUNT; p++)
		NUMBER(s->phases_ns[p]);
	NUMBER(s->order);
	NUMBER(s->guest);
	NUMBER(s->start_ns);
	s->first_ns = i % 3 == 2 ? 0 : (uint64_t)number();
	fill_pins(s);
	s->faults = (struct fault_times){.count = 1,
					 .p50_ns = 2,
					 .p90_ns = 3,
					 .p99_ns = 4,
					 .p999_ns = 5,
					 .max_ns = 6,
					 .sum_ns = INT64_MAX,
					 .step = r->step};
	for (s->faults.steps = 0; s->faults.steps < i % 3 * 32; s->faults.steps++)
		r->step[s->faults.steps] = (struct histogram_step){.ns = 100 * s->faults.steps,
								   .count = s->faults.steps + 1};
	if (i % 3 != 1)
		fill_counts(s, r);
	NUMBER(s->encrypted_bytes);
	NUMBER(s->touched_pages);
	NUMBER(s->minor_faults);
	NUMBER(s->major_faults);
	TEXT(r->detail);
	if (i % 3 != 2)
		return;
	s->phases_done = 0x5; /* not completed: no time either */
	for (p = 0; p < PHASE_COUNT; p++)
		s->phases_ns[p] = p == 0 || p == 2 ? s->phases_ns[p] : 0;
	s->flags = (1u << SAMPLE_FLAG_COUNT) - 1;
	r->failure =
		(struct fault){.err = ENOMEM, .has_fw = i % 2 == 0, .fw = i % 2 ? 0 : 0xfffffffe};
	TEXT(r->failure.op);
	TEXT(r->failure.object);
	TEXT(r->failure.hint);
}

/* Of every third cell, so that some have none; each verdict in turn. */
static inline void fill_audit(struct record_audit *a, unsigned i)
{
	unsigned k;

	if (i % 3 == 2)
		return;
	a->asked = true;
	a->verdict = (enum audit_verdict)(i % AUDIT_VERDICT_COUNT);
	TEXT(a->reason);
	TEXT(a->hint);
	for (k = 0; k < i % 2 * RECORD_AUDIT_TESTS; k++) {
		struct record_audit_test *t = record_audit_add(a);

		ck_assert_ptr_nonnull(t);
		t->verdict = (enum audit_verdict)(k % AUDIT_VERDICT_COUNT);
		TEXT(t->id);
		TEXT(t->expected);
		TEXT(t->found);
		TEXT(t->consequence);
	}
	ck_assert(a->test_count < RECORD_AUDIT_TESTS || !record_audit_add(a));
}

static inline void fill_cpu(struct host_cpu *c)
{
	TEXT(c->vendor);
	TEXT(c->name);
	NUMBER(c->family);
	NUMBER(c->model);
	c->stepping = -1;
	TEXT(c->microcode);
	NUMBER(c->logical_cpus);
	c->hypervisor = true;
	TEXT(c->hypervisor_name);
	c->sev_eax = UINT32_MAX;
	NUMBER(c->sev_ebx);
	NUMBER(c->sev_ecx);
	NUMBER(c->sev_edx);
	c->sme = c->sev_es = true;
	c->c_bit = 51;
	c->pa_reduction = -1;
}

static inline void fill_memory(struct host_memory *m)
{
	NUMBER(m->total_bytes);
	NUMBER(m->available_bytes);
	m->swap_total_bytes = 0;
	NUMBER(m->huge_2m_total);
	NUMBER(m->huge_2m_free);
	m->huge_1g_total = m->huge_1g_free = -1;
	NUMBER(m->cgroup_limit_bytes);
	NUMBER(m->cgroup_used_bytes);
	TEXT(m->thp_enabled);
	TEXT(m->thp_defrag);
	TEXT(m->thp_shmem);
	NUMBER(m->overcommit_memory);
	m->numa_balancing = -1;
	NUMBER(m->memlock_soft_bytes);
	m->memlock_hard_bytes = INT64_MAX;
	m->can_exceed_memlock = true;
}

static inline void fill_host(struct host_facts *h)
{
	int i;

	TEXT(h->name);
	TEXT(h->kernel_release);
	TEXT(h->kernel_version);
	memset(h->kernel_cmdline, 'k', sizeof(h->kernel_cmdline) - 1); /* full to the end */
	TEXT(h->distribution);
	h->platform = PLATFORM_EMULATED;
	fill_cpu(&h->cpu);
	fill_memory(&h->memory);
	h->node_count = HOST_NODES;
	for (i = 0; i < HOST_NODES; i++)
		h->node[i] = (struct host_node){(int)number(), number(), number(), number(), -1};
	TEXT(h->clocksource);
	TEXT(h->governor);
	TEXT(h->sev_pinning);
	h->load1 = 0.1;
	h->load5 = -1;
	h->load15 = 1.0 / 3;
	NUMBER(h->io_uring_disabled);
	h->unprivileged_userfaultfd = -1;
	h->pin_counters = true;
	TEXT(h->pin_counters_reason);
	h->flush_counter = true;
	TEXT(h->flush_counter_reason);
}

static inline void fill_plan(struct record_plan *p)
{
	uint32_t i;

	p->seed = INT64_MAX;
	p->runs = RECORD_MAX_SAMPLES;
	p->warmup = 12345;
	p->start_wall_s = 1795473065; /* 2026-11-23T22:31:05Z */
	p->end_wall_s = p->start_wall_s + 60;
	TEXT(p->cpu_list);
	p->count_flushes = true;
	p->label_count = RECORD_LABELS;
	for (i = 0; i < RECORD_LABELS; i++) {
		TEXT(p->label[i].key);
		TEXT(p->label[i].value);
	}
}

static inline void fill_refusal(struct record_refusal *r, unsigned i)
{
	fill_cell(&r->cell, i);
	TEXT(r->reason);
	TEXT(r->hint);
	NUMBER(r->needed_bytes);
	r->available_bytes = -1;
}

static inline void fill_record(struct record *r, uint32_t cells, uint32_t samples)
{
	uint32_t i, k;

	next = 0;
	*r = (struct record){0};
	ck_assert_int_eq(record_open(r, cells, 3), 0);
	TEXT(r->tool.version);
	TEXT(r->tool.git_revision);
	TEXT(r->tool.command_line);
	fill_host(&r->host);
	fill_plan(&r->plan);
	for (i = 0; i < r->refusal_count; i++)
		fill_refusal(&r->refusal[i], i);
	for (i = 0; i < cells; i++) {
		fill_cell(&r->cell[i].cell, i);
		ck_assert_int_eq(record_cell_reserve(&r->cell[i], samples, 2), 0);
		r->cell[i].sample_count = samples;
		r->cell[i].warmup_count = 2;
		for (k = 0; k < samples; k++)
			fill_sample(&r->cell[i].sample[k], k);
		for (k = 0; k < 2; k++)
			fill_sample(&r->cell[i].warmup[k], k + 1);
		fill_audit(&r->cell[i].audit, i);
	}
	TEXT(r->stopped_by);
}

/* ---- two records, member by member ---- */

#define SAME(member)  ck_assert_int_eq((int64_t)a->member, (int64_t)b->member)
#define ALIKE(member) ck_assert_str_eq(a->member, b->member)

static inline void compare_cell(const struct cell *a, const struct cell *b)
{
	SAME(guest_type);
	SAME(pin);
	SAME(mechanism);
	SAME(backing);
	SAME(guest_bytes);
	SAME(vcpus);
	SAME(touch_bytes);
	SAME(touch_order);
	SAME(touch_op);
	SAME(chunk_bytes);
	SAME(prefault_threads);
	SAME(pin_threads);
	SAME(pin_order);
	SAME(sev_policy);
	SAME(launch_update_bytes);
	SAME(numa_node);
	SAME(parallel);
	ALIKE(note);
}

static inline void compare_fault(const struct fault *a, const struct fault *b)
{
	ALIKE(op);
	ALIKE(object);
	SAME(err);
	SAME(has_fw);
	SAME(fw);
	ALIKE(hint);
}

static inline void compare_counts(const struct sample *a, const struct sample *b)
{
	unsigned row;
	int i;

	SAME(counts.flushes_known);
	SAME(counts.stats_known);
	for (i = 0; i < PHASE_COUNT; i++) {
		for (row = 0; row < SAMPLE_COUNT_ROWS; row++)
			ck_assert_int_eq(sample_count(a, row, (enum phase)i),
					 sample_count(b, row, (enum phase)i));
	}
}

static inline void compare_sample(const struct sample *a, const struct sample *b)
{
	int i;

	SAME(order);
	SAME(guest);
	SAME(start_ns);
	SAME(first_ns);
	SAME(phases_done);
	for (i = 0; i < PHASE_COUNT; i++)
		SAME(phases_ns[i]);
	for (i = 0; i < PIN_BOUNDARY_COUNT; i++) {
		SAME(pins[i].ledger_pages);
		SAME(pins[i].vmpin_pages);
		SAME(pins[i].host_pages);
	}
	SAME(faults.count);
	SAME(faults.p50_ns);
	SAME(faults.p90_ns);
	SAME(faults.p99_ns);
	SAME(faults.p999_ns);
	SAME(faults.max_ns);
	SAME(faults.sum_ns);
	SAME(faults.steps);
	for (i = 0; i < (int)a->faults.steps; i++) {
		SAME(faults.step[i].ns);
		SAME(faults.step[i].count);
	}
	compare_counts(a, b);
	SAME(encrypted_bytes);
	SAME(touched_pages);
	SAME(minor_faults);
	SAME(major_faults);
	SAME(flags);
	ck_assert_str_eq(sample_detail(a), sample_detail(b));
	ck_assert_int_eq(sample_has_failure(a), sample_has_failure(b));
	if (sample_has_failure(a))
		compare_fault(a->failure, b->failure);
}

static inline void compare_cpu(const struct host_cpu *a, const struct host_cpu *b)
{
	ALIKE(vendor);
	ALIKE(name);
	SAME(family);
	SAME(model);
	SAME(stepping);
	ALIKE(microcode);
	SAME(logical_cpus);
	SAME(hypervisor);
	ALIKE(hypervisor_name);
	SAME(sev_eax);
	SAME(sev_ebx);
	SAME(sev_ecx);
	SAME(sev_edx);
	SAME(sme);
	SAME(sev);
	SAME(sev_es);
	SAME(sev_snp);
	SAME(c_bit);
	SAME(pa_reduction);
}

static inline void compare_memory(const struct host_memory *a, const struct host_memory *b)
{
	SAME(total_bytes);
	SAME(available_bytes);
	SAME(swap_total_bytes);
	SAME(huge_2m_total);
	SAME(huge_2m_free);
	SAME(huge_1g_total);
	SAME(huge_1g_free);
	SAME(cgroup_limit_bytes);
	SAME(cgroup_used_bytes);
	ALIKE(thp_enabled);
	ALIKE(thp_defrag);
	ALIKE(thp_shmem);
	SAME(overcommit_memory);
	SAME(numa_balancing);
	SAME(memlock_soft_bytes);
	SAME(memlock_hard_bytes);
	SAME(can_exceed_memlock);
}

static inline void compare_host(const struct host_facts *a, const struct host_facts *b)
{
	int i;

	ALIKE(name);
	ALIKE(kernel_release);
	ALIKE(kernel_version);
	ALIKE(kernel_cmdline);
	ALIKE(distribution);
	SAME(platform);
	compare_cpu(&a->cpu, &b->cpu);
	compare_memory(&a->memory, &b->memory);
	SAME(node_count);
	for (i = 0; i < a->node_count; i++) {
		SAME(node[i].id);
		SAME(node[i].total_bytes);
		SAME(node[i].free_bytes);
		SAME(node[i].huge_2m_free);
		SAME(node[i].huge_1g_free);
	}
	ALIKE(clocksource);
	ALIKE(governor);
	ALIKE(sev_pinning);
	ck_assert_double_eq(a->load1, b->load1);
	ck_assert_double_eq(a->load5, b->load5);
	ck_assert_double_eq(a->load15, b->load15);
	SAME(io_uring_disabled);
	SAME(unprivileged_userfaultfd);
	SAME(pin_counters);
	ALIKE(pin_counters_reason);
	SAME(flush_counter);
	ALIKE(flush_counter_reason);
}

static inline void compare_plan(const struct record_plan *a, const struct record_plan *b)
{
	uint32_t i;

	SAME(seed);
	SAME(runs);
	SAME(warmup);
	SAME(start_wall_s);
	SAME(end_wall_s);
	ALIKE(cpu_list);
	SAME(count_flushes);
	SAME(label_count);
	for (i = 0; i < a->label_count; i++) {
		ALIKE(label[i].key);
		ALIKE(label[i].value);
	}
}

static inline void compare_head(const struct record *a, const struct record *b)
{
	uint32_t i;

	ALIKE(tool.version);
	ALIKE(tool.git_revision);
	ALIKE(tool.command_line);
	compare_host(&a->host, &b->host);
	compare_plan(&a->plan, &b->plan);
	SAME(refusal_count);
	for (i = 0; i < a->refusal_count; i++) {
		compare_cell(&a->refusal[i].cell, &b->refusal[i].cell);
		ALIKE(refusal[i].reason);
		ALIKE(refusal[i].hint);
		SAME(refusal[i].needed_bytes);
		SAME(refusal[i].available_bytes);
	}
	SAME(cell_count);
	for (i = 0; i < a->cell_count; i++)
		compare_cell(&a->cell[i].cell, &b->cell[i].cell);
}

static inline void compare_audit(const struct record_audit *a, const struct record_audit *b)
{
	uint32_t i;

	SAME(asked);
	SAME(verdict);
	ALIKE(reason);
	ALIKE(hint);
	SAME(test_count);
	for (i = 0; i < a->test_count; i++) {
		ALIKE(test[i].id);
		SAME(test[i].verdict);
		ALIKE(test[i].expected);
		ALIKE(test[i].found);
		ALIKE(test[i].consequence);
	}
}

static inline void compare_samples(const struct record *a, const struct record *b)
{
	uint32_t i, k;

	for (i = 0; i < a->cell_count; i++) {
		SAME(cell[i].sample_count);
		SAME(cell[i].warmup_count);
		for (k = 0; k < a->cell[i].sample_count; k++)
			compare_sample(&a->cell[i].sample[k], &b->cell[i].sample[k]);
		for (k = 0; k < a->cell[i].warmup_count; k++)
			compare_sample(&a->cell[i].warmup[k], &b->cell[i].warmup[k]);
	}
}

/* A document has them, a journal not: they are made when it is complete. */
static inline void compare_audits(const struct record *a, const struct record *b)
{
	uint32_t i;

	for (i = 0; i < a->cell_count; i++)
		compare_audit(&a->cell[i].audit, &b->cell[i].audit);
}

static inline void write_ok(const struct record *r, const char *path)
{
	struct fault f = {0};
	int err = result_json_write(r, path, &f);

	ck_assert_msg(err == 0, "%s: %s (%d)", f.op, f.object, err);
}

static inline void read_ok(struct record *r, const char *path)
{
	struct fault f = {0};
	int err;

	*r = (struct record){0};
	err = result_json_read(r, path, &f);
	ck_assert_msg(err == 0, "%s: %s: %s (%d)", path, f.op, f.object, err);
}

#endif
