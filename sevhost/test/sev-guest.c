// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves that a host runs SEV guests, with nothing of the tool's own: for the self-test of the
 * virtual SEV host.
 *
 *   sev-guest [es] GUESTS MIB REGISTER [SECONDS]
 *
 * Starts that many SEV guests of that size one beside the other, each with all its memory pinned
 * beforehand if REGISTER is 1. Each guest writes a thousand pages at its end, then executes what
 * hypervisors intercept, with prefixes, and an access to a device. An SEV-ES guest halts instead,
 * looks whether its registers are still there, asks KVM for its protocol through the GHCB's MSR,
 * handles a #VC and asks for its termination. Prints what happened; keeps the guests for so many
 * seconds; exits 0 if all of them ended as they should, 1 if not, and says which step failed how.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define GIB	   (1ull << 30)
#define LOW	   (2 * GIB) /* what lies below the hole for devices */
#define HIGH	   (4 * GIB)
#define CODE	   0x1000u
#define PML4	   0x2000u
#define PDPT	   0x3000u
#define DIRECTORY  0x4000u
#define DEVICE	   0xd0000000u
#define PAGES	   1000
#define REGISTER   0x12 /* the port for the value of a control register */
#define FINISHED   0x11
#define CPUIDS	   256
#define CR0	   0x80000011u
#define DEVICE_VAL 0x5e5e5e5eu
#define RUNNING	   3 /* state of a guest in the SEV API */
#define POLICY_ES  4
#define GDT	   (CODE + 0x800u)
#define IDT	   (CODE + 0xa00u)
#define STACK	   (CODE + 0x1000u)
#define VC	   29
#define GHCB_TERM  0x100

static const uint8_t payload[] = {
	0xe6, 0x10,					  /* out 0x10, al: started */
	0x48, 0x89,	0x3f,				  /* again: mov [rdi], rdi */
	0x48, 0x81,	0xc7,	  0x00, 0x10, 0x00, 0x00, /* add rdi, 4096 */
	0x48, 0xff,	0xc9,				  /* dec rcx */
	0x75, 0xf1,					  /* jnz again */
	0x2e, 0x48,	0x0f,	  0xa2,			  /* cs rex.w cpuid */
	0x66, 0x0f,	0xa2,				  /* with a prefix without effect: cpuid */
	0x41, 0x0f,	0x20,	  0xc1,			  /* mov r9, cr0 */
	0x41, 0x0f,	0x22,	  0xc1,			  /* mov cr0, r9 */
	0x44, 0x89,	0xc8,				  /* mov eax, r9d */
	0xe7, REGISTER,					  /* out REGISTER, eax */
	0xbf, 0x00,	0x00,	  0x00, 0xd0,		  /* mov edi, DEVICE */
	0xb8, 0x5e,	0x5e,	  0x5e, 0x5e,		  /* mov eax, DEVICE_VAL */
	0x89, 0x07,					  /* mov [rdi], eax */
	0x66, 0xe7,	FINISHED,			  /* out FINISHED, ax */
	0xf4,						  /* hlt */
};

/* The end says by its reason which part went wrong; 0: none. */
extern const uint8_t es_payload[], es_handler[], es_end[];
__asm__(".pushsection .rodata\n"
	"es_payload: hlt\n"
	"1: mov %rdi, (%rdi); add $4096, %rdi; dec %rcx; jnz 1b\n"
	"mov $1, %ebx; movabs $0x1122334455667788, %r15; movq %r15, %xmm7\n"
	"hlt\n"
	"movq %xmm7, %rax; cmp %rax, %r15; jne 9f\n"
	"mov $2, %ebx; mov $0xc0010130, %ecx; mov $2, %eax; xor %edx, %edx\n"
	"wrmsr; rep; vmmcall; rdmsr; and $0xfff, %eax; cmp $1, %eax; jne 9f\n"
	"mov $3, %ebx; mov $0x8000001f, %eax; cpuid; cmp $0x72, %r14; jne 9f\n"
	"xor %ebx, %ebx\n"
	"9: mov %ebx, %eax; shl $16, %eax; or $0x100, %eax; xor %edx, %edx\n"
	"mov $0xc0010130, %ecx; wrmsr; rep; vmmcall; jmp 9b\n"
	"es_handler: pop %r14; addq $2, (%rsp); iretq\n"
	"es_end:\n"
	".popsection");

