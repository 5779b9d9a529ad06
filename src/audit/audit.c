// SPDX-License-Identifier: GPL-2.0-or-later
/* audit: what do the pins really hold? */
#include "sevpinbench/audit.h"

#include "context.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/stop.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (2 * UNITS_MIB) /* as "run" has it by default */

const struct audit_subject *const audit_subjects[] = {
	&audit_counted, &audit_pages,	&audit_unmovable, &audit_released,
	&audit_limit,	&audit_regions, &audit_flushes};
const size_t audit_subject_count = LENGTH(audit_subjects);

const char consequence_not_pinned[] =
	"guest memory is not pinned although registration succeeded: a moved page corrupts an SEV "
	"guest";
const char consequence_too_much[] =
	"more memory is pinned than the guest uses: the host can neither move it nor swap it out";
const char consequence_leak[] = "pins outlive the guest: this memory is lost to the host until "
				"it is booted anew";
const char consequence_flushes[] =
	"every CPU of the host writes its caches back and stands still meanwhile, whatever it is "
	"doing, so many times";

/* ---- how a test says what it found ---- */

/* The body of audit_NAME(): text and verdict. */
#define SAY(name, verdict_)                                       \
	void name(struct audit_result *r, const char *fmt, ...)   \
	{                                                         \
		va_list args;                                     \
                                                                  \
		va_start(args, fmt);                              \
		r->verdict = (verdict_);                          \
		vsnprintf(r->found, sizeof(r->found), fmt, args); \
		va_end(args);                                     \
	}

SAY(audit_pass, AUDIT_PASS)
SAY(audit_info, AUDIT_INFO)
SAY(audit_skip, AUDIT_SKIP)

void audit_fail(struct audit_result *r, const char *consequence, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	r->verdict = AUDIT_FAIL;
	vsnprintf(r->found, sizeof(r->found), fmt, args);
	snprintf(r->consequence, sizeof(r->consequence), "%s", consequence);
	va_end(args);
}

void audit_expect(struct audit_result *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->expected, sizeof(r->expected), fmt, args);
	va_end(args);
}

void audit_unseen(struct audit_result *r, int err, const char *what)
{
	r->unseen = err == -EACCES || err == -EPERM;
	audit_skip(r, "%s: %s%s", what, strerror(-err), r->unseen ? "; run as root" : "");
}

void audit_fault(struct audit_result *r, const struct fault *f)
{
	char text[AUDIT_TEXT];

	fault_text(f, text, sizeof(text));
	audit_fail(r, "the test could not be made to its end: what it is about is not known", "%s",
		   text);
}

/* ---- what is tested ---- */

bool context_by_vmpin(const struct audit_context *c)
{
	return pin_counts_in_vmpin(c->cell.guest_type, c->cell.mechanism);
}

bool context_is_private(const struct audit_context *c)
{
	return !guest_memory_is_file(c->cell.backing);
}

const struct story *context_story(struct audit_context *c, enum story_name name,
				  struct audit_result *r)
{
	const struct story *s = story_get(c, name);

	if (!s)
		audit_unseen(r, -ENOMEM, "no memory for what is seen");
	else if (s->result < 0)
		audit_fault(r, &s->room.failure);
	return s && s->result == 0 ? s : NULL;
}

const struct story *context_seen_story(struct audit_context *c, enum story_name name,
				       struct audit_result *r)
{
	const struct story *s = context_story(c, name, r);

	if (!s || !s->look_err)
		return s;
	audit_unseen(r, s->look_err, "page frame numbers");
	return NULL;
}

bool audit_matches(const struct audit_test *test, const char *wanted)
{
	size_t length = strlen(wanted);

	return strncmp(test->id, wanted, length) == 0 &&
	       (test->id[length] == '\0' || test->id[length] == '-');
}

static bool is_wanted(const struct audit_request *asked, const struct audit_test *test)
{
	for (size_t i = 0; i < asked->wanted_count; i++) {
		if (audit_matches(test, asked->wanted[i]))
			return true;
	}
	return asked->wanted_count == 0;
}

static bool is_known(const char *wanted)
{
	for (size_t s = 0; s < audit_subject_count; s++) {
		for (size_t i = 0; i < audit_subjects[s]->count; i++) {
			if (audit_matches(&audit_subjects[s]->tests[i], wanted))
				return true;
		}
	}
	return false;
}

