// SPDX-License-Identifier: GPL-2.0-or-later
/* report: results told to a reader. */
#include "exit_code.h"
#include "parse.h"
#include "reading.h"
#include "results.h"
#include "say.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/result_report.h"
#include "verbs.h"
#include "version.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERB "report"

struct options {
	enum report_form form;
	const char *output; /* NULL: standard output */
	bool no_plots, help;
};

static void print_help(void)
{
	puts("usage: sevpinbench report [OPTION...] RESULT...\n\n"
	     "Tell what results say: the cells as a table, findings, the host, and how to repeat "
	     "it.\n\n"
	     "      --markdown      for a README, an issue or a mail\n"
	     "      --html          one page with the plots in it, that needs nothing else\n"
	     "      --no-plots      HTML without them; else gnuplot is needed\n"
	     "  -o, --output FILE   not to standard output\n"
	     "  -h, --help          this text\n\n"
	     "Exit: 0 fine, 2 usage, 3 a result could not be read, a plot not drawn, or FILE not "
	     "written.\nSee sevpinbench-report(1).");
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {
		{"markdown", no_argument, NULL, 'm'}, {"html", no_argument, NULL, 'l'},
		{"no-plots", no_argument, NULL, 'n'}, {"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},     {0}};
	bool markdown = false, html = false;
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":o:h", longs, NULL)) != -1) {
		if (code == ':' || code == '?')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		markdown |= code == 'm';
		html |= code == 'l';
		o->no_plots |= code == 'n';
		o->help |= code == 'h';
		if (code == 'o')
			o->output = optarg;
	}
	if (r == 0 && markdown && html)
		r = fault_set(f, EINVAL, "--markdown", "not with --html");
	if (r == 0 && optind == argc && !o->help)
		r = fault_set(f, EINVAL, "arguments", "at least one result is needed");
	o->form = html ? REPORT_HTML : markdown ? REPORT_MARKDOWN : REPORT_TEXT;
	return r;
}

/* Print into out; a plot that is lacking is told and leaves the report whole. */
static int print(const struct report_request *q, FILE *out, struct fault *f, bool *lacks)
{
	struct fault lacking;
	int err = result_report_print(q, out, &lacking, f);

	*lacks = fault_is_set(&lacking);
	if (*lacks)
		say_fault(VERB, "plots are left out, the report is not affected", &lacking);
	return err;
}

/* Beside the file and renamed: readers see the old or the new page, whole. */
static int print_file(const struct report_request *q, const char *path, struct fault *f,
		      bool *lacks)
{
	struct file_beside b;
	FILE *out;
	int err = file_beside_open(&b, path, f);

	if (err)
		return err;
	out = fdopen(dup(b.fd), "w");
	if (out) {
		err = print(q, out, f, lacks);
		if (fclose(out) != 0 && !err)
			err = fault_set(f, errno, "write", "%s", path);
	} else {
		err = fault_set(f, errno, "open", "%s", path);
	}
	if (!err)
		err = file_beside_commit(&b, f);
	file_beside_abandon(&b);
	if (!err)
		printf("report: %s\n", path);
	return err;
}

static int report(const struct options *o, int argc, char **argv)
{
	struct results r;
	struct fault f = {0};
	bool lacks = false;
	int err = 0, code = results_read(&r, VERB, argc, argv);
	const struct report_request q = {.form = o->form,
					 .record = r.record,
					 .name = r.name,
					 .count = r.count,
					 .version = version_number,
					 .no_plots = o->no_plots};

	if (r.count > 0)
		err = o->output ? print_file(&q, o->output, &f, &lacks)
				: print(&q, stdout, &f, &lacks);
	results_close(&r);
	if (err) {
		say_fault(VERB, "the report could not be written", &f);
		return EXIT_LACKS;
	}
	return lacks ? EXIT_LACKS : code;
}

int cmd_report(int argc, char **argv)
{
	struct options o = {0};
	struct fault f = {0};
	int code, flushed;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		print_help();
		return say_flush(VERB);
	}
	reading_begin(VERB, o.form == REPORT_HTML && !o.no_plots);
	code = report(&o, argc - optind, argv + optind);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
