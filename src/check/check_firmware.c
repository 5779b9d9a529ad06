// SPDX-License-Identifier: GPL-2.0-or-later
/* check_firmware: the secure processor, its state, and the ASIDs that are left. */
#include "rows.h"

#include <errno.h>
#include <string.h>

static void look_device(const struct check_context *c, struct check_result *r)
{
	if (c->sev_err == 0)
		check_pass(r, "can be read");
	else
		check_fault(r, &c->sev_fault);
}

static void look_device_write(const struct check_context *c, struct check_result *r)
{
	if (c->sev_write_err == 0)
		check_pass(r, "can be written");
	else
		check_warn(r, "open for writing: %s", strerror(-c->sev_write_err));
}

static void look_firmware(const struct check_context *c, struct check_result *r)
{
	if (c->status_err == 0)
		check_pass(r, "API %u.%u, build %u", c->platform.api_major, c->platform.api_minor,
			   c->platform.build);
	else
		check_fault(r, &c->sev_fault);
}

/* SNP needs 1.51, of any later generation too. */
static void look_api(const struct check_context *c, struct check_result *r)
{
	unsigned major = c->platform.api_major, minor = c->platform.api_minor;

	if (major > 1 || (major == 1 && minor >= 51))
		check_pass(r, "%u.%u", major, minor);
	else
		check_fail(r, "%u.%u", major, minor);
}

/* SEV API specification 55766, PLATFORM_STATUS. */
static void look_state(const struct check_context *c, struct check_result *r)
{
	static const char *const state[] = {"UNINIT", "INIT", "WORKING"};

	if (c->platform.state >= LENGTH(state))
		check_warn(r, "state %u, which the specification does not have", c->platform.state);
	else if (c->platform.state == 0)
		check_info(r, "UNINIT: KVM initialises it for the first guest");
	else
		check_pass(r, "%s", state[c->platform.state]);
}

static void look_es(const struct check_context *c, struct check_result *r)
{
	if (c->platform.es)
		check_pass(r, "yes");
	else if (c->platform.state == 0)
		check_info(r, "not yet: state UNINIT");
	else
		check_fail(r, "no");
}

static void look_guests(const struct check_context *c, struct check_result *r)
{
	check_info(r, "%u", c->platform.guest_count);
}

static void look_snp(const struct check_context *c, struct check_result *r)
{
	if (c->snp_err == 0)
		check_pass(r, "API %u.%u, build %u, %u guests", c->snp.api_major, c->snp.api_minor,
			   c->snp.build, c->snp.guest_count);
	else
		check_fail(r, "SNP_PLATFORM_STATUS: %s", strerror(-c->snp_err));
	if (c->snp_err == -EINVAL)
		check_fix(r, "boot Linux 6.11 or newer: this kernel does not know the command");
}

static void look_snp_state(const struct check_context *c, struct check_result *r)
{
	if (c->snp.initialised)
		check_pass(r, "INIT");
	else
		check_fail(r, "UNINIT");
}

static void look_snp_rmp(const struct check_context *c, struct check_result *r)
{
	if (c->snp.rmp_initialised)
		check_pass(r, "initialised");
	else
		check_fail(r, "not initialised");
}

static void look_tcb(const struct check_context *c, struct check_result *r)
{
	unsigned long long current = c->snp.current_tcb, reported = c->snp.reported_tcb;

	if (current == reported)
		check_pass(r, "current and reported %#018llx", current);
	else
		check_warn(r, "current %#018llx, reported %#018llx", current, reported);
}

/* Where the kernel does not count them: the CPU's number less the firmware's guests. */
static void estimate_asids(const struct check_context *c, struct check_result *r)
{
	uint32_t most = c->host->cpu.sev_ecx, guests = c->platform.guest_count;

	if (c->status_err < 0 || most == 0)
		check_skip(r, "neither the misc controller nor the firmware tells");
	else if (guests < most)
		check_info(r, "%u of %u, all kinds together, by the firmware's %u guests",
			   most - guests, most, guests);
	else
		check_fail(r, "0 of %u, by the firmware's %u guests", most, guests);
}

static void look_asids(const struct check_context *c, struct check_result *r)
{
	const struct host_misc *m = &c->asids;

	if (m->capacity < 0 || m->used < 0)
		estimate_asids(c, r);
	else if (m->used < m->capacity)
		check_pass(r, "%lld of %lld (%s)", (long long)(m->capacity - m->used),
			   (long long)m->capacity, m->resource);
	else
		check_fail(r, "0 of %lld (%s)", (long long)m->capacity, m->resource);
}

