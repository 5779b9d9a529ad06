// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_cost: the time until the working set is touched, against the share of the guest that it
 * is: what demand pinning saves at the start comes back here.
 */
#include "plot_chart.h"

#include "sevpinbench/units.h"

#include <errno.h>

static bool value(const struct sample *s, double *y)
{
	uint64_t ns;

	if (!sample_working_set_ns(s, &ns))
		return false;
	*y = (double)ns;
	return true;
}

static double share_percent(const struct cell *c)
{
	return c->guest_bytes ? (double)c->touch_bytes / (double)c->guest_bytes * 100 : 0;
}

/* x of the fit is the share of the guest. */
static void slope_text(const struct stats_line *fit, const struct cell *c, char *buf, size_t size)
{
	double us = fit->slope * 1e6 / (double)units_pages(c->guest_bytes);

	snprintf(buf, size, "%+.*f us/page", us < 10 && us > -10 ? 2 : 1, us);
}

int plot_cost_put(const struct plot_job *j)
{
	const struct cell_view *v = j->view;
	struct chart c = {
		.job = j,
		.title = "Startup and touching the working set",
		.x_title = "touched share of the guest's memory",
		.y_title = "working-set latency: startup and touch",
		.axis = CHART_AXIS_SHARE,
		.fit_x = 100,
		.value = value,
		.slope_text = slope_text,
		.comparable = cell_view_touch_comparable,
	};
	uint32_t i;
	int err = chart_open(&c, v->record->cell_count);

	if (err)
		return err;
	for (i = 0; i < v->record->cell_count; i++) {
		const struct stats_summary *s = &v->summary[i].working_set_ns;
		double share = share_percent(&v->record->cell[i].cell);

		if (s->n > 0 && s->median >= 1 && share > 0)
			chart_add(&c, chart_line_of(&c, i, cell_view_same_touch_line), i, share, s);
	}
	/* One share says nothing of what a share costs. */
	err = c.points > 0 && c.high_x > c.low_x * 1.01 ? chart_put(&c) : -ENODATA;
	chart_close(&c);
	return err;
}
