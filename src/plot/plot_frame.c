// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_frame: what is around every plot. */
#include "plot.h"

#include "gnuplot.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"

#include <inttypes.h>
#include <string.h>

#define LINE_CHARS  140	 /* of the small lines; more would leave a picture 900 pixels wide */
#define TITLE_PIXEL 11	 /* about what a character of the title takes */
#define MAX_HOSTS   4	 /* lines for hosts; further ones are counted */
#define HOST_LINE   1280 /* holds what host_line() writes */
#define TERM_CHARS  400
#define LAYOUT_DPI  96 /* of a PDF */
#define SLIDE_PIXEL 1920
#define KEY_CHARS   96 /* what gnuplot puts side by side in a picture 900 pixels wide */
#define KEY_MARK    9  /* of them for a line's mark and the space around */

static double scale_of(const struct plot_frame *f, const struct plot_job *j)
{
	return j->style.size == PLOT_SIZE_SLIDE ? (double)SLIDE_PIXEL / f->width : 1;
}

static void put_png(const struct plot_frame *f, const struct plot_job *j)
{
	double scale = scale_of(f, j);
	const char *paper = plot_ink(j->style.theme, PLOT_INK_PAPER);
	unsigned width = (unsigned)(f->width * scale + 0.5);
	unsigned height = (unsigned)(f->height * scale + 0.5);

	/* Cairo draws smoother lines, but gnuplot may be built without it. */
	fprintf(j->out,
		"if (strstrt(GPVAL_TERMINALS, \" pngcairo \") > 0) {\n"
		"\tset terminal pngcairo noenhanced size %u,%u font \"sans-serif,9\" "
		"fontscale %.3f linewidth %.3f pointscale %.3f background rgb \"%s\"\n"
		"} else {\n"
		"\tset terminal png noenhanced truecolor size %u,%u font \"sans-serif,9\" "
		"fontscale %.3f linewidth %.3f background rgb \"%s\"\n"
		"}\n",
		width, height, scale, scale, scale, paper, width, height, scale, scale, paper);
}

static void put_terminal(const struct plot_frame *f, const struct plot_job *j)
{
	const char *paper = plot_ink(j->style.theme, PLOT_INK_PAPER);
	unsigned columns = j->style.term_columns ? j->style.term_columns : 80;
	/* The key takes a row a line. */
	unsigned rows = j->style.term_rows ? j->style.term_rows : 20 + f->key_rows * f->key_columns;

	switch (j->style.format) {
	case PLOT_FORMAT_SVG:
		fprintf(j->out,
			"set terminal svg noenhanced size %u,%u font \"sans-serif,12\" "
			"background rgb \"%s\"\n",
			f->width, f->height, paper);
		return;
	case PLOT_FORMAT_PNG:
		put_png(f, j);
		return;
	case PLOT_FORMAT_PDF:
		fprintf(j->out,
			"set terminal pdfcairo noenhanced size %.3fin,%.3fin font \"sans-serif,9\" "
			"fontscale 1 linewidth 1 pointscale 1 background rgb \"%s\"\n",
			(double)f->width / LAYOUT_DPI, (double)f->height / LAYOUT_DPI, paper);
		return;
	case PLOT_FORMAT_TERM:
		fprintf(j->out, "set terminal dumb noenhanced size %u,%u %s\n", columns, rows,
			j->style.term_colour ? "ansi256" : "mono");
		return;
	}
}

static void put_output(const struct plot_job *j)
{
	if (j->style.format != PLOT_FORMAT_TERM) {
		fprintf(j->out, "set output ");
		gnuplot_put_path(j->output, j->out);
		fputc('\n', j->out);
	}
	fprintf(j->out, "set encoding utf8\nset decimalsign \".\"\n");
}

/* Where in the picture a line of text goes, and how. */
struct place {
	unsigned from_top;
	bool right, big;
	enum plot_ink ink;
};

/* A terminal's lines stand above its plot; elsewhere font sizes differ between terminals. */
static void put_line(const struct plot_frame *f, const struct plot_job *j,
		     const struct place *place, const char *text)
{
	unsigned size =
		j->style.format == PLOT_FORMAT_SVG ? (place->big ? 18 : 11) : (place->big ? 14 : 8);

	if (text[0] == '\0')
		return;
	if (j->style.format == PLOT_FORMAT_TERM) {
		fprintf(j->out, "print ");
		gnuplot_put_text(text, TERM_CHARS, j->out);
		fputc('\n', j->out);
		return;
	}
	fprintf(j->out, "set label ");
	gnuplot_put_text(text,
			 place->big ? f->width / TITLE_PIXEL : LINE_CHARS * f->width / PLOT_WIDTH,
			 j->out);
	fprintf(j->out,
		" at screen %s16.0/%u, screen 1-%u.0/%u %s noenhanced font \",%u\" "
		"textcolor rgb \"%s\"\n",
		place->right ? "1-" : "", f->width, place->from_top, f->height,
		place->right ? "right" : "left", size, plot_ink(j->style.theme, place->ink));
}

