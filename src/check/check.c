// SPDX-License-Identifier: GPL-2.0-or-later
/* check: the walk over the tables of checks. */
#include "sevpinbench/check.h"

#include "rows.h"
#include "sevpinbench/host_file.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verdict_text[] = {"PASS", "WARN", "FAIL", "SKIP", "INFO"};
_Static_assert(LENGTH(verdict_text) == CHECK_VERDICT_COUNT, "one word for each verdict");
const struct words words_check_verdict = {"verdict", CHECK_VERDICT_COUNT, verdict_text};

/* In the order in which they are asked and shown. */
const struct check_group *const check_groups[] = {
	&check_machine, &check_processor, &check_kvm,	  &check_firmware, &check_memory,
	&check_limits,	&check_kernel,	  &check_pinning, &check_timing,
};
const size_t check_group_count = LENGTH(check_groups);

#define SAY(name, verdict_)                                       \
	void name(struct check_result *r, const char *fmt, ...)   \
	{                                                         \
		va_list args;                                     \
                                                                  \
		va_start(args, fmt);                              \
		r->verdict = (verdict_);                          \
		vsnprintf(r->found, sizeof(r->found), fmt, args); \
		va_end(args);                                     \
	}

SAY(check_pass, CHECK_PASS)
SAY(check_info, CHECK_INFO)
SAY(check_warn, CHECK_WARN)
SAY(check_fail, CHECK_FAIL)
SAY(check_skip, CHECK_SKIP)

void check_unseen(struct check_result *r, int err, const char *what)
{
	r->unseen = err == -EACCES || err == -EPERM;
	check_skip(r, "%s: %s", what, strerror(-err));
	if (r->unseen && !r->fix[0])
		check_fix(r, "run as root");
}

void check_expect(struct check_result *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->expected, sizeof(r->expected), fmt, args);
	va_end(args);
}

void check_fix(struct check_result *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->fix, sizeof(r->fix), fmt, args);
	va_end(args);
}

void check_fault(struct check_result *r, const struct fault *f)
{
	char text[CHECK_TEXT];

	fault_text(f, text, sizeof(text));
	check_fail(r, "%s", text);
	if (f->hint[0])
		check_fix(r, "%s", f->hint);
}

int64_t check_number(const char *path)
{
	uint64_t value;

	return host_file_read_u64(path, &value) || value > INT64_MAX ? -1 : (int64_t)value;
}

static const struct check_result *find_parent(const struct check_report *report, const char *id)
{
	for (uint32_t i = 0; id && i < report->count; i++) {
		if (strcmp(report->result[i].check->id, id) == 0)
			return &report->result[i];
	}
	return NULL;
}

/*
 * What the guest does not need can be worth a warning only where it is asked for by nobody in
 * particular: a host that could run SEV guests and does not. Who names a type knows.
 */
static void soften(const struct check_report *report, struct check_result *r)
{
	if (r->verdict != CHECK_FAIL || r->needed)
		return;
	r->verdict =
		report->asked.type_auto && r->check->types & TYPE(SEV) ? CHECK_WARN : CHECK_INFO;
}

/* The row that is to blame for a row not being asked. */
static const struct check_result *find_cause(const struct check_report *report,
					     const struct check_result *r)
{
	const struct check_result *parent = find_parent(report, r->check->parent);

	for (; parent && parent->absent; parent = find_parent(report, r->check->parent))
		r = parent;
	return r;
}

/* What the function has left to the row. */
static void fill_in(struct check_result *r)
{
	const struct check *row = r->check;

	if (!r->expected[0])
		check_expect(r, "%s", row->expected);
	if (!r->fix[0] && row->fix && (r->verdict == CHECK_FAIL || r->verdict == CHECK_WARN))
		check_fix(r, "%s", row->fix);
}

static void ask(const struct check_context *c, const struct check_group *group,
		const struct check *row, struct check_report *report)
{
	struct check_result *r = &report->result[report->count];
	const struct check_result *parent = find_parent(report, row->parent);
	const struct check_request *asked = &report->asked;

	*r = (struct check_result){.check = row, .group = group};
	r->depth = parent && parent->group == group ? parent->depth + 1 : 0;
	r->needed = row->types & 1u << asked->guest_type && row->modes & 1u << asked->pin;
	if (parent && parent->absent) {
		check_skip(r, "not asked: see %s", find_cause(report, r)->check->id);
		r->absent = true;
		fill_in(r);
	} else {
		row->look(c, r);
		r->absent |= r->verdict == CHECK_FAIL || r->verdict == CHECK_SKIP;
		fill_in(r);
		soften(report, r);
	}
	report->tally[r->verdict]++;
	report->unseen |= r->needed && r->unseen;
	report->count++;
}

int check_run(const struct check_request *asked, struct check_report *report, struct fault *f)
{
	struct check_context *c = malloc(sizeof(*c));
	int r;

	*report = (struct check_report){.asked = *asked};
	if (!c)
		return fault_set(f, ENOMEM, "malloc", "what is looked at");
	host_collect(&report->host);
	r = context_collect(c, asked, &report->asked, &report->host, f);
	for (size_t g = 0; r == 0 && g < check_group_count; g++) {
		for (size_t i = 0; i < check_groups[g]->count && report->count < CHECK_ROWS; i++)
			ask(c, check_groups[g], &check_groups[g]->rows[i], report);
	}
	free(c);
	return r;
}
