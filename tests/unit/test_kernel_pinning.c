// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kernel_pinning: the switch of kvm_amd is found, moved, put back, and held by one alone. */
#include "sevpinbench/host_file.h"
#include "sevpinbench/kernel_pinning.h"

#include "run_suite.h"
#include "test_files.h"

static struct kernel_pinning k;
static const char *parameter;

/* A host below the test's folder; its parameter says so. NULL: it has none. */
static void host_says(const char *word)
{
	char command[1024];

	host_file_set_root(folder);
	parameter = path_of(&KERNEL_PINNING_PATH[1]);
	snprintf(command, sizeof(command), "mkdir -p '%s/sys/module/kvm_amd/parameters'", folder);
	ck_assert_int_eq(system(command), 0);
	if (word)
		put(parameter, word, strlen(word));
}

/* The file is no parameter, so what is longer than what was written before stays behind it. */
static void assert_says(const char *word)
{
	char *text = slurp(parameter);

	ck_assert_msg(strncmp(text, word, strlen(word)) == 0, "%s instead of %s", text, word);
	free(text);
}

START_TEST(moved_and_put_back)
{
	struct fault f = {0};

	host_says("eager\n");
	kernel_pinning_open(&k, true);
	ck_assert(k.present);
	ck_assert_str_eq(k.reason, "");
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	ck_assert_int_eq(kernel_pinning_set(&k, PIN_MODE_DEMAND, &f), 0);
	assert_says("demand");
	kernel_pinning_close(&k);
	assert_says("eager");
	kernel_pinning_close(&k);
}
END_TEST

/* Not a byte is written where nothing changes. */
START_TEST(left_alone_where_it_is_right)
{
	host_says("demand\n");
	kernel_pinning_open(&k, true);
	ck_assert_int_eq(kernel_pinning_set(&k, PIN_MODE_DEMAND, NULL), 0);
	kernel_pinning_close(&k);
	put(parameter, "untouched", 9);
	kernel_pinning_close(&k);
	assert_says("untouched");
}
END_TEST

START_TEST(forbidden)
{
	struct fault f = {0};

	host_says("demand\n");
	kernel_pinning_open(&k, false);
	ck_assert(k.present);
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert_int_eq(kernel_pinning_set(&k, PIN_MODE_DEMAND, &f), 0);
	ck_assert_int_eq(kernel_pinning_set(&k, PIN_MODE_EAGER, &f), -EPERM);
	ck_assert_ptr_nonnull(strstr(f.object, "--no-kernel-switch forbids it"));
	kernel_pinning_close(&k);
	assert_says("demand");
}
END_TEST

/* Whoever switches it does so alone; those who leave it alone may be several. */
START_TEST(held_by_another)
{
	struct kernel_pinning other;

	host_says("eager\n");
	kernel_pinning_open(&other, true);
	kernel_pinning_open(&k, true);
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert_ptr_nonnull(strstr(k.reason, "another program"));
	kernel_pinning_close(&k);
	kernel_pinning_close(&other);
	kernel_pinning_open(&other, false);
	kernel_pinning_open(&k, false);
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	kernel_pinning_close(&k);
	/* Where one relies on it as it is, nobody may switch it. */
	kernel_pinning_open(&k, true);
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	kernel_pinning_close(&k);
	kernel_pinning_close(&other);
	kernel_pinning_open(&k, true);
	ck_assert(kernel_pinning_offers(&k, PIN_MODE_DEMAND));
	kernel_pinning_close(&k);
}
END_TEST

/* No such parameter, or one that says what we do not know: not there, and nothing is written. */
START_TEST(absent_or_strange)
{
	static const char *const words[] = {NULL, "", "none\n", "N\n", "eager demand\n"};

	host_says(words[_i]);
	kernel_pinning_open(&k, true);
	ck_assert(!k.present);
	ck_assert(!kernel_pinning_offers(&k, PIN_MODE_EAGER));
	ck_assert_int_eq(kernel_pinning_set(&k, PIN_MODE_DEMAND, NULL), 0);
	kernel_pinning_close(&k);
	if (words[_i])
		assert_says(words[_i]);
	else
		ck_assert(!is_there(parameter));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel pinning");
	TCase *tcase = tcase_create("kernel pinning");

	tcase_add_checked_fixture(tcase, files_setup, files_teardown);
	tcase_add_test(tcase, moved_and_put_back);
	tcase_add_test(tcase, left_alone_where_it_is_right);
	tcase_add_test(tcase, forbidden);
	tcase_add_test(tcase, held_by_another);
	tcase_add_loop_test(tcase, absent_or_strange, 0, 5);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
