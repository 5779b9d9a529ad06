// SPDX-License-Identifier: GPL-2.0-or-later
/* plot_ticks: the ticks of time axes. */
#include "plot.h"

#include "sevpinbench/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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

char *plot_share_label(double percent, char *buf, size_t size)
{
	double tenths = floor(percent * 10 + 0.5);

	snprintf(buf, size, "%.*f%%", percent < 10 && fmod(tenths, 10) > 0.5 ? 1 : 0, percent);
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

/* Where the ticks of a narrow range stand, so that three or so fit. */
void plot_near_time_axis(char axis, double low_ns, double high_ns, FILE *out)
{
	double high = fmax(fmin(high_ns, 0x1p62), 1), low = fmax(fmin(low_ns, high), 0);
	double room = fmax((high - low) * 0.08, high * 0.01);
	uint64_t step = step_value(&coarse, step_below(&coarse, fmax((high - low + room) / 2, 1)));
	uint64_t from = cell_view_whole(low - room), to = cell_view_whole(high + room) + 1, tick;
	const char *between = "";
	char label[16];

	fprintf(out, "set %crange [%" PRIu64 ":%" PRIu64 "]\nset %ctics (", axis, from, to, axis);
	for (tick = (from + step - 1) / step * step; tick <= to; tick += step) {
		plot_time_label(tick, label, sizeof(label));
		fprintf(out, "%s\"%s\" %" PRIu64, between, label, tick);
		between = ", ";
	}
	fprintf(out, ")\n");
}
