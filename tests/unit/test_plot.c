// SPDX-License-Identifier: GPL-2.0-or-later
/* The plots: their scripts byte for byte, and what hostile text becomes. */
#include "plot_scene.h"
#include "run_suite.h"
#include "sample_rooms.h"

/* Four steps up to the slowest, each with fewer faults. */
static void add_steps(struct sample *s)
{
	struct fault_times *f = &s->faults;

	room_for(s);
	for (f->steps = 0; f->steps < 4; f->steps++)
		f->step[f->steps] = (struct histogram_step){.ns = f->max_ns / 4 * (f->steps + 1),
							    .count = f->count >> 3 * f->steps | 1};
}

/*
 * Demand faults served here, so that there is something to see of them. Those of the second demand
 * cell are as in a document of old, which has no distribution.
 */
static void add_faults(struct record *r)
{
	uint32_t i, k, seen = 0;

	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].sample_count; k++) {
			if (r->cell[i].cell.pin == PIN_MODE_DEMAND)
				r->cell[i].sample[k].faults =
					(struct fault_times){.count = 1500 >> (3 * i % 6),
							     .p50_ns = 800000 + k * 1000,
							     .p90_ns = 900000 + k * 10000,
							     .p99_ns = 1500000 + k * 100000,
							     .p999_ns = 3000000 + k * 100000,
							     .max_ns = 9000000 + k * 100000,
							     .sum_ns = 1500000000};
			if (r->cell[i].cell.pin == PIN_MODE_DEMAND && seen != 1)
				add_steps(&r->cell[i].sample[k]);
		}
		seen += r->cell[i].cell.pin == PIN_MODE_DEMAND;
	}
}

/* Eager and demand cross: 1G of which 1%, 10%, 50% and 100% are touched. */
static void touched(struct record *r)
{
	static const uint64_t percent[] = {1, 10, 50, 100};
	uint32_t m, t;

	report_open(r, 12, 0);
	for (m = 0; m < 3; m++) {
		for (t = 0; t < 4; t++) {
			r->cell[m * 4 + t].cell = report_cell((enum pin_mode)m, UNITS_GIB);
			r->cell[m * 4 + t].cell.touch_bytes = UNITS_GIB / 100 * percent[t];
		}
	}
	report_fill(r, 10);
}

static const struct {
	const char *golden;
	enum plot_kind kind;
	struct plot_style style;
	uint32_t modes, sizes; /* 0: what touched() makes */
} scripts[] = {
	{"plot-startup.gp", PLOT_STARTUP, {.format = PLOT_FORMAT_SVG}, 3, 3},
	{"plot-startup-one-cell.gp", PLOT_STARTUP, {.format = PLOT_FORMAT_PNG}, 1, 1},
	{"plot-startup-term.gp", PLOT_STARTUP, {.format = PLOT_FORMAT_TERM}, 2, 2},
	{"plot-phases.gp", PLOT_PHASES, {.format = PLOT_FORMAT_SVG}, 3, 3},
	{"plot-phases-one-cell.gp", PLOT_PHASES, {.format = PLOT_FORMAT_PNG}, 1, 1},
	{"plot-pins.gp", PLOT_PINS, {.format = PLOT_FORMAT_SVG}, 0, 0},
	{"plot-cost.gp", PLOT_COST, {.format = PLOT_FORMAT_SVG}, 0, 0},
	{"plot-dist-slide-dark.gp",
	 PLOT_DIST,
	 {.format = PLOT_FORMAT_PNG, .theme = PLOT_THEME_DARK, .size = PLOT_SIZE_SLIDE},
	 2,
	 2},
	{"plot-faults.gp", PLOT_FAULTS, {.format = PLOT_FORMAT_PDF}, 2, 2},
	{"plot-published-dark.gp",
	 PLOT_PUBLISHED,
	 {.format = PLOT_FORMAT_SVG, .theme = PLOT_THEME_DARK},
	 2,
	 3},
};

