// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor: what this tool adds to the bare system calls.
 *
 * A bare start makes the calls that a start by the tool makes, in their order, straight from one
 * function, and reads the clock twice: at the open of /dev/kvm and at the guest's first
 * instruction. It is run in turn with a start by the library, whose startup latency is the sum of
 * its phases; which of the two comes first alternates. Printed are both medians and the median
 * of the ratios pair by pair, with its 95% confidence interval.
 *
 * usage: floor [--marks] [--sev] [PAIRS [SIZE]]
 *
 * --marks makes each reading of the clock a system call that cannot succeed, for bench/calls to
 * tell what was called between two of them. --sev: SEV guests; on the virtual SEV host with the
 * option --clock instructions of sevhost/run the times are instructions.
 */
#include "bare_start.h"
#include "sevpinbench/host.h"
#include "sevpinbench/launch.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/plan.h"
#include "sevpinbench/stats.h"
#include "sevpinbench/stop.h"

#define MAX_PAIRS 1000

static uint64_t tool_startup_ns(struct launch *l, const struct cell *c)
{
	struct sample_room s;
	uint64_t ns = 0;
	char text[512];
	int r;

	mark(MARK_TOOL);
	r = launch_run(l, c, 0, &s);
	mark(MARK_END);
	if (r < 0 || !sample_startup_ns(&s.sample, &ns)) {
		fault_text(&s.failure, text, sizeof(text));
		fprintf(stderr, "floor: %s %s\n", text, s.detail);
		exit(3);
	}
	return ns;
}

static void compare(struct launch *l, struct bare *b, const struct cell *c, unsigned pairs)
{
	static double bare[MAX_PAIRS], tool[MAX_PAIRS], ratio[MAX_PAIRS];
	struct stats_summary sb, st, sr;
	unsigned i, turn;

	for (i = 0; i < pairs + 1; i++) { /* the first pair warms up */
		double ns[2] = {0, 0};

		for (turn = 0; turn < 2; turn++) {
			if ((turn ^ i) & 1) {
				ns[1] = (double)tool_startup_ns(l, c);
			} else {
				ns[0] = (double)bare_startup_ns(b);
				bare_down(b);
			}
		}
		bare[i ? i - 1 : 0] = ns[0];
		tool[i ? i - 1 : 0] = ns[1];
		ratio[i ? i - 1 : 0] = ns[1] / ns[0];
	}
	if (stats_summarise(bare, pairs, &sb) < 0 || stats_summarise(tool, pairs, &st) < 0 ||
	    stats_summarise(ratio, pairs, &sr) < 0)
		exit(3);
	printf("%-7s %5u %10.3f %10.3f %12.3f", words_text(&words_pin_mode, c->pin), pairs,
	       sb.median / 1e6, st.median / 1e6, sr.median);
	if (sr.ci_low.known)
		printf("   %.3f .. %.3f", sr.ci_low.value, sr.ci_high.value);
	putchar('\n');
}

