// SPDX-License-Identifier: GPL-2.0-or-later
/* test_check_hostile: check on hosts whose files lie, its tables, and its document. */
#include "check_scene.h"
#include "run_suite.h"
#include "sevpinbench/check_json.h"
#include <jansson.h>

/* ---- hostile files ---- */

static const char *filler;

static int spoil_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	FILE *out;

	(void)st;
	(void)at;
	if (kind != FTW_F)
		return 0;
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	for (int i = 0; i < 4000; i++)
		fputs(filler, out);
	return fclose(out);
}

/* Each file of a good host replaced: long lines, digits without end, controls, keys cut short. */
START_TEST(hostile_files)
{
	static const char *const fillers[] = {
		"",
		"A long line of nothing that goes on and on and on and on and on and on and on, ",
		"99999999999999999999999999999999",
		"\x1b[2J\xff\xfe%s%n\t\r\x01",
		"MemAvailable:\nMemTotal: -5 kB\nCmaTotal: 18446744073709551615 kB\nflags",
		"Node 0, zone  Movable\n managed 18446744073709551615\nsev 99999999999999999999\n",
		"[[[]]] sev=max 0::/../.. - cgroup2 x 31 23 0:26 / /sys/fs/cgroup - cgroup2\n",
	};
	const enum guest_type types[] = {GUEST_TYPE_VM, GUEST_TYPE_SEV_SNP};
	char *text = NULL;
	size_t size;
	FILE *out;

	scene = &good;
	for (size_t i = 0; i < LENGTH(fillers) * LENGTH(types); i++) {
		struct check_request asked = {.guest_type = types[i % LENGTH(types)],
					      .guest_bytes = 16 * UNITS_GIB,
					      .pin = PIN_MODE_EAGER,
					      .experiment = true};
		struct check_report *r = calloc(1, sizeof(*r));
		struct record_tool tool = {0};
		struct fault f = {0};

		ck_assert_ptr_nonnull(r);
		make_root();
		lay(good.base);
		filler = fillers[i / LENGTH(types)];
		ck_assert_int_eq(nftw(root, spoil_entry, 8, FTW_PHYS), 0);
		ck_assert_int_eq(check_run(&asked, r, &f), 0);
		ck_assert_uint_gt(r->count, 50);
		out = open_memstream(&text, &size);
		ck_assert_ptr_nonnull(out);
		check_table_print(r, true, out);
		ck_assert_int_eq(check_json_print(r, &tool, out, &f), 0);
		fclose(out);
		ck_assert_ptr_null(strchr(text, '\x1b'));
		free(text);
		free(r);
		drop_root();
	}
}
END_TEST

/* No files at all, and not even a CPU that tells what it is. */
START_TEST(nothing_to_read)
{
	static const struct scene nothing = {
		.release = "", .kvm_err = -ENOENT, .sev_err = -ENOENT, .msr_err = -ENOENT};
	struct check_report *r = play(&nothing, GUEST_TYPE_SEV, UNITS_GIB, PIN_MODE_DEMAND);

	check_golden(r, "check-nothing.txt", false);
	expect(r, "cpu", CHECK_FAIL);
	expect(r, "kvm", CHECK_FAIL);
	free(r);
}
END_TEST

/* ---- the tables, and their document ---- */

static void check_row(const struct check *row, const char *manual)
{
	char item[80];

	ck_assert_ptr_nonnull(row->look);
	for (const char *p = row->id; *p; p++)
		ck_assert_msg((*p >= 'a' && *p <= 'z') || *p == '-', "%s", row->id);
	ck_assert_msg(row->title[0] && row->reads[0] && row->expected[0] && row->why[0], "%s",
		      row->id);
	ck_assert_msg(row->modes, "%s", row->id);
	snprintf(item, sizeof(item), "\n.It Cm %s\n", row->id);
	ck_assert_msg(strstr(manual, item), "man/sevpinbench-check.1 does not have %s", row->id);
}

START_TEST(tables)
{
	char *manual = golden_read("man/sevpinbench-check.1");
	const char *seen[CHECK_ROWS];
	size_t count = 0, items = 0;

	ck_assert_ptr_nonnull(manual);
	for (size_t g = 0; g < check_group_count; g++) {
		for (size_t i = 0; i < check_groups[g]->count; i++) {
			const struct check *row = &check_groups[g]->rows[i];
			bool parent = row->parent == NULL;

			check_row(row, manual);
			for (size_t k = 0; k < count; k++) {
				ck_assert_str_ne(seen[k], row->id);
				parent |= row->parent && strcmp(seen[k], row->parent) == 0;
			}
			ck_assert_msg(parent, "%s: no %s before it", row->id, row->parent);
			ck_assert_uint_lt(count, CHECK_ROWS);
			seen[count++] = row->id;
		}
	}
	/* And the manual names no other. */
	for (char *p = manual; (p = strstr(p, "\n.It Cm ")); p++)
		items++;
	ck_assert_uint_eq(items, count);
	free(manual);
}
END_TEST

START_TEST(document)
{
	struct scene s = good;
	struct record_tool tool = {"0.0.1", "abc", "sevpinbench check --json"};
	struct check_report *r;
	struct fault f = {0};
	json_error_t error;
	json_t *top, *checks, *one;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	s.memlock_bytes = 1;
	r = play(&s, GUEST_TYPE_SEV, UNITS_GIB, PIN_MODE_EAGER);
	ck_assert_int_eq(check_json_print(r, &tool, out, &f), 0);
	fclose(out);
	top = json_loads(text, 0, &error);
	ck_assert_msg(top, "%s", error.text);
	ck_assert_str_eq(json_string_value(json_object_get(top, "schema")), "sevpinbench.check/1");
	checks = json_object_get(top, "checks");
	ck_assert_uint_eq(json_array_size(checks), r->count);
	for (uint32_t i = 0; i < r->count; i++) {
		one = json_array_get(checks, i);
		ck_assert_str_eq(json_string_value(json_object_get(one, "id")),
				 r->result[i].check->id);
		ck_assert_str_eq(json_string_value(json_object_get(one, "verdict")),
				 words_text(&words_check_verdict, r->result[i].verdict));
		ck_assert_str_eq(json_string_value(json_object_get(one, "fix")), r->result[i].fix);
	}
	json_decref(top);
	free(text);
	free(r);
}
END_TEST

static Suite *check_hostile_suite(void)
{
	const TTest *const test[] = {hostile_files, nothing_to_read, tables, document};
	TCase *tcase = tcase_create("check_hostile");
	Suite *suite = suite_create("check_hostile");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, NULL, drop_root);
	for (size_t i = 0; i < LENGTH(test); i++)
		tcase_add_test(tcase, test[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return run_suite(check_hostile_suite());
}
