/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turns: several ways to do one thing, each once a round, in an order that turns from round to
 * round; their medians, and the median of the ratios to the first of them round by round with its
 * 95% confidence interval. So what the machine does meanwhile hits all alike; how busy others kept
 * its CPUs is said.
 */
#ifndef BENCH_TURNS_H
#define BENCH_TURNS_H

#include "sevpinbench/stats.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define TURNS_MAX_WAYS	 8
#define TURNS_MAX_ROUNDS 1000

struct turns_way {
	const char *name;
	double (*run)(void *arg); /* the figure: a rate or a time */
	void *arg;
	double figure[TURNS_MAX_ROUNDS];
};

/* Seconds of all CPUs: in all, busy, taken by a hypervisor; and what this program used. */
struct turns_cpus {
	double all, busy, stolen, own;
};

static inline double turns_own_s(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static inline struct turns_cpus turns_cpus_now(void)
{
	struct turns_cpus c = {.own = turns_own_s(RUSAGE_SELF) + turns_own_s(RUSAGE_CHILDREN)};
	double tick[8] = {0}; /* user nice system idle iowait irq softirq steal, in 1/100 s */
	FILE *f = fopen("/proc/stat", "r");
	int i;

	if (f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &tick[0], &tick[1], &tick[2],
			&tick[3], &tick[4], &tick[5], &tick[6], &tick[7]) == 8) {
		for (i = 0; i < 8; i++)
			c.all += tick[i] / 100;
	}
	if (f)
		fclose(f);
	c.stolen = tick[7] / 100;
	c.busy = c.all - c.stolen - (tick[3] + tick[4]) / 100;
	return c;
}

/* Of the rounds that count: the CPUs' seconds, those of others, and those that a hypervisor took.
 */
static double turns_all, turns_others, turns_stolen;
static unsigned turns_again;

/* One round into place at. What others used of the CPUs meanwhile, as a share. */
static inline double turns_round(struct turns_way *way, unsigned ways, unsigned turn, unsigned at)
{
	struct turns_cpus before = turns_cpus_now(), now;
	double all, others;
	unsigned i;

	for (i = 0; i < ways; i++) {
		struct turns_way *w = &way[(turn + i) % ways];

		w->figure[at] = w->run(w->arg);
	}
	now = turns_cpus_now();
	all = now.all - before.all;
	others = fmax(0, now.busy - before.busy - (now.own - before.own));
	turns_all += all;
	turns_others += others;
	turns_stolen += now.stolen - before.stolen;
	return all > 0 ? others / all : 0;
}

/*
 * Runs them; the first round warms up and is not counted. A round in which others used more than 5%
 * of the CPUs is made again, whatever came out of it, as long as there are no more of these than of
 * the others.
 */
static inline void turns_run(struct turns_way *way, unsigned ways, unsigned rounds)
{
	unsigned done = 0, turn;

	turns_again = 0;
	turns_round(way, ways, 0, 0);
	turns_all = turns_others = turns_stolen = 0;
	for (turn = 1; done < rounds; turn++) {
		double all = turns_all, others = turns_others, stolen = turns_stolen;

		if (turns_round(way, ways, turn, done) > 0.05 && turns_again < rounds) {
			turns_all = all;
			turns_others = others;
			turns_stolen = stolen;
			turns_again++;
		} else {
			done++;
		}
	}
}

/* Figures are divided by unit before they are printed. */
static inline void turns_print(const struct turns_way *way, unsigned ways, unsigned rounds,
			       double unit)
{
	static double ratio[TURNS_MAX_ROUNDS];
	struct stats_summary s, r;
	unsigned i, k;

	for (i = 0; i < ways; i++) {
		for (k = 0; k < rounds; k++)
			ratio[k] = way[i].figure[k] / way[0].figure[k];
		if (stats_summarise(way[i].figure, rounds, &s) < 0 ||
		    stats_summarise(ratio, rounds, &r) < 0)
			exit(3);
		printf("  %-26s %4u %12.1f", way[i].name, rounds, s.median / unit);
		if (i > 0)
			printf(" %8.3f", r.median);
		if (i > 0 && r.ci_low.known)
			printf("   %.3f .. %.3f", r.ci_low.value, r.ci_high.value);
		putchar('\n');
	}
	if (turns_all > 0)
		printf("  meanwhile others used %.0f%% of the CPUs, a hypervisor took %.0f%%; %u "
		       "rounds "
		       "made again\n",
		       100 * turns_others / turns_all, 100 * turns_stolen / turns_all, turns_again);
}

#endif
