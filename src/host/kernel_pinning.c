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

/* Open and lock the parameter. The descriptor, or -errno: -EWOULDBLOCK where another holds it. */
static int get_hold(bool alone)
{
	char path[PATH_MAX];
	int fd = host_file_path(KERNEL_PINNING_PATH, path, sizeof(path));
	int err;

	if (fd == 0)
		fd = sys_open(path, alone ? O_WRONLY : O_RDONLY, 0);
	if (fd < 0 || flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return fd;
	err = errno;
	sys_close(&fd);
	return -err;
}

void kernel_pinning_open(struct kernel_pinning *k, bool may_switch)
{
	int fd = -EPERM;

	*k = (struct kernel_pinning)KERNEL_PINNING_CLOSED;
	k->present = read_mode(&k->now);
	if (!k->present)
		return;
	if (may_switch)
		fd = get_hold(true);
	k->may_switch = fd >= 0;
	if (!may_switch)
		snprintf(k->reason, sizeof(k->reason), "--no-kernel-switch forbids it");
	else if (fd < 0)
		snprintf(k->reason, sizeof(k->reason), "%s: %s", KERNEL_PINNING_PATH,
			 strerror(-fd));
	if (fd < 0)
		fd = get_hold(false);
	if (fd < 0)
		snprintf(k->reason, sizeof(k->reason), "another program switches it at present");
	k->fd = fd < 0 ? -1 : fd;
	/* Again: before it was locked, another may have switched it. */
	k->present = read_mode(&k->now);
	k->found = k->now;
}

bool kernel_pinning_offers(const struct kernel_pinning *k, enum pin_mode mode)
{
	return k->present && k->fd >= 0 && (k->may_switch || k->now == mode);
}

int kernel_pinning_set(struct kernel_pinning *k, enum pin_mode mode, struct fault *f)
{
	const char *word = words_text(&words_pin_mode, mode);
	ssize_t n;

	if (!k->present || k->now == mode)
		return 0;
	if (!k->may_switch)
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
	if (k->may_switch)
		kernel_pinning_set(k, k->found, NULL);
	k->may_switch = false;
	sys_close(&k->fd); /* and with it the lock */
}