struct guest {
	int vm, vcpu, sev;
	uint8_t *memory;
	uint64_t bytes;
	struct kvm_run *run;
};

static uint64_t c_bit;
static int es;

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

static int failed(const char *step)
{
	fprintf(stderr, "%s: %s\n", step, strerror(errno));
	return -1;
}

static int sev(struct guest *guest, uint32_t id, void *argument, const char *name)
{
	struct kvm_sev_cmd command = {
		.id = id, .data = (uintptr_t)argument, .sev_fd = (uint32_t)guest->sev};

	if (ioctl(guest->vm, KVM_MEMORY_ENCRYPT_OP, &command) == 0)
		return 0;
	fprintf(stderr, "%s: %s, firmware status 0x%x\n", name, strerror(errno), command.error);
	return -1;
}

/* All of it is mapped one to one with pages of 2 MiB, the device and the end of memory included. */
static uint32_t write_tables(struct guest *guest)
{
	uint64_t *pml4 = (uint64_t *)(void *)(guest->memory + PML4);
	uint64_t *pdpt = (uint64_t *)(void *)(guest->memory + PDPT);
	uint64_t directories = 4, i;
	uint64_t *entry = (uint64_t *)(void *)(guest->memory + DIRECTORY);

	if (guest->bytes > LOW)
		directories = (HIGH + guest->bytes - LOW + GIB - 1) / GIB;
	pml4[0] = PDPT | 3 | c_bit;
	for (i = 0; i < directories; i++)
		pdpt[i] = (DIRECTORY + i * 4096) | 3 | c_bit;
	for (i = 0; i < directories * 512; i++)
		entry[i] = i << 21 | 0x83 | (i << 21 == DEVICE ? 0 : c_bit);
	return DIRECTORY + (uint32_t)directories * 4096 - CODE;
}

static int add_memory(struct guest *guest, int pin)
{
	uint64_t low = guest->bytes < LOW ? guest->bytes : LOW;
	struct kvm_userspace_memory_region slot = {.memory_size = low,
						   .userspace_addr = (uintptr_t)guest->memory};
	struct kvm_enc_region region = {(uintptr_t)guest->memory, guest->bytes};

	if (ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &slot))
		return failed("KVM_SET_USER_MEMORY_REGION");
	slot = (struct kvm_userspace_memory_region){.slot = 1,
						    .guest_phys_addr = HIGH,
						    .memory_size = guest->bytes - low,
						    .userspace_addr =
							    (uintptr_t)guest->memory + low};
	if (slot.memory_size && ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &slot))
		return failed("KVM_SET_USER_MEMORY_REGION");
	if (pin && ioctl(guest->vm, KVM_MEMORY_ENCRYPT_REG_REGION, &region))
		return failed("KVM_MEMORY_ENCRYPT_REG_REGION");
	return 0;
}

/* What an SEV-ES guest needs for one exception. */
static void write_es(struct guest *guest)
{
	uint64_t *gdt = (uint64_t *)(void *)(guest->memory + GDT);
	uint64_t *gate = (uint64_t *)(void *)(guest->memory + IDT + VC * 16);
	uint64_t handler = CODE + (uint64_t)(es_handler - es_payload);

	memcpy(guest->memory + CODE, es_payload, (size_t)(es_end - es_payload));
	gdt[1] = 0x00af9b000000ffff;
	gdt[2] = 0x00cf93000000ffff;
	gate[0] = handler | 8u << 16 | 0x8e00ull << 32;
}

static int add_vcpu(struct guest *guest, int kvm);

