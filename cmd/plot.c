// SPDX-License-Identifier: GPL-2.0-or-later
/* plot: draw the plots of results, old or new, one by one or over each other. */
#include "exit_code.h"
#include "options.h"
#include "output.h"
#include "parse.h"
#include "reading.h"
#include "results.h"
#include "say.h"
#include "terminal.h"
#include "verbs.h"
#include <errno.h>
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

static int parse_kinds(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value[PLOT_KIND_COUNT], i;
	int n = parse_words("--kind", &words_plot_kind, v, value, PLOT_KIND_COUNT, f);

	o->kinds = 0;
	o->loud = true;
	for (i = 0; i < n; i++)
		o->kinds |= 1u << value[i];
	return n < 0 ? n : 0;
}

static int parse_folder(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	struct stat st;

	o->folder = v;
	if (stat(v, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return fault_set(f, EINVAL, "-o", "%.150s is not a folder", v);
}

static int parse_format(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value = 0, n = parse_words("--format", &words_plot_format, v, &value, 1, f);

	o->style.format = (enum plot_format)value;
	return n < 0 ? n : 0;
}

static int parse_theme(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value = 0, n = parse_words("--theme", &words_plot_theme, v, &value, 1, f);

	o->style.theme = (enum plot_theme)value;
	return n < 0 ? n : 0;
}

static int parse_size(void *into, const char *v, struct fault *f)
{
	struct options *o = into;
	int value = 0, n = parse_words("--size", &words_plot_size, v, &value, 1, f);

	o->style.size = (enum plot_size)value;
	return n < 0 ? n : 0;
}

static const struct option_row rows[] = {
	OPTION("kind", 0, "KIND,..", VALUE_WORD, &words_plot_kind, NULL, parse_kinds,
	       "startup, phases, pins, cost, dist, faults, published (all but the last)"),
	OPTION("format", 0, "FORMAT", VALUE_WORD, &words_plot_format, NULL, parse_format,
	       "svg, png, pdf, term: text on standard output (svg)"),
	OPTION("theme", 0, "THEME", VALUE_WORD, &words_plot_theme, NULL, parse_theme,
	       "light, dark (light)"),
	OPTION("size", 0, "SIZE", VALUE_WORD, &words_plot_size, NULL, parse_size,
	       "readme, slide: 16:9 (readme)"),
	OPTION_FLAG("each", 0, options, each, "plots of each result, not of all in one picture"),
	OPTION_FLAG("emit-gnuplot", 0, options, emit,
		    "write the scripts, data included, and run nothing"),
	OPTION("output", 'o', "FOLDER", VALUE_FOLDER, NULL, NULL, parse_folder,
	       "an existing folder for them (beside the first result)"),
	OPTION_HELP(options),
};

const struct option_table plot_option_table = {
	.verb = VERB,
	.synopsis = "[OPTION...] RESULT...",
	.about = "Draw the plots of results, as \"run\" does, from the documents alone; several "
		 "results\nin one picture, over each other. Needs gnuplot.",
	.exits = "0 fine, 2 usage, 3 a result could not be read or a plot not drawn.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand = {VALUE_FILE, NULL, "json"},
};

/* Returns the first operand, or -errno. */
static int parse(struct options *o, int argc, char **argv, struct fault *f)
{
	int first = options_parse(&plot_option_table, o, argc, argv, f);

	if (first >= 0 && o->emit && o->style.format == PLOT_FORMAT_TERM)
		return fault_set(f, EINVAL, "--emit-gnuplot", "not with --format term");
	if (first == argc && !o->help)
		return fault_set(f, EINVAL, "arguments", "at least one result is needed");
	return first;
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
	int code, flushed, first = parse(&o, argc, argv, &f);

	if (first < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&plot_option_table);
		return say_flush(VERB);
	}
	reading_begin(VERB, true);
	code = plot(&o, argc - first, argv + first);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
