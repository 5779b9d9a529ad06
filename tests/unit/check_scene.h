/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_scene: a whole host for check_run(): its files are fixtures, and what is no file (CPUID,
 * MSRs, devices, limits, the guest of the experiment) is played here by the linker's --wrap.
 */
#ifndef TESTS_CHECK_SCENE_H
#define TESTS_CHECK_SCENE_H

#include "fake_cpu.h"
#include "fixture_root.h"
#include "golden.h"
#include "sevpinbench/check.h"
#include "sevpinbench/check_table.h"
#include "sevpinbench/flush_counter.h"
#include "sevpinbench/host_msr.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin_counters.h"
#include "sevpinbench/sev.h"
#include "sevpinbench/snp_status.h"
#include "sevpinbench/units.h"
#include "sevpinbench/vm.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

/* A host: files by its fixtures, the rest here. */
struct scene {
	const char *base, *overlay; /* folders of fixtures, the second laid over the first */
	const struct fake_cpu *cpu; /* NULL: no CPUID at all */
	const char *release;
	uint64_t syscfg, hwcr, rmp_base, rmp_end;
	int msr_err, kvm_err, sev_err, snp_err, uring_err, userfault_err;
	unsigned types;
	bool kvm_sev; /* KVM offers SEV guests */
	struct sev_platform platform;
	struct snp_status snp;
	int64_t memlock_bytes; /* 0: 8 MiB, and CAP_IPC_LOCK */
	int launch_err;
	int64_t registered, touched, prefault; /* pages of the experiment's guest */
	bool counters;
	rlim_t files; /* 0: no limit */
};

static const struct scene *scene;

/* ---- the machine below the library ---- */

int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw);
int __wrap_cpuid_get_raw_data(struct cpu_raw_data_t *raw)
{
	if (!scene->cpu)
		return -1;
	fake_cpu_raw(scene->cpu, raw);
	return 0;
}

void __wrap_cpu_exec_cpuid_ext(uint32_t *regs);
void __wrap_cpu_exec_cpuid_ext(uint32_t *regs)
{
	memcpy(&regs[1], scene->cpu->hypervisor, 12);
}

int __wrap_uname(struct utsname *name);
int __wrap_uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	snprintf(name->nodename, sizeof(name->nodename), "testhost");
	snprintf(name->release, sizeof(name->release), "%s", scene->release);
	return 0;
}

int __wrap_getrlimit(int resource, struct rlimit *limit);
int __wrap_getrlimit(int resource, struct rlimit *limit)
{
	limit->rlim_cur = limit->rlim_max = RLIM_INFINITY;
	if (resource == RLIMIT_MEMLOCK)
		limit->rlim_cur = limit->rlim_max =
			scene->memlock_bytes ? (rlim_t)scene->memlock_bytes : 8 * UNITS_MIB;
	if (resource == RLIMIT_NOFILE && scene->files)
		limit->rlim_cur = scene->files;
	return 0;
}

