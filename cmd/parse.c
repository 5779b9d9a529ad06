// SPDX-License-Identifier: GPL-2.0-or-later
/* parse: option values. */
#include "parse.h"

#include "sevpinbench/units.h"
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define ITEM_LEN 64

/*
 * Take the next item of a comma-separated list. Returns 1, 0 at the end, -1 where an item is
 * empty or too long.
 */
static int next_item(const char **text, char *item)
{
	size_t n;

	if (!*text)
		return 0;
	n = strcspn(*text, ",");
	if (n == 0 || n >= ITEM_LEN)
		return -1;
	memcpy(item, *text, n);
	item[n] = '\0';
	*text = (*text)[n] ? *text + n + 1 : NULL;
	return 1;
}

static int parse_size(const char *option, const char *text, uint64_t *bytes, struct fault *f)
{
	int r = units_parse_size(text, bytes);

	if (r == -ERANGE)
		return fault_set(f, EINVAL, option, "%s is more than 64 bits hold", text);
	if (r < 0)
		return fault_set(f, EINVAL, option,
				 "\"%s\" is not a size, such as 64M, 1.5G or 1G..64G", text);
	if (*bytes == 0)
		return fault_set(f, EINVAL, option, "%s is no size for a guest", text);
	return 0;
}

static int add_size(const char *option, uint64_t size, uint64_t *bytes, unsigned room,
		    unsigned *count, struct fault *f)
{
	char text[32];
	unsigned i;

	for (i = 0; i < *count; i++) {
		if (bytes[i] == size)
			return fault_set(f, EINVAL, option, "%s is given twice",
					 units_format_size(size, text, sizeof(text)));
	}
	if (*count == room)
		return fault_set(f, EINVAL, option, "more than %u sizes", room);
	bytes[(*count)++] = size;
	return 0;
}

/* One item: a size, or a range that doubles. */
static int parse_range(const char *option, char *item, uint64_t *bytes, unsigned room,
		       unsigned *count, struct fault *f)
{
	char *dots = strstr(item, "..");
	uint64_t low, high;
	int r;

	if (dots)
		*dots = '\0';
	r = parse_size(option, item, &low, f);
	high = low;
	if (r == 0 && dots)
		r = parse_size(option, dots + 2, &high, f);
	if (r == 0 && high < low)
		r = fault_set(f, EINVAL, option, "the range %s..%s goes down", item,
			      dots ? dots + 2 : "");
	for (; r == 0 && low <= high; low *= 2) {
		r = add_size(option, low, bytes, room, count, f);
		if (low > high / 2)
			break;
	}
	return r;
}

int parse_sizes(const char *option, const char *text, uint64_t *bytes, unsigned room,
		unsigned *count, struct fault *f)
{
	const char *rest = text;
	char item[ITEM_LEN];
	int more, r = 0;

	*count = 0;
	while (r == 0 && (more = next_item(&rest, item)) != 0) {
		if (more < 0)
			return fault_set(f, EINVAL, option,
					 "\"%.60s\" is not a list of sizes, such as 64M,1G", text);
		r = parse_range(option, item, bytes, room, count, f);
	}
	return r;
}

int parse_words(const char *option, const struct words *w, const char *text, int *value, int room,
		struct fault *f)
{
	const char *rest = text;
	char item[ITEM_LEN], list[256];
	int i, more, n = 0;

	while ((more = next_item(&rest, item)) != 0) {
		int v = more < 0 ? -1 : words_value(w, item);

		if (v < 0)
			return fault_set(f, EINVAL, option, "\"%.60s\" is not one of %s",
					 more < 0 ? text : item, words_list(w, list, sizeof(list)));
		for (i = 0; i < n; i++) {
			if (value[i] == v)
				return fault_set(f, EINVAL, option, "%s is given twice", item);
		}
		if (n == room)
			return fault_set(f, EINVAL, option, "\"%.60s\": only %d can be given", text,
					 room);
		value[n++] = v;
	}
	return n;
}

int parse_list(const char *option, const char *text,
	       int (*parse_item)(void *arg, const char *item, struct fault *f), void *arg,
	       struct fault *f)
{
	const char *rest = text;
	char item[ITEM_LEN];
	int more, r = 0;

