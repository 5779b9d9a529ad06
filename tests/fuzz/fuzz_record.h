/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_record: what must hold for every record that a hostile file made: it can be shown, and the
 * document written of it reads back to the same one.
 */
#ifndef TESTS_FUZZ_RECORD_H
#define TESTS_FUZZ_RECORD_H

#include "fuzz.h"
#include "fuzz_large.h"
#include "sevpinbench/result_json.h"
#include "sevpinbench/result_plot.h"
#include "sevpinbench/result_table.h"

static inline char *fuzz_slurp(const char *path, size_t *size)
{
	FILE *in = fopen(path, "r");
	char *text;

	must(in && fseek(in, 0, SEEK_END) == 0);
	*size = (size_t)ftell(in);
	rewind(in);
	text = malloc(*size + 1);
	must(text && fread(text, 1, *size, in) == *size);
	fclose(in);
	return text;
}

/* Nothing but what a terminal shows, whatever the texts of the file were. */
static inline void fuzz_show(const struct record *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	must(out);
	result_table_print(r, out);
	for (unsigned kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		const char *const name = "fuzz.json";
		const struct plot_request q = {
			.kind = (enum plot_kind)kind, .record = &r, .name = &name, .count = 1};

		result_plot_script(&q, "/dev/null", out);
	}
	must(fclose(out) == 0);
	for (size_t i = 0; i < size; i++)
		must((unsigned char)text[i] >= ' ' || text[i] == '\n' || text[i] == '\t');
	free(text);
}

static inline void fuzz_round_trip(const struct record *r)
{
	const char *folder = getenv("TMPDIR");
	static char path[2][128];
	struct record again = {0};
	struct fault f = {0};
	size_t size[2];
	char *text[2];

	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "%s/record.%ld.%d", folder ? folder : "/dev/shm",
			 (long)getpid(), i);
	must(result_json_write(r, path[0], &f) == 0);
	must(result_json_read(&again, path[0], &f) == 0);
	must(result_json_write(&again, path[1], &f) == 0);
	text[0] = fuzz_slurp(path[0], &size[0]);
	text[1] = fuzz_slurp(path[1], &size[1]);
	must(size[0] == size[1] && memcmp(text[0], text[1], size[0]) == 0);
	free(text[0]);
	free(text[1]);
	unlink(path[0]);
	unlink(path[1]);
	record_close(&again);
}

#endif
