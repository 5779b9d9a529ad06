// SPDX-License-Identifier: GPL-2.0-or-later
/* test_check: whole hosts against the trees in tests/golden/, and what each may fail for. */
#include "check_scene.h"
#include "run_suite.h"

static const struct fake_cpu xeon = {
	.vendor = "GenuineIntel",
	.brand = "Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz",
	.signature = 0x000606a6,
	.last_extended = 0x80000008,
};

/* A report for hosts of which a test lays the files itself. */
static struct check_report *open_scene(const struct scene *s)
{
	struct check_report *r = calloc(1, sizeof(*r));

	ck_assert_ptr_nonnull(r);
	scene = s;
	make_root();
	return r;
}

START_TEST(a_good_host)
{
	struct check_report *r = play(&good, GUEST_TYPE_SEV, 64 * UNITS_GIB, PIN_MODE_EAGER);

	check_golden(r, "check-good.txt", true);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	ck_assert(!r->unseen);
	expect(r, "numa-balancing", CHECK_WARN);
	ck_assert_str_eq(find(r, "asids")->found, "380 of 382 (sev)");
	free(r);
}
END_TEST

START_TEST(sev_off_in_the_setup)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "sev-off-in-setup";
	s.syscfg = 0;
	s.kvm_sev = false;
	s.sev_err = -ENOENT;
	r = play_sev(&s);
	check_golden(r, "check-sev-off-in-setup.txt", false);
	FAILS(r, "msr-smee", "cpu-sev-flag");
	ck_assert_str_eq(find(r, "kvm-sev")->found, "not asked: see cpu-sev-flag");
	free(r);
}
END_TEST

/* A flag is a word: that of SEV-ES is not SEV's. */
START_TEST(flags_are_words)
{
	struct check_request asked = {
		.guest_type = GUEST_TYPE_SEV, .guest_bytes = UNITS_GIB, .pin = PIN_MODE_NONE};
	struct check_report *r = open_scene(&good);
	struct fault f = {0};

	put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu xsev sev_es sevx\n");
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	expect(r, "cpu-sev-flag", CHECK_FAIL);
	expect(r, "cpu-sev-es-flag", CHECK_PASS);
	put("/proc/cpuinfo", "flags\t\t: fpu sev\n");
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	expect(r, "cpu-sev-flag", CHECK_PASS);
	free(r);
}
END_TEST

/* A balloon's fifth feature; another device's is something else. */
START_TEST(free_memory_that_is_taken)
{
	static const struct {
		const char *device, *features;
		enum check_verdict verdict;
	} balloons[] = {
		{"0x0005\n", "0110010100000000\n", CHECK_WARN},
		{"0x0005\n", "0110000100000000\n", CHECK_PASS},
		{"0x0005\n", "01100\n", CHECK_PASS},
		{"0x0002\n", "0110010100000000\n", CHECK_PASS},
	};
	struct check_request asked = {
		.guest_type = GUEST_TYPE_SEV, .guest_bytes = UNITS_GIB, .pin = PIN_MODE_NONE};
	struct check_report *r = open_scene(&good);
	struct fault f = {0};

	for (size_t i = 0; i < LENGTH(balloons); i++) {
		put("/sys/bus/virtio/devices/virtio3/device", balloons[i].device);
		put("/sys/bus/virtio/devices/virtio3/features", balloons[i].features);
		ck_assert_int_eq(check_run(&asked, r, &f), 0);
		expect(r, "free-page-reporting", balloons[i].verdict);
	}
	put("/sys/bus/virtio/devices/virtio3/device", balloons[0].device);
	put("/sys/bus/virtio/devices/virtio3/features", balloons[0].features);
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	ck_assert_ptr_nonnull(
		strstr(find(r, "free-page-reporting")->fix, "echo virtio3 | sudo tee "));
	free(r);
}
END_TEST

START_TEST(module_parameter_off)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "module-sev-off";
	s.kvm_sev = false;
	r = play_sev(&s);
	check_golden(r, "check-module-sev-off.txt", false);
	FAILS(r, "kvm-sev");
	expect(r, "kvm-sev-es", CHECK_SKIP);
	expect(r, "guest-start", CHECK_SKIP);
	ck_assert_ptr_nonnull(strstr(find(r, "kvm-sev")->fix, "options kvm_amd sev=1"));
	free(r);
}
END_TEST

