// SPDX-License-Identifier: GPL-2.0-or-later
/* plot: draw the plots of results, old or new, one by one or over each other. */
#include "exit_code.h"
#include "output.h"
#include "parse.h"
#include "reading.h"
#include "results.h"
#include "say.h"
#include "terminal.h"
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
	struct plot_style style;
	const char *folder; /* NULL: beside each result */
	bool each, emit, loud, help;
};

static void print_help(void)
{
	puts("usage: sevpinbench plot [OPTION...] RESULT...\n\n"
	     "Draw the plots of results, as \"run\" does, from the documents alone; several "
	     "results\nin one picture, over each other. Needs gnuplot.\n\n"
	     "      --kind KIND,..   startup, phases, pins, cost, dist, faults, published (all "
	     "but\n                       published that the results have something for)\n"
	     "      --format FORMAT  svg, png, pdf, term: text on standard output (svg)\n"
	     "      --theme THEME    light, dark (light)\n"
	     "      --size SIZE      readme, slide: 16:9 (readme)\n"
	     "      --each           plots of each result, not of all in one picture\n"
	     "      --emit-gnuplot   write the scripts, data included, and run nothing\n"
	     "  -o, --output FOLDER  an existing folder for them (beside the first result)\n"
	     "  -h, --help           this text\n\n"
	     "Exit: 0 fine, 2 usage, 3 a result could not be read or a plot not drawn. See "
	     "sevpinbench-plot(1).");
}

static int parse_kinds(struct options *o, const char *v, struct fault *f)
{
	int value[PLOT_KIND_COUNT], i;
	int n = parse_words("--kind", &words_plot_kind, v, value, PLOT_KIND_COUNT, f);

	o->kinds = 0;
	o->loud = true;
	for (i = 0; i < n; i++)
		o->kinds |= 1u << value[i];
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

/* Options whose value is one word. */
static int parse_style(struct options *o, int code, const char *v, struct fault *f)
{
	int value = 0, n = 0;

	if (code == 'f') {
		n = parse_words("--format", &words_plot_format, v, &value, 1, f);
		o->style.format = (enum plot_format)value;
	} else if (code == 't') {
		n = parse_words("--theme", &words_plot_theme, v, &value, 1, f);
		o->style.theme = (enum plot_theme)value;
	} else if (code == 's') {
		n = parse_words("--size", &words_plot_size, v, &value, 1, f);
		o->style.size = (enum plot_size)value;
	}
	return n < 0 ? n : 0;
}

static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	static const struct option longs[] = {{"kind", required_argument, NULL, 'k'},
					      {"format", required_argument, NULL, 'f'},
					      {"theme", required_argument, NULL, 't'},
					      {"size", required_argument, NULL, 's'},
					      {"each", no_argument, NULL, 'e'},
					      {"emit-gnuplot", no_argument, NULL, 'g'},
					      {"output", required_argument, NULL, 'o'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int code, r = 0;

	opterr = 0;
	optind = 1;
	while (r == 0 && (code = getopt_long(argc, argv, ":o:h", longs, NULL)) != -1) {
		if (code == 'k')
			r = parse_kinds(o, optarg, f);
		else if (code == 'o')
			r = parse_folder(o, optarg, f);
		else if (code == ':' || code == '?')
			r = parse_bad_option(code == ':', optopt, argv[optind - 1], f);
		else
			r = parse_style(o, code, optarg, f);
		o->help |= code == 'h';
		o->each |= code == 'e';
		o->emit |= code == 'g';
	}
	if (r == 0 && o->emit && o->style.format == PLOT_FORMAT_TERM)
		r = fault_set(f, EINVAL, "--emit-gnuplot", "not with --format term");
	if (r == 0 && optind == argc && !o->help)
		r = fault_set(f, EINVAL, "arguments", "at least one result is needed");
	return r;
}

/* Without the folder and ".json". */
static int stem(const char *path, const char **start)
{
	const char *slash = strrchr(path, '/');
	size_t n;

	*start = slash ? slash + 1 : path;
	n = strlen(*start);
	return (int)(n > 5 && strcmp(*start + n - 5, ".json") == 0 ? n - 5 : n);
}

/* The name that the plots get theirs from: "FOLDER/a", "a-and-b", "a-and-2-more". */
static void name_plots(const struct options *o, const struct plot_request *q, char *buf,
		       size_t size)
{
	const char *first, *second;
	int n = stem(q->name[0], &first), m;
	int folder = o->folder ? (int)strlen(o->folder) : (int)(first - q->name[0]);
	char more[1200] = "";

	if (q->count == 2) {
		m = stem(q->name[1], &second);
		snprintf(more, sizeof(more), "-and-%.*s", m, second);
	} else if (q->count > 2) {
		snprintf(more, sizeof(more), "-and-%u-more", q->count - 1);
	}
	snprintf(buf, size, "%.*s%s%.*s%s", folder, o->folder ? o->folder : q->name[0],
		 o->folder ? "/" : "", n, first, more);
}

static bool draw(const struct options *o, const struct results *r, uint32_t first, uint32_t count)
{
	const struct plot_request q = {.style = o->style,
				       .record = r->record + first,
				       .name = r->name + first,
				       .count = count};
	char name[4000];

	name_plots(o, &q, name, sizeof(name));
	return output_draw_plots(VERB, &q, name, o->kinds, o->emit, o->loud);
}

static int plot(struct options *o, int argc, char **argv)
{
	struct results r;
	struct terminal t;
	bool drawn = true;
	uint32_t i;
	int code = results_read(&r, VERB, argc, argv);

	if (r.count == 0) {
		results_close(&r);
		return code;
	}
	terminal_look(&t);
	o->style.term_columns = t.columns;
	o->style.term_colour = t.colour;
	o->style.term_unicode = t.unicode;
	if (o->each) {
		for (i = 0; i < r.count; i++)
			drawn &= draw(o, &r, i, 1);
	} else {
		drawn = draw(o, &r, 0, r.count);
	}
	results_close(&r);
	return code == EXIT_FINE && !drawn ? EXIT_LACKS : code;
}

int cmd_plot(int argc, char **argv)
{
	struct options o = {.kinds = PLOT_USUAL_KINDS};
	struct fault f = {0};
	int code, flushed;

	if (parse(&o, argc, argv, &f) < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		print_help();
		return say_flush(VERB);
	}
	reading_begin(VERB, true);
	code = plot(&o, argc - optind, argv + optind);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
