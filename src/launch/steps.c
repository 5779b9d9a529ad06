// SPDX-License-Identifier: GPL-2.0-or-later
/* steps: the order of a start and of its end. What each step does is done by the lower floors. */
#include "sevpinbench/stop.h"
#include "sevpinbench/sys.h"
#include "start.h"
#include <errno.h>

/* A launch update takes so much at once: it pins it meanwhile, and cannot be interrupted. */
#define LAUNCH_UPDATE_MAX_BYTES (64 * UNITS_MIB)

static int step_open(struct start *s, struct fault *f)
{
	int r = vm_open(&s->vm, f);

	if (r == 0)
		r = vcpu_cpuid_fetch(&s->cpuid, &s->vm, f);
	if (r < 0)
		return r;
	s->boot.pages_1g = vcpu_cpuid_has_1g_pages(&s->cpuid);
	if (s->cell->guest_type == GUEST_TYPE_VM)
		return 0;
	s->boot.encryption_mask = vcpu_cpuid_encryption_mask(&s->cpuid);
	s->sev_fd = sev_open(f);
	return s->sev_fd < 0 ? s->sev_fd : 0;
}

static bool is_sev(const struct cell *c)
{
	return c->guest_type != GUEST_TYPE_VM;
}

static bool is_es(const struct cell *c)
{
	return c->guest_type == GUEST_TYPE_SEV_ES;
}

static bool is_snp(const struct cell *c)
{
	return c->guest_type == GUEST_TYPE_SEV_SNP;
}

/* Whose launch is measured by a command of its own. */
static bool is_measured(const struct cell *c)
{
	return is_sev(c) && !is_snp(c);
}

/* Whose registers are part of its launch, and who ends by the GHCB's protocol. */
static bool has_vmsa(const struct cell *c)
{
	return is_es(c) || is_snp(c);
}

static bool has_no_vmsa(const struct cell *c)
{
	return !has_vmsa(c);
}

static int step_vm_create(struct start *s, struct fault *f)
{
	static const unsigned type[GUEST_TYPE_COUNT] = {0, VM_TYPE_SEV, VM_TYPE_ES, VM_TYPE_SNP};

	return is_sev(s->cell) ? vm_create_sev(&s->vm, type[s->cell->guest_type], f)
			       : vm_create(&s->vm, f);
}

static bool region_first(const struct cell *c)
{
	return c->pin_order == PIN_ORDER_REGION_FIRST;
}

static bool memslot_first(const struct cell *c)
{
	return !region_first(c);
}

static int step_sev_init(struct start *s, struct fault *f)
{
	return sev_init(&s->vm, s->sev_fd, f);
}

static int step_mem_map(struct start *s, struct fault *f)
{
	const struct cell *c = s->cell;
	bool alias = pin_has_chunks(c->mechanism) && guest_memory_is_file(c->backing);
	int r = guest_memory_open(&s->memory, c->backing, c->guest_bytes, c->numa_node, alias, f);

	if (r < 0 || !is_snp(c))
		return r;
	s->guest_memfd = snp_guest_memfd(&s->vm, c->guest_bytes, f);
	return s->guest_memfd < 0 ? s->guest_memfd : 0;
}

static int step_prefault(struct start *s, struct fault *f)
{
	if (s->cell->prefault_threads == 0)
		return 0;
	return guest_memory_prefault(&s->memory, s->prefaulters.count ? &s->prefaulters : NULL, f);
}

/* All of it is private but the mailbox: then no page ever changes its state. */
static int set_snp_memory(struct start *s, const struct guest_memory_slot *slot, uint32_t number,
			  struct fault *f)
{
	const struct snp_memory memory = {
		.gpa = slot->gpa,
		.bytes = slot->bytes,
		.host = slot->host,
		.guest_memfd = s->guest_memfd,
		.offset = (uint64_t)((unsigned char *)slot->host - s->memory.host),
	};
	uint64_t shared = memory.offset == 0 ? BOOT_MAILBOX_BYTES : 0;
	int r = snp_set_memory(&s->vm, number, &memory, f);

