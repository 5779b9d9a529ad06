// SPDX-License-Identifier: GPL-2.0-or-later
/* report_html: the report as one page: findings, plots, a table that sorts, and the facts. */
#include "report.h"

#include "sevpinbench/result_plot.h"
#include "table_columns.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum plot_kind kind;
	const char *caption;
} plots[] = {
	{PLOT_STARTUP, "Startup latency by guest size"},
	{PLOT_PHASES, "Where the time of a start goes"},
	{PLOT_PINS, "Pinned memory"},
	{PLOT_COST, "Startup and touching the working set"},
	{PLOT_FAULTS, "Time to serve a demand fault"},
	{PLOT_DIST, "Samples in run order, and their distribution"},
};

/* The plot as an SVG in memory. 0 or -errno; *svg is the caller's to free. */
static int draw(const struct report_request *q, const struct cell_view *v, enum plot_kind kind,
		enum plot_theme theme, char **svg, size_t *size, struct fault *f)
{
	const struct plot_request one = {.kind = kind,
					 .style = {.theme = theme},
					 .record = q->record,
					 .name = q->name,
					 .count = q->count,
					 .view = v};
	FILE *out;
	int err;

	*svg = NULL;
	out = open_memstream(svg, size);
	if (!out)
		return fault_set(f, ENOMEM, "open", "picture in memory");
	err = result_plot_print(&one, out, f);
	if (fclose(out) != 0 && !err)
		err = fault_set(f, ENOMEM, "write", "picture in memory");
	return err;
}

/* As an image of its own, so that no name in one picture is taken for that in another. */
static void put_source(const char *svg, size_t size, FILE *out)
{
	fprintf(out, "\"data:image/svg+xml;base64,");
	html_put_base64((const unsigned char *)svg, size, out);
	fputc('"', out);
}

static int put_plot(const struct report_request *q, const struct cell_view *v, size_t i, FILE *out,
		    struct fault *f)
{
	char *light = NULL, *dark = NULL;
	size_t light_size, dark_size;
	int err = draw(q, v, plots[i].kind, PLOT_THEME_LIGHT, &light, &light_size, f);

	if (!err)
		err = draw(q, v, plots[i].kind, PLOT_THEME_DARK, &dark, &dark_size, f);
	if (!err) {
		/* Both are there, and the style chooses: a <picture> that is printed from a dark
		   screen is still dark when the paper comes. */
		fprintf(out, "<figure>\n<img class=\"light\" alt=\"%s\" src=", plots[i].caption);
		put_source(light, light_size, out);
		fprintf(out, ">\n<img class=\"dark\" alt=\"%s\" src=", plots[i].caption);
		put_source(dark, dark_size, out);
		fprintf(out, ">\n<figcaption>%s</figcaption>\n</figure>\n", plots[i].caption);
	}
	free(light);
	free(dark);
	return err;
}

/* A kind that has nothing is left out; gnuplot that is not there is told once. */
static void put_plots(const struct report_request *q, const struct cell_view *v, FILE *out,
		      struct fault *lacking)
{
	struct fault f;
	size_t i;
	int err;

	if (q->no_plots)
		return;
	fprintf(out, "<section>\n<h2>Plots</h2>\n<div class=\"plots\">\n");
	for (i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		f = (struct fault){0};
		err = put_plot(q, v, i, out, &f);
		if (err && err != -ENODATA) {
			*lacking = f;
			fprintf(out, "<p class=\"alarm\">%s: not drawn: ", plots[i].caption);
			html_put_text(f.object, out);
			html_put_text(f.hint[0] ? "; " : "", out);
			html_put_text(f.hint, out);
			fprintf(out, "</p>\n");
		}
		if (err == -ENOENT)
			break;
	}
	fprintf(out, "</div>\n</section>\n");
}

static void put_head_cells(const struct table_column *column, int count, FILE *out)
{
	int c;

	fprintf(out, "<thead>\n<tr>");
	for (c = 0; c < count; c++)
		fprintf(out, "<th scope=\"col\"%s><button type=\"button\">%s%s%s</button></th>",
			column[c].right ? " class=\"n\"" : "", column[c].head[0],
			column[c].head[0][0] ? " " : "", column[c].head[1]);
	fprintf(out, "</tr>\n</thead>\n");
}

static void put_cells(const struct cell_view *v, FILE *out)
{
	struct table_column column[TABLE_COLUMNS];
	int count = table_columns_choose(v, column), c;
	char text[TABLE_COLUMN_TEXT];
	uint32_t i;

	fprintf(out, "<section>\n<h2>Cells</h2>\n<div class=\"wide\">\n<table>\n"
		     "<caption>Medians; a click on a head sorts</caption>\n");
	put_head_cells(column, count, out);
	fprintf(out, "<tbody>\n");
	for (i = 0; i < v->record->cell_count; i++) {
		fprintf(out, "<tr>");
		for (c = 0; c < count; c++) {
			column[c].text(v, i, column[c].argument, text);
			fprintf(out, "<td%s", column[c].right ? " class=\"n\"" : "");
			if (column[c].key)
				fprintf(out, " data-k=\"%.17g\"",
					column[c].key(v, i, column[c].argument));
			fputc('>', out);
			html_put_text(text, out);
			fprintf(out, "</td>");
		}
		fprintf(out, "</tr>\n");
	}
	fprintf(out, "</tbody>\n</table>\n</div>\n</section>\n");
}

