// SPDX-License-Identifier: GPL-2.0-or-later
/* gate_judge: baseline and new results read and judged. */
#include "gate_judge.h"

#include "baseline_store.h"
#include "exit_code.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/fingerprint.h"
#include "sevpinbench/gate_config.h"
#include "sevpinbench/result_json.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct judging {
	struct gate_config config;
	struct compare_side base, new, again[GATE_RERUNS];
	struct compare compare;
	struct gate gate;
};

static void judging_free(struct judging *j)
{
	unsigned i;

	gate_close(&j->gate);
	compare_close(&j->compare);
	compare_side_close(&j->base);
	compare_side_close(&j->new);
	for (i = 0; i < GATE_RERUNS; i++)
		compare_side_close(&j->again[i]);
	free(j);
}

/* All results of a named baseline, of this machine. */
static int read_named(const char *verb, const struct gate_options *o, const char *name,
		      const struct host_facts *host, const char *whose,
		      int (*take)(void *arg, const char *path, const struct record *r,
				  struct compare_stage *stage, struct fault *f),
		      void *arg)
{
	char print[FINGERPRINT_LEN], path[BASELINE_PATH];
	unsigned i, n;
	int code = EXIT_FINE;

	fingerprint_make(host, print);
	n = baseline_count(o->folder, print, name);
	if (n == 0) {
		say(verb, "no baseline %s of the machine %s, which %s is of, in %s", name, print,
		    whose, o->folder);
		fprintf(stderr,
			"  \"sevpinbench baseline save %s RESULT\" makes one; "
			"\"baseline list\" shows those there are\n",
			name);
		return EXIT_LACKS;
	}
	for (i = 1; i <= n && code == EXIT_FINE; i++)
		code = sides_read_by(verb, baseline_path(o->folder, print, name, i, path), take,
				     arg);
	return code;
}

int gate_read_baseline(const char *verb, const struct gate_options *o,
		       const struct host_facts *host, const char *whose,
		       int (*take)(void *arg, const char *path, const struct record *r,
				   struct compare_stage *stage, struct fault *f),
		       void *arg)
{
	int code = EXIT_FINE;
	unsigned b;

	for (b = 0; b < o->baseline_count && code == EXIT_FINE; b++) {
		if (baseline_is_file(o->baseline[b]))
			code = sides_read_by(verb, o->baseline[b], take, arg);
		else
			code = read_named(verb, o, o->baseline[b], host, whose, take, arg);
	}
	return code;
}

int gate_read_config(const char *verb, const struct gate_options *o, struct gate_config *config)
{
	struct fault f = {0};

	gate_config_default(config);
	if (!o->config || gate_config_read(config, o->config, &f) == 0)
		return EXIT_FINE;
	say_fault(verb, "the config could not be read", &f);
	return f.err == EINVAL ? EXIT_USAGE : EXIT_LACKS;
}

static int take_base(void *arg, const char *path, const struct record *r,
		     struct compare_stage *stage, struct fault *f)
{
	return compare_side_take(arg, path, r, stage, f);
}

/* Both sides read, compared and judged. An exit code. */
static int judge(const char *verb, const struct gate_options *o, struct judging *j, char **results)
{
	int code = gate_read_config(verb, o, &j->config);

	if (code == EXIT_FINE && baseline_is_file(o->baseline[0]))
		sides_read_ahead(o->baseline[0]);
	for (; *results && code == EXIT_FINE; results++)
		code = sides_read(verb, &j->new, *results);
	if (code == EXIT_FINE)
		code = gate_read_baseline(verb, o, &j->new.source[0].host, j->new.source[0].path,
					  take_base, &j->base);
	sides_read_none();
	if (code == EXIT_FINE)
		code = sides_compare(verb, &j->compare, &j->base, &j->new, o->allow,
				     j->config.alpha);
	if (code == EXIT_FINE && gate_open(&j->gate, &j->compare, &j->config) < 0)
		code = say_no_memory(verb);
	return code;
}