int __wrap_setrlimit(int resource, const struct rlimit *limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

void __real_host_memory_collect(struct host_memory *m);
void __wrap_host_memory_collect(struct host_memory *m);
void __wrap_host_memory_collect(struct host_memory *m)
{
	__real_host_memory_collect(m);
	m->can_exceed_memlock = scene->memlock_bytes == 0;
}

int __wrap_host_numa_collect(struct host_node *node, int max);
int __wrap_host_numa_collect(struct host_node *node, int max)
{
	ck_assert_int_ge(max, 2);
	for (int i = 0; i < 2; i++)
		node[i] = (struct host_node){.id = i,
					     .total_bytes = 251 * (int64_t)UNITS_GIB,
					     .free_bytes = (244 - i) * (int64_t)UNITS_GIB,
					     .huge_2m_free = 250,
					     .huge_1g_free = 0};
	return 2;
}

int __wrap_host_msr_read(unsigned cpu, uint32_t msr, uint64_t *value);
int __wrap_host_msr_read(unsigned cpu, uint32_t msr, uint64_t *value)
{
	ck_assert_uint_eq(cpu, 0);
	*value = msr == HOST_MSR_SYSCFG	    ? scene->syscfg
		 : msr == HOST_MSR_HWCR	    ? scene->hwcr
		 : msr == HOST_MSR_RMP_BASE ? scene->rmp_base
					    : scene->rmp_end;
	return scene->msr_err;
}

int __wrap_host_pagemap_probe(void);
int __wrap_host_pagemap_probe(void)
{
	return scene->counters ? 0 : -EPERM;
}

int __wrap_launch_probe(struct launch_limits *l, struct fault *f);
int __wrap_launch_probe(struct launch_limits *l, struct fault *f)
{
	*l = (struct launch_limits){.pages_1g = true,
				    .address_bits = 43,
				    .max_vcpus = 128,
				    .sev = scene->kvm_sev && scene->sev_err == 0};
	if (!scene->kvm_sev)
		fault_set(&l->sev_fault, ENOTTY, "ioctl(KVM_MEMORY_ENCRYPT_OP)", "no command");
	else if (scene->sev_err)
		fault_set(&l->sev_fault, -scene->sev_err, "open", "/dev/sev");
	fault_hint(&l->sev_fault, "hint of the probe");
	if (scene->kvm_err == 0)
		return 0;
	fault_set(f, -scene->kvm_err, "open", "/dev/kvm");
	fault_hint(f, "hint of the open");
	return scene->kvm_err;
}

int __wrap_vm_open(struct vm *vm, struct fault *f);
int __wrap_vm_open(struct vm *vm, struct fault *f)
{
	(void)vm;
	(void)f;
	return 0;
}

unsigned __wrap_vm_types(const struct vm *vm);
unsigned __wrap_vm_types(const struct vm *vm)
{
	(void)vm;
	return scene->types;
}

/* For writing it is opened by its name; everything else is a file of the fixtures. */
int __real_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode)
{
	if (strcmp(path, "/dev/sev") != 0) {
		ck_assert_msg(strncmp(path, root, strlen(root)) == 0, "%s is of this host", path);
		return __real_sys_open(path, flags, mode);
	}
	return scene->sev_err ? scene->sev_err : __real_sys_open("/dev/null", flags, mode);
}

int __wrap_sev_open(struct fault *f);
int __wrap_sev_open(struct fault *f)
{
	if (scene->sev_err == 0)
		return __real_sys_open("/dev/null", O_RDONLY, 0);
	fault_set(f, -scene->sev_err, "open", "/dev/sev");
	fault_hint(f, "hint of the device");
	return scene->sev_err;
}

int __wrap_sev_platform_status(int sev_fd, struct sev_platform *p, struct fault *f);
int __wrap_sev_platform_status(int sev_fd, struct sev_platform *p, struct fault *f)
{
	(void)sev_fd;
	(void)f;
	*p = scene->platform;
	return 0;
}

int __wrap_snp_status_read(int sev_fd, struct snp_status *s, struct fault *f);
int __wrap_snp_status_read(int sev_fd, struct snp_status *s, struct fault *f)
{
	(void)sev_fd;
	(void)f;
	*s = scene->snp;
	return scene->snp_err;
}

int __wrap_pin_io_uring_probe(struct fault *f);
int __wrap_pin_io_uring_probe(struct fault *f)
{
	return scene->uring_err ? fault_set(f, scene->uring_err, "io_uring_setup", "a ring") : 0;
}

int __wrap_userfault_probe(bool with_alias, struct fault *f);
int __wrap_userfault_probe(bool with_alias, struct fault *f)
{
	(void)with_alias;
	return scene->userfault_err ? fault_set(f, scene->userfault_err, "userfaultfd", "flags")
				    : 0;
}

int64_t __wrap_pin_counters_host_pages(struct pin_counters *c);
int64_t __wrap_pin_counters_host_pages(struct pin_counters *c)
{
	(void)c;
	return scene->counters ? 262144 : -1;
}

int __wrap_launch_open(struct launch *l, const struct launch_options *o, struct fault *f);
int __wrap_launch_open(struct launch *l, const struct launch_options *o, struct fault *f)
{
	(void)o;
	(void)f;
	*l = (struct launch){0};
	return 0;
}

void __wrap_launch_close(struct launch *l);
void __wrap_launch_close(struct launch *l)
{
	(void)l;
}

