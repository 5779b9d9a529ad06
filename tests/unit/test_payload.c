// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_payload: the payload on the real KVM. Which pages it touches, in which order, with what, and
 * what it leaves alone; and the exits of a vCPU that no good guest makes. Needs /dev/kvm.
 *
 * tests/run: one at a time
 */
#include "sevpinbench/boot.h"
#include "sevpinbench/payload.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/units.h"

#include "run_suite.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct vm vm = VM_CLOSED;
static struct vcpu_cpuid cpuid;
static struct guest_memory memory = GUEST_MEMORY_CLOSED;
static struct vcpu vcpu = {.fd = -1};
static struct pin pin;
static struct fault fault;

/* Where the fault handler puts pages, in this order. */
static uint64_t copied[256];
static unsigned copies;

int __real_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	if (request == UFFDIO_COPY && copies < LENGTH(copied))
		copied[copies++] = ((const struct uffdio_copy *)arg)->dst;
	return __real_sys_ioctl(fd, request, arg);
}

static void must(int r, const char *what)
{
	ck_assert_msg(r == 0, "%s: %s: %s: %s", what, fault.op, fault.object, strerror(-r));
}

static void open_guest(uint64_t bytes)
{
	struct guest_memory_slot slots[GUEST_MEMORY_SLOTS];
	int i, n;

	must(vm_open(&vm, &fault), "open");
	must(vcpu_cpuid_fetch(&cpuid, &vm, &fault), "CPUID");
	must(vm_create(&vm, &fault), "create");
	must(guest_memory_open(&memory, BACKING_ANON, bytes, -1, false, &fault), "memory");
	n = guest_memory_slots(&memory, slots);
	ck_assert_int_eq(n, bytes > 2 * UNITS_GIB ? 2 : 1);
	for (i = 0; i < n; i++)
		must(vm_set_memory(&vm, (uint32_t)i, slots[i].gpa, slots[i].bytes, slots[i].host,
				   &fault),
		     "memslot");
}

static void close_guest(void)
{
	vcpu_close(&vcpu);
	pin_close(&pin);
	vm_close(&vm);
	guest_memory_close(&memory);
}

static struct boot_config config(uint32_t vcpus, uint64_t pages, enum touch_order order,
				 enum touch_op op)
{
	return (struct boot_config){.pages_1g = vcpu_cpuid_has_1g_pages(&cpuid),
				    .vcpus = vcpus,
				    .touch_bytes = pages * UNITS_PAGE_BYTES,
				    .order = order,
				    .op = op,
				    .seed = 42};
}

static struct payload_slot *slot(uint32_t id)
{
	return (struct payload_slot *)(void *)(memory.host + (size_t)id * PAYLOAD_SLOT_BYTES);
}

static int next_exit(uint16_t *port)
{
	int r;

	do
		r = vcpu_run(&vcpu, port, &fault);
	while (r == VCPU_EXIT_INTERRUPTED);
	return r;
}

static void set_up_vcpu(const struct boot_config *c, uint32_t id)
{
	const struct vcpu_start start = boot_start(c, id);

	vcpu_close(&vcpu);
	must(vcpu_open(&vcpu, &vm, id, &fault), "vCPU");
	must(vcpu_set_up(&vcpu, &cpuid, &start, &fault), "set up");
}

/* One vCPU from its first instruction to its halt. */
static void run_vcpu(const struct boot_config *c, uint32_t id)
{
	uint16_t port = 0;

	set_up_vcpu(c, id);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_OUT);
	ck_assert_int_eq(port, PAYLOAD_PORT_FIRST);
	ck_assert_uint_eq(slot(id)->started, 0); /* it was its first instruction */
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_OUT);
	ck_assert_int_eq(port, PAYLOAD_PORT_DONE);
	ck_assert_uint_eq(slot(id)->started, PAYLOAD_MAGIC_STARTED);
	ck_assert_uint_eq(slot(id)->finished, PAYLOAD_MAGIC_FINISHED);
	ck_assert_uint_eq(slot(id)->touched, slot(id)->pages);
	ck_assert_uint_ge(slot(id)->tsc_done, slot(id)->tsc_first);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_HALT);
}

/* ---- pages ---- */