	return r < 0 ? r : snp_set_private(&s->vm, slot->gpa + shared, slot->bytes - shared, f);
}

static int step_memslot(struct start *s, struct fault *f)
{
	struct guest_memory_slot slot[GUEST_MEMORY_SLOTS];
	int i, r = 0, n = guest_memory_slots(&s->memory, slot);

	for (i = 0; i < n && r == 0; i++)
		r = is_snp(s->cell) ? set_snp_memory(s, &slot[i], (uint32_t)i, f)
				    : vm_set_memory(&s->vm, (uint32_t)i, slot[i].gpa, slot[i].bytes,
						    slot[i].host, f);
	return r;
}

static int step_pin(struct start *s, struct fault *f)
{
	if (is_snp(s->cell))
		return s->cell->pin == PIN_MODE_EAGER
			       ? snp_allocate(s->guest_memfd, s->cell->guest_bytes, f)
			       : 0;
	return pin_start(&s->pin, &s->memory, &s->vm, f);
}

static int step_payload(struct start *s, struct fault *f)
{
	int r = pin_before_host_write(
		&s->pin, 0,
		boot_area_bytes(s->cell->guest_bytes, s->cell->touch_bytes, s->boot.pages_1g), f);

	if (r == 0)
		boot_write(&s->memory, &s->boot);
	return r;
}

static int step_launch_start(struct start *s, struct fault *f)
{
	return is_snp(s->cell) ? snp_launch_start(&s->vm, s->sev_fd, s->cell->sev_policy, f)
			       : sev_launch_start(&s->vm, s->sev_fd, s->cell->sev_policy, f);
}

/* The two last pages of an SEV-SNP guest: its CPUID table, of no entries, and its secrets. */
#define SNP_LAST_BYTES (2 * UNITS_PAGE_BYTES)

static int update_snp_pages(struct start *s, struct fault *f)
{
	uint64_t end = guest_memory_top_gpa(s->cell->guest_bytes);
	void *zeros = s->zeros;
	int r = snp_launch_update(&s->vm, s->sev_fd, end - SNP_LAST_BYTES, zeros, UNITS_PAGE_BYTES,
				  SNP_PAGE_CPUID, f);
	return r < 0 ? r
		     : snp_launch_update(&s->vm, s->sev_fd, end - UNITS_PAGE_BYTES, zeros,
					 UNITS_PAGE_BYTES, SNP_PAGE_SECRETS, f);
}

static int update(struct start *s, uint64_t at, uint64_t bytes, struct fault *f)
{
	uint64_t gpa = at < GUEST_MEMORY_LOW_BYTES
			       ? at
			       : at - GUEST_MEMORY_LOW_BYTES + GUEST_MEMORY_HIGH_GPA;

	return is_snp(s->cell)
		       ? snp_launch_update(&s->vm, s->sev_fd, gpa, s->memory.host + at, bytes,
					   SNP_PAGE_NORMAL, f)
		       : sev_launch_update(&s->vm, s->sev_fd, s->memory.host + at, bytes, f);
}

/*
 * Encrypt payload and tables; the mailbox in front of them is shared with the host. With
 * --launch-update so much more behind them, to measure what encryption costs.
 */
