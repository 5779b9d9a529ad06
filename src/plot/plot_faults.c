// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_faults: how long demand faults that this program served took: how many of them were served
 * within a time (ECDF), of all samples together and of each. The share is drawn as the logarithm of
 * what is missing to all, so that p99 and p99.9 stand as far apart as p90 and p99. Documents that
 * have percentiles alone get a line through these.
 */
#include "plot_faults.h"

#include "sevpinbench/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct faults_percentile faults_percentiles[FAULTS_PERCENTILES] = {
	{"p50", 500, 1}, {"p90", 900, 10}, {"p99", 990, 100}, {"p99.9", 999, 1000}};

#define LEAST_TOP 2.3 /* the axis ends a little above p99, */
#define FIRST_TOP 3.4 /* or p99.9 where no more than percentiles is known, */
#define MOST_TOP  6.3 /* and at the latest above p99.9999 */

static const struct record_cell *cell_of(const struct faults_plot *p, uint32_t cell)
{
	return &p->job->view->record->cell[cell];
}

bool faults_counts(const struct sample *s)
{
	return sample_is_valid(s) && s->faults.count > 0;
}

static uint64_t percentile_of(const struct fault_times *f, unsigned i)
{
	const uint64_t ns[FAULTS_PERCENTILES] = {f->p50_ns, f->p90_ns, f->p99_ns, f->p999_ns};

	return ns[i];
}

static int by_time(const void *a, const void *b)
{
	const struct histogram_step *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* All samples' steps in one row. A sample without any makes the row worthless: none is kept. */
static int pool_steps(struct faults_line *line, const struct record_cell *c)
{
	uint32_t i;

	line->step = calloc((size_t)c->sample_count * SAMPLE_FAULT_STEPS + 1, sizeof(*line->step));
	if (!line->step)
		return -ENOMEM;
	for (i = 0; i < c->sample_count; i++) {
		const struct fault_times *f = &c->sample[i].faults;

		if (!faults_counts(&c->sample[i]))
			continue;
		if (f->steps == 0) {
			line->steps = 0;
			return 0;
		}
		memcpy(&line->step[line->steps], f->step, f->steps * sizeof(f->step[0]));
		line->steps += f->steps;
	}
	qsort(line->step, line->steps, sizeof(*line->step), by_time);
	return 0;
}

double faults_sum(const struct histogram_step *step, size_t steps)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < steps; i++)
		sum += (double)step[i].count;
	return sum;
}

double faults_percentile(const struct faults_line *line, unsigned permille)
{
	double all = faults_sum(line->step, line->steps), seen = 0;
	size_t i;

	for (i = 0; i + 1 < line->steps; i++) {
		seen += (double)line->step[i].count;
		if (seen * 1000 >= all * permille)
			break;
	}
	return (double)line->step[i].ns;
}

/* 0 or -ENOMEM. */
static int find_percentiles(struct faults_line *line, const struct record_cell *c)
{
	double *ns = calloc((size_t)c->sample_count + 1, sizeof(*ns));
	uint32_t i;
	unsigned k;
	size_t n;
	int err = ns ? 0 : -ENOMEM;

	for (k = 0; k < FAULTS_PERCENTILES && !err; k++) {
		for (i = 0, n = 0; i < c->sample_count; i++) {
			const struct fault_times *f = &c->sample[i].faults;

			if (faults_counts(&c->sample[i]) &&
			    f->count >= faults_percentiles[k].least && percentile_of(f, k) > 0)
				ns[n++] = (double)percentile_of(f, k);
		}
		err = stats_summarise(ns, n, &line->percentile[k]);
	}
	free(ns);
	return err;
}

static void widen(struct faults_plot *p, double low, double high)
{
	p->low_ns = fmin(p->low_ns, fmax(low, 1));
	p->high_ns = fmax(p->high_ns, high);
}

