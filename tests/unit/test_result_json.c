// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of result_json and journal: the same record back, hostile files refused, nothing lost. */
#include "sevpinbench/journal.h"
#include "sevpinbench/record.h"
#include "sevpinbench/result_json.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURES "tests/fixtures/result/"

/* ---- what the tests break ---- */

static bool disk_full, truncate_fails;

int __real_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes);
int __wrap_sys_write_all(int fd, const void *buf, size_t bytes)
{
	if (!disk_full)
		return __real_sys_write_all(fd, buf, bytes);
	__real_sys_write_all(fd, buf, bytes / 2);
	return -ENOSPC;
}

int __real_sys_ftruncate(int fd, off_t bytes);
int __wrap_sys_ftruncate(int fd, off_t bytes);
int __wrap_sys_ftruncate(int fd, off_t bytes)
{
	return truncate_fails ? -EIO : __real_sys_ftruncate(fd, bytes);
}

static long allocations_left = -1; /* -1: no end */

/*
 * jansson 2.14 asserts (load.c, lex_unget_unsave) where the text buffer of its reader cannot grow.
 * Its sizes are powers of two.
 */
static bool spare_buffers;

static void *scarce_malloc(size_t bytes)
{
	if (spare_buffers && (bytes & (bytes - 1)) == 0)
		return malloc(bytes);
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(bytes);
}

/* ---- a folder a test ---- */

static char folder[512];

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/json.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	disk_full = truncate_fails = false;
	allocations_left = -1;
}