/* "virtual (KVMKVMKVM): AMD EPYC ..., Linux 6.1.0, 2026-11-23" */
static void host_line(const struct record *r, char *buf, size_t size)
{
	char platform[64], name[48 * 4], cpu[HOST_TEXT * 3], kernel[HOST_TEXT * 3], date[32];

	plain_text(r->host.name, 32, name, sizeof(name));
	plain_text(r->host.cpu.name, 44, cpu, sizeof(cpu));
	plain_text(r->host.kernel_release, 32, kernel, sizeof(kernel));
	clock_format_utc(r->plan.start_wall_s, date, sizeof(date));
	date[strcspn(date, "T")] = '\0';
	snprintf(buf, size, "%s%s%s%s: %s, Linux %s, %s", r->complete ? "" : "INCOMPLETE, ", name,
		 name[0] ? ", " : "", cell_view_platform(r, platform, sizeof(platform)),
		 cpu[0] ? cpu : "unknown CPU", kernel[0] ? kernel : "unknown", date);
}

/* What every cell shares, and first of all that no SEV was involved where that is so. */
static void cells_line(const struct cell_view *v, char *buf, size_t size)
{
	char conditions[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2];
	bool pins = false, only_vm = true;
	uint32_t i;

	for (i = 0; i < v->record->cell_count; i++) {
		only_vm &= v->record->cell[i].cell.guest_type == GUEST_TYPE_VM;
		pins |= v->record->cell[i].cell.pin != PIN_MODE_NONE;
	}
	cell_view_conditions(v, conditions, sizeof(conditions));
	snprintf(buf, size, "%s%s",
		 only_vm ? (pins ? "no SEV: pins by io_uring; " : "no SEV; ") : "", conditions);
}

static void labels_line(const struct record_plan *p, char *buf, size_t size)
{
	size_t used = 0;
	uint32_t i;

	buf[0] = '\0';
	for (i = 0; i < p->label_count && i < RECORD_LABELS && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s=%s", i ? ", " : "",
					 p->label[i].key, p->label[i].value);
}

/* A line for each host that differs from those before it; the last counts those that are too many.
 */
static uint32_t host_lines(const struct cell_view *v, char line[MAX_HOSTS][HOST_LINE])
{
	char text[HOST_LINE];
	uint32_t i, k, shown = 0, more = 0;

	for (i = 0; i < v->sources.count; i++) {
		host_line(v->sources.record[i], text, sizeof(text));
		for (k = 0; k < shown && strcmp(text, line[k]) != 0; k++)
			;
		if (k < shown)
			continue;
		if (shown < MAX_HOSTS)
			memcpy(line[shown++], text, sizeof(text));
		else
			more++;
	}
	if (more > 0)
		snprintf(line[MAX_HOSTS - 1], HOST_LINE, "and %" PRIu32 " more results", more + 1);
	return shown;
}

static bool has_labels(const struct cell_view *v)
{
	return v->sources.count == 1 && v->record->plan.label_count > 0;
}

unsigned plot_frame_above(const struct plot_job *j)
{
	char line[MAX_HOSTS][HOST_LINE];

	return 74 + 16 * host_lines(j->view, line) + (has_labels(j->view) ? 16 : 0);
}

unsigned plot_frame_below(const struct plot_job *j, unsigned key_rows)
{
	return j->style.format == PLOT_FORMAT_SVG ? 98 + key_rows * 18 : 86 + key_rows * 15;
}

unsigned plot_key_columns(size_t widest, uint32_t lines, bool half)
{
	size_t columns = (half ? KEY_CHARS / 2 : KEY_CHARS) / (widest + KEY_MARK);

	columns = columns < lines ? columns : lines;
	return columns ? (unsigned)columns : 1;
}

unsigned plot_small_type(const struct plot_job *j)
{
	return j->style.format == PLOT_FORMAT_SVG ? 11 : 8;
}

