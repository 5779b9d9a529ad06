// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases of points 4, 6, 7 and 9: launches, other VMs, many vCPUs, other guests. */
#include "cases.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define SLABS_MAX 512 /* newer kernels have sixteen kinds of kmalloc */

/* ---- 4. what the firmware has worked on ---- */

static void launch_keeps(void)
{
	struct guest guest;
	struct kvm_sev_launch_update_data data;

	guest_create(&guest);
	guest_init_sev(&guest);
	guest_add_memory(&guest, memory(8 * MIB, true), 8 * MIB);
	must(guest_register(&guest, guest.data, 4 * MIB) == 0, "REG_REGION");
	guest_launch_start(&guest);
	data = (struct kvm_sev_launch_update_data){(uintptr_t)guest.data, 3 * PAGE};
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned by the launch", 3);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 4 * MIB), 0);
	expect_pinned(&guest, "pinned after UNREG_REGION", 0);
	data.uaddr = (uintptr_t)guest.data + 4 * MIB;
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned outside regions", 3);
	guest_launch_finish(&guest);
	guest_add_vcpus(&guest, 1);
	must(guest_register(&guest, guest.data, 8 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&guest, 0, 4 * MIB / PAGE, 1), 0);
	expect_pinned(&guest, "the whole of its huge page, once", HUGE_PAGES);
	guest_close(&guest);
}

