// SPDX-License-Identifier: GPL-2.0-or-later
/* The table for people. */
#include "golden.h"
#include "report_record.h"
#include "sample_rooms.h"
#include "sevpinbench/cell_summary.h"
#include "sevpinbench/result_table.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *table_of(const struct record *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(result_table_print(r, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "\"%s\" is in:\n%s", part, text);
}

/* Guests that start at once: one cell alone, as before, and rounds of so many, 7 each. */
#define ROUNDS 7
static void fill_rounds(struct record_cell *c, uint32_t guests)
{
	uint64_t seed = 7 * guests;

	c->cell = report_cell(PIN_MODE_EAGER, 256 * UNITS_MIB);
	c->cell.parallel = guests;
	ck_assert_int_eq(record_cell_reserve(c, ROUNDS * guests, 0), 0);
	c->sample_count = ROUNDS * guests;
	for (uint32_t i = 0; i < c->sample_count; i++) {
		struct sample *s = &c->sample[i];
		uint64_t startup;

		report_sample(s, &c->cell, &seed);
		s->order = i / guests;
		s->guest = i % guests;
		s->phases_ns[PHASE_PIN] *= guests; /* they wait for each other */
		s->pins[PIN_BOUNDARY_AFTER_TOUCH].host_pages =
			77 + s->pins[PIN_BOUNDARY_AFTER_TOUCH].ledger_pages * guests;
		ck_assert(sample_startup_ns(s, &startup));
		s->start_ns = 1000000000ULL * (s->order + 1) + 5000 * s->guest;
		s->first_ns = s->start_ns + startup + 100000;
	}
}

static void open_rounds(struct record *r)
{
	report_open(r, 4, 1);
	fill_rounds(&r->cell[0], 1);
	fill_rounds(&r->cell[1], 2);
	fill_rounds(&r->cell[2], 4);
	fill_rounds(&r->cell[3], 4);
	r->plan.runs = ROUNDS;
	/* Another set, of which there are two numbers of guests. */
	r->cell[3].cell.guest_bytes *= 2;
	r->cell[3].cell.touch_bytes *= 2;
	r->refusal[0].cell = r->cell[2].cell;
	r->refusal[0].cell.parallel = 64;
	snprintf(r->refusal[0].reason, sizeof(r->refusal[0].reason),
		 "64 guests at once: needs 16.0 GiB pinned");
	/* A round of which a guest failed. */
	r->cell[1].sample[5].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	fault_set(&room_for(&r->cell[1].sample[5])->failure, ESRCH, "guest process", "was killed");
}

/* A record in which everything that can be said has to be said, by a hostile writer. */
static void open_hard(struct record *r)
{
	struct sample *bad;

	report_open(r, 6, 2);
	r->cell[0].cell = report_cell(PIN_MODE_EAGER, 256 * UNITS_MIB);
	r->cell[1].cell = report_cell(PIN_MODE_DEMAND, 256 * UNITS_MIB);
	r->cell[2].cell = report_cell(PIN_MODE_DEMAND, 256 * UNITS_MIB);
	r->cell[2].cell.chunk_bytes = 64 * UNITS_KIB;
	r->cell[3].cell = report_cell(PIN_MODE_EAGER, UNITS_GIB);
	r->cell[3].cell.backing = BACKING_HUGETLB_2M;
	r->cell[3].cell.prefault_threads = 2;
	r->cell[4].cell = report_cell(PIN_MODE_EAGER, UNITS_GIB);
	r->cell[4].cell.guest_type = GUEST_TYPE_SEV_SNP;
	r->cell[4].cell.mechanism = PIN_MECHANISM_GUEST_MEMFD;
	r->cell[4].cell.vcpus = 4;
	r->cell[5].cell = report_cell(PIN_MODE_NONE, UNITS_GIB);
	r->cell[5].cell.touch_bytes = 5 * UNITS_MIB;
	report_fill(r, 10);
	r->complete = false;
	snprintf(r->stopped_by, sizeof(r->stopped_by), "SIG\033[2JINT");
	r->host.platform = PLATFORM_EMULATED;
	snprintf(r->host.cpu.hypervisor_name, HOST_TEXT, "TCGTCGTCGTCG");
	snprintf(r->host.name, HOST_TEXT, "evil\033]0;title\007\nhost");
	snprintf(r->cell[0].cell.note, CELL_NOTE_LEN,
		 "a\tnote\r\n\xe2\x80\xaereversed\xe2\x80\xac");
	snprintf(r->cell[4].cell.note, CELL_NOTE_LEN, "%s", r->cell[0].cell.note);
	r->plan.label_count = 2;
	snprintf(r->plan.label[0].key, RECORD_LABEL_KEY, "kernel");
	snprintf(r->plan.label[0].value, RECORD_LABEL_VAL, "\xc3\xa9t\xc3\xa9 \xff\xc0\x80");
	snprintf(r->plan.label[1].key, RECORD_LABEL_KEY, "x");
	snprintf(r->plan.label[1].value, RECORD_LABEL_VAL, "%%n%%s");
	r->refusal[0].cell = report_cell(PIN_MODE_EAGER, 64 * UNITS_GIB);
	snprintf(r->refusal[0].reason, sizeof(r->refusal[0].reason),
		 "needs 64.0 GiB pinned; 22.9 GiB available");
	snprintf(r->refusal[0].hint, sizeof(r->refusal[0].hint), "ask for\033[31m less");
	r->refusal[1].cell = report_cell(PIN_MODE_DEMAND, 2 * UNITS_TIB);
	snprintf(r->refusal[1].reason, sizeof(r->refusal[1].reason), "too large");
	bad = &r->cell[0].sample[3];
	bad->flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	bad->phases_done = 3;
	fault_set(&room_for(bad)->failure, ENOMEM, "ioctl(KVM_RUN)", "vCPU 0");
	fault_hint(bad->failure, "free some\033memory");
	r->cell[1].sample[0].flags = SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS);
	snprintf(room_for(&r->cell[1].sample[0])->detail, SAMPLE_DETAIL_LEN,
		 "pid 7 (x\033[0m) pinned 3 pages");
	r->cell[1].sample[4].flags = SAMPLE_BIT(SAMPLE_FLAG_FOREIGN_PINS);
	r->cell[2].sample_count = 5;
	r->cell[5].sample_count = 0;
}

