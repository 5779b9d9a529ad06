// SPDX-License-Identifier: GPL-2.0-or-later
/* The report in its forms, byte for byte; and what hostile text becomes in them. */
#include "golden.h"
#include "report_record.h"
#include "sample_rooms.h"
#include "sevpinbench/result_bars.h"
#include "sevpinbench/result_report.h"

#include "run_suite.h"
#include <check.h>
#include <string.h>

static char *report_of(const struct record *const *r, uint32_t count, enum report_form form)
{
	static const char *const names[] = {"a/one.json", "two.json"};
	const struct report_request q = {.form = form,
					 .record = r,
					 .name = names,
					 .count = count,
					 .version = "0.1.0",
					 .no_plots = true};
	struct fault lacking, f = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(result_report_print(&q, out, &lacking, &f), 0);
	ck_assert(!fault_is_set(&lacking));
	fclose(out);
	return text;
}

/* Two kernels; the second emulated, with a leak, a refused cell and an end that came early. */
static void two_records(struct record r[2])
{
	report_usual(&r[0], 3, 3);
	snprintf(r[0].tool.command_line, RECORD_CMDLINE,
		 "sevpinbench run --pin eager,demand,none --guest-mem 64M,256M,1G");
	report_open(&r[1], 2, 1);
	r[1].cell[0].cell = report_cell(PIN_MODE_EAGER, 64 * UNITS_MIB);
	r[1].cell[1].cell = report_cell(PIN_MODE_DEMAND, 64 * UNITS_MIB);
	report_fill(&r[1], 10);
	snprintf(r[1].host.kernel_release, HOST_TEXT, "6.12.1");
	r[1].host.platform = PLATFORM_EMULATED;
	r[1].complete = false;
	snprintf(r[1].stopped_by, sizeof(r[1].stopped_by), "SIGINT");
	r[1].cell[0].sample[3].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
	snprintf(room_for(&r[1].cell[0].sample[3])->detail, SAMPLE_DETAIL_LEN, "5 pages remained");
	r[1].refusal[0].cell = report_cell(PIN_MODE_EAGER, UNITS_TIB);
	snprintf(r[1].refusal[0].reason, sizeof(r[1].refusal[0].reason),
		 "needs 1.0 TiB pinned; 22.9 GiB available");
}

static const struct {
	const char *golden;
	enum report_form form;
} forms[] = {
	{"report.txt", REPORT_TEXT}, {"report.md", REPORT_MARKDOWN}, {"report.html", REPORT_HTML}};

START_TEST(golden_reports)
{
	struct record r[2];
	const struct record *both[] = {&r[0], &r[1]};
	char *text;

	two_records(r);
	text = report_of(both, 2, forms[_i].form);
	golden_check(forms[_i].golden, text);
	free(text);
	record_close(&r[0]);
	record_close(&r[1]);
}
END_TEST

/* In every place that has text from a document; long ones are as long as a record has room for. */
static void attack(struct record *r)
{
	static const char script[] = "</title></script><script>alert(1)</script>\"'><img src=x>"
				     "`$(touch x)` | [a](javascript:b) @you\n# head\xe2\x80\xae"
				     "\033[31m";

	snprintf(r->host.name, HOST_TEXT, "%s", script);
	snprintf(r->host.cpu.name, HOST_TEXT, "%s", script);
	snprintf(r->host.cpu.microcode, HOST_TEXT, "%s", script);
	snprintf(r->host.cpu.hypervisor_name, HOST_TEXT, "%s", script);
	snprintf(r->host.kernel_release, HOST_TEXT, "%s", script);
	snprintf(r->host.kernel_version, HOST_LONGTEXT, "%s", script);
	snprintf(r->host.kernel_cmdline, HOST_LONGTEXT, "%s", script);
	snprintf(r->host.distribution, HOST_TEXT, "%s", script);
	snprintf(r->host.sev_pinning, HOST_TEXT, "%s", script);
	snprintf(r->host.memory.thp_enabled, HOST_TEXT, "%s", script);
	snprintf(r->tool.version, sizeof(r->tool.version), "<script>v</script>");
	snprintf(r->tool.git_revision, sizeof(r->tool.git_revision), "<script>g</script>");
	memset(r->tool.command_line, '<', RECORD_CMDLINE - 1);
	snprintf(r->stopped_by, sizeof(r->stopped_by), "<script>s</script>");
	r->complete = false;
	r->plan.label_count = RECORD_LABELS;
	for (int i = 0; i < RECORD_LABELS; i++) {
		snprintf(r->plan.label[i].key, RECORD_LABEL_KEY, "<script>k</script>");
		memset(r->plan.label[i].value, '"', RECORD_LABEL_VAL - 1);
	}
	snprintf(r->cell[0].cell.note, CELL_NOTE_LEN, "%s", script);
	r->cell[0].sample[0].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
	snprintf(room_for(&r->cell[0].sample[0])->detail, SAMPLE_DETAIL_LEN, "%s", script);
	r->refusal[0].cell = report_cell(PIN_MODE_EAGER, UNITS_TIB);
	snprintf(r->refusal[0].reason, sizeof(r->refusal[0].reason), "%s", script);
	snprintf(r->refusal[0].hint, sizeof(r->refusal[0].hint), "%s", script);
}

