// SPDX-License-Identifier: GPL-2.0-or-later
/* two_samples: the Mann-Whitney test, exact where the samples are small. */
#include "sevpinbench/two_samples.h"

#include "rank_sum.h"
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* p at a variance that is inflation times as great: the same distance is fewer deviations. */
static double inflate(double p, double inflation)
{
	if (inflation <= 1 || p >= 0.5)
		return p;
	return gsl_cdf_ugaussian_Q(gsl_cdf_ugaussian_Qinv(p) / sqrt(inflation));
}

/* The normal distribution's p, corrected for continuity: u is one of whole (or half) numbers. */
static double normal_p(double distance, double deviation)
{
	return deviation > 0 ? gsl_cdf_ugaussian_Q((distance - 0.5) / deviation) : 1;
}

static void large(const struct rank_sum *r, struct stats_test *out)
{
	double m = (double)r->m, n = (double)r->n, all = m + n;
	double variance = m * n / 12 * (all + 1 - r->ties / (all * (all - 1)));
	double above = out->u - m * n / 2;

	out->p_greater = fmin(1, normal_p(above, sqrt(variance)));
	out->p_less = fmin(1, normal_p(-above, sqrt(variance)));
}

int stats_mann_whitney(const double *x, size_t m, const double *y, size_t n, double inflation,
		       struct stats_test *out)
{
	struct rank_sum r;
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (m == 0 || n == 0)
		return -EINVAL;
	rank_sum_take(x, m, y, n, &r);
	out->u = r.u;
	out->exact = m + n <= STATS_EXACT_MAX;
	if (out->exact && r.ties > 0)
		err = rank_sum_exact_ties(x, y, &r, &out->p_less, &out->p_greater);
	else if (out->exact)
		err = rank_sum_exact(&r, &out->p_less, &out->p_greater);
	else
		large(&r, out);
	out->p_greater = inflate(out->p_greater, inflation);
	out->p_less = inflate(out->p_less, inflation);
	out->p_two = fmin(1, 2 * fmin(out->p_greater, out->p_less));
	return err;
}

double stats_least_p(size_t m, size_t n, double inflation)
{
	double ways = lgamma((double)(m + n) + 1) - lgamma((double)m + 1) - lgamma((double)n + 1);

	return inflate(exp(-ways), inflation);
}

double stats_normal_quantile(double tail)
{
	return gsl_cdf_ugaussian_Qinv(tail);
}

struct place {
	double p;
	size_t index;
};

static int by_p(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

int stats_holm(const double *p, size_t n, double *adjusted)
{
	struct place *place = calloc(n + 1, sizeof(*place));
	double most = 0;
	size_t i;

	if (!place)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		place[i] = (struct place){p[i], i};
	qsort(place, n, sizeof(*place), by_p);
	for (i = 0; i < n; i++) {
		most = fmax(most, fmin(1, place[i].p * (double)(n - i)));
		adjusted[place[i].index] = most;
	}
	free(place);
	return 0;
}
