// SPDX-License-Identifier: GPL-2.0-or-later
/* report: results told to a reader. */
#include "exit_code.h"
#include "options.h"
#include "reading.h"
#include "results.h"
#include "say.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/openmetrics.h"
#include "sevpinbench/result_report.h"
#include "verbs.h"
#include "version.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERB "report"

struct options {
	enum report_form form;
	const char *output; /* NULL: standard output */
	bool markdown, html, openmetrics, no_plots, help;
};

static int parse_output(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct options *)into)->output = v;
	return 0;
}

static const struct option_row rows[] = {
	OPTION_FLAG("markdown", 0, options, markdown, "for a README, an issue or a mail"),
	OPTION_FLAG("html", 0, options, html,
		    "one page with the plots in it, that needs nothing else"),
	OPTION_FLAG("openmetrics", 0, options, openmetrics,
		    "metrics for Prometheus, of one result; see run --openmetrics"),
	OPTION_FLAG("no-plots", 0, options, no_plots, "HTML without them; else gnuplot is needed"),
	OPTION("output", 'o', "FILE", VALUE_FILE, NULL, NULL, parse_output,
	       "not to standard output"),
	OPTION_HELP(options),
};

const struct option_table report_option_table = {
	.verb = VERB,
	.synopsis = "[OPTION...] RESULT...",
	.about = "Tell what results say: the cells as a table, findings, the host, and how to "
		 "repeat it.",
	.exits = "0 fine, 2 usage, 3 a result could not be read, a plot not drawn, or FILE not "
		 "written.\n",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "json"},
};

/* Returns the first operand, or -errno. */
static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	int first = options_parse(&report_option_table, o, argc, argv, f);

	if (first >= 0 && o->markdown && o->html)
		return fault_set(f, EINVAL, "--markdown", "not with --html");
	if (first >= 0 && o->openmetrics && (o->markdown || o->html))
		return fault_set(f, EINVAL, "--openmetrics", "not with --markdown or --html");
	if (first >= 0 && o->openmetrics && first + 1 < argc)
		return fault_set(f, EINVAL, "--openmetrics",
				 "of one result: metrics of several would have the same names");
	if (first == argc && !o->help)
		return fault_set(f, EINVAL, "arguments", "at least one result is needed");
	o->form = o->html ? REPORT_HTML : o->markdown ? REPORT_MARKDOWN : REPORT_TEXT;
	return first;
}

static int print_metrics(const struct record *r, FILE *out, struct fault *f)
{
	if (openmetrics_print(r, out) == 0)
		return 0;
	return fault_set(f, ENOMEM, "calloc", "%u cells", r->cell_count);
}

/* Print into out; a plot that is lacking is told and leaves the report whole. */
static int print(const struct options *o, const struct report_request *q, FILE *out,
		 struct fault *f, bool *lacks)
{
	struct fault lacking = {0};
	int err = o->openmetrics ? print_metrics(q->record[0], out, f)
				 : result_report_print(q, out, &lacking, f);

	*lacks = fault_is_set(&lacking);
	if (*lacks)
		say_fault(VERB, "plots are left out, the report is not affected", &lacking);
	return err;
}

struct page {
	const struct options *o;
	const struct report_request *q;
	bool *lacks;
};

static int print_page(const void *page, FILE *out, struct fault *f)
{
	const struct page *p = page;

	return print(p->o, p->q, out, f, p->lacks);
}

static int report(const struct options *o, int argc, char **argv)
{
	struct results r;
	struct fault f = {0};
	bool lacks = false, printed;
	int err = 0, code = results_read(&r, VERB, argc, argv);
	const struct report_request q = {.form = o->form,
					 .record = r.record,
					 .name = r.name,
					 .count = r.count,
					 .version = version_number,
					 .no_plots = o->no_plots};
	const struct page page = {o, &q, &lacks};

	if (r.count > 0)
		err = o->output ? file_beside_print(o->output, print_page, &page, &f)
				: print_page(&page, stdout, &f);
	printed = r.count > 0;
	results_close(&r);
	if (err) {
		say_fault(VERB, "the report could not be written", &f);
		return EXIT_LACKS;
	}
	if (printed && o->output)
		printf("report: %s\n", o->output);
	return lacks ? EXIT_LACKS : code;
}

int cmd_report(int argc, char **argv)
{
	struct options o = {0};
	struct fault f = {0};
	int code, flushed, first = parse(&o, argc, argv, &f);

	if (first < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&report_option_table);
		return say_flush(VERB);
	}
	reading_begin(VERB, o.form == REPORT_HTML && !o.no_plots);
	code = report(&o, argc - first, argv + first);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
