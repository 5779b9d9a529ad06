/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reading: the start of a verb that only reads documents. */
#ifndef SEVPINBENCH_CMD_READING_H
#define SEVPINBENCH_CMD_READING_H

#include <stdbool.h>

/*
 * Give up what such a verb has no use for, before a document is opened: sockets, starting programs
 * (gnuplot apart, where the verb draws), capabilities. Where the kernel cannot, that is told and
 * the verb goes on. Call it once, after the options.
 */
void reading_begin(const char *verb, bool draws);

#endif
