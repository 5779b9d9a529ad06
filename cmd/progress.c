// SPDX-License-Identifier: GPL-2.0-or-later
/* progress: how far a campaign is. */
#include "progress.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/units.h"
#include "terminal.h"
#include <stdio.h>
#include <unistd.h>

#define PLAIN_LINE_NS 10000000000u

void progress_open(struct progress *p, bool quiet)
{
	*p = (struct progress){
		.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1, .last_ns = clock_now_ns()};
}

void progress_show(struct progress *p, const struct record *r, const struct campaign_progress *c)
{
	const struct cell *cell = &r->cell[c->next_cell].cell;
	uint64_t now = clock_now_ns();
	char line[160], size[32], left[40];
	bool end = c->done == c->total;

	if (p->quiet || (!p->terminal && now - p->last_ns < PLAIN_LINE_NS) || (end && !p->terminal))
		return;
	/* Nobody reads on: the samples are worth more than this line. */
	if (!terminal_takes(STDERR_FILENO))
		return;
	snprintf(line, sizeof(line), "%u of %u starts, %s%s left; now %s %s %s", c->done, c->total,
		 c->left_ns ? "about " : "?",
		 c->left_ns ? units_format_wait(c->left_ns, left, sizeof(left)) : "",
		 words_text(&words_guest_type, cell->guest_type),
		 words_text(&words_pin_mode, cell->pin),
		 units_format_size(cell->guest_bytes, size, sizeof(size)));
	p->last_ns = now;
	p->drawn = p->terminal;
	fprintf(stderr, p->terminal ? "\r\033[K%.79s" : "%s\n", line);
	fflush(stderr);
}

void progress_close(struct progress *p)
{
	if (p->drawn && terminal_takes(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