START_TEST(golden_scripts)
{
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, scripts[_i].kind, scripts[_i].style.format);
	char *text;

	q.style = scripts[_i].style;
	if (scripts[_i].modes)
		report_usual(&r, scripts[_i].modes, scripts[_i].sizes);
	else
		touched(&r);
	add_faults(&r);
	text = script_of(&q, "out/picture");
	golden_check(scripts[_i].golden, text);
	free(text);
	record_close(&r);
}
END_TEST

/* How often a text stands in another. */
static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Two kernels over each other: told apart by their names, both hosts named, EMULATED if one is. */
START_TEST(several_records)
{
	struct record r[2];
	const struct record *both[] = {&r[0], &r[1]};
	const char *const names[] = {"a/x.json", "b/y.json"};
	struct plot_request q = {.kind = PLOT_STARTUP, .record = both, .name = names, .count = 2};
	char *text;

	report_usual(&r[0], 2, 3);
	report_usual(&r[1], 2, 3);
	text = script_of(&q, "x");
	/* The same host twice is told once. */
	ck_assert_uint_eq(times(text, "Linux 6.1.0-40-amd64, 2026-"), 1);
	ck_assert_ptr_nonnull(strstr(text, "title \"eager (io-uring), x.json, n 10"));
	ck_assert_ptr_nonnull(strstr(text, "title \"demand (userfault), y.json, n 10"));
	ck_assert_ptr_null(strstr(text, "EMULATED"));
	free(text);
	snprintf(r[1].host.kernel_release, HOST_TEXT, "6.12.1");
	r[1].host.platform = PLATFORM_EMULATED;
	text = script_of(&q, "x");
	ck_assert_ptr_nonnull(strstr(text, "title \"eager (io-uring), Linux 6.1.0-40-amd64, n 10"));
	ck_assert_ptr_nonnull(strstr(text, "title \"demand (userfault), Linux 6.12.1, n 10"));
	ck_assert_ptr_nonnull(strstr(text, "Linux 6.12.1, 2026-"));
	ck_assert_ptr_nonnull(strstr(text, "\"EMULATED: "));
	free(text);
	record_close(&r[0]);
	record_close(&r[1]);
}
END_TEST

/* Where eager and demand cost the same is marked where it is beyond doubt, and nowhere else. */
START_TEST(crossing)
{
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, PLOT_COST, PLOT_FORMAT_SVG);
	char *text;
	uint32_t i;

	touched(&r);
	text = script_of(&q, "x");
	ck_assert_ptr_nonnull(strstr(text, "eager = demand at about 60%"));
	free(text);
	/* Intervals that overlap at one end leave a doubt. */
	for (i = 0; i < r.cell[7].sample_count; i++)
		r.cell[7].sample[i].phases_ns[PHASE_TOUCH] = i < 5 ? 1000000000 : 4000000000;
	text = script_of(&q, "x");
	ck_assert_ptr_null(strstr(text, "eager = demand"));
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(locale_does_not_matter)
{
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, PLOT_STARTUP, PLOT_FORMAT_SVG);
	char *before, *behind, number[16];

	report_usual(&r, 3, 3);
	before = script_of(&q, "x");
	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) {
		/* Not installed here: nothing to compare with. */
		free(before);
		record_close(&r);
		return;
	}
	behind = script_of(&q, "x");
	snprintf(number, sizeof(number), "%.1f", 0.5);
	ck_assert_str_eq(number, "0,5"); /* the caller's locale is as it was */
	setlocale(LC_ALL, "C");
	ck_assert_str_eq(before, behind);
	free(before);
	free(behind);
	record_close(&r);
}
END_TEST