/* What must not be overlooked among findings. */
static bool is_alarm(const char *line)
{
	static const char *const starts[] = {"flag ", "refused ", "INCOMPLETE"};
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

/* A list of the alarms among the findings, or of the others; nothing where there is none. */
static void put_list(char *text, bool alarms, FILE *out)
{
	char *line, *rest = text;
	bool open = false;

	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '\0' || is_alarm(line) != alarms)
			continue;
		fprintf(out, "%s<li>", open ? "" : alarms ? "<ul class=\"alarm\">\n" : "<ul>\n");
		html_put_text(line, out);
		fprintf(out, "</li>\n");
		open = true;
	}
	if (open)
		fprintf(out, "</ul>\n");
}

/* What is to be known before any number is looked at. */
static void put_alarms(const struct report_request *q, uint32_t i, char *findings, FILE *out)
{
	fprintf(out, "<section>\n<h2>");
	html_put_text(report_name(q, i), out);
	fprintf(out, "</h2>\n");
	if (q->record[i]->host.platform == PLATFORM_EMULATED)
		fprintf(out, "<p class=\"alarm\"><strong>EMULATED</strong>: times are an "
			     "interpreter's; ratios and counts hold.</p>\n");
	put_list(findings, true, out);
	fprintf(out, "</section>\n");
}

static void put_others(const struct report_request *q, uint32_t i, const struct cell_view *v,
		       char *findings, FILE *out)
{
	char conditions[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];

	fprintf(out, "<section>\n<h2>Findings: ");
	html_put_text(report_name(q, i), out);
	fprintf(out, "</h2>\n");
	cell_view_conditions(v, conditions, sizeof(conditions));
	if (conditions[0]) {
		fprintf(out, "<p>All cells: ");
		html_put_text(conditions, out);
		fprintf(out, "</p>\n");
	}
	put_list(findings, false, out);
	fprintf(out, "</section>\n");
}

/* The findings of all results, of each its view; those that alarm or the others. 0 or -ENOMEM. */
static int put_findings(const struct report_request *q, const struct cell_view *each, bool alarms,
			FILE *out)
{
	char *findings;
	uint32_t i;
	int err = 0;

	for (i = 0; i < q->count && !err; i++) {
		findings = report_findings(&each[i]);
		err = findings ? 0 : -ENOMEM;
		if (!err && alarms)
			put_alarms(q, i, findings, out);
		else if (!err)
			put_others(q, i, &each[i], findings, out);
		free(findings);
	}
	return err;
}

static void put_facts(const struct report_request *q, uint32_t i, FILE *out)
{
	char text[REPORT_FACT];
	const char *name;
	unsigned k;

	fprintf(out, "<section>\n<h2>Host and plan: ");
	html_put_text(report_name(q, i), out);
	fprintf(out, "</h2>\n<dl>\n");
	for (k = 0; report_fact(q->record[i], k, &name, text, sizeof(text)); k++) {
		if (text[0] == '\0')
			continue;
		fprintf(out, "<dt>%s</dt><dd>", name);
		html_put_text(text, out);
		fprintf(out, "</dd>\n");
	}
	fprintf(out, "</dl>\n</section>\n");
}

/* Of each result its own view. 0 or -ENOMEM. */
static int open_each(const struct report_request *q, struct cell_view *each)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < q->count && !err; i++)
		err = cell_view_open(&each[i], q->record[i]);
	return err;
}

static int put_page(const struct report_request *q, const struct cell_view *all,
		    const struct cell_view *each, FILE *out, struct fault *lacking)
{
	uint32_t i;
	int err;

	html_put_head(out);
	fprintf(out, "<h1>Guest startup and pinned memory</h1>\n");
	err = put_findings(q, each, true, out);
	put_plots(q, all, out, lacking);
	if (!err)
		err = put_findings(q, each, false, out);
	put_cells(all, out);
	for (i = 0; i < q->count; i++)
		put_facts(q, i, out);
	fprintf(out, "<footer>sevpinbench ");
	html_put_text(q->version, out);
	fprintf(out, "</footer>\n");
	html_put_tail(out);
	return err;
}

int report_put_html(const struct report_request *q, FILE *out, struct fault *lacking)
{
	struct cell_view all, *each = calloc(q->count, sizeof(*each));
	uint32_t i;
	int err = each ? cell_view_open_several(&all, q->record, q->name, q->count) : -ENOMEM;

	if (err)
		goto out;
	/* Of a single result, that of all is its own. */
	err = q->count > 1 ? open_each(q, each) : 0;
	if (!err)
		err = put_page(q, &all, q->count > 1 ? each : &all, out, lacking);
	for (i = 0; i < q->count; i++)
		cell_view_close(&each[i]);
	cell_view_close(&all);
out:
	free(each);
	return err;
}
