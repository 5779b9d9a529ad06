// SPDX-License-Identifier: GPL-2.0-or-later
/* compare: partners are found, each of their metrics is compared, and all p adjusted together. */
#include "sevpinbench/compare.h"

#include "cell_fields.h"
#include "row.h"
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

static const char *const verdict_text[COMPARE_VERDICT_COUNT] = {"better", "worse", "~", "too few",
								"unlike"};

const struct words words_compare_verdict = {"verdict", COMPARE_VERDICT_COUNT, verdict_text};

static uint32_t unlike_side(const struct host_facts *first, const struct compare_side *side,
			    const struct compare_source **which)
{
	uint32_t i, differ, all = 0;

	for (i = 0; i < side->source_count; i++) {
		differ = host_fields_differ(first, &side->source[i].host);
		if (differ && !all)
			*which = &side->source[i];
		all |= differ;
	}
	return all;
}

uint32_t compare_unlike(const struct compare_side *base, const struct compare_side *new,
			const struct compare_source **which)
{
	uint32_t in_new = unlike_side(&base->source[0].host, new, which);

	return in_new | unlike_side(&base->source[0].host, base, which);
}

static bool has_emulated(const struct compare_side *side)
{
	uint32_t i;

	for (i = 0; i < side->source_count; i++) {
		if (side->source[i].host.platform == PLATFORM_EMULATED)
			return true;
	}
	return false;
}

bool compare_is_emulated(const struct compare *c)
{
	return has_emulated(c->base) || has_emulated(c->new);
}

/* ---- partners ---- */

static unsigned bits(uint32_t fields)
{
	return (unsigned)__builtin_popcount(fields);
}

/* The cell of the side that is nearest; *fields are what it differs in, without those allowed. */
static uint32_t nearest(const struct compare_side *side, const struct cell *cell, uint32_t allow,
			uint32_t *fields)
{
	uint32_t i, differ, best = NOBODY;
	unsigned best_all = 0;

	*fields = 0;
	for (i = 0; i < side->cell_count; i++) {
		differ = cell_fields_differ(&side->cell[i].cell, cell);
		if (differ & COMPARE_OTHER_CELL)
			continue;
		/* Among those that may be taken, the one with the fewest differences. */
		if (best == NOBODY || bits(differ & ~allow) < bits(*fields) ||
		    (bits(differ & ~allow) == bits(*fields) && bits(differ) < best_all)) {
			best = i;
			*fields = differ & ~allow;
			best_all = bits(differ);
		}
	}
	return best;
}