static void teardown(void)
{
	char command[600];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *path_of(const char *name)
{
	static char path[2][PATH_MAX];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static size_t size_of(const char *path)
{
	struct stat st;

	ck_assert_msg(stat(path, &st) == 0, "%s: %s", path, strerror(errno));
	return (size_t)st.st_size;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static char *slurp(const char *path)
{
	size_t size = size_of(path);
	char *text = calloc(1, size + 1);
	FILE *file = fopen(path, "r");

	ck_assert(file && text);
	ck_assert_uint_eq(fread(text, 1, size, file), size);
	fclose(file);
	return text;
}

static void put(const char *path, const char *text, size_t bytes)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
}

/* ---- a record in which no two members are alike ---- */

static uint64_t next;

static int64_t number(void)
{
	return (int64_t)(next += 1000003);
}

static void text(char *member, size_t size)
{
	snprintf(member, size, "text %lld \"\\ /\xc3\xa9\xe2\x82\xac", (long long)number());
}

#define TEXT(member)   text(member, sizeof(member))
#define NUMBER(member) ((member) = (__typeof__(member))number())

static void fill_cell(struct cell *c, unsigned i)
{
	c->guest_type = (enum guest_type)(i % GUEST_TYPE_COUNT);
	c->pin = (enum pin_mode)((i + 1) % PIN_MODE_COUNT);
	c->mechanism = (enum pin_mechanism)((i + 2) % PIN_MECHANISM_COUNT);
	c->backing = (enum backing)((i + 3) % BACKING_COUNT);
	c->touch_order = (enum touch_order)((i + 1) % TOUCH_ORDER_COUNT);
	c->touch_op = (enum touch_op)((i + 1) % TOUCH_OP_COUNT);
	NUMBER(c->guest_bytes);
	NUMBER(c->vcpus);
	NUMBER(c->touch_bytes);
	NUMBER(c->chunk_bytes);
	NUMBER(c->prefault_threads);
	c->numa_node = i % 2 ? -1 : (int32_t)i;
	TEXT(c->note);
}

static void fill_pins(struct sample *s)
{
	int i;

	for (i = 0; i < PIN_BOUNDARY_COUNT; i++) {
		NUMBER(s->pins[i].ledger_pages);
		s->pins[i].vmpin_pages = i == 3 ? SAMPLE_NO_COUNT : number();
		s->pins[i].host_pages = i == 4 ? SAMPLE_NO_COUNT : number();
	}
}

static void fill_sample(struct sample *s, unsigned i)
{
	int p;

	*s = (struct sample){.phases_done = (1u << PHASE_COUNT) - 1};
	for (p = 0; p < PHASE_COUNT; p++)
		NUMBER(s->phases_ns[p]);
	NUMBER(s->order);
	NUMBER(s->start_ns);
	fill_pins(s);
	s->faults = (struct fault_times){.count = 1,
					 .p50_ns = 2,
					 .p90_ns = 3,
					 .p99_ns = 4,
					 .p999_ns = 5,
					 .max_ns = 6,
					 .sum_ns = INT64_MAX};
	NUMBER(s->touched_pages);
	NUMBER(s->minor_faults);
	NUMBER(s->major_faults);
	TEXT(s->detail);
	if (i % 3 != 2)
		return;
	s->phases_done = 0x5; /* not completed: no time either */
	for (p = 0; p < PHASE_COUNT; p++)
		s->phases_ns[p] = p == 0 || p == 2 ? s->phases_ns[p] : 0;
	s->flags = (1u << SAMPLE_FLAG_COUNT) - 1;
	s->failure =
		(struct fault){.err = ENOMEM, .has_fw = i % 2 == 0, .fw = i % 2 ? 0 : 0xfffffffe};
	TEXT(s->failure.op);
	TEXT(s->failure.object);
	TEXT(s->failure.hint);
}

static void fill_cpu(struct host_cpu *c)
{
	TEXT(c->vendor);
	TEXT(c->name);
	NUMBER(c->family);
	NUMBER(c->model);
	c->stepping = -1;
	TEXT(c->microcode);
	NUMBER(c->logical_cpus);
	c->hypervisor = true;
	TEXT(c->hypervisor_name);
	c->sev_eax = UINT32_MAX;
	NUMBER(c->sev_ebx);
	NUMBER(c->sev_ecx);
	NUMBER(c->sev_edx);
	c->sme = c->sev_es = true;
	c->c_bit = 51;
	c->pa_reduction = -1;
}

static void fill_memory(struct host_memory *m)
{
	NUMBER(m->total_bytes);
	NUMBER(m->available_bytes);
	m->swap_total_bytes = 0;
	NUMBER(m->huge_2m_total);
	NUMBER(m->huge_2m_free);
	m->huge_1g_total = m->huge_1g_free = -1;
	NUMBER(m->cgroup_limit_bytes);
	NUMBER(m->cgroup_used_bytes);
	TEXT(m->thp_enabled);
	TEXT(m->thp_defrag);
	TEXT(m->thp_shmem);
	NUMBER(m->overcommit_memory);
	m->numa_balancing = -1;
	NUMBER(m->memlock_soft_bytes);
	m->memlock_hard_bytes = INT64_MAX;
	m->can_exceed_memlock = true;
}

static void fill_host(struct host_facts *h)
{
	int i;

	TEXT(h->name);
	TEXT(h->kernel_release);
	TEXT(h->kernel_version);
	memset(h->kernel_cmdline, 'k', sizeof(h->kernel_cmdline) - 1); /* full to the end */
	TEXT(h->distribution);
	h->platform = PLATFORM_EMULATED;
	fill_cpu(&h->cpu);
	fill_memory(&h->memory);
	h->node_count = HOST_NODES;
	for (i = 0; i < HOST_NODES; i++)
		h->node[i] = (struct host_node){(int)number(), number(), number(), number(), -1};
	TEXT(h->clocksource);
	TEXT(h->governor);
	h->load1 = 0.1;
	h->load5 = -1;
	h->load15 = 1.0 / 3;
	NUMBER(h->io_uring_disabled);
	h->unprivileged_userfaultfd = -1;
	h->pin_counters = true;
	TEXT(h->pin_counters_reason);
}

static void fill_plan(struct record_plan *p)
{
	uint32_t i;

	p->seed = INT64_MAX;
	p->runs = RECORD_MAX_SAMPLES;
	p->warmup = 12345;
	p->start_wall_s = 1795473065; /* 2026-11-23T22:31:05Z */
	p->end_wall_s = p->start_wall_s + 60;
	TEXT(p->cpu_list);
	p->label_count = RECORD_LABELS;
	for (i = 0; i < RECORD_LABELS; i++) {
		TEXT(p->label[i].key);
		TEXT(p->label[i].value);
	}
}

static void fill_refusal(struct record_refusal *r, unsigned i)
{
	fill_cell(&r->cell, i);
	TEXT(r->reason);
	TEXT(r->hint);
	NUMBER(r->needed_bytes);
	r->available_bytes = -1;
}

static void fill_record(struct record *r, uint32_t cells, uint32_t samples)
{
	uint32_t i, k;

	next = 0;
	*r = (struct record){0};
	ck_assert_int_eq(record_open(r, cells, 3), 0);
	TEXT(r->tool.version);
	TEXT(r->tool.git_revision);
	TEXT(r->tool.command_line);
	fill_host(&r->host);
	fill_plan(&r->plan);
	for (i = 0; i < r->refusal_count; i++)
		fill_refusal(&r->refusal[i], i);
	for (i = 0; i < cells; i++) {
		fill_cell(&r->cell[i].cell, i);
		ck_assert_int_eq(record_cell_reserve(&r->cell[i], samples, 2), 0);
		r->cell[i].sample_count = samples;
		r->cell[i].warmup_count = 2;
		for (k = 0; k < samples; k++)
			fill_sample(&r->cell[i].sample[k], k);
		for (k = 0; k < 2; k++)
			fill_sample(&r->cell[i].warmup[k], k + 1);
	}
	TEXT(r->stopped_by);
}

/* ---- two records, member by member ---- */

#define SAME(member)  ck_assert_int_eq((int64_t)a->member, (int64_t)b->member)
#define ALIKE(member) ck_assert_str_eq(a->member, b->member)

static void compare_cell(const struct cell *a, const struct cell *b)
{
	SAME(guest_type);
	SAME(pin);
	SAME(mechanism);
	SAME(backing);
	SAME(guest_bytes);
	SAME(vcpus);
	SAME(touch_bytes);
	SAME(touch_order);
	SAME(touch_op);
	SAME(chunk_bytes);
	SAME(prefault_threads);
	SAME(numa_node);
	ALIKE(note);
}

static void compare_fault(const struct fault *a, const struct fault *b)
{
	ALIKE(op);
	ALIKE(object);
	SAME(err);
	SAME(has_fw);
	SAME(fw);
	ALIKE(hint);
}

static void compare_sample(const struct sample *a, const struct sample *b)
{
	int i;

	SAME(order);
	SAME(start_ns);
	SAME(phases_done);
	for (i = 0; i < PHASE_COUNT; i++)
		SAME(phases_ns[i]);
	for (i = 0; i < PIN_BOUNDARY_COUNT; i++) {
		SAME(pins[i].ledger_pages);
		SAME(pins[i].vmpin_pages);
		SAME(pins[i].host_pages);
	}
	SAME(faults.count);
	SAME(faults.p50_ns);
	SAME(faults.p90_ns);
	SAME(faults.p99_ns);
	SAME(faults.p999_ns);
	SAME(faults.max_ns);
	SAME(faults.sum_ns);
	SAME(touched_pages);
	SAME(minor_faults);
	SAME(major_faults);
	SAME(flags);
	ALIKE(detail);
	compare_fault(&a->failure, &b->failure);
}

static void compare_cpu(const struct host_cpu *a, const struct host_cpu *b)
{
	ALIKE(vendor);
	ALIKE(name);
	SAME(family);
	SAME(model);
	SAME(stepping);
	ALIKE(microcode);
	SAME(logical_cpus);
	SAME(hypervisor);
	ALIKE(hypervisor_name);
	SAME(sev_eax);
	SAME(sev_ebx);
	SAME(sev_ecx);
	SAME(sev_edx);
	SAME(sme);
	SAME(sev);
	SAME(sev_es);
	SAME(sev_snp);
	SAME(c_bit);
	SAME(pa_reduction);
}

static void compare_memory(const struct host_memory *a, const struct host_memory *b)
{
	SAME(total_bytes);
	SAME(available_bytes);
	SAME(swap_total_bytes);
	SAME(huge_2m_total);
	SAME(huge_2m_free);
	SAME(huge_1g_total);
	SAME(huge_1g_free);
	SAME(cgroup_limit_bytes);
	SAME(cgroup_used_bytes);
	ALIKE(thp_enabled);
	ALIKE(thp_defrag);
	ALIKE(thp_shmem);
	SAME(overcommit_memory);
	SAME(numa_balancing);
	SAME(memlock_soft_bytes);
	SAME(memlock_hard_bytes);
	SAME(can_exceed_memlock);
}

static void compare_host(const struct host_facts *a, const struct host_facts *b)
{
	int i;

	ALIKE(name);
	ALIKE(kernel_release);
	ALIKE(kernel_version);
	ALIKE(kernel_cmdline);
	ALIKE(distribution);
	SAME(platform);
	compare_cpu(&a->cpu, &b->cpu);
	compare_memory(&a->memory, &b->memory);
	SAME(node_count);
	for (i = 0; i < a->node_count; i++) {
		SAME(node[i].id);
		SAME(node[i].total_bytes);
		SAME(node[i].free_bytes);
		SAME(node[i].huge_2m_free);
		SAME(node[i].huge_1g_free);
	}
	ALIKE(clocksource);
	ALIKE(governor);
	ck_assert_double_eq(a->load1, b->load1);
	ck_assert_double_eq(a->load5, b->load5);
	ck_assert_double_eq(a->load15, b->load15);
	SAME(io_uring_disabled);
	SAME(unprivileged_userfaultfd);
	SAME(pin_counters);
	ALIKE(pin_counters_reason);
}

static void compare_plan(const struct record_plan *a, const struct record_plan *b)
{
	uint32_t i;

	SAME(seed);
	SAME(runs);
	SAME(warmup);
	SAME(start_wall_s);
	SAME(end_wall_s);
	ALIKE(cpu_list);
	SAME(label_count);
	for (i = 0; i < a->label_count; i++) {
		ALIKE(label[i].key);
		ALIKE(label[i].value);
	}
}

static void compare_head(const struct record *a, const struct record *b)
{
	uint32_t i;

	ALIKE(tool.version);
	ALIKE(tool.git_revision);
	ALIKE(tool.command_line);
	compare_host(&a->host, &b->host);
	compare_plan(&a->plan, &b->plan);
	SAME(refusal_count);
	for (i = 0; i < a->refusal_count; i++) {
		compare_cell(&a->refusal[i].cell, &b->refusal[i].cell);
		ALIKE(refusal[i].reason);
		ALIKE(refusal[i].hint);
		SAME(refusal[i].needed_bytes);
		SAME(refusal[i].available_bytes);
	}
	SAME(cell_count);
	for (i = 0; i < a->cell_count; i++)
		compare_cell(&a->cell[i].cell, &b->cell[i].cell);
}

static void compare_samples(const struct record *a, const struct record *b)
{
	uint32_t i, k;

	for (i = 0; i < a->cell_count; i++) {
		SAME(cell[i].sample_count);
		SAME(cell[i].warmup_count);
		for (k = 0; k < a->cell[i].sample_count; k++)
			compare_sample(&a->cell[i].sample[k], &b->cell[i].sample[k]);
		for (k = 0; k < a->cell[i].warmup_count; k++)
			compare_sample(&a->cell[i].warmup[k], &b->cell[i].warmup[k]);
	}
}

static void write_ok(const struct record *r, const char *path)
{
	struct fault f = {0};
	int err = result_json_write(r, path, &f);

	ck_assert_msg(err == 0, "%s: %s (%d)", f.op, f.object, err);
}

static void read_ok(struct record *r, const char *path)
{
	struct fault f = {0};
	int err;

	*r = (struct record){0};
	err = result_json_read(r, path, &f);
	ck_assert_msg(err == 0, "%s: %s: %s (%d)", path, f.op, f.object, err);
}

/* ---- the document ---- */

START_TEST(the_same_record_comes_back)
{
	struct record a, b;

	fill_record(&a, 7, 4);
	a.complete = _i;
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	ck_assert_int_eq(b.complete, _i);
	ck_assert_str_eq(a.stopped_by, b.stopped_by);
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(writing_again_gives_the_same_bytes)
{
	struct record a, b;
	char *one, *two;

	fill_record(&a, 3, 12);
	write_ok(&a, path_of("one"));
	read_ok(&b, path_of("one"));
	write_ok(&b, path_of("two"));
	one = slurp(path_of("one"));
	two = slurp(path_of("two"));
	ck_assert_str_eq(one, two);
	free(one);
	free(two);
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(an_empty_record_comes_back)
{
	struct record a = {.host.load1 = NAN}, b;

	ck_assert_int_eq(record_open(&a, 0, 0), 0);
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_uint_eq(b.cell_count, 0);
	ck_assert_uint_eq(b.refusal_count, 0);
	ck_assert_int_eq(b.plan.end_wall_s, 0);
	ck_assert_double_eq(b.host.load1, -1);
	record_close(&a);
	record_close(&b);
}
END_TEST

/* Text cut within a character, Latin-1, and what a terminal would obey. */
START_TEST(text_is_made_valid)
{
	struct record a, b;

	fill_record(&a, 1, 1);
	strcpy(a.tool.command_line, "run \x1b[2J\n\xe9\xc2\x9b \xed\xa0\x80 end\xe2\x82");
	strcpy(a.cell[0].cell.note,
	       "\xc0\xaf \xe0\x80\xaf \xf4\x90\x80\x80"); /* overlong, beyond */
	write_ok(&a, path_of("r.json"));
	read_ok(&b, path_of("r.json"));
	ck_assert_str_eq(b.tool.command_line, "run ?[2J??? ??? end??");
	ck_assert_str_eq(b.cell[0].cell.note, "?? ??? ????");
	record_close(&a);
	record_close(&b);
}
END_TEST

static json_t *load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s", error.text);
	return root;
}

/* "cells.0.samples.2.pins" */
static json_t *follow(json_t *at, const char *path)
{
	char copy[256], *rest = copy, *step;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((step = strsep(&rest, ".")) != NULL) {
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(step))
				       : json_object_get(at, step);
		ck_assert_msg(at != NULL, "%s: no %s", path, step);
	}
	return at;
}

static int64_t integer(json_t *root, const char *path)
{
	json_t *value = follow(root, path);

	ck_assert_msg(json_is_integer(value), "%s is no integer", path);
	return json_integer_value(value);
}

/* Ten good samples of 1000..1009 ns a phase, one failed and one leaked with wild times. */
static void fill_for_summary(struct record *r)
{
	uint32_t i, p;

	fill_record(r, 1, 12);
	for (i = 0; i < 12; i++) {
		r->cell[0].sample[i] = (struct sample){.phases_done = (1u << PHASE_COUNT) - 1};
		for (p = 0; p < PHASE_COUNT; p++)
			r->cell[0].sample[i].phases_ns[p] = i < 10 ? 1000 + i : 1000000;
	}
	r->cell[0].sample[9].phases_done &= ~(1u << PHASE_TOUCH);
	r->cell[0].sample[10].flags = SAMPLE_BIT(SAMPLE_FLAG_FAILED);
	r->cell[0].sample[11].flags = SAMPLE_BIT(SAMPLE_FLAG_LEAK);
}

START_TEST(summary_is_of_valid_samples)
{
	struct record r;
	json_t *root;

	fill_for_summary(&r);
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
	ck_assert_int_eq(integer(root, "cells.0.summary.valid"), 10);
	ck_assert_int_eq(integer(root, "cells.0.summary.excluded"), 2);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.n"), 10);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.min"), 14000);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.max"), 14126);
	/* 14063 and 1004.5, rounded to the whole nanosecond */
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_ns.median"), 14063);
	ck_assert_int_eq(integer(root, "cells.0.summary.phases_ns.open.median"), 1005);
	ck_assert_int_eq(integer(root, "cells.0.summary.startup_without_prefault_ns.min"), 13000);
	ck_assert_int_eq(integer(root, "cells.0.summary.working_set_ns.n"), 9);
	ck_assert_int_eq(integer(root, "cells.0.summary.phases_ns.touch.n"), 9);
	ck_assert(json_is_null(follow(root, "cells.0.summary.startup_ns.p99")));
	ck_assert(json_is_integer(follow(root, "cells.0.summary.startup_ns.ci95_low")));
	json_decref(root);
	record_close(&r);
}
END_TEST