int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out)
{
	struct sample *s = &out->sample;
	int64_t before = scene->counters ? 100 : -1, at_pin;

	(void)l;
	(void)order;
	sample_room_clear(out);
	at_pin = c->prefault_threads ? scene->prefault : scene->registered;
	for (int b = 0; b < PIN_BOUNDARY_COUNT; b++)
		s->pins[b] = (struct pin_point){0, before, before};
	s->pins[PIN_BOUNDARY_AFTER_PIN].host_pages += at_pin;
	s->pins[PIN_BOUNDARY_AFTER_PIN].vmpin_pages += at_pin;
	s->pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages += scene->touched;
	s->pins[PIN_BOUNDARY_AFTER_TOUCH].vmpin_pages += scene->touched;
	if (!scene->counters)
		s->pins[PIN_BOUNDARY_AFTER_PIN].host_pages = -1;
	s->counts.flushes_known = scene->counters;
	out->count[SAMPLE_FLUSHES][PHASE_TOUCH] = scene->registered ? 0 : 518;
	out->count[SAMPLE_FLUSHES][PHASE_DESTROY] = 2;
	for (int p = 0; p <= PHASE_FIRST_INSTRUCTION; p++) {
		if (p == PHASE_LAUNCH_UPDATE_VMSA && c->guest_type != GUEST_TYPE_SEV_ES)
			continue;
		s->phases_ns[p] = 1000000;
		s->phases_done |= 1u << p;
	}
	if (scene->launch_err == 0)
		return 0;
	s->flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	fault_set(&out->failure, scene->launch_err, "KVM_SEV_INIT", "the firmware was not asked");
	fault_hint(&out->failure,
		   "no ASID is free: other SEV guests hold them all; "
		   "/sys/fs/cgroup/misc.current counts them, misc.capacity has their "
		   "number");
	return -scene->launch_err;
}

void __wrap_flush_counter_open(struct flush_counter *c);
void __wrap_flush_counter_open(struct flush_counter *c)
{
	*c = (struct flush_counter){0};
	if (!scene->counters)
		snprintf(c->reason, sizeof(c->reason), "kprobe on wbinvd_on_all_cpus: no right");
}

int64_t __wrap_flush_counter_read(const struct flush_counter *c);
int64_t __wrap_flush_counter_read(const struct flush_counter *c)
{
	return c->reason[0] ? -1 : 0;
}

#define SYSCFG_SMEE (1ULL << 23)
#define SYSCFG_SNP  (3ULL << 24)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A host on which SEV guests start; other scenes say where they differ. */
static const struct scene good = {
	.base = "milan",
	.cpu = &milan,
	.release = "6.1.0-26-amd64",
	.syscfg = SYSCFG_SMEE,
	.hwcr = 1,
	.kvm_sev = true,
	.snp_err = -EINVAL,
	.counters = true,
	.platform = {1, 55, 21, 2, 2, true},
	.registered = 1024,
	.touched = 1024,
};

static inline struct check_report *play(const struct scene *s, enum guest_type type, uint64_t bytes,
					enum pin_mode pin)
{
	struct check_request asked = {
		.guest_type = type, .guest_bytes = bytes, .pin = pin, .experiment = true};
	struct check_report *r = calloc(1, sizeof(*r));
	struct fault f = {0};

	scene = s;
	make_root();
	lay(s->base);
	lay(s->overlay);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	return r;
}

/* As most tests ask: 1 GiB of SEV guests, pinned eagerly. */
static inline struct check_report *play_sev(const struct scene *s)
{
	return play(s, GUEST_TYPE_SEV, UNITS_GIB, PIN_MODE_EAGER);
}

static inline const struct check_result *find(const struct check_report *r, const char *id)
{
	for (uint32_t i = 0; i < r->count; i++) {
		if (strcmp(r->result[i].check->id, id) == 0)
			return &r->result[i];
	}
	ck_abort_msg("no check %s", id);
}

static inline void expect(const struct check_report *r, const char *id, enum check_verdict v)
{
	const struct check_result *found = find(r, id);

	ck_assert_msg(found->verdict == v, "%s is %s: %s", id,
		      words_text(&words_check_verdict, found->verdict), found->found);
}

/* Nothing but what is named may fail. */
static inline void fails_only(const struct check_report *r, const char *const *id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(r, id[i], CHECK_FAIL);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], n);
}

#define FAILS(r, ...)                                     \
	fails_only(r, (const char *const[]){__VA_ARGS__}, \
		   LENGTH(((const char *const[]){__VA_ARGS__})))

static inline void check_golden(const struct check_report *r, const char *name, bool verbose)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	check_table_print(r, verbose, out);
	ck_assert_int_eq(fclose(out), 0);
	golden_check(name, text);
	free(text);
}

#endif