void plot_frame_fit(const struct plot_job *j, struct plot_frame *f)
{
	if (j->style.size != PLOT_SIZE_SLIDE)
		return;
	if (f->height * 16 > f->width * 9)
		f->width = (f->height * 16 + 8) / 9;
	else
		f->height = (f->width * 9 + 8) / 16;
}

static void put_texts(const struct plot_frame *f, const struct plot_job *j)
{
	const struct cell_view *v = j->view;
	struct place small = {.from_top = 50, .ink = PLOT_INK_MUTED};
	char text[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2 + 64], line[MAX_HOSTS][HOST_LINE];
	uint32_t i, hosts = host_lines(v, line);

	put_line(f, j, &(struct place){.from_top = 28, .big = true, .ink = PLOT_INK_TEXT},
		 f->title);
	for (i = 0; i < hosts; i++, small.from_top += 16)
		put_line(f, j, &small, line[i]);
	cells_line(v, text, sizeof(text));
	put_line(f, j, &small, text);
	small.from_top += 16;
	if (has_labels(v)) {
		labels_line(&v->record->plan, text, sizeof(text));
		put_line(f, j, &small, text);
	}
	if (v->record->host.platform == PLATFORM_EMULATED)
		put_line(f, j,
			 &(struct place){.from_top = 26, .right = true, .ink = PLOT_INK_ALARM},
			 "EMULATED: an interpreter's times; counts and ratios hold");
	small.from_top = f->height - 14;
	put_line(f, j, &small, f->footer);
}

static void put_key(const struct plot_frame *f, const struct plot_job *j)
{
	if (f->key_columns == 0)
		fprintf(j->out, "unset key\n");
	else if (j->style.format == PLOT_FORMAT_TERM)
		fprintf(j->out, "set key below left maxcols 1 Left reverse noenhanced\n");
	else
		fprintf(j->out,
			"set key at screen 0.5, screen 28.0/%u center bottom horizontal maxcols %u "
			"Left reverse noenhanced textcolor rgb \"%s\"\n",
			f->height, f->key_columns, plot_ink(j->style.theme, PLOT_INK_TEXT));
}

void plot_frame_put(const struct plot_frame *f, const struct plot_job *j)
{
	put_terminal(f, j);
	put_output(j);
	if (j->style.format == PLOT_FORMAT_TERM)
		fprintf(j->out, "set print \"-\"\n");
	put_texts(f, j);
	put_key(f, j);
	if (j->style.format == PLOT_FORMAT_TERM)
		return;
	fprintf(j->out, "set tmargin at screen 1-%u.0/%u\n", plot_frame_above(j), f->height);
	fprintf(j->out, "set rmargin at screen 1-28.0/%u\n", f->width);
	/* SVG viewers' fonts are larger; the key stands between the axis and the footer. */
	fprintf(j->out, "set bmargin at screen %u.0/%u\n", plot_frame_below(j, f->key_rows),
		f->height);
	fprintf(j->out, "set border 3 linecolor rgb \"%s\"\n",
		plot_ink(j->style.theme, PLOT_INK_AXIS));
	fprintf(j->out, "set tics nomirror out textcolor rgb \"%s\" noenhanced\n",
		plot_ink(j->style.theme, PLOT_INK_TEXT));
	fprintf(j->out, "set xlabel textcolor rgb \"%s\"\nset ylabel textcolor rgb \"%s\"\n",
		plot_ink(j->style.theme, PLOT_INK_TEXT), plot_ink(j->style.theme, PLOT_INK_TEXT));
}

void plot_frame_end(const struct plot_job *j)
{
	fprintf(j->out, "\nunset output\n");
}

void plot_cell_label(const struct cell_view *v, uint32_t cell, bool mechanism, bool size, char *buf,
		     size_t room)
{
	const struct cell *c = &v->record->cell[cell].cell;
	char differences[CELL_TRAIT_COUNT * CELL_TRAIT_TEXT * 2], bytes[24] = "";

	if (size)
		units_format_size(c->guest_bytes, bytes, sizeof(bytes));
	snprintf(buf, room, "%s%s%s%s%s%s%s%s%s",
		 v->type_differs ? words_text(&words_guest_type, c->guest_type) : "",
		 v->type_differs ? " " : "", words_text(&words_pin_mode, c->pin),
		 mechanism ? " (" : "", mechanism ? cell_view_mechanism(c) : "",
		 mechanism ? ")" : "", size ? " " : "", bytes,
		 cell_view_differences(v, cell, differences, sizeof(differences)));
}