START_TEST(promised_values)
{
	struct record r;
	json_t *root;

	fill_record(&r, 2, 3);
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
	ck_assert_str_eq(json_string_value(follow(root, "schema")), "sevpinbench.result/1");
	ck_assert_str_eq(json_string_value(follow(root, "plan.start")), "2026-11-23T22:31:05Z");
	ck_assert_str_eq(json_string_value(follow(root, "plan.end")), "2026-11-23T22:32:05Z");
	ck_assert_str_eq(json_string_value(follow(root, "host.memory.memlock_hard_bytes")),
			 "unlimited");
	ck_assert(json_is_null(follow(root, "host.memory.numa_balancing")));
	ck_assert(json_is_null(follow(root, "cells.0.samples.0.pins.after_touch.vmpin_pages")));
	ck_assert(json_is_null(follow(root, "cells.0.samples.0.failure")));
	ck_assert_uint_eq(json_array_size(follow(root, "cells.0.samples.0.flags")), 0);
	ck_assert_uint_eq(json_object_size(follow(root, "cells.0.samples.2.phases_ns")), 2);
	ck_assert(json_is_null(follow(root, "cells.0.samples.2.startup_ns")));
	ck_assert_str_eq(json_string_value(follow(root, "cells.0.samples.2.failure.error")),
			 strerror(ENOMEM));
	ck_assert_int_eq(integer(root, "cells.0.samples.2.failure.firmware"), 0xfffffffe);
	ck_assert_int_eq(integer(root, "plan.seed"), INT64_MAX);
	json_decref(root);
	record_close(&r);
}
END_TEST