/* Memory that is launched before it is registered counts once against the limit. */
static void launch_limit(void)
{
	struct guest guest;
	struct kvm_sev_launch_update_data data;

	guest_create(&guest);
	guest_init_sev(&guest);
	guest_add_memory(&guest, memory(4 * MIB, false), 4 * MIB);
	guest_launch_start(&guest);
	lose_ipc_lock(2 * MIB + BOOT_PAGES * PAGE);
	data = (struct kvm_sev_launch_update_data){(uintptr_t)guest.data, MIB};
	expect("LAUNCH_UPDATE_DATA", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect("the same again", guest_sev(&guest, KVM_SEV_LAUNCH_UPDATE_DATA, &data), 0);
	expect_pinned(&guest, "pinned", MIB / PAGE);
	expect("too much beside it", guest_register(&guest, guest.data + 2 * MIB, 2 * MIB), ENOMEM);
	expect("half", guest_register(&guest, guest.data, MIB), 0);
	expect("another half", guest_register(&guest, guest.data + MIB, MIB), 0);
	guest_close(&guest);
}

/* The emulated firmware knows none of these; their pages are pinned before it is asked. */
static void other_commands_keep(void)
{
	static uint8_t buffer[64];
	struct guest guest;
	struct kvm_sev_launch_secret secret = {.hdr_uaddr = (uintptr_t)buffer,
					       .hdr_len = 52,
					       .guest_len = 16,
					       .trans_uaddr = (uintptr_t)buffer,
					       .trans_len = 16};
	struct kvm_sev_send_update_data send = {.hdr_uaddr = (uintptr_t)buffer,
						.hdr_len = 52,
						.guest_len = 16,
						.trans_uaddr = (uintptr_t)buffer,
						.trans_len = 16};
	struct kvm_sev_receive_update_data receive = {.hdr_uaddr = (uintptr_t)buffer,
						      .hdr_len = 52,
						      .guest_len = 16,
						      .trans_uaddr = (uintptr_t)buffer,
						      .trans_len = 16};

	start_registered(&guest, MIB, false);
	secret.guest_uaddr = (uintptr_t)guest.data;
	send.guest_uaddr = (uintptr_t)guest.data + PAGE;
	receive.guest_uaddr = (uintptr_t)guest.data + 2 * PAGE;
	guest_sev(&guest, KVM_SEV_LAUNCH_SECRET, &secret);
	expect_pinned(&guest, "pinned by LAUNCH_SECRET", 1);
	guest_sev(&guest, KVM_SEV_SEND_UPDATE_DATA, &send);
	expect_pinned(&guest, "pinned by SEND_UPDATE_DATA", 2);
	guest_sev(&guest, KVM_SEV_RECEIVE_UPDATE_DATA, &receive);
	expect_pinned(&guest, "pinned by RECEIVE_UPDATE_DATA", 3);
	guest_close(&guest);
}

/* ---- 6. other VMs, and the end ---- */

static int use_context_of(struct guest *guest, uint32_t capability, int source)
{
	struct kvm_enable_cap cap = {.cap = capability, .args = {(uint64_t)source}};

	return ioctl(guest->vm, KVM_ENABLE_CAP, &cap) ? errno : 0;
}

static void migrated(void)
{
	struct guest source, target;
	long before = host_pinned();

	start_registered(&source, 4 * MIB, false);
	expect("KVM_RUN", guest_write(&source, 0, 0, 100), 0);
	guest_create(&target);
	target.boot = source.boot;
	guest_add_memory(&target, source.data, source.bytes);
	guest_add_vcpus(&target, 1);
	expect("move", use_context_of(&target, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM, source.vm), 0);
	expect("counter of the source", guest_counter(&source, "sev_pinned_pages"), -1);
	expect_pinned(&target, "moved", 100);
	source.boot = NULL;
	guest_close(&source);
	expect("on the host without the source", host_pinned() - before, 100 + BOOT_PAGES);
	expect("KVM_RUN", guest_write(&target, 0, 50, 100), 0);
	expect_pinned(&target, "pinned there", 150);
	expect("UNREG_REGION", guest_unregister(&target, target.data, 4 * MIB), 0);
	expect_pinned(&target, "pinned after UNREG_REGION", 0);
	guest_close(&target);
	expect("pinned at the end", host_pinned() - before, 0);
}

/* The child has the same memory at other addresses. */
static void be_target(struct guest *source, int memory_fd)
{
	struct guest target;
	uint8_t *data;

	must(!munmap(source->data, 4 * MIB), "munmap");
	guest_create(&target);
	data = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	must(data != MAP_FAILED, "mmap");
	target.boot = source->boot;
	guest_add_memory(&target, data, 4 * MIB);
	expect("move", use_context_of(&target, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM, source->vm), 0);
	expect_pinned(&target, "moved", 100);
	must(guest_register(&target, data, 4 * MIB) == 0, "REG_REGION");
	guest_add_vcpus(&target, 1);
	expect("KVM_RUN", guest_write(&target, 0, 200, 50), 0);
	expect_pinned(&target, "pinned there", 150);
	expect("old region", guest_unregister(&target, source->data, 4 * MIB), 0);
	expect_pinned(&target, "pinned after its UNREG_REGION", 50);
	exit(wrong);
}

static void migrated_to_process(void)
{
	struct guest source;
	long before = host_pinned();
	int status, fd = memfd_create("guest", 0);
	pid_t child;
	uint8_t *data;

	must(fd >= 0 && !ftruncate(fd, 8 * MIB), "memfd");
	data = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(data != MAP_FAILED, "mmap");
	guest_start(&source, data, 4 * MIB);
	must(guest_register(&source, data, 4 * MIB) == 0, "REG_REGION");
	expect("KVM_RUN", guest_write(&source, 0, 0, 100), 0);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0)
		be_target(&source, fd);
	must(waitpid(child, &status, 0) == child, "waitpid");
	expect("target's exit code", WEXITSTATUS(status), 0);
	guest_close(&source);
	expect("pinned at the end", host_pinned() - before, 0);
}

static void mirrored(void)
{
	struct guest owner, mirror;
	long before = host_pinned();

	start_registered(&owner, 4 * MIB, false);
	guest_create(&mirror);
	expect("copy", use_context_of(&mirror, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, owner.vm), 0);
	mirror.boot = owner.boot;
	guest_add_memory(&mirror, owner.data, owner.bytes);
	guest_add_vcpus(&mirror, 1);
	expect("REG_REGION of a mirror", guest_register(&mirror, owner.data, PAGE), EINVAL);
	expect("UNREG_REGION of a mirror", guest_unregister(&mirror, owner.data, 4 * MIB), EINVAL);
	expect("KVM_RUN of the mirror", guest_write(&mirror, 0, 0, 50), 0);
	expect("KVM_RUN of the owner", guest_write(&owner, 0, 25, 50), 0);
	expect_pinned(&owner, "pinned for the owner", 75);
	expect("counter of the mirror", guest_counter(&mirror, "sev_pinned_pages"), -1);
	mirror.boot = NULL;
	guest_close(&mirror);
	expect_pinned(&owner, "without the mirror", 75);
	guest_close(&owner);
	expect("pinned at the end", host_pinned() - before, 0);
}

