// SPDX-License-Identifier: GPL-2.0-or-later
/* fleet_output: compare --by: results grouped by host, kernel, processor or microcode. */
#include "fleet_output.h"

#include "exit_code.h"
#include "say.h"
#include "sides.h"

static int take(void *arg, const char *path, const struct record *r, struct compare_stage *stage,
		struct fault *f)
{
	return fleet_take(arg, path, r, stage, f);
}

int fleet_output(const char *verb, enum fleet_by by, uint32_t allow, double alpha,
		 int (*print)(const struct fleet *f, FILE *out), int argc, char **argv)
{
	struct fleet f = {.by = by, .alpha = alpha};
	const struct compare_source *first = NULL, *which = NULL;
	int i, code = EXIT_FINE;
	uint32_t differ;

	for (i = 0; i < argc && code == EXIT_FINE; i++)
		code = sides_read_by(verb, argv[i], take, &f);
	if (code == EXIT_FINE) {
		differ = fleet_unlike(&f, allow, &first, &which);
		if (differ)
			code = sides_refuse(verb, first, which, differ);
		else if (fleet_finish(&f) < 0 || print(&f, stdout) < 0)
			code = say_no_memory(verb);
	}
	fleet_close(&f);
	return code;
}