static int launch(struct guest *guest, int kvm)
{
	struct kvm_sev_launch_start start = {.policy = es ? POLICY_ES : 0};
	struct kvm_sev_launch_update_data data = {.uaddr = (uintptr_t)guest->memory + CODE};
	struct kvm_sev_guest_status status = {0};
	uint8_t measurement[48];
	struct kvm_sev_launch_measure measure = {.uaddr = (uintptr_t)measurement,
						 .len = sizeof(measurement)};

	if (es)
		write_es(guest);
	else
		memcpy(guest->memory + CODE, payload, sizeof(payload));
	data.len = write_tables(guest);
	if (sev(guest, KVM_SEV_LAUNCH_START, &start, "LAUNCH_START") ||
	    sev(guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data, "LAUNCH_UPDATE_DATA") ||
	    (es && (add_vcpu(guest, kvm) ||
		    sev(guest, KVM_SEV_LAUNCH_UPDATE_VMSA, NULL, "LAUNCH_UPDATE_VMSA"))) ||
	    sev(guest, KVM_SEV_LAUNCH_MEASURE, &measure, "LAUNCH_MEASURE") ||
	    sev(guest, KVM_SEV_LAUNCH_FINISH, NULL, "LAUNCH_FINISH") ||
	    sev(guest, KVM_SEV_GUEST_STATUS, &status, "GUEST_STATUS"))
		return -1;
	if (status.state != RUNNING || status.handle != start.handle) {
		fprintf(stderr, "GUEST_STATUS: state %u of guest %u\n", status.state,
			status.handle);
		return -1;
	}
	return es ? 0 : add_vcpu(guest, kvm);
}

static int add_vcpu(struct guest *guest, int kvm)
{
	size_t room = sizeof(struct kvm_cpuid2) + CPUIDS * sizeof(struct kvm_cpuid_entry2);
	struct kvm_cpuid2 *cpuid = calloc(1, room);
	struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
	struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_regs regs = {.rip = CODE, .rflags = 2, .rcx = PAGES, .rsp = STACK};
	struct kvm_sregs sregs;
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	guest->vcpu = ioctl(guest->vm, KVM_CREATE_VCPU, 0);
	if (guest->vcpu < 0 || size < 0)
		return failed("KVM_CREATE_VCPU");
	guest->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, guest->vcpu, 0);
	if (guest->run == MAP_FAILED)
		return failed("mmap of the vCPU");
	if (!cpuid)
		return failed("memory");
	cpuid->nent = CPUIDS;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid) ||
	    ioctl(guest->vcpu, KVM_SET_CPUID2, cpuid) || ioctl(guest->vcpu, KVM_GET_SREGS, &sregs))
		return failed("CPUID of the vCPU");
	free(cpuid);
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr3 = PML4 | c_bit;
	sregs.cr4 = 0x220;
	sregs.gdt = (struct kvm_dtable){.base = GDT, .limit = 23};
	sregs.idt = (struct kvm_dtable){.base = IDT, .limit = (VC + 1) * 16 - 1};
	sregs.cr0 = CR0;
	sregs.efer = 0x500;
	regs.rdi = (guest->bytes > LOW ? HIGH + guest->bytes - LOW : guest->bytes) - PAGES * 4096;
	if (ioctl(guest->vcpu, KVM_SET_SREGS, &sregs) || ioctl(guest->vcpu, KVM_SET_REGS, &regs))
		return failed("registers of the vCPU");
	return 0;
}

static int start(struct guest *guest, int kvm, uint64_t bytes, int pin)
{
	guest->bytes = bytes;
	guest->sev = open("/dev/sev", O_RDWR | O_CLOEXEC);
	if (guest->sev < 0)
		return failed("/dev/sev");
	guest->vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (guest->vm < 0)
		return failed("KVM_CREATE_VM");
	if (sev(guest, es ? KVM_SEV_ES_INIT : KVM_SEV_INIT, NULL, "INIT"))
		return -1;
	guest->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guest->memory == MAP_FAILED)
		return failed("mmap");
	return add_memory(guest, pin) || launch(guest, kvm) ? -1 : 0;
}