START_TEST(snp_host)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "snp";
	s.release = "6.12.30-amd64";
	s.syscfg = SYSCFG_SMEE | SYSCFG_SNP;
	s.rmp_base = 0x7f00000000;
	s.rmp_end = 0x8000ffffff;
	s.types = 0x1d;
	s.snp_err = 0;
	s.snp = (struct snp_status){
		1, 55, 40, 3, true, true, 0xdb18000000000004, 0xdb18000000000004};
	r = play(&s, GUEST_TYPE_SEV_SNP, 16 * UNITS_GIB, PIN_MODE_EAGER);
	check_golden(r, "check-snp.txt", false);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	expect(r, "msr-rmp", CHECK_PASS);
	expect(r, "snp-tcb", CHECK_PASS);
	ck_assert_str_eq(find(r, "asids")->found, "124 of 127 (sev_es)");
	free(r);
}
END_TEST

/* The same host, each of what SNP needs taken away in turn. */
START_TEST(snp_not_there)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "snp";
	s.rmp_base = 1 << 20;
	s.rmp_end = 2 << 20;
	s.types = 0x5;
	s.snp_err = 0;
	s.snp.reported_tcb = 1;
	r = play(&s, GUEST_TYPE_SEV_SNP, UNITS_GIB, PIN_MODE_EAGER);
	FAILS(r, "msr-snp", "msr-rmp", "kvm-types", "snp-state", "snp-rmp");
	expect(r, "snp-tcb", CHECK_WARN);
	free(r);
	drop_root();
	s.snp_err = -EINVAL;
	s.platform.api_minor = 50;
	s.types = 0;
	r = play(&s, GUEST_TYPE_SEV_SNP, UNITS_GIB, PIN_MODE_EAGER);
	expect(r, "snp", CHECK_FAIL);
	expect(r, "snp-rmp", CHECK_SKIP);
	expect(r, "firmware-api", CHECK_FAIL);
	expect(r, "kvm-types", CHECK_FAIL);
	free(r);
}
END_TEST

START_TEST(asids_used_up)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "asids-used";
	s.launch_err = EBUSY;
	r = play_sev(&s);
	check_golden(r, "check-asids-used.txt", false);
	FAILS(r, "asids", "guest-start");
	ck_assert_str_eq(find(r, "asids")->found, "0 of 382 (sev)");
	expect(r, "pin-mode", CHECK_SKIP);
	free(r);
}
END_TEST

START_TEST(intel_host)
{
	static const struct scene s = {.base = "intel",
				       .cpu = &xeon,
				       .release = "6.1.0-26-amd64",
				       .sev_err = -ENOENT,
				       .counters = true,
				       .registered = 1024,
				       .touched = 1024};
	struct check_report *r = play_sev(&s);

	check_golden(r, "check-intel.txt", false);
	FAILS(r, "cpu");
	ck_assert_str_eq(find(r, "kvm-sev")->found, "not asked: see cpu");
	free(r);
	drop_root();
	r = play(&s, GUEST_TYPE_VM, UNITS_GIB, PIN_MODE_EAGER);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	expect(r, "cpu", CHECK_INFO);
	expect(r, "guest-start", CHECK_PASS);
	free(r);
}
END_TEST

/* Memory that cannot be pinned, limits, settings, and a busy host. */
START_TEST(small_host)
{
	struct scene s = good;
	struct check_report *r;

	s.overlay = "small-host";
	s.files = 16;
	r = play(&s, GUEST_TYPE_SEV, 96 * UNITS_GIB, PIN_MODE_EAGER);
	check_golden(r, "check-small-host.txt", false);
	FAILS(r, "memory", "memory-cgroup", "movable", "open-files", "overcommit", "asid-limit");
	expect(r, "cma", CHECK_WARN);
	expect(r, "ksm", CHECK_WARN);
	expect(r, "thp", CHECK_WARN);
	expect(r, "clocksource", CHECK_WARN);
	expect(r, "steal", CHECK_WARN);
	expect(r, "load", CHECK_WARN);
	free(r);
}
END_TEST

