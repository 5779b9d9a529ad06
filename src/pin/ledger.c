// SPDX-License-Identifier: GPL-2.0-or-later
/* ledger: this tool's own account of what it has pinned. */
#include "sevpinbench/ledger.h"

#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <sys/mman.h>

static uint64_t bits_bytes(const struct ledger *l)
{
	return (l->chunks + 63) / 64 * sizeof(uint64_t);
}

int ledger_open(struct ledger *l, uint64_t total_bytes, uint64_t chunk_bytes, struct fault *f)
{
	void *bits;
	int r;

	*l = (struct ledger){.total_bytes = total_bytes, .chunk_bytes = chunk_bytes};
	l->chunks = total_bytes / chunk_bytes + (total_bytes % chunk_bytes != 0);
	r = sys_mmap(&bits, bits_bytes(l), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (r < 0)
		return fault_set(f, -r, "mmap", "ledger of %llu chunks",
				 (unsigned long long)l->chunks);
	l->bits = bits;
	return 0;
}

bool ledger_has(const struct ledger *l, uint64_t chunk)
{
	return __atomic_load_n(&l->bits[chunk / 64], __ATOMIC_RELAXED) >> (chunk % 64) & 1;
}

uint64_t ledger_chunk_bytes(const struct ledger *l, uint64_t chunk)
{
	uint64_t start = chunk * l->chunk_bytes;

	return l->total_bytes - start < l->chunk_bytes ? l->total_bytes - start : l->chunk_bytes;
}

void ledger_add(struct ledger *l, uint64_t chunk)
{
	__atomic_fetch_or(&l->bits[chunk / 64], 1ULL << (chunk % 64), __ATOMIC_RELAXED);
	__atomic_fetch_add(&l->pages, units_pages(ledger_chunk_bytes(l, chunk)), __ATOMIC_RELAXED);
}

void ledger_clear(struct ledger *l)
{
	/* The count alone: a start never pins again after it has released. */
	__atomic_store_n(&l->pages, 0, __ATOMIC_RELAXED);
}

uint64_t ledger_pages(const struct ledger *l)
{
	return __atomic_load_n(&l->pages, __ATOMIC_RELAXED);
}

void ledger_close(struct ledger *l)
{
	void *bits = l->bits;

	sys_munmap(&bits, bits_bytes(l));
	*l = (struct ledger){0};
}
