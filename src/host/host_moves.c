// SPDX-License-Identifier: GPL-2.0-or-later
/* host_moves: have the kernel move pages for its own ends. */
#include "sevpinbench/host_moves.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

/* Linux 6.1; absent from older headers. */
#define ADVICE_COLLAPSE 25

/* Other threads' short references, and the kernel's own lists, pass: a page is held that stays so.
 */
#define COLLAPSE_TRIES 5

int host_moves_compact(void)
{
	char full[PATH_MAX];
	int err = host_file_path("/proc/sys/vm/compact_memory", full, sizeof(full));
	int fd = err ? err : sys_open(full, O_WRONLY, 0);

	err = fd < 0 ? fd : sys_write_all(fd, "1", 1);
	sys_close(&fd);
	return err;
}

int host_moves_collapse(void *addr, uint64_t bytes)
{
	int r = sys_madvise(addr, bytes, MADV_HUGEPAGE);

	for (int i = 0; i < COLLAPSE_TRIES && (r == 0 || r == -EAGAIN); i++) {
		r = sys_madvise(addr, bytes, ADVICE_COLLAPSE);
		if (r == 0)
			return 1;
	}
	return r == -EAGAIN ? 0 : r;
}