/* A key exchanged with another would come back all the same: so the text itself is looked at. */
START_TEST(keys_name_what_they_hold)
{
	struct record r;
	const struct sample *s;
	json_t *root;

	fill_record(&r, 2, 3);
	s = &r.cell[1].sample[0];
	write_ok(&r, path_of("r.json"));
	root = load(path_of("r.json"));
#define HOLDS(path, member) ck_assert_int_eq(integer(root, path), (int64_t)(member))
	HOLDS("host.memory.total_bytes", r.host.memory.total_bytes);
	HOLDS("host.memory.available_bytes", r.host.memory.available_bytes);
	HOLDS("host.nodes.1.free_bytes", r.host.node[1].free_bytes);
	HOLDS("plan.runs", r.plan.runs);
	HOLDS("plan.warmup", r.plan.warmup);
	HOLDS("refused.1.needed_bytes", r.refusal[1].needed_bytes);
	HOLDS("cells.1.guest_bytes", r.cell[1].cell.guest_bytes);
	HOLDS("cells.1.touch_bytes", r.cell[1].cell.touch_bytes);
	HOLDS("cells.1.chunk_bytes", r.cell[1].cell.chunk_bytes);
	HOLDS("cells.1.vcpus", r.cell[1].cell.vcpus);
	HOLDS("cells.1.samples.0.order", s->order);
	HOLDS("cells.1.samples.0.phases_ns.pin", s->phases_ns[PHASE_PIN]);
	HOLDS("cells.1.samples.0.phases_ns.touch", s->phases_ns[PHASE_TOUCH]);
	HOLDS("cells.1.samples.0.pins.before.ledger_pages", s->pins[0].ledger_pages);
	HOLDS("cells.1.samples.0.pins.after_pin.vmpin_pages", s->pins[1].vmpin_pages);
	HOLDS("cells.1.samples.0.pins.after_touch.host_pages", s->pins[3].host_pages);
	HOLDS("cells.1.samples.0.touched_pages", s->touched_pages);
	HOLDS("cells.1.samples.0.minor_faults", s->minor_faults);
	HOLDS("cells.1.samples.0.major_faults", s->major_faults);
	HOLDS("cells.1.samples.0.faults.count", 1);
	HOLDS("cells.1.samples.0.faults.p50_ns", 2);
	HOLDS("cells.1.samples.0.faults.p90_ns", 3);
	HOLDS("cells.1.samples.0.faults.p99_ns", 4);
	HOLDS("cells.1.samples.0.faults.p999_ns", 5);
	HOLDS("cells.1.samples.0.faults.max_ns", 6);
	HOLDS("cells.1.samples.2.failure.errno", ENOMEM);
#undef HOLDS
	json_decref(root);
	record_close(&r);
}
END_TEST

/* A number that JSON integers cannot hold is refused when writing, since it could not be read. */
START_TEST(refuses_to_write_what_it_could_not_read)
{
	struct record r;
	struct fault f = {0};

	fill_record(&r, 3, 3);
	r.plan.seed = (uint64_t)INT64_MAX + 1;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ERANGE);
	ck_assert_str_eq(f.object, "plan.seed: 9223372036854775808 is not within 0 to "
				   "9223372036854775807");
	r.plan.seed = 1;
	r.cell[2].sample[1].phases_ns[PHASE_PIN] = UINT64_MAX;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ERANGE);
	ck_assert_ptr_nonnull(strstr(f.object, "cells[2].samples[1].phases_ns.pin: 1844674407"));
	r.cell[2].sample[1].phases_ns[PHASE_PIN] = 1;
	r.cell[1].cell.pin = (enum pin_mode)99;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -EINVAL);
	ck_assert_str_eq(f.object, "cells[1].pin: 99 is no pin mode");
	ck_assert(!is_there(path_of("r.json")));
	record_close(&r);
}
END_TEST

