// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_table: what an audit found, for people. */
#include "sevpinbench/audit_table.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include <stdint.h>

#define ID_WIDTH   25 /* of the widest id */
#define HINT_PLACE 8  /* where what follows of a FAIL begins */

static void print_head(const struct audit_report *r, FILE *out)
{
	const struct host_facts *h = &r->host;
	const struct cell *c = &r->cell;
	char text[HOST_TEXT * 4], line[HOST_TEXT * 4], size[24];

	snprintf(text, sizeof(text), "%s: %s, Linux %s", h->name, h->cpu.name, h->kernel_release);
	fprintf(out, "host:  %s\n", plain_text(text, SIZE_MAX, line, sizeof(line)));
	fprintf(out, "guest: %s, %s %s, pin mode %s by %s, %s\n\n",
		words_text(&words_guest_type, c->guest_type),
		units_format_size(c->guest_bytes, size, sizeof(size)),
		words_text(&words_backing, c->backing), words_text(&words_pin_mode, c->pin),
		words_text(&words_pin_mechanism, c->mechanism),
		c->prefault_threads ? "faulted in before it is pinned"
				    : "not touched before it is pinned");
}

static void print_below(const char *name, const char *text, FILE *out)
{
	char plain[AUDIT_TEXT];

	fprintf(out, "%*s%-11s %s\n", HINT_PLACE, "", name,
		plain_text(text, SIZE_MAX, plain, sizeof(plain)));
}

static void print_row(const struct audit_result *r, FILE *out)
{
	char found[AUDIT_TEXT];

	fprintf(out, "  %s  %-*s %s\n", words_text(&words_audit_verdict, r->verdict), ID_WIDTH,
		r->test->id, plain_text(r->found, SIZE_MAX, found, sizeof(found)));
	if (r->verdict != AUDIT_FAIL)
		return;
	print_below("expected", r->expected, out);
	print_below("right is", r->test->title, out);
	print_below("consequence", r->consequence, out);
}

void audit_table_print(const struct audit_report *r, FILE *out)
{
	print_head(r, out);
	for (uint32_t i = 0; i < r->count; i++)
		print_row(&r->result[i], out);
	fprintf(out, "\n%u tests:", r->count);
	for (unsigned v = 0; v < AUDIT_VERDICT_COUNT; v++)
		fprintf(out, "%s %u %s", v ? "," : "", r->tally[v],
			words_text(&words_audit_verdict, v));
	fprintf(out, "\n");
	if (r->unseen)
		fprintf(out, "not all could be looked at: run as root\n");
	if (r->host.platform == PLATFORM_EMULATED)
		fprintf(out, "platform: EMULATED: memory is not encrypted there; counts and page "
			     "frames are the kernel's own\n");
}

void audit_table_list(FILE *out)
{
	for (size_t s = 0; s < audit_subject_count; s++) {
		for (size_t i = 0; i < audit_subjects[s]->count; i++)
			fprintf(out, "%-*s %s\n", ID_WIDTH, audit_subjects[s]->tests[i].id,
				audit_subjects[s]->tests[i].title);
	}
}
