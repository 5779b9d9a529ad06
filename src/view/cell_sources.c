// SPDX-License-Identifier: GPL-2.0-or-later
/* cell_sources: the cells of several records as those of one, each knowing where it is from. */
#include "sevpinbench/cell_sources.h"

#include "sevpinbench/plain_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool kernels_tell_apart(const struct record *const *r, uint32_t count)
{
	uint32_t i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < i; k++) {
			if (strcmp(r[i]->host.kernel_release, r[k]->host.kernel_release) == 0)
				return false;
		}
	}
	return true;
}

/* "Linux 6.12.117+deb12-amd64" where the kernels tell the records apart, else the file's name. */
static void name_sources(struct cell_sources *s, const struct record *const *r,
			 const char *const *name)
{
	bool by_kernel = kernels_tell_apart(r, s->count);
	char text[CELL_SOURCE_TEXT - 8];
	const char *slash;
	uint32_t i;

	for (i = 0; i < s->count; i++) {
		slash = strrchr(name[i], '/');
		plain_text(by_kernel ? r[i]->host.kernel_release
			   : slash   ? slash + 1
				     : name[i],
			   CELL_SOURCE_CHARS, text, sizeof(text));
		snprintf(s->name[i], CELL_SOURCE_TEXT, "%s%s", by_kernel ? "Linux " : "", text);
	}
}

/* What is said of one source and holds for all: the least of them. */
static void merge_heads(struct record *merged, const struct record *r)
{
	merged->complete &= r->complete;
	if (r->host.platform > merged->host.platform)
		merged->host.platform = r->host.platform;
}

static uint32_t count_cells(const struct record *const *r, uint32_t count)
{
	uint64_t cells = 0;
	uint32_t i;

	for (i = 0; i < count; i++)
		cells += r[i]->cell_count;
	return cells > UINT32_MAX ? UINT32_MAX : (uint32_t)cells;
}

int cell_sources_open(struct cell_sources *s, const struct record *const *r,
		      const char *const *name, uint32_t count)
{
	uint32_t cells = count_cells(r, count), i, k, to = 0;

	*s = (struct cell_sources){.count = count};
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
	s->record = calloc(count, sizeof(*s->record));
	s->merged = malloc(sizeof(*s->merged));
	s->of_cell = calloc((size_t)cells + 1, sizeof(*s->of_cell));
	s->name = calloc(count, sizeof(*s->name));
	if (s->merged) {
		*s->merged = *r[0];
		s->merged->cell = calloc((size_t)cells + 1, sizeof(*s->merged->cell));
		s->merged->cell_count = cells;
	}
	if (!s->record || !s->merged || !s->of_cell || !s->name || !s->merged->cell) {
		cell_sources_close(s);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++) {
		s->record[i] = r[i];
		for (k = 0; k < r[i]->cell_count; k++, to++) {
			s->merged->cell[to] = r[i]->cell[k];
			s->of_cell[to] = i;
		}
		merge_heads(s->merged, r[i]);
	}
	name_sources(s, r, name);
	return 0;
}

void cell_sources_close(struct cell_sources *s)
{
	if (s->merged)
		free(s->merged->cell);
	free(s->merged);
	free(s->record);
	free(s->of_cell);
	free(s->name);
	*s = (struct cell_sources){0};
}
