// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_fields: in which fields cells and hosts differ. */
#include "cell_fields.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const field_text[COMPARE_FIELD_COUNT] = {
	[COMPARE_FIELD_PLATFORM] = "platform",
	[COMPARE_FIELD_HYPERVISOR] = "hypervisor",
	[COMPARE_FIELD_CPU] = "cpu",
	[COMPARE_FIELD_CPUS] = "cpus",
	[COMPARE_FIELD_MICROCODE] = "microcode",
	[COMPARE_FIELD_KERNEL] = "kernel",
	[COMPARE_FIELD_THP] = "thp",
	[COMPARE_FIELD_NUMA_BALANCING] = "numa-balancing",
	[COMPARE_FIELD_CLOCKSOURCE] = "clocksource",
	[COMPARE_FIELD_GOVERNOR] = "governor",
	[COMPARE_FIELD_TYPE] = "type",
	[COMPARE_FIELD_MECHANISM] = "mechanism",
	[COMPARE_FIELD_BACKING] = "backing",
	[COMPARE_FIELD_VCPUS] = "vcpus",
	[COMPARE_FIELD_TOUCH] = "touch",
	[COMPARE_FIELD_CHUNK] = "chunk",
	[COMPARE_FIELD_PREFAULT] = "prefault",
	[COMPARE_FIELD_PIN_THREADS] = "pin-threads",
	[COMPARE_FIELD_PIN_ORDER] = "pin-order",
	[COMPARE_FIELD_POLICY] = "policy",
	[COMPARE_FIELD_LAUNCH_UPDATE] = "launch-update",
	[COMPARE_FIELD_NODE] = "node",
	[COMPARE_FIELD_PARALLEL] = "parallel",
};

const struct words words_compare_field = {"field", COMPARE_FIELD_COUNT, field_text};

struct member {
	enum compare_field field;
	size_t offset, size;
};

#define OF(field, type, member)                                            \
	{                                                                  \
		field, offsetof(type, member), sizeof(((type *)0)->member) \
	}

static const struct member cell_member[] = {
	OF(COMPARE_FIELD_TYPE, struct cell, guest_type),
	OF(COMPARE_FIELD_MECHANISM, struct cell, mechanism),
	OF(COMPARE_FIELD_BACKING, struct cell, backing),
	OF(COMPARE_FIELD_VCPUS, struct cell, vcpus),
	OF(COMPARE_FIELD_TOUCH, struct cell, touch_bytes),
	OF(COMPARE_FIELD_TOUCH, struct cell, touch_order),
	OF(COMPARE_FIELD_TOUCH, struct cell, touch_op),
	OF(COMPARE_FIELD_CHUNK, struct cell, chunk_bytes),
	OF(COMPARE_FIELD_PREFAULT, struct cell, prefault_threads),
	OF(COMPARE_FIELD_PIN_THREADS, struct cell, pin_threads),
	OF(COMPARE_FIELD_PIN_ORDER, struct cell, pin_order),
	OF(COMPARE_FIELD_POLICY, struct cell, sev_policy),
	OF(COMPARE_FIELD_LAUNCH_UPDATE, struct cell, launch_update_bytes),
	OF(COMPARE_FIELD_NODE, struct cell, numa_node),
	OF(COMPARE_FIELD_PARALLEL, struct cell, parallel),
};

static const struct member host_number[] = {
	OF(COMPARE_FIELD_PLATFORM, struct host_facts, platform),
	OF(COMPARE_FIELD_CPU, struct host_facts, cpu.family),
	OF(COMPARE_FIELD_CPU, struct host_facts, cpu.model),
	OF(COMPARE_FIELD_CPU, struct host_facts, cpu.stepping),
	OF(COMPARE_FIELD_CPUS, struct host_facts, cpu.logical_cpus),
	OF(COMPARE_FIELD_NUMA_BALANCING, struct host_facts, memory.numa_balancing),
};

static const struct member host_text[] = {
	OF(COMPARE_FIELD_HYPERVISOR, struct host_facts, cpu.hypervisor_name),
	OF(COMPARE_FIELD_CPU, struct host_facts, cpu.vendor),
	OF(COMPARE_FIELD_CPU, struct host_facts, cpu.name),
	OF(COMPARE_FIELD_MICROCODE, struct host_facts, cpu.microcode),
	OF(COMPARE_FIELD_KERNEL, struct host_facts, kernel_release),
	OF(COMPARE_FIELD_KERNEL, struct host_facts, kernel_version),
	OF(COMPARE_FIELD_THP, struct host_facts, memory.thp_enabled),
	OF(COMPARE_FIELD_CLOCKSOURCE, struct host_facts, clocksource),
	OF(COMPARE_FIELD_GOVERNOR, struct host_facts, governor),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t numbers_differ(const struct member *m, size_t n, const void *a, const void *b)
{
	uint32_t differ = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (memcmp((const char *)a + m[i].offset, (const char *)b + m[i].offset,
			   m[i].size) != 0)
			differ |= 1u << m[i].field;
	}
	return differ;
}

uint32_t cell_fields_differ(const struct cell *a, const struct cell *b)
{
	uint32_t other = a->pin != b->pin || a->guest_bytes != b->guest_bytes;

	return numbers_differ(cell_member, COUNT(cell_member), a, b) |
	       (other ? COMPARE_OTHER_CELL : 0);
}

uint32_t compare_cells_differ(const struct cell *a, const struct cell *b)
{
	return cell_fields_differ(a, b);
}

uint32_t host_fields_differ(const struct host_facts *a, const struct host_facts *b)
{
	uint32_t differ = numbers_differ(host_number, COUNT(host_number), a, b);
	size_t i;

	for (i = 0; i < COUNT(host_text); i++) {
		if (strncmp((const char *)a + host_text[i].offset,
			    (const char *)b + host_text[i].offset, host_text[i].size) != 0)
			differ |= 1u << host_text[i].field;
	}
	return differ;
}

bool cell_fields_same_line(const struct cell *a, const struct cell *b)
{
	const uint32_t apart = COMPARE_OTHER_CELL | 1u << COMPARE_FIELD_TOUCH;

	return a->pin == b->pin && (cell_fields_differ(a, b) & ~apart) == 0 &&
	       a->touch_order == b->touch_order && a->touch_op == b->touch_op;
}

/* A field of a host for people: for each field the member that says it best. */
const char *compare_field_text(const struct host_facts *h, enum compare_field field, char *buf,
			       size_t size)
{
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < COUNT(host_text); i++) {
		if (host_text[i].field == field)
			snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", buf[0] ? " " : "",
				 (const char *)h + host_text[i].offset);
	}
	if (field == COMPARE_FIELD_PLATFORM)
		snprintf(buf, size, "%s", words_text(&words_platform, h->platform));
	else if (field == COMPARE_FIELD_CPU)
		snprintf(buf, size, "%s (family %d, model %d, stepping %d)", h->cpu.name,
			 h->cpu.family, h->cpu.model, h->cpu.stepping);
	else if (field == COMPARE_FIELD_CPUS)
		snprintf(buf, size, "%d", h->cpu.logical_cpus);
	else if (field == COMPARE_FIELD_NUMA_BALANCING)
		snprintf(buf, size, "%lld", (long long)h->memory.numa_balancing);
	return buf;
}
