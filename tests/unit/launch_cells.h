/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch_cells: what the tests of real starts share: cells, and whether this host can run them. */
#ifndef TESTS_LAUNCH_CELLS_H
#define TESTS_LAUNCH_CELLS_H

#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/units.h"

#include <stdio.h>

/* The start of an initialiser of struct cell. */
#define EAGER  .pin = PIN_MODE_EAGER, .mechanism = PIN_MECHANISM_IO_URING
#define DEMAND .pin = PIN_MODE_DEMAND, .mechanism = PIN_MECHANISM_USERFAULT
#define NONE   .pin = PIN_MODE_NONE, .mechanism = PIN_MECHANISM_NONE

/* What a cell does not say: 4 MiB, one vCPU, any node. */
static inline struct cell launch_cell(struct cell c)
{
	c.guest_bytes = c.guest_bytes ? c.guest_bytes : 4 * UNITS_MIB;
	c.vcpus = c.vcpus ? c.vcpus : 1;
	c.parallel = c.parallel ? c.parallel : 1;
	c.numa_node = -1;
	return c;
}

/*
 * May cells with this mechanism and backing run here? To be asked before the tests: the ring of a
 * probe is taken down some time after it, and then interrupts what its process waits for.
 */
static inline bool launch_can_use(enum pin_mechanism m, enum backing b)
{
	struct fault f = {0};
	char text[512];

	if (pin_probe(GUEST_TYPE_VM, m, b, &f) == 0)
		return true;
	fault_text(&f, text, sizeof(text));
	fprintf(stderr, "note: %s with backing %s is left out: %s\n",
		words_text(&words_pin_mechanism, m), words_text(&words_backing, b), text);
	return false;
}

/* False where there is no KVM: says so in the last line of the output, for tests/run. */
static inline bool launch_has_kvm(void)
{
	struct launch_limits limits;
	struct fault f = {0};
	char text[512];

	if (launch_probe(&limits, &f) == 0)
		return true;
	fault_text(&f, text, sizeof(text));
	printf("left out, %s\n", text);
	return false;
}

#endif
