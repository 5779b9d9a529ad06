// SPDX-License-Identifier: GPL-2.0-or-later
/* compare_notes: what the reader of a comparison must know beside its numbers. */
#include "sevpinbench/compare_text.h"

#include "sevpinbench/plain_text.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONE_MOST 20 /* so many are named, the rest is counted */

void compare_say(const struct compare_listener *n, const char *fmt, ...)
{
	char text[COMPARE_NOTE * 2], plain[COMPARE_NOTE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	n->note(n->arg, plain_text(text, SIZE_MAX, plain, sizeof(plain)));
}

static void note_differences(const struct compare *c, const struct compare_listener *n)
{
	const struct compare_source *which = NULL;
	char base[320], new[320];
	unsigned field;

	compare_unlike(c->base, c->new, &which);
	for (field = 0; which && field < COMPARE_HOST_FIELDS; field++) {
		if (!(c->differ >> field & 1))
			continue;
		compare_say(n, "allowed to differ: %s: \"%.120s\" and \"%.120s\"",
			    words_text(&words_compare_field, field),
			    compare_field_text(&c->base->source[0].host, (enum compare_field)field,
					       base, sizeof(base)),
			    compare_field_text(&which->host, (enum compare_field)field, new,
					       sizeof(new)));
	}
}

static void note_sources(const struct compare *c, const struct compare_side *side,
			 const struct compare_listener *n)
{
	const struct compare_source *first = &c->base->source[0];
	uint32_t i;

	for (i = 0; i < side->source_count; i++) {
		const struct compare_source *s = &side->source[i];

		if (!s->complete)
			compare_say(n, "%.200s is incomplete: what was measured of it is compared",
				    s->path);
		if (strcmp(s->tool.version, first->tool.version) != 0)
			compare_say(n, "%.200s was made by sevpinbench %.40s, %.200s by %.40s",
				    s->path, s->tool.version, first->path, first->tool.version);
	}
}

/* "backing, chunk" */
static char *fields_text(uint32_t fields, char *buf, size_t size)
{
	unsigned field;
	size_t used = 0;

	buf[0] = '\0';
	for (field = 0; field < COMPARE_FIELD_COUNT && used < size; field++) {
		if (fields >> field & 1)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 words_text(&words_compare_field, field));
	}
	return buf;
}

static void note_lone(const struct compare *c, const struct compare_listener *n)
{
	char name[COMPARE_NAME], fields[256];
	uint32_t i;

	for (i = 0; i < c->lone_count && i < LONE_MOST; i++) {
		const struct compare_lone *l = &c->lone[i];
		const struct compare_side *side = l->is_base ? c->base : c->new;

		compare_cell_name(&side->cell[l->cell].cell, compare_varying(side), name,
				  sizeof(name));
		if (l->fields)
			compare_say(
				n, "unlike, not compared: %s of %s: the other side's differs in %s",
				name, l->is_base ? "BASE" : "NEW",
				fields_text(l->fields, fields, sizeof(fields)));
		else
			compare_say(n, "only in %s: %s", l->is_base ? "BASE" : "NEW", name);
	}
	if (c->lone_count > LONE_MOST)
		compare_say(n, "and %" PRIu32 " more cells without a partner",
			    c->lone_count - LONE_MOST);
}

static void note_disagreement(const struct compare *c, bool base, const struct compare_listener *n)
{
	const struct compare_side *side = base ? c->base : c->new;
	const struct compare_row *worst = NULL;
	char name[COMPARE_NAME], apart[COMPARE_CELL];
	uint32_t i, count = 0;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_figure *f = base ? &c->row[i].base : &c->row[i].new;

		count += f->disagrees;
		if (f->disagrees && !worst)
			worst = &c->row[i];
	}
	if (!worst)
		return;
	compare_cell_name(&c->base->cell[worst->base_cell].cell, compare_varying(c->base), name,
			  sizeof(name));
	compare_value(compare_metrics[worst->metric].unit,
		      base ? worst->base.apart : worst->new.apart, false, apart, sizeof(apart));
	compare_say(n,
		    "the %" PRIu32
		    " results of %s were pooled, but differ by more than their noise in "
		    "%" PRIu32 " figures; the first: %s of %s, medians up to %s apart",
		    side->source_count, base ? "BASE" : "NEW", count,
		    words_text(&words_compare_metric, worst->metric), name, apart);
}

void compare_notes(const struct compare *c, void (*note)(void *arg, const char *text), void *arg)
{
	const struct compare_listener n = {note, arg};

	if (compare_is_emulated(c))
		compare_say(&n,
			    "platform: EMULATED: the times are an interpreter's; counts and ratios "
			    "mean something");
	note_differences(c, &n);
	note_sources(c, c->base, &n);
	note_sources(c, c->new, &n);
	note_disagreement(c, true, &n);
	note_disagreement(c, false, &n);
	note_lone(c, &n);
}