static int add_lone(struct compare *c, bool is_base, uint32_t cell, uint32_t fields)
{
	uint32_t room = c->lone_room ? c->lone_room * 2 : 16;
	struct compare_lone *grown;

	if (c->lone_count == c->lone_room) {
		grown = reallocarray(c->lone, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		c->lone = grown;
		c->lone_room = room;
	}
	c->lone[c->lone_count++] =
		(struct compare_lone){.is_base = is_base, .cell = cell, .fields = fields};
	return 0;
}

static int add_row(struct compare *c, uint32_t base, uint32_t new, enum compare_metric metric)
{
	uint32_t room = c->row_room ? c->row_room * 2 : 64;
	struct compare_row *grown;

	if (c->row_count == c->row_room) {
		grown = reallocarray(c->row, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		c->row = grown;
		c->row_room = room;
	}
	c->row[c->row_count++] =
		(struct compare_row){.base_cell = base, .new_cell = new, .metric = metric};
	return 0;
}

static int add_pair(struct compare *c, uint32_t base, uint32_t new)
{
	int m, err = 0;

	for (m = 0; m < COMPARE_METRIC_COUNT && !err; m++) {
		if (c->base->cell[base].series[m].n > 0 || c->new->cell[new].series[m].n > 0)
			err = add_row(c, base, new, (enum compare_metric)m);
	}
	return err;
}

/* Each side's nearest of the other must be the other's nearest of it: one partner, not several. */
static int match(struct compare *c, uint32_t allow)
{
	uint32_t i, partner, fields, back_fields;
	int err = 0;

	for (i = 0; i < c->base->cell_count && !err; i++) {
		partner = nearest(c->new, &c->base->cell[i].cell, allow, &fields);
		if (partner != NOBODY && fields == 0 &&
		    nearest(c->base, &c->new->cell[partner].cell, allow, &back_fields) == i)
			err = add_pair(c, i, partner);
		else
			err = add_lone(c, true, i, fields);
	}
	for (i = 0; i < c->new->cell_count && !err; i++) {
		partner = nearest(c->base, &c->new->cell[i].cell, allow, &fields);
		if (partner == NOBODY || fields ||
		    nearest(c->new, &c->base->cell[partner].cell, allow, &back_fields) != i)
			err = add_lone(c, false, i, fields);
	}
	return err;
}

/* ---- verdicts ---- */

static void judge(const struct compare *c, struct compare_row *r)
{
	double way = r->shift.estimate;
	bool few = r->base.n == 0 || r->new.n == 0;

	/* Not even samples that lie wholly apart would be significant. */
	if (!few && !r->exact)
		few = 2 * stats_least_p(r->base.n, r->new.n, r->inflation) * c->tested > c->alpha;
	if (few)
		r->verdict = COMPARE_TOO_FEW;
	else if (r->exact)
		r->verdict = way > 0 ? COMPARE_WORSE : way < 0 ? COMPARE_BETTER : COMPARE_SAME;
	else if (r->p > c->alpha)
		r->verdict = COMPARE_SAME;
	else
		r->verdict = r->test.p_greater < r->test.p_less ? COMPARE_WORSE : COMPARE_BETTER;
}

/* Adjust the p of all rows that were tested, and give every row its verdict. */
static int judge_all(struct compare *c)
{
	double *p = calloc((size_t)c->row_count + 1, sizeof(*p));
	uint32_t i, n = 0;
	int err;

	if (!p)
		return -ENOMEM;
	for (i = 0; i < c->row_count; i++) {
		if (row_is_tested(&c->row[i]))
			p[n++] = c->row[i].test.p_two;
	}
	c->tested = n;
	err = stats_holm(p, n, p);
	for (i = n = 0; i < c->row_count; i++) {
		if (row_is_tested(&c->row[i]))
			c->row[i].p = p[n++];
		judge(c, &c->row[i]);
	}
	free(p);
	return err;
}

static const struct compare_source *on_both(const struct compare_side *base,
					    const struct compare_side *new)
{
	uint32_t i, k;

	for (i = 0; i < base->source_count; i++) {
		for (k = 0; k < new->source_count; k++) {
			if (compare_same_campaign(&base->source[i], &new->source[k]))
				return &new->source[k];
		}
	}
	return NULL;
}

/* ---- rows ---- */

#define WORTH_A_THREAD 100000 /* values in all rows together */

struct work {
	const struct compare *c;
	_Atomic uint32_t next;
	_Atomic int err;
};

/* Row by row until there is none left; in two threads at once, where it is much. */
static void *compare_rows(void *arg)
{
	struct work *w = arg;
	uint32_t i;
	int err;

	for (i = w->next++; i < w->c->row_count && !w->err; i = w->next++) {
		err = row_compare(w->c, &w->c->row[i]);
		if (err)
			w->err = err;
	}
	return NULL;
}

static bool is_much(const struct compare *c)
{
	uint64_t values = 0;
	uint32_t i;

	for (i = 0; i < c->row_count; i++)
		values += c->base->cell[c->row[i].base_cell].series[c->row[i].metric].n;
	return values > WORTH_A_THREAD;
}

static int compare_all(const struct compare *c)
{
	struct work w = {.c = c};
	pthread_t other;
	bool two = is_much(c) && pthread_create(&other, NULL, compare_rows, &w) == 0;

	compare_rows(&w);
	if (two)
		pthread_join(other, NULL);
	return w.err;
}

int compare_open(struct compare *c, const struct compare_side *base, const struct compare_side *new,
		 uint32_t allow, double alpha, struct fault *f)
{
	const struct compare_source *twice = on_both(base, new), *which;
	int err;

	*c = (struct compare){.base = base, .new = new, .alpha = alpha};
	if (twice) {
		fault_set(f, EEXIST, "compare", "the campaign of %s stands on both sides",
			  twice->path);
		fault_hint(f, "nothing can be told from a campaign compared with itself");
		return -EEXIST;
	}
	c->differ = compare_unlike(base, new, &which);
	err = match(c, allow);
	if (!err)
		err = compare_all(c);
	if (!err)
		err = judge_all(c);
	if (err) {
		compare_close(c);
		return fault_set(f, -err, "compare", "%u cells", base->cell_count);
	}
	return 0;
}

void compare_close(struct compare *c)
{
	free(c->row);
	free(c->lone);
	*c = (struct compare){0};
}
