/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress: how far a campaign is: one line that is redrawn on a terminal, a line now and then
   elsewhere. On standard error. */
#ifndef SEVPINBENCH_CMD_PROGRESS_H
#define SEVPINBENCH_CMD_PROGRESS_H

#include "sevpinbench/campaign.h"
#include <stdbool.h>

struct progress {
	bool quiet, terminal;
	uint64_t last_ns; /* when the last plain line was printed */
	bool drawn;	  /* a line stands on the terminal, to be cleared */
};

void progress_open(struct progress *p, bool quiet);
void progress_show(struct progress *p, const struct record *r, const struct campaign_progress *c);

/* Leave the terminal's line clear. */
void progress_close(struct progress *p);

#endif
