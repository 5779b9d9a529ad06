// SPDX-License-Identifier: GPL-2.0-or-later
/* baseline: keep results to gate later ones against. */
#include "baseline_store.h"
#include "exit_code.h"
#include "options.h"
#include "output.h"
#include "reading.h"
#include "say.h"
#include "sevpinbench/clock.h"
#include "sevpinbench/fingerprint.h"
#include "sevpinbench/result_json.h"
#include "verbs.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERB "baseline"

struct options {
	const char *folder;
	const char *host; /* fingerprint; NULL: this machine's */
	bool force, help;
	char fingerprint[FINGERPRINT_LEN];
};

static const char *machine(struct options *o)
{
	struct host_facts *h;

	if (o->host)
		return o->host;
	h = calloc(1, sizeof(*h));
	if (h) {
		host_collect(h);
		fingerprint_make(h, o->fingerprint);
	}
	free(h);
	return o->fingerprint;
}

static int fail(const char *op, const char *path)
{
	struct fault f = {0};

	fault_set(&f, errno, op, "%s", path);
	say_fault(VERB, "the baseline is as it was, or in part", &f);
	return EXIT_LACKS;
}

/* ---- save ---- */

/* "a/b/c", and all above it. */
static int make_folders(const char *path)
{
	char part[BASELINE_PATH];
	size_t i, n = strlen(path);

	for (i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return fail("mkdir", part);
	}
	return EXIT_FINE;
}

static int remove_all(const char *folder, const char *print, const char *name, unsigned from)
{
	unsigned n = baseline_count(folder, print, name);
	char path[BASELINE_PATH];

	/* The last first, so that what is left when that fails is still found. */
	for (; n >= from; n--) {
		if (unlink(baseline_path(folder, print, name, n, path)) < 0)
			return fail("unlink", path);
	}
	return EXIT_FINE;
}

/* One result, validated by reading and written anew. All must be of one machine. */
static int save_one(struct options *o, const char *name, const char *result, unsigned i)
{
	struct record *record = calloc(1, sizeof(*record));
	char print[FINGERPRINT_LEN], path[BASELINE_PATH], folder[BASELINE_PATH];
	struct fault f = {0};
	int code = EXIT_LACKS;

	if (!record)
		return say_no_memory(VERB);
	if (result_json_read(record, result, &f) < 0) {
		say_fault(VERB, "a result could not be read", &f);
		goto out;
	}
	fingerprint_make(&record->host, print);
	if (i > 1 && strcmp(print, o->fingerprint) != 0) {
		fault_set(&f, EINVAL, "RESULT", "%.150s is of another machine than the first",
			  result);
		code = say_usage(VERB, &f);
		goto out;
	}
	memcpy(o->fingerprint, print, sizeof(print));
	if (i == 1 && !o->force && baseline_count(o->folder, print, name) > 0) {
		fault_set(&f, EINVAL, "NAME", "a baseline %s of this machine exists", name);
		fault_hint(&f, "--force replaces it");
		code = say_usage(VERB, &f);
		goto out;
	}
	snprintf(folder, sizeof(folder), "%.3500s/%s", o->folder, print);
	code = make_folders(folder);
	if (code != EXIT_FINE)
		goto out;
	baseline_path(o->folder, print, name, i, path);
	if (result_json_write(record, path, &f) < 0) {
		say_fault(VERB, "the baseline could not be written", &f);
		code = EXIT_LACKS;
	} else {
		printf("baseline %s: %s\n", name, path);
	}
out:
	record_close(record);
	free(record);
	return code;
}

static int save(struct options *o, int argc, char **argv)
{
	const char *name = argv[0];
	int i, code = EXIT_FINE;

	for (i = 1; i < argc && code == EXIT_FINE; i++)
		code = save_one(o, name, argv[i], (unsigned)i);
	if (code == EXIT_FINE)
		code = remove_all(o->folder, o->fingerprint, name, (unsigned)argc);
	return code;
}

/* ---- list, show, rm ---- */

static int show_file(const char *path)
{
	struct record *record = calloc(1, sizeof(*record));
	struct fault f = {0};
	int code = EXIT_FINE;

	if (!record)
		return say_no_memory(VERB);
	if (result_json_read(record, path, &f) < 0) {
		say_fault(VERB, "a result could not be read", &f);
		code = EXIT_LACKS;
	} else {
		printf("%s\n", path);
		code = output_table(VERB, record);
	}
	record_close(record);
	free(record);
	return code;
}

static int not_there(const struct options *o, const char *print, const char *name)
{
	struct fault f = {0};

	fault_set(&f, EINVAL, "NAME", "no baseline %s of the machine %s in %.100s", name, print,
		  o->folder);
	fault_hint(&f, "\"sevpinbench baseline list\" shows those there are");
	return say_usage(VERB, &f);
}

static int show(struct options *o, int argc, char **argv)
{
	const char *print = machine(o);
	unsigned i, n = baseline_count(o->folder, print, argv[0]);
	char path[BASELINE_PATH];
	int code = EXIT_FINE;

	(void)argc;
	if (n == 0)
		return not_there(o, print, argv[0]);
	for (i = 1; i <= n && code == EXIT_FINE; i++)
		code = show_file(baseline_path(o->folder, print, argv[0], i, path));
	return code;
}

static int rm(struct options *o, int argc, char **argv)
{
	const char *print = machine(o);

	(void)argc;
	if (baseline_count(o->folder, print, argv[0]) == 0)
		return not_there(o, print, argv[0]);
	return remove_all(o->folder, print, argv[0], 1);
}

