/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_msr: model-specific registers of a CPU, by the msr driver (/dev/cpu/N/msr). */
#ifndef SEVPINBENCH_HOST_MSR_H
#define SEVPINBENCH_HOST_MSR_H

#include <stdint.h>

/* AMD APM vol. 2, 15.34 and 15.36; names as in the kernel's msr-index.h. */
#define HOST_MSR_SYSCFG	  0xc0010010U
#define HOST_MSR_HWCR	  0xc0010015U
#define HOST_MSR_RMP_BASE 0xc0010132U
#define HOST_MSR_RMP_END  0xc0010133U

/*
 * Read one register. Returns 0 or -errno: -ENOENT without the driver, -EACCES or -EPERM without
 * the right (root with CAP_SYS_RAWIO), -EIO where the CPU does not have the register.
 */
int host_msr_read(unsigned cpu, uint32_t msr, uint64_t *value);

#endif
