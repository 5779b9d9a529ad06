/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SEV guest whose only work is to touch pages, and what its host can see of its pins. For tests:
 * what cannot fail on a healthy host ends the program when it does.
 */
#ifndef GUEST_H
#define GUEST_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE	   4096ul
#define MIB	   (1ul << 20)
#define GIB	   (1ul << 30)
#define HUGE	   (2 * MIB)
#define HUGE_PAGES (HUGE / PAGE)
#define DATA	   (1 * GIB) /* where the guest has the memory that tests are about */
#define BOOT_PAGES 8	     /* launched with each guest, and kept pinned from then on */
#define VCPUS_MAX  4

struct guest {
	int vm, sev;
	uint8_t *boot, *data;
	size_t bytes; /* of data */
	unsigned int vcpus;
	int vcpu[VCPUS_MAX];
	struct kvm_run *run[VCPUS_MAX];
};

/* Ends the program unless OK: the name of what failed, and errno. */
void must(bool ok, const char *what);

/* Steps of a start, in this order; "start" does all of them with one vCPU. */
void guest_create(struct guest *guest);
void guest_init_sev(struct guest *guest);
void guest_add_memory(struct guest *guest, uint8_t *data, size_t bytes);
void guest_launch_start(struct guest *guest);
void guest_launch_finish(struct guest *guest);
void guest_add_vcpus(struct guest *guest, unsigned int count);
void guest_start(struct guest *guest, uint8_t *data, size_t bytes);
void guest_close(struct guest *guest);

/* An SEV command: 0 or errno. */
int guest_sev(struct guest *guest, uint32_t id, void *argument);

/* KVM_MEMORY_ENCRYPT_[UN]REG_REGION: 0 or errno. */
int guest_register(struct guest *guest, const void *address, size_t bytes);
int guest_unregister(struct guest *guest, const void *address, size_t bytes);

/* Has a vCPU write, or read, COUNT pages from page FIRST of the data on: 0 or KVM_RUN's errno. */
int guest_write(struct guest *guest, unsigned int vcpu, size_t first, size_t count);
int guest_read(struct guest *guest, unsigned int vcpu, size_t first, size_t count);

/* A number in the VM's folder in debugfs; -1 where there is no such file. */
long guest_counter(const struct guest *guest, const char *name);

/* Anonymous memory, aligned for huge pages, which it may or may not have. */
uint8_t *memory(size_t bytes, bool huge);

/* Pages pinned on this host now. */
long host_pinned(void);

uint64_t page_frame(const void *address);

/* How many of these pages a child got as copies of its own: those that are pinned. */
long copied_at_fork(const uint8_t *address, size_t pages);

#endif