START_TEST(nothing_to_draw)
{
	struct record r = {0};
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, PLOT_STARTUP, PLOT_FORMAT_SVG);
	char path[4200];
	struct fault f;
	uint32_t i;

	in_folder("a.svg", path, sizeof(path));
	ck_assert_int_eq(result_plot_script(&q, path, stderr), -ENODATA);
	report_usual(&r, 3, 1);
	add_faults(&r);
	for (i = 0; i < 30; i++)
		r.cell[i / 10].sample[i % 10].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	for (i = 0; i < PLOT_KIND_COUNT; i++) {
		q.kind = (enum plot_kind)i;
		ck_assert_int_eq(result_plot_draw(&q, path, &f), -ENODATA);
		ck_assert_int_eq(f.err, ENODATA);
	}
	ck_assert_uint_eq(count_files(true), 0);
	record_close(&r);
}
END_TEST

/* Text in every place where a record has text, trying to run a command or to break the SVG. */
static void attack_record(struct record *r)
{
	static const char attack[] =
		"`>pwned`\"\\\"\n!>pwned\n\"; system(\"touch x\"); \"</text><b>&@x%d\xe2\x80\xae";

	snprintf(r->host.name, HOST_TEXT, "%s", attack);
	snprintf(r->host.cpu.name, HOST_TEXT, "%s", attack);
	snprintf(r->host.kernel_release, HOST_TEXT, "%s", attack);
	snprintf(r->host.cpu.hypervisor_name, HOST_TEXT, "%s", attack);
	r->plan.label_count = 1;
	snprintf(r->plan.label[0].key, RECORD_LABEL_KEY, "%s", attack);
	snprintf(r->plan.label[0].value, RECORD_LABEL_VAL, "%s", attack);
}

START_TEST(hostile_text_stays_text)
{
	struct record r;
	const struct record *records[] = {&r, &r};
	static char name[65537] = "`>pwned`\"\n{/*9 x}^2_3\xe2\x80\xae<script>";
	const char *const names[] = {name, name};
	struct plot_request q = {
		.kind = (enum plot_kind)_i, .record = records, .name = names, .count = 1};
	char path[4200], here[4096], *svg;
	struct fault f;

	memset(name + strlen(name), 'A', sizeof(name) - 1 - strlen(name));
	in_folder("`touch x` \"|.svg", path, sizeof(path));
	/* A CPU's name in a plot is cut, so the attack is short and relative. */
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(chdir(folder), 0);
	touched(&r);
	r.cell[11].cell.guest_bytes *= 2; /* many cells of one size are not drawn by size */
	add_faults(&r);
	attack_record(&r);
	for (; q.count <= 2; q.count++) {
		ck_assert_int_eq(result_plot_draw(&q, path, &f), 0);
		svg = golden_read(path);
		ck_assert_ptr_nonnull(svg);
		ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
		ck_assert_ptr_null(strstr(svg, "<b>"));
		ck_assert_ptr_null(strstr(svg, "<script>"));
		ck_assert_ptr_null(strstr(svg, "\xe2\x80\xae"));
		/* Not run and not lost either. */
		ck_assert_ptr_nonnull(strstr(svg, "`>pwned`"));
		free(svg);
	}
	ck_assert_uint_eq(count_files(true), 1);
	record_close(&r);
	ck_assert_int_eq(chdir(here), 0);
}
END_TEST

static void draw_all(struct plot_request *q, const char *path, const char *magic)
{
	struct fault f = {0};
	char head[8];
	int kind, fd;

	for (kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		q->kind = (enum plot_kind)kind;
		write_file(path, "old", 0644);
		ck_assert_msg(result_plot_draw(q, path, &f) == 0, "%s: %s", f.op, f.object);
		fd = open(path, O_RDONLY);
		ck_assert_int_eq(read(fd, head, sizeof(head)), sizeof(head));
		close(fd);
		ck_assert_mem_eq(head, magic, strlen(magic));
		ck_assert_uint_eq(count_files(true), 1);
	}
}

START_TEST(every_kind_and_format_draws)
{
	static const char *const magic[] = {"<?xml", "\x89PNG", "%PDF"};
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, PLOT_STARTUP, PLOT_FORMAT_SVG);
	char path[4200];

	in_folder("picture", path, sizeof(path));
	touched(&r);
	add_faults(&r);
	q.style.format = (enum plot_format)_i;
	draw_all(&q, path, magic[_i]);
	q.style.theme = PLOT_THEME_DARK;
	q.style.size = PLOT_SIZE_SLIDE;
	draw_all(&q, path, magic[_i]);
	record_close(&r);
}
END_TEST