/* Host addresses of another process are not the owner's. */
static void mirrored_elsewhere(void)
{
	struct guest owner, mirror;
	int status;
	pid_t child;

	start_registered(&owner, MIB, false);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		guest_create(&mirror);
		must(!use_context_of(&mirror, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, owner.vm), "copy");
		guest_add_memory(&mirror, memory(MIB, false), MIB);
		guest_add_vcpus(&mirror, 1);
		expect("KVM_RUN", guest_write(&mirror, 0, 0, 1), EINVAL);
		exit(wrong);
	}
	must(waitpid(child, &status, 0) == child, "waitpid");
	expect("mirror's exit code", WEXITSTATUS(status), 0);
	expect_pinned(&owner, "pinned", 0);
	guest_close(&owner);
}

/* Objects in use of the kinds that demand pinning allocates, by the kind's place in the list. */
static size_t slabs(long objects[SLABS_MAX])
{
	char text[512], name[64];
	size_t count = 0;
	FILE *f = fopen("/proc/slabinfo", "r");

	must(f, "/proc/slabinfo");
	while (count < SLABS_MAX && fgets(text, sizeof(text), f)) {
		if (sscanf(text, "%63s %ld", name, &objects[count]) == 2 &&
		    (!strncmp(name, "kmalloc-", 8) || !strcmp(name, "radix_tree_node")))
			count++;
	}
	fclose(f);
	return count;
}

static void live(uint8_t *data, int times)
{
	struct guest guest;

	while (times--) {
		guest_start(&guest, data, 8 * MIB);
		must(guest_register(&guest, data, 8 * MIB) == 0, "REG_REGION");
		must(guest_write(&guest, 0, 0, 100) == 0, "KVM_RUN");
		must(guest_write(&guest, 0, 1500, 20) == 0, "KVM_RUN");
		guest_close(&guest);
	}
	sleep_ms(2000); /* what is freed after a grace period */
}

static void lives(void)
{
	uint8_t *data = memory(8 * MIB, false);
	long pinned = host_pinned(), before[SLABS_MAX], after[SLABS_MAX];
	size_t count, i;

	live(data, 50);
	count = slabs(before);
	live(data, 200);
	must(slabs(after) == count, "the same slabs");
	for (i = 0; i < count; i++)
		expect("a slab grew by an object every other life", after[i] - before[i] > 100, 0);
	expect("pinned at the end", host_pinned() - pinned, 0);
}

/* ---- 7. at once ---- */

static struct guest raced;
static pthread_barrier_t line;

static void *racer(void *number)
{
	pthread_barrier_wait(&line);
	return (void *)(intptr_t)guest_write(&raced, (unsigned int)(intptr_t)number, 0, 4096);
}

static void race(bool huge)
{
	pthread_t thread[VCPUS_MAX];
	long before = host_pinned();
	void *result;
	int i;

	guest_create(&raced);
	guest_init_sev(&raced);
	guest_add_memory(&raced, memory(32 * MIB, huge), 32 * MIB);
	guest_launch_start(&raced);
	guest_launch_finish(&raced);
	guest_add_vcpus(&raced, VCPUS_MAX);
	must(guest_register(&raced, raced.data, 32 * MIB) == 0, "REG_REGION");
	pthread_barrier_init(&line, NULL, VCPUS_MAX);
	for (i = 0; i < VCPUS_MAX; i++)
		must(!pthread_create(&thread[i], NULL, racer, (void *)(intptr_t)i), "thread");
	for (i = 0; i < VCPUS_MAX; i++) {
		pthread_join(thread[i], &result);
		expect("KVM_RUN", (intptr_t)result, 0);
	}
	expect_pinned(&raced, "pinned", 4096);
	expect("pinned ever", guest_counter(&raced, "sev_pinned_ever"), 4096 + BOOT_PAGES);
	expect("pinned on the host", host_pinned() - before, 4096 + BOOT_PAGES);
	guest_close(&raced);
	expect("pinned at the end", host_pinned() - before, 0);
}

