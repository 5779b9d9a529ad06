/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result_report: results told to a reader: as text, as Markdown, or as one HTML page that needs
 * nothing else. All say the same, computed once. Texts from a record are data and are escaped.
 */
#ifndef SEVPINBENCH_RESULT_REPORT_H
#define SEVPINBENCH_RESULT_REPORT_H

#include "sevpinbench/fault.h"
#include "sevpinbench/record.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum report_form { REPORT_TEXT, REPORT_MARKDOWN, REPORT_HTML };

struct report_request {
	enum report_form form;
	const struct record *const *record;
	const char *const *name; /* what each was read from */
	uint32_t count;		 /* at least 1 */
	const char *version;	 /* of this program */
	bool no_plots;		 /* HTML: draw none */
};

/*
 * Write the report to out, which the caller owns and checks with ferror(). 0, or -ENOMEM with f
 * set. Where the HTML's plots cannot be drawn, the page says so and the rest is whole; *lacking
 * then tells why (it is unset where all is well), so that the caller can say it too.
 */
int result_report_print(const struct report_request *q, FILE *out, struct fault *lacking,
			struct fault *f);

#endif
