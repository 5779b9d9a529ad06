// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Guest-physical: code, then tables that map 4 GiB one to one. */
#define CODE	   0x1000u
#define PML4	   0x2000u
#define PDPT	   0x3000u
#define DIRECTORY  0x4000u
#define BOOT_BYTES 0x9000u
#define READER	   0x40u /* offset into the code */
#define CPUIDS	   256

static const uint8_t writer[] = {
	0x48, 0x89, 0x3f,			  /* again: mov [rdi], rdi */
	0x48, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00, /* add rdi, 4096 */
	0x48, 0xff, 0xc9,			  /* dec rcx */
	0x75, 0xf1,				  /* jnz again */
	0xe6, 0x11,				  /* out 0x11, al */
};
static const uint8_t reader[] = {
	0x48, 0x8b, 0x07,			  /* again: mov rax, [rdi] */
	0x48, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00, /* add rdi, 4096 */
	0x48, 0xff, 0xc9,			  /* dec rcx */
	0x75, 0xf1,				  /* jnz again */
	0xe6, 0x11,				  /* out 0x11, al */
};

void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t c_bit(void)
{
	unsigned int eax, ebx, ecx, edx;

	must(__get_cpuid_count(0x8000001f, 0, &eax, &ebx, &ecx, &edx), "CPUID 8000_001F");
	return 1ull << (ebx & 0x3f);
}

static int kvm(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	must(fd >= 0, "/dev/kvm");
	return fd;
}

/* ---- a start ---- */

void guest_create(struct guest *guest)
{
	memset(guest, 0, sizeof(*guest));
	guest->vm = ioctl(kvm(), KVM_CREATE_VM, 0);
	guest->sev = open("/dev/sev", O_RDWR | O_CLOEXEC);
	must(guest->vm >= 0 && guest->sev >= 0, "KVM_CREATE_VM or /dev/sev");
}

int guest_sev(struct guest *guest, uint32_t id, void *argument)
{
	struct kvm_sev_cmd command = {
		.id = id, .data = (uintptr_t)argument, .sev_fd = (uint32_t)guest->sev};

	return ioctl(guest->vm, KVM_MEMORY_ENCRYPT_OP, &command) ? errno : 0;
}

void guest_init_sev(struct guest *guest)
{
	must(guest_sev(guest, KVM_SEV_INIT, NULL) == 0, "KVM_SEV_INIT");
}