START_TEST(a_full_disk_keeps_the_old_document)
{
	struct record r;
	struct fault f = {0};
	char beside[600];

	fill_record(&r, 1, 1);
	put(path_of("r.json"), "old", 3);
	disk_full = true;
	ck_assert_int_eq(result_json_write(&r, path_of("r.json"), &f), -ENOSPC);
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_uint_eq(size_of(path_of("r.json")), 3);
	snprintf(beside, sizeof(beside), "r.json.tmp.%ld", (long)getpid());
	ck_assert(!is_there(path_of(beside)));
	record_close(&r);
}
END_TEST

/* Each allocation of jansson fails in turn, until all succeed. */
START_TEST(no_memory_when_writing)
{
	struct record r;
	struct fault f;
	long n;
	int err = -ENOMEM;

	fill_record(&r, 1, 3);
	r.plan.label_count = 1;
	r.host.node_count = 1;
	json_set_alloc_funcs(scarce_malloc, free);
	for (n = 0; err; n++) {
		f = (struct fault){0};
		allocations_left = n;
		err = result_json_write(&r, path_of("r.json"), &f);
		allocations_left = -1;
		ck_assert_msg(err == 0 || (err == -ENOMEM && f.err == ENOMEM), "%ld: %d", n, err);
		ck_assert_int_eq(is_there(path_of("r.json")), !err);
	}
	ck_assert_int_gt(n, 500);
	record_close(&r);
}
END_TEST

START_TEST(no_memory_when_reading)
{
	struct record r, back = {0};
	struct fault f;
	long n;
	int err = -ENOMEM;

	fill_record(&r, 1, 1);
	r.plan.label_count = 1;
	r.host.node_count = 1;
	write_ok(&r, path_of("r.json"));
	json_set_alloc_funcs(scarce_malloc, free);
	for (n = 0; err; n++) {
		f = (struct fault){0};
		allocations_left = n;
		spare_buffers = true;
		err = result_json_read(&back, path_of("r.json"), &f);
		allocations_left = -1;
		/* jansson itself calls some of its failures "not JSON". */
		ck_assert_msg(err == 0 || f.err == -err, "%ld: %d", n, err);
		ck_assert_int_eq(back.cell == NULL, err != 0);
	}
	ck_assert_int_gt(n, 300);
	record_close(&r);
	record_close(&back);
}
END_TEST

/* ---- hostile and odd documents ---- */

static const struct {
	const char *file;
	int err;
	const char *says; /* in the fault's object */
} fixtures[] = {
	{"good.json", 0, ""},
	{"other-order.json", 0, ""},
	{"unknown-keys.json", 0, ""},
	{"long-text.json", 0, ""},
	{"control-text.json", 0, ""},
	{"optional-missing.json", 0, ""},
	{"empty.json", EINVAL, "cut short"},
	{"not-object.json", EINVAL, "'{' is missing"},
	{"not-json.json", EINVAL, "'{' is missing"},
	{"cut-short.json", EINVAL, "premature end"},
	{"cut-between.json", EINVAL, "cut short"},
	{"text-behind.json", EINVAL, "more text behind"},
	{"no-schema.json", EINVAL, "no text \"schema\""},
	{"other-schema.json", EINVAL, "\"org.example/1\" is not \"sevpinbench.result/1\""},
	{"newer-schema.json", ENOTSUP,
	 "schema: sevpinbench.result/2 is newer than this program reads (1)"},
	{"odd-version.json", EINVAL, "schema: \"sevpinbench.result/1x\" is not"},
	{"journal-schema.json", EINVAL, "\"sevpinbench.journal/1\" is not"},
	{"unknown-word.json", EINVAL, "cells[1].pin: \"lazy\" is not one of eager, demand, none"},
	{"unknown-flag.json", EINVAL, "cells[0].samples[0].flags[1]: \"odd\" is not one of failed"},
	{"unknown-phase.json", EINVAL, "cells[0].samples[1].phases_ns: \"sleep\" is not one of"},
	{"unknown-platform.json", EINVAL, "host.platform: \"abacus\" is not one of hardware"},
	{"wrong-type.json", EINVAL, "cells[0].vcpus: a text, where an integer belongs"},
	{"real-integer.json", EINVAL, "cells[0].guest_bytes: a real number, where an integer"},
	{"samples-object.json", EINVAL, "cells[0].samples: '[' is missing"},
	{"sample-number.json", EINVAL, "cells[0].samples[0]: an integer, where an object"},
	{"phases-array.json", EINVAL, "cells[0].samples[0].phases_ns: an array, where an object"},
	{"negative.json", EINVAL, "cells[0].touch_bytes: -1 is not within 0"},
	{"negative-phase.json", EINVAL, "cells[0].samples[0].phases_ns.pin: -5 is not within"},
	{"huge-phase.json", EINVAL, "cells[0].samples[0].phases_ns.pin: 9223372036854775807"},
	{"zero-guest.json", EINVAL, "cells[0].guest_bytes: 0 is not within 4096"},
	{"no-vcpus.json", EINVAL, "cells[0].vcpus: 0 is not within 1"},
	{"huge-number.json", EINVAL, "plan: not JSON: too big integer"},
	{"big-vcpus.json", EINVAL, "cells[0].vcpus: 4294967297 is not within 1 to 4294967295"},
	{"nan.json", EINVAL, "not JSON"},
	{"infinite-load.json", EINVAL, "real number overflow"},
	{"null-word.json", EINVAL, "cells[0].backing: must not be null"},
	{"missing-cell-key.json", EINVAL, "cells[0].mechanism: is missing"},
	{"missing-samples.json", EINVAL, "cells[0]: \"samples\" is missing"},
	{"missing-cells.json", EINVAL, "\"cells\" is missing"},
	{"missing-complete.json", EINVAL, "complete: is missing"},
	{"duplicate-top.json", EINVAL, "plan: the key stands there twice"},
	{"duplicate-cells.json", EINVAL, "cells: the key stands there twice"},
	{"duplicate-cell-key.json", EINVAL, "cells[0].pin: the key stands there twice"},
	{"duplicate-inner.json", EINVAL, "duplicate object key"},
	{"deep.json", EINVAL, "maximum parsing depth reached"},
	{"nul-text.json", EINVAL, "tool: not JSON: \\u0000 is not allowed"},
	{"bad-utf8.json", EINVAL, "tool: not JSON: unable to decode byte 0xff"},
	{"lone-surrogate.json", EINVAL, "tool: not JSON: invalid Unicode"},
	{"many-labels.json", EINVAL, "plan.labels: more than 32 labels"},
	{"many-nodes.json", EINVAL, "host.nodes: more than 64 nodes"},
	{"nameless-failure.json", EINVAL, "cells[0].samples[0].failure.op: an empty text"},
	{"control-word.json", EINVAL, "cells[0].pin: \"?[2J\" is not one of"},
	{"bad-memlock.json", EINVAL, "host.memory.memlock_soft_bytes: neither a number"},
};

