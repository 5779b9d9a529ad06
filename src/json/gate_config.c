// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate_config: bounds from a file. Written by people, so what is not known is refused: a misspelt
 * bound must not be a bound that is not there.
 */
#include "sevpinbench/gate_config.h"

#include "json_at.h"
#include "json_field.h"
#include "json_stream.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <string.h>

#define SCHEMA	  "sevpinbench.gate/1"
#define FILE_MAX  ((uint64_t)1 << 20)
#define BOUND_MAX 1e18

static int read_number(json_t *value, double least, double most, double *out, struct doc_at *at)
{
	if (!json_is_number(value))
		return doc_refuse(at, EINVAL, "%s, where a number belongs", doc_type_name(value));
	*out = json_number_value(value);
	if (*out >= least && *out <= most)
		return 0;
	return doc_refuse(at, EINVAL, "%g is not within %g to %g", *out, least, most);
}

static int read_word(const struct words *w, json_t *value, int *out, struct doc_at *at)
{
	*out = doc_word_index(w, value, at);
	return *out < 0 ? *out : 0;
}

static int read_size(json_t *value, uint64_t *out, struct doc_at *at)
{
	char word[DOC_WORD_LEN];

	if (json_is_string(value) && units_parse_size(json_string_value(value), out) == 0 && *out)
		return 0;
	return doc_refuse(at, EINVAL, "\"%s\" is not a size, such as \"64M\"",
			  json_is_string(value) ? doc_word_text(word, value)
						: doc_type_name(value));
}

static int read_rule_member(struct gate_rule *r, const char *key, json_t *value, struct doc_at *at)
{
	const struct {
		const char *key;
		const struct words *words;
		int *to;
	} words[] = {{"metric", &words_compare_metric, &r->metric},
		     {"guest_type", &words_guest_type, &r->guest_type},
		     {"pin", &words_pin_mode, &r->pin},
		     {"mechanism", &words_pin_mechanism, &r->mechanism},
		     {"backing", &words_backing, &r->backing},
		     {"need", &words_gate_need, &r->need}};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(key, words[i].key) == 0)
			return read_word(words[i].words, value, words[i].to, at);
	}
	if (strcmp(key, "guest_mem") == 0)
		return read_size(value, &r->guest_bytes, at);
	if (strcmp(key, "relative") == 0)
		return read_number(value, 0, BOUND_MAX, &r->relative, at);
	if (strcmp(key, "absolute") == 0)
		return read_number(value, 0, BOUND_MAX, &r->absolute, at);
	return doc_refuse(at, EINVAL, "a rule has no such key");
}

static int read_rule(struct gate_rule *r, json_t *value, struct doc_at *at)
{
	const char *key;
	json_t *member;
	size_t mark;
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	*r = (struct gate_rule){.metric = -1,
				.guest_type = -1,
				.pin = -1,
				.mechanism = -1,
				.backing = -1,
				.relative = -1,
				.absolute = -1,
				.need = -1};
	if (err)
		return err;
	json_object_foreach(value, key, member)
	{
		mark = doc_at_key(at, key);
		err = read_rule_member(r, key, member, at);
		if (err)
			return err;
		doc_at_back(at, mark);
	}
	/* 50 us is no bound for pages: an absolute bound needs to know its unit. */
	if (r->absolute >= 0 && r->metric < 0)
		return doc_refuse(at, EINVAL, "\"absolute\" without a \"metric\"");
	return 0;
}

static int read_rules(struct gate_config *config, json_t *value, struct doc_at *at)
{
	size_t i, mark;
	int err = doc_want(value, JSON_ARRAY, "an array", at);

	if (!err && json_array_size(value) > GATE_RULES)
		err = doc_refuse(at, EINVAL, "more than %d rules", GATE_RULES);
	for (i = 0; !err && i < json_array_size(value); i++) {
		mark = doc_at_index(at, i);
		err = read_rule(&config->rule[config->rule_count++], json_array_get(value, i), at);
		if (!err)
			doc_at_back(at, mark);
	}
	return err;
}

static int read_member(struct gate_config *config, const char *key, json_t *value,
		       struct doc_at *at)
{
	char word[DOC_WORD_LEN];

	if (strcmp(key, "schema") == 0) {
		if (json_is_string(value) && strcmp(json_string_value(value), SCHEMA) == 0)
			return 0;
		return doc_refuse(at, EINVAL, "\"%s\" is not \"" SCHEMA "\"",
				  json_is_string(value) ? doc_word_text(word, value) : "?");
	}
	if (strcmp(key, "alpha") == 0)
		return read_number(value, 1e-9, 0.5, &config->alpha, at);
	if (strcmp(key, "power") == 0)
		return read_number(value, 0.5, 0.9999, &config->power, at);
	if (strcmp(key, "rules") == 0)
		return read_rules(config, value, at);
	return doc_refuse(at, EINVAL,
			  "there is no such key; there are schema, alpha, power, rules");
}

static int read_config(struct gate_config *config, json_t *value, struct doc_at *at)
{
	const char *key;
	json_t *member;
	size_t mark;
	int err = doc_want(value, JSON_OBJECT, "an object", at);

	if (err)
		return err;
	if (!json_object_get(value, "schema"))
		return doc_refuse(at, EINVAL, "\"schema\": \"" SCHEMA "\" is missing");
	config->rule_count = 0;
	json_object_foreach(value, key, member)
	{
		mark = doc_at_key(at, key);
		err = read_member(config, key, member, at);
		if (err)
			return err;
		doc_at_back(at, mark);
	}
	return 0;
}

int gate_config_read(struct gate_config *config, const char *path, struct fault *f)
{
	struct doc_at at = {.op = "read gate config", .file = path, .fault = f};
	struct doc_stream s;
	json_t *value = NULL;
	int err = doc_stream_open(&s, path, FILE_MAX, &at);

	if (err)
		return err;
	err = doc_stream_value(&s, &at, &value);
	if (!err)
		err = doc_stream_end(&s, &at);
	if (!err)
		err = read_config(config, value, &at);
	json_decref(value);
	doc_stream_close(&s);
	if (err == -EINVAL)
		fault_hint(f, "%s: \"man sevpinbench-gate\" says what a config may hold", path);
	return err;
}