START_TEST(golden_usual)
{
	struct record r;
	char *text;

	report_usual(&r, 3, 4);
	text = table_of(&r);
	golden_check("table-usual.txt", text);
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(golden_rounds)
{
	struct record r;
	char *text;

	open_rounds(&r);
	text = table_of(&r);
	golden_check("table-rounds.txt", text);
	assert_has(text, "6/7 x 2");
	assert_has(text, "with each more guest at once");
	free(text);
	/* Two numbers of guests make no trend. */
	r.cell_count = 2;
	text = table_of(&r);
	assert_has(text, "(the difference of 1 and 2, no trend)");
	free(text);
	/* One alone goes without saying. */
	r.cell_count = 1;
	r.refusal_count = 0;
	text = table_of(&r);
	assert_lacks(text, "at once");
	free(text);
	r.cell_count = 4;
	record_close(&r);
}
END_TEST

/* A round is one value: of times the median, of counts the mean; what is the host's is shared. */
START_TEST(summary_of_rounds)
{
	static const uint64_t pin_ns[] = {100, 900, 300, 200};
	struct record r;
	struct cell_summary s;

	open_rounds(&r);
	for (uint32_t i = 0; i < 4 * ROUNDS; i++) {
		struct sample *one = &r.cell[2].sample[i];

		memset(one->phases_ns, 0, sizeof(one->phases_ns));
		one->phases_ns[PHASE_PIN] = pin_ns[i % 4] + 1000 * (i / 4);
		one->touched_pages = i == 5 ? 104 : 100;
		one->start_ns = 50 + i % 4;
		one->first_ns = 1050 + (i + 1) % 4;
	}
	r.cell[2].sample[27].first_ns = 0;
	ck_assert_int_eq(cell_summary_make(&r.cell[2], &s), 0);
	ck_assert_uint_eq(s.taken, 4 * ROUNDS);
	ck_assert_uint_eq(s.valid, 4 * ROUNDS);
	ck_assert_uint_eq(s.rounds, ROUNDS);
	ck_assert_uint_eq(s.whole_rounds, ROUNDS);
	ck_assert_uint_eq(s.startup_ns.n, ROUNDS);
	ck_assert_double_eq(s.startup_ns.min, 250);
	ck_assert_double_eq(s.startup_ns.median, 3250);
	ck_assert_double_eq(s.slowest_startup_ns.median, 3900);
	ck_assert_double_eq(s.touched_pages.max, 101);
	ck_assert_double_eq(s.round_spread_ns.median, 3);
	ck_assert_uint_eq(s.round_up_ns.n, ROUNDS - 1);
	ck_assert_double_eq(s.round_up_ns.median, 1003);
	ck_assert_double_eq(s.host_rise_pages[PIN_BOUNDARY_AFTER_TOUCH].median, 65536);
	ck_assert_double_eq(s.ledger_pages[PIN_BOUNDARY_AFTER_TOUCH].median, 65536);
	/* Nothing of a round that was not whole, nor of one that a journal cut short. */
	r.cell[2].sample[6].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	r.cell[2].sample_count = 4 * ROUNDS - 1;
	ck_assert_int_eq(cell_summary_make(&r.cell[2], &s), 0);
	ck_assert_uint_eq(s.valid, 4 * ROUNDS - 2);
	ck_assert_uint_eq(s.rounds, ROUNDS);
	ck_assert_uint_eq(s.whole_rounds, ROUNDS - 2);
	ck_assert_uint_eq(s.startup_ns.n, ROUNDS - 2);
	/* One alone has no such figures. */
	ck_assert_int_eq(cell_summary_make(&r.cell[0], &s), 0);
	ck_assert_uint_eq(s.startup_ns.n, ROUNDS);
	ck_assert_uint_eq(s.slowest_startup_ns.n + s.round_up_ns.n + s.round_spread_ns.n, 0);
	record_close(&r);
}
END_TEST

START_TEST(golden_hard)
{
	struct record r;
	char *text;
	const char *p;

	open_hard(&r);
	text = table_of(&r);
	golden_check("table-hard.txt", text);
	for (p = text; *p != '\0'; p++)
		ck_assert_msg(*p == '\n' || ((unsigned char)*p >= 0x20 && *p != 0x7f),
			      "control character %d in the table", *p);
	assert_lacks(text, "\xe2\x80"); /* U+202E and its kin */
	ck_assert_int_eq(strncmp(text, "INCOMPLETE, stopped by SIG[2JINT: 45 of 60 ", 43), 0);
	assert_has(text, "9/10");
	assert_has(text, "EMULATED (TCGTCGTCGTCG): times of an interpreter; ratios and counts "
			 "mean something, absolute times do not");
	free(text);
	record_close(&r);
}
END_TEST

/* Every sample of a cell the same: startup and touch as given, all of it in one phase. */
static void set_times(struct record_cell *c, uint64_t startup_ns, uint64_t touch_ns)
{
	uint32_t i;

	for (i = 0; i < c->sample_count; i++) {
		memset(c->sample[i].phases_ns, 0, sizeof(c->sample[i].phases_ns));
		c->sample[i].phases_ns[PHASE_PIN] = startup_ns;
		c->sample[i].phases_ns[PHASE_TOUCH] = touch_ns;
	}
}

START_TEST(meaning_is_computed)
{
	struct record r;
	char *text;
	uint32_t i;

	report_usual(&r, 2, 3); /* 64M, 256M, 1G */
	for (i = 0; i < 3; i++) {
		uint64_t mib = r.cell[i].cell.guest_bytes / UNITS_MIB;

		set_times(&r.cell[i], 1000000000 + mib * 1000000000 / 2048, 500000000);
		set_times(&r.cell[3 + i], i == 1 ? 14000000 : 12000000, 1000000000);
	}
	text = table_of(&r);
	assert_has(text, "startup grows by 0.500 s/GiB with eager (io-uring; R2 1.000, 3 sizes)\n");
	/* 12, 14, 12 ms at 1/16, 1/4, 1 GiB: Sxy -0.375, Sxx 0.4922, Syy 2.667. */
	assert_has(text,
		   "startup falls by 0.00076 s/GiB with demand (userfault; R2 0.107: no clear "
		   "trend, 3 sizes)\n");
	/* 1.5 s over 12 ms; (1.5 + 0.5) over 1.012 s */
	assert_has(text,
		   "at 1G startup takes 125 times as long with eager (io-uring) as with "
		   "demand (userfault): 1.50 s against 12.0 ms; with the working set touched, "
		   "1.98 times\n");
	assert_has(text, "platform: virtual (KVMKVMKVM)\n");
	assert_has(text, "no SEV here");
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(two_sizes_have_no_slope)
{
	struct record r;
	char *text;

	report_usual(&r, 2, 2);
	text = table_of(&r);
	assert_lacks(text, "s/GiB");
	assert_has(text, "at 256M startup takes ");
	free(text);
	/* The same size three times is one size. */
	r.cell[0].cell.guest_bytes = r.cell[1].cell.guest_bytes;
	text = table_of(&r);
	assert_lacks(text, "s/GiB");
	free(text);
	record_close(&r);
}
END_TEST

/* SEV guests in both pin orders, encrypting 16 MiB; one order flushes caches for each page. */
static void open_sev(struct record *r)
{
	static const enum pin_mechanism mechanism[] = {PIN_MECHANISM_KVM_REGION,
						       PIN_MECHANISM_USERFAULT, PIN_MECHANISM_NONE};
	uint32_t i, k;

	report_usual(r, 3, 2);
	r->host.platform = PLATFORM_EMULATED;
	snprintf(r->host.cpu.hypervisor_name, HOST_TEXT, "TCGTCGTCGTCG");
	for (i = 0; i < r->cell_count; i++) {
		struct cell *c = &r->cell[i].cell;

		c->guest_type = GUEST_TYPE_SEV;
		c->mechanism = mechanism[c->pin];
		c->pin_order = i % 2 ? PIN_ORDER_REGION_FIRST : PIN_ORDER_MEMSLOT_FIRST;
		c->launch_update_bytes = 16 * UNITS_MIB;
		for (k = 0; k < r->cell[i].sample_count; k++) {
			struct sample *s = &r->cell[i].sample[k];
			struct sample_room *room = room_for(s);

			s->phases_ns[PHASE_LAUNCH_UPDATE] = 100000000u + 50000000u * i;
			s->phases_done |= SAMPLE_BIT(PHASE_LAUNCH_UPDATE);
			s->encrypted_bytes = c->launch_update_bytes;
			s->counts.flushes_known = c->pin != PIN_MODE_DEMAND;
			room->count[SAMPLE_FLUSHES][PHASE_DESTROY] = 2;
			s->counts.stats_known =
				SAMPLE_BIT(GUEST_STAT_PF_TAKEN) | SAMPLE_BIT(GUEST_STAT_EXITS);
			room->count[GUEST_STAT_PF_TAKEN][PHASE_TOUCH] = (int64_t)s->touched_pages;
			room->count[GUEST_STAT_EXITS][PHASE_TOUCH] =
				(int64_t)s->touched_pages * 5 / 4;
			if (c->pin != PIN_MODE_EAGER || i % 2 == 1)
				continue;
			room->count[SAMPLE_FLUSHES][PHASE_PIN] = 16384 + k % 2;
			s->flags = SAMPLE_BIT(SAMPLE_FLAG_PIN_MISMATCH);
			s->pins[PIN_BOUNDARY_FIRST_INSTRUCTION].host_pages =
				s->pins[PIN_BOUNDARY_BEFORE].host_pages + 7;
		}
	}
}

START_TEST(golden_sev)
{
	struct record r;
	char *text;

	open_sev(&r);
	text = table_of(&r);
	golden_check("table-sev.txt", text);
	free(text);
	record_close(&r);
}
END_TEST

static void add_test(struct record_cell *c, const char *id, enum audit_verdict verdict,
		     const char *consequence)
{
	struct record_audit_test *t = record_audit_add(&c->audit);

	ck_assert_ptr_nonnull(t);
	snprintf(t->id, sizeof(t->id), "%s", id);
	t->verdict = verdict;
	snprintf(t->consequence, sizeof(t->consequence), "%s", consequence);
}

/* Cells of each verdict: eager ones fail alike, demand ones are fine, of the others little is
 * known. */
static void open_audited(struct record *r)
{
	static const char unpinned[] = "guest memory is not \x1b[2Jpinned";

	open_sev(r);
	for (uint32_t i = 0; i < r->cell_count; i++) {
		struct record_cell *c = &r->cell[i];
		const enum pin_mode pin = c->cell.pin;

		c->audit.asked = i + 1 < r->cell_count;
		c->audit.verdict = pin == PIN_MODE_EAGER    ? AUDIT_FAIL
				   : pin == PIN_MODE_DEMAND ? AUDIT_PASS
				   : i % 2		    ? AUDIT_SKIP
							    : AUDIT_INFO;
		if (pin == PIN_MODE_EAGER) {
			add_test(c, "counted-registered", AUDIT_FAIL, unpinned);
			add_test(c, "own-pages", AUDIT_PASS, "");
			add_test(c, "flushes-touch", AUDIT_FAIL, "every CPU stands still");
			add_test(c, "long-term", AUDIT_FAIL, unpinned);
		} else if (pin == PIN_MODE_NONE) {
			snprintf(c->audit.reason, sizeof(c->audit.reason), "for a reason");
			snprintf(c->audit.hint, sizeof(c->audit.hint), "%s", i % 2 ? "do so" : "");
		}
	}
}

START_TEST(golden_audited)
{
	struct record r;
	char *text;

	open_audited(&r);
	text = table_of(&r);
	golden_check("table-audit.txt", text);
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(sev_needs_no_substitute)
{
	struct record r;
	char *text;
	uint32_t i;

	report_usual(&r, 2, 3);
	for (i = 0; i < r.cell_count; i++) {
		r.cell[i].cell.guest_type = GUEST_TYPE_SEV;
		r.cell[i].cell.mechanism = r.cell[i].cell.pin == PIN_MODE_EAGER
						   ? PIN_MECHANISM_KVM_REGION
						   : PIN_MECHANISM_KVM_DEMAND;
	}
	r.host.platform = PLATFORM_HARDWARE;
	text = table_of(&r);
	assert_lacks(text, "no SEV here");
	assert_has(text, "platform: hardware\n");
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(differing_traits_become_columns)
{
	struct record r;
	char *text;

	report_usual(&r, 2, 2);
	text = table_of(&r);
	assert_has(text, "backing anon, 1 vCPU, touch 10% seq write, chunk 2M, no prefault; ");
	assert_lacks(text, "vCPUs");
	free(text);
	r.cell[1].cell.vcpus = 3;
	text = table_of(&r);
	assert_lacks(text, "1 vCPU,");
	assert_has(text, "vCPUs");
	free(text);
	/* One thread goes without saying; more do not, and leave demand comparable. */
	r.cell[1].cell.vcpus = 1;
	r.cell[0].cell.pin_threads = r.cell[1].cell.pin_threads = 4;
	text = table_of(&r);
	assert_has(text, "no prefault, pinned by 4 threads; ");
	assert_has(text, "as long with eager (io-uring) as with demand");
	free(text);
	r.cell[1].cell.pin_threads = 1;
	text = table_of(&r);
	assert_has(text, "pin threads");
	free(text);
	record_close(&r);
}
END_TEST

/* A share is cut to whole pages, which is another share of each size. */
START_TEST(a_share_is_the_one_asked_for)
{
	static const uint64_t mib[] = {2, 16, 32, 24};
	struct record r;
	char *text;

	report_usual(&r, 2, 2);
	for (size_t i = 0; i < 4; i++) {
		r.cell[i].cell.guest_bytes = mib[i] * UNITS_MIB;
		r.cell[i].cell.touch_bytes = mib[i] * UNITS_MIB / 10 / 4096 * 4096;
	}
	text = table_of(&r);
	assert_has(text, "touch 10% seq write");
	free(text);
	r.cell[1].cell.touch_bytes -= 4096;
	text = table_of(&r);
	assert_has(text, "9.96%");
	free(text);
	record_close(&r);
}
END_TEST

START_TEST(empty_and_absurd)
{
	struct record r = {0};
	char *text = table_of(&r);

	assert_has(text, "no cell was measured");
	free(text);
	report_usual(&r, 2, 3);
	set_times(&r.cell[0], UINT64_MAX, UINT64_MAX);
	r.cell[1].cell.guest_bytes = 0;
	r.cell[2].cell.touch_bytes = UINT64_MAX;
	r.cell[2].cell.guest_bytes = 1;
	r.cell[3].cell.guest_type = (enum guest_type)77;
	r.cell[3].cell.pin = (enum pin_mode)78;
	r.cell[4].cell.mechanism = (enum pin_mechanism)79;
	r.cell[5].cell.backing = (enum backing)80;
	r.plan.label_count = UINT32_MAX;
	r.plan.runs = UINT32_MAX;
	r.plan.start_wall_s = INT64_MAX;
	text = table_of(&r);
	assert_has(text, "?");
	free(text);
	record_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("table");
	TCase *table = tcase_create("table");

	tcase_add_test(table, golden_usual);
	tcase_add_test(table, golden_rounds);
	tcase_add_test(table, golden_hard);
	tcase_add_test(table, golden_sev);
	tcase_add_test(table, golden_audited);
	tcase_add_test(table, meaning_is_computed);
	tcase_add_test(table, two_sizes_have_no_slope);
	tcase_add_test(table, sev_needs_no_substitute);
	tcase_add_test(table, differing_traits_become_columns);
	tcase_add_test(table, a_share_is_the_one_asked_for);
	tcase_add_test(table, empty_and_absurd);
	tcase_add_test(table, summary_of_rounds);
	suite_add_tcase(s, table);
	return run_suite(s);
}
