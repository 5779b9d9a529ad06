// SPDX-License-Identifier: GPL-2.0-or-later
/* json_stream: reads a JSON file a value at a time through a window of fixed size. */
#include "json_stream.h"

#include "json_alloc.h"
#include "json_field.h"
#include "json_scan.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WINDOW_BYTES (DOC_VALUE_MAX + 65536)
#define READ_BYTES   (128 * 1024) /* at once: what was read is still near when it is looked at */
#define SCAN_BYTES   8192	  /* so much is read ahead: no sample of ours is longer */

static int check_file(int fd, uint64_t most, struct doc_at *at)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return doc_refuse(at, errno, "%s", at->file);
	if (S_ISDIR(st.st_mode))
		return doc_refuse(at, EISDIR, "%s", at->file);
	if (!S_ISREG(st.st_mode))
		return doc_refuse(at, EINVAL, "%s is not a regular file", at->file);
	if ((uint64_t)st.st_size > most)
		return doc_refuse(at, EFBIG, "%s: %lld bytes, more than %llu", at->file,
				  (long long)st.st_size, (unsigned long long)most);
	return 0;
}

int doc_stream_open(struct doc_stream *s, const char *path, uint64_t most, struct doc_at *at)
{
	int err;

	*s = (struct doc_stream){.fd = -1, .most = most};
	/* Not to block where the name is a FIFO without a writer. */
	s->fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (s->fd < 0) {
		err = s->fd;
		s->fd = -1;
		return doc_refuse(at, -err, "%s", path);
	}
	err = check_file(s->fd, most, at);
	if (!err) {
		s->window = malloc(WINDOW_BYTES + DOC_SCAN_SLACK);
		s->pattern = calloc(1, sizeof(*s->pattern));
		if (!s->window || !s->pattern)
			err = doc_no_memory(at);
	}
	if (err)
		doc_stream_close(s);
	return err;
}

void doc_stream_close(struct doc_stream *s)
{
	sys_close(&s->fd);
	free(s->window);
	free(s->pattern);
	*s = (struct doc_stream){.fd = -1};
}