/* Nothing fails, and what matters could not be seen: told apart from both. */
START_TEST(without_rights)
{
	struct scene s = good;
	struct check_report *r;

	s.counters = false;
	s.msr_err = -EACCES;
	s.memlock_bytes = 2 * (int64_t)UNITS_GIB;
	r = play_sev(&s);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	ck_assert(r->unseen);
	expect(r, "pin-mode", CHECK_SKIP);
	ck_assert(find(r, "pin-mode")->unseen);
	ck_assert_str_eq(find(r, "pin-mode")->fix, "run as root");
	/* The kernel's flags say the same as the MSRs: nothing is missed. */
	expect(r, "msr-smee", CHECK_SKIP);
	ck_assert(!find(r, "msr-smee")->unseen);
	expect(r, "pin-counters", CHECK_WARN);
	free(r);
	drop_root();
	s.sev_err = -EACCES;
	r = play_sev(&s);
	FAILS(r, "sev-device");
	expect(r, "kvm-sev-guest", CHECK_PASS);
	free(r);
}
END_TEST

/* Who names a type is not told about others; who names none is warned that SEV is not used. */
START_TEST(only_what_is_needed_can_fail)
{
	struct check_request asked = {
		.type_auto = true, .guest_bytes = UNITS_GIB, .pin = PIN_MODE_EAGER};
	struct check_report *r;
	struct scene s = good;
	struct fault f = {0};

	s.overlay = "module-sev-off";
	s.kvm_sev = false;
	s.uring_err = EPERM;
	r = open_scene(&s);
	lay(s.base);
	lay(s.overlay);
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	ck_assert_int_eq(r->asked.guest_type, GUEST_TYPE_VM);
	FAILS(r, "io-uring");
	expect(r, "kvm-sev", CHECK_WARN);
	expect(r, "guest-start", CHECK_SKIP); /* no experiment was asked for */
	ck_assert(!r->unseen);
	asked.type_auto = false;
	asked.guest_type = GUEST_TYPE_VM;
	asked.pin = PIN_MODE_NONE;
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	expect(r, "kvm-sev", CHECK_INFO);
	expect(r, "io-uring", CHECK_INFO);
	ck_assert_uint_eq(r->tally[CHECK_FAIL], 0);
	s.kvm_sev = true;
	asked.type_auto = true;
	ck_assert_int_eq(check_run(&asked, r, &f), 0);
	ck_assert_int_eq(r->asked.guest_type, GUEST_TYPE_SEV);
	expect(r, "kvm-sev", CHECK_FAIL);
	free(r);
}
END_TEST

START_TEST(no_kvm)
{
	struct scene s = good;
	struct check_report *r;

	s.kvm_err = -ENOENT;
	s.kvm_sev = false;
	r = play_sev(&s);
	FAILS(r, "kvm");
	expect(r, "guest-start", CHECK_SKIP);
	expect(r, "memory", CHECK_PASS);
	ck_assert_str_eq(find(r, "kvm")->fix, "hint of the open");
	free(r);
}
END_TEST

START_TEST(a_size_that_is_none)
{
	struct check_request asked = {
		.guest_type = GUEST_TYPE_VM, .guest_bytes = 3 * UNITS_MIB, .pin = PIN_MODE_DEMAND};
	struct check_report *r = open_scene(&good);
	struct fault f = {0};

	ck_assert_int_eq(check_run(&asked, r, &f), -EINVAL);
	ck_assert(fault_is_set(&f));
	free(r);
}
END_TEST

static Suite *check_suite(void)
{
	const TTest *const test[] = {
		a_good_host,
		sev_off_in_the_setup,
		flags_are_words,
		free_memory_that_is_taken,
		module_parameter_off,
		snp_host,
		snp_not_there,
		asids_used_up,
		intel_host,
		small_host,
		without_rights,
		only_what_is_needed_can_fail,
		no_kvm,
		a_size_that_is_none,
	};
	TCase *tcase = tcase_create("check");
	Suite *suite = suite_create("check");

	tcase_add_checked_fixture(tcase, NULL, drop_root);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(check_suite());
}
