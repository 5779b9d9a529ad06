/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_alloc: memory for jansson, which does not live through it when there is none. */
#ifndef JSON_ALLOC_H
#define JSON_ALLOC_H

#include <stdbool.h>

/*
 * Let jansson take its memory here: malloc(3), and where that fails a reserve. For parsing, see
 * json_alloc_failed(); may be called again at any time. One thread only.
 */
void json_alloc_install(void);

/* Was malloc(3) without memory since this was last asked? What was parsed may lack characters. */
bool json_alloc_failed(void);

#endif
