// SPDX-License-Identifier: GPL-2.0-or-later
/* result_report: results told to a reader; what all forms of it share. */
#include "report.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/result_table.h"
#include "sevpinbench/units.h"
#include "table_meaning.h"
#include "table_notes.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

const char *report_name(const struct report_request *q, uint32_t i)
{
	const char *slash = strrchr(q->name[i], '/');

	return slash ? slash + 1 : q->name[i];
}

char *report_findings(const struct cell_view *v)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return NULL;
	table_incomplete_print(v->record, out);
	table_notes_print(v->record, out);
	err = table_meaning_print(v, out);
	if (fclose(out) != 0 || err) {
		free(text);
		return NULL;
	}
	return text;
}

static void fact_host(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "%s", r->host.name);
}

static void fact_platform(const struct record *r, char *text, size_t size)
{
	cell_view_platform(r, text, size);
}

static void fact_cpu(const struct record *r, char *text, size_t size)
{
	const struct host_cpu *c = &r->host.cpu;

	snprintf(text, size, "%s, family %d model %d stepping %d, microcode %s, %d logical CPUs",
		 c->name, c->family, c->model, c->stepping,
		 c->microcode[0] ? c->microcode : "unknown", c->logical_cpus);
}

static void fact_sev(const struct record *r, char *text, size_t size)
{
	const struct host_cpu *c = &r->host.cpu;

	snprintf(text, size, "%s%s%s%s", c->sev ? "SEV" : "none", c->sev_es ? ", SEV-ES" : "",
		 c->sev_snp ? ", SEV-SNP" : "", "");
	if (r->host.sev_pinning[0])
		snprintf(text + strlen(text), size - strlen(text), "; kvm_amd.sev_pinning %s",
			 r->host.sev_pinning);
}

static void fact_kernel(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "Linux %s %s", r->host.kernel_release, r->host.kernel_version);
}

static void fact_cmdline(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "%s", r->host.kernel_cmdline);
}

static void fact_distribution(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "%s", r->host.distribution);
}

static void fact_memory(const struct record *r, char *text, size_t size)
{
	const struct host_memory *m = &r->host.memory;
	char total[32] = "unknown", available[32] = "unknown";

	if (m->total_bytes >= 0)
		units_format_bytes((uint64_t)m->total_bytes, total, sizeof(total));
	if (m->available_bytes >= 0)
		units_format_bytes((uint64_t)m->available_bytes, available, sizeof(available));
	snprintf(text, size, "%s, %s available, %d NUMA node%s, THP %s", total, available,
		 r->host.node_count, r->host.node_count == 1 ? "" : "s",
		 m->thp_enabled[0] ? m->thp_enabled : "unknown");
}

static void fact_time(const struct record *r, char *text, size_t size)
{
	clock_format_utc(r->plan.start_wall_s, text, size);
}

static void fact_plan(const struct record *r, char *text, size_t size)
{
	snprintf(text, size,
		 "%" PRIu32 " run%s a cell after %" PRIu32 " of warm-up, shuffled, seed %" PRIu64,
		 r->plan.runs, r->plan.runs == 1 ? "" : "s", r->plan.warmup, r->plan.seed);
}

static void fact_labels(const struct record *r, char *text, size_t size)
{
	size_t used = 0;
	uint32_t i;

	text[0] = '\0';
	for (i = 0; i < r->plan.label_count && i < RECORD_LABELS && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s=%s", i ? ", " : "",
					 r->plan.label[i].key, r->plan.label[i].value);
}

static void fact_tool(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "sevpinbench %s%s%s%s", r->tool.version,
		 r->tool.git_revision[0] ? " (" : "", r->tool.git_revision,
		 r->tool.git_revision[0] ? ")" : "");
}

static void fact_command(const struct record *r, char *text, size_t size)
{
	snprintf(text, size, "%s", r->tool.command_line);
}

static const struct {
	const char *name;
	void (*text)(const struct record *r, char *text, size_t size);
} facts[] = {
	{"host", fact_host},
	{"platform", fact_platform},
	{"CPU", fact_cpu},
	{"SEV", fact_sev},
	{"kernel", fact_kernel},
	{"kernel command line", fact_cmdline},
	{"system", fact_distribution},
	{"memory", fact_memory},
	{"measured", fact_time},
	{"plan", fact_plan},
	{"labels", fact_labels},
	{"measured by", fact_tool},
	{"to repeat it", fact_command},
};

bool report_fact(const struct record *r, unsigned i, const char **name, char *text, size_t size)
{
	if (i >= sizeof(facts) / sizeof(facts[0]))
		return false;
	*name = facts[i].name;
	facts[i].text(r, text, size);
	return true;
}

int report_put_text(const struct report_request *q, FILE *out)
{
	char text[REPORT_FACT], plain[REPORT_FACT];
	uint32_t i;
	int err = 0;

	for (i = 0; i < q->count && !err; i++) {
		plain_text(report_name(q, i), 200, plain, sizeof(plain));
		fprintf(out, "%s== %s\n", i ? "\n" : "", plain);
		err = result_table_print(q->record[i], out);
		fact_command(q->record[i], text, sizeof(text));
		fprintf(out, "to repeat it: %s\n",
			plain_text(text, SIZE_MAX, plain, sizeof(plain)));
	}
	return err;
}

int result_report_print(const struct report_request *q, FILE *out, struct fault *lacking,
			struct fault *f)
{
	/* CSS and the keys of sorting read "0.5", whatever the user's locale makes of the point. */
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), former;
	int err;

	*lacking = (struct fault){0};
	if (!c)
		return fault_set(f, ENOMEM, "newlocale", "C");
	former = uselocale(c);
	err = q->form == REPORT_TEXT	   ? report_put_text(q, out)
	      : q->form == REPORT_MARKDOWN ? report_put_markdown(q, out)
					   : report_put_html(q, out, lacking);
	uselocale(former);
	freelocale(c);
	return err ? fault_set(f, -err, "report", "%s", q->name[0]) : 0;
}
