/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_words: the sentences in which every rendering tells a gate's verdict. Plain text. */
#ifndef REPORT_GATE_WORDS_H
#define REPORT_GATE_WORDS_H

#include "sevpinbench/gate.h"
#include <stddef.h>

#define GATE_SENTENCE 512

/* "startup 33.5 ms -> 40.1 ms (+19.7%), more than 5.0% ...": why this row has its verdict. */
char *gate_row_sentence(const struct gate *g, const struct gate_row *r, char *buf, size_t size);

/* "gate: FAIL: 2 of 40 figures got worse ...", with the error rates; one line. */
char *gate_verdict_sentence(const struct gate *g, char *buf, size_t size);

/* "The family-wise error is 1%: ..."; what the verdict promises. */
char *gate_promise(const struct gate *g, char *buf, size_t size);

#endif
