// SPDX-License-Identifier: GPL-2.0-or-later
/* json_out: JSON text on its way out. */
#include "json_out.h"

#include "sevpinbench/sys.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH_BYTES (256 * 1024)

static int make_room(struct doc_out *o, size_t bytes)
{
	size_t room = o->room ? o->room : 4096;
	char *text;

	while (room - o->used < bytes)
		room *= 2;
	if (room == o->room)
		return 0;
	text = realloc(o->text, room);
	if (!text)
		return -ENOMEM;
	o->text = text;
	o->room = room;
	return 0;
}

/* In the form that json_dump_callback() wants: 0, or -1 to stop. */
static int add(const char *text, size_t bytes, void *out)
{
	struct doc_out *o = out;

	if (!o->err && o->fd >= 0 && o->used >= FLUSH_BYTES)
		doc_out_flush(o);
	if (!o->err)
		o->err = make_room(o, bytes);
	if (o->err)
		return -1;
	memcpy(o->text + o->used, text, bytes);
	o->used += bytes;
	return 0;
}

void doc_out_text(struct doc_out *o, const char *text)
{
	add(text, strlen(text), o);
}

static void dump(struct doc_out *o, json_t *value, size_t flags)
{
	/* A failure that add() did not see is one of memory: the value is well-formed. */
	if (value && json_dump_callback(value, add, o, flags | JSON_COMPACT | JSON_ENCODE_ANY) &&
	    !o->err)
		o->err = -ENOMEM;
	json_decref(value);
}

void doc_out_value(struct doc_out *o, json_t *value)
{
	dump(o, value, 0);
}

void doc_out_members(struct doc_out *o, json_t *object)
{
	dump(o, object, JSON_EMBED);
}

int doc_out_flush(struct doc_out *o)
{
	if (!o->err && o->fd >= 0 && o->used > 0) {
		o->err = sys_write_all(o->fd, o->text, o->used);
		o->used = 0;
	}
	return o->err;
}

void doc_out_close(struct doc_out *o)
{
	free(o->text);
	*o = (struct doc_out){.fd = -1};
}