static int check_request(const struct audit_request *asked, struct fault *f)
{
	uint64_t unit = guest_memory_page_bytes(asked->backing);
	char text[24], least[24], most[24], step[24];

	unit = unit > AUDIT_UNIT_BYTES ? unit : AUDIT_UNIT_BYTES;
	if (asked->guest_bytes < AUDIT_MIN_BYTES || asked->guest_bytes > AUDIT_MAX_BYTES ||
	    asked->guest_bytes % unit)
		return fault_set(f, EINVAL, "--guest-mem", "%s: from %s to %s, in steps of %s",
				 units_format_size(asked->guest_bytes, text, sizeof(text)),
				 units_format_size(AUDIT_MIN_BYTES, least, sizeof(least)),
				 units_format_size(AUDIT_MAX_BYTES, most, sizeof(most)),
				 units_format_size(unit, step, sizeof(step)));
	for (size_t i = 0; i < asked->wanted_count; i++) {
		if (!is_known(asked->wanted[i]))
			return fault_set(f, EINVAL, "arguments",
					 "\"%.60s\" is no test; --list shows them",
					 asked->wanted[i]);
	}
	return 0;
}

/* ---- the guest ---- */

/* Demand pinning by KVM where the kernel does that, as "run" has it. */
static int choose_mechanism(struct audit_context *c, struct cell *cell, struct fault *f)
{
	int mechanism = pin_mechanism(cell->guest_type, cell->pin), r = 0;
	bool by_kvm = false;

	if (mechanism < 0)
		return fault_set(f, ENOTSUP, "audit", "%s guests with pin mode %s",
				 words_text(&words_guest_type, cell->guest_type),
				 words_text(&words_pin_mode, cell->pin));
	cell->mechanism = (enum pin_mechanism)mechanism;
	if (cell->guest_type != GUEST_TYPE_VM && cell->pin == PIN_MODE_DEMAND)
		r = launch_probe_kvm_demand(cell->guest_type, c->pinning, &by_kvm, f);
	if (by_kvm)
		cell->mechanism = PIN_MECHANISM_KVM_DEMAND;
	cell->chunk_bytes = pin_has_chunks(cell->mechanism) ? CHUNK_BYTES : 0;
	/* Memory that the guest must find missing cannot have been faulted in. */
	if (pin_has_chunks(cell->mechanism) && !guest_memory_is_file(cell->backing))
		cell->prefault_threads = 0;
	return r;
}

static int choose_guest(struct audit_context *c, const struct audit_request *asked, struct fault *f)
{
	struct launch_limits limits;
	struct cell *cell = &c->cell;
	int r = launch_probe(&limits, f);

	*cell = (struct cell){.guest_type = asked->guest_type,
			      .pin = asked->pin,
			      .backing = asked->backing,
			      .guest_bytes = asked->guest_bytes,
			      .vcpus = 1,
			      .pin_threads = 1,
			      .parallel = 1,
			      .touch_bytes = asked->guest_bytes / 2,
			      .prefault_threads = asked->prefault_threads,
			      .pin_order = PIN_ORDER_REGION_FIRST,
			      .numa_node = -1};
	if (r < 0)
		return r;
	if (asked->type_auto)
		cell->guest_type = limits.sev ? GUEST_TYPE_SEV : GUEST_TYPE_VM;
	if (cell->guest_type == GUEST_TYPE_SEV_SNP && cell->backing != BACKING_ANON)
		return fault_set(f, EINVAL, "--backing",
				 "sev-snp guests have their memory of a guest_memfd, in pages of "
				 "4K (anon, for what they share)");
	if (cell->guest_type == GUEST_TYPE_SEV_SNP && cell->prefault_threads)
		return fault_set(f, EINVAL, "--prefault",
				 "sev-snp guests' memory is allocated by the pin: --pin eager");
	if (pin_mechanism(cell->guest_type, cell->pin) >= 0 &&
	    !launch_can_start(&limits, cell->guest_type, f))
		return -f->err;
	if (cell->guest_type != GUEST_TYPE_VM)
		cell->sev_policy = cell_policy(cell->guest_type, CELL_POLICY_NODBG);
	return choose_mechanism(c, cell, f);
}

static void find_nodes(struct audit_context *c, const struct host_facts *host)
{
	for (int i = 0; i < host->node_count && c->node_count < 2; i++) {
		if (host->node[i].total_bytes > 0)
			c->node[c->node_count++] = host->node[i].id;
	}
}

/* ---- the tests ---- */

/* Of a guest_memfd there are no pins to be looked at, and nothing is registered: only the file's
   own count, and flushes. */
