// SPDX-License-Identifier: GPL-2.0-or-later
/* fingerprint: which machine a result is of. */
#include "sevpinbench/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

#define GIB (INT64_C(1) << 30)

/* FNV-1a, 64 bits (Fowler, Noll, Vo): well spread and the same everywhere. */
static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

char *fingerprint_make(const struct host_facts *h, char *buf)
{
	char text[4 * HOST_TEXT];

	/* To whole GiB: what the kernel keeps for itself differs from one to the next. */
	snprintf(text, sizeof(text), "%s|%s|%d|%d|%d|%d|%u|%s|%" PRId64, h->cpu.vendor, h->cpu.name,
		 h->cpu.family, h->cpu.model, h->cpu.stepping, h->cpu.logical_cpus,
		 (unsigned)h->platform, h->cpu.hypervisor_name,
		 (h->memory.total_bytes + GIB - 1) / GIB);
	snprintf(buf, FINGERPRINT_LEN, "%016" PRIx64, hash(text));
	return buf;
}
