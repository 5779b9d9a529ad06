// SPDX-License-Identifier: GPL-2.0-or-later
/* test_replan: each cell that options make is made again of itself, and no other is. */
/* What is tested is local to these files. */
#include "../../cmd/options.c"	   /* NOLINT(bugprone-suspicious-include) */
#include "../../cmd/parse.c"	   /* NOLINT(bugprone-suspicious-include) */
#include "../../cmd/replan.c"	   /* NOLINT(bugprone-suspicious-include) */
#include "../../cmd/run_options.c" /* NOLINT(bugprone-suspicious-include) */
#undef bad
#include "../../cmd/run_values.c" /* NOLINT(bugprone-suspicious-include) */

#include "run_suite.h"
#include <check.h>

static int said;

void say(const char *verb, const char *fmt, ...)
{
	(void)verb;
	(void)fmt;
	said++;
}

static struct run_options asked;
static struct cell cells[RECORD_MAX_CELLS], again[RECORD_MAX_CELLS];

/* The cells of a command line. */
static int plan_of(const char *line, bool kvm_demand)
{
	static char text[512];
	char *argv[64] = {text}, *rest = text;
	struct fault f = {0};
	int argc = 0, n;

	snprintf(text, sizeof(text), "run %s", line);
	while (rest && argc < 63) {
		argv[argc] = strsep(&rest, " ");
		argc += argv[argc][0] != '\0';
	}
	argv[argc] = NULL;
	optind = 0;
	n = run_options_parse(&asked, argc, argv, &f);
	ck_assert_msg(n == 0, "%s: %s: %s", line, f.op, f.object);
	asked.plan.kvm_demand = kvm_demand;
	n = plan_cells(&asked.plan, cells, RECORD_MAX_CELLS, &f);
	ck_assert_msg(n > 0, "%s: %s: %s", line, f.op, f.object);
	asked.wanted = cells;
	asked.wanted_count = (uint32_t)n;
	return n;
}

static const char *const lines[] = {
	"--guest-type vm --guest-mem 4M..256M --pin eager,demand,none",
	"--guest-type vm --backing anon,thp,memfd,hugetlb-2M --touch 0%,1%,50%,100%,1M --chunk 2M",
	"--guest-type vm --backing hugetlb-1G --chunk 1G --guest-mem 2G --touch 512M",
	"--guest-type vm --chunk 64K --touch-order random --touch-op read --vcpus 4 --prefault 0,9",
	"--guest-type vm --parallel 1,2,8 --vcpus 2 --backing anon,memfd",
	"--guest-type vm --pin-threads 1,2,7 --pin eager,demand",
	"--guest-type vm --pin-order memslot-first,region-first --numa-node 1",
	"--guest-type sev --pin eager,demand,none --pin-order memslot-first,region-first",
	"--guest-type sev --sev-policy 0x3 --launch-update 16M --guest-mem 8M,64M --touch 0%",
	"--guest-type sev-es --sev-policy 0 --backing anon,memfd --prefault 1 --vcpus 2",
};

START_TEST(cells_come_back)
{
	struct fault f = {0};
	int n, k, i;

	for (k = 0; k < 2; k++) {
		n = plan_of(lines[_i], k == 1);
		ck_assert_msg(replan_cells(&asked, true, again, RECORD_MAX_CELLS, &f) == n,
			      "%s: %s: %s", lines[_i], f.op, f.object);
		for (i = 0; i < n; i++)
			ck_assert_uint_eq(compare_cells_differ(&cells[i], &again[i]), 0);
		/* Before the host was looked at, its kernel may have been either. */
		asked.plan.kvm_demand = false;
		ck_assert_int_eq(replan_cells(&asked, false, again, RECORD_MAX_CELLS, &f), n);
	}
}
END_TEST

static int replan_one(struct fault *f)
{
	return replan_cells(&asked, true, again, RECORD_MAX_CELLS, f);
}

