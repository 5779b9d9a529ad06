// SPDX-License-Identifier: GPL-2.0-or-later
/* pin: when guest memory is pinned, by whom, and the account of it. */
#include "sevpinbench/pin.h"

#include "sevpinbench/units.h"
#include <errno.h>

/* Who pins what, for each guest type and mode. What is not in here cannot be done. */
static const struct pin_row {
	enum guest_type guest_type;
	enum pin_mode mode;
	enum pin_mechanism mechanism;
	const struct pin_ops *ops;
	bool on_fault; /* a chunk at a time, from the fault handler */
} rows[] = {
	{GUEST_TYPE_VM, PIN_MODE_EAGER, PIN_MECHANISM_IO_URING, &pin_ops_io_uring, false},
	{GUEST_TYPE_VM, PIN_MODE_DEMAND, PIN_MECHANISM_USERFAULT, &pin_ops_io_uring, true},
	{GUEST_TYPE_VM, PIN_MODE_NONE, PIN_MECHANISM_NONE, NULL, false},
	{GUEST_TYPE_SEV, PIN_MODE_EAGER, PIN_MECHANISM_KVM_REGION, &pin_ops_kvm_region, false},
	{GUEST_TYPE_SEV, PIN_MODE_DEMAND, PIN_MECHANISM_USERFAULT, &pin_ops_kvm_region, true},
	/* Only where a probe has shown that the kernel pins at the fault. */
	{GUEST_TYPE_SEV, PIN_MODE_DEMAND, PIN_MECHANISM_KVM_DEMAND, &pin_ops_kvm_region, false},
	{GUEST_TYPE_SEV, PIN_MODE_NONE, PIN_MECHANISM_NONE, NULL, false},
	{GUEST_TYPE_SEV_ES, PIN_MODE_EAGER, PIN_MECHANISM_KVM_REGION, &pin_ops_kvm_region, false},
	{GUEST_TYPE_SEV_ES, PIN_MODE_DEMAND, PIN_MECHANISM_USERFAULT, &pin_ops_kvm_region, true},
	{GUEST_TYPE_SEV_ES, PIN_MODE_DEMAND, PIN_MECHANISM_KVM_DEMAND, &pin_ops_kvm_region, false},
	{GUEST_TYPE_SEV_ES, PIN_MODE_NONE, PIN_MECHANISM_NONE, NULL, false},
	/* Allocated is pinned: ahead by launch/, or by KVM at the fault. There is no third way. */
	{GUEST_TYPE_SEV_SNP, PIN_MODE_EAGER, PIN_MECHANISM_GUEST_MEMFD, NULL, false},
	{GUEST_TYPE_SEV_SNP, PIN_MODE_DEMAND, PIN_MECHANISM_GUEST_MEMFD, NULL, false},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct pin_row *find_row(enum guest_type t, enum pin_mechanism m)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (rows[i].guest_type == t && rows[i].mechanism == m)
			return &rows[i];
	}
	return NULL;
}

int pin_mechanism(enum guest_type t, enum pin_mode m)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (rows[i].guest_type == t && rows[i].mode == m)
			return (int)rows[i].mechanism;
	}
	return -ENOTSUP;
}

bool pin_has_chunks(enum pin_mechanism m)
{
	return m == PIN_MECHANISM_USERFAULT;
}

bool pin_counts_in_vmpin(enum guest_type t, enum pin_mechanism m)
{
	const struct pin_row *row = find_row(t, m);

	return row && row->ops && row->ops->counts_in_vmpin;
}

int pin_probe(enum guest_type t, enum pin_mechanism m, enum backing b, struct fault *f)
{
	const struct pin_row *row = find_row(t, m);
	int r = 0;

	if (!row)
		return fault_set(f, ENOTSUP, "pin", "%s guests by %s",
				 words_text(&words_guest_type, t),
				 words_text(&words_pin_mechanism, m));
	if (row->ops == &pin_ops_io_uring)
		r = pin_io_uring_probe(f);
	if (r == 0 && row->on_fault)
		r = userfault_probe(guest_memory_is_file(b), f);
	return r;
}

static int open_on_fault(struct pin *p, const struct pin_config *c, struct fault *f)
{
	const struct userfault_team_config t = {.ops = p->ops,
						.ledger = &p->ledger,
						.vcpus = c->vcpus,
						.work_at = c->work_at,
						.work_bytes = c->work_bytes,
						.cpus = c->cpus,
						.cpu_count = c->cpu_count,
						.on_failure = c->on_failure,
						.on_failure_arg = c->on_failure_arg};

	return userfault_team_open(&p->faults, &t, f);
}

int pin_open(struct pin *p, const struct pin_config *c, struct fault *f)
{
	const struct pin_row *row = find_row(c->guest_type, c->mechanism);
	uint64_t chunk = c->chunk_bytes;
	int r;

	*p = (struct pin){.mechanism = c->mechanism};
	if (!row)
		return fault_set(f, ENOTSUP, "pin", "%s",
				 words_text(&words_pin_mechanism, c->mechanism));
	if (!row->ops)
		return 0;
	if (!row->on_fault)
		chunk = pin_team_chunk_bytes(row->ops, c->guest_bytes, c->threads,
					     guest_memory_stretch_bytes(c->backing));
	r = ledger_open(&p->ledger, c->guest_bytes, chunk, f);
	if (r < 0)
		return r;
	p->ops = row->ops;
	r = row->on_fault ? open_on_fault(p, c, f)
			  : pin_team_open(&p->team, p->ops, &p->ledger, c->threads, c->cpus,
					  c->cpu_count, f);
	if (r < 0)
		pin_close(p);
	return r;
}

int pin_start(struct pin *p, struct guest_memory *m, const struct vm *vm, struct fault *f)
{
	if (p->team.count)
		return pin_team_run(&p->team, m, vm, f);
	return userfault_team_start(&p->faults, m, vm, f);
}

int pin_before_host_write(struct pin *p, uint64_t offset, uint64_t bytes, struct fault *f)
{
	return p->faults.count ? userfault_team_touch(&p->faults, offset, bytes, f) : 0;
}

void pin_settle(struct pin *p)
{
	userfault_team_settle(&p->faults);
}

int pin_failure(const struct pin *p, struct fault *f)
{
	return userfault_team_failure(&p->faults, f);
}

const struct histogram *pin_fault_times(const struct pin *p)
{
	return p->faults.count ? &p->faults.times : NULL;
}

void pin_release(struct pin *p)
{
	userfault_team_release(&p->faults);
	pin_team_release(&p->team);
	ledger_clear(&p->ledger);
}

void pin_close(struct pin *p)
{
	pin_release(p);
	userfault_team_close(&p->faults);
	pin_team_close(&p->team);
	ledger_close(&p->ledger);
	p->ops = NULL;
}
