/* SPDX-License-Identifier: GPL-2.0-or-later */
/* context: what is looked at once, because several rows ask about it or it costs time. */
#ifndef CHECK_CONTEXT_H
#define CHECK_CONTEXT_H

#include "experiment.h"
#include "sevpinbench/cell.h"
#include "sevpinbench/check.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/snp_status.h"

struct check_context {
	const struct check_request *asked; /* with the guest type that was chosen */
	const struct host_facts *host;

	bool kvm; /* /dev/kvm works */
	struct launch_limits limits;
	struct fault kvm_fault; /* why not */
	unsigned vm_types;	/* bits of KVM_CAP_VM_TYPES */

	int sev_err;	   /* of opening /dev/sev: 0 or -errno */
	int sev_write_err; /* the same for writing */
	int status_err;	   /* of SEV_PLATFORM_STATUS */
	struct fault sev_fault;
	struct sev_platform platform;
	int snp_err; /* of SNP_PLATFORM_STATUS */
	struct snp_status snp;

	struct host_misc asids; /* of the kind that the guest takes */
	struct experiment experiment;
	struct cell cell; /* the guest, as "run" would start it */
	struct plan_needs needs;
	uint64_t margin_bytes; /* what stays free for the host */
};

/*
 * Fill in the context for what is asked; *chosen becomes the same with the guest type decided. Both
 * and the host must outlive it. 0 or -errno as check_run().
 */
int context_collect(struct check_context *c, const struct check_request *asked,
		    struct check_request *chosen, const struct host_facts *host, struct fault *f);

#endif