/* Is the page as the payload must have left it? */
static bool page_is_right(uint64_t page, bool written)
{
	static const unsigned char zeros[UNITS_PAGE_BYTES];
	uint64_t offset = page * UNITS_PAGE_BYTES;
	uint64_t gpa = offset < 2 * UNITS_GIB ? offset : offset + 2 * UNITS_GIB;

	if (!written)
		gpa = 0;
	return memcmp(memory.host + offset, &gpa, sizeof(gpa)) == 0 &&
	       memcmp(memory.host + offset + sizeof(gpa), zeros, sizeof(zeros) - sizeof(gpa)) == 0;
}

/* Behind the boot area, pages [first, first + pages) were touched and no others. */
static void check_pages(const struct boot_config *c, uint64_t first, uint64_t pages, bool written)
{
	uint64_t all = memory.bytes / UNITS_PAGE_BYTES, i;
	uint64_t boot =
		boot_area_bytes(memory.bytes, c->touch_bytes, c->pages_1g) / UNITS_PAGE_BYTES;
	unsigned char *present = malloc(all);

	ck_assert_ptr_nonnull(present);
	/* Before anything looks at the pages: that brings them in. */
	ck_assert_int_eq(mincore(memory.host, memory.bytes, present), 0);
	for (i = boot; i < all; i++) {
		bool touched = i >= first && i < first + pages;

		if ((present[i] & 1) != touched)
			ck_abort_msg("page %llu of %llu..%llu is%s there", (unsigned long long)i,
				     (unsigned long long)first, (unsigned long long)(first + pages),
				     present[i] & 1 ? "" : " not");
		if (touched && !page_is_right(i, written))
			ck_abort_msg("page %llu is not as it should be", (unsigned long long)i);
	}
	free(present);
}

static const struct {
	uint32_t vcpus;
	uint64_t pages;
} shapes[] = {{1, 0}, {1, 1}, {1, 2}, {1, 1000}, {3, 1000}, {4, 2}, {1, 8192}};

/* Each in both orders and with both operations. */
START_TEST(touches_its_working_set)
{
	enum touch_order order = _i & 1 ? TOUCH_ORDER_RANDOM : TOUCH_ORDER_SEQ;
	enum touch_op op = _i & 2 ? TOUCH_OP_READ : TOUCH_OP_WRITE;
	uint32_t vcpus = shapes[_i / 4].vcpus, id;
	uint64_t pages, touched;
	struct boot_config c;

	open_guest(16 * UNITS_MIB);
	c = config(vcpus, shapes[_i / 4].pages, order, op);
	pages = boot_touch_pages(memory.bytes, c.touch_bytes, c.pages_1g);
	boot_write(&memory, &c);
	for (id = 0; id < vcpus; id++)
		run_vcpu(&c, id);
	check_pages(&c, 9, pages, op == TOUCH_OP_WRITE);
	ck_assert_int_eq(boot_verify(&memory, &c, &touched, &fault), 0);
	ck_assert_uint_eq(touched, pages);
}
END_TEST

/* Memory from 2 GiB of offset on appears at 4 GiB. Where the working set lies against that. */
static const struct {
	int64_t first; /* page, counted from the hole */
	uint64_t pages;
} across[] = {{-1024, 2048}, {-1, 2}, {-1, 1}, {0, 1}, {-300, 300}, {0, 300}, {1500, 548}};

START_TEST(touches_across_the_hole)
{
	enum touch_order order = _i & 1 ? TOUCH_ORDER_RANDOM : TOUCH_ORDER_SEQ;
	uint64_t first = 2 * UNITS_GIB / UNITS_PAGE_BYTES + (uint64_t)across[_i / 2].first;
	struct boot_config c, all;

	open_guest(2 * UNITS_GIB + 8 * UNITS_MIB);
	c = config(1, across[_i / 2].pages, order, TOUCH_OP_WRITE);
	all = c;
	all.touch_bytes = memory.bytes;
	boot_write(&memory, &all); /* tables of all memory; of them those of less are a part */
	boot_write(&memory, &c);
	slot(0)->first_page = first; /* and not all that lies before it */
	run_vcpu(&c, 0);
	check_pages(&all, first, across[_i / 2].pages, true);
}
END_TEST

