// SPDX-License-Identifier: GPL-2.0-or-later
/* host: all facts about this machine, collected once. */
#include "sevpinbench/host.h"
#include "sevpinbench/flush_counter.h"
#include "sevpinbench/host_file.h"
#include "sevpinbench/kernel_pinning.h"
#include "sevpinbench/pin_counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	for (; *to; to++) {
		if (*to < ' ' || *to > '~')
			*to = '?';
	}
}

static void read_kernel(struct host_facts *h)
{
	struct utsname name;

	if (uname(&name) < 0)
		return;
	copy_text(h->name, sizeof(h->name), name.nodename);
	copy_text(h->kernel_release, sizeof(h->kernel_release), name.release);
	copy_text(h->kernel_version, sizeof(h->kernel_version), name.version);
}

/* os-release(5): shell syntax, of which quotes around the value are all that occurs here. */
static void read_distribution(struct host_facts *h)
{
	char text[4096], value[HOST_TEXT];
	size_t length;

	if (host_file_read("/etc/os-release", text, sizeof(text)) < 0)
		host_file_read("/usr/lib/os-release", text, sizeof(text));
	if (host_file_find_text(text, "PRETTY_NAME", value, sizeof(value)))
		return;
	length = strlen(value);
	if (length >= 2 && strchr("\"'", value[0]) && value[length - 1] == value[0]) {
		value[length - 1] = '\0';
		memmove(value, value + 1, length - 1);
	}
	copy_text(h->distribution, sizeof(h->distribution), value);
}

/* The first line of each file. */
static void read_texts(struct host_facts *h)
{
	const struct {
		const char *path;
		char *text;
		size_t size;
	} row[] = {
		{"/proc/cmdline", h->kernel_cmdline, sizeof(h->kernel_cmdline)},
		{HOST_CLOCKSOURCE_PATH, h->clocksource, sizeof(h->clocksource)},
		{HOST_GOVERNOR_PATH, h->governor, sizeof(h->governor)},
		{KERNEL_PINNING_PATH, h->sev_pinning, sizeof(h->sev_pinning)},
	};

	for (size_t i = 0; i < LENGTH(row); i++) {
		host_file_read(row[i].path, row[i].text, row[i].size);
		row[i].text[strcspn(row[i].text, "\n")] = '\0';
	}
}

/*
 * "0.04" and the blank behind it, by hand: strtod() wants whatever decimal point the locale has.
 * Returns the place behind, or NULL where the text is no such number.
 */
static const char *parse_load(const char *text, double *load)
{
	double place = 0.1, value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (*p - '0');
	if (p == text || *p++ != '.')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++, place /= 10)
		value += (*p - '0') * place;
	if (*p != ' ')
		return NULL;
	*load = value;
	return p + 1;
}

static void read_load(struct host_facts *h)
{
	double *load[] = {&h->load1, &h->load5, &h->load15};
	const char *rest;
	char text[128];

	h->load1 = h->load5 = h->load15 = -1;
	host_file_read("/proc/loadavg", text, sizeof(text));
	rest = text;
	for (size_t i = 0; i < LENGTH(load) && rest; i++)
		rest = parse_load(rest, load[i]);
}

static int64_t read_number(const char *path)
{
	uint64_t value;

	return host_file_read_u64(path, &value) || value > INT64_MAX ? -1 : (int64_t)value;
}

static void read_pin_counters(struct host_facts *h)
{
	char *reason = h->pin_counters_reason;
	const size_t size = sizeof(h->pin_counters_reason);
	struct pin_counters *c = malloc(sizeof(*c));

	if (!c) {
		copy_text(reason, size, "no memory");
		return;
	}
	pin_counters_open(c);
	h->pin_counters = pin_counters_host_pages(c) >= 0;
	if (c->vmstat_fd < 0)
		snprintf(reason, size, "/proc/vmstat: %s", strerror(c->vmstat_err));
	else if (c->refresh_fd < 0)
		snprintf(reason, size, "/proc/sys/vm/stat_refresh: %s%s", strerror(c->refresh_err),
			 c->refresh_err == EACCES ? " (needs root)" : "");
	else if (!h->pin_counters)
		copy_text(reason, size,
			  "/proc/vmstat has no usable nr_foll_pin_acquired and "
			  "nr_foll_pin_released (Linux 5.7 or later has them)");
	pin_counters_close(c);
	free(c);
}

static void read_flush_counter(struct host_facts *h)
{
	struct flush_counter c;

	flush_counter_open(&c);
	h->flush_counter = flush_counter_read(&c) >= 0;
	copy_text(h->flush_counter_reason, sizeof(h->flush_counter_reason), c.reason);
	flush_counter_close(&c);
}

void host_collect(struct host_facts *h)
{
	memset(h, 0, sizeof(*h));
	read_kernel(h);
	read_distribution(h);
	read_texts(h);
	read_load(h);
	host_cpu_collect(&h->cpu);
	h->platform = host_cpu_platform(&h->cpu);
	host_memory_collect(&h->memory);
	h->node_count = host_numa_collect(h->node, HOST_NODES);
	h->io_uring_disabled = read_number("/proc/sys/kernel/io_uring_disabled");
	h->unprivileged_userfaultfd = read_number("/proc/sys/vm/unprivileged_userfaultfd");
	read_pin_counters(h);
	read_flush_counter(h);
}
