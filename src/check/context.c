// SPDX-License-Identifier: GPL-2.0-or-later
/* context: what is looked at once for all rows. */
#include "context.h"

#include "sevpinbench/pin.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include "sevpinbench/vm.h"
#include <errno.h>
#include <fcntl.h>

/* As "run" has them by default. */
#define CHUNK_BYTES   (2 * UNITS_MIB)
#define TOUCH_SHARE   100000u
#define TOUCH_AT_MOST (8 * UNITS_GIB)

static void look_at_kvm(struct check_context *c)
{
	struct vm vm = VM_CLOSED;

	c->kvm = launch_probe(&c->limits, &c->kvm_fault) == 0;
	if (c->kvm && vm_open(&vm, NULL) == 0)
		c->vm_types = vm_types(&vm);
	vm_close(&vm);
}

static void look_at_firmware(struct check_context *c)
{
	int fd = sev_open(&c->sev_fault), writing;

	c->sev_err = fd < 0 ? fd : 0;
	c->status_err = c->snp_err = -ENODEV;
	if (fd >= 0) {
		c->status_err = sev_platform_status(fd, &c->platform, &c->sev_fault);
		c->snp_err = snp_status_read(fd, &c->snp, NULL);
	}
	sys_close(&fd);
	writing = sys_open(SEV_DEVICE_PATH, O_WRONLY, 0);
	c->sev_write_err = writing < 0 ? writing : 0;
	sys_close(&writing);
}

/*
 * The guest as "run" would start it. For SNP, which this program does not start, the nearest in
 * what it takes from the host: its memory is all there and cannot move, like a vm guest's that is
 * pinned, and is not counted against the limit of locked memory.
 */
static int plan(struct check_context *c, struct fault *f)
{
	struct plan_request p = {
		.guest_type = c->asked->guest_type,
		.size_count = 1,
		.mode_count = 1,
		.backing_count = 1,
		.prefault_count = 1,
		.touch_count = 1,
		.guest_bytes = {c->asked->guest_bytes},
		.mode = {c->asked->pin},
		.vcpus = 1,
		.backing = {BACKING_ANON},
		.touch = {{.is_share = true,
			   .millionths = TOUCH_SHARE,
			   .cap_bytes = TOUCH_AT_MOST}},
		.chunk_bytes = CHUNK_BYTES,
		.kvm_demand = c->experiment.outcome == EXPERIMENT_DEMAND,
		.numa_node = -1,
	};
	int r;

	if (pin_mechanism(p.guest_type, p.mode[0]) < 0)
		p.guest_type = GUEST_TYPE_VM;
	r = plan_cells(&p, &c->cell, 1, f);
	if (r < 0)
		return r;
	plan_needs(&c->cell, c->limits.pages_1g, &c->needs);
	c->margin_bytes = preflight_margin_bytes(&c->host->memory);
	return 0;
}

/* An experiment with a guest that cannot be had would tell nothing new. */
static bool can_experiment(const struct check_context *c)
{
	enum guest_type t = c->asked->guest_type;
	struct fault why;

	return c->asked->experiment && c->kvm && pin_mechanism(t, c->asked->pin) >= 0 &&
	       launch_can_start(&c->limits, t, &why);
}

int context_collect(struct check_context *c, const struct check_request *asked,
		    struct check_request *chosen, const struct host_facts *host, struct fault *f)
{
	*c = (struct check_context){.asked = chosen, .host = host};
	*chosen = *asked;
	look_at_kvm(c);
	look_at_firmware(c);
	if (asked->type_auto)
		chosen->guest_type = c->limits.sev ? GUEST_TYPE_SEV : GUEST_TYPE_VM;
	/* SNP guests take theirs out of those of SEV-ES. */
	host_misc_collect(chosen->guest_type >= GUEST_TYPE_SEV_ES ? "sev_es" : "sev", &c->asids);
	if (can_experiment(c))
		experiment_make(&c->experiment, chosen->guest_type, chosen->pin);
	return plan(c, f);
}
