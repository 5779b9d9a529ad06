// SPDX-License-Identifier: GPL-2.0-or-later
/* host_msr: model-specific registers of a CPU. */
#include "sevpinbench/host_msr.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

int host_msr_read(unsigned cpu, uint32_t msr, uint64_t *value)
{
	char path[64], full[PATH_MAX];
	ssize_t n;
	int fd, err;

	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
	err = host_file_path(path, full, sizeof(full));
	if (err)
		return err;
	fd = sys_open(full, O_RDONLY | O_NONBLOCK, 0);
	/* The node may be there (devtmpfs, an image) and no driver behind it. */
	if (fd == -ENXIO || fd == -ENODEV)
		return -ENOENT;
	if (fd < 0)
		return fd;
	n = sys_pread(fd, value, sizeof(*value), msr);
	sys_close(&fd);
	if (n < 0)
		return (int)n;
	return n == sizeof(*value) ? 0 : -EIO;
}
