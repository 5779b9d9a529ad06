// SPDX-License-Identifier: GPL-2.0-or-later
/* line: the least-squares line through points, and how well it fits them. */
#include "sevpinbench/stats.h"

#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static double r_squared(const double *y, size_t n, double residual)
{
	double total = gsl_stats_tss(y, 1, n);

	/* All y alike: the line runs through every point, though 1 - 0/0 cannot say so. */
	if (total <= 0)
		return 1;
	/* Rounding may put a useless line a hair below 0. */
	return fmax(0, 1 - residual / total);
}

int stats_fit_line(const double *x, const double *y, size_t n, struct stats_line *out)
{
	double low, high, cov00, cov01, cov11, residual;
	struct stats_line line = {.n = n};

	memset(out, 0, sizeof(*out));
	if (n < 3)
		return -EINVAL;
	gsl_stats_minmax(&low, &high, x, 1, n);
	if (low == high)
		return -EINVAL;
	gsl_fit_linear(x, 1, y, 1, n, &line.intercept, &line.slope, &cov00, &cov01, &cov11,
		       &residual);
	line.r2 = r_squared(y, n, residual);
	/* Values that are not finite, or overflow when squared, come out here. */
	if (!isfinite(line.intercept) || !isfinite(line.slope) || !isfinite(residual))
		return -EINVAL;
	*out = line;
	return 0;
}
