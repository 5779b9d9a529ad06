// SPDX-License-Identifier: GPL-2.0-or-later
/* journal: the samples of a running campaign on disk, one JSON line each. */
#include "sevpinbench/journal.h"

#include "json_record.h"
#include "json_tables.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int fail(struct fault *f, int err, const char *op, const char *path)
{
	fault_set(f, -err, op, "%s", path);
	if (err == -ENOSPC || err == -EDQUOT)
		fault_hint(
			f,
			"free space on that file system; the samples before this one are safe in "
			"the journal");
	return err;
}

/*
 * Append a line that ends in a newline. Where it cannot be written whole, what was written of it
 * is taken back; where that fails too the journal is closed, so that no later line hides the torn
 * one from recover, which leaves out only a last line.
 */
static int append(struct journal *j, const struct doc_out *line)
{
	struct stat st;
	int err;

	if (fstat(j->fd, &st) < 0)
		return -errno;
	err = sys_write_all(j->fd, line->text, line->used);
	if (err && sys_ftruncate(j->fd, st.st_size))
		sys_close(&j->fd);
	return err;
}

static int write_head(struct journal *j, const struct record *r, struct fault *f)
{
	struct doc_at at = {.op = "write journal", .file = j->path, .fault = f};
	struct doc_out line = {.fd = -1};
	int err = doc_record_write(r, &doc_form_journal, &line, &at);

	if (!err) {
		err = line.err ? line.err : append(j, &line);
		if (err)
			fail(f, err, at.op, j->path);
	}
	doc_out_close(&line);
	return err;
}

int journal_open(struct journal *j, const char *path, const struct record *r, struct fault *f)
{
	int err;

	j->fd = -1;
	if (strlen(path) >= sizeof(j->path))
		return fail(f, -ENAMETOOLONG, "create journal", path);
	snprintf(j->path, sizeof(j->path), "%s", path);
	/* O_APPEND: after a line was taken back, the next must not leave a hole. */
	err = sys_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND, 0644);
	if (err < 0) {
		fail(f, err, "create journal", path);
		if (err == -EEXIST)
			fault_hint(f,
				   "an earlier run left it: \"sevpinbench recover %s\" makes a "
				   "document of what it measured; or remove it",
				   path);
		return err;
	}
	j->fd = err;
	err = write_head(j, r, f);
	if (!err)
		return 0;
	sys_close(&j->fd);
	sys_unlink(j->path);
	return err;
}

int journal_add(struct journal *j, uint32_t cell, bool warmup, const struct sample *s,
		struct fault *f)
{
	struct doc_journal_line line = {.cell = cell, .warmup = warmup};
	struct doc_at at = {.op = "write journal", .file = j->path, .fault = f};
	struct doc_out out = {.fd = -1};
	json_t *value;
	int err;

	if (j->fd < 0)
		return fail(f, -EBADF, at.op, "a journal that is closed, perhaps after an error");
	sample_room_copy(&line.room, s);
	value = doc_new(doc_journal_line_fields, &line, &at);
	if (!value)
		return at.err;
	doc_out_value(&out, value);
	doc_out_text(&out, "\n");
	err = out.err ? out.err : append(j, &out);
	if (err)
		fail(f, err, at.op, j->path);
	doc_out_close(&out);
	return err;
}

void journal_close(struct journal *j, bool remove_file)
{
	bool was_open = j->fd >= 0;

	sys_close(&j->fd);
	if (was_open && remove_file)
		sys_unlink(j->path);
}

/* ---- reading ---- */

static int add_line(struct record *r, json_t *value, uint64_t *total, struct doc_at *at)
{
	struct doc_journal_line line = {0};
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	if (!err)
		err = doc_read(doc_journal_line_fields, &line, value, at);
	if (!err && line.cell >= r->cell_count)
		err = doc_refuse(at, EINVAL, "cell %u of %u", line.cell, r->cell_count);
	if (err)
		return err;
	sample_room_tie(&line.room);
	return doc_sample_add(&r->cell[line.cell], line.warmup, &line.room.sample, total, at);
}

/*
 * All lines behind the first. A last line without its newline was cut short; where it is whole
 * but for that, it is a sample like any other.
 */
static int read_lines(struct record *r, struct doc_stream *s, struct doc_at *at)
{
	json_t *value = NULL;
	uint64_t total = 0;
	size_t bytes;
	char *text;
	bool whole;
	int err;

	for (at->line = 2; (err = doc_stream_line(s, at, &text, &bytes, &whole)) > 0; at->line++) {
		err = doc_parse(text, bytes, at, &value);
		if (err == -EINVAL && !whole)
			return 0;
		if (!err)
			err = add_line(r, value, &total, at);
		json_decref(value);
		if (err)
			return err;
	}
	return err;
}

static int read_head(struct record *r, struct doc_stream *s, struct doc_at *at)
{
	size_t bytes = 0;
	char *text;
	bool whole;
	int err;

	at->line = 1;
	err = doc_record_read(r, &doc_form_journal, s, NULL, at);
	if (!err)
		err = doc_stream_line(s, at, &text, &bytes, &whole);
	if (err > 0)
		err = bytes > 0 ? doc_refuse(at, EINVAL, "more text behind the first object") : 0;
	return err;
}

int journal_read(struct record *r, const char *path, struct fault *f)
{
	struct doc_at at = {.op = "read journal", .file = path, .fault = f};
	struct doc_stream s;
	int err = doc_stream_open(&s, path, doc_form_journal.file_max, &at);

	if (err)
		return err;
	err = read_head(r, &s, &at);
	if (!err)
		err = read_lines(r, &s, &at);
	doc_stream_close(&s);
	if (err) {
		record_close(r);
		return doc_hint_file(&at, err);
	}
	if (f)
		*f = (struct fault){0};
	r->complete = false;
	snprintf(r->stopped_by, sizeof(r->stopped_by), "recovered from journal");
	return 0;
}
