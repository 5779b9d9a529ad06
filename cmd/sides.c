// SPDX-License-Identifier: GPL-2.0-or-later
/* sides: results read for a comparison, and refused where they are not alike. */
#include "sides.h"

#include "exit_code.h"
#include "parse.h"
#include "say.h"
#include "sevpinbench/result_json.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int stage_sample(void *arg, uint32_t cell, const struct sample *s)
{
	return compare_stage_add(arg, cell, s);
}

int sides_read_by(const char *verb, const char *path,
		  int (*take)(void *arg, const char *path, const struct record *r,
			      struct compare_stage *stage, struct fault *f),
		  void *arg)
{
	struct record *record = calloc(1, sizeof(*record));
	struct compare_stage stage = {0};
	const struct result_sink sink = {&stage, stage_sample};
	struct fault f = {0};
	int code = EXIT_FINE, r;

	if (!record)
		return say_no_memory(verb);
	if (result_json_stream(record, path, &sink, &f) < 0) {
		say_fault(verb, "a result could not be read", &f);
		code = EXIT_LACKS;
	} else {
		r = take(arg, path, record, &stage, &f);
		if (r == -EEXIST || r == -E2BIG)
			code = say_usage(verb, &f);
		else if (r < 0)
			code = say_fault(verb, "cannot compare", &f);
	}
	compare_stage_close(&stage);
	record_close(record);
	free(record);
	return code;
}

static int take_side(void *arg, const char *path, const struct record *r,
		     struct compare_stage *stage, struct fault *f)
{
	return compare_side_take(arg, path, r, stage, f);
}

int sides_read(const char *verb, struct compare_side *side, const char *path)
{
	return sides_read_by(verb, path, take_side, side);
}

/* A host's text may be hostile: of it the terminal gets plain ASCII. */
static const char *shown(const struct host_facts *h, unsigned field, char *buf, size_t size)
{
	char *p;

	compare_field_text(h, (enum compare_field)field, buf, size);
	for (p = buf; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return buf;
}

int sides_refuse(const char *verb, const struct compare_source *first,
		 const struct compare_source *which, uint32_t differ)
{
	char a[320], b[320];
	unsigned field, told = 0;

	say(verb, "%s and %s are unlike, so they are not compared:", first->path, which->path);
	for (field = 0; field < COMPARE_HOST_FIELDS; field++) {
		if (!(differ >> field & 1))
			continue;
		fprintf(stderr, "  %s: \"%s\" and \"%s\"\n",
			words_text(&words_compare_field, field),
			shown(&first->host, field, a, sizeof(a)),
			shown(&which->host, field, b, sizeof(b)));
	}
	fputs("  what may differ, because its effect is the question, is said with --allow ",
	      stderr);
	for (field = 0; field < COMPARE_HOST_FIELDS; field++) {
		if (differ >> field & 1)
			fprintf(stderr, "%s%s", told++ ? "," : "",
				words_text(&words_compare_field, field));
	}
	fputc('\n', stderr);
	return EXIT_UNTRUSTED;
}

int sides_compare(const char *verb, struct compare *c, struct compare_side *base,
		  struct compare_side *new, uint32_t allow, double alpha)
{
	const struct compare_source *which = NULL;
	uint32_t differ = compare_unlike(base, new, &which) & ~allow;
	struct fault f = {0};
	int r;

	if (differ)
		return sides_refuse(verb, &base->source[0], which, differ);
	if (compare_side_finish(base) < 0 || compare_side_finish(new) < 0)
		return say_no_memory(verb);
	r = compare_open(c, base, new, allow, alpha, &f);
	if (r == -EEXIST)
		return say_usage(verb, &f);
	return r < 0 ? say_fault(verb, "cannot compare", &f) : EXIT_FINE;
}

int sides_parse_allow(const char *text, uint32_t *allow, struct fault *f)
{
	int value[COMPARE_FIELD_COUNT], i;
	int n = parse_words("--allow", &words_compare_field, text, value, COMPARE_FIELD_COUNT, f);

	for (i = 0; i < n; i++)
		*allow |= 1u << value[i];
	return n < 0 ? n : 0;
}

int sides_parse_share(const char *option, const char *text, double *share, struct fault *f)
{
	char *end;

	*share = strtod(text, &end);
	if (end != text && *end == '\0' && isfinite(*share) && *share > 0 && *share < 1)
		return 0;
	return fault_set(f, EINVAL, option,
			 "\"%.40s\" is not a share between 0 and 1, such as 0.05", text);
}