START_TEST(fixture)
{
	struct record r = {0};
	struct fault f = {0};
	char path[256];
	int err;

	snprintf(path, sizeof(path), FIXTURES "%s", fixtures[_i].file);
	err = result_json_read(&r, path, &f);
	ck_assert_msg(err == -fixtures[_i].err, "%s: %d, %s: %s", path, err, f.op, f.object);
	ck_assert_msg(strstr(f.object, fixtures[_i].says) != NULL, "%s: %s", path, f.object);
	if (err) {
		ck_assert_int_eq(f.err, -err);
		ck_assert_str_eq(f.op, "read result");
		ck_assert_str_ne(f.hint, "");
		ck_assert_ptr_null(r.cell);
		ck_assert_ptr_null(r.refusal);
	}
	record_close(&r);
}
END_TEST

START_TEST(odd_documents_are_understood)
{
	static const char *const alike[] = {"other-order.json", "unknown-keys.json"};
	struct record good, odd;
	char path[256];

	read_ok(&good, FIXTURES "good.json");
	ck_assert_uint_eq(good.cell_count, 2);
	ck_assert_uint_eq(good.cell[0].sample_count, 2);
	ck_assert_uint_eq(good.cell[0].warmup_count, 1);
	snprintf(path, sizeof(path), FIXTURES "%s", alike[_i]);
	read_ok(&odd, path);
	compare_head(&good, &odd);
	compare_samples(&good, &odd);
	record_close(&good);
	record_close(&odd);
}
END_TEST

START_TEST(long_and_odd_text_is_cut_and_cleaned)
{
	struct record r;

	read_ok(&r, FIXTURES "long-text.json");
	ck_assert_uint_eq(strlen(r.tool.version), sizeof(r.tool.version) - 1);
	/* 64 two-byte letters: only 31 whole ones fit beside the NUL */
	ck_assert_uint_eq(strlen(r.tool.git_revision), 62);
	record_close(&r);
	read_ok(&r, FIXTURES "control-text.json");
	ck_assert_str_eq(r.tool.version, "1?[2J? ?x");
	record_close(&r);
}
END_TEST

START_TEST(what_is_absent_is_unknown)
{
	struct record r;

	read_ok(&r, FIXTURES "optional-missing.json");
	ck_assert_int_eq(r.host.memory.total_bytes, -1);
	ck_assert_int_eq(r.host.memory.memlock_soft_bytes, -1);
	ck_assert_int_eq(r.host.cpu.c_bit, -1);
	ck_assert_double_eq(r.host.load1, -1);
	ck_assert_str_eq(r.host.governor, "");
	ck_assert_int_eq(r.cell[0].cell.numa_node, -1);
	ck_assert_int_eq(r.cell[0].sample[0].pins[0].host_pages, SAMPLE_NO_COUNT);
	ck_assert_int_eq(r.cell[0].sample[0].pins[4].ledger_pages, SAMPLE_NO_COUNT);
	record_close(&r);
}
END_TEST

static void assert_refused(const char *path, int err, const char *says)
{
	struct record r = {0};
	struct fault f = {0};

	ck_assert_int_eq(result_json_read(&r, path, &f), -err);
	ck_assert_msg(strstr(f.object, says) != NULL, "%s", f.object);
	ck_assert_ptr_null(r.cell);
	ck_assert_int_eq(journal_read(&r, path, &f), -err);
	ck_assert_ptr_null(r.cell);
}

START_TEST(only_regular_files_of_sane_size)
{
	struct record r = {0};
	int fd;

	assert_refused(path_of("none"), ENOENT, "none");
	assert_refused(folder, EISDIR, folder);
	assert_refused("/dev/zero", EINVAL, "not a regular file");
	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	assert_refused(path_of("fifo"), EINVAL, "not a regular file");
	fd = open(path_of("sparse"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (4L << 30) + 1), 0);
	close(fd);
	assert_refused(path_of("sparse"), EFBIG, "more than ");
	ck_assert_int_eq(truncate(path_of("sparse"), (1L << 30) + 1), 0);
	ck_assert_int_eq(result_json_read(&r, path_of("sparse"), NULL), -EFBIG);
}
END_TEST

/* Copies of a text between a head and a tail. */
static void put_many(const char *path, const char *head, const char *text_, size_t times)
{
	FILE *file = fopen(path, "w");
	size_t i;

	ck_assert_ptr_nonnull(file);
	fputs(head, file);
	for (i = 0; i < times; i++)
		fprintf(file, "%s%s", i ? "," : "", text_);
	fputs("]}", file);
	ck_assert_int_eq(fclose(file), 0);
}

#define HEAD "{\"schema\":\"sevpinbench.result/1\",\""
#define CELL                                                                                       \
	"{\"guest_type\":\"vm\",\"pin\":\"none\",\"mechanism\":\"none\",\"guest_bytes\":4096,"     \
	"\"backing\":\"anon\",\"vcpus\":1,\"touch_bytes\":0,\"touch_order\":\"seq\",\"touch_op\":" \
	"\"read\",\"chunk_bytes\":0,\"prefault_threads\":0,\"reason\":\"\",\"samples\":[]}"

