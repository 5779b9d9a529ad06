// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_words: the sentences in which every rendering tells a gate's verdict. */
#include "gate_words.h"

#include "sevpinbench/compare_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RUNS_PATIENCE 100 /* who is told of more wants another way out as well */

static double shown(const struct compare_row *r, const struct compare_figure *f)
{
	return compare_metrics[r->metric].kind == COMPARE_BY_WORST ? f->most : f->median;
}

/* What is known of a row that is no pass. */
static void reason(const struct gate *g, const struct gate_row *r, char *buf, size_t size)
{
	enum compare_unit unit = compare_metrics[r->row->metric].unit;
	char bound[COMPARE_CELL], detectable[COMPARE_CELL], p[COMPARE_CELL];

	compare_value(unit, r->bound, false, bound, sizeof(bound));
	compare_value(unit, r->detectable, false, detectable, sizeof(detectable));
	compare_p(r->p, true, p, sizeof(p));
	if (r->verdict == GATE_FAIL && r->row->exact)
		snprintf(buf, size, "more than the bound, %s", bound);
	else if (r->verdict == GATE_FAIL)
		snprintf(buf, size, "more than the bound, %s; p %s, allowed %g", bound, p,
			 g->config.alpha);
	else if (r->again_count > 0)
		snprintf(buf, size, "it failed at first, and then neither failed nor was clear");
	else if (r->row->new.n == 0)
		snprintf(buf, size, "NEW did not measure it");
	else if (r->row->base.disagrees || r->row->new.disagrees)
		snprintf(buf, size, "results of one side differ among each other as much");
	else if (r->p <= g->config.alpha && (g->drift > 1 || g->trend > 0) &&
		 r->row->shift.estimate > r->bound)
		snprintf(buf, size, "the host drifted as much while it was measured");
	else if (r->detectable > GATE_TWICE * r->bound)
		snprintf(buf, size, "noise hides changes below %s, where %s is asked for",
			 detectable,
			 compare_value(unit, GATE_TWICE * r->bound, false, bound, sizeof(bound)));
	else if (r->detectable > 0 && r->row->shift.estimate > r->bound)
		snprintf(buf, size, "more than the bound was seen, which may be chance");
	else if (r->detectable > 0 && g->trend > 0)
		snprintf(buf, size, "the host drifted, which may hide a change");
	else
		snprintf(buf, size, "too few samples: %" PRIu32 " and %" PRIu32, r->row->base.n,
			 r->row->new.n);
}

/* What fresh sets of samples said of a suspect; empty where there are none. */
static const char *again(const struct gate_row *r, char *buf, size_t size)
{
	const struct gate_again *last = r->again_count ? &r->again[r->again_count - 1] : NULL;
	char shift[COMPARE_CELL];

	buf[0] = '\0';
	if (!last)
		return buf;
	compare_value(compare_metrics[r->row->metric].unit, last->shift, true, shift,
		      sizeof(shift));
	if (r->verdict == GATE_FAIL)
		snprintf(buf, size, "; measured again %" PRIu32 "x, failed each time (%s)",
			 r->again_count, shift);
	else if (last->n == 0)
		snprintf(buf, size, "; was to be measured again, and was not");
	else
		snprintf(buf, size, "; measured again %" PRIu32 "x, then %s (%s)", r->again_count,
			 words_text(&words_gate_verdict, r->verdict), shift);
	return buf;
}

char *gate_row_sentence(const struct gate *g, const struct gate_row *r, char *buf, size_t size)
{
	const struct compare_row *row = r->row;
	enum compare_unit unit = compare_metrics[row->metric].unit;
	char base[COMPARE_CELL], new[COMPARE_CELL], change[COMPARE_CELL], why[256] = "";
	char runs[64] = "", more[160];
	bool tells = r->verdict != GATE_PASS && r->verdict != GATE_NOT_JUDGED;

	compare_value(unit, shown(row, &row->base), false, base, sizeof(base));
	compare_value(unit, shown(row, &row->new), false, new, sizeof(new));
	compare_percent(row, change, sizeof(change));
	if (tells)
		reason(g, r, why, sizeof(why));
	if (tells && r->runs > 0)
		snprintf(runs, sizeof(runs), "; %" PRIu32 " runs a side would do", r->runs);
	snprintf(buf, size, "%s %s -> %s%s%s%s%s%s%s%s", compare_metrics[row->metric].title,
		 row->base.n ? base : "-", row->new.n ? new : "-",
		 change[0] == '-' && !change[1] ? "" : " (",
		 change[0] == '-' && !change[1] ? "" : change,
		 change[0] == '-' && !change[1] ? "" : ")", tells ? ": " : "", why, runs,
		 again(r, more, sizeof(more)));
	return buf;
}

char *gate_verdict_sentence(const struct gate *g, char *buf, size_t size)
{
	uint32_t judged = g->count[GATE_PASS] + g->count[GATE_FAIL] + g->count[GATE_CANT_TELL] +
			  g->count[GATE_NOISY];
	char more[256] = "";
	uint32_t i, cleared = 0;
	size_t used = 0;

	for (i = 0; i < g->compare->row_count; i++)
		cleared += g->row[i].again_count > 0 && g->row[i].verdict == GATE_PASS;

	if (g->missing > 0)
		used = (size_t)snprintf(more, sizeof(more),
					"; NEW lacks %" PRIu32 " cells of the baseline",
					g->missing);
	if (g->reruns > 0)
		used += (size_t)snprintf(more + used, sizeof(more) - used,
					 "; suspects were measured again %" PRIu32 "x, %" PRIu32
					 " passed then",
					 g->reruns, cleared);
	if (g->verdict == GATE_CANT_TELL && g->runs > 0)
		snprintf(more + used, sizeof(more) - used,
			 "; %" PRIu32 " runs a side would do, %" PRIu32 " more of NEW%s", g->runs,
			 g->more, g->runs > RUNS_PATIENCE ? "; or a wider bound (--config)" : "");
	snprintf(buf, size,
		 "%sgate: %s: of %" PRIu32 " figures %" PRIu32 " failed, %" PRIu32
		 " can't be told, %" PRIu32 " watched ones are noisy%s",
		 compare_is_emulated(g->compare) ? "EMULATED: " : "",
		 words_text(&words_gate_verdict, g->verdict), judged, g->count[GATE_FAIL],
		 g->count[GATE_CANT_TELL], g->count[GATE_NOISY], more);
	return buf;
}

char *gate_promise(const struct gate *g, char *buf, size_t size)
{
	snprintf(buf, size,
		 "a false alarm in at most %g%% of runs (all %" PRIu32 " tests together); a change "
		 "of twice its bound is found in %g%%, or the gate says that it can't tell",
		 g->config.alpha * 100, g->tested, g->config.power * 100);
	return buf;
}