	while (r >= 0 && (more = next_item(&rest, item)) != 0) {
		if (more < 0)
			return fault_set(f, EINVAL, option, "\"%.60s\" has an empty part", text);
		r = parse_item(arg, item, f);
	}
	return r < 0 ? r : 0;
}

int parse_u32(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *value,
	      struct fault *f)
{
	uint64_t v;

	if (units_parse_u64(text, min, max, &v) < 0)
		return fault_set(f, EINVAL, option, "\"%.40s\" is not a number from %u to %u", text,
				 min, max);
	*value = (uint32_t)v;
	return 0;
}

static int add_cpu(const char *option, uint32_t cpu, const cpu_set_t *allowed, int *cpus,
		   unsigned room, unsigned *n, struct fault *f)
{
	unsigned i;

	if (!CPU_ISSET(cpu, allowed)) {
		fault_set(f, EINVAL, option, "this process may not run on CPU %u", cpu);
		fault_hint(f, "taskset -p $$ shows where it may");
		return -EINVAL;
	}
	for (i = 0; i < *n; i++) {
		if (cpus[i] == (int)cpu)
			return 0;
	}
	if (*n == room)
		return fault_set(f, EINVAL, option, "more than %u CPUs", room);
	cpus[(*n)++] = (int)cpu;
	return 0;
}

int parse_cpus(const char *option, const char *text, int *cpu, unsigned room, struct fault *f)
{
	const char *rest = text;
	char item[ITEM_LEN];
	cpu_set_t allowed;
	unsigned n = 0;
	int more, r = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return fault_set(f, errno, "sched_getaffinity", "%s", option);
	while (r == 0 && (more = next_item(&rest, item)) != 0) {
		char *dash = more > 0 ? strchr(item, '-') : NULL;
		uint64_t first, last;

		if (dash)
			*dash++ = '\0';
		if (more < 0 || units_parse_u64(item, 0, CPU_SETSIZE - 1, &first) < 0 ||
		    units_parse_u64(dash ? dash : item, 0, CPU_SETSIZE - 1, &last) < 0 ||
		    last < first)
			return fault_set(f, EINVAL, option,
					 "\"%.60s\" is not a list of CPUs, such as 0,2-5", text);
		for (; r == 0 && first <= last; first++)
			r = add_cpu(option, (uint32_t)first, &allowed, cpu, room, &n, f);
	}
	return r < 0 ? r : (int)n;
}

int parse_bad_option(bool no_value, int option, const char *argument, struct fault *f)
{
	char name[64] = {'-', (char)option, '\0'};
	/* Long options have numbers above those of letters, unknown ones 0. A byte that is no
	   ASCII comes as a negative number. */
	bool is_letter = option != 0 && option < 256;

	/* In a cluster such as -xq the argument does not tell which letter it was. */
	if (!is_letter)
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
	else if (option < ' ' || option > '~')
		snprintf(name, sizeof(name), "-\\%03o", option & 0xff);
	if (no_value)
		return fault_set(f, EINVAL, name, "needs a value");
	if (option != 0 && !is_letter)
		return fault_set(f, EINVAL, name, "takes no value");
	return fault_set(f, EINVAL, "option", "%s is unknown or ambiguous", name);
}

int parse_label_text(const char *option, const char *text, struct record_plan *plan,
		     struct fault *f)
{
	const char *equals = strchr(text, '=');
	struct record_label *l = &plan->label[plan->label_count % RECORD_LABELS];
	size_t key = equals ? (size_t)(equals - text) : 0;
	const char *p;

	if (key == 0 || key >= sizeof(l->key) || strlen(equals + 1) >= sizeof(l->value))
		return fault_set(f, EINVAL, option,
				 "\"%.60s\" is not KEY=VALUE (key up to %d, value up to %d bytes)",
				 text, RECORD_LABEL_KEY - 1, RECORD_LABEL_VAL - 1);
	if (plan->label_count == RECORD_LABELS)
		return fault_set(f, EINVAL, option, "more than %d labels", RECORD_LABELS);
	for (p = text; *p; p++) {
		if (iscntrl((unsigned char)*p))
			return fault_set(f, EINVAL, option, "a control character in it");
	}
	memcpy(l->key, text, key);
	l->key[key] = '\0';
	snprintf(l->value, sizeof(l->value), "%s", equals + 1);
	plan->label_count++;
	return 0;
}
