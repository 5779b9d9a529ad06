// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_startup: startup latency against the guest's size, a line for each group of cells that
 * differ in size alone; and the same beside whole boots that were published.
 */
#include "plot_chart.h"

#include "sevpinbench/units.h"

#include <errno.h>
#include <math.h>

#define MOST_OF_ONE_SIZE 12

/*
 * "KVM: SVM: Defer page pinning for SEV guests", N. A. Dadhania, 8 March 2022: whole boots of a
 * Linux guest, v5.17-rc6, on the author's hardware.
 */
static const struct {
	uint64_t gib;
	double eager_s, demand_s;
} published[] = {
	{4, 6.16, 5.71},    {16, 7.38, 5.91},	{64, 12.17, 6.16},
	{128, 18.20, 6.50}, {192, 24.56, 6.80},
};

static bool value(const struct sample *s, double *y)
{
	uint64_t ns;

	if (!sample_startup_ns(s, &ns))
		return false;
	*y = (double)ns;
	return true;
}

static void slope_text(const struct stats_line *fit, const struct cell *c, char *buf, size_t size)
{
	double slope = fabs(fit->slope);

	(void)c;
	if (slope < 0.00001)
		snprintf(buf, size, "slope < 0.00001 s/GiB");
	else
		snprintf(buf, size, "%c%.*f s/GiB", fit->slope < 0 ? '-' : '+',
			 slope < 0.01 ? 5 : 3, slope);
}

static void add_published(struct chart *c)
{
	uint32_t eager = chart_add_reference(
		c, "published 2022, eager: whole Linux boot, other hardware, n not told", 5);
	uint32_t demand = chart_add_reference(
		c, "published 2022, demand: whole Linux boot, other hardware, n not told", 6);
	size_t i;

	for (i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		double x = (double)(published[i].gib * UNITS_GIB);

		chart_add_reference_point(c, eager, x, published[i].eager_s * 1e9);
		chart_add_reference_point(c, demand, x, published[i].demand_s * 1e9);
	}
}

static int put(const struct plot_job *j, bool beside_published)
{
	const struct cell_view *v = j->view;
	struct chart c = {
		.job = j,
		.title = beside_published ? "Startup here, and whole boots as published in 2022"
					  : "Startup latency of a guest, by its memory size",
		.x_title = "guest memory",
		.y_title = beside_published ? "startup latency; published: whole boot"
					    : "startup latency: open /dev/kvm to first instruction",
		.axis = CHART_AXIS_BYTES,
		.fit_x = (double)UNITS_GIB,
		.value = value,
		.slope_text = slope_text,
		.comparable = cell_view_comparable,
	};
	uint32_t i;
	int err = chart_open(&c, v->record->cell_count + 16);

	if (err)
		return err;
	for (i = 0; i < v->record->cell_count; i++) {
		const struct stats_summary *s = &v->summary[i].startup_ns;

		if (s->n > 0 && s->median >= 1)
			chart_add(&c, chart_line_of(&c, i, cell_view_same_line), i,
				  (double)v->record->cell[i].cell.guest_bytes, s);
	}
	/* Many cells of one size side by side say nothing of size; their phases are better seen. */
	if (c.points == 0 || (c.low_x >= c.high_x && c.lines > MOST_OF_ONE_SIZE))
		err = -ENODATA;
	if (!err && beside_published)
		add_published(&c);
	if (!err)
		err = chart_put(&c);
	chart_close(&c);
	return err;
}

int plot_startup_put(const struct plot_job *j)
{
	return put(j, false);
}

int plot_published_put(const struct plot_job *j)
{
	return put(j, true);
}
