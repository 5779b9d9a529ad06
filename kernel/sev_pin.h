/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Demand pinning of SEV guests' memory: what kvm_amd calls. All of it does nothing, or what stock
 * kvm_amd does, for a VM whose kvm_sev_info.pins is NULL: not an SEV guest, or one that was made
 * while kvm_amd.sev_pinning was "eager".
 */
#ifndef SEV_PIN_H
#define SEV_PIN_H

#include <linux/kvm_host.h>

/* A VM becomes an SEV guest, and ends. Caches are flushed before the latter. */
int sev_pin_init_vm(struct kvm *kvm);
void sev_pin_destroy_vm(struct kvm *kvm);

/* In place of kvm_mmu_page_fault(): first pins, then has it map. */
int sev_pin_page_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error_code, void *insn, int insn_len);

/* In place of sev_mem_enc_[un]register_region(). */
int sev_pin_register_region(struct kvm *kvm, struct kvm_enc_region *range);
int sev_pin_unregister_region(struct kvm *kvm, struct kvm_enc_region *range);

/* The firmware is about to change or export this guest memory: it is pinned from now on. */
int sev_pin_keep(struct kvm *kvm, unsigned long uaddr, unsigned long ulen);

/* Intra-host migration: the pins move, or nothing happens and -errno is returned. */
int sev_pin_move(struct kvm *dst, struct kvm *src);

/* A mirror pins in its owner's name. It ends before the owner does. */
void sev_pin_share(struct kvm *mirror, struct kvm *owner);

#endif