static void look_asid_limit(const struct check_context *c, struct check_result *r)
{
	const struct host_misc *m = &c->asids;

	if (m->limit < 0)
		check_pass(r, "no limit");
	else if (m->limit_used < m->limit)
		check_pass(r, "%lld of %lld used (%s)", (long long)m->limit_used,
			   (long long)m->limit, m->resource);
	else
		check_fail(r, "all %lld used (%s)", (long long)m->limit, m->resource);
}

static const struct check rows[] = {
	{"sev-device", "cpu-sev-flag", "/dev/sev", FOR_SEV, ANY_MODE, "open(/dev/sev, O_RDONLY)",
	 "can be read", "KVM reaches the secure processor through a descriptor of it",
	 "modprobe ccp; dmesg | grep -i -e sev -e ccp says what was missing", look_device},
	{"sev-device-write", "sev-device", "/dev/sev for writing", FOR_NOBODY, ANY_MODE,
	 "open(/dev/sev, O_WRONLY)", "can be written",
	 "this program only reads it; QEMU opens it for both, and managing certificates writes",
	 "setfacl -m u:USER:rw /dev/sev", look_device_write},
	{"firmware", "sev-device", "SEV firmware", FOR_SEV, ANY_MODE, "SEV_PLATFORM_STATUS",
	 "an answer", "every launch command goes to it",
	 "dmesg | grep -i ccp; update the firmware (Debian package amd64-microcode, "
	 "/lib/firmware/amd)",
	 look_firmware},
	{"firmware-api", "firmware", "version of its interface", FOR_SNP, ANY_MODE,
	 "SEV_PLATFORM_STATUS", "1.51 or newer for SNP", "older firmware has no SNP guests",
	 "update the firmware (Debian package amd64-microcode, /lib/firmware/amd, or the board's); "
	 "reboot",
	 look_api},
	{"firmware-state", "firmware", "its state", FOR_NOBODY, ANY_MODE, "SEV_PLATFORM_STATUS",
	 "INIT or WORKING", "UNINIT: none has run yet; INIT: ready; WORKING: guests are running",
	 "reload ccp or reboot", look_state},
	{"firmware-es", "firmware", "initialised with SEV-ES", FOR_ES, ANY_MODE,
	 "SEV_PLATFORM_STATUS", "yes", "INIT decides once whether there can be SEV-ES guests",
	 "modprobe -r kvm_amd ccp && modprobe kvm_amd sev_es=1", look_es},
	{"firmware-guests", "firmware", "guests it holds", FOR_NOBODY, ANY_MODE,
	 "SEV_PLATFORM_STATUS", "a count",
	 "guests of others, whose pins and flushes are in what is measured here", NULL,
	 look_guests},
	{"snp", "firmware", "SNP firmware", FOR_SNP, ANY_MODE, "SNP_PLATFORM_STATUS", "an answer",
	 "every SNP launch command goes to it", "update the firmware and the kernel", look_snp},
	{"snp-state", "snp", "its state", FOR_SNP, ANY_MODE, "SNP_PLATFORM_STATUS", "INIT",
	 "no SNP guest starts before", "dmesg | grep -i -e snp -e rmp says what was missing",
	 look_snp_state},
	{"snp-rmp", "snp", "table of page owners", FOR_SNP, ANY_MODE, "SNP_PLATFORM_STATUS",
	 "initialised", "the firmware checks who owns a page by it",
	 "see msr-rmp; dmesg | grep -i rmp", look_snp_rmp},
	{"snp-tcb", "snp", "security version", FOR_NOBODY, ANY_MODE, "SNP_PLATFORM_STATUS",
	 "current and reported are the same",
	 "reports to guests' owners name the reported one: an older one where an update was not "
	 "committed",
	 "snphost commit", look_tcb},
	{"asids", "cpu-sev-flag", "free ASIDs", FOR_SEV, ANY_MODE,
	 "/sys/fs/cgroup/misc.capacity, misc.current; SEV_PLATFORM_STATUS", "1 or more",
	 "each guest holds one; without, KVM_SEV_INIT fails with EBUSY",
	 "end other SEV guests (grep sev /sys/fs/cgroup/*/misc.current shows whose)\nor move the "
	 "firmware setup's SEV-ES ASID Space Limit; then reboot",
	 look_asids},
	{"asid-limit", "cpu-sev-flag", "this cgroup's ASIDs", FOR_SEV, ANY_MODE,
	 "misc.max, misc.current of this process's cgroups", "no limit, or room below it",
	 "a limit on the cgroup refuses a guest as if there were no ASID left",
	 "echo 'sev max' >/sys/fs/cgroup/GROUP/misc.max", look_asid_limit},
};

const struct check_group check_firmware = {"firmware", rows, LENGTH(rows)};
