/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snp_status: the state of the SEV-SNP firmware (SNP_PLATFORM_STATUS of SEV-SNP Firmware ABI
 * Specification 56860, through /dev/sev).
 */
#ifndef SEVPINBENCH_SNP_STATUS_H
#define SEVPINBENCH_SNP_STATUS_H

#include "sevpinbench/fault.h"
#include <stdbool.h>
#include <stdint.h>

struct snp_status {
	unsigned api_major, api_minor, build, guest_count;
	bool initialised;		    /* state INIT */
	bool rmp_initialised;		    /* the table of page owners */
	uint64_t current_tcb, reported_tcb; /* security versions, a byte a component */
};

/*
 * Ask the firmware; sev_fd as from sev_open(). 0 or -errno: -EINVAL on kernels before 6.10, which
 * do not know the command.
 */
int snp_status_read(int sev_fd, struct snp_status *s, struct fault *f);

#endif
