// SPDX-License-Identifier: GPL-2.0-or-later
/* check_table: a check of the host as a tree for people. */
#include "sevpinbench/check_table.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include <stdint.h>
#include <string.h>

#define ID_WIDTH   24 /* of the widest id with its indent */
#define INDENT	   2
#define HINT_PLACE 10 /* where hints begin */

static void print_head(const struct check_report *r, FILE *out)
{
	const struct host_facts *h = &r->host;
	char text[HOST_TEXT * 4], line[HOST_TEXT * 4], size[24];

	snprintf(text, sizeof(text), "%s: %s, Linux %s", h->name, h->cpu.name, h->kernel_release);
	fprintf(out, "host:  %s\n", plain_text(text, SIZE_MAX, line, sizeof(line)));
	fprintf(out, "guest: %s%s, %s, pin mode %s\n",
		words_text(&words_guest_type, r->asked.guest_type),
		r->asked.type_auto ? " (auto)" : "",
		units_format_size(r->asked.guest_bytes, size, sizeof(size)),
		words_text(&words_pin_mode, r->asked.pin));
}

/* "fix: LINE", and each further line below the first. */
static void print_hint(const char *name, const char *text, FILE *out)
{
	char plain[CHECK_FIX_TEXT], part[CHECK_FIX_TEXT];
	size_t length;

	for (; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		snprintf(part, sizeof(part), "%.*s", (int)length, text);
		fprintf(out, "%*s%-9s %s\n", HINT_PLACE, "", name,
			plain_text(part, SIZE_MAX, plain, sizeof(plain)));
		name = "";
	}
}

static void print_row(const struct check_result *r, bool verbose, FILE *out)
{
	const struct check *c = r->check;
	int indent = (int)r->depth * INDENT;
	bool bad = r->verdict == CHECK_FAIL || r->verdict == CHECK_WARN;
	char found[CHECK_TEXT];

	plain_text(r->found, SIZE_MAX, found, sizeof(found));
	fprintf(out, "  %s  %*s%-*s %s: %s\n", words_text(&words_check_verdict, r->verdict), indent,
		"", ID_WIDTH - indent, c->id, c->title, found);
	if (bad || verbose)
		print_hint("expected", r->expected, out);
	if (verbose) {
		print_hint("why", c->why, out);
		print_hint("looked at", c->reads, out);
	}
	/* What could not be looked at for lack of a right is worth a word, too. */
	if (bad || verbose || r->unseen)
		print_hint("fix", r->fix, out);
}

/* "FAIL: kvm-sev memlock", where there are any. */
static void print_ids(const struct check_report *r, enum check_verdict verdict, FILE *out)
{
	if (r->tally[verdict] == 0)
		return;
	fprintf(out, "%s:", words_text(&words_check_verdict, verdict));
	for (uint32_t i = 0; i < r->count; i++) {
		if (r->result[i].verdict == verdict)
			fprintf(out, " %s", r->result[i].check->id);
	}
	fprintf(out, "\n");
}

static void print_summary(const struct check_report *r, FILE *out)
{
	const char *type = words_text(&words_guest_type, r->asked.guest_type);
	const char *mode = words_text(&words_pin_mode, r->asked.pin);
	char size[24];

	fprintf(out, "\n%u checks:", r->count);
	for (unsigned v = 0; v < CHECK_VERDICT_COUNT; v++)
		fprintf(out, "%s %u %s", v ? "," : "", r->tally[v],
			words_text(&words_check_verdict, v));
	fprintf(out, "\n");
	print_ids(r, CHECK_WARN, out);
	print_ids(r, CHECK_FAIL, out);
	units_format_size(r->asked.guest_bytes, size, sizeof(size));
	if (r->tally[CHECK_FAIL])
		fprintf(out,
			"%s guests of %s with pin mode %s will not work here before that is "
			"mended\n",
			type, size, mode);
	else if (r->unseen)
		fprintf(out, "nothing failed, but not all could be looked at: run as root\n");
	else
		fprintf(out, "nothing found that stands against %s guests of %s with pin mode %s\n",
			type, size, mode);
	if (r->host.platform == PLATFORM_EMULATED)
		fprintf(out, "platform: EMULATED: its times are an interpreter's\n");
}

void check_table_print(const struct check_report *r, bool verbose, FILE *out)
{
	const struct check_group *group = NULL;

	print_head(r, out);
	for (uint32_t i = 0; i < r->count; i++) {
		if (r->result[i].group != group) {
			group = r->result[i].group;
			fprintf(out, "\n%s\n", group->title);
		}
		print_row(&r->result[i], verbose, out);
	}
	print_summary(r, out);
}
