// SPDX-License-Identifier: GPL-2.0-or-later
/* probe: which guests can be started on this host, and how its kernel pins them. */
#include "sevpinbench/launch.h"

#include "sevpinbench/sys.h"
#include "start.h"
#include <errno.h>
#include <stdlib.h>

/* The guest that finds out about the kernel. */
#define PROBE_BYTES (16 * UNITS_MIB)

/* SEV wants KVM's support and the firmware's device, SEV-ES also its own. */
static void probe_sev(struct launch_limits *l, struct vm *vm)
{
	int fd;

	if (sev_probe(vm, &l->sev_fault) == 0) {
		fd = sev_open(&l->sev_fault);
		l->sev = fd >= 0;
		sys_close(&fd);
	}
	l->sev_es_fault = l->sev_fault;
	l->sev_es = l->sev && sev_probe_es(vm, &l->sev_es_fault) == 0;
	l->sev_snp_fault = l->sev_fault;
	l->sev_snp = l->sev && snp_probe(vm, &l->sev_snp_fault) == 0;
}

bool launch_can_start(const struct launch_limits *l, enum guest_type t, struct fault *f)
{
	const struct fault *const why[GUEST_TYPE_COUNT] = {NULL, &l->sev_fault, &l->sev_es_fault,
							   &l->sev_snp_fault};
	const bool can[GUEST_TYPE_COUNT] = {true, l->sev, l->sev_es, l->sev_snp};

	if (!can[t])
		*f = *why[t];
	return can[t];
}

int launch_probe(struct launch_limits *l, struct fault *f)
{
	struct vm vm = VM_CLOSED;
	struct vcpu_cpuid *cpuid = calloc(1, sizeof(*cpuid));
	int r = cpuid ? vm_open(&vm, f) : fault_set(f, ENOMEM, "calloc", "CPUID table");

	*l = (struct launch_limits){0};
	if (r == 0)
		r = vcpu_cpuid_fetch(cpuid, &vm, f);
	if (r == 0) {
		int max = vm_max_vcpus(&vm);

		l->pages_1g = vcpu_cpuid_has_1g_pages(cpuid);
		l->address_bits = vcpu_cpuid_address_bits(cpuid);
		l->max_vcpus =
			max < 1 || max > (int)BOOT_MAX_VCPUS ? BOOT_MAX_VCPUS : (uint32_t)max;
		probe_sev(l, &vm);
	}
	vm_close(&vm);
	free(cpuid);
	return r;
}

/*
 * Registering pins next to nothing, and pins appear as the guest runs. A count that cannot be read
 * now and then says nothing about the kernel, and must not be taken for one of no pages.
 */
static int judge_demand(const struct sample *s, bool *found, struct fault *f)
{
	const int64_t pages = (int64_t)(PROBE_BYTES / UNITS_PAGE_BYTES);
	int64_t before = s->pins[PIN_BOUNDARY_BEFORE].host_pages;
	int64_t registered = s->pins[PIN_BOUNDARY_AFTER_PIN].host_pages;
	int64_t touched = s->pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages;

	*found = false;
	if (before < 0 && registered < 0 && touched < 0)
		return 0;
	if (before >= 0 && registered >= 0 && touched >= 0) {
		*found = registered - before < pages / 4 && touched - before >= pages / 2;
		return 0;
	}
	fault_set(f, ENODATA, "read", "pin counts of /proc/vmstat");
	fault_hint(f, "they could be read at one moment and not at another; try again");
	return -ENODATA;
}

int launch_probe_kvm_demand(enum guest_type t, struct kernel_pinning *pinning, bool *found,
			    struct fault *f)
{
	const struct cell cell = {.guest_type = t,
				  .pin = PIN_MODE_DEMAND,
				  .mechanism = PIN_MECHANISM_KVM_DEMAND,
				  .guest_bytes = PROBE_BYTES,
				  .vcpus = 1,
				  .touch_bytes = PROBE_BYTES / 2,
				  .pin_order = PIN_ORDER_REGION_FIRST,
				  .sev_policy = cell_policy(t, CELL_POLICY_NODBG),
				  .numa_node = -1,
				  .parallel = 1};
	const struct launch_options options = {.pinning = pinning};
	struct launch l = {0};
	struct sample_room room;
	const struct sample *s = &room.sample;
	int r;

	*found = false;
	if (t == GUEST_TYPE_SEV_SNP) /* whose memory is not registered */
		return 0;
	if (pinning->present && !kernel_pinning_offers(pinning, PIN_MODE_DEMAND))
		return 0;
	r = launch_open(&l, &options, f);
	if (r < 0)
		return r;
	r = launch_run(&l, &cell, 0, &room);
	if (s->flags & (SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED)))
		*f = room.failure;
	else
		r = judge_demand(s, found, f);
	launch_close(&l);
	return r;
}
