// SPDX-License-Identifier: GPL-2.0-or-later
/* compare_text: the words in which every rendering tells a comparison. */
#include "sevpinbench/compare_text.h"

#include "sevpinbench/plain_text.h"
#include "sevpinbench/units.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BIT(field) (1u << (field))

/* ---- names of cells ---- */

uint32_t compare_varying(const struct compare_side *side)
{
	uint32_t i, varying = 0;
	const struct cell *first = NULL;

	for (i = 0; i < side->cell_count; i++) {
		const struct cell *c = &side->cell[i].cell;

		if (c->guest_bytes == 0)
			continue; /* over all sizes */
		first = first ? first : c;
		varying |= c->backing != first->backing ? BIT(COMPARE_FIELD_BACKING) : 0;
		varying |= c->vcpus != first->vcpus ? BIT(COMPARE_FIELD_VCPUS) : 0;
		varying |= c->prefault_threads != first->prefault_threads
				   ? BIT(COMPARE_FIELD_PREFAULT)
				   : 0;
		varying |= c->numa_node != first->numa_node ? BIT(COMPARE_FIELD_NODE) : 0;
		varying |= c->parallel != first->parallel ? BIT(COMPARE_FIELD_PARALLEL) : 0;
		/* What the pin mode or the size has a say in differs only among cells alike in it.
		 */
		for (uint32_t k = 0; k < i; k++) {
			const struct cell *o = &side->cell[k].cell;

			if (o->pin != c->pin)
				continue;
			varying |= o->pin_order != c->pin_order ? BIT(COMPARE_FIELD_PIN_ORDER) : 0;
			varying |= o->pin_threads != c->pin_threads ? BIT(COMPARE_FIELD_PIN_THREADS)
								    : 0;
			if (o->guest_bytes != c->guest_bytes)
				continue;
			if (o->touch_bytes != c->touch_bytes || o->touch_op != c->touch_op ||
			    o->touch_order != c->touch_order)
				varying |= BIT(COMPARE_FIELD_TOUCH);
			varying |= o->chunk_bytes != c->chunk_bytes ? BIT(COMPARE_FIELD_CHUNK) : 0;
		}
	}
	return varying;
}

static size_t add(char *buf, size_t size, size_t used, const char *text)
{
	return used < size ? used + (size_t)snprintf(buf + used, size - used, " %s", text) : used;
}

static size_t add_count(char *buf, size_t size, size_t used, const char *word, uint32_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%s %" PRIu32, word, n);
	return add(buf, size, used, text);
}

static size_t add_bytes(char *buf, size_t size, size_t used, const char *word, uint64_t bytes)
{
	char text[48], number[24];

	snprintf(text, sizeof(text), "%s %s", word,
		 units_format_size(bytes, number, sizeof(number)));
	return add(buf, size, used, text);
}

static size_t add_touch(char *buf, size_t size, size_t used, const struct cell *c)
{
	if (c->guest_bytes > 0)
		used = add_bytes(buf, size, used, "touch", c->touch_bytes);
	used = add(buf, size, used, words_text(&words_touch_order, c->touch_order));
	return add(buf, size, used, words_text(&words_touch_op, c->touch_op));
}

char *compare_cell_name(const struct cell *c, uint32_t varying, char *buf, size_t size)
{
	char number[24] = "all sizes";
	size_t used;

	if (c->guest_bytes > 0)
		units_format_size(c->guest_bytes, number, sizeof(number));
	used = (size_t)snprintf(buf, size, "%s %s %s %s",
				words_text(&words_guest_type, c->guest_type),
				words_text(&words_pin_mode, c->pin),
				words_text(&words_pin_mechanism, c->mechanism), number);
	if (varying & BIT(COMPARE_FIELD_BACKING))
		used = add(buf, size, used, words_text(&words_backing, c->backing));
	if (varying & BIT(COMPARE_FIELD_VCPUS))
		used = add_count(buf, size, used, "vcpus", c->vcpus);
	if (varying & BIT(COMPARE_FIELD_PREFAULT))
		used = add_count(buf, size, used, "prefault", c->prefault_threads);
	if (varying & BIT(COMPARE_FIELD_PIN_THREADS))
		used = add_count(buf, size, used, "pin-threads", c->pin_threads);
	if (varying & BIT(COMPARE_FIELD_TOUCH))
		used = add_touch(buf, size, used, c);
	if (varying & BIT(COMPARE_FIELD_CHUNK))
		used = add_bytes(buf, size, used, "chunk", c->chunk_bytes);
	if (varying & BIT(COMPARE_FIELD_PIN_ORDER))
		used = add(buf, size, used, words_text(&words_pin_order, c->pin_order));
	if (varying & BIT(COMPARE_FIELD_NODE) && c->numa_node >= 0)
		used = add_count(buf, size, used, "node", (uint32_t)c->numa_node);
	/* Where any cell has several: it is what a reader must not overlook. */
	if (varying & BIT(COMPARE_FIELD_PARALLEL) || c->parallel > 1)
		add_count(buf, size, used, "parallel", c->parallel);
	return buf;
}

