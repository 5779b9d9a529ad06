// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_options: the command line of "run", an argument a line, and the plan made of it; and each
 * line as a size, a number and a share. What is printed must be read back as what it was.
 */
#include "../../cmd/run_options.h"
#include "fuzz.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <getopt.h>

#define MOST_ARGUMENTS 64

static void fuzz_units(const char *text)
{
	uint64_t value, again;
	uint32_t share;
	char buf[32];
	int err = units_parse_size(text, &value);

	must(err == 0 || err == -EINVAL || err == -ERANGE);
	if (err == 0) {
		units_format_size(value, buf, sizeof(buf));
		must(units_parse_size(buf, &again) == 0 && again == value);
		units_format_bytes(value, buf, sizeof(buf));
		units_format_ns(value, buf, sizeof(buf));
		units_format_wait(value, buf, sizeof(buf));
	}
	err = units_parse_u64(text, 3, UINT64_MAX - 3, &value);
	must(err == -EINVAL || err == -ERANGE ||
	     (err == 0 && value >= 3 && value <= UINT64_MAX - 3));
	err = units_parse_percent(text, &share);
	must(err == -EINVAL || err == -ERANGE || (err == 0 && share <= 1000000));
}

/* A cell that the plan lets through is one that a guest can be made of. */
static void fuzz_plan(const struct plan_request *p)
{
	static struct cell cells[RECORD_MAX_CELLS];
	struct plan_needs needs;
	struct fault f = {0};
	int n = plan_cells(p, cells, RECORD_MAX_CELLS, &f);

	if (n < 0) {
		must_be_told(&f, n);
		return;
	}
	must(n > 0 && n <= RECORD_MAX_CELLS);
	for (int i = 0; i < n; i++) {
		plan_needs(&cells[i], true, &needs);
		must(cells[i].guest_bytes % UNITS_PAGE_BYTES == 0 && cells[i].guest_bytes > 0);
		must(cells[i].touch_bytes <= cells[i].guest_bytes && cells[i].vcpus > 0);
		must(needs.pinned_bytes <= cells[i].guest_bytes);
		must(needs.resident_bytes <= cells[i].guest_bytes);
	}
}

/* getopt(3) remembers where in a word it was; a program parses once. */
static void forget_last_time(void)
{
	static char name[] = "fuzz";
	char *argv[] = {name, NULL};

	optind = 0;
	(void)getopt(1, argv, "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run_options options;
	static char verb[] = "run";
	char *text = malloc(size + 1), *rest = text, *argv[MOST_ARGUMENTS + 2] = {verb};
	struct fault f = {0};
	int argc = 1, err;

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	while (rest && argc <= MOST_ARGUMENTS) {
		argv[argc] = strsep(&rest, "\n");
		fuzz_units(argv[argc++]);
	}
	forget_last_time();
	err = run_options_parse(&options, argc, argv, &f);
	if (err)
		must(err < 0 && f.op[0] != '\0');
	else
		fuzz_plan(&options.plan);
	free(text);
	return 0;
}
