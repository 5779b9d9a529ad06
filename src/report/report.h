/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report: what the forms of a report share: findings, facts, and text made fit for HTML. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "sevpinbench/cell_view.h"
#include "sevpinbench/result_report.h"
#include <stdio.h>

#define REPORT_FACT 2200 /* room for the longest fact */

/* A finding a line, as under the table; the caller frees the text. NULL where memory is short. */
char *report_findings(const struct cell_view *v);

/* Facts about a record: the name and the text of number i; false behind the last one. */
bool report_fact(const struct record *r, unsigned i, const char **name, char *text, size_t size);

/* The file's name without its folder. */
const char *report_name(const struct report_request *q, uint32_t i);

/* Print text as HTML's: made plain (plain_text.h), and without a character HTML reads. */
void html_put_text(const char *text, FILE *out);

/* Print bytes in base64. */
void html_put_base64(const unsigned char *bytes, size_t n, FILE *out);

/* The page's head up to <body>, with style; and its script with what follows, to </html>. */
void html_put_head(FILE *out);
void html_put_tail(FILE *out);

/* The forms. 0 or -ENOMEM. */
int report_put_text(const struct report_request *q, FILE *out);
int report_put_markdown(const struct report_request *q, FILE *out);
int report_put_html(const struct report_request *q, FILE *out, struct fault *lacking);

#endif