static void add_slot(struct guest *guest, uint32_t slot, uint64_t at, uint8_t *memory, size_t bytes)
{
	struct kvm_userspace_memory_region region = {.slot = slot,
						     .guest_phys_addr = at,
						     .memory_size = bytes,
						     .userspace_addr = (uintptr_t)memory};

	must(!ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

static void write_boot(struct guest *guest)
{
	uint64_t *pml4 = (uint64_t *)(void *)(guest->boot + PML4);
	uint64_t *pdpt = (uint64_t *)(void *)(guest->boot + PDPT);
	uint64_t *entry = (uint64_t *)(void *)(guest->boot + DIRECTORY);
	uint64_t i, bit = c_bit();

	memcpy(guest->boot + CODE, writer, sizeof(writer));
	memcpy(guest->boot + CODE + READER, reader, sizeof(reader));
	pml4[0] = PDPT | 3 | bit;
	for (i = 0; i < 4; i++)
		pdpt[i] = (DIRECTORY + i * PAGE) | 3 | bit;
	for (i = 0; i < 4 * 512; i++)
		entry[i] = i << 21 | 0x83 | bit;
}

/* What the guest boots from is a mapping of its own, which is never registered. */
void guest_add_memory(struct guest *guest, uint8_t *data, size_t bytes)
{
	if (!guest->boot) {
		guest->boot = memory(BOOT_BYTES, false);
		write_boot(guest);
	}
	guest->data = data;
	guest->bytes = bytes;
	add_slot(guest, 0, 0, guest->boot, BOOT_BYTES);
	add_slot(guest, 1, DATA, data, bytes);
}

void guest_launch_start(struct guest *guest)
{
	struct kvm_sev_launch_start start = {.policy = 0};
	struct kvm_sev_launch_update_data data = {.uaddr = (uintptr_t)guest->boot + CODE,
						  .len = BOOT_BYTES - CODE};

	must(guest_sev(guest, KVM_SEV_LAUNCH_START, &start) == 0, "LAUNCH_START");
	must(guest_sev(guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data) == 0, "LAUNCH_UPDATE_DATA");
}

void guest_launch_finish(struct guest *guest)
{
	uint8_t measurement[48];
	struct kvm_sev_launch_measure measure = {.uaddr = (uintptr_t)measurement,
						 .len = sizeof(measurement)};

	must(guest_sev(guest, KVM_SEV_LAUNCH_MEASURE, &measure) == 0, "LAUNCH_MEASURE");
	must(guest_sev(guest, KVM_SEV_LAUNCH_FINISH, NULL) == 0, "LAUNCH_FINISH");
}

static void set_registers(int vcpu)
{
	struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
	struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_sregs sregs;

	must(!ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr3 = PML4 | c_bit();
	sregs.cr4 = 0x20;
	sregs.cr0 = 0x80000011;
	sregs.efer = 0x500;
	must(!ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
}

static struct kvm_cpuid2 *host_cpuid(void)
{
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + CPUIDS * sizeof(struct kvm_cpuid_entry2));

	must(cpuid, "memory");
	cpuid->nent = CPUIDS;
	must(!ioctl(kvm(), KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
	return cpuid;
}

void guest_add_vcpus(struct guest *guest, unsigned int count)
{
	struct kvm_cpuid2 *cpuid = host_cpuid();
	size_t size = (size_t)ioctl(kvm(), KVM_GET_VCPU_MMAP_SIZE, 0);
	unsigned int i;

	for (i = 0; i < count; i++) {
		guest->vcpu[i] = ioctl(guest->vm, KVM_CREATE_VCPU, i);
		must(guest->vcpu[i] >= 0, "KVM_CREATE_VCPU");
		guest->run[i] =
			mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, guest->vcpu[i], 0);
		must(guest->run[i] != MAP_FAILED, "mmap of a vCPU");
		must(!ioctl(guest->vcpu[i], KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
		set_registers(guest->vcpu[i]);
	}
	guest->vcpus = count;
	free(cpuid);
}

void guest_start(struct guest *guest, uint8_t *data, size_t bytes)
{
	guest_create(guest);
	guest_init_sev(guest);
	guest_add_memory(guest, data, bytes);
	guest_launch_start(guest);
	guest_launch_finish(guest);
	guest_add_vcpus(guest, 1);
}

/* The VM ends with the last of its descriptors, and the mappings of vCPUs count. */
void guest_close(struct guest *guest)
{
	size_t size = (size_t)ioctl(kvm(), KVM_GET_VCPU_MMAP_SIZE, 0);
	unsigned int i;

	for (i = 0; i < guest->vcpus; i++) {
		munmap(guest->run[i], size);
		close(guest->vcpu[i]);
	}
	close(guest->vm);
	close(guest->sev);
	if (guest->boot)
		munmap(guest->boot, BOOT_BYTES);
	memset(guest, 0, sizeof(*guest));
}

int guest_register(struct guest *guest, const void *address, size_t bytes)
{
	struct kvm_enc_region region = {(uintptr_t)address, bytes};

	return ioctl(guest->vm, KVM_MEMORY_ENCRYPT_REG_REGION, &region) ? errno : 0;
}

int guest_unregister(struct guest *guest, const void *address, size_t bytes)
{
	struct kvm_enc_region region = {(uintptr_t)address, bytes};

	return ioctl(guest->vm, KVM_MEMORY_ENCRYPT_UNREG_REGION, &region) ? errno : 0;
}

/* ---- its work ---- */

static int touch(struct guest *guest, unsigned int vcpu, uint64_t rip, size_t first, size_t count)
{
	struct kvm_regs regs = {
		.rip = rip, .rflags = 0x202, .rdi = DATA + first * PAGE, .rcx = count};

	must(!ioctl(guest->vcpu[vcpu], KVM_SET_REGS, &regs), "KVM_SET_REGS");
	if (ioctl(guest->vcpu[vcpu], KVM_RUN, 0))
		return errno;
	must(guest->run[vcpu]->exit_reason == KVM_EXIT_IO, "an exit for the port");
	return 0;
}

int guest_write(struct guest *guest, unsigned int vcpu, size_t first, size_t count)
{
	return touch(guest, vcpu, CODE, first, count);
}

int guest_read(struct guest *guest, unsigned int vcpu, size_t first, size_t count)
{
	return touch(guest, vcpu, CODE + READER, first, count);
}

/* ---- what its host sees ---- */

static long number_in(const char *path)
{
	long value = -1;
	FILE *f = fopen(path, "r");

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

long guest_counter(const struct guest *guest, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/%s", getpid(), guest->vm, name);
	return number_in(path);
}

uint8_t *memory(size_t bytes, bool huge)
{
	uint8_t *all = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *aligned = (uint8_t *)(((uintptr_t)all + HUGE - 1) & ~(HUGE - 1));

	must(all != MAP_FAILED, "mmap");
	must(!madvise(all, bytes + HUGE, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE), "madvise");
	return aligned;
}

long host_pinned(void)
{
	char line[128];
	long value, total = 0;
	FILE *f = fopen("/proc/sys/vm/stat_refresh", "w");

	must(f, "stat_refresh");
	fputs("1\n", f);
	fclose(f);
	f = fopen("/proc/vmstat", "r");
	must(f, "/proc/vmstat");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "nr_foll_pin_acquired %ld", &value) == 1)
			total += value;
		if (sscanf(line, "nr_foll_pin_released %ld", &value) == 1)
			total -= value;
	}
	fclose(f);
	return total;
}

uint64_t page_frame(const void *address)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	must(pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)address / PAGE * 8)) == 8,
	     "/proc/self/pagemap");
	close(fd);
	return entry & ((1ull << 55) - 1);
}

long copied_at_fork(const uint8_t *address, size_t pages)
{
	long *copied = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t *frames = calloc(pages, sizeof(*frames)), frame;
	pid_t child;
	long result;
	size_t i;

	must(copied != MAP_FAILED && frames, "memory");
	for (i = 0; i < pages; i++)
		frames[i] = page_frame(address + i * PAGE);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		for (i = 0; i < pages; i++) {
			frame = page_frame(address + i * PAGE);
			*copied += frame && frames[i] && frame != frames[i];
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
	result = *copied;
	munmap(copied, PAGE);
	free(frames);
	return result;
}
