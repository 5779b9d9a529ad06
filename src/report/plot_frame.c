// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_frame: what is around every plot, and the ticks of time axes. */
#include "plot.h"

#include "gnuplot.h"
#include "plain_text.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define LINE_CHARS 140 /* of the small lines; more would leave a picture 900 pixels wide */

static void put_terminal(const struct plot_frame *f, FILE *out)
{
	if (f->format == PLOT_FORMAT_SVG) {
		fprintf(out,
			"set terminal svg noenhanced size %u,%u font \"sans-serif,12\" "
			"background rgb \"white\"\n",
			f->width, f->height);
		return;
	}
	/* Cairo draws smoother lines, but gnuplot may be built without it. */
	fprintf(out,
		"if (strstrt(GPVAL_TERMINALS, \" pngcairo \") > 0) {\n"
		"\tset terminal pngcairo noenhanced size %u,%u font \"sans-serif,9\"\n"
		"} else {\n"
		"\tset terminal png noenhanced truecolor size %u,%u font \"sans-serif,9\"\n"
		"}\n",
		f->width, f->height, f->width, f->height);
}

/* A line of text so many pixels below the top edge; font sizes differ between terminals. */
static void put_line(const struct plot_frame *f, unsigned from_top, bool big, const char *text,
		     FILE *out)
{
	unsigned size = f->format == PLOT_FORMAT_SVG ? (big ? 18 : 11) : (big ? 14 : 8);

	if (text[0] == '\0')
		return;
	fprintf(out, "set label ");
	gnuplot_put_text(text, LINE_CHARS * f->width / PLOT_WIDTH, out);
	fprintf(out,
		" at screen 16.0/%u, screen 1-%u.0/%u left noenhanced font \",%u\" "
		"textcolor rgb \"%s\"\n",
		f->width, from_top, f->height, size, big ? "#000000" : "#444444");
}