/* What was the host's is as it was: the guest's page walks write nothing. */
START_TEST(leaves_its_tables_alone)
{
	unsigned char *before;
	struct boot_config c;
	uint64_t end;

	open_guest(16 * UNITS_MIB);
	c = config(2, 1000, TOUCH_ORDER_RANDOM, TOUCH_OP_WRITE);
	end = boot_area_bytes(memory.bytes, c.touch_bytes, c.pages_1g);
	boot_write(&memory, &c);
	before = malloc(end);
	ck_assert_ptr_nonnull(before);
	memcpy(before, memory.host, end);
	run_vcpu(&c, 0);
	run_vcpu(&c, 1);
	ck_assert_int_eq(memcmp(before + BOOT_PAYLOAD_GPA, memory.host + BOOT_PAYLOAD_GPA,
				end - BOOT_PAYLOAD_GPA),
			 0);
	/* Nor is another's slot touched. */
	ck_assert_int_eq(memcmp(before + 2 * (size_t)PAYLOAD_SLOT_BYTES,
				memory.host + 2 * (size_t)PAYLOAD_SLOT_BYTES,
				BOOT_MAILBOX_BYTES - 2 * (size_t)PAYLOAD_SLOT_BYTES),
			 0);
	free(before);
}
END_TEST

/* ---- order ---- */

/* The page that comes next, by the formula of payload.h; *state is where the sequence stands. */
static uint64_t next_page(const struct payload_slot *s, uint64_t *state, uint64_t touched)
{
	uint64_t index = touched;

	while (s->flags & PAYLOAD_FLAG_RANDOM) {
		*state = (*state * s->multiplier + s->increment) & s->mask;
		index = *state ^ (*state >> s->shift);
		if (index < s->pages)
			break;
	}
	return s->first_page + index;
}

static bool open_demand_pin(void)
{
	struct pin_config p = {.guest_type = GUEST_TYPE_VM,
			       .mechanism = PIN_MECHANISM_USERFAULT,
			       .guest_bytes = memory.bytes,
			       .chunk_bytes = UNITS_PAGE_BYTES};

	if (pin_probe(p.guest_type, p.mechanism, BACKING_ANON, &fault) < 0) {
		fprintf(stderr, "note: left out, %s: %s\n", fault.op, strerror(fault.err));
		return false;
	}
	must(pin_open(&pin, &p, &fault), "pin");
	must(pin_start(&pin, &memory, NULL, &fault), "pin");
	return true;
}

/* Seen by the faults, one a page, of a vCPU whose memory is absent. */
START_TEST(touches_in_order)
{
	struct boot_config c;
	uint64_t state, i;

	open_guest(4 * UNITS_MIB);
	if (!open_demand_pin())
		return;
	c = config(1, 200, _i & 1 ? TOUCH_ORDER_RANDOM : TOUCH_ORDER_SEQ,
		   _i & 2 ? TOUCH_OP_READ : TOUCH_OP_WRITE);
	must(pin_before_host_write(
		     &pin, 0, boot_area_bytes(memory.bytes, c.touch_bytes, c.pages_1g), &fault),
	     "boot area");
	boot_write(&memory, &c);
	copies = 0;
	run_vcpu(&c, 0);
	ck_assert_uint_eq(copies, 200);
	state = slot(0)->state;
	for (i = 0; i < 200; i++) {
		uint64_t page = next_page(slot(0), &state, i);

		if (copied[i] != (uintptr_t)memory.host + page * UNITS_PAGE_BYTES)
			ck_abort_msg("touch %llu is not of page %llu", (unsigned long long)i,
				     (unsigned long long)page);
	}
	vcpu_close(&vcpu);
	pin_release(&pin);
	ck_assert_int_eq(pin_failure(&pin, &fault), 0);
}
END_TEST

/* ---- exits ---- */

/* As in an SEV-ES guest. Its end cannot be had here: there is no such MSR. */
START_TEST(halts_where_others_write)
{
	struct boot_config c;
	uint64_t touched;
	uint16_t port;

	open_guest(4 * UNITS_MIB);
	c = config(1, 100, TOUCH_ORDER_SEQ, TOUCH_OP_WRITE);
	c.halts = true;
	boot_write(&memory, &c);
	set_up_vcpu(&c, 0);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_HALT);
	ck_assert_uint_eq(slot(0)->started, 0);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_HALT);
	ck_assert_int_eq(boot_verify(&memory, &c, &touched, &fault), 0);
	ck_assert_uint_eq(touched, 100);
}
END_TEST

