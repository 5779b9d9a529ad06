// SPDX-License-Identifier: GPL-2.0-or-later
/* openmetrics: a record as metrics of Prometheus. */
#include "sevpinbench/openmetrics.h"

#include "sevpinbench/cell_summary.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define SECONDS (1.0 / 1e9) /* of a nanosecond */

struct metrics {
	const struct record *record;
	const struct cell_summary *summary; /* one a cell */
	FILE *out;
};

static void head(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* The text may come from a file, and a file may be hostile. */
static void put_label(FILE *out, const char *name, const char *from)
{
	char plain[HOST_TEXT * 4];
	const char *text = plain_text(from, SIZE_MAX, plain, sizeof(plain));

	fprintf(out, "%s=\"", name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* The labels that tell one cell of a campaign from every other, and what it ran on. */
static void put_cell(const struct metrics *m, const char *name, const struct cell *c)
{
	fprintf(m->out,
		"%s{type=\"%s\",pin=\"%s\",mechanism=\"%s\",backing=\"%s\",guest_bytes=\"%" PRIu64
		"\",vcpus=\"%u\",touch_bytes=\"%" PRIu64
		"\",prefault=\"%u\",pin_order=\"%s\",platform=\"%s\"",
		name, words_text(&words_guest_type, c->guest_type),
		words_text(&words_pin_mode, c->pin), words_text(&words_pin_mechanism, c->mechanism),
		words_text(&words_backing, c->backing), c->guest_bytes, c->vcpus, c->touch_bytes,
		c->prefault_threads, words_text(&words_pin_order, c->pin_order),
		words_text(&words_platform, m->record->host.platform));
	/* Only where there are several: a series that collectors have must not change its name. */
	if (c->pin_threads > 1)
		fprintf(m->out, ",pin_threads=\"%u\"", c->pin_threads);
	if (c->parallel > 1)
		fprintf(m->out, ",parallel=\"%u\"", c->parallel);
}

enum figure { STARTUP, STARTUP_LOW, STARTUP_HIGH, WORKING_SET };

static struct stats_figure figure_of(const struct cell_summary *s, enum figure which)
{
	const struct stats_summary *of = which == WORKING_SET ? &s->working_set_ns : &s->startup_ns;

	if (which == STARTUP_LOW)
		return of->ci_low;
	if (which == STARTUP_HIGH)
		return of->ci_high;
	return (struct stats_figure){.known = of->n > 0, .value = of->median};
}

static void print_latencies(const struct metrics *m)
{
	static const struct {
		const char *name, *help;
	} rows[] = {
		[STARTUP] = {"sevpinbench_startup_median_seconds",
			     "From opening /dev/kvm to the guest's first instruction."},
		[STARTUP_LOW] = {"sevpinbench_startup_median_low_seconds",
				 "Lower end of the 95% confidence interval of the median."},
		[STARTUP_HIGH] = {"sevpinbench_startup_median_high_seconds",
				  "Upper end of the 95% confidence interval of the median."},
		[WORKING_SET] = {"sevpinbench_working_set_median_seconds",
				 "Startup and the touching of the working set."},
	};
	struct stats_figure figure;
	unsigned row;
	uint32_t i;

	for (row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		head(m->out, rows[row].name, rows[row].help);
		for (i = 0; i < m->record->cell_count; i++) {
			figure = figure_of(&m->summary[i], (enum figure)row);
			if (!figure.known)
				continue;
			put_cell(m, rows[row].name, &m->record->cell[i].cell);
			fprintf(m->out, "} %.9g\n", figure.value * SECONDS);
		}
	}
}

static void print_phases(const struct metrics *m)
{
	static const char name[] = "sevpinbench_phase_median_seconds";
	unsigned phase;
	uint32_t i;

	head(m->out, name, "A named step of a start.");
	for (i = 0; i < m->record->cell_count; i++) {
		for (phase = 0; phase < PHASE_COUNT; phase++) {
			if (m->summary[i].phase_ns[phase].n == 0)
				continue;
			put_cell(m, name, &m->record->cell[i].cell);
			fprintf(m->out, ",phase=\"%s\"} %.9g\n", words_text(&words_phase, phase),
				m->summary[i].phase_ns[phase].median * SECONDS);
		}
	}
}

/* By the program's own account; the host's count beside it where it could be read. */
static void print_pins(const struct metrics *m)
{
	static const char *const name[] = {"sevpinbench_pinned_median_bytes",
					   "sevpinbench_host_pinned_median_bytes"};
	const struct stats_summary *of;
	unsigned which, b;
	uint32_t i;

	for (which = 0; which < 2; which++) {
		head(m->out, name[which],
		     which ? "What the host's count of pinned memory rose by, by boundary."
			   : "Memory pinned by the program's own account, by boundary.");
		for (i = 0; i < m->record->cell_count; i++) {
			for (b = 0; b < PIN_BOUNDARY_COUNT; b++) {
				of = which ? &m->summary[i].host_rise_pages[b]
					   : &m->summary[i].ledger_pages[b];
				if (of->n == 0)
					continue;
				put_cell(m, name[which], &m->record->cell[i].cell);
				fprintf(m->out, ",boundary=\"%s\"} %.15g\n",
					words_text(&words_pin_boundary, b),
					of->median * UNITS_PAGE_BYTES);
			}
		}
	}
}

static void print_samples(const struct metrics *m)
{
	static const char taken[] = "sevpinbench_samples",
			  flagged[] = "sevpinbench_flagged_samples";
	const struct record_cell *c;
	uint32_t i, s, n;
	unsigned flag;

	head(m->out, taken, "Samples taken, and those whose times are valid.");
	for (i = 0; i < m->record->cell_count; i++) {
		put_cell(m, taken, &m->record->cell[i].cell);
		fprintf(m->out, ",state=\"taken\"} %u\n", m->summary[i].taken);
		put_cell(m, taken, &m->record->cell[i].cell);
		fprintf(m->out, ",state=\"valid\"} %u\n", m->summary[i].valid);
	}
	head(m->out, flagged, "Samples, warm-ups apart, that carry this flag, in all cells.");
	for (flag = 0; flag < SAMPLE_FLAG_COUNT; flag++) {
		n = 0;
		for (i = 0; i < m->record->cell_count; i++) {
			c = &m->record->cell[i];
			for (s = 0; s < c->sample_count; s++)
				n += (c->sample[s].flags & SAMPLE_BIT(flag)) != 0;
		}
		fprintf(m->out, "%s{flag=\"%s\"} %u\n", flagged,
			words_text(&words_sample_flag, flag), n);
	}
}

static void print_run(const struct metrics *m)
{
	const struct record *r = m->record;

	head(m->out, "sevpinbench_info", "The program and the host.");
	fputs("sevpinbench_info{", m->out);
	put_label(m->out, "version", r->tool.version);
	fputc(',', m->out);
	put_label(m->out, "kernel", r->host.kernel_release);
	fputc(',', m->out);
	put_label(m->out, "processor", r->host.cpu.name);
	fputc(',', m->out);
	put_label(m->out, "platform", words_text(&words_platform, r->host.platform));
	fputs("} 1\n", m->out);
	head(m->out, "sevpinbench_run_start_timestamp_seconds", "When the campaign began.");
	fprintf(m->out, "sevpinbench_run_start_timestamp_seconds %" PRIu64 "\n",
		(uint64_t)r->plan.start_wall_s);
	head(m->out, "sevpinbench_run_complete", "1 where every planned sample was taken.");
	fprintf(m->out, "sevpinbench_run_complete %d\n", r->complete);
	head(m->out, "sevpinbench_refused_cells", "Cells that could not be measured here.");
	fprintf(m->out, "sevpinbench_refused_cells %u\n", r->refusal_count);
}

int openmetrics_print(const struct record *r, FILE *out)
{
	struct cell_summary *summary = calloc(r->cell_count + 1, sizeof(*summary));
	const struct metrics m = {r, summary, out};
	int err = summary ? 0 : -ENOMEM;
	uint32_t i;

	for (i = 0; i < r->cell_count && !err; i++)
		err = cell_summary_make(&r->cell[i], &summary[i]);
	if (!err) {
		print_run(&m);
		print_latencies(&m);
		print_phases(&m);
		print_pins(&m);
		print_samples(&m);
	}
	free(summary);
	return err;
}

static int print_record(const void *record, FILE *out, struct fault *f)
{
	const struct record *r = record;

	return openmetrics_print(r, out) ? fault_set(f, ENOMEM, "calloc", "%u cells", r->cell_count)
					 : 0;
}

int openmetrics_write(const struct record *r, const char *path, struct fault *f)
{
	return file_beside_print(path, print_record, r, f);
}