/* "virtual (KVMKVMKVM): AMD EPYC ..., Linux 6.1.0, 2026-11-23" */
static void host_line(const struct record *r, char *buf, size_t size)
{
	char platform[64], cpu[HOST_TEXT * 3], kernel[HOST_TEXT * 3], date[32];

	plain_text(r->host.cpu.name, 44, cpu, sizeof(cpu));
	plain_text(r->host.kernel_release, 32, kernel, sizeof(kernel));
	clock_format_utc(r->plan.start_wall_s, date, sizeof(date));
	date[strcspn(date, "T")] = '\0';
	snprintf(buf, size, "%s%s: %s, Linux %s, %s", r->complete ? "" : "INCOMPLETE, ",
		 cell_view_platform(r, platform, sizeof(platform)), cpu[0] ? cpu : "unknown CPU",
		 kernel[0] ? kernel : "unknown", date);
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

unsigned plot_frame_below(enum plot_format format, unsigned key_rows)
{
	return format == PLOT_FORMAT_SVG ? 98 + key_rows * 18 : 84 + key_rows * 15;
}

void plot_frame_put(const struct plot_frame *f, const struct cell_view *v, FILE *out)
{
	char text[2048];

	put_terminal(f, out);
	fprintf(out, "set output ");
	gnuplot_put_path(f->output, out);
	fprintf(out, "\nset encoding utf8\nset decimalsign \".\"\n");
	put_line(f, 28, true, f->title, out);
	host_line(v->record, text, sizeof(text));
	put_line(f, 50, false, text, out);
	cells_line(v, text, sizeof(text));
	put_line(f, 66, false, text, out);
	labels_line(&v->record->plan, text, sizeof(text));
	put_line(f, 82, false, text, out);
	put_line(f, f->height - 14, false, f->footer, out);
	fprintf(out, "set tmargin at screen 1-%u.0/%u\n",
		v->record->plan.label_count > 0 ? 106u : 90u, f->height);
	fprintf(out, "set rmargin at screen 1-28.0/%u\n", f->width);
	/* SVG viewers' fonts are larger; the key stands between the axis and the footer. */
	fprintf(out, "set bmargin at screen %u.0/%u\n", plot_frame_below(f->format, f->key_rows),
		f->height);
	fprintf(out,
		"set key at screen 0.5, screen 28.0/%u center bottom horizontal maxcols %u Left "
		"reverse noenhanced\n",
		f->height, f->key_columns);
	fprintf(out, "set border 3 linecolor rgb \"#888888\"\n");
	fprintf(out, "set tics nomirror out textcolor rgb \"#000000\" noenhanced\n");
}

char *plot_time_label(uint64_t ns, char *buf, size_t size)
{
	char text[16];
	size_t digits;
	const char *unit;

	if (ns == 0) {
		snprintf(buf, size, "0");
		return buf;
	}
	units_format_ns(ns, text, sizeof(text));
	unit = strchr(text, ' ');
	digits = (size_t)(unit - text);
	/* "1.00 ms" says no more than "1 ms" where the value is a tick. */
	if (memchr(text, '.', digits)) {
		while (text[digits - 1] == '0')
			digits--;
		digits -= text[digits - 1] == '.';
	}
	snprintf(buf, size, "%.*s%s", (int)digits, text, unit);
	return buf;
}

/* The ticks of a decade: the usual ones, and all, for an axis that has less than a decade. */
struct steps {
	int count;
	unsigned lead[9];
};

static const struct steps coarse = {3, {1, 2, 5}};
static const struct steps fine = {9, {1, 2, 3, 4, 5, 6, 7, 8, 9}};

/* 1, 2, 5, 10, 20, 50, ...: the number of the step at or below a value, which is at least 1. */
static int step_below(const struct steps *s, double value)
{
	int decade = (int)floor(log10(value)), i = s->count - 1;

	while (i > 0 && value / pow(10, decade) < s->lead[i])
		i--;
	return decade * s->count + i;
}

static uint64_t step_value(const struct steps *s, int step)
{
	uint64_t value = s->lead[step % s->count];

	for (step /= s->count; step > 0; step--)
		value *= 10;
	return value;
}

void plot_log_time_axis(char axis, double low_ns, double high_ns, FILE *out)
{
	const struct steps *s = high_ns / low_ns > 4 ? &coarse : &fine;
	/* No duration comes near 1e18 ns, 31 years; a file that says so must not overflow. */
	int low = step_below(s, fmin(fmax(low_ns, 1), 9e17));
	int high = step_below(s, fmin(fmax(high_ns, 1), 9e17)) + 1, step;
	bool decades = high - low > 12, first = true;
	char label[16];

	if (high - low < 2)
		low = low > 0 ? low - 1 : 0;
	fprintf(out, "set logscale %c 10\nset %crange [%" PRIu64 ":%" PRIu64 "]\nset %ctics (",
		axis, axis, step_value(s, low), step_value(s, high), axis);
	for (step = low; step <= high; step++) {
		if (decades && step % s->count != 0)
			continue;
		plot_time_label(step_value(s, step), label, sizeof(label));
		fprintf(out, "%s\"%s\" %" PRIu64, first ? "" : ", ", label, step_value(s, step));
		first = false;
	}
	fprintf(out, ")\n");
}

void plot_linear_time_axis(char axis, double high_ns, double room, FILE *out)
{
	uint64_t step =
		step_value(&coarse, step_below(&coarse, fmax(fmin(high_ns, 0x1p62) / 5, 1)));
	uint64_t tick, last = cell_view_whole(fmin(high_ns, 0x1p62) * (1 + room));
	char label[16];

	fprintf(out, "set %crange [0:%" PRIu64 "]\nset %ctics (\"0\" 0", axis, last, axis);
	for (tick = step; tick <= last; tick += step) {
		plot_time_label(tick, label, sizeof(label));
		fprintf(out, ", \"%s\" %" PRIu64, label, tick);
	}
	fprintf(out, ")\n");
}
