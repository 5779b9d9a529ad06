// SPDX-License-Identifier: GPL-2.0-or-later
/* test_compare: which cells, hosts and sources are held against each other, and how. */
#include "../../src/report/escape.h"
#include "compare_scene.h"

START_TEST(unlike_cells_are_told_and_may_be_allowed)
{
	s.b.cell[1].cell.mechanism = PIN_MECHANISM_KVM_DEMAND;
	judge(0);
	ck_assert_uint_eq(s.c.lone_count, 2);
	ck_assert_uint_eq(s.c.lone[0].fields, 1u << COMPARE_FIELD_MECHANISM);
	ck_assert_int_eq(s.g.verdict, GATE_CANT_TELL);
	gate_close(&s.g);
	compare_close(&s.c);
	ck_assert_int_eq(
		compare_open(&s.c, &s.base, &s.new, 1u << COMPARE_FIELD_MECHANISM, 0.05, NULL), 0);
	ck_assert_uint_eq(s.c.lone_count, 0);
}
END_TEST

START_TEST(unlike_hosts_are_seen)
{
	const struct compare_source *which = NULL;

	snprintf(s.b.host.kernel_release, sizeof(s.b.host.kernel_release), "6.12");
	s.b.host.platform = PLATFORM_EMULATED;
	judge(0);
	ck_assert_uint_eq(compare_unlike(&s.base, &s.new, &which),
			  1u << COMPARE_FIELD_KERNEL | 1u << COMPARE_FIELD_PLATFORM);
	ck_assert_ptr_eq(which, &s.new.source[0]);
	ck_assert(compare_is_emulated(&s.c));
}
END_TEST

START_TEST(a_campaign_is_known_again)
{
	struct fault f = {0};

	struct compare_source one = {.start_wall_s = 7, .seed = 1}, other = one;

	ck_assert(compare_same_campaign(&one, &other));
	other.seed = 2;
	ck_assert(!compare_same_campaign(&one, &other));
	s.b.plan.start_wall_s = s.a.plan.start_wall_s;
	ck_assert_int_eq(compare_side_add_record(&s.base, "a", &s.a, NULL), 0);
	ck_assert_int_eq(compare_side_add_record(&s.base, "copy", &s.b, &f), -EEXIST);
	ck_assert_int_eq(compare_side_add_record(&s.new, "b", &s.b, NULL), 0);
	ck_assert_int_eq(compare_open(&s.c, &s.base, &s.new, 0, 0.05, &f), -EEXIST);
}
END_TEST

START_TEST(sources_that_disagree_excuse_a_shift)
{
	struct record third = {0};

	fill(&third, 20, 3);
	scale(&third.cell[0], 1.3);
	scale(&s.b.cell[0], 1.2);
	ck_assert_int_eq(compare_side_add_record(&s.base, "third", &third, NULL), 0);
	judge(0);
	ck_assert(row(0, COMPARE_STARTUP)->row->base.disagrees);
	ck_assert(!row(1, COMPARE_STARTUP)->row->base.disagrees);
	ck_assert_uint_eq(row(0, COMPARE_STARTUP)->row->base.n, 40);
	ck_assert_int_ne(row(0, COMPARE_STARTUP)->verdict, GATE_FAIL);
	record_close(&third);
}
END_TEST

/* Every second sample becomes the second guest of a round. */
static void pair(struct record *r, uint32_t cell)
{
	struct record_cell *c = &r->cell[cell];

	c->cell.parallel = 2;
	for (uint32_t k = 0; k < c->sample_count; k++) {
		c->sample[k].guest = k % 2;
		for (int b = 1; b < PIN_BOUNDARY_COUNT; b++)
			c->sample[k].pins[b].host_pages += c->sample[k].pins[b].host_pages - 77;
	}
}

static const struct compare_series *series(uint32_t cell, enum compare_metric m)
{
	return &s.base.cell[cell].series[m];
}

START_TEST(a_round_of_guests_is_one_number)
{
	struct sample *first = s.a.cell[0].sample;
	uint64_t ns[2];

	pair(&s.a, 0);
	pair(&s.b, 0);
	/* One that pins a page more, one that fails, and a round that was cut short. */
	first[3].pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages++;
	first[4].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	s.a.cell[0].sample_count = 19;
	judge(0);
	ck_assert_uint_eq(series(0, COMPARE_STARTUP)->n, 8);
	ck_assert_uint_eq(series(0, COMPARE_PINNED_TOUCHED)->n, 8);
	ck_assert_uint_eq(series(0, COMPARE_FAILED)->n, 10);
	ck_assert_uint_eq(series(1, COMPARE_STARTUP)->n, 20);
	ck_assert(sample_startup_ns(&first[0], &ns[0]) && sample_startup_ns(&first[1], &ns[1]));
	ck_assert_double_eq(series(0, COMPARE_STARTUP)->value[0], (double)(ns[0] + ns[1]) / 2);
	ck_assert_double_eq(series(0, COMPARE_PINNED_TOUCHED)->value[0], 262144);
	ck_assert_double_eq(series(0, COMPARE_PINNED_TOUCHED)->value[1], 262144.5);
	ck_assert_double_eq(series(0, COMPARE_HOST_PINNED)->value[0], 262144);
	ck_assert_double_eq(series(0, COMPARE_FAILED)->value[1], 0);
	ck_assert_double_eq(series(0, COMPARE_FAILED)->value[2], 1);
	ck_assert_uint_eq(s.new.cell[0].series[COMPARE_STARTUP].n, 10);
}
END_TEST

/* How many start at once makes another cell. */
START_TEST(numbers_of_guests_are_not_mixed)
{
	pair(&s.b, 0);
	judge(0);
	ck_assert_uint_eq(s.c.lone_count, 2);
}
END_TEST

START_TEST(text_is_data_everywhere)
{
	char buf[256];

	ck_assert_str_eq(escape_xml("a<b>&\"'\x01", buf, sizeof(buf)),
			 "a&#60;b&#62;&#38;&#34;&#39;");
	ck_assert_str_eq(escape_markdown("|x|`@a`", buf, sizeof(buf)),
			 "&#124;x&#124;&#96;&#64;a&#96;");
	ck_assert_str_eq(escape_csv("=1+1", buf, sizeof(buf)), "\"'=1+1\"");
	ck_assert_str_eq(escape_csv("a\"b,c", buf, sizeof(buf)), "\"a\"\"b,c\"");
	ck_assert_str_eq(escape_csv("", buf, sizeof(buf)), "\"\"");
	ck_assert_str_eq(escape_github_message("a\n::error::100%", buf, sizeof(buf)),
			 "a ::error::100%25");
	ck_assert_str_eq(escape_github_property("a,b::c%", buf, sizeof(buf)), "a%2Cb%3A%3Ac%25");
	/* Cut between characters and entities. */
	ck_assert_str_eq(escape_xml("12345678901&", buf, 16), "12345678901");
	ck_assert_str_eq(escape_csv("12345678901234567890", buf, 16), "\"1234567890123\"");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		unlike_cells_are_told_and_may_be_allowed,
		unlike_hosts_are_seen,
		a_campaign_is_known_again,
		sources_that_disagree_excuse_a_shift,
		a_round_of_guests_is_one_number,
		numbers_of_guests_are_not_mixed,
		text_is_data_everywhere,
	};

	return run_tests("compare", tests, sizeof(tests) / sizeof(tests[0]));
}
