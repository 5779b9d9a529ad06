// SPDX-License-Identifier: GPL-2.0-or-later
/* check_machine: what kind of machine and kernel this is, and whether this program serves it. */
#include "rows.h"

#include "sevpinbench/pin.h"
#include <stdio.h>

#define KERNEL_MAJOR 5
#define KERNEL_MINOR 19

static void look_platform(const struct check_context *c, struct check_result *r)
{
	const struct host_cpu *cpu = &c->host->cpu;

	switch (c->host->platform) {
	case PLATFORM_HARDWARE:
		check_pass(r, "hardware");
		break;
	case PLATFORM_VIRTUAL:
		check_info(r, "a virtual machine (%s)",
			   cpu->hypervisor_name[0] ? cpu->hypervisor_name : "unknown hypervisor");
		break;
	case PLATFORM_EMULATED:
		check_warn(r, "EMULATED (%s): an interpreter's times", cpu->hypervisor_name);
		check_fix(r, "read counts and states of this host, not times");
		break;
	}
}

static void look_kernel(const struct check_context *c, struct check_result *r)
{
	const char *release = c->host->kernel_release;
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		check_skip(r, "release \"%s\" is none that can be compared", release);
	else if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		check_pass(r, "Linux %s", release);
	else
		check_fail(r, "Linux %s", release);
}

static void look_program(const struct check_context *c, struct check_result *r)
{
	const char *type = words_text(&words_guest_type, c->asked->guest_type);
	const char *mode = words_text(&words_pin_mode, c->asked->pin);
	int mechanism = pin_mechanism(c->asked->guest_type, c->asked->pin);

	if (mechanism >= 0)
		check_pass(r, "%s guests, pin mode %s: by %s", type, mode,
			   words_text(&words_pin_mechanism, (unsigned)c->cell.mechanism));
	else
		check_warn(r, "there are no %s guests with pin mode %s", type, mode);
}

static const struct check rows[] = {
	{"platform", NULL, "this machine", FOR_NOBODY, ANY_MODE, "CPUID 1 ECX[31], 4000_0000",
	 "hardware",
	 "below a hypervisor times are its own too, and it seldom hands SEV on; an emulator's "
	 "times "
	 "mean nothing, its counts do",
	 NULL, look_platform},
	{"kernel", NULL, "kernel is new enough", FOR_VM, PINNING, "uname(2)", "Linux 5.19 or newer",
	 "vm guests are pinned by sparse tables of io_uring buffers, which came with 5.19",
	 "install a newer kernel (Debian 12 has 6.1)", look_kernel},
	{"program", NULL, "this program starts such guests", FOR_NOBODY, ANY_MODE,
	 "the table of pin mechanisms", "a mechanism for this guest type and pin mode",
	 "the host is checked all the same, for QEMU and later versions; without a guest of that "
	 "type there is no experiment",
	 "--pin eager or demand", look_program},
};

const struct check_group check_machine = {"machine", rows, LENGTH(rows)};