/* 0 to go on, 1 at the end, -1 for what should not have happened. */
static int exited(const struct kvm_run *run, unsigned int *seen)
{
	uint32_t value = 0;

	if (es && run->exit_reason == KVM_EXIT_HLT)
		return ++*seen > 2 ? -1 : 0;
	if (es)
		return *seen == 2 && run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
				       run->system_event.type == KVM_SYSTEM_EVENT_SEV_TERM &&
				       run->system_event.data[0] == GHCB_TERM
			       ? 1
			       : -1;
	if (run->exit_reason == KVM_EXIT_MMIO) {
		memcpy(&value, run->mmio.data, sizeof(value));
		*seen |= 1u;
		return run->mmio.phys_addr == DEVICE && value == DEVICE_VAL ? 0 : -1;
	}
	if (run->exit_reason == KVM_EXIT_HLT)
		return *seen == 7 ? 1 : -1;
	if (run->exit_reason != KVM_EXIT_IO)
		return -1;
	if (run->io.port == REGISTER) {
		memcpy(&value, (const uint8_t *)run + run->io.data_offset, sizeof(value));
		*seen |= 2u;
		return value == CR0 ? 0 : -1;
	}
	if (run->io.port == FINISHED)
		*seen |= 4u;
	return 0;
}

static int run_guest(struct guest *guest)
{
	unsigned int seen = 0;
	int result;

	do {
		if (ioctl(guest->vcpu, KVM_RUN, 0))
			return failed("KVM_RUN");
		result = exited(guest->run, &seen);
	} while (result == 0);
	if (result == 1)
		return 0;
	fprintf(stderr, "KVM_RUN: exit reason %u, seen 0x%x\n", guest->run->exit_reason, seen);
	if (guest->run->exit_reason == KVM_EXIT_SYSTEM_EVENT)
		fprintf(stderr, "event %u, 0x%llx\n", guest->run->system_event.type,
			(unsigned long long)guest->run->system_event.data[0]);
	return -1;
}

static long pinned(void)
{
	char line[128];
	long value, total = 0;
	FILE *f = fopen("/proc/sys/vm/stat_refresh", "w");

	if (f) {
		fputs("1\n", f);
		fclose(f);
	}
	f = fopen("/proc/vmstat", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "nr_foll_pin_acquired %ld", &value) == 1)
			total += value;
		if (sscanf(line, "nr_foll_pin_released %ld", &value) == 1)
			total -= value;
	}
	if (f)
		fclose(f);
	return total;
}

/* Twelve letters of CPUID that say whose virtual machine this is. */
static void hypervisor(char name[13])
{
	unsigned int eax, word[3];

	__cpuid(0x40000000, eax, word[0], word[1], word[2]);
	memcpy(name, word, 12);
	name[12] = 0;
}

int main(int argc, char **argv)
{
	unsigned int eax, ebx, ecx, edx, i, guests;
	uint64_t bytes, begin;
	long before = pinned();
	char name[13];
	struct guest *guest;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	es = argc > 1 && !strcmp(argv[1], "es");
	argc -= es;
	argv += es;
	if (argc < 4 || argc > 5 || kvm < 0 ||
	    !__get_cpuid_count(0x8000001f, 0, &eax, &ebx, &ecx, &edx)) {
		fprintf(stderr, "usage: sev-guest [es] GUESTS MIB REGISTER [SECONDS], on a host "
				"with SEV\n");
		return 2;
	}
	c_bit = 1ull << (ebx & 0x3f);
	guests = (unsigned int)strtoul(argv[1], NULL, 0);
	bytes = strtoull(argv[2], NULL, 0) << 20;
	guest = calloc(guests, sizeof(*guest));
	begin = now_us();
	for (i = 0; guest && i < guests; i++) {
		if (start(&guest[i], kvm, bytes, atoi(argv[3])) || run_guest(&guest[i]))
			break;
	}
	hypervisor(name);
	printf("on %s: ended well %u of %u, pinned %ld, us %llu\n", name, i, guests,
	       pinned() - before, (unsigned long long)(now_us() - begin));
	fflush(stdout);
	if (argc == 5)
		sleep((unsigned int)strtoul(argv[4], NULL, 0));
	return i == guests ? 0 : 1;
}