START_TEST(every_kind_is_shown_on_a_terminal)
{
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, (enum plot_kind)_i, PLOT_FORMAT_TERM);
	struct fault f = {0};
	char *text = NULL, *line;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	touched(&r);
	add_faults(&r);
	q.style.term_columns = 100;
	ck_assert_msg(result_plot_print(&q, out, &f) == 0, "%s: %s", f.op, f.object);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "demand"));
	ck_assert_ptr_null(strstr(text, "\033"));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(line), 110);
	free(text);
	record_close(&r);
}
END_TEST

/* Many lines, long labels, durations at the ends of what 64 bits hold: drawn without complaint. */
START_TEST(absurd_records_draw)
{
	struct record r;
	const struct record *one = &r;
	struct plot_request q = plot_one(&one, PLOT_STARTUP, PLOT_FORMAT_SVG);
	char path[4200];
	struct fault f = {0};
	uint32_t i;
	int kind;

	in_folder("picture", path, sizeof(path));
	report_open(&r, 200, 0);
	for (i = 0; i < r.cell_count; i++) {
		r.cell[i].cell = report_cell((enum pin_mode)(i % 3), UNITS_MIB << (i % 40));
		r.cell[i].cell.vcpus = i % 50;
		r.cell[i].cell.backing = (enum backing)(i % 7); /* two of them unknown words */
		r.cell[i].cell.touch_bytes = UINT64_MAX / (i + 1);
		r.cell[i].cell.pin = (enum pin_mode)(i % 11);
		r.cell[i].cell.numa_node = (int32_t)(i % 5) - 1;
	}
	report_fill(&r, 7);
	add_faults(&r);
	for (i = 0; i < 7; i++) {
		memset(r.cell[0].sample[i].phases_ns, 0, sizeof(r.cell[0].sample[i].phases_ns));
		r.cell[0].sample[i].phases_ns[PHASE_PIN] = i;
		memset(r.cell[1].sample[i].phases_ns, 0, sizeof(r.cell[1].sample[i].phases_ns));
		r.cell[1].sample[i].phases_ns[PHASE_PIN] = UINT64_MAX - i;
		r.cell[1].sample[i].faults.max_ns = UINT64_MAX;
		room_for(&r.cell[1].sample[i])->step[0] = (struct histogram_step){i, UINT64_MAX};
		r.cell[1].sample[i].faults.steps = 1;
	}
	r.cell[2].cell.guest_bytes = UINT64_MAX;
	r.cell[3].cell.guest_bytes = 0;
	for (kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		q.kind = (enum plot_kind)kind;
		ck_assert_msg(result_plot_draw(&q, path, &f) == 0, "%s: %s %s",
			      words_text(&words_plot_kind, (unsigned)kind), f.op, f.object);
	}
	record_close(&r);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plot");
	TCase *text = tcase_create("text"), *run = tcase_create("run");

	tcase_add_checked_fixture(run, set_up, tear_down);
	tcase_set_timeout(run, 60);
	tcase_add_loop_test(text, golden_scripts, 0, (int)(sizeof(scripts) / sizeof(scripts[0])));
	tcase_add_test(text, several_records);
	tcase_add_test(text, crossing);
	tcase_add_test(text, locale_does_not_matter);
	tcase_add_test(run, nothing_to_draw);
	tcase_add_loop_test(run, hostile_text_stays_text, 0, PLOT_KIND_COUNT);
	tcase_add_loop_test(run, every_kind_and_format_draws, 0, 3);
	tcase_add_loop_test(run, every_kind_is_shown_on_a_terminal, 0, PLOT_KIND_COUNT);
	tcase_add_test(run, absurd_records_draw);
	suite_add_tcase(s, text);
	suite_add_tcase(s, run);
	return s;
}

int main(void)
{
	return run_suite(make_suite());
}
