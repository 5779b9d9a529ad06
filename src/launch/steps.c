// SPDX-License-Identifier: GPL-2.0-or-later
/* steps: the order of a start and of its end. What each step does is done by the lower floors. */
#include "start.h"
#include <errno.h>

static int step_open(struct start *s, struct fault *f)
{
	int r = vm_open(&s->vm, f);

	if (r == 0)
		r = vcpu_cpuid_fetch(&s->cpuid, &s->vm, f);
	if (r == 0)
		s->boot.pages_1g = vcpu_cpuid_has_1g_pages(&s->cpuid);
	return r;
}

static int step_vm_create(struct start *s, struct fault *f)
{
	return vm_create(&s->vm, f);
}

static int step_mem_map(struct start *s, struct fault *f)
{
	const struct cell *c = s->cell;
	bool alias = pin_has_chunks(c->mechanism) && guest_memory_is_file(c->backing);

	return guest_memory_open(&s->memory, c->backing, c->guest_bytes, c->numa_node, alias, f);
}

static int step_prefault(struct start *s, struct fault *f)
{
	if (s->cell->prefault_threads == 0)
		return 0;
	return guest_memory_prefault(&s->memory, s->cell->prefault_threads, f);
}

static int step_memslot(struct start *s, struct fault *f)
{
	struct guest_memory_slot slot[GUEST_MEMORY_SLOTS];
	int i, r = 0, n = guest_memory_slots(&s->memory, slot);

	for (i = 0; i < n && r == 0; i++)
		r = vm_set_memory(&s->vm, (uint32_t)i, slot[i].gpa, slot[i].bytes, slot[i].host, f);
	return r;
}

static int step_pin(struct start *s, struct fault *f)
{
	return pin_start(&s->pin, &s->memory, f);
}

static int step_payload(struct start *s, struct fault *f)
{
	int r = pin_before_host_write(&s->pin, 0,
				      boot_area_bytes(s->cell->guest_bytes, s->boot.pages_1g), f);

	if (r == 0)
		boot_write(&s->memory, &s->boot);
	return r;
}

static int step_vcpu_create(struct start *s, struct fault *f)
{
	return vcpu_team_create(&s->team, &s->vm, &s->cpuid, &s->boot, f);
}

/* A vCPU that was brought out because nobody serves its faults: tell that, not the EINTR. */
static int run_result(struct start *s, int r, struct fault *f)
{
	int failed = pin_failure(&s->pin, f);

	return failed < 0 ? failed : r;
}

static int step_first_instruction(struct start *s, struct fault *f)
{
	return run_result(s, vcpu_team_first(&s->team, f), f);
}

static int step_touch(struct start *s, struct fault *f)
{
	int r = vcpu_team_touch(&s->team, f);

	pin_settle(&s->pin);
	return run_result(s, r, f);
}

static int step_vcpu_stop(struct start *s, struct fault *f)
{
	(void)f;
	vcpu_team_stop(&s->team);
	return 0;
}

static int step_unpin(struct start *s, struct fault *f)
{
	(void)f;
	pin_release(&s->pin);
	return 0;
}

static int step_destroy(struct start *s, struct fault *f)
{
	(void)f;
	vm_close(&s->vm);
	guest_memory_close(&s->memory);
	return 0;
}

const struct step start_steps[] = {
	{PHASE_OPEN, step_open, -1},
	{PHASE_VM_CREATE, step_vm_create, -1},
	{PHASE_MEM_MAP, step_mem_map, -1},
	{PHASE_PREFAULT, step_prefault, -1},
	{PHASE_MEMSLOT, step_memslot, -1},
	{PHASE_PIN, step_pin, PIN_BOUNDARY_AFTER_PIN},
	{PHASE_PAYLOAD, step_payload, -1},
	{PHASE_VCPU_CREATE, step_vcpu_create, -1},
	{PHASE_FIRST_INSTRUCTION, step_first_instruction, PIN_BOUNDARY_FIRST_INSTRUCTION},
	{PHASE_TOUCH, step_touch, PIN_BOUNDARY_AFTER_TOUCH},
};
const unsigned start_step_count = sizeof(start_steps) / sizeof(start_steps[0]);

const struct step end_steps[] = {
	{PHASE_VCPU_STOP, step_vcpu_stop, -1},
	{PHASE_UNPIN, step_unpin, -1},
	{PHASE_DESTROY, step_destroy, PIN_BOUNDARY_AFTER_DESTROY},
};
const unsigned end_step_count = sizeof(end_steps) / sizeof(end_steps[0]);
