/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version: which program this is. */
#ifndef SEVPINBENCH_CMD_VERSION_H
#define SEVPINBENCH_CMD_VERSION_H

extern const char version_number[];	  /* "0.1.0" */
extern const char version_git_revision[]; /* "" where built outside a repository */

#endif
