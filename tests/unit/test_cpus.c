// SPDX-License-Identifier: GPL-2.0-or-later
/* test_cpus: threads that make memory present run where it is local, on hosts of every shape. */
#include "sevpinbench/host.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* CPUs a node; 0 no node is known. */
static int cpus_a_node;

int __wrap_host_numa_node_of_cpu(int cpu);
int __wrap_host_numa_node_of_cpu(int cpu)
{
	return cpus_a_node ? cpu / cpus_a_node : -ENOENT;
}

static const struct {
	const char *what;
	int cpus_a_node;
	int cpu[8];
	unsigned count;
	int node;
	unsigned max;
	int out[8];
	unsigned n;
} rows[] = {
	{"one node", 8, {0, 1, 2, 3}, 4, -1, 8, {0, 1, 2, 3}, 4},
	{"spread over two, the first one's first", 2, {2, 3, 0, 1}, 4, -1, 8, {2, 0, 3, 1}, 4},
	{"more on one than on the other", 4, {0, 1, 2, 4}, 4, -1, 8, {0, 4, 1, 2}, 4},
	{"three nodes", 1, {1, 2, 0}, 3, -1, 8, {1, 2, 0}, 3},
	{"bound to the second", 2, {0, 1, 2, 3}, 4, 1, 8, {2, 3}, 2},
	{"bound where none may run: anywhere", 2, {0, 1}, 2, 1, 8, {0, 1}, 2},
	{"bound, nothing known", 0, {5, 6}, 2, 0, 8, {5, 6}, 2},
	{"unbound, nothing known", 0, {5, 6}, 2, -1, 8, {5, 6}, 2},
	{"more CPUs than are wanted", 2, {0, 1, 2, 3}, 4, -1, 3, {0, 2, 1}, 3},
	{"bound, more than are wanted", 4, {0, 1, 2, 3}, 4, 0, 2, {0, 1}, 2},
	{"no CPUs at all", 2, {0}, 0, -1, 8, {0}, 0},
};

START_TEST(local_to_memory)
{
	int out[8];
	unsigned i, n;

	cpus_a_node = rows[_i].cpus_a_node;
	n = host_cpus_for_memory(rows[_i].cpu, rows[_i].count, rows[_i].node, out, rows[_i].max);
	ck_assert_msg(n == rows[_i].n, "%s: %u CPUs", rows[_i].what, n);
	for (i = 0; i < n; i++)
		ck_assert_msg(out[i] == rows[_i].out[i], "%s: number %u is CPU %d", rows[_i].what,
			      i, out[i]);
}
END_TEST

START_TEST(what_is_allowed)
{
	cpu_set_t set, one;
	int cpu[CPU_SETSIZE];
	unsigned n = host_cpus_allowed(-1, cpu, CPU_SETSIZE), i;
	int low[CPU_SETSIZE], next[CPU_SETSIZE];

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	ck_assert_uint_eq(n, (unsigned)CPU_COUNT(&set));
	for (i = 0; i < n; i++)
		ck_assert(CPU_ISSET(cpu[i], &set));
	/* By number they begin with the lowest, and go round. */
	ck_assert_uint_eq(host_cpus_allowed(0, low, CPU_SETSIZE), n);
	for (i = 1; i < n; i++)
		ck_assert_int_lt(low[i - 1], low[i]);
	ck_assert_uint_eq(host_cpus_allowed((int)n + 1, next, CPU_SETSIZE), n);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(next[i], low[(i + 1) % n]);
	CPU_ZERO(&one);
	CPU_SET(cpu[n - 1], &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	ck_assert_uint_eq(host_cpus_allowed(-1, cpu, CPU_SETSIZE), 1);
	ck_assert(CPU_ISSET(cpu[0], &one));
	ck_assert_uint_eq(host_cpus_allowed(-1, cpu, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpus");
	TCase *tcase = tcase_create("cpus");

	tcase_add_loop_test(tcase, local_to_memory, 0, (int)LENGTH(rows));
	tcase_add_test(tcase, what_is_allowed);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
