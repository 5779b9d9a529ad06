// SPDX-License-Identifier: GPL-2.0-or-later
/* words: the terms of the field as text. The order is that of the enums in words.h. */
#include "sevpinbench/words.h"

#include <stdio.h>
#include <string.h>

/* A set of words, with the number of its texts checked against that of its enum. */
#define WORDS(name, what_text, expected, ...)                                      \
	static const char *const name##_text[] = {__VA_ARGS__};                    \
	_Static_assert(sizeof(name##_text) / sizeof(name##_text[0]) == (expected), \
		       "one word for each enum value");                            \
	const struct words words_##name = {what_text, expected, name##_text}

WORDS(guest_type, "guest type", GUEST_TYPE_COUNT, "vm", "sev", "sev-es", "sev-snp");
WORDS(pin_mode, "pin mode", PIN_MODE_COUNT, "eager", "demand", "none");
WORDS(pin_mechanism, "pin mechanism", PIN_MECHANISM_COUNT, "none", "kvm-region", "kvm-demand",
      "userfault", "io-uring", "guest-memfd");
WORDS(backing, "backing", BACKING_COUNT, "anon", "thp", "memfd", "hugetlb-2M", "hugetlb-1G");
WORDS(touch_order, "touch order", TOUCH_ORDER_COUNT, "seq", "random");
WORDS(touch_op, "touch operation", TOUCH_OP_COUNT, "write", "read");
WORDS(pin_order, "pin order", PIN_ORDER_COUNT, "memslot-first", "region-first");
WORDS(phase, "phase", PHASE_COUNT, "open", "vm-create", "sev-init", "mem-map", "prefault",
      "memslot", "pin", "payload", "launch-start", "launch-update", "launch-update-vmsa",
      "launch-measure", "launch-finish", "vcpu-create", "first-instruction", "touch", "vcpu-stop",
      "unpin", "destroy");
WORDS(pin_boundary, "pin boundary", PIN_BOUNDARY_COUNT, "before", "after_pin", "first_instruction",
      "after_touch", "after_destroy");
WORDS(sample_flag, "sample flag", SAMPLE_FLAG_COUNT, "failed", "leak", "foreign-pins",
      "pin-mismatch", "folio-units", "pins-unreadable", "touch-short", "timeout", "interrupted",
      "disturbed", "host-changed");
WORDS(guest_stat, "guest figure", GUEST_STAT_COUNT, "pages_4k", "pages_2m", "pages_1g", "pf_taken",
      "pf_fixed", "exits", "io_exits");
WORDS(platform, "platform", PLATFORM_COUNT, "hardware", "virtual", "emulated");
WORDS(audit_verdict, "verdict", AUDIT_VERDICT_COUNT, "PASS", "FAIL", "SKIP", "INFO");

const char *words_text(const struct words *w, unsigned i)
{
	return i < w->count ? w->text[i] : "?";
}

int words_value(const struct words *w, const char *text)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		if (strcmp(w->text[i], text) == 0)
			return (int)i;
	}
	return -1;
}

char *words_list(const struct words *w, char *buf, size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < w->count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 w->text[i]);
	return buf;
}
