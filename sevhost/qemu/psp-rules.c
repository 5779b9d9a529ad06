// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults and delays that tests ask of the emulated secure processor, as properties of the device:
 *
 *   fail=LAUNCH_START:0x17:3/ACTIVATE:0xd:0   status 0x17 at the third time; 0xd every time
 *   delay=LAUNCH_UPDATE_DATA:100:125000       100 us, and 125000 us for each MiB worked on
 *
 * or at run time through the device's configuration space (psp-sev.c).
 */
#include "qemu/osdep.h"

#include "hw/misc/psp-sev.h"
#include "qapi/error.h"
#include "qemu/cutils.h"

#define FIELDS_MOST 3

bool psp_rules_add_fail(struct psp_rules *rules, uint32_t id, uint16_t status, uint32_t nth)
{
	unsigned int i;

	if (!psp_command_name(id) || status == PSP_SUCCESS)
		return false;
	for (i = 0; i < PSP_RULES; i++) {
		if (!rules->fail[i].command) {
			rules->fail[i] = (struct psp_rule){id, status, nth};
			return true;
		}
	}
	return false;
}

/* A rule for the n-th time is spent when it has struck. All rules of the command count on. */
uint16_t psp_rules_status(struct psp_rules *rules, uint32_t id)
{
	uint16_t status = PSP_SUCCESS;
	unsigned int i;

	for (i = 0; i < PSP_RULES; i++) {
		struct psp_rule *rule = &rules->fail[i];

		if (!rule->command || rule->command != id)
			continue;
		if (rule->nth > 1) {
			rule->nth--;
			continue;
		}
		status = rule->status;
		if (rule->nth == 1)
			rule->command = 0;
	}
	return status;
}

uint64_t psp_rules_delay_ns(const struct psp_rules *rules, uint32_t id, uint32_t bytes)
{
	uint64_t ns;

	if (id >= PSP_COMMANDS)
		return 0;
	ns = rules->delay_us[id] * 1000ull;
	return ns + muldiv64(rules->delay_us_per_mib[id] * 1000ull, bytes, 1u << 20);
}

/* NAME:NUMBER[:NUMBER], the command's number and up to two more into value[]. */
static bool parse_one(const char *text, uint32_t value[FIELDS_MOST], Error **errp)
{
	g_auto(GStrv) field = g_strsplit(text, ":", 0);
	unsigned int i, count = g_strv_length(field);

	if (count >= 2 && count <= FIELDS_MOST)
		value[0] = psp_command_number(field[0]);
	for (i = 1; value[0] && i < count; i++) {
		if (qemu_strtoui(field[i], NULL, 0, &value[i]))
			value[0] = 0;
	}
	if (!value[0])
		error_setg(errp, "psp-sev: not COMMAND:NUMBER[:NUMBER]: \"%s\"", text);
	return value[0] != 0;
}

static bool parse_fail(struct psp_rules *rules, const char *text, Error **errp)
{
	uint32_t value[FIELDS_MOST] = {0, 0, 1};

	if (!parse_one(text, value, errp))
		return false;
	if (value[1] <= UINT16_MAX && psp_rules_add_fail(rules, value[0], value[1], value[2]))
		return true;
	error_setg(errp, "psp-sev: status 0 or above 0xffff, or too many rules: \"%s\"", text);
	return false;
}

static bool parse_delay(struct psp_rules *rules, const char *text, Error **errp)
{
	uint32_t value[FIELDS_MOST] = {0, 0, 0};

	if (!parse_one(text, value, errp))
		return false;
	rules->delay_us[value[0]] = value[1];
	rules->delay_us_per_mib[value[0]] = value[2];
	return true;
}

static bool parse_list(struct psp_rules *rules, const char *list, Error **errp,
		       bool (*parse)(struct psp_rules *, const char *, Error **))
{
	g_auto(GStrv) item = g_strsplit(list ? list : "", "/", 0);
	unsigned int i;

	for (i = 0; item[i]; i++) {
		if (!parse(rules, item[i], errp))
			return false;
	}
	return true;
}

bool psp_rules_parse(struct psp_rules *rules, const char *fail, const char *delay, Error **errp)
{
	return parse_list(rules, fail, errp, parse_fail) &&
	       parse_list(rules, delay, errp, parse_delay);
}
