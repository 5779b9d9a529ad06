/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exit_code: what the exit status of every verb means. Documented in every man page. */
#ifndef SEVPINBENCH_CMD_EXIT_CODE_H
#define SEVPINBENCH_CMD_EXIT_CODE_H

enum exit_code {
	EXIT_FINE = 0,
	EXIT_MEASURED = 1, /* a measured failure: a leak, a failed sample */
	EXIT_USAGE = 2,
	EXIT_LACKS = 3,	      /* a resource or a permission */
	EXIT_UNSUPPORTED = 4, /* here */
	EXIT_UNTRUSTED = 5,   /* the measurement can't be trusted */
	EXIT_SIGNAL = 128,    /* plus the signal's number */
};

#endif
