// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of plots of more samples than a picture has room for: what is left out is said. */
#include "plot_scene.h"
#include "run_suite.h"

#include <inttypes.h>

#define CELLS  3
#define MANY   9000
#define STRAY  4321 /* place of the slowest sample: no thinning meets it by its place alone */
#define PIN_NS UINT64_C(1234567890123)

static struct record record;

/* Demand faults of 64 steps in each sample; one sample far from all others. */
static void set_many(void)
{
	static struct histogram_step step[SAMPLE_FAULT_STEPS]; /* alike in all */
	struct sample *s;

	for (uint32_t k = 0; k < SAMPLE_FAULT_STEPS; k++)
		step[k] = (struct histogram_step){1000 + k, 1};
	report_open(&record, CELLS, 0);
	for (uint32_t i = 0; i < CELLS; i++)
		record.cell[i].cell = report_cell(PIN_MODE_DEMAND, (64 * UNITS_MIB) << i);
	report_fill(&record, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		record.cell[0].sample[i].order = i;
	record.cell[0].sample[STRAY].phases_ns[PHASE_PIN] = PIN_NS;
	for (uint32_t i = 0; i < MANY; i++) {
		s = &record.cell[1].sample[i];
		s->faults = (struct fault_times){.count = SAMPLE_FAULT_STEPS,
						 .p50_ns = 1,
						 .steps = SAMPLE_FAULT_STEPS,
						 .step = step};
	}
}

static void unset_many(void)
{
	record_close(&record);
}

static uint64_t lines_of(const char *script, const char *block)
{
	const char *p = strstr(script, block);
	uint64_t n = 0;

	ck_assert_ptr_nonnull(p);
	for (p = strchr(p, '\n') + 1; strncmp(p, "END\n", 4) != 0; p = strchr(p, '\n') + 1)
		n++;
	return n;
}

static void must_say(const char *script, const char *before, uint64_t n, uint64_t of)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%" PRIu64 " of %" PRIu64, before, n, of);
	ck_assert_msg(strstr(script, text) != NULL, "\"%s\" is not said", text);
	ck_assert_uint_lt(n, of / 2);
}

static char *script_of_kind(enum plot_kind kind)
{
	const struct record *r = &record;
	const struct plot_request q = plot_one(&r, kind, PLOT_FORMAT_SVG);

	return script_of(&q, "/dev/null");
}

/* "X Y" with the time of the sample that is far from all others. */
static void must_have_stray(const char *script, const char *block)
{
	uint64_t ns;
	char y[32];
	const char *p = strstr(script, block);

	ck_assert(sample_startup_ns(&record.cell[0].sample[STRAY], &ns));
	snprintf(y, sizeof(y), " %" PRIu64 "\n", ns);
	p = strstr(p, y);
	ck_assert_ptr_nonnull(p);
	ck_assert(p < strstr(strstr(script, block), "\nEND\n"));
}

START_TEST(dots_of_a_chart)
{
	char *script = script_of_kind(PLOT_STARTUP);

	must_say(script, "dots: ", lines_of(script, "$dots0 "), CELLS * MANY);
	must_have_stray(script, "$dots0 ");
	free(script);
}
END_TEST

START_TEST(dots_of_runs)
{
	char *script = script_of_kind(PLOT_DIST);

	must_say(script, "left: ",
		 lines_of(script, "$run0 ") + lines_of(script, "$run1 ") +
			 lines_of(script, "$run2 "),
		 CELLS * MANY);
	must_have_stray(script, "$run0 ");
	/* The curve ends with the slowest, too, and with all of them. */
	must_have_stray(script, "$ecdf0 ");
	ck_assert_ptr_nonnull(strstr(strstr(script, "$ecdf0 "), "\n1.6000 "));
	ck_assert_uint_lt(lines_of(script, "$ecdf0 "), 600);
	free(script);
}
END_TEST

START_TEST(thin_lines_of_faults)
{
	char *script = script_of_kind(PLOT_FAULTS);
	uint64_t lines = lines_of(script, "$each0 ");

	/* Of a sample: a step's end each, a first point, and an empty line. */
	ck_assert_uint_eq(lines % (SAMPLE_FAULT_STEPS + 2), 0);
	must_say(script, "thin: of ", lines / (SAMPLE_FAULT_STEPS + 2), MANY);
	free(script);
}
END_TEST

/* Each sample's only fault took another time: more turns than there are pixels. */
START_TEST(turns_of_a_curve)
{
	static struct histogram_step own[MANY];
	char *script, *all, last[32];

	for (uint32_t i = 0; i < MANY; i++) {
		own[i] = (struct histogram_step){1000 + 7 * i, 1};
		record.cell[1].sample[i].faults = (struct fault_times){
			.count = 1, .p50_ns = own[i].ns, .steps = 1, .step = &own[i]};
	}
	script = script_of_kind(PLOT_FAULTS);
	all = strstr(script, "$all0 ");
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_lt(lines_of(script, "$all0 "), 2500);
	ck_assert_uint_gt(lines_of(script, "$all0 "), 800);
	/* From the fastest, below which there is none, to the slowest, with all of them. */
	ck_assert_ptr_nonnull(strstr(all, "END\n1000 0\n1000 "));
	snprintf(last, sizeof(last), "\n%d ", 1000 + 7 * (MANY - 1));
	ck_assert_ptr_nonnull(strstr(all, last));
	ck_assert(strstr(all, last) < strstr(all, "\nEND\n"));
	free(script);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plot_many");
	TCase *t = tcase_create("many");

	tcase_add_checked_fixture(t, set_many, unset_many);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, dots_of_a_chart);
	tcase_add_test(t, dots_of_runs);
	tcase_add_test(t, thin_lines_of_faults);
	tcase_add_test(t, turns_of_a_curve);
	suite_add_tcase(s, t);
	return run_suite(s);
}
