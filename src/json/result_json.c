// SPDX-License-Identifier: GPL-2.0-or-later
/* result_json: record <-> the document in a file. */
#include "sevpinbench/result_json.h"

#include "json_record.h"
#include "sevpinbench/file_beside.h"
#include <errno.h>

static int write_open(const struct record *r, struct file_beside *b, struct doc_at *at)
{
	struct doc_out out = {.fd = b->fd};
	int err = doc_record_write(r, &doc_form_result, &out, at);

	if (!err) {
		err = doc_out_flush(&out);
		if (err)
			fault_set(at->fault, -err, at->op, "%s", b->beside);
	}
	doc_out_close(&out);
	return err;
}

int result_json_write(const struct record *r, const char *path, struct fault *f)
{
	struct doc_at at = {.op = "write result", .file = path, .fault = f};
	struct file_beside b = {.fd = -1};
	int err = file_beside_open(&b, path, f);

	if (!err) {
		err = write_open(r, &b, &at);
		if (err)
			file_beside_abandon(&b);
		else
			err = file_beside_commit(&b, f);
	}
	if (err == -ENOSPC || err == -EDQUOT)
		fault_hint(f, "free space on that file system");
	return err;
}

int result_json_read(struct record *r, const char *path, struct fault *f)
{
	return result_json_stream(r, path, NULL, f);
}

int result_json_stream(struct record *r, const char *path, const struct result_sink *sink,
		       struct fault *f)
{
	struct doc_at at = {.op = "read result", .file = path, .fault = f};
	struct doc_stream s;
	int err = doc_stream_open(&s, path, doc_form_result.file_max, &at);

	if (err)
		return err;
	err = doc_record_read(r, &doc_form_result, &s, sink, &at);
	if (!err)
		err = doc_stream_end(&s, &at);
	doc_stream_close(&s);
	if (err)
		record_close(r);
	return doc_hint_file(&at, err);
}
