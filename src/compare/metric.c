// SPDX-License-Identifier: GPL-2.0-or-later
/* metric: what is compared, and how it is read from a sample. */
#include "sevpinbench/compare_side.h"

static const char *const metric_text[COMPARE_METRIC_COUNT] = {
	[COMPARE_STARTUP] = "startup",
	[COMPARE_PIN_PHASE] = "pin-phase",
	[COMPARE_WORKING_SET] = "working-set",
	[COMPARE_FAULT_P50] = "fault-p50",
	[COMPARE_FAULT_P99] = "fault-p99",
	[COMPARE_SLOPE] = "slope",
	[COMPARE_PINNED_START] = "pinned-start",
	[COMPARE_PINNED_TOUCHED] = "pinned-touched",
	[COMPARE_HOST_PINNED] = "host-pinned",
	[COMPARE_FLUSHES] = "flushes",
	[COMPARE_LEAKED] = "leaked",
	[COMPARE_FAILED] = "failed",
};

const struct words words_compare_metric = {"metric", COMPARE_METRIC_COUNT, metric_text};

static const char *const unit_text[COMPARE_UNIT_COUNT] = {"ns", "ns/GiB", "pages", "count"};

const struct words words_compare_unit = {"unit", COMPARE_UNIT_COUNT, unit_text};

static bool get_startup(const struct sample *s, double *value)
{
	uint64_t ns;

	if (!sample_is_valid(s) || !sample_startup_ns(s, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_pin_phase(const struct sample *s, double *value)
{
	*value = (double)s->phases_ns[PHASE_PIN];
	return sample_is_valid(s) && sample_has_phase(s, PHASE_PIN);
}

static bool get_working_set(const struct sample *s, double *value)
{
	uint64_t ns;

	if (!sample_is_valid(s) || !sample_working_set_ns(s, &ns))
		return false;
	*value = (double)ns;
	return true;
}

static bool get_fault_p50(const struct sample *s, double *value)
{
	*value = (double)s->faults.p50_ns;
	return sample_is_valid(s) && s->faults.count > 0;
}

static bool get_fault_p99(const struct sample *s, double *value)
{
	*value = (double)s->faults.p99_ns;
	return sample_is_valid(s) && s->faults.count > 0;
}

static bool ledger(const struct sample *s, enum pin_boundary at, double *value)
{
	*value = (double)s->pins[at].ledger_pages;
	return sample_is_valid(s) && s->pins[at].ledger_pages >= 0;
}

static bool get_pinned_start(const struct sample *s, double *value)
{
	return ledger(s, PIN_BOUNDARY_FIRST_INSTRUCTION, value);
}

static bool get_pinned_touched(const struct sample *s, double *value)
{
	return ledger(s, PIN_BOUNDARY_AFTER_TOUCH, value);
}

/* Not where others pinned meanwhile, nor where the kernel counts in another unit. */
static bool get_host_pinned(const struct sample *s, double *value)
{
	const uint32_t disturbed =
		SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS) | SAMPLE_BIT(SAMPLE_FLAG_FOLIO_UNITS);
	int64_t before = s->pins[PIN_BOUNDARY_BEFORE].host_pages;
	int64_t touched = s->pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages;

	*value = (double)touched - (double)before;
	return sample_is_valid(s) && !(s->flags & disturbed) && before >= 0 && touched >= 0;
}

static bool get_flushes(const struct sample *s, double *value)
{
	int64_t flushes;

	if (!sample_is_valid(s) || !sample_flushes(s, &flushes))
		return false;
	*value = (double)flushes;
	return true;
}

static bool is_interrupted(const struct sample *s)
{
	return (s->flags & SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED)) != 0;
}

/* What the sample says was left pinned; at least a page where it is flagged and no count says. */
static bool get_leaked(const struct sample *s, double *value)
{
	const struct pin_point *before = &s->pins[PIN_BOUNDARY_BEFORE];
	const struct pin_point *after = &s->pins[PIN_BOUNDARY_AFTER_DESTROY];
	double most = 1, rise;

	*value = 0;
	if (is_interrupted(s))
		return false;
	if (!(s->flags & SAMPLE_BIT(SAMPLE_FLAG_LEAK)))
		return true;
	rise = (double)after->vmpin_pages - (double)before->vmpin_pages;
	most = rise > most ? rise : most;
	rise = (double)after->host_pages - (double)before->host_pages;
	most = rise > most && before->host_pages >= 0 ? rise : most;
	*value = most;
	return true;
}

static bool get_failed(const struct sample *s, double *value)
{
	const uint32_t failed = SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) |
				SAMPLE_BIT(SAMPLE_FLAG_TOUCH_SHORT);

	*value = (s->flags & failed) != 0;
	return !is_interrupted(s);
}

const struct compare_metric_row compare_metrics[COMPARE_METRIC_COUNT] = {
	[COMPARE_STARTUP] = {COMPARE_NS, COMPARE_BY_TEST, get_startup, "startup latency"},
	[COMPARE_PIN_PHASE] = {COMPARE_NS, COMPARE_BY_TEST, get_pin_phase, "phase pin"},
	[COMPARE_WORKING_SET] = {COMPARE_NS, COMPARE_BY_TEST, get_working_set,
				 "working-set latency"},
	[COMPARE_FAULT_P50] = {COMPARE_NS, COMPARE_BY_TEST, get_fault_p50, "demand fault, median"},
	[COMPARE_FAULT_P99] = {COMPARE_NS, COMPARE_BY_TEST, get_fault_p99,
			       "demand fault, 99th percentile"},
	[COMPARE_SLOPE] = {COMPARE_NS_PER_GIB, COMPARE_BY_TEST, NULL,
			   "growth of startup with the guest's size"},
	[COMPARE_PINNED_START] = {COMPARE_PAGES, COMPARE_BY_VALUE, get_pinned_start,
				  "pages pinned at the first instruction"},
	[COMPARE_PINNED_TOUCHED] = {COMPARE_PAGES, COMPARE_BY_VALUE, get_pinned_touched,
				    "pages pinned after the touch"},
	[COMPARE_HOST_PINNED] = {COMPARE_PAGES, COMPARE_BY_VALUE, get_host_pinned,
				 "pages pinned after the touch, by the host's count"},
	[COMPARE_FLUSHES] = {COMPARE_COUNT, COMPARE_BY_VALUE, get_flushes,
			     "cache flushes on all CPUs"},
	[COMPARE_LEAKED] = {COMPARE_PAGES, COMPARE_BY_WORST, get_leaked, "pages left pinned"},
	[COMPARE_FAILED] = {COMPARE_COUNT, COMPARE_BY_WORST, get_failed, "samples that failed"},
};