START_TEST(too_many_of_anything)
{
	struct record r = {0};
	struct fault f = {0};

	put_many(path_of("cells"), HEAD "cells\":[", CELL, 5000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "cells[4096]: more than 4096 cells");
	put_many(path_of("cells"), HEAD "refused\":[", CELL, 5000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "refused[4096]: more than 4096 refused cells");
	/* Not even as a tree of values in memory. */
	put_many(path_of("cells"), HEAD "host\":[", "[]", 1000000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_str_eq(f.object, "host: a value or line of more than 1 MiB");
	put_many(path_of("cells"), HEAD "unknown\":[", "[]", 1000000);
	ck_assert_int_eq(result_json_read(&r, path_of("cells"), &f), -EFBIG);
	ck_assert_ptr_null(r.cell);
}
END_TEST

/* No place at which a document may be cut, or a byte of it changed, does harm. */
START_TEST(any_damage_is_survived)
{
	char *whole = slurp(FIXTURES "good.json");
	size_t size = strlen(whole), i, end = size;
	struct record r = {0};
	char kept;

	while (whole[end - 1] != '}')
		end--;
	for (i = 0; i < end; i += 29) {
		put(path_of("cut"), whole, i);
		ck_assert_int_ne(result_json_read(&r, path_of("cut"), NULL), 0);
		ck_assert_ptr_null(r.cell);
	}
	for (i = 0; i < size; i += 13) {
		kept = whole[i];
		whole[i] = "}]\"0,:\x01\xff[{-"[i % 11];
		put(path_of("bent"), whole, size);
		whole[i] = kept;
		result_json_read(&r, path_of("bent"), NULL);
		record_close(&r);
	}
	free(whole);
}
END_TEST

/* ---- the journal ---- */

/* All samples of the record, warm-ups first, into its journal. */
static void write_journal(const struct record *r, const char *path, struct journal *j)
{
	struct fault f = {0};
	uint32_t i, k;

	ck_assert_msg(journal_open(j, path, r, &f) == 0, "%s: %s", f.op, f.object);
	for (i = 0; i < r->cell_count; i++) {
		for (k = 0; k < r->cell[i].warmup_count; k++)
			ck_assert_int_eq(journal_add(j, i, true, &r->cell[i].warmup[k], &f), 0);
		for (k = 0; k < r->cell[i].sample_count; k++)
			ck_assert_int_eq(journal_add(j, i, false, &r->cell[i].sample[k], &f), 0);
	}
}

static void read_journal_ok(struct record *r, const char *path)
{
	struct fault f = {0};
	int err;

	*r = (struct record){0};
	err = journal_read(r, path, &f);
	ck_assert_msg(err == 0, "%s: %s", f.op, f.object);
	ck_assert(!fault_is_set(&f));
}

START_TEST(the_journal_gives_the_record)
{
	struct record a, b;
	struct journal j;
	char *lines;
	size_t i, n = 0;

	fill_record(&a, 3, 5);
	a.complete = true;
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	ck_assert_int_eq(j.fd, -1);
	lines = slurp(path_of("j"));
	for (i = 0; lines[i]; i++)
		n += lines[i] == '\n';
	ck_assert_uint_eq(n, 1 + 3 * (5 + 2));
	ck_assert_int_eq(lines[i - 1], '\n');
	free(lines);
	read_journal_ok(&b, path_of("j"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	ck_assert(!b.complete);
	ck_assert_str_eq(b.stopped_by, "recovered from journal");
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(the_journal_goes_only_when_told)
{
	struct record r;
	struct journal j;
	struct fault f = {0};

	fill_record(&r, 1, 0);
	write_journal(&r, path_of("j"), &j);
	journal_close(&j, false);
	journal_close(&j, true); /* closed already: not ours any more */
	ck_assert(is_there(path_of("j")));
	ck_assert_int_eq(journal_open(&j, path_of("j"), &r, &f), -EEXIST);
	ck_assert_ptr_nonnull(strstr(f.hint, "sevpinbench recover"));
	ck_assert_int_eq(j.fd, -1);
	ck_assert_int_eq(journal_add(&j, 0, false, &(struct sample){0}, &f), -EBADF);
	ck_assert(is_there(path_of("j")));
	write_journal(&r, path_of("k"), &j);
	journal_close(&j, true);
	ck_assert(!is_there(path_of("k")));
	ck_assert_int_eq(symlink("j", path_of("link")), 0);
	ck_assert_int_lt(journal_open(&j, path_of("link"), &r, &f), 0);
	record_close(&r);
}
END_TEST

/* Cut anywhere in its last line, as kill -9 or a full disk leave it. */
START_TEST(a_last_line_cut_short_is_left_out)
{
	struct record a, b;
	struct journal j;
	char *lines;
	size_t size, last;

	fill_record(&a, 1, 3);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	lines = slurp(path_of("j"));
	size = strlen(lines);
	for (last = size - 1; lines[last - 1] != '\n'; last--)
		continue;
	for (; size >= last; size--) {
		put(path_of("cut"), lines, size);
		read_journal_ok(&b, path_of("cut"));
		/* Without its newline, but whole: it was measured. */
		ck_assert_uint_eq(b.cell[0].sample_count, size >= strlen(lines) - 1 ? 3 : 2);
		compare_sample(&a.cell[0].sample[1], &b.cell[0].sample[1]);
		record_close(&b);
	}
	/* Blocks of zeros, as a crash may leave behind the last line. */
	memset(lines + last, 0, strlen(lines) - last);
	put(path_of("cut"), lines, last + 100);
	read_journal_ok(&b, path_of("cut"));
	ck_assert_uint_eq(b.cell[0].sample_count, 2);
	record_close(&b);
	free(lines);
	record_close(&a);
}
END_TEST

START_TEST(a_bad_line_is_named)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{"{\"cell\":0,\"warmup\":false,\"sam\n", "line 4: not JSON: "},
		{"\n", "line 4: not JSON: "},
		{"[]\n", "line 4: an array, where an object belongs"},
		{"{}\n", "line 4: cell: is missing"},
		{"{\"cell\":0,\"warmup\":1}\n", "line 4: warmup: an integer, where true or false"},
		{"{\"cell\":0,\"warmup\":false,\"sample\":{}}\n", "line 4: sample.phases_ns: is "},
		{"{\"cell\":-1}\n", "line 4: cell: -1 is not within 0 to 4095"},
		{"{\"cell\":1,\"warmup\":false,\"sample\":{\"phases_ns\":{},\"pins\":{},"
		 "\"faults\":{\"count\":0},\"flags\":[]}}\n",
		 "line 4: cell 1 of 1"},
	};
	struct record a, b = {0};
	struct journal j;
	struct fault f = {0};
	FILE *file;

	fill_record(&a, 1, 0);
	write_journal(&a, path_of("j"), &j); /* 3 lines: the head and two warm-ups */
	journal_close(&j, false);
	file = fopen(path_of("j"), "a");
	ck_assert_ptr_nonnull(file);
	fputs(bad[_i].line, file);
	fputs("{\"more\":1}\n", file);
	fclose(file);
	ck_assert_int_eq(journal_read(&b, path_of("j"), &f), -EINVAL);
	ck_assert_msg(strstr(f.object, bad[_i].says) != NULL, "%s", f.object);
	ck_assert_str_ne(f.hint, "");
	ck_assert_ptr_null(b.cell);
	record_close(&a);
}
END_TEST

START_TEST(a_journal_without_its_head_is_refused)
{
	struct record a, b = {0};
	struct journal j;
	struct fault f = {0};
	char *lines;

	fill_record(&a, 1, 1);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	lines = slurp(path_of("j"));
	put(path_of("cut"), lines, (size_t)(strchr(lines, '\n') - lines) / 2);
	ck_assert_int_eq(journal_read(&b, path_of("cut"), &f), -EINVAL);
	put(path_of("cut"), lines, 0);
	ck_assert_int_eq(journal_read(&b, path_of("cut"), &f), -EINVAL);
	free(lines);
	ck_assert_int_eq(journal_read(&b, FIXTURES "good.json", &f), -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.hint, "result document"));
	ck_assert_int_eq(result_json_read(&b, path_of("j"), &f), -EINVAL);
	ck_assert_ptr_nonnull(strstr(f.hint, "sevpinbench recover"));
	ck_assert_ptr_null(b.cell);
	record_close(&a);
}
END_TEST

START_TEST(a_line_that_does_not_fit_is_taken_back)
{
	struct record a, b;
	struct journal j;
	struct fault f = {0};
	size_t before;

	fill_record(&a, 1, 3);
	a.cell[0].sample_count = 2;
	write_journal(&a, path_of("j"), &j);
	before = size_of(path_of("j"));
	disk_full = true;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[2], &f), -ENOSPC);
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_uint_eq(size_of(path_of("j")), before);
	disk_full = false;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[2], &f), 0);
	journal_close(&j, false);
	a.cell[0].sample_count = 3;
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