static void race_small(void)
{
	race(false);
}

static void race_huge(void)
{
	race(true);
}

/* ---- 9. the others ---- */

static void eager(void)
{
	long before = host_pinned();
	struct guest guest;

	write_file(PARAMETER, "eager");
	guest_start(&guest, memory(4 * MIB, false), 4 * MIB);
	memset(guest.data, 1, 4 * MIB);
	write_file(PARAMETER, "demand"); /* for guests made from now on */
	expect("pinned by the launch", host_pinned() - before, 0);
	expect("REG_REGION", guest_register(&guest, guest.data, 4 * MIB), 0);
	expect("pinned by REG_REGION", host_pinned() - before, 4 * MIB / PAGE);
	expect("KVM_RUN", guest_write(&guest, 0, 0, 100), 0);
	expect("pinned by KVM_RUN", host_pinned() - before, 4 * MIB / PAGE);
	expect("counter", guest_counter(&guest, "sev_pinned_pages"), -1);
	expect("UNREG_REGION", guest_unregister(&guest, guest.data, 4 * MIB), 0);
	expect("pinned after it", host_pinned() - before, 0);
	expect("UNREG_REGION again", guest_unregister(&guest, guest.data, 4 * MIB), EINVAL);
	guest_close(&guest);
}

static void plain_vm(void)
{
	long before = host_pinned();
	struct guest guest;

	guest_create(&guest);
	guest_add_memory(&guest, memory(4 * MIB, true), 4 * MIB);
	guest_add_vcpus(&guest, 1);
	expect("REG_REGION", guest_register(&guest, guest.data, 4 * MIB), ENOTTY);
	expect("pinned", host_pinned() - before, 0);
	expect("counter", guest_counter(&guest, "sev_pinned_pages"), -1);
	guest_close(&guest);
}

/* KVM_PRE_FAULT_MEMORY, which Debian 12's headers do not have, maps without a fault. */
static void pre_fault(void)
{
	uint64_t range[8] = {DATA, 16 * PAGE};
	struct guest guest;
	int r;

	start_registered(&guest, MIB, false);
	expect("KVM_RUN", guest_write(&guest, 0, 100, 1), 0);
	r = ioctl(guest.vcpu[0], _IOC(_IOC_READ | _IOC_WRITE, KVMIO, 0xd5, sizeof(range)), range);
	if (r && (errno == ENOTTY || errno == EINVAL))
		skip("this kernel has no KVM_PRE_FAULT_MEMORY");
	expect("KVM_PRE_FAULT_MEMORY", r ? errno : 0, EOPNOTSUPP);
	guest_close(&guest);
}

/* With kvm.tdp_mmu=0 neighbours of a page are mapped unasked. */
static void shadow_mmu(void)
{
	struct guest guest;

	guest_create(&guest);
	if (access("/sys/module/kvm/parameters/tdp_mmu", R_OK))
		skip("no kvm.tdp_mmu");
	expect("KVM_SEV_INIT", guest_sev(&guest, KVM_SEV_INIT, NULL), EOPNOTSUPP);
	write_file(PARAMETER, "eager");
	expect("KVM_SEV_INIT in eager mode", guest_sev(&guest, KVM_SEV_INIT, NULL), 0);
	guest_close(&guest);
}

const struct test_case guest_cases[] = {
	{"4-launch-keeps", launch_keeps},
	{"4-launch-limit", launch_limit},
	{"4-other-commands-keep", other_commands_keep},
	{"6-migrated", migrated},
	{"6-migrated-to-process", migrated_to_process},
	{"6-mirrored", mirrored},
	{"6-mirrored-elsewhere", mirrored_elsewhere},
	{"6-lives", lives},
	{"7-race-small", race_small},
	{"7-race-huge", race_huge},
	{"9-eager", eager},
	{"9-plain-vm", plain_vm},
	{"9-pre-fault", pre_fault},
	{"shadow-mmu", shadow_mmu},
	{NULL, NULL},
};
