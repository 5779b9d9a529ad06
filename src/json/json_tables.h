/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_tables: the descriptors of all that a record holds. */
#ifndef JSON_TABLES_H
#define JSON_TABLES_H

#include "json_field.h"
#include "sevpinbench/record.h"

/* So long that the sum of a sample's phases still fits a JSON integer: 9 years. */
#define DOC_NS_MAX (INT64_MAX / 32)

/* The same for counts of a phase. */
#define DOC_COUNT_MAX (INT64_MAX / 32)

/* A sample line of a journal. */
struct doc_journal_line {
	uint32_t cell;
	bool warmup;
	struct sample_room room;
};

extern const struct doc_field doc_tool_fields[];	 /* struct record_tool */
extern const struct doc_field doc_host_fields[];	 /* struct host_facts */
extern const struct doc_field doc_sample_fields[];	 /* struct sample_room, untied */
extern const struct doc_field doc_faults_fields[];	 /* the same: its faults */
extern const struct doc_field doc_cell_fields[];	 /* struct cell */
extern const struct doc_field doc_refusal_fields[];	 /* struct record_refusal */
extern const struct doc_field doc_record_fields[];	 /* struct record: what is known first */
extern const struct doc_field doc_end_fields[];		 /* struct record: what is known last */
extern const struct doc_field doc_journal_line_fields[]; /* struct doc_journal_line */

extern const struct doc_kind doc_flushes, doc_guest_stats; /* struct sample_room, json_counts.c */

/*
 * The key "audit" of a cell that was audited. doc_audit() gives NULL with the fault filled;
 * doc_audit_read() counts tests of all cells in *total, and refuses too many.
 */
json_t *doc_audit(const struct record_audit *a, struct doc_at *at);
int doc_audit_read(struct record_audit *a, json_t *value, uint64_t *total, struct doc_at *at);

/* The key "summary" of a cell, computed from its samples. NULL with the fault filled. */
json_t *doc_summary(const struct record_cell *c, struct doc_at *at);

#endif