START_TEST(kick_brings_it_out)
{
	struct boot_config c;
	uint16_t port = 0;

	open_guest(4 * UNITS_MIB);
	c = config(1, 10, TOUCH_ORDER_SEQ, TOUCH_OP_WRITE);
	boot_write(&memory, &c);
	set_up_vcpu(&c, 0);
	vcpu_kick(&vcpu);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(vcpu_run(&vcpu, &port, &fault), VCPU_EXIT_INTERRUPTED);
	ck_assert_uint_eq(slot(0)->started, 0);
	vcpu_close(&vcpu);
	vcpu_kick(&vcpu); /* after its end: nothing */
}
END_TEST

START_TEST(triple_fault_is_told)
{
	struct boot_config c;
	uint16_t port = 0;

	open_guest(4 * UNITS_MIB);
	c = config(1, 10, TOUCH_ORDER_SEQ, TOUCH_OP_WRITE);
	boot_write(&memory, &c);
	memset(memory.host + BOOT_TABLES_GPA, 0, UNITS_PAGE_BYTES);
	set_up_vcpu(&c, 0);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_OTHER);
	ck_assert_str_eq(fault.op, "KVM_RUN");
	ck_assert_ptr_nonnull(strstr(fault.object, "vCPU 0"));
}
END_TEST

START_TEST(touch_outside_memory_is_told)
{
	struct boot_config c;
	uint16_t port = 0;

	open_guest(4 * UNITS_MIB);
	c = config(1, 10, TOUCH_ORDER_SEQ, TOUCH_OP_WRITE);
	boot_write(&memory, &c);
	slot(0)->first_page = 8 * UNITS_MIB / UNITS_PAGE_BYTES;
	set_up_vcpu(&c, 0);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_OUT);
	ck_assert_int_eq(next_exit(&port), VCPU_EXIT_OTHER);
	ck_assert_ptr_nonnull(strstr(fault.object, "unexpected exit reason"));
	ck_assert_uint_eq(slot(0)->finished, 0);
}
END_TEST

START_TEST(memory_that_is_not_whole_pages)
{
	open_guest(4 * UNITS_MIB);
	ck_assert_int_eq(vm_set_memory(&vm, 3, 64 * UNITS_MIB, 4095, memory.host, &fault), -EINVAL);
	ck_assert_int_eq(fault.err, EINVAL);
	ck_assert_str_eq(fault.op, "ioctl(KVM_SET_USER_MEMORY_REGION)");
	ck_assert_int_eq(vcpu_open(&vcpu, &vm, UINT32_MAX, &fault), -EINVAL);
	ck_assert_int_eq(vcpu.fd, -1);
	ck_assert_int_ge(vm_max_vcpus(&vm), 1);
	ck_assert_uint_ge(vcpu_cpuid_address_bits(&cpuid), 36);
}
END_TEST

static Suite *payload_suite(void)
{
	const TTest *const exits[] = {halts_where_others_write, kick_brings_it_out,
				      triple_fault_is_told, touch_outside_memory_is_told,
				      memory_that_is_not_whole_pages};
	Suite *suite = suite_create("payload");
	TCase *small = tcase_create("small guests"), *big = tcase_create("the hole");

	tcase_set_timeout(small, 30);
	tcase_add_checked_fixture(small, NULL, close_guest);
	tcase_add_loop_test(small, touches_its_working_set, 0, 4 * (int)LENGTH(shapes));
	tcase_add_test(small, leaves_its_tables_alone);
	for (size_t i = 0; i < LENGTH(exits); i++)
		tcase_add_test(small, exits[i]);
	suite_add_tcase(suite, small);
	tcase_set_tags(big, "slow");
	tcase_set_timeout(big, 60);
	tcase_add_checked_fixture(big, NULL, close_guest);
	tcase_add_loop_test(big, touches_across_the_hole, 0, 2 * (int)LENGTH(across));
	tcase_add_loop_test(big, touches_in_order, 0, 4);
	suite_add_tcase(suite, big);
	return suite;
}

int main(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		printf("left out, /dev/kvm: %s\n", strerror(errno));
		return 77;
	}
	close(fd);
	return run_suite(payload_suite());
}