/* The axes reach over all of the line. */
static void make_room(struct faults_plot *p, const struct faults_line *line)
{
	unsigned k;

	p->top = fmin(fmax(p->top, log10(2 * (double)line->faults)),
		      line->steps ? MOST_TOP : fmax(p->top, FIRST_TOP));
	if (line->steps > 0)
		widen(p, (double)line->step[0].ns, (double)line->step[line->steps - 1].ns);
	for (k = 0; k < FAULTS_PERCENTILES && line->steps == 0; k++) {
		if (line->percentile[k].n > 0)
			widen(p, line->percentile[k].min, line->percentile[k].max);
	}
}

/* "demand (userfault) 128M, n 6, 12282 faults: p50 280 us, p99 18.5 ms, p99.9 33.1 ms" */
static void label_line(const struct faults_plot *p, struct faults_line *line)
{
	char name[PLOT_LABEL - 256], time[16];
	size_t used, room = sizeof(line->label);
	const char *between = ":";
	double ns;
	unsigned k;

	plot_cell_label(p->job->view, line->cell, true, true, name, sizeof(name));
	used = (size_t)snprintf(line->label, room, "%s, n %" PRIu32 ", %" PRIu64 " fault%s", name,
				line->samples, line->faults, line->faults == 1 ? "" : "s");
	/* A terminal's line is short, and its axis says as much. */
	for (k = 0; k < FAULTS_PERCENTILES && used < room; k++) {
		if (p->job->style.format == PLOT_FORMAT_TERM || k == FAULTS_P90 ||
		    line->percentile[k].n == 0)
			continue;
		ns = line->steps ? faults_percentile(line, faults_percentiles[k].permille)
				 : line->percentile[k].median;
		units_format_ns(cell_view_whole(ns), time, sizeof(time));
		used += (size_t)snprintf(line->label + used, room - used, "%s %s %s", between,
					 faults_percentiles[k].name, time);
		between = ",";
	}
}

/* 0 or -ENOMEM. */
static int add_cell(struct faults_plot *p, uint32_t cell)
{
	const struct record_cell *c = cell_of(p, cell);
	struct faults_line *line = &p->line[p->lines];
	struct faults_line found = {.cell = cell};
	uint32_t i;
	int err;

	for (i = 0; i < c->sample_count; i++) {
		found.samples += faults_counts(&c->sample[i]);
		found.faults += faults_counts(&c->sample[i]) ? c->sample[i].faults.count : 0;
	}
	if (found.samples == 0)
		return 0;
	if (p->lines == FAULTS_LINES) {
		p->left_out++;
		return 0;
	}
	*line = found;
	p->lines++;
	err = pool_steps(line, c);
	if (!err)
		err = find_percentiles(line, c);
	if (err)
		return err;
	p->distributions |= line->steps > 0;
	p->percentiles |= line->steps == 0;
	make_room(p, line);
	label_line(p, line);
	return 0;
}

static void dress_lines(struct faults_plot *p)
{
	uint32_t cell[FAULTS_LINES], i;
	unsigned style[FAULTS_LINES];

	for (i = 0; i < p->lines; i++)
		cell[i] = p->line[i].cell;
	plot_line_styles(p->job->view, cell, p->lines, style);
	for (i = 0; i < p->lines; i++)
		p->line[i].style = style[i];
}

int plot_faults_put(const struct plot_job *j)
{
	struct faults_plot p = {.job = j, .low_ns = INFINITY, .top = LEAST_TOP};
	uint32_t i;
	int err = 0;

	p.line = calloc(FAULTS_LINES, sizeof(*p.line));
	if (!p.line)
		return -ENOMEM;
	for (i = 0; i < j->view->record->cell_count && !err; i++)
		err = add_cell(&p, i);
	if (!err && isinf(p.low_ns))
		err = -ENODATA;
	if (!err) {
		dress_lines(&p);
		faults_put_script(&p);
	}
	for (i = 0; i < p.lines; i++)
		free(p.line[i].step);
	free(p.line);
	return err;
}