/* ---- values ---- */

char *compare_value(enum compare_unit unit, double value, bool sign, char *buf, size_t size)
{
	const char *mark = value < 0 ? "-" : sign && value > 0 ? "+" : "";
	double amount = fabs(value);
	char text[24];

	if (unit == COMPARE_NS) {
		/* A double that does not fit must not be cast, and a hostile file may bring one. */
		units_format_ns(amount < 0x1p63 ? (uint64_t)(amount + 0.5) : UINT64_C(1) << 63,
				text, sizeof(text));
		snprintf(buf, size, "%s%s", amount < 0.5 ? "" : mark, text);
	} else if (unit == COMPARE_NS_PER_GIB) {
		snprintf(buf, size, "%s%.3g s/GiB", mark, amount / 1e9);
	} else {
		snprintf(buf, size, "%s%.15g", mark,
			 amount == floor(amount) ? amount : round(amount * 100) / 100);
	}
	return buf;
}

char *compare_percent(const struct compare_row *r, char *buf, size_t size)
{
	if (r->relative.known && r->base.n > 0 && r->new.n > 0)
		snprintf(buf, size, "%+.2f%%", r->relative.value * 100);
	else
		snprintf(buf, size, "-");
	return buf;
}

char *compare_interval(const struct compare_row *r, char *buf, size_t size)
{
	enum compare_unit unit = compare_metrics[r->metric].unit;
	char low[COMPARE_CELL / 2], high[COMPARE_CELL / 2];

	if (r->exact && r->base.n > 0 && r->new.n > 0)
		snprintf(buf, size, "exact");
	else if (r->shift.low.known && r->shift.high.known)
		snprintf(buf, size, "%s .. %s",
			 compare_value(unit, r->shift.low.value, true, low, sizeof(low)),
			 compare_value(unit, r->shift.high.value, true, high, sizeof(high)));
	else
		snprintf(buf, size, "-");
	return buf;
}

char *compare_p(double p, bool tested, char *buf, size_t size)
{
	if (!tested)
		snprintf(buf, size, "-");
	else if (p < 0.0001)
		snprintf(buf, size, "< 0.0001");
	else
		snprintf(buf, size, "%.4f", p);
	return buf;
}

char *compare_sources(const struct compare_side *side, char *buf, size_t size)
{
	char plain[COMPARE_PATH];

	plain_text(side->source[0].path, SIZE_MAX, plain, sizeof(plain));
	if (side->source_count > 1)
		snprintf(buf, size, "%.300s and %" PRIu32 " more", plain, side->source_count - 1);
	else
		snprintf(buf, size, "%.400s", plain);
	return buf;
}

const char *compare_platform(const struct compare_side *side)
{
	uint32_t i;

	for (i = 0; i < side->source_count; i++) {
		if (side->source[i].host.platform == PLATFORM_EMULATED)
			return "EMULATED";
	}
	return words_text(&words_platform, side->source[0].host.platform);
}

char *compare_host(const struct compare_side *side, char *buf, size_t size)
{
	const struct host_facts *h = &side->source[0].host;
	char cpu[HOST_TEXT], kernel[HOST_TEXT], hypervisor[HOST_TEXT];

	plain_text(h->cpu.name, 60, cpu, sizeof(cpu));
	plain_text(h->kernel_release, 60, kernel, sizeof(kernel));
	plain_text(h->cpu.hypervisor_name, 16, hypervisor, sizeof(hypervisor));
	snprintf(buf, size, "%s, Linux %s, %s%s%s%s", cpu, kernel, compare_platform(side),
		 hypervisor[0] ? " (" : "", hypervisor, hypervisor[0] ? ")" : "");
	return buf;
}
