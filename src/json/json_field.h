/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_field: plain structs <-> JSON objects, both ways from one table of descriptors a struct, so
 * that writing and reading cannot drift apart. What one direction refuses, the other does too.
 */
#ifndef JSON_FIELD_H
#define JSON_FIELD_H

#include "json_at.h"
#include "sevpinbench/words.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct doc_field {
	const char *key; /* NULL: the members of "fields" stand in this same object */
	const struct doc_kind *kind;
	size_t offset, size;
	bool required;	  /* when reading; an absent key else means "unknown" */
	bool is_signed;	  /* integers */
	bool nullable;	  /* numbers: null stands for "unknown", unknown (and below) in memory */
	int64_t unknown;  /* also what an absent number is */
	int64_t min, max; /* integers; min of a text: its shortest length */
	const struct words *words;	/* words */
	const struct doc_field *fields; /* objects; ends with an entry that is all zero */
};

/* How a kind of member is written and read. */
struct doc_kind {
	/* A new value; NULL where refused (at->err says so) or without memory. */
	json_t *(*write)(const struct doc_field *f, const void *member, struct doc_at *at);
	/* NULL: derived from other members, so not read. value is never null here. */
	int (*read)(const struct doc_field *f, void *member, json_t *value, struct doc_at *at);
	/* Set "unknown"; NULL: all bits zero is it. */
	void (*forget)(const struct doc_field *f, void *member);
	/* The same as read, from text that is as we write it; what is behind, or NULL
	   (json_scan.h). NULL: always by way of read. */
	const char *(*scan)(const struct doc_field *f, void *member, const char *p);
};

extern const struct doc_kind doc_text, doc_bool, doc_integer, doc_real, doc_word, doc_object;

/* Both walk the whole table. 0 or -errno with the fault filled. */
int doc_write(const struct doc_field *table, const void *base, json_t *object, struct doc_at *at);
int doc_read(const struct doc_field *table, void *base, json_t *object, struct doc_at *at);

/* One entry of a table. */
int doc_write_field(const struct doc_field *f, const void *base, json_t *object, struct doc_at *at);
int doc_read_field(const struct doc_field *f, void *base, json_t *object, struct doc_at *at);

/* A new object of the whole table, or NULL with the fault filled. */
json_t *doc_new(const struct doc_field *table, const void *base, struct doc_at *at);

/* Set "unknown", as where the key is absent or null. */
void doc_forget(const struct doc_field *f, void *member);

/* Store an integer of a field's size. */
void doc_store(const struct doc_field *f, void *member, int64_t value);

/* True where the table has the key, in this object. */
bool doc_has_key(const struct doc_field *table, const char *key);

/* Refuse a value that is not of the wanted JSON type. 0 or -EINVAL. */
int doc_want(const json_t *value, json_type type, const char *what, struct doc_at *at);

/* Index of a word in its set, or -EINVAL with the set in the message. */
int doc_word_index(const struct words *w, const json_t *string, struct doc_at *at);

/* The same of an object's key. */
int doc_key_index(const struct words *w, const char *key, struct doc_at *at);

/* ---- the rows of a table ---- */

#define DOC_AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* True for int32_t and the like; an enum of ours never is negative and may be either. */
#define DOC_SIGNED(type, member) \
	_Generic(((type *)0)->member, int : true, int64_t : true, default : false)

#define DOC_TEXT(key_, type, member, ...)                                             \
	{                                                                             \
		.key = (key_), .kind = &doc_text, DOC_AT(type, member), ##__VA_ARGS__ \
	}
#define DOC_BOOL(key_, type, member, ...)                                             \
	{                                                                             \
		.key = (key_), .kind = &doc_bool, DOC_AT(type, member), ##__VA_ARGS__ \
	}
#define DOC_WORD(key_, type, member, words_, ...)                                          \
	{                                                                                  \
		.key = (key_), .kind = &doc_word, DOC_AT(type, member), .words = (words_), \
		##__VA_ARGS__                                                              \
	}
#define DOC_INTEGER(key_, type, member, min_, max_, ...)                                           \
	{                                                                                          \
		.key = (key_), .kind = &doc_integer, DOC_AT(type, member),                         \
		.is_signed = DOC_SIGNED(type, member), .min = (min_), .max = (max_), ##__VA_ARGS__ \
	}
/* A count or size that is -1 where unknown. */
#define DOC_KNOWN(key_, type, member, max_, ...)                                                  \
	{                                                                                         \
		.key = (key_), .kind = &doc_integer, DOC_AT(type, member),                        \
		.is_signed = DOC_SIGNED(type, member), .nullable = true, .unknown = -1, .min = 0, \
		.max = (max_), ##__VA_ARGS__                                                      \
	}
#define DOC_REAL(key_, type, member)                                                      \
	{                                                                                 \
		.key = (key_), .kind = &doc_real, DOC_AT(type, member), .nullable = true, \
		.unknown = -1                                                             \
	}
#define DOC_OBJECT(key_, type, member, fields_, ...)                                           \
	{                                                                                      \
		.key = (key_), .kind = &doc_object, DOC_AT(type, member), .fields = (fields_), \
		##__VA_ARGS__                                                                  \
	}
/* An object in JSON where there is none in C: its fields count from the same base. */
#define DOC_GROUP(key_, fields_)                                        \
	{                                                               \
		.key = (key_), .kind = &doc_object, .fields = (fields_) \
	}
/* The reverse: a struct within, whose members stand in the same object. */
#define DOC_FLAT(type, member, fields_)                   \
	{                                                 \
		DOC_AT(type, member), .fields = (fields_) \
	}
#define DOC_OTHER(key_, type, member, kind_, ...)                                   \
	{                                                                           \
		.key = (key_), .kind = (kind_), DOC_AT(type, member), ##__VA_ARGS__ \
	}
/* Made of the whole struct. */
#define DOC_DERIVED(key_, kind_)               \
	{                                      \
		.key = (key_), .kind = (kind_) \
	}
#define DOC_REQUIRED .required = true

#endif
