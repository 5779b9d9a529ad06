// SPDX-License-Identifier: GPL-2.0-or-later
/* probes: experiments on the memory of a guest that has touched what it does. */
#include "probes.h"

#include "sevpinbench/host_moves.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOVES_MAX     64 /* pages of a kind that are tried: enough to tell */
#define MOVE_TRIES    3
#define BLOCKS_MAX    4 /* the same of huge pages */
#define BLOCK_BYTES   (2 * UNITS_MIB)
#define BLOCK_PAGES   (BLOCK_BYTES / UNITS_PAGE_BYTES)
#define CONTROL_BYTES (4 * BLOCK_BYTES)
#define CONTROL_PAGES (CONTROL_BYTES / UNITS_PAGE_BYTES)

int probe_child(const struct guest_memory *m, struct host_page *page, uint64_t pages)
{
	size_t bytes = pages * sizeof(*page);
	void *shared;
	int status = 0, err;
	pid_t child;

	err = sys_mmap(&shared, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (err < 0)
		return err;
	child = fork();
	if (child == 0)
		_exit(-host_pagemap_frames(m->host, pages, shared));
	err = child < 0 ? -errno : 0;
	if (!err && waitpid(child, &status, 0) == child)
		err = WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
	for (uint64_t i = 0; i < pages && !err; i++)
		page[i] = ((const struct host_page *)shared)[i];
	sys_munmap(&shared, bytes);
	return err;
}

/* ---- to another node ---- */

/* Whoever has the page for a moment, as the kernel's own lists do, keeps it: it is tried again. */
static int move_away(const struct audit_context *c, void *page)
{
	int r = 0;

	for (int i = 0; i < MOVE_TRIES && r == 0; i++)
		r = host_numa_move(page,
				   host_numa_node_of(page) == c->node[0] ? c->node[1] : c->node[0]);
	return r;
}

/* Try to move some pages of which this is expected, each to the node where it is not. */
static int try_moves(const struct audit_context *c, const struct cell *cell, const struct story *s,
		     const struct guest_memory *m, enum expectation e, struct story_moves *moves)
{
	uint64_t step;
	int r = 0;

	/* A huge page moves as one, to and fro if each of its pages were moved. */
	for (uint64_t i = 0; i < s->pages && moves->tried < MOVES_MAX && r >= 0; i += step) {
		void *page = m->host + i * UNITS_PAGE_BYTES;

		step = s->page[MOMENT_TOUCHED][i].huge ? BLOCK_PAGES - i % BLOCK_PAGES : 1;
		if (s->page[MOMENT_TOUCHED][i].frame == 0 ||
		    expect_page(cell, s, MOMENT_TOUCHED, i) != e)
			continue;
		r = move_away(c, page);
		moves->tried++;
		moves->moved += r > 0;
	}
	return r < 0 ? r : 0;
}

static void probe_nodes(const struct audit_context *c, const struct cell *cell, struct story *s,
			const struct guest_memory *m)
{
	struct story_probes *p = &s->probes;

	if (c->node_count < 2)
		return;
	p->move_err = try_moves(c, cell, s, m, EXPECT_PINNED, &p->to_node);
	if (!p->move_err)
		p->move_err = try_moves(c, cell, s, m, EXPECT_FREE, &p->others_to_node);
}

/* ---- memory of our own, of which is known that nobody holds it ---- */

struct control {
	void *map;
	unsigned char *block; /* whole huge pages, of small pages that are there */
	struct host_page before[CONTROL_PAGES], after[CONTROL_PAGES];
};

static int control_open(struct control *k)
{
	int r = sys_mmap(&k->map, CONTROL_BYTES + BLOCK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t start = (uintptr_t)k->map;

	if (r < 0)
		return r;
	k->block = (unsigned char *)k->map + (BLOCK_BYTES - start % BLOCK_BYTES) % BLOCK_BYTES;
	sys_madvise(k->block, CONTROL_BYTES, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < CONTROL_BYTES; i += UNITS_PAGE_BYTES)
		((volatile unsigned char *)k->block)[i] = 1;
	return 0;
}

static void control_close(struct control *k)
{
	sys_munmap(&k->map, CONTROL_BYTES + BLOCK_BYTES);
}

/* ---- compaction ---- */

static void count_moved(const struct host_page *before, const struct host_page *after, uint64_t i,
			struct story_moves *moves)
{
	if (before[i].frame == 0 || before[i].zero)
		return;
	moves->tried++;
	moves->moved += before[i].frame != after[i].frame;
}

/* Free memory lies together already where nobody has taken it apart: every other page is given
 * back. */
static void make_holes(struct control *k)
{
	for (uint64_t i = 0; i < CONTROL_BYTES; i += 2 * UNITS_PAGE_BYTES)
		sys_madvise(k->block + i, UNITS_PAGE_BYTES, MADV_DONTNEED);
}

static int look_at(const struct guest_memory *m, struct host_page *page, uint64_t pages)
{
	int err = host_pagemap_frames(m->host, pages, page);

	return err ? err : host_pagemap_kinds(page, pages);
}

static int compact(const struct cell *cell, struct story *s, const struct guest_memory *m,
		   struct control *k, struct host_page *before, struct host_page *after)
{
	struct story_probes *p = &s->probes;
	int err = look_at(m, before, s->pages);

	make_holes(k);
	if (!err)
		err = host_pagemap_frames(k->block, CONTROL_PAGES, k->before);
	if (!err)
		err = host_moves_compact();
	if (!err)
		err = host_pagemap_frames(k->block, CONTROL_PAGES, k->after);
	if (!err)
		err = host_pagemap_frames(m->host, s->pages, after);
	for (uint64_t i = 0; i < s->pages && !err; i++) {
		enum expectation e = expect_page(cell, s, MOMENT_TOUCHED, i);

		if (e != EXPECT_EITHER)
			count_moved(before, after, i,
				    e == EXPECT_PINNED ? &p->compacted : &p->others_compacted);
	}
	for (uint64_t i = 0; i < CONTROL_PAGES && !err; i++)
		count_moved(k->before, k->after, i, &p->control_compacted);
	return err;
}

static void probe_compaction(const struct cell *cell, struct story *s, const struct guest_memory *m,
			     struct control *k)
{
	struct host_page *page = calloc(2 * s->pages, sizeof(*page));

	s->probes.compact_err = page ? compact(cell, s, m, k, page, page + s->pages) : -ENOMEM;
	free(page);
}

/* ---- small pages into a huge one ---- */

/* All of its pages are there, small, and expected to be pinned. */
static bool is_pinned_block(const struct cell *cell, const struct story *s, uint64_t first)
{
	for (uint64_t i = first; i < first + BLOCK_PAGES; i++) {
		const struct host_page *page = &s->page[MOMENT_TOUCHED][i];

		if (page->frame == 0 || (page->huge && !page->zero) ||
		    expect_page(cell, s, MOMENT_TOUCHED, i) != EXPECT_PINNED)
			return false;
	}
	return true;
}

static int try_collapse(void *block, struct story_moves *moves)
{
	volatile unsigned char *byte = block;
	unsigned char value = *byte;
	int r;

	/* fork(2) has made what is not pinned read-only, and a block without a page to write stays.
	 */
	*byte = value;
	r = host_moves_collapse(block, BLOCK_BYTES);

	moves->tried++;
	moves->moved += r > 0;
	return r < 0 ? r : 0;
}

static void probe_collapse(const struct cell *cell, struct story *s, const struct guest_memory *m,
			   struct control *k)
{
	struct story_probes *p = &s->probes;

	/* The holes that compaction wanted are filled. */
	for (uint64_t i = 0; i < BLOCK_BYTES; i += UNITS_PAGE_BYTES)
		((volatile unsigned char *)k->block)[i] = 1;
	p->collapse_err = try_collapse(k->block, &p->control_collapsed);
	for (uint64_t i = 0; i + BLOCK_PAGES <= s->pages && p->collapsed.tried < BLOCKS_MAX;
	     i += BLOCK_PAGES) {
		if (!p->collapse_err && is_pinned_block(cell, s, i))
			p->collapse_err =
				try_collapse(m->host + i * UNITS_PAGE_BYTES, &p->collapsed);
	}
}

void probe_all(const struct audit_context *c, const struct cell *cell, struct story *s,
	       const struct guest_memory *m)
{
	struct control *k = calloc(1, sizeof(*k));
	int r = k ? control_open(k) : -ENOMEM;

	probe_nodes(c, cell, s, m);
	s->probes.compact_err = s->probes.collapse_err = r;
	if (r == 0) {
		probe_compaction(cell, s, m, k);
		if (!guest_memory_is_file(cell->backing))
			probe_collapse(cell, s, m, k);
		control_close(k);
	}
	free(k);
}