/* Then no later line may follow the torn one, or the journal could not be read. */
START_TEST(a_torn_line_stays_the_last)
{
	struct record a, b;
	struct journal j;
	struct fault f = {0};

	fill_record(&a, 1, 2);
	write_journal(&a, path_of("j"), &j);
	disk_full = truncate_fails = true;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[0], &f), -ENOSPC);
	disk_full = false;
	ck_assert_int_eq(journal_add(&j, 0, false, &a.cell[0].sample[0], &f), -EBADF);
	journal_close(&j, false);
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

START_TEST(a_journal_that_cannot_begin_is_removed)
{
	struct record a;
	struct journal j;
	struct fault f = {0};

	fill_record(&a, 1, 0);
	disk_full = true;
	ck_assert_int_eq(journal_open(&j, path_of("j"), &a, &f), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(f.hint, "free space"));
	ck_assert_int_eq(j.fd, -1);
	ck_assert(!is_there(path_of("j")));
	disk_full = false;
	a.plan.seed = UINT64_MAX;
	ck_assert_int_eq(journal_open(&j, path_of("j"), &a, &f), -ERANGE);
	ck_assert(!is_there(path_of("j")));
	ck_assert_int_eq(journal_open(&j, path_of("none/j"), &a, &f), -ENOENT);
	record_close(&a);
}
END_TEST

START_TEST(many_samples_and_cells)
{
	struct record a, b;
	struct journal j;
	uint32_t i;

	fill_record(&a, 2, 1000);
	write_journal(&a, path_of("j"), &j);
	journal_close(&j, false);
	read_journal_ok(&b, path_of("j"));
	compare_samples(&a, &b);
	write_ok(&b, path_of("r.json"));
	record_close(&b);
	read_ok(&b, path_of("r.json"));
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
	fill_record(&a, RECORD_MAX_CELLS, 0);
	for (i = 0; i < RECORD_MAX_CELLS; i++)
		a.cell[i].warmup_count = 0;
	write_journal(&a, path_of("k"), &j); /* its head alone is longer than the window */
	journal_close(&j, false);
	read_journal_ok(&b, path_of("k"));
	compare_head(&a, &b);
	compare_samples(&a, &b);
	record_close(&a);
	record_close(&b);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static TCase *document_case(void)
{
	TCase *t = tcase_create("document");

	tcase_add_loop_test(t, the_same_record_comes_back, 0, 2);
	tcase_add_test(t, writing_again_gives_the_same_bytes);
	tcase_add_test(t, an_empty_record_comes_back);
	tcase_add_test(t, text_is_made_valid);
	tcase_add_test(t, summary_is_of_valid_samples);
	tcase_add_test(t, promised_values);
	tcase_add_test(t, keys_name_what_they_hold);
	tcase_add_test(t, refuses_to_write_what_it_could_not_read);
	tcase_add_test(t, a_full_disk_keeps_the_old_document);
	tcase_add_test(t, no_memory_when_writing);
	tcase_add_test(t, no_memory_when_reading);
	return t;
}

static TCase *hostile_case(void)
{
	TCase *t = tcase_create("hostile");

	tcase_add_loop_test(t, fixture, 0, COUNT(fixtures));
	tcase_add_loop_test(t, odd_documents_are_understood, 0, 2);
	tcase_add_test(t, long_and_odd_text_is_cut_and_cleaned);
	tcase_add_test(t, what_is_absent_is_unknown);
	tcase_add_test(t, only_regular_files_of_sane_size);
	tcase_add_test(t, too_many_of_anything);
	tcase_add_test(t, any_damage_is_survived);
	return t;
}

static TCase *journal_case(void)
{
	TCase *t = tcase_create("journal");

	tcase_add_test(t, the_journal_gives_the_record);
	tcase_add_test(t, the_journal_goes_only_when_told);
	tcase_add_test(t, a_last_line_cut_short_is_left_out);
	tcase_add_loop_test(t, a_bad_line_is_named, 0, 8);
	tcase_add_test(t, a_journal_without_its_head_is_refused);
	tcase_add_test(t, a_line_that_does_not_fit_is_taken_back);
	tcase_add_test(t, a_torn_line_stays_the_last);
	tcase_add_test(t, a_journal_that_cannot_begin_is_removed);
	tcase_add_test(t, many_samples_and_cells);
	return t;
}

int main(void)
{
	TCase *cases[] = {document_case(), hostile_case(), journal_case()};
	Suite *s = suite_create("result_json");
	SRunner *sr;
	int i, failed;

	for (i = 0; i < COUNT(cases); i++) {
		tcase_add_checked_fixture(cases[i], setup, teardown);
		tcase_set_timeout(cases[i], 60);
		suite_add_tcase(s, cases[i]);
	}
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
