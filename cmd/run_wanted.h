/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_wanted: the campaign of "sevpinbench run" for another verb. */
#ifndef SEVPINBENCH_CMD_RUN_WANTED_H
#define SEVPINBENCH_CMD_RUN_WANTED_H

#include "run_options.h"
#include <stddef.h>

/*
 * Measure the cells that the options want, with a journal, into a document, whose path is told on
 * standard error and left in path ("" where it came to none). Nothing is printed on standard
 * output. argv is the verb's, for the document. An exit code, as of run; where the host cannot
 * measure one of the cells, that is told and nothing is measured.
 */
int run_wanted(const char *verb, const struct run_options *o, int argc, char **argv, char *path,
	       size_t size);

#endif
