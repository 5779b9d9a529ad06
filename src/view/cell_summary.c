// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_summary: the samples of one cell as figures, for every renderer alike. */
#include "sevpinbench/cell_summary.h"

#include "sevpinbench/thread.h"
#include "sevpinbench/units.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static bool get_startup(const struct sample *s, int index, double *value)
{
	uint64_t ns;

	(void)index;
	if (!sample_startup_ns(s, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_startup_without_prefault(const struct sample *s, int index, double *value)
{
	uint64_t ns;

	(void)index;
	if (!sample_startup_without_prefault_ns(s, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_working_set(const struct sample *s, int index, double *value)
{
	uint64_t ns;

	(void)index;
	if (!sample_working_set_ns(s, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_flushes(const struct sample *s, int index, double *value)
{
	int64_t flushes;

	(void)index;
	if (!sample_flushes(s, &flushes))
		return false;
	*value = (double)flushes;
	return true;
}

static bool get_encryption(const struct sample *s, int index, double *value)
{
	uint64_t ns = s->phases_ns[PHASE_LAUNCH_UPDATE];

	(void)index;
	if (!sample_has_phase(s, PHASE_LAUNCH_UPDATE) || ns == 0 || s->encrypted_bytes == 0)
		return false;
	*value = (double)s->encrypted_bytes / units_ns_to_s(ns);
	return true;
}

static bool get_touched(const struct sample *s, int index, double *value)
{
	(void)index;
	*value = (double)s->touched_pages;
	return sample_has_phase(s, PHASE_TOUCH);
}

/* One of KVM's figures during the touch. */
static bool get_touch_stat(const struct sample *s, enum guest_stat stat, double *value)
{
	*value = (double)sample_count(s, stat, PHASE_TOUCH);
	return sample_has_phase(s, PHASE_TOUCH) && (s->counts.stats_known >> stat & 1);
}

static bool get_touch_exits(const struct sample *s, int index, double *value)
{
	(void)index;
	return get_touch_stat(s, GUEST_STAT_EXITS, value);
}

static bool get_touch_faults(const struct sample *s, int index, double *value)
{
	(void)index;
	return get_touch_stat(s, GUEST_STAT_PF_TAKEN, value);
}

static bool get_phase(const struct sample *s, int index, double *value)
{
	*value = (double)s->phases_ns[index];
	return sample_has_phase(s, (enum phase)index);
}

static bool get_ledger(const struct sample *s, int index, double *value)
{
	*value = (double)s->pins[index].ledger_pages;
	return s->pins[index].ledger_pages >= 0;
}

static bool rise(int64_t before, int64_t now, double *value)
{
	*value = (double)now - (double)before;
	return before >= 0 && now >= 0;
}

static bool get_vmpin_rise(const struct sample *s, int index, double *value)
{
	return rise(s->pins[PIN_BOUNDARY_BEFORE].vmpin_pages, s->pins[index].vmpin_pages, value);
}

static bool get_host_rise(const struct sample *s, int index, double *value)
{
	return rise(s->pins[PIN_BOUNDARY_BEFORE].host_pages, s->pins[index].host_pages, value);
}

/* How the guests of a round become one value. */
enum fold {
	FOLD_TIME,
	FOLD_COUNT,
	FOLD_SHARE, /* what each guest has is of all of them */
};

/* A family of figures: how to read number index of a sample, and where its summaries go. */
struct family {
	bool (*get)(const struct sample *s, int index, double *value);
	int count;
	struct stats_summary *out;
	enum fold fold;
};

static double fold(enum fold how, double *value, uint32_t guests)
{
	double sum = 0;
	uint32_t i;

	if (guests == 1)
		return value[0];
	if (how == FOLD_TIME)
		return stats_median(value, guests);
	for (i = 0; i < guests; i++)
		sum += value[i];
	return how == FOLD_COUNT ? sum / guests : sum / guests / guests;
}

#define FAMILIES 12
#define FIGURES	 (8 + PHASE_COUNT + 3 * PIN_BOUNDARY_COUNT) /* of all families */
#define MANY	 16384 /* samples, from which on a second thread is worth its start */

/* The figures of one cell, to be taken one by one by whoever has time. */
struct summing {
	const struct record_cell *cell;
	struct family family[FAMILIES];
	const uint32_t *whole; /* where the whole rounds begin */
	uint32_t rounds;       /* how many these are */
	atomic_int next, err;
};

/* scratch has place for as many values as there are samples. */
static int summarise_one(const struct summing *s, const struct family *f, int index,
			 double *scratch)
{
	const uint32_t guests = cell_guests(&s->cell->cell);
	uint32_t round, i, k;
	size_t n = 0;

	for (round = 0; round < s->rounds; round++) {
		const struct sample *first = &s->cell->sample[s->whole[round]];

		for (i = 0, k = 0; i < guests; i++)
			k += f->get(&first[i], index, &scratch[n + k]);
		if (k == guests) {
			scratch[n] = fold(f->fold, &scratch[n], guests);
			n++;
		}
	}
	return stats_summarise(scratch, n, &f->out[index]);
}

static void *take_figures(void *arg)
{
	struct summing *s = arg;
	double *scratch = calloc(s->cell->sample_count, sizeof(*scratch));
	const struct family *f;
	int figure, err = scratch ? 0 : -ENOMEM;

	while (!err && (figure = atomic_fetch_add(&s->next, 1)) < FIGURES) {
		for (f = s->family; figure >= f->count; f++)
			figure -= f->count;
		err = summarise_one(s, f, figure, scratch);
	}
	free(scratch);
	if (err)
		atomic_store(&s->err, err);
	return NULL;
}

/* By two threads where there is much to do. 0 or -ENOMEM. */
static int take_all_figures(struct summing *s)
{
	pthread_t second;
	int started = s->cell->sample_count < MANY ? -EAGAIN
						   : thread_start(&second, -1, 0, take_figures, s);

	take_figures(s);
	if (started == 0)
		pthread_join(second, NULL);
	return atomic_load(&s->err);
}

/* Also notes where the whole rounds begin, in whole[]. */
static void count_samples(const struct record_cell *c, struct cell_summary *out, uint32_t *whole)
{
	uint32_t at, end, i;

	out->taken = c->sample_count;
	for (i = 0; i < c->sample_count; i++)
		out->valid += sample_is_valid(&c->sample[i]);
	for (at = 0; at < c->sample_count; at = end) {
		end = sample_round_end(c->sample, c->sample_count, at);
		out->rounds++;
		if (sample_round_is_whole(&c->sample[at], end - at, cell_guests(&c->cell)))
			whole[out->whole_rounds++] = at;
	}
}

/* ---- of guests at once ---- */

static bool get_up(const struct sample *s, uint32_t guests, double *value)
{
	uint64_t ns;

	if (!sample_round_up_ns(s, guests, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_slowest(const struct sample *s, uint32_t guests, double *value)
{
	uint64_t ns;
	uint32_t i;

	*value = 0;
	for (i = 0; i < guests; i++) {
		if (!sample_startup_ns(&s[i], &ns))
			return false;
		*value = (double)ns > *value ? (double)ns : *value;
	}
	return true;
}

static bool get_spread(const struct sample *s, uint32_t guests, double *value)
{
	*value = (double)sample_round_spread_ns(s, guests);
	return true;
}

static int summarise_rounds(const struct summing *s, struct cell_summary *out)
{
	const struct {
		bool (*get)(const struct sample *s, uint32_t guests, double *value);
		struct stats_summary *out;
	} figures[] = {
		{get_up, &out->round_up_ns},
		{get_slowest, &out->slowest_startup_ns},
		{get_spread, &out->round_spread_ns},
	};
	const uint32_t guests = cell_guests(&s->cell->cell);
	uint32_t round;
	double *value;
	size_t i, n;
	int err = 0;

	if (guests == 1)
		return 0;
	value = calloc((size_t)s->rounds + 1, sizeof(*value));
	if (!value)
		return -ENOMEM;
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]) && !err; i++) {
		for (round = 0, n = 0; round < s->rounds; round++)
			n += figures[i].get(&s->cell->sample[s->whole[round]], guests, &value[n]);
		err = stats_summarise(value, n, figures[i].out);
	}
	free(value);
	return err;
}

int cell_summary_make(const struct record_cell *c, struct cell_summary *out)
{
	struct summing s = {
		.cell = c,
		.family = {
			{get_startup, 1, &out->startup_ns, FOLD_TIME},
			{get_startup_without_prefault, 1, &out->startup_without_prefault_ns,
			 FOLD_TIME},
			{get_working_set, 1, &out->working_set_ns, FOLD_TIME},
			{get_flushes, 1, &out->flushes, FOLD_COUNT},
			{get_encryption, 1, &out->encryption_bytes_per_s, FOLD_TIME},
			{get_touched, 1, &out->touched_pages, FOLD_COUNT},
			{get_touch_exits, 1, &out->touch_exits, FOLD_COUNT},
			{get_touch_faults, 1, &out->touch_faults, FOLD_COUNT},
			{get_phase, PHASE_COUNT, out->phase_ns, FOLD_TIME},
			{get_ledger, PIN_BOUNDARY_COUNT, out->ledger_pages, FOLD_COUNT},
			{get_vmpin_rise, PIN_BOUNDARY_COUNT, out->vmpin_rise_pages, FOLD_COUNT},
			{get_host_rise, PIN_BOUNDARY_COUNT, out->host_rise_pages, FOLD_SHARE},
		}};
	uint32_t *whole;
	int err;

	memset(out, 0, sizeof(*out));
	if (c->sample_count == 0)
		return 0;
	whole = calloc(c->sample_count, sizeof(*whole));
	if (!whole)
		return -ENOMEM;
	count_samples(c, out, whole);
	s.whole = whole;
	s.rounds = out->whole_rounds;
	err = take_all_figures(&s);
	if (!err)
		err = summarise_rounds(&s, out);
	free(whole);
	if (err)
		memset(out, 0, sizeof(*out));
	return err;
}