static void list_one(const char *folder, const char *print, const char *name, bool here)
{
	char path[BASELINE_PATH], stamp[32] = "?";
	struct stat st;

	if (stat(baseline_path(folder, print, name, 1, path), &st) == 0)
		clock_format_utc(st.st_mtime, stamp, sizeof(stamp));
	printf("%s  %s  %2u result%s  %s%s\n", print, stamp, baseline_count(folder, print, name),
	       baseline_count(folder, print, name) == 1 ? " " : "s", name,
	       here ? "" : "  (another machine)");
}

static void list_machine(const struct options *o, const char *print, bool here)
{
	char path[BASELINE_PATH], name[256];
	struct dirent **entry;
	int i, n;
	size_t length;

	snprintf(path, sizeof(path), "%.3500s/%s", o->folder, print);
	n = scandir(path, &entry, NULL, alphasort);
	for (i = 0; i < n; i++) {
		length = strlen(entry[i]->d_name);
		if (length > 7 && strcmp(entry[i]->d_name + length - 7, ".1.json") == 0) {
			snprintf(name, sizeof(name), "%.*s", (int)length - 7, entry[i]->d_name);
			if (baseline_check_name(name, NULL) == 0)
				list_one(o->folder, print, name, here);
		}
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

static bool is_fingerprint(const char *text)
{
	return strlen(text) == FINGERPRINT_LEN - 1 &&
	       strspn(text, "0123456789abcdef") == FINGERPRINT_LEN - 1;
}

static int list(struct options *o, int argc, char **argv)
{
	const char *here = machine(o);
	struct dirent **entry;
	int i, n = scandir(o->folder, &entry, NULL, alphasort);

	(void)argc;
	(void)argv;
	if (n < 0 && errno != ENOENT)
		return fail("opendir", o->folder);
	for (i = 0; i < n; i++) {
		if (is_fingerprint(entry[i]->d_name))
			list_machine(o, entry[i]->d_name, strcmp(entry[i]->d_name, here) == 0);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return EXIT_FINE;
}

static const struct act {
	const char *name;
	int least, most; /* arguments */
	int (*run)(struct options *o, int argc, char **argv);
} acts[] = {
	{"save", 2, 1 + BASELINE_MOST, save},
	{"list", 0, 0, list},
	{"show", 1, 1, show},
	{"rm", 1, 1, rm},
};

static const char *act_name(size_t i)
{
	return i < sizeof(acts) / sizeof(acts[0]) ? acts[i].name : NULL;
}

static int parse_folder(void *into, const char *v, struct fault *f)
{
	(void)f;
	((struct options *)into)->folder = v;
	return 0;
}

static int parse_host(void *into, const char *v, struct fault *f)
{
	((struct options *)into)->host = v;
	if (!is_fingerprint(v))
		return fault_set(f, EINVAL, "--host", "\"%.40s\" is no fingerprint", v);
	return 0;
}

static const struct option_row rows[] = {
	OPTION("folder", 0, "FOLDER", VALUE_FOLDER, NULL, NULL, parse_folder,
	       "where baselines are kept (" BASELINE_FOLDER ")"),
	OPTION("host", 0, "PRINT", VALUE_TEXT, NULL, NULL, parse_host,
	       "another machine's, by its fingerprint (this machine's)"),
	OPTION_FLAG("force", 0, options, force, "save: replace a baseline of that name"),
	OPTION_HELP(options),
};

const struct option_table baseline_option_table = {
	.verb = VERB,
	.synopsis = "save [OPTION...] NAME RESULT...\n"
		    "       sevpinbench baseline list [OPTION...]\n"
		    "       sevpinbench baseline show|rm [OPTION...] NAME",
	.about =
		"Keep results under a name, for \"sevpinbench gate --baseline NAME\". Each machine "
		"has names\n"
		"of its own, told by its fingerprint.",
	.exits = "0 fine, 2 usage, 3 a file could not be read or written.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.operand_word = act_name,
};

/* NULL, with *f, where none is named, or not as it is meant. */
static const struct act *choose(int argc, char **argv, struct fault *f)
{
	size_t i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]) && argc > 0; i++) {
		if (strcmp(argv[0], acts[i].name) != 0)
			continue;
		if (argc - 1 < acts[i].least || argc - 1 > acts[i].most) {
			fault_set(f, EINVAL, acts[i].name, "wrong number of arguments: %d",
				  argc - 1);
			return NULL;
		}
		if (acts[i].least > 0 && baseline_check_name(argv[1], f) < 0)
			return NULL;
		return &acts[i];
	}
	fault_set(f, EINVAL, "arguments", "one of save, list, show, rm is needed");
	return NULL;
}

int cmd_baseline(int argc, char **argv)
{
	struct options o = {.folder = BASELINE_FOLDER};
	const struct act *act;
	struct fault f = {0};
	int code, flushed, first = options_parse(&baseline_option_table, &o, argc, argv, &f);

	if (first < 0)
		return say_usage(VERB, &f);
	if (o.help) {
		options_print_help(&baseline_option_table);
		return say_flush(VERB);
	}
	act = choose(argc - first, argv + first, &f);
	if (!act)
		return say_usage(VERB, &f);
	reading_begin(VERB, false);
	code = act->run(&o, argc - first - 1, argv + first + 1);
	flushed = say_flush(VERB);
	return code == EXIT_FINE ? flushed : code;
}
