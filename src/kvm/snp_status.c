// SPDX-License-Identifier: GPL-2.0-or-later
/* snp_status: the state of the SEV-SNP firmware. */
#include "sevpinbench/snp_status.h"

#include "sevpinbench/sys.h"
#include <linux/ioctl.h>
#include <linux/psp-sev.h>

/* Linux 6.10; absent from older headers. */
#define COMMAND_SNP_PLATFORM_STATUS 9
struct platform_status {
	uint8_t api_major, api_minor, state, is_rmp_initialized;
	uint32_t build_id, flags, guest_count;
	uint64_t current_tcb_version, reported_tcb_version;
} __attribute__((packed));
_Static_assert(sizeof(struct platform_status) == 32,
	       "struct sev_user_data_snp_status of Linux 6.10");

#define STATE_INIT 1

int snp_status_read(int sev_fd, struct snp_status *s, struct fault *f)
{
	struct platform_status status = {0};
	struct sev_issue_cmd cmd = {.cmd = COMMAND_SNP_PLATFORM_STATUS,
				    .data = (uint64_t)(uintptr_t)&status};
	int r = sys_ioctl(sev_fd, SEV_ISSUE_CMD, &cmd);

	if (r < 0)
		return fault_set(f, -r, "ioctl(SNP_PLATFORM_STATUS)", "/dev/sev");
	*s = (struct snp_status){.api_major = status.api_major,
				 .api_minor = status.api_minor,
				 .build = status.build_id,
				 .guest_count = status.guest_count,
				 .initialised = status.state == STATE_INIT,
				 .rmp_initialised = status.is_rmp_initialized & 1,
				 .current_tcb = status.current_tcb_version,
				 .reported_tcb = status.reported_tcb_version};
	return 0;
}
