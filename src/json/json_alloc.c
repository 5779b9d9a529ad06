// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_alloc: memory for jansson.
 *
 * Where a request for memory fails while it reads, jansson 2.14 loses characters of a number
 * without a word (lex_save() in load.c), ends the process by an assertion, or frees what it never
 * had (an object whose table could not grow). So the request does not fail: it is served from a
 * reserve, the value is read to its end, and then refused for want of memory.
 */
#include "json_alloc.h"

#include <jansson.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#define RESERVE_BYTES (1 << 20) /* only used where it is needed: no page before that */
#define ALIGNMENT     16

static _Alignas(ALIGNMENT) char reserve[RESERVE_BYTES];
static size_t reserve_used, reserve_live;
static pthread_mutex_t reserve_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool failed;

static void *take(size_t bytes)
{
	void *memory = malloc(bytes);
	size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (memory)
		return memory;
	failed = true;
	pthread_mutex_lock(&reserve_lock);
	if (rounded >= bytes && rounded <= RESERVE_BYTES - reserve_used) {
		memory = reserve + reserve_used;
		reserve_used += rounded;
		reserve_live++;
	}
	pthread_mutex_unlock(&reserve_lock);
	return memory;
}

static void give_back(void *memory)
{
	const char *at = memory;

	if (at < reserve || at >= reserve + RESERVE_BYTES) {
		free(memory);
		return;
	}
	pthread_mutex_lock(&reserve_lock);
	if (--reserve_live == 0)
		reserve_used = 0;
	pthread_mutex_unlock(&reserve_lock);
}

static void install(void)
{
	json_set_alloc_funcs(take, give_back);
}

void json_alloc_install(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
}

bool json_alloc_failed(void)
{
	bool was = failed;

	failed = false;
	return was;
}
