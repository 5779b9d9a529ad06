// SPDX-License-Identifier: GPL-2.0-or-later
/* run_audit: "run --audit": what the pins of each cell hold. */
#include "run_audit.h"

#include "say.h"
#include "sevpinbench/audit.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/preflight.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void not_made(struct record_audit *a, const char *reason, const char *hint)
{
	a->verdict = AUDIT_SKIP;
	snprintf(a->reason, sizeof(a->reason), "%s", reason);
	snprintf(a->hint, sizeof(a->hint), "%s", hint);
}

/* False, and the reason, where there is no memory for it: a child has copies of what is pinned. */
static bool has_memory(const struct cell *cell, const struct launch_limits *limits,
		       struct record_audit *a)
{
	struct record_refusal why = {0};
	struct cell both = *cell;

	if (!guest_memory_is_file(cell->backing))
		both.guest_bytes *= 2;
	both.touch_bytes = both.guest_bytes;
	both.parallel = 1; /* an audit has one guest at a time */
	if (preflight_memory_now(&both, limits, &why))
		return true;
	not_made(a, why.reason, why.hint);
	return false;
}

/* The report into the record. */
static int note(const struct audit_report *report, struct record_audit *a)
{
	for (uint32_t i = 0; i < report->count; i++) {
		const struct audit_result *from = &report->result[i];
		struct record_audit_test *to = record_audit_add(a);

		if (!to)
			return -ENOMEM;
		to->verdict = from->verdict;
		snprintf(to->id, sizeof(to->id), "%s", from->test->id);
		snprintf(to->expected, sizeof(to->expected), "%s", from->expected);
		snprintf(to->found, sizeof(to->found), "%s", from->found);
		snprintf(to->consequence, sizeof(to->consequence), "%s", from->consequence);
	}
	a->verdict = report->tally[AUDIT_FAIL] ? AUDIT_FAIL
		     : report->unseen	       ? AUDIT_INFO
					       : AUDIT_PASS;
	if (a->verdict == AUDIT_INFO)
		snprintf(a->reason, sizeof(a->reason),
			 "no test failed, but not all could be looked at: run as root");
	return 0;
}

/* A cell that the audit has no guests for, or for which none can be had here. */
static void note_fault(const struct fault *f, struct record_audit *a)
{
	char text[RECORD_AUDIT_TEXT], size[24];

	if (f->err != EINVAL) {
		fault_text(f, text, sizeof(text));
		not_made(a, text, f->hint);
		return;
	}
	not_made(a, f->object, "");
	snprintf(a->hint, sizeof(a->hint), "\"sevpinbench audit --guest-mem %s\" has such a guest",
		 units_format_size(AUDIT_MAX_BYTES, size, sizeof(size)));
}

static void audit_one(struct record *r, uint32_t cell, const struct launch_limits *limits,
		      struct kernel_pinning *pinning, struct audit_report *report)
{
	struct record_audit *a = &r->cell[cell].audit;
	struct fault f = {0};

	if (stop_signal()) {
		not_made(a, "ended by a signal before it", "");
		return;
	}
	if (!has_memory(&r->cell[cell].cell, limits, a))
		return;
	if (audit_cell(&r->cell[cell].cell, &r->host, pinning, report, &f) < 0)
		note_fault(&f, a);
	else if (note(report, a) < 0)
		not_made(a, "no memory for what was found", "");
	else if (stop_signal())
		not_made(a, "ended by a signal; the tests that were made are in the document", "");
}

void run_audit(struct record *r, const struct launch_limits *limits, struct kernel_pinning *pinning,
	       bool quiet)
{
	struct audit_report *report = calloc(1, sizeof(*report));
	uint32_t i;

	for (i = 0; i < r->cell_count; i++)
		r->cell[i].audit.asked = true;
	for (i = 0; i < r->cell_count; i++) {
		const struct cell *c = &r->cell[i].cell;
		char size[24];

		if (!report) {
			not_made(&r->cell[i].audit, "no memory for what is found", "");
			continue;
		}
		if (!quiet && !stop_signal())
			say("run", "audit of %s %s %s, %u of %u",
			    words_text(&words_guest_type, c->guest_type),
			    words_text(&words_pin_mode, c->pin),
			    units_format_size(c->guest_bytes, size, sizeof(size)), i + 1,
			    r->cell_count);
		audit_one(r, i, limits, pinning, report);
	}
	free(report);
}