/* Read on. 1 more bytes, 0 end of the file, -errno; -EFBIG where the window is full. */
static int fill(struct doc_stream *s, struct doc_at *at)
{
	size_t room;
	ssize_t n;

	if (s->end - s->start >= DOC_VALUE_MAX)
		return doc_refuse(at, EFBIG, "a value or line of more than 1 MiB");
	if (s->end == WINDOW_BYTES) {
		memmove(s->window, s->window + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	room = WINDOW_BYTES - s->end;
	if (room > READ_BYTES)
		room = READ_BYTES;
	do
		n = sys_read(s->fd, s->window + s->end, room);
	while (n == -EINTR);
	if (n < 0)
		return doc_refuse(at, (int)-n, "%s cannot be read", at->file);
	s->end += (size_t)n;
	s->taken += (uint64_t)n;
	/* It grew since it was opened. */
	if (s->taken > s->most)
		return doc_refuse(at, EFBIG, "%s: more than %llu bytes", at->file,
				  (unsigned long long)s->most);
	return n > 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Skip white space. 1 and the character, which stays; 0 at the end of the file; -errno. */
static int peek(struct doc_stream *s, struct doc_at *at, char *c)
{
	int more = 1;

	for (;;) {
		while (s->start < s->end && is_space(s->window[s->start]))
			s->start++;
		if (s->start < s->end) {
			*c = s->window[s->start];
			return 1;
		}
		more = fill(s, at);
		if (more <= 0)
			return more;
	}
}

/* Take one of two characters. 0 and which, or -errno. */
static int take(struct doc_stream *s, struct doc_at *at, const char *either, char *taken)
{
	int more = peek(s, at, taken);

	if (more < 0)
		return more;
	if (more == 0)
		return doc_refuse(at, EINVAL, "the file ends here, cut short");
	if (*taken != either[0] && *taken != either[1])
		return doc_refuse(at, EINVAL, "'%c' is missing", either[0]);
	s->start++;
	return 0;
}

/* How far a value goes: to its closing bracket or quote, or to what cannot belong to a number. */
struct extent {
	unsigned depth;
	bool in_text, escaped;
};

enum verdict { MORE, LAST, BEHIND };

static enum verdict judge_text(struct extent *e, char c)
{
	if (e->escaped) {
		e->escaped = false;
	} else if (c == '\\') {
		e->escaped = true;
	} else if (c == '"') {
		e->in_text = false;
		return e->depth == 0 ? LAST : MORE;
	}
	return MORE;
}

static enum verdict judge(struct extent *e, char c)
{
	if (e->in_text)
		return judge_text(e, c);
	switch (c) {
	case '"':
		e->in_text = true;
		return MORE;
	case '{':
	case '[':
		e->depth++;
		return MORE;
	case '}':
	case ']':
		if (e->depth == 0)
			return BEHIND;
		e->depth--;
		return e->depth == 0 ? LAST : MORE;
	case ',':
	case ':':
		return e->depth == 0 ? BEHIND : MORE;
	default:
		return e->depth == 0 && is_space(c) ? BEHIND : MORE;
	}
}

/* Bytes of the value that starts at s->start; all of them are in the window then. */
static int measure(struct doc_stream *s, struct doc_at *at, size_t *bytes)
{
	struct extent e = {0};
	enum verdict verdict = MORE;
	size_t n = 0;
	int more;

	while (verdict == MORE) {
		if (s->start + n == s->end) {
			more = fill(s, at);
			if (more < 0)
				return more;
			if (more == 0)
				break;
		}
		verdict = judge(&e, s->window[s->start + n]);
		if (verdict != BEHIND)
			n++;
	}
	*bytes = n;
	return 0;
}

int doc_parse(const char *text, size_t bytes, struct doc_at *at, json_t **value)
{
	char clean[JSON_ERROR_TEXT_LENGTH];
	json_error_t error = {.text = ""};

	json_alloc_install();
	json_alloc_failed();
	*value = json_loadb(text, bytes, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
	if (json_alloc_failed()) {
		json_decref(*value);
		*value = NULL;
		return doc_no_memory(at);
	}
	if (*value)
		return 0;
	doc_clean(clean, sizeof(clean), error.text, strlen(error.text));
	return doc_refuse(at, EINVAL, "not JSON: %s", clean);
}

int doc_stream_value(struct doc_stream *s, struct doc_at *at, json_t **value)
{
	size_t bytes;
	char first;
	int err = peek(s, at, &first);

	if (err == 0)
		return doc_refuse(at, EINVAL, "the file ends here, cut short");
	if (err > 0)
		err = measure(s, at, &bytes);
	if (!err)
		err = doc_parse(s->window + s->start, bytes, at, value);
	if (!err)
		s->start += bytes;
	return err;
}

/*
 * By the pattern of the last ones; else by the scan, which learns a new one. Where objects are
 * unlike again and again that is in vain, and done for every 64th.
 */
static const char *scan_text(struct doc_stream *s, const struct doc_field *table, void *base,
			     size_t bytes, const char *p)
{
	const char *behind = NULL;

	if (s->pattern->all.known && s->patterned == base)
		behind = doc_pattern_take(s->pattern, base, p);
	if (behind) {
		s->strange = 0;
		return behind;
	}
	memset(base, 0, bytes);
	s->patterned = NULL;
	if (s->strange++ % 64 > 2)
		return doc_scan(table, base, p);
	behind = doc_pattern_scan(s->pattern, table, base, p);
	s->patterned = behind ? base : NULL;
	return behind;
}

/* Where the text is not all there or in another form, nothing is taken. 0, or -errno of the file.
 */
static int scan(struct doc_stream *s, struct doc_at *at, const struct doc_field *table, void *base,
		size_t bytes, bool *done)
{
	const char *behind;
	char first;
	int more = peek(s, at, &first);

	if (more > 0 && s->end - s->start < SCAN_BYTES)
		more = fill(s, at);
	if (more < 0)
		return more;
	memset(s->window + s->end, 0, DOC_SCAN_SLACK);
	behind = scan_text(s, table, base, bytes, s->window + s->start);
	*done = behind != NULL;
	if (behind)
		s->start = (size_t)(behind - s->window);
	return 0;
}

int doc_stream_struct(struct doc_stream *s, struct doc_at *at, const struct doc_field *table,
		      void *base, size_t bytes)
{
	json_t *value = NULL;
	bool done;
	int err = scan(s, at, table, base, bytes, &done);

	if (err || done)
		return err;
	memset(base, 0, bytes);
	err = doc_stream_value(s, at, &value);
	if (!err)
		err = doc_want(value, JSON_OBJECT, "an object", at);
	if (!err)
		err = doc_read(table, base, value, at);
	json_decref(value);
	return err;
}

/* One member: its key, the colon, and the value, which the callback takes. */
static int walk_member(struct doc_stream *s, struct doc_at *at,
		       int (*member)(void *context, const char *key), void *context)
{
	char key[DOC_WORD_LEN], c;
	json_t *text = NULL;
	size_t mark;
	int err = doc_stream_value(s, at, &text);

	if (!err)
		err = doc_want(text, JSON_STRING, "a key", at);
	if (!err) {
		doc_word_text(key, text);
		mark = doc_at_key(at, key);
		err = take(s, at, "::", &c);
		if (!err)
			err = member(context, key);
		doc_at_back(at, mark);
	}
	json_decref(text);
	return err;
}

int doc_stream_object(struct doc_stream *s, struct doc_at *at,
		      int (*member)(void *context, const char *key), void *context)
{
	char c;
	int err = take(s, at, "{{", &c);

	if (!err && peek(s, at, &c) == 1 && c == '}')
		return take(s, at, "}}", &c);
	while (!err) {
		err = walk_member(s, at, member, context);
		if (!err)
			err = take(s, at, ",}", &c);
		if (!err && c == '}')
			break;
	}
	return err;
}

int doc_stream_array(struct doc_stream *s, struct doc_at *at,
		     int (*element)(void *context, uint64_t index), void *context)
{
	uint64_t index;
	size_t mark;
	char c;
	int err = take(s, at, "[[", &c);

	if (!err && peek(s, at, &c) == 1 && c == ']')
		return take(s, at, "]]", &c);
	for (index = 0; !err; index++) {
		mark = doc_at_index(at, index);
		err = element(context, index);
		doc_at_back(at, mark);
		if (!err)
			err = take(s, at, ",]", &c);
		if (!err && c == ']')
			break;
	}
	return err;
}

int doc_stream_end(struct doc_stream *s, struct doc_at *at)
{
	char c;
	int more = peek(s, at, &c);

	return more > 0 ? doc_refuse(at, EINVAL, "more text behind the document") : more;
}

int doc_stream_line(struct doc_stream *s, struct doc_at *at, char **line, size_t *bytes,
		    bool *whole)
{
	size_t seen = 0;
	char *newline = NULL;
	int more = 1;

	while (more > 0) {
		newline = memchr(s->window + s->start + seen, '\n', s->end - s->start - seen);
		if (newline)
			break;
		seen = s->end - s->start;
		more = fill(s, at);
	}
	if (more < 0)
		return more;
	*line = s->window + s->start;
	*bytes = newline ? (size_t)(newline - *line) : s->end - s->start;
	*whole = newline != NULL;
	s->start += *bytes + *whole;
	return *bytes > 0 || *whole;
}