static int print(const char *verb, const struct gate_options *o, const struct gate *g)
{
	static const int exits[GATE_VERDICT_COUNT] = {[GATE_PASS] = EXIT_FINE,
						      [GATE_FAIL] = EXIT_MEASURED,
						      [GATE_CANT_TELL] = EXIT_UNTRUSTED};
	int told = gate_output_print(verb, &o->output, g), code = exits[g->verdict];

	/* A verdict that did not arrive must not look like one that did. */
	return told == EXIT_FINE || code == EXIT_MEASURED ? code : told;
}

int gate_judge_files(const char *verb, const struct gate_options *o, char **results)
{
	struct judging *j = calloc(1, sizeof(*j));
	int code;

	if (!j)
		return say_no_memory(verb);
	reading_begin(verb, false);
	code = judge(verb, o, j, results);
	if (code == EXIT_FINE)
		code = print(verb, o, &j->gate);
	judging_free(j);
	return code;
}

/* ---- measured again ---- */

/* A fresh set of samples into the verdict. The base is finished: its slopes are made. */
static int take_again(const char *verb, const struct gate_options *o, struct judging *j,
		      struct compare_side *fresh, const char *path)
{
	const struct compare_source *which = NULL;
	struct compare c = {0};
	struct fault f = {0};
	uint32_t differ;
	int code = sides_read(verb, fresh, path);

	if (code != EXIT_FINE)
		return code;
	differ = compare_unlike(&j->base, fresh, &which) & ~o->allow;
	if (differ)
		return sides_refuse(verb, &j->base.source[0], which, differ);
	if (compare_side_finish(fresh) < 0)
		return say_no_memory(verb);
	if (compare_open(&c, &j->base, fresh, o->allow, j->config.alpha, &f) < 0)
		return say_fault(verb, "cannot compare", &f);
	if (gate_again(&j->gate, &c) < 0)
		code = say_no_memory(verb);
	compare_close(&c);
	return code;
}

/* The first document says that there is more than it holds. */
static int label(const char *verb, char **result, unsigned n)
{
	struct record *r = calloc(1, sizeof(*r));
	struct record_label *l;
	struct fault f = {0};
	const char *slash;
	int code = EXIT_FINE;
	unsigned i;

	if (!r)
		return say_no_memory(verb);
	if (result_json_read(r, result[0], &f) < 0) {
		code = say_fault(verb, "the result could not be labelled", &f);
		goto out;
	}
	l = &r->plan.label[r->plan.label_count < RECORD_LABELS ? r->plan.label_count++ : 0];
	snprintf(l->key, sizeof(l->key), GATE_LABEL_RERUNS);
	snprintf(l->value, sizeof(l->value), "%u:", n - 1);
	for (i = 1; i < n; i++) {
		slash = strrchr(result[i], '/');
		snprintf(l->value + strlen(l->value), sizeof(l->value) - strlen(l->value), " %s",
			 slash ? slash + 1 : result[i]);
	}
	if (result_json_write(r, result[0], &f) < 0)
		code = say_fault(verb, "the result could not be labelled", &f);
out:
	record_close(r);
	free(r);
	return code;
}

int gate_judge_again(const char *verb, const struct gate_options *o, char **result, unsigned n,
		     uint32_t cells, bool *measure, uint32_t *suspects)
{
	struct judging *j = calloc(1, sizeof(*j));
	char *first[] = {result[0], NULL};
	unsigned i;
	int code;

	*suspects = 0;
	if (!j)
		return say_no_memory(verb);
	code = judge(verb, o, j, first);
	for (i = 1; i < n && code == EXIT_FINE; i++)
		code = take_again(verb, o, j, &j->again[i - 1], result[i]);
	/* The cells of slopes stand behind those that were measured. */
	if (code == EXIT_FINE && n <= o->reruns && j->base.cell_count <= cells)
		*suspects = gate_suspects(&j->gate, measure);
	if (code == EXIT_FINE && *suspects == 0) {
		code = n > 1 ? label(verb, result, n) : EXIT_FINE;
		i = (unsigned)print(verb, o, &j->gate);
		code = code == EXIT_FINE || i == EXIT_MEASURED ? (int)i : code;
	}
	judging_free(j);
	return code;
}