/* The boot area, written once by the library for the bare start to copy. */
static void make_image(struct bare *b, bool pages_1g, uint64_t encryption_mask)
{
	struct guest_memory m;
	struct boot_config c = {
		.pages_1g = pages_1g, .encryption_mask = encryption_mask, .vcpus = 1};
	void *image;

	b->image_bytes = boot_area_bytes(b->bytes, 0, pages_1g);
	image = malloc(b->image_bytes);
	MUST(image ? 0 : -1);
	MUST(guest_memory_open(&m, BACKING_ANON, b->bytes, -1, false, NULL));
	boot_write(&m, &c);
	memcpy(image, m.host, b->image_bytes);
	guest_memory_close(&m);
	b->image = image;
	b->encryption_mask = encryption_mask;
	b->zeros = mmap(NULL, BARE_CHUNK, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(b->zeros == MAP_FAILED ? -1 : 0);
	b->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	MUST(b->wait_fd);
}

/* The C-bit, as KVM will tell a guest. */
static uint64_t encryption_mask(void)
{
	static struct vcpu_cpuid cpuid;
	struct vm vm = VM_CLOSED;

	MUST(vm_open(&vm, NULL));
	MUST(vcpu_cpuid_fetch(&cpuid, &vm, NULL));
	vm_close(&vm);
	return vcpu_cpuid_encryption_mask(&cpuid);
}

struct request {
	uint64_t pairs, bytes;
	bool sev;
};

static bool parse(struct request *r, int argc, char **argv)
{
	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if (strcmp(argv[1], "--marks") == 0)
			marks = true;
		else if (strcmp(argv[1], "--sev") == 0)
			r->sev = true;
		else
			return false;
	}
	if (argc > 1 && units_parse_u64(argv[1], 1, MAX_PAIRS, &r->pairs) < 0)
		return false;
	if (argc > 2 && units_parse_size(argv[2], &r->bytes) < 0)
		return false;
	return argc <= 3 && r->bytes % BARE_CHUNK == 0 && r->bytes >= BARE_CHUNK &&
	       r->bytes <= UNITS_GIB;
}

static void print_head(const struct request *r)
{
	struct host_cpu cpu;
	char size[32];

	host_cpu_collect(&cpu);
	if (host_cpu_platform(&cpu) == PLATFORM_EMULATED)
		puts("EMULATED: times are an interpreter's");
	printf("startup latency of a %s %s guest, ms; both in turn, %llu pairs\n",
	       r->sev ? "SEV" : "plain", units_format_size(r->bytes, size, sizeof(size)),
	       (unsigned long long)r->pairs);
	printf("%-7s %5s %10s %10s %12s   %s\n", "pin", "n", "bare", "tool", "tool/bare", "95% CI");
}

static void compare_modes(struct launch *l, struct bare *b, unsigned pairs)
{
	enum guest_type type = b->sev ? GUEST_TYPE_SEV : GUEST_TYPE_VM;
	unsigned mode;

	for (mode = 0; mode < PIN_MODE_COUNT; mode++) {
		struct cell c = {
			.guest_type = type,
			.pin = (enum pin_mode)mode,
			.mechanism = (enum pin_mechanism)pin_mechanism(type, (enum pin_mode)mode),
			.pin_order = b->sev ? PIN_ORDER_REGION_FIRST : PIN_ORDER_MEMSLOT_FIRST,
			.sev_policy = BARE_POLICY,
			.guest_bytes = b->bytes,
			.vcpus = 1,
			.chunk_bytes = BARE_CHUNK,
			.numa_node = -1};

		b->mode = (enum pin_mode)mode;
		compare(l, b, &c, pairs);
	}
}

int main(int argc, char **argv)
{
	static struct bare bare;
	struct request r = {.pairs = 30, .bytes = 64 * UNITS_MIB};
	struct launch_options options = {.epoch_ns = clock_now_ns()};
	struct launch launch;
	struct launch_limits limits;
	struct fault f = {0};
	char text[512];

	if (!parse(&r, argc, argv)) {
		fputs("usage: floor [--marks] [--sev] [PAIRS [SIZE]]   SIZE up to 1G, a multiple "
		      "of 2M\n",
		      stderr);
		return 2;
	}
	stop_install();
	if (launch_probe(&limits, &f) < 0 || launch_open(&launch, &options, &f) < 0 ||
	    (r.sev && !launch_can_start(&limits, GUEST_TYPE_SEV, &f))) {
		fault_text(&f, text, sizeof(text));
		fprintf(stderr, "floor: %s\n", text);
		return 3;
	}
	bare.sev = r.sev;
	bare.bytes = r.bytes;
	make_image(&bare, limits.pages_1g, r.sev ? encryption_mask() : 0);
	print_head(&r);
	compare_modes(&launch, &bare, (unsigned)r.pairs);
	launch_close(&launch);
	return 0;
}
