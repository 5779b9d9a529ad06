// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail_alloc: a library to preload. The FAIL_ALLOC_AT-th request for memory fails, and the file
 * FAIL_ALLOC_MET is made then; how many there were is written to the file FAIL_ALLOC_COUNT at the
 * end. Only the program that is preloaded: what it starts finds the variables gone. Requests by
 * libseccomp are served and not counted: 2.5.4 frees twice what it had no memory to add, which
 * nobody can mend from outside.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own names, so that nothing has to be looked up while nothing can be allocated. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

static unsigned long seen, fails;
static char count_path[256], met_path[256];

/* Allocates nothing itself. */
static int is_spared(void *caller)
{
	struct dl_find_object at;

	return _dl_find_object(caller, &at) == 0 && strstr(at.dlfo_link_map->l_name, "libseccomp");
}

static int fails_now(void *caller)
{
	if (is_spared(caller))
		return 0;
	if (__atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED) != fails)
		return 0;
	if (met_path[0])
		close(open(met_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	errno = ENOMEM;
	return 1;
}

/* The parameters have the names that <stdlib.h> gives them. */
void *malloc(size_t __size)
{
	return fails_now(__builtin_return_address(0)) ? NULL : __libc_malloc(__size);
}

void *calloc(size_t __nmemb, size_t __size)
{
	return fails_now(__builtin_return_address(0)) ? NULL : __libc_calloc(__nmemb, __size);
}

void *realloc(void *__ptr, size_t __size)
{
	return fails_now(__builtin_return_address(0)) ? NULL : __libc_realloc(__ptr, __size);
}

void *aligned_alloc(size_t __alignment, size_t __size)
{
	return fails_now(__builtin_return_address(0)) ? NULL : __libc_memalign(__alignment, __size);
}

int posix_memalign(void **__memptr, size_t __alignment, size_t __size)
{
	void *p = fails_now(__builtin_return_address(0)) ? NULL
							 : __libc_memalign(__alignment, __size);

	if (p)
		*__memptr = p;
	return p ? 0 : ENOMEM;
}

/* What libraries did before main() is not counted: that is the loader's affair. */
__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAIL_ALLOC_AT"), *path = getenv("FAIL_ALLOC_COUNT"),
		   *met = getenv("FAIL_ALLOC_MET");

	if (path)
		snprintf(count_path, sizeof(count_path), "%s", path);
	if (met)
		snprintf(met_path, sizeof(met_path), "%s", met);
	fails = at ? strtoul(at, NULL, 10) : 0;
	unsetenv("LD_PRELOAD");
	seen = 0;
}

__attribute__((destructor)) static void end(void)
{
	int fd = count_path[0] ? open(count_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)
			       : -1;

	if (fd >= 0) {
		dprintf(fd, "%lu\n", seen);
		close(fd);
	}
}
