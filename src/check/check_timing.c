// SPDX-License-Identifier: GPL-2.0-or-later
/* check_timing: what makes times differ from those of other hosts, or from one run to the next. */
#include "rows.h"

#include "sevpinbench/host_file.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"

#define VIRTIO_DEVICES "/sys/bus/virtio/devices"

/* More than this disturbs. */
#define STEAL_PERCENT 1.0

/* include/uapi/linux/virtio_ids.h and virtio_balloon.h */
#define BALLOON		"0x0005"
#define BALLOON_REPORTS 5

static void look_clocksource(const struct check_context *c, struct check_result *r)
{
	const char *source = c->host->clocksource;

	if (!source[0])
		check_skip(r, "not told");
	else if (strcmp(source, "tsc") == 0 || strcmp(source, "kvm-clock") == 0)
		check_pass(r, "%s", source);
	else
		check_warn(r, "%s", source);
}

static void look_governor(const struct check_context *c, struct check_result *r)
{
	const char *governor = c->host->governor;

	if (!governor[0])
		check_info(r, "not told: no frequency scaling here, or not by this kernel");
	else if (strcmp(governor, "performance") == 0)
		check_pass(r, "%s", governor);
	else
		check_warn(r, "%s", governor);
}

/* Not what is true of one moment: the whole time since boot. */
static void look_steal(const struct check_context *c, struct check_result *r)
{
	unsigned long long t[8];
	double all = 0, percent;
	char text[512];

	(void)c;
	host_file_read("/proc/stat", text, sizeof(text));
	if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		   &t[4], &t[5], &t[6], &t[7]) != 8) {
		check_skip(r, "/proc/stat does not tell");
		return;
	}
	for (size_t i = 0; i < LENGTH(t); i++)
		all += (double)t[i];
	percent = all > 0 ? (double)t[7] / all * 100 : 0;
	if (percent >= STEAL_PERCENT)
		check_warn(r, "%.1f%% of all CPU time since boot", percent);
	else
		check_pass(r, "%.1f%% of all CPU time since boot", percent);
}

static void look_load(const struct check_context *c, struct check_result *r)
{
	double load = c->host->load1;
	int cpus = c->host->cpu.logical_cpus;

	if (load < 0 || cpus < 1)
		check_skip(r, "not told");
	else if (load > cpus / 2.0)
		check_warn(r, "%.2f; CPUs: %d", load, cpus);
	else
		check_pass(r, "%.2f; CPUs: %d", load, cpus);
}

/* A balloon that has agreed with its hypervisor to report free pages; features are a digit a bit.
 */
static bool reports_free_pages(const char *name)
{
	char path[PATH_MAX], text[128];

	if ((size_t)snprintf(path, sizeof(path), VIRTIO_DEVICES "/%s/device", name) >=
		    sizeof(path) ||
	    host_file_read(path, text, sizeof(text)) < 0 ||
	    strncmp(text, BALLOON, strlen(BALLOON)) != 0)
		return false;
	snprintf(path, sizeof(path), VIRTIO_DEVICES "/%s/features", name);
	return host_file_read(path, text, sizeof(text)) > BALLOON_REPORTS &&
	       text[BALLOON_REPORTS] == '1';
}

static void look_reporting(const struct check_context *c, struct check_result *r)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder = NULL;

	(void)c;
	if (host_file_path(VIRTIO_DEVICES, path, sizeof(path)) == 0)
		folder = opendir(path);
	check_pass(r, "stays here");
	while (folder && (entry = readdir(folder))) {
		if (!reports_free_pages(entry->d_name))
			continue;
		check_warn(r, "%.32s reports free pages to a hypervisor, which takes them",
			   entry->d_name);
		check_fix(r,
			  "echo %.32s | sudo tee /sys/bus/virtio/drivers/virtio_balloon/unbind\n"
			  "or have the hypervisor started without free page reporting",
			  entry->d_name);
	}
	if (folder)
		closedir(folder);
}

/* One vulnerability into the counts; the name of one that is open into the list. */
static void count_one(const char *name, unsigned *mitigated, unsigned *open, char *list,
		      size_t size)
{
	char path[PATH_MAX], text[256];
	size_t used = strlen(list);

	if ((size_t)snprintf(path, sizeof(path), VULNERABILITIES "/%s", name) >= sizeof(path) ||
	    host_file_read(path, text, sizeof(text)) < 0)
		return;
	if (strncmp(text, "Mitigation", strlen("Mitigation")) == 0) {
		++*mitigated;
	} else if (strncmp(text, "Vulnerable", strlen("Vulnerable")) == 0) {
		++*open;
		snprintf(list + used, size - used, " %.40s", name);
	}
}

/* In the order of names, so that the text is the same each time. */
static void look_mitigations(const struct check_context *c, struct check_result *r)
{
	char path[PATH_MAX], list[256] = "";
	unsigned mitigated = 0, open = 0;
	struct dirent **entry;
	int n = -1;

	if (host_file_path(VULNERABILITIES, path, sizeof(path)) == 0)
		n = scandir(path, &entry, NULL, alphasort);
	if (n < 0) {
		check_skip(r, "not told");
		return;
	}
	for (int i = 0; i < n; i++) {
		if (entry[i]->d_name[0] != '.')
			count_one(entry[i]->d_name, &mitigated, &open, list, sizeof(list));
		free(entry[i]);
	}
	free(entry);
	check_info(r, "%u mitigated, %u open%s%s%s", mitigated, open, open ? ":" : "", list,
		   strstr(c->host->kernel_cmdline, "mitigations=off") ? "; mitigations=off" : "");
}

static const struct check rows[] = {
	{"clocksource", NULL, "clock source", FOR_NOBODY, ANY_MODE,
	 "/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc or kvm-clock",
	 "reading another one takes a microsecond or more, at every step that is timed",
	 "dmesg | grep -i tsc says why the kernel gave it up", look_clocksource},
	{"governor", NULL, "frequency governor", FOR_NOBODY, ANY_MODE,
	 "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance",
	 "the others change the clock rate under a measurement",
	 "cpupower frequency-set -g performance", look_governor},
	{"load", NULL, "load", FOR_NOBODY, ANY_MODE, "/proc/loadavg", "less than half the CPUs",
	 "what others run is in the times", "measure while they rest", look_load},
	{"steal", NULL, "time taken by a hypervisor", FOR_NOBODY, ANY_MODE, "/proc/stat",
	 "less than 1%", "a virtual machine's CPUs stand still meanwhile, which shows as outliers",
	 "take a host that is less loaded, or one of your own", look_steal},
	{"free-page-reporting", NULL, "free memory", FOR_NOBODY, ANY_MODE,
	 VIRTIO_DEVICES "/*/features", "no balloon that reports free pages",
	 "a page that the hypervisor has taken has to come back from it when a guest's memory is "
	 "faulted in: that takes longer, and not each time the same",
	 NULL, look_reporting},
	{"mitigations", NULL, "CPU vulnerabilities", FOR_NOBODY, ANY_MODE,
	 VULNERABILITIES ", /proc/cmdline", "the same on hosts that are compared",
	 "mitigations make entries to kernel and guest dearer: results compare only where they are "
	 "the same",
	 NULL, look_mitigations},
};

const struct check_group check_timing = {"timing", rows, LENGTH(rows)};
