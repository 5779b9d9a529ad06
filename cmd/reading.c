// SPDX-License-Identifier: GPL-2.0-or-later
/* reading: the start of a verb that only reads documents. */
#include "reading.h"

#include "say.h"
#include "sevpinbench/result_plot.h"
#include "sevpinbench/sandbox.h"
#include <string.h>

void reading_begin(const char *verb, bool draws)
{
	struct fault f = {0};

	if (sandbox_enter(draws ? result_plot_hold_gnuplot() : -1, &f) < 0)
		say(verb, "goes on without its sandbox: %s: %s", f.op, strerror(f.err));
}
