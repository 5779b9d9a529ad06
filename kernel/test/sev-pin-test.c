// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of demand pinning in kvm_amd, on a host with SEV and this module:
 *
 *   sev-pin-test --list     the cases
 *   sev-pin-test CASE       exit 0 passed, 1 failed (what was expected on stderr), 77 skipped
 *
 * As root. Where the guest's pages are counted, nothing else on the host may pin any.
 */
#include "cases.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED 77

int wrong;

void expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		return;
	fprintf(stderr, "%s: %ld, expected %ld\n", what, got, wanted);
	wrong = 1;
}

void expect_pinned(const struct guest *guest, const char *when, long wanted)
{
	long boot = guest->boot ? BOOT_PAGES : 0;

	expect(when, guest_counter(guest, "sev_pinned_pages") - boot, wanted);
}

void skip(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(SKIPPED);
}

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

void sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

void start_registered(struct guest *guest, size_t bytes, bool huge)
{
	guest_start(guest, memory(bytes, huge), bytes);
	must(guest_register(guest, guest->data, bytes) == 0, "REG_REGION");
}

void lose_ipc_lock(size_t limit)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	struct rlimit rlimit = {limit, limit};

	must(!syscall(SYS_capget, &header, data), "capget");
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	must(!syscall(SYS_capset, &header, data) && !setrlimit(RLIMIT_MEMLOCK, &rlimit), "capset");
}

long not_pinned(const uint8_t *address, size_t pages)
{
	long present = 0;
	size_t i;

	for (i = 0; i < pages; i++)
		present += page_frame(address + i * PAGE) != 0;
	return present - copied_at_fork(address, pages);
}

static const struct test_case *const groups[] = {region_cases, page_cases, guest_cases,
						 mover_cases};

static const struct test_case *find(const char *name)
{
	const struct test_case *one;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (one = groups[i]; one->name; one++) {
			if (strcmp(one->name, name) == 0)
				return one;
		}
	}
	return NULL;
}

static int list(void)
{
	const struct test_case *one;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (one = groups[i]; one->name; one++)
			puts(one->name);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct test_case *one;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	one = argc == 2 ? find(argv[1]) : NULL;
	if (!one) {
		fprintf(stderr, "usage: sev-pin-test --list|CASE\n");
		return 2;
	}
	write_file(PARAMETER, "demand");
	one->run();
	return wrong;
}
