// SPDX-License-Identifier: GPL-2.0-or-later
/* results: the documents that a command line names, read. */
#include "results.h"

#include "exit_code.h"
#include "say.h"
#include "sevpinbench/result_json.h"
#include <stdlib.h>

static int read_one(struct results *r, const char *verb, const char *name)
{
	struct record *record = calloc(1, sizeof(*record));
	struct fault f = {0};

	if (!record)
		return say_no_memory(verb);
	if (result_json_read(record, name, &f) < 0) {
		say_fault(verb, "a result could not be read", &f);
		record_close(record);
		free(record);
		return EXIT_LACKS;
	}
	r->name[r->count] = name;
	r->record[r->count++] = record;
	return EXIT_FINE;
}

int results_read(struct results *r, const char *verb, int count, char **names)
{
	int i, one, code = EXIT_FINE;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
	*r = (struct results){.record = calloc((size_t)count + 1, sizeof(*r->record)),
			      .name = calloc((size_t)count + 1, sizeof(*r->name))};
	if (!r->record || !r->name)
		return say_no_memory(verb);
	for (i = 0; i < count; i++) {
		one = read_one(r, verb, names[i]);
		code = one == EXIT_FINE ? code : one;
	}
	return code;
}

void results_close(struct results *r)
{
	uint32_t i;

	for (i = 0; i < r->count; i++) {
		/* They were made here, and are const for those who only read them. */
		struct record *record = (struct record *)(uintptr_t)r->record[i];

		record_close(record);
		free(record);
	}
	free(r->record);
	free(r->name);
	*r = (struct results){0};
}