static int step_launch_update(struct start *s, struct fault *f)
{
	uint64_t at = BOOT_MAILBOX_BYTES, step;
	uint64_t end =
		boot_area_bytes(s->cell->guest_bytes, s->cell->touch_bytes, s->boot.pages_1g);
	int r = 0;

	if (end < s->cell->launch_update_bytes)
		end = s->cell->launch_update_bytes;
	if (is_snp(s->cell) && end > s->cell->guest_bytes - SNP_LAST_BYTES)
		end = s->cell->guest_bytes - SNP_LAST_BYTES;
	for (; at < end && r == 0; at += step) {
		step = end - at < LAUNCH_UPDATE_MAX_BYTES ? end - at : LAUNCH_UPDATE_MAX_BYTES;
		if (at < GUEST_MEMORY_LOW_BYTES && at + step > GUEST_MEMORY_LOW_BYTES)
			step = GUEST_MEMORY_LOW_BYTES - at; /* addresses go on elsewhere */
		r = stop_signal() ? fault_set(f, EINTR, "launch-update", "ended by a signal") : 0;
		if (r == 0)
			r = pin_before_host_write(&s->pin, at, step, f);
		if (r == 0)
			r = update(s, at, step, f);
		if (r == 0)
			s->encrypted_bytes += step;
	}
	return r == 0 && is_snp(s->cell) ? update_snp_pages(s, f) : r;
}

static int step_launch_update_vmsa(struct start *s, struct fault *f)
{
	return sev_launch_update_vmsa(&s->vm, s->sev_fd, f);
}

static int step_launch_measure(struct start *s, struct fault *f)
{
	return sev_launch_measure(&s->vm, s->sev_fd, s->measurement, f);
}

static int step_launch_finish(struct start *s, struct fault *f)
{
	return is_snp(s->cell) ? snp_launch_finish(&s->vm, s->sev_fd, f)
			       : sev_launch_finish(&s->vm, s->sev_fd, f);
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

static int step_terminate(struct start *s, struct fault *f)
{
	return vcpu_team_terminate(&s->team, f);
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
	sys_close(&s->sev_fd);
	sys_close(&s->guest_memfd);
	guest_memory_close(&s->memory);
	return 0;
}

const struct step start_steps[] = {
	{PHASE_OPEN, step_open, -1, NULL},
	{PHASE_VM_CREATE, step_vm_create, -1, NULL},
	{PHASE_SEV_INIT, step_sev_init, -1, is_sev},
	{PHASE_MEM_MAP, step_mem_map, -1, NULL},
	{PHASE_PREFAULT, step_prefault, -1, NULL},
	{PHASE_PIN, step_pin, PIN_BOUNDARY_AFTER_PIN, region_first},
	{PHASE_MEMSLOT, step_memslot, -1, NULL},
	{PHASE_PIN, step_pin, PIN_BOUNDARY_AFTER_PIN, memslot_first},
	{PHASE_PAYLOAD, step_payload, -1, NULL},
	{PHASE_LAUNCH_START, step_launch_start, -1, is_sev},
	{PHASE_LAUNCH_UPDATE, step_launch_update, -1, is_sev},
	/* The registers of an SEV-ES or SEV-SNP guest are part of its launch. */
	{PHASE_VCPU_CREATE, step_vcpu_create, -1, has_vmsa},
	{PHASE_LAUNCH_UPDATE_VMSA, step_launch_update_vmsa, -1, is_es},
	{PHASE_LAUNCH_MEASURE, step_launch_measure, -1, is_measured},
	{PHASE_LAUNCH_FINISH, step_launch_finish, -1, is_sev},
	{PHASE_VCPU_CREATE, step_vcpu_create, -1, has_no_vmsa},
	{PHASE_FIRST_INSTRUCTION, step_first_instruction, PIN_BOUNDARY_FIRST_INSTRUCTION, NULL},
	{PHASE_TOUCH, step_touch, PIN_BOUNDARY_AFTER_TOUCH, NULL},
	/* The end of such a guest's own making belongs to stopping it. */
	{PHASE_VCPU_STOP, step_terminate, -1, has_vmsa},
};
const unsigned start_step_count = sizeof(start_steps) / sizeof(start_steps[0]);

const struct step end_steps[] = {
	{PHASE_VCPU_STOP, step_vcpu_stop, -1, NULL},
	{PHASE_UNPIN, step_unpin, -1, NULL},
	{PHASE_DESTROY, step_destroy, PIN_BOUNDARY_AFTER_DESTROY, NULL},
};
const unsigned end_step_count = sizeof(end_steps) / sizeof(end_steps[0]);
