// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_output: which renderings of a gate's verdict go where. */
#include "gate_output.h"

#include "exit_code.h"
#include "parse.h"
#include "say.h"
#include "sevpinbench/compare_json.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/gate_text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const format_text[GATE_FORMAT_COUNT] = {"table", "json",	"github",
							   "junit", "markdown", "bencher"};
const struct words words_gate_format = {"format", GATE_FORMAT_COUNT, format_text};

static int (*const print[GATE_FORMAT_COUNT])(const struct gate *g, FILE *out) = {
	gate_table_print, gate_json_print,     gate_github_print,
	gate_junit_print, gate_markdown_print, gate_bencher_print};

/* One of them; the text ends at a comma or its end. */
static int parse_one(struct gate_output *o, const char *text, size_t length, struct fault *f)
{
	const char *equals = memchr(text, '=', length);
	size_t word = equals ? (size_t)(equals - text) : length;
	size_t path = equals ? length - word - 1 : 0;
	char name[32];
	int n;

	if (o->count == GATE_OUTPUTS)
		return fault_set(f, EINVAL, "--format", "more than %d", GATE_OUTPUTS);
	if (path >= sizeof(o->to[0].path) || (equals && path == 0) || word >= sizeof(name))
		return fault_set(f, EINVAL, "--format", "\"%.*s\" is not FORMAT or FORMAT=FILE",
				 (int)(length < 60 ? length : 60), text);
	snprintf(name, sizeof(name), "%.*s", (int)word, text);
	n = parse_words("--format", &words_gate_format, name, &o->to[o->count].format, 1, f);
	if (n < 0)
		return n;
	snprintf(o->to[o->count].path, sizeof(o->to[0].path), "%.*s", (int)path,
		 equals ? equals + 1 : "");
	o->count++;
	return 0;
}

int gate_output_parse(struct gate_output *o, const char *text, struct fault *f)
{
	size_t length;
	int r = 0;

	for (; r == 0; text += length + 1) {
		length = strcspn(text, ",");
		r = parse_one(o, text, length, f);
		if (text[length] == '\0')
			break;
	}
	return r;
}

struct report {
	const struct gate *g;
	int format;
};

static int print_report(const void *report, FILE *out, struct fault *f)
{
	const struct report *r = report;
	int err = print[r->format](r->g, out);

	return err ? fault_set(f, -err, "write", "%u rows", r->g->compare->row_count) : 0;
}

int gate_output_print(const char *verb, const struct gate_output *o, const struct gate *g)
{
	struct fault f = {0};
	int code = EXIT_FINE;
	unsigned i;

	if (o->count == 0 && gate_table_print(g, stdout) < 0)
		code = say_no_memory(verb);
	for (i = 0; i < o->count; i++) {
		if (o->to[i].path[0] == '\0') {
			if (print[o->to[i].format](g, stdout) < 0)
				code = say_no_memory(verb);
		} else if (file_beside_print(o->to[i].path, print_report,
					     &(struct report){g, o->to[i].format}, &f) < 0) {
			say_fault(verb, "a report could not be written", &f);
			code = EXIT_LACKS;
		}
	}
	i = (unsigned)say_flush(verb);
	return code == EXIT_FINE ? (int)i : code;
}