/* How often a text stands in another. */
static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

START_TEST(hostile_text_stays_text)
{
	struct record r;
	const struct record *one[] = {&r, &r};
	char *text;

	report_open(&r, 1, 1);
	r.cell[0].cell = report_cell(PIN_MODE_EAGER, 64 * UNITS_MIB);
	report_fill(&r, 7);
	attack(&r);
	text = report_of(one, (uint32_t)_i, REPORT_HTML);
	ck_assert_uint_eq(count(text, "<script"), 1); /* our own */
	ck_assert_uint_eq(count(text, "<title>"), 1);
	ck_assert_uint_eq(count(text, "<img"), 0);
	ck_assert_uint_gt(count(text, "&lt;script&gt;alert(1)"), 5);
	ck_assert_uint_eq(count(text, "\xe2\x80\xae") + count(text, "\033"), 0);
	free(text);
	text = report_of(one, (uint32_t)_i, REPORT_MARKDOWN);
	ck_assert_uint_eq(count(text, "<"), 0);
	ck_assert_uint_eq(count(text, "\n# "), 0);
	ck_assert_uint_eq(count(text, " [a]") + count(text, " `") + count(text, "@"), 0);
	ck_assert_uint_gt(count(text, "\\[a\\]"), 5);
	ck_assert_uint_eq(count(text, "\xe2\x80\xae") + count(text, "\033"), 0);
	free(text);
	text = report_of(one, (uint32_t)_i, REPORT_TEXT);
	ck_assert_uint_eq(count(text, "\xe2\x80\xae") + count(text, "\033"), 0);
	free(text);
	record_close(&r);
}
END_TEST

static const struct {
	const char *golden;
	struct bars_style style;
	bool spread;
} charts[] = {
	{"bars-unicode-colour.txt", {.columns = 90, .unicode = true, .colour = true}, false},
	{"bars-ascii.txt", {.columns = 60}, false},
	{"bars-narrow.txt", {.columns = 1}, false},
	{"spread-unicode.txt", {.columns = 0, .unicode = true}, true},
	{"spread-ascii.txt", {.columns = 70}, true},
};

START_TEST(golden_bars)
{
	struct record r[2];
	const struct record *one = &r[0];
	const char *name = "x";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	two_records(r);
	ck_assert_int_eq((charts[_i].spread ? result_bars_print_spread : result_bars_print)(
				 &one, &name, 1, &charts[_i].style, out),
			 0);
	fclose(out);
	golden_check(charts[_i].golden, text);
	free(text);
	record_close(&r[0]);
	record_close(&r[1]);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("report");
	TCase *text = tcase_create("text");

	tcase_add_loop_test(text, golden_reports, 0, (int)(sizeof(forms) / sizeof(forms[0])));
	tcase_add_loop_test(text, hostile_text_stays_text, 1, 3);
	tcase_add_loop_test(text, golden_bars, 0, (int)(sizeof(charts) / sizeof(charts[0])));
	suite_add_tcase(s, text);
	return s;
}

int main(void)
{
	return run_suite(make_suite());
}
