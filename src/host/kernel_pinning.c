// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_pinning: kvm_amd's parameter for eager or demand pinning. */
#include "sevpinbench/kernel_pinning.h"

#include "sevpinbench/host_file.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The parameter's word; false where it is neither of the two that we know. */
static bool read_mode(enum pin_mode *mode)
{
	char text[32];
	int value;

	if (host_file_read(KERNEL_PINNING_PATH, text, sizeof(text)) < 0)
		return false;
	value = words_value(&words_pin_mode, text);
	if (value != PIN_MODE_EAGER && value != PIN_MODE_DEMAND)
		return false;
	*mode = (enum pin_mode)value;
	return true;
}

static void get_hold(struct kernel_pinning *k)
{
	char path[PATH_MAX];
	int fd = host_file_path(KERNEL_PINNING_PATH, path, sizeof(path));

	if (fd == 0)
		fd = sys_open(path, O_WRONLY, 0);
	if (fd < 0) {
		snprintf(k->reason, sizeof(k->reason), "%s: %s", KERNEL_PINNING_PATH,
			 strerror(-fd));
		return;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		snprintf(k->reason, sizeof(k->reason), "another program switches it at present");
		sys_close(&fd);
		return;
	}
	k->fd = fd;
}

void kernel_pinning_open(struct kernel_pinning *k, bool may_switch)
{
	*k = (struct kernel_pinning)KERNEL_PINNING_CLOSED;
	k->present = read_mode(&k->now);
	k->found = k->now;
	if (!k->present)
		return;
	if (may_switch)
		get_hold(k);
	else
		snprintf(k->reason, sizeof(k->reason), "--no-kernel-switch forbids it");
}

bool kernel_pinning_offers(const struct kernel_pinning *k, enum pin_mode mode)
{
	return k->present && (k->fd >= 0 || k->now == mode);
}

int kernel_pinning_set(struct kernel_pinning *k, enum pin_mode mode, struct fault *f)
{
	const char *word = words_text(&words_pin_mode, mode);
	ssize_t n;

	if (!k->present || k->now == mode)
		return 0;
	if (k->fd < 0)
		return fault_set(f, EPERM, "switch sev_pinning", "to %s: %s", word, k->reason);
	if (lseek(k->fd, 0, SEEK_SET) < 0)
		return fault_set(f, errno, "lseek", KERNEL_PINNING_PATH);
	n = sys_write(k->fd, word, strlen(word));
	if (n < 0)
		return fault_set(f, (int)-n, "write", "%s to " KERNEL_PINNING_PATH, word);
	k->now = mode;
	return 0;
}

void kernel_pinning_close(struct kernel_pinning *k)
{
	if (k->fd < 0)
		return;
	kernel_pinning_set(k, k->found, NULL);
	sys_close(&k->fd); /* and with it the lock */
}
