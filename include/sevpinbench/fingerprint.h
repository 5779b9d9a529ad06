/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fingerprint: which machine a result is of, as a word for a folder's name. Made of what stays when
 * the machine is set up anew (processor, CPUs, memory, platform), so neither its name nor its
 * kernel is in it: runners of a CI have a new name each time, and a new kernel is what is to be
 * compared.
 */
#ifndef SEVPINBENCH_FINGERPRINT_H
#define SEVPINBENCH_FINGERPRINT_H

#include "sevpinbench/host.h"

#define FINGERPRINT_LEN 17 /* 16 hexadecimal digits */

/* Returns buf, which needs FINGERPRINT_LEN bytes. */
char *fingerprint_make(const struct host_facts *h, char *buf);

#endif