START_TEST(what_no_option_asks_for_is_refused)
{
	static const struct {
		size_t offset;
		uint64_t value;
		bool wide;
	} wrong[] = {
		{offsetof(struct cell, guest_type), 99, false},
		{offsetof(struct cell, guest_type), UINT32_MAX, false},
		{offsetof(struct cell, pin), 3, false},
		{offsetof(struct cell, mechanism), PIN_MECHANISM_NONE, false},
		{offsetof(struct cell, mechanism), 77, false},
		{offsetof(struct cell, backing), 5, false},
		{offsetof(struct cell, guest_bytes), 0, true},
		{offsetof(struct cell, guest_bytes), UINT64_MAX, true},
		{offsetof(struct cell, guest_bytes), UINT64_C(1) << 63, true},
		{offsetof(struct cell, guest_bytes), 4096, true},
		{offsetof(struct cell, vcpus), 0, false},
		{offsetof(struct cell, vcpus), UINT32_MAX, false},
		{offsetof(struct cell, touch_bytes), 4095, true},
		{offsetof(struct cell, touch_bytes), UINT64_C(1) << 62, true},
		{offsetof(struct cell, touch_order), 2, false},
		{offsetof(struct cell, touch_op), 2, false},
		{offsetof(struct cell, chunk_bytes), 4096, true}, /* an eager cell has none */
		{offsetof(struct cell, prefault_threads), 65, false},
		{offsetof(struct cell, pin_order), 2, false},
		{offsetof(struct cell, sev_policy), 1, false}, /* nor a guest without SEV */
		{offsetof(struct cell, launch_update_bytes), 4096, true},
		{offsetof(struct cell, numa_node), (uint32_t)-2, false},
		{offsetof(struct cell, numa_node), 1u << 30, false},
	};
	struct fault f = {0};
	uint32_t narrow = (uint32_t)wrong[_i].value;
	char *member = (char *)&cells[0] + wrong[_i].offset;

	ck_assert_int_eq(plan_of("--guest-type vm --guest-mem 64M --pin eager", false), 1);
	ck_assert_int_eq(replan_one(&f), 1);
	if (wrong[_i].wide)
		memcpy(member, &wrong[_i].value, sizeof(wrong[_i].value));
	else
		memcpy(member, &narrow, sizeof(narrow));
	ck_assert_int_lt(replan_one(&f), 0);
	ck_assert(f.op[0] != '\0');
}
END_TEST

START_TEST(another_host_makes_another_cell)
{
	struct fault f = {0};

	plan_of("--guest-type sev --pin demand --guest-mem 64M", true);
	asked.plan.kvm_demand = false;
	ck_assert_int_eq(replan_one(&f), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(f.object, "userfault here, and were by kvm-demand"));
	asked.plan.guest_type = GUEST_TYPE_VM;
	ck_assert_int_eq(replan_one(&f), -ENOTSUP);
	ck_assert_int_eq(replan_cells(&asked, true, again, 0, &f), -E2BIG);
}
END_TEST

START_TEST(a_refused_cell_refuses_all)
{
	struct record_refusal refusal = {.cell = cells[0], .reason = "too small", .hint = "grow"};
	struct record r = {0};

	ck_assert_int_eq(replan_refuse("gate", &r), EXIT_FINE);
	r.refusal = &refusal;
	r.refusal_count = 1;
	ck_assert_int_eq(replan_refuse("gate", &r), EXIT_LACKS);
	ck_assert_int_eq(said, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("replan");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, cells_come_back, 0, (int)(sizeof(lines) / sizeof(lines[0])));
	tcase_add_loop_test(core, what_no_option_asks_for_is_refused, 0, 23);
	tcase_add_test(core, another_host_makes_another_cell);
	tcase_add_test(core, a_refused_cell_refuses_all);
	suite_add_tcase(suite, core);
	return run_suite(suite);
}
