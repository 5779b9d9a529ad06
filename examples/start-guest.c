// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Start one guest whose memory is pinned before it runs, and print what was pinned when:
 *   cc start-guest.c $(pkg-config --cflags --libs sevpinbench) -o start-guest
 *   ./start-guest [sev | sev-es]
 */
#include <sevpinbench/launch.h>
#include <sevpinbench/plan.h>
#include <sevpinbench/units.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct plan_request want = {
		.size_count = 1, .guest_bytes = {64 * UNITS_MIB},
		.mode_count = 1, .mode = {PIN_MODE_EAGER},
		.backing_count = 1, .backing = {BACKING_ANON},
		.prefault_count = 1, .prefault_threads = {1},
		.touch_count = 1, .touch = {{.bytes = 4 * UNITS_MIB}},
		.vcpus = 1, .chunk_bytes = 2 * UNITS_MIB, .numa_node = -1,
	};
	const struct launch_options options = {0};
	int type = argc > 1 ? words_value(&words_guest_type, argv[1]) : GUEST_TYPE_VM, at;
	struct launch launch = {0};
	struct cell cell;
	struct sample_room room = {0};
	const struct sample *s = &room.sample;
	struct fault f = {0};
	char text[512];

	want.guest_type = type < 0 ? GUEST_TYPE_VM : (enum guest_type)type;
	if (type < 0 || plan_cells(&want, &cell, 1, &f) < 0 || launch_open(&launch, &options, &f) < 0 ||
	    launch_run(&launch, &cell, 0, &room) < 0) {
		fault_text(fault_is_set(&f) ? &f : &room.failure, text, sizeof(text));
		return fprintf(stderr, "start-guest: %s\n", type < 0 ? "no such guest type" : text), 1;
	}
	printf("%-20s %8s %8s\n", "pages pinned", "by us", "by host");
	for (at = 0; at < PIN_BOUNDARY_COUNT; at++)
		printf("%-20s %8lld %8lld\n", words_text(&words_pin_boundary, (unsigned)at),
		       (long long)s->pins[at].ledger_pages,
		       (long long)(s->pins[at].host_pages - s->pins[0].host_pages));
	launch_close(&launch);
	return 0;
}
