// SPDX-License-Identifier: GPL-2.0-or-later
/* host_zones: which page frames the kernel keeps for pages that can be moved. */
#include "sevpinbench/host_zones.h"

#include "sevpinbench/host_file.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A zone has some lines for each CPU. */
#define ZONEINFO_BYTES (16u << 20)

/* The lines of one zone, its first frame last of all; true where that completes it. */
static bool read_line(const char *line, struct host_zone *z)
{
	char name[32];

	if (sscanf(line, "Node %d, zone %31s", &z->node, name) == 2) {
		z->movable = strcmp(name, "Movable") == 0;
		z->frames = 0;
	}
	/* One word of a line that has others in other places: "spanned" alone is the zone's. */
	sscanf(line, " spanned %" SCNu64, &z->frames);
	return sscanf(line, " start_pfn: %" SCNu64, &z->first_frame) == 1 && z->frames > 0;
}

int host_zones_collect(struct host_zone *zone, int max)
{
	char *text = malloc(ZONEINFO_BYTES), *line, *rest;
	struct host_zone now = {0};
	int n = text ? host_file_read("/proc/zoneinfo", text, ZONEINFO_BYTES) : -ENOMEM, count = 0;

	for (line = n > 0 ? strtok_r(text, "\n", &rest) : NULL; line && count < max;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (read_line(line, &now))
			zone[count++] = now;
	}
	free(text);
	return n < 0 ? n : count;
}

bool host_zones_is_movable(const struct host_zone *zone, int count, uint64_t frame)
{
	const struct host_zone *best = NULL;

	for (int i = 0; i < count; i++) {
		if (frame < zone[i].first_frame || frame - zone[i].first_frame >= zone[i].frames)
			continue;
		if (!best || zone[i].frames < best->frames)
			best = &zone[i];
	}
	return best && best->movable;
}
