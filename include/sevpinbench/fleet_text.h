/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet_text: the words in which every rendering tells a fleet. */
#ifndef SEVPINBENCH_FLEET_TEXT_H
#define SEVPINBENCH_FLEET_TEXT_H

#include "sevpinbench/fleet.h"
#include <stddef.h>
#include <stdint.h>

#define FLEET_CLASS 12

/* Fields (bits) in which the fleet's cells differ among each other, so that names must tell them. 0
   or -ENOMEM. */
int fleet_varying(const struct fleet *f, uint32_t *varying);

/* "A", "B", ..: a class of groups that are alike. Returns buf, of FLEET_CLASS bytes. */
char *fleet_class_name(uint32_t alike, char *buf);

/* "3 hosts: a, b and c: AMD EPYC ..., Linux 6.1.0, hardware": a class, plain text. Returns buf. */
char *fleet_class_text(const struct fleet *f, uint32_t alike, char *buf, size_t size);

/*
 * What the reader of the numbers must know, a sentence each, plain text: that a host was EMULATED,
 * in what classes differ, what was not measured everywhere, what was pooled and disagrees.
 */
void fleet_notes(const struct fleet *f, uint32_t varying, void (*note)(void *arg, const char *text),
		 void *arg);

#endif
