// SPDX-License-Identifier: GPL-2.0-or-later
/* sides: results read for a comparison, and refused where they are not alike. */
#include "sides.h"

#include "exit_code.h"
#include "parse.h"
#include "say.h"
#include "sevpinbench/result_json.h"
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int stage_sample(void *arg, uint32_t cell, const struct sample *s)
{
	return compare_stage_add(arg, cell, s);
}

/* A file that is read, perhaps in a thread of its own. */
struct reading {
	const char *path;
	struct record record;
	struct compare_stage stage;
	struct fault fault;
	int err;
	pthread_t thread;
};

static struct reading *ahead; /* the one that was begun beforehand */

static void *read_it(void *arg)
{
	struct reading *r = arg;
	const struct result_sink sink = {&r->stage, stage_sample};

	r->err = result_json_stream(&r->record, r->path, &sink, &r->fault);
	return NULL;
}

static void reading_free(struct reading *r)
{
	compare_stage_close(&r->stage);
	record_close(&r->record);
	free(r);
}

void sides_read_ahead(const char *path)
{
	struct reading *r = ahead || !path ? NULL : calloc(1, sizeof(*r));

	if (!r)
		return;
	r->path = path;
	if (pthread_create(&r->thread, NULL, read_it, r) == 0)
		ahead = r;
	else
		reading_free(r);
}

void sides_read_none(void)
{
	if (!ahead)
		return;
	pthread_join(ahead->thread, NULL);
	reading_free(ahead);
	ahead = NULL;
}

/* The file, read: beforehand, or now. NULL without memory. */
static struct reading *read_now(const char *path)
{
	struct reading *r = ahead;

	if (r && strcmp(r->path, path) == 0) {
		ahead = NULL;
		pthread_join(r->thread, NULL);
		return r;
	}
	r = calloc(1, sizeof(*r));
	if (r) {
		r->path = path;
		read_it(r);
	}
	return r;
}

int sides_read_by(const char *verb, const char *path,
		  int (*take)(void *arg, const char *path, const struct record *r,
			      struct compare_stage *stage, struct fault *f),
		  void *arg)
{
	struct reading *r = read_now(path);
	int code = EXIT_FINE, err;

	if (!r)
		return say_no_memory(verb);
	if (r->err < 0) {
		say_fault(verb, "a result could not be read", &r->fault);
		code = EXIT_LACKS;
	} else {
		err = take(arg, path, &r->record, &r->stage, &r->fault);
		if (err == -EEXIST || err == -E2BIG)
			code = say_usage(verb, &r->fault);
		else if (err < 0)
			code = say_fault(verb, "cannot compare", &r->fault);
	}
	reading_free(r);
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
