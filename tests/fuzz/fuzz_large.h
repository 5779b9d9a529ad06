/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_large: large memory at little cost, for the targets whose parsers take it each time. */
#ifndef TESTS_FUZZ_LARGE_H
#define TESTS_FUZZ_LARGE_H

#include "fuzz.h"

/*
 * Room for all cells, or the window that a file is read through, is megabytes, and a sanitizer
 * clears its notes on each of them: that would take a hundred times as long as the rest. So they
 * are mapped, the end of the memory against a page that nobody may touch.
 */
#define LARGE_LEAST 65536
#define PAGE	    4096

struct large {
	void *memory, *mapping;
	size_t asked, bytes;
};

static struct large large[8];

static void *map_large(size_t bytes)
{
	size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
	struct large *l = large;
	char *mapping;

	while (l < large + 8 && l->memory)
		l++;
	must(l < large + 8);
	mapping = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	must(mapping != MAP_FAILED && mprotect(mapping + pages, PAGE, PROT_NONE) == 0);
	*l = (struct large){mapping + (pages - bytes) / 16 * 16, mapping, bytes, pages + PAGE};
	return l->memory;
}

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes)
{
	return bytes < LARGE_LEAST ? __real_malloc(bytes) : map_large(bytes);
}

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes)
{
	return n * bytes < LARGE_LEAST ? __real_calloc(n, bytes) : map_large(n * bytes);
}

/* NULL: it is none of these. */
static struct large *find_large(const void *memory)
{
	for (struct large *l = large; memory && l < large + 8; l++) {
		if (l->memory == memory)
			return l;
	}
	return NULL;
}

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
	struct large *l = find_large(memory);

	if (!l) {
		__real_free(memory);
		return;
	}
	munmap(l->mapping, l->bytes);
	*l = (struct large){0};
}

void *__real_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes)
{
	const struct large *l = find_large(memory);
	void *copy;

	if (!l)
		return __real_realloc(memory, bytes);
	copy = __wrap_malloc(bytes);
	must(copy);
	memcpy(copy, memory, l->asked < bytes ? l->asked : bytes);
	__wrap_free(memory);
	return copy;
}

/* What the sanitizer does not see of leaks. */
static inline void fuzz_must_have_freed(void)
{
	for (struct large *l = large; l < large + 8; l++)
		must(!l->memory);
}

#endif
