// SPDX-License-Identifier: GPL-2.0-or-later
/* test_probe: when does KVM pin an SEV guest's memory? What counts say, and what they leave open.
 */
#include "sevpinbench/launch.h"

#include "run_suite.h"
#include <errno.h>
#include <string.h>

#define PAGES (16 * UNITS_MIB / UNITS_PAGE_BYTES)

static int64_t counted[PIN_BOUNDARY_COUNT];
static bool fails, stopped;
static unsigned opened, closed;

int __wrap_launch_open(struct launch *l, const struct launch_options *o, struct fault *f);
int __wrap_launch_open(struct launch *l, const struct launch_options *o, struct fault *f)
{
	(void)l;
	(void)o;
	(void)f;
	opened++;
	return 0;
}

void __wrap_launch_close(struct launch *l);
void __wrap_launch_close(struct launch *l)
{
	(void)l;
	closed++;
}

int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out);
int __wrap_launch_run(struct launch *l, const struct cell *c, uint32_t order,
		      struct sample_room *out)
{
	int b;

	(void)l;
	(void)order;
	memset(out, 0, sizeof(*out));
	ck_assert_uint_eq(c->guest_bytes, PAGES * UNITS_PAGE_BYTES);
	for (b = 0; b < PIN_BOUNDARY_COUNT; b++)
		out->sample.pins[b].host_pages = counted[b];
	if (stopped) {
		out->sample.flags = SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED);
		return fault_set(&out->failure, EINTR, "launch", "ended by a signal");
	}
	if (!fails)
		return 0;
	out->sample.flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	return fault_set(&out->failure, EBUSY, "LAUNCH_START", "SEV guest");
}

static const struct {
	int64_t before, registered, touched;
	int err;
	bool demand;
} said[] = {
	{100, 100, 100 + PAGES / 2, 0, true},	     /* at the fault */
	{100, 100 + PAGES, 100 + PAGES, 0, false},   /* at registration */
	{100, 100, 100, 0, false},		     /* not at all */
	{100, 140, 140 + PAGES / 2, 0, true},	     /* another one pins a little */
	{-1, -1, -1, 0, false},			     /* may not be read */
	{100, -1, 100 + PAGES / 2, -ENODATA, false}, /* could not be read when it mattered */
	{100, -1, 100 + PAGES, -ENODATA, false},
	{-1, 100, 100 + PAGES / 2, -ENODATA, false},
	{100, 100, -1, -ENODATA, false},
};

START_TEST(counts_say_when)
{
	struct kernel_pinning pinning = {0};
	struct fault f = {0};
	bool demand = true;

	counted[PIN_BOUNDARY_BEFORE] = said[_i].before;
	counted[PIN_BOUNDARY_AFTER_PIN] = said[_i].registered;
	counted[PIN_BOUNDARY_AFTER_TOUCH] = said[_i].touched;
	ck_assert_int_eq(launch_probe_kvm_demand(GUEST_TYPE_SEV, &pinning, &demand, &f),
			 said[_i].err);
	ck_assert_int_eq(demand, said[_i].demand);
	ck_assert_int_eq(f.err, -said[_i].err);
	ck_assert_int_eq(f.hint[0] != '\0', said[_i].err != 0);
	ck_assert_uint_eq(opened, 1);
	ck_assert_uint_eq(closed, 1);
}
END_TEST

START_TEST(guest_that_fails)
{
	struct kernel_pinning pinning = {0};
	struct fault f = {0};
	bool demand = true;

	fails = true;
	ck_assert_int_eq(launch_probe_kvm_demand(GUEST_TYPE_SEV_ES, &pinning, &demand, &f), -EBUSY);
	ck_assert(!demand);
	ck_assert_str_eq(f.op, "LAUNCH_START");
	ck_assert_uint_eq(closed, 1);
}
END_TEST

/* What was counted up to then says nothing of the kernel, whatever it was. */
START_TEST(guest_that_is_stopped)
{
	struct kernel_pinning pinning = {0};
	struct fault f = {0};
	bool demand = true;

	stopped = true;
	counted[PIN_BOUNDARY_BEFORE] = counted[PIN_BOUNDARY_AFTER_PIN] = 100;
	counted[PIN_BOUNDARY_AFTER_TOUCH] = _i ? 100 + (int64_t)PAGES / 2 : SAMPLE_NO_COUNT;
	ck_assert_int_eq(launch_probe_kvm_demand(GUEST_TYPE_SEV, &pinning, &demand, &f), -EINTR);
	ck_assert(!demand);
	ck_assert_int_eq(f.err, EINTR);
	ck_assert_uint_eq(closed, 1);
}
END_TEST

/* A guest_memfd's pages are not registered: no guest is started to find out. */
START_TEST(snp_is_not_asked)
{
	struct kernel_pinning pinning = {0};
	struct fault f = {0};
	bool demand = true;

	ck_assert_int_eq(launch_probe_kvm_demand(GUEST_TYPE_SEV_SNP, &pinning, &demand, &f), 0);
	ck_assert(!demand);
	ck_assert_uint_eq(opened, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probe");
	TCase *demand = tcase_create("demand");

	tcase_add_loop_test(demand, counts_say_when, 0, sizeof(said) / sizeof(said[0]));
	tcase_add_test(demand, guest_that_fails);
	tcase_add_loop_test(demand, guest_that_is_stopped, 0, 2);
	tcase_add_test(demand, snp_is_not_asked);
	suite_add_tcase(suite, demand);
	return run_suite(suite);
}
