/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say: how the program speaks of failures: once each, on standard error; to journald with its
 * level. */
#ifndef SEVPINBENCH_CMD_SAY_H
#define SEVPINBENCH_CMD_SAY_H

#include "sevpinbench/fault.h"

/*
 * "sevpinbench VERB: ASKED: OP: OBJECT: errno text", and the hint on a line of its own.
 * Returns the exit code that fits the errno: EXIT_UNSUPPORTED where the kernel or the hardware
 * has no such thing, else EXIT_LACKS.
 */
int say_fault(const char *verb, const char *asked, const struct fault *f);

/* A wrong use: the fault's words and where to read on. Returns EXIT_USAGE. */
int say_usage(const char *verb, const struct fault *f);

/* That a signal came before there was anything to keep. Returns the exit code for it. */
int say_stopped(const char *verb);

/* Returns EXIT_LACKS. */
int say_no_memory(const char *verb);

/* A line of the program's own. */
void say(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Flush standard output and look whether all of it arrived. Returns EXIT_FINE, or EXIT_LACKS
 * after saying so.
 */
int say_flush(const char *verb);

#endif
