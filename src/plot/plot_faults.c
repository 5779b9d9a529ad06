// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_faults: how long demand faults that this program served took: the percentiles that each
 * sample has kept of all its faults, from the usual one to the slowest.
 */
#include "plot_chart.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define PLACES 5

/* A percentile of fewer faults than that is the slowest fault once more. */
static const uint64_t least_faults[PLACES] = {1, 10, 100, 1000, 1};
static const char *const names[PLACES] = {"p50", "p90", "p99", "p99.9", "slowest"};

static bool value(const struct sample *s, int which, double *y)
{
	const struct fault_times *f = &s->faults;
	const uint64_t ns[PLACES] = {f->p50_ns, f->p90_ns, f->p99_ns, f->p999_ns, f->max_ns};

	*y = (double)ns[which];
	return f->count >= least_faults[which];
}

/* 0 or -ENOMEM. */
static int add_cell(struct chart *c, uint32_t cell, uint32_t line)
{
	const struct record_cell *r = &c->job->view->record->cell[cell];
	double *y = calloc((size_t)r->sample_count + 1, sizeof(*y));
	struct stats_summary s;
	uint32_t i;
	size_t n;
	int which, err = y ? 0 : -ENOMEM;

	for (which = 0; which < PLACES && !err; which++) {
		for (i = 0, n = 0; i < r->sample_count; i++)
			n += sample_is_valid(&r->sample[i]) && value(&r->sample[i], which, &y[n]);
		err = stats_summarise(y, n, &s);
		if (!err)
			chart_add(c, line, cell, which, which, &s);
	}
	free(y);
	return err;
}

static bool has_faults(const struct record_cell *c)
{
	uint32_t i;

	for (i = 0; i < c->sample_count; i++) {
		if (sample_is_valid(&c->sample[i]) && c->sample[i].faults.count > 0)
			return true;
	}
	return false;
}

static bool same_cell(const struct cell_view *v, uint32_t a, uint32_t b)
{
	(void)v;
	return a == b;
}

int plot_faults_put(const struct plot_job *j)
{
	const struct cell_view *v = j->view;
	struct chart c = {
		.job = j,
		.title = "Time to serve a demand fault",
		.x_title = "faults sorted by time: half of them are faster than p50, 999 of 1000 "
			   "faster than p99.9",
		.y_title = "time to serve one fault: fill, pin, wake",
		.what_marks = "marks",
		.axis = CHART_AXIS_NAMES,
		.name = names,
		.names = PLACES,
		.value = value,
	};
	uint32_t i, line;
	int err = chart_open(&c, v->record->cell_count * PLACES);

	for (i = 0; i < v->record->cell_count && !err; i++) {
		if (!has_faults(&v->record->cell[i]))
			continue;
		line = chart_line_of(&c, i, same_cell);
		if (line < CHART_LINES)
			err = add_cell(&c, i, line);
	}
	if (!err)
		err = chart_put(&c);
	chart_close(&c);
	return err;
}
