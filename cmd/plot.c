// SPDX-License-Identifier: GPL-2.0-or-later
/* plot: draw the plots of results, old or new. */
#include "exit_code.h"
#include "output.h"
#include "parse.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/result_json.h"
#include "verbs.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VERB "plot"

struct options {
	unsigned kinds; /* bit i: enum plot_kind i */
	enum plot_format format;
	const char *folder; /* NULL: beside each result */
	bool help;
};

static void print_help(void)
{
	puts("usage: sevpinbench plot [OPTION...] RESULT...\n\n"
	     "Draw the plots of results, as \"run\" does, from the documents alone. Needs "
	     "gnuplot.\n\n"
	     "      --kind KIND,..   startup, phases (all)\n"
	     "      --format FORMAT  svg, png (svg)\n"
	     "  -o, --output FOLDER  an existing folder for them (beside each result)\n"
	     "  -h, --help           this text\n\n"
	     "Exit: 0 fine, 2 usage, 3 a result could not be read or a plot not drawn. See "
	     "sevpinbench-plot(1).");
}

static int parse_kinds(struct options *o, const char *v, struct fault *f)
{
	int value[PLOT_KIND_COUNT], i;
	int n = parse_words("--kind", &words_plot_kind, v, value, PLOT_KIND_COUNT, f);

	o->kinds = 0;
	for (i = 0; i < n; i++)
		o->kinds |= 1u << value[i];
	return n < 0 ? n : 0;
}

static int parse_format(struct options *o, const char *v, struct fault *f)
{
	int value, n = parse_words("--format", &words_plot_format, v, &value, 1, f);

	if (n > 0)
		o->format = (enum plot_format)value;
	return n < 0 ? n : 0;
}

static int parse_folder(struct options *o, const char *v, struct fault *f)
{
	struct stat st;

	o->folder = v;
	if (stat(v, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return fault_set(f, EINVAL, "-o", "%.150s is not a folder", v);
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {{"kind", required_argument, NULL, 'k'},
					      {"format", required_argument, NULL, 'f'},
					      {"output", required_argument, NULL, 'o'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":o:h", longs, NULL)) != -1) {
		if (code == 'k')
			r = parse_kinds(o, optarg, f);
		else if (code == 'f')
			r = parse_format(o, optarg, f);
		else if (code == 'o')
			r = parse_folder(o, optarg, f);
		else if (code != 'h')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		o->help |= code == 'h';
	}
	if (r == 0 && optind == argc && !o->help)
		r = fault_set(f, EINVAL, "arguments", "at least one result is needed");
	return r;
}

/* The name that the plots get theirs from: the result's, in the folder asked for. */
static void name_plots(const struct options *o, const char *result, char *buf, size_t size)
{
	const char *slash = strrchr(result, '/');

	if (o->folder)
		snprintf(buf, size, "%s/%s", o->folder, slash ? slash + 1 : result);
	else
		snprintf(buf, size, "%s", result);
}

static int plot(const struct options *o, const char *path)
{
	struct record *record = calloc(1, sizeof(*record));
	struct fault f = {0};
	char name[4096];
	int code;

	if (!record)
		return say_no_memory(VERB);
	if (result_json_read(record, path, &f) < 0) {
		say_fault(VERB, "a result could not be read", &f);
		code = EXIT_LACKS;
	} else {
		name_plots(o, path, name, sizeof(name));
		code = output_draw_plots(VERB, record, name, o->kinds, o->format) ? EXIT_FINE
										  : EXIT_LACKS;
	}
	record_close(record);
	free(record);
	return code;
}

int cmd_plot(int argc, char **argv)
{
	struct options o = {.kinds = PLOT_ALL_KINDS};
	struct fault f = {0};
	int i, one, code = EXIT_FINE;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		print_help();
		return say_flush(VERB);
	}
	reading_begin(VERB, true);
	for (i = optind; i < argc; i++) {
		one = plot(&o, argv[i]);
		code = one == EXIT_FINE ? code : one;
	}
	i = say_flush(VERB);
	return code == EXIT_FINE ? i : code;
}