static bool has_meaning(const struct audit_context *c, const struct audit_test *test)
{
	static const char *const with_meaning[] = {"counted-registered", "counted-started",
						   "counted-touched", "flushes-touch",
						   "flushes-teardown"};

	if (c->cell.mechanism != PIN_MECHANISM_GUEST_MEMFD)
		return true;
	for (size_t i = 0; i < LENGTH(with_meaning); i++) {
		if (strcmp(test->id, with_meaning[i]) == 0)
			return true;
	}
	return false;
}

static void make_test(struct audit_context *c, const struct audit_test *test,
		      struct audit_report *report)
{
	struct audit_result *r = &report->result[report->count++];

	*r = (struct audit_result){.test = test, .verdict = AUDIT_SKIP};
	audit_expect(r, "%s", test->title);
	if (has_meaning(c, test))
		test->run(c, r);
	else
		audit_skip(r, "private memory of a guest_memfd cannot be mapped, registered or "
			      "moved: there is nothing to look at");
	report->tally[r->verdict]++;
	report->unseen |= r->unseen;
}

static void make_tests(struct audit_context *c, const struct audit_request *asked,
		       struct audit_report *report)
{
	for (size_t s = 0; s < audit_subject_count; s++) {
		for (size_t i = 0; i < audit_subjects[s]->count; i++) {
			const struct audit_test *test = &audit_subjects[s]->tests[i];

			if (stop_signal())
				return;
			if (is_wanted(asked, test) && report->count < AUDIT_TESTS)
				make_test(c, test, report);
		}
	}
}

/* A kernel that another program switches meanwhile would answer now so, now so. */
static int check_pinning(const struct audit_context *c, struct fault *f)
{
	if (c->cell.guest_type == GUEST_TYPE_VM || !c->pinning->present || c->pinning->fd >= 0)
		return 0;
	fault_set(f, EBUSY, KERNEL_PINNING_PATH, "%s", c->pinning->reason);
	fault_hint(f, "try again when it has ended");
	return -EBUSY;
}

/* What is asked for is in the context: the guest, and how the kernel is switched. */
static int make_audit(struct audit_context *c, const struct audit_request *asked,
		      struct audit_report *report, struct fault *f)
{
	const struct launch_options options = {.count_flushes = true, .pinning = c->pinning};
	int r = check_pinning(c, f);

	report->cell = c->cell;
	find_nodes(c, &report->host);
	if (r == 0)
		r = launch_open(&c->launch, &options, f);
	if (r == 0)
		make_tests(c, asked, report);
	launch_close(&c->launch);
	for (int i = 0; i < STORY_COUNT; i++)
		story_free(c->story[i]);
	return r;
}

int audit_run(const struct audit_request *asked, struct audit_report *report, struct fault *f)
{
	struct audit_context *c = calloc(1, sizeof(*c));
	struct kernel_pinning pinning = KERNEL_PINNING_CLOSED;
	int r;

	*report = (struct audit_report){0};
	if (!c)
		return fault_set(f, ENOMEM, "calloc", "what the tests share");
	r = check_request(asked, f);
	if (r == 0) {
		c->pinning = &pinning;
		kernel_pinning_open(&pinning, true);
		host_collect(&report->host);
		r = choose_guest(c, asked, f);
		report->cell = c->cell;
	}
	if (r == 0)
		r = make_audit(c, asked, report, f);
	kernel_pinning_close(&pinning);
	free(c);
	return r;
}

int audit_cell(const struct cell *cell, const struct host_facts *host,
	       struct kernel_pinning *pinning, struct audit_report *report, struct fault *f)
{
	const struct audit_request all = {.backing = cell->backing,
					  .guest_bytes = cell->guest_bytes};
	struct audit_context *c = calloc(1, sizeof(*c));
	int r;

	*report = (struct audit_report){.host = *host, .cell = *cell};
	if (!c)
		return fault_set(f, ENOMEM, "calloc", "what the tests share");
	c->cell = *cell;
	c->cell.touch_bytes = cell->guest_bytes / 2;
	c->cell.touch_order = TOUCH_ORDER_SEQ;
	c->cell.touch_op = TOUCH_OP_WRITE;
	c->cell.launch_update_bytes = 0;
	c->one_order = true;
	c->pinning = pinning;
	r = check_request(&all, f);
	if (r == 0)
		r = make_audit(c, &all, report, f);
	free(c);
	return r;
}
