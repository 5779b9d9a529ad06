// SPDX-License-Identifier: GPL-2.0-or-later
/* output: where the result, its journal and its plots go. */
#include "output.h"

#include "exit_code.h"
#include "say.h"
#include "sevpinbench/cell_view.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/result_table.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_FOLDER "results"
#define SUFFIX	       ".json"

/* A host's name is part of a file's: keep what is safe there. */
static void default_name(const struct record *r, char *buf, size_t size)
{
	char host[HOST_TEXT], stamp[32];
	char *p;

	snprintf(host, sizeof(host), "%s", r->host.name[0] ? r->host.name : "host");
	for (p = host; *p; p++) {
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' &&
		    (*p != '.' || p == host))
			*p = '_';
	}
	clock_format_stamp(r->plan.start_wall_s, stamp, sizeof(stamp));
	snprintf(buf, size, "%s-%s" SUFFIX, host, stamp);
}

/* Could a document be written there now? Better asked before a campaign than after it. */
static int check_place(const char *path, struct fault *f)
{
	struct file_beside b;
	int r = file_beside_open(&b, path, f);

	if (r == 0)
		file_beside_abandon(&b);
	return r;
}

int output_choose(struct output *o, const char *asked, const struct record *r, struct fault *f)
{
	const char *folder = asked ? asked : DEFAULT_FOLDER;
	char name[HOST_TEXT + 64];
	struct stat st;
	int n;

	default_name(r, name, sizeof(name));
	if (!asked && mkdir(DEFAULT_FOLDER, 0777) < 0 && errno != EEXIST)
		return fault_set(f, errno, "mkdir", DEFAULT_FOLDER);
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		n = snprintf(o->path, sizeof(o->path), "%s%s%s", folder,
			     folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	else
		n = snprintf(o->path, sizeof(o->path), "%s", folder);
	if (n >= (int)sizeof(o->path))
		return fault_set(f, ENAMETOOLONG, "open", "%.100s...", folder);
	snprintf(o->journal, sizeof(o->journal), "%s.journal", o->path);
	return check_place(o->path, f);
}

void output_plot_path(const char *document, enum plot_kind kind, const char *ending, char *buf,
		      size_t size)
{
	size_t n = strlen(document), suffix = strlen(SUFFIX);

	if (n > suffix && strcmp(document + n - suffix, SUFFIX) == 0)
		n -= suffix;
	snprintf(buf, size, "%.*s-%s.%s", (int)n, document, words_text(&words_plot_kind, kind),
		 ending);
}

struct script {
	const struct plot_request *q;
	char picture[4096]; /* that it draws, beside itself, whatever folder it is taken to */
};

static int print_script(const void *script, FILE *out, struct fault *f)
{
	const struct script *s = script;
	int err = result_plot_script(s->q, s->picture, out);

	return err ? fault_set(f, -err, "write", "the script of %s", s->picture) : 0;
}

static int emit_script(const struct plot_request *q, const char *document, const char *path,
		       struct fault *f)
{
	struct script script = {.q = q};
	const char *slash;

	output_plot_path(document, q->kind, words_text(&words_plot_format, q->style.format),
			 script.picture, sizeof(script.picture));
	slash = strrchr(script.picture, '/');
	if (slash)
		memmove(script.picture, slash + 1, strlen(slash));
	return file_beside_print(path, print_script, &script, f);
}

/* One kind: a file that is named, or words for the terminal. */
static int draw_one(const struct plot_request *q, const char *document, bool emit, struct fault *f)
{
	bool term = q->style.format == PLOT_FORMAT_TERM && !emit;
	char path[4096];
	int err;

	output_plot_path(document, q->kind,
			 emit ? "gp" : words_text(&words_plot_format, q->style.format), path,
			 sizeof(path));
	err = emit   ? emit_script(q, document, path, f)
	      : term ? result_plot_print(q, stdout, f)
		     : result_plot_draw(q, path, f);
	if (err == 0 && !term)
		printf("%s: %s\n", emit ? "script" : "plot", path);
	return err;
}

static bool draw_kinds(const char *verb, struct plot_request *q, const char *document,
		       unsigned kinds, bool emit, bool loud)
{
	struct fault f;
	unsigned kind;
	bool all = true;
	int err;

	for (kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		if (!(kinds & 1u << kind))
			continue;
		q->kind = (enum plot_kind)kind;
		f = (struct fault){0};
		err = draw_one(q, document, emit, &f);
		if (err == -ENOENT && f.hint[0] && strstr(f.hint, "gnuplot")) {
			say(verb, "plots are left out: gnuplot is not installed (apt-get install "
				  "gnuplot-nox); the result is not affected");
			return false;
		}
		if (err == -ENODATA && loud)
			say(verb, "nothing to draw: %s", f.object);
		if (err != 0 && err != -ENODATA)
			say_fault(verb, "the plot is left out, the result is not affected", &f);
		all &= err == 0 || (err == -ENODATA && !loud);
	}
	return all;
}

bool output_draw_plots(const char *verb, const struct plot_request *q, const char *document,
		       unsigned kinds, bool emit, bool loud)
{
	struct plot_request one = *q;
	struct cell_view view;
	bool all;

	if (cell_view_open_several(&view, q->record, q->name, q->count) < 0) {
		say(verb, "plots are left out: out of memory; the result is not affected");
		return false;
	}
	one.view = &view;
	all = draw_kinds(verb, &one, document, kinds, emit, loud);
	cell_view_close(&view);
	return all;
}

int output_table(const char *verb, const struct record *r)
{
	if (result_table_print(r, stdout) == 0)
		return EXIT_FINE;
	say(verb,
	    "the table is cut short: out of memory; sevpinbench report prints all of it from the "
	    "document");
	return EXIT_LACKS;
}

static uint32_t flags_of(const struct sample *sample, uint32_t n)
{
	uint32_t i, flags = 0;

	for (i = 0; i < n; i++)
		flags |= sample[i].flags;
	return flags;
}

/* A cell that was to be audited: one failed, or one of which not all is known. */
static bool has_audit(const struct record *r, bool failed)
{
	uint32_t i;

	for (i = 0; i < r->cell_count; i++) {
		const struct record_audit *a = &r->cell[i].audit;

		if (a->asked && (failed ? a->verdict == AUDIT_FAIL
					: a->verdict == AUDIT_SKIP || a->verdict == AUDIT_INFO))
			return true;
	}
	return false;
}

/* More than a quarter: what a median can stand, with room to spare. */
static bool is_disturbed(const struct record_cell *c)
{
	uint32_t i, disturbed = 0;

	for (i = 0; i < c->sample_count; i++)
		disturbed += (c->sample[i].flags & SAMPLE_BIT(SAMPLE_FLAG_DISTURBED)) != 0;
	return disturbed > c->sample_count / 4;
}

static bool has_disturbed(const struct record *r)
{
	uint32_t i;

	for (i = 0; i < r->cell_count; i++) {
		if (is_disturbed(&r->cell[i]))
			return true;
	}
	return false;
}

int output_exit_code(const struct record *r)
{
	/* A sample that a signal cut short is no failure: it is flagged as interrupted alone. */
	const uint32_t measured = SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_LEAK) |
				  SAMPLE_BIT(SAMPLE_FLAG_TOUCH_SHORT) |
				  SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT);
	const uint32_t untrusted = SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS) |
				   SAMPLE_BIT(SAMPLE_FLAG_PIN_MISMATCH) |
				   SAMPLE_BIT(SAMPLE_FLAG_HOST_CHANGED);
	uint32_t i, flags = 0;

	for (i = 0; i < r->cell_count; i++)
		flags |= flags_of(r->cell[i].sample, r->cell[i].sample_count) |
			 flags_of(r->cell[i].warmup, r->cell[i].warmup_count);
	if (flags & measured || has_audit(r, true))
		return EXIT_MEASURED;
	if (flags & untrusted || has_disturbed(r))
		return EXIT_UNTRUSTED;
	return r->refusal_count || has_audit(r, false) ? EXIT_LACKS : EXIT_FINE;
}
