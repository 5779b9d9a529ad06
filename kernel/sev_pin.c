// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Demand pinning of SEV guests' memory: registering a region reserves what it may come to pin, and
 * a page is pinned, for long term, before the nested page fault that maps it.
 *
 * The hardware ties an encrypted page to its physical address, so it must not move. Stock kvm_amd
 * therefore pins a region when it is registered, all of it. See docs/demand-pinning.md.
 */
#define pr_fmt(fmt) "SEV: " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "sev_pin.h"
#include "sev_pin_pages.h"
#include "svm.h"

/* ---- kvm_amd.sev_pinning ---- */

enum { EAGER, DEMAND };
static const char *const mode_names[] = {[EAGER] = "eager", [DEMAND] = "demand"};
static int mode = EAGER;

static int set_mode(const char *text, const struct kernel_param *param)
{
	int r = sysfs_match_string(mode_names, text);

	if (r < 0)
		return r;
	WRITE_ONCE(mode, r);
	return 0;
}

static int get_mode(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%s\n", mode_names[READ_ONCE(mode)]);
}

static const struct kernel_param_ops mode_ops = {.set = set_mode, .get = get_mode};

module_param_cb(sev_pinning, &mode_ops, NULL, 0644);
MODULE_PARM_DESC(sev_pinning, "Pin memory of SEV guests made from now on: eager or demand");

/* ---- counters: files in the VM's folder in debugfs ---- */

static u64 sum(const struct sev_pins *pins, size_t counter)
{
	u64 total = 0;

	for (; pins; pins = pins->inherited)
		total += atomic_long_read((const void *)pins + counter);
	return total;
}

#define COUNTER(name)                                                \
	static int name##_get(void *pins, u64 *value)                \
	{                                                            \
		*value = sum(pins, offsetof(struct sev_pins, name)); \
		return 0;                                            \
	}                                                            \
	DEFINE_DEBUGFS_ATTRIBUTE(name##_file, name##_get, NULL, "%llu\n")

COUNTER(pinned);
COUNTER(pinned_ever);
COUNTER(failures);

static const struct {
	const char *name;
	const struct file_operations *operations;
} files[] = {
	{"sev_pinned_pages", &pinned_file},
	{"sev_pinned_ever", &pinned_ever_file},
	{"sev_pin_failures", &failures_file},
};

static void show_counters(struct kvm *kvm, struct sev_pins *pins)
{
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(files) != ARRAY_SIZE(pins->files));
	for (i = 0; i < ARRAY_SIZE(files); i++)
		pins->files[i] = debugfs_create_file(files[i].name, 0444, kvm->debugfs_dentry, pins,
						     files[i].operations);
}

static void hide_counters(struct sev_pins *pins)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pins->files); i++)
		debugfs_remove(pins->files[i]);
}

/* ---- a guest's life ---- */

static struct kvm_sev_info *sev_info(struct kvm *kvm)
{
	return &to_kvm_svm(kvm)->sev_info;
}

static bool is_mirror(struct kvm *kvm)
{
	return sev_info(kvm)->enc_context_owner;
}

/*
 * The shadow MMU maps neighbours of a faulting page too, which would not be pinned. The TDP MMU
 * does not. Whether a VM uses it can only be seen from what it has set up.
 */
static bool has_tdp_mmu(const struct kvm *kvm)
{
	return kvm->arch.tdp_mmu_roots.next;
}

static int check_mmu(const struct kvm *kvm)
{
	if (has_tdp_mmu(kvm))
		return 0;
	pr_warn_ratelimited("sev_pinning=demand needs kvm.tdp_mmu=1\n");
	return -EOPNOTSUPP;
}

static void attach(struct kvm *kvm, struct sev_pins *pins)
{
	sev_info(kvm)->pins = pins;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	/* KVM_PRE_FAULT_MEMORY maps without a nested page fault. */
	kvm->arch.pre_fault_allowed = false;
#endif
}

int sev_pin_init_vm(struct kvm *kvm)
{
	struct sev_pins *pins;
	int r;

	if (READ_ONCE(mode) != DEMAND)
		return 0;
#ifdef KVM_X86_SNP_VM
	/* Its private memory is a guest_memfd's, which does not move. */
	if (kvm->arch.vm_type == KVM_X86_SNP_VM)
		return 0;
#endif
	r = check_mmu(kvm);
	if (r)
		return r;
	pins = sev_pins_alloc(kvm->mm);
	if (!pins)
		return -ENOMEM;
	attach(kvm, pins);
	show_counters(kvm, pins);
	return 0;
}

/* KVM has removed the VM's folder in debugfs by now. */
void sev_pin_destroy_vm(struct kvm *kvm)
{
	sev_pins_free(sev_info(kvm)->pins);
	sev_info(kvm)->pins = NULL;
}

void sev_pin_share(struct kvm *mirror, struct kvm *owner)
{
	if (sev_info(owner)->pins)
		attach(mirror, sev_info(owner)->pins);
}

/*
 * Both VMs are locked, with all their vCPUs. A destination in another process has the guest's
 * memory at addresses of its own: what is pinned already stays so, and what the guest touches
 * first there is pinned if that process has registered it.
 */
int sev_pin_move(struct kvm *dst, struct kvm *src)
{
	struct sev_pins *pins = sev_info(src)->pins, *own;
	int r;

	if (!pins)
		return 0;
	r = check_mmu(dst);
	if (r)
		return r;
	if (is_mirror(src)) {
		attach(dst, pins);
	} else {
		own = dst->mm == pins->mm ? pins : sev_pins_alloc(dst->mm);
		if (!own)
			return -ENOMEM;
		hide_counters(pins);
		if (own != pins)
			own->inherited = pins;
		attach(dst, own);
		show_counters(dst, own);
	}
	sev_info(src)->pins = NULL;
	return 0;
}

/* ---- regions ---- */

/* As for memory that is pinned at once: of the caller, and with the same message. */
static int charge(struct kvm *kvm, unsigned long pages)
{
	unsigned long locked = sev_info(kvm)->pages_locked + pages;
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	lockdep_assert_held(&kvm->lock);
	if (locked > limit && !capable(CAP_IPC_LOCK)) {
		pr_err("%lu locked pages exceed the lock limit of %lu.\n", locked, limit);
		return -ENOMEM;
	}
	sev_info(kvm)->pages_locked = locked;
	return 0;
}

static unsigned long size_of(const struct sev_pin_region *region)
{
	return region->pages.last - region->pages.start + 1;
}

/* The same ranges are refused as by stock KVM, and with the same errors. */
static struct sev_pin_region *new_region(const struct kvm_enc_region *range)
{
	struct sev_pin_region *region;
	unsigned long first, last;

	if (!range->size || range->addr + range->size < range->addr)
		return ERR_PTR(-EINVAL);
	first = range->addr >> PAGE_SHIFT;
	last = (range->addr + range->size - 1) >> PAGE_SHIFT;
	if (last - first >= INT_MAX)
		return ERR_PTR(-EINVAL);
	if (!access_ok((void __user *)range->addr, range->size))
		return ERR_PTR(-ENOMEM);
	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	region->pages.start = first;
	region->pages.last = last;
	region->addr = range->addr;
	region->size = range->size;
	return region;
}

static void insert(struct sev_pins *pins, struct sev_pin_region *region)
{
	down_write(&pins->regions_lock);
	interval_tree_insert(&region->pages, &pins->regions);
	WRITE_ONCE(pins->generation, pins->generation + 1);
	up_write(&pins->regions_lock);
}

static void remove_region(struct kvm *kvm, struct sev_pins *pins, struct sev_pin_region *region)
{
	down_write(&pins->regions_lock);
	interval_tree_remove(&region->pages, &pins->regions);
	up_write(&pins->regions_lock);
	/* The guest's data in the caches must be in memory before that belongs to others. */
	wbinvd_on_all_cpus();
	sev_pins_drop(pins, region->pages.start, region->pages.last);
	sev_info(kvm)->pages_locked -= size_of(region);
	kfree(region);
}

/*
 * What a guest that runs already has mapped does not fault again: of a region that comes late, all
 * that is in memory is pinned now. Faults in flight that have not seen it see its generation.
 */
static int pin_present(struct sev_pins *pins, const struct sev_pin_region *region)
{
	unsigned long index = region->pages.start;
	unsigned int order;
	int r = 0;

	while (index <= region->pages.last && r >= 0) {
		if (sev_pins_mapped(pins->mm, index, &order))
			r = sev_pins_fault(pins, index);
		index = round_down(index, 1ul << order) + (1ul << order);
		cond_resched();
	}
	return min(r, 0);
}

static int register_locked(struct kvm *kvm, const struct kvm_enc_region *range)
{
	struct sev_pins *pins = sev_info(kvm)->pins;
	struct sev_pin_region *region = new_region(range);
	int r;

	if (IS_ERR(region))
		return PTR_ERR(region);
	r = charge(kvm, size_of(region));
	if (r) {
		kfree(region);
		return r;
	}
	insert(pins, region);
	if (READ_ONCE(pins->ran)) {
		r = pin_present(pins, region);
		if (r) {
			remove_region(kvm, pins, region);
			return r;
		}
	}
	sev_info(kvm)->pages_locked -=
		sev_pins_adopt(pins, region->pages.start, region->pages.last);
	return 0;
}

int sev_pin_register_region(struct kvm *kvm, struct kvm_enc_region *range)
{
	int r;

	mutex_lock(&kvm->lock);
	if (likely(!sev_info(kvm)->pins) || is_mirror(kvm)) {
		mutex_unlock(&kvm->lock);
		return sev_mem_enc_register_region(kvm, range);
	}
	r = register_locked(kvm, range);
	mutex_unlock(&kvm->lock);
	return r;
}

static struct sev_pin_region *find_region(struct sev_pins *pins, const struct kvm_enc_region *range)
{
	unsigned long index = range->addr >> PAGE_SHIFT;
	struct interval_tree_node *node;
	struct sev_pin_region *region;

	for (node = interval_tree_iter_first(&pins->regions, index, index); node;
	     node = interval_tree_iter_next(node, index, index)) {
		region = container_of(node, struct sev_pin_region, pages);
		if (region->addr == range->addr && region->size == range->size)
			return region;
	}
	return NULL;
}

int sev_pin_unregister_region(struct kvm *kvm, struct kvm_enc_region *range)
{
	struct sev_pin_region *region = NULL;
	struct sev_pins *pins;

	mutex_lock(&kvm->lock);
	if (!is_mirror(kvm)) {
		for (pins = sev_info(kvm)->pins; pins && !region; pins = pins->inherited) {
			region = find_region(pins, range);
			if (region)
				remove_region(kvm, pins, region);
		}
	}
	mutex_unlock(&kvm->lock);
	/* Not one of ours: stock KVM's errors. */
	return region ? 0 : sev_mem_enc_unregister_region(kvm, range);
}

/* ---- the firmware's commands ---- */

static int keep_run(struct kvm *kvm, struct sev_pins *pins, unsigned long first, unsigned long last)
{
	unsigned long count = last - first + 1, fresh;
	int r = charge(kvm, count);

	if (r)
		return r;
	r = sev_pins_keep(pins, first, last, &fresh);
	sev_info(kvm)->pages_locked -= count - fresh;
	return r;
}

/* Nonsense is left to sev_pin_memory(), which comes next and has the errors for it. */
int sev_pin_keep(struct kvm *kvm, unsigned long uaddr, unsigned long ulen)
{
	struct sev_pins *pins = sev_info(kvm)->pins;
	unsigned long first = uaddr >> PAGE_SHIFT, end = (uaddr + ulen - 1) >> PAGE_SHIFT, last;
	int r = 0;

	if (!pins || !ulen || uaddr + ulen < uaddr || end - first >= INT_MAX)
		return 0;
	for (; first <= end && !r; first = last + 1) {
		last = end;
		r = sev_pins_run(pins, first, &last) ? sev_pins_add(pins, first, last)
						     : keep_run(kvm, pins, first, last);
		cond_resched();
	}
	return r;
}

/* ---- the nested page fault ---- */

/* Returns as sev_pins_fault(). */
static int pin_gfn(struct kvm_vcpu *vcpu, struct sev_pins *pins, gfn_t gfn)
{
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_vcpu_memslots(vcpu), gfn);

	/* A device, or a slot that is being changed and faults again. */
	if (!slot || slot->flags & KVM_MEMSLOT_INVALID)
		return 0;
	if (vcpu->kvm->mm != pins->mm) {
		pr_warn_ratelimited("a mirror must be in the process of the guest it mirrors\n");
		return -EINVAL;
	}
	return sev_pins_fault(pins, __gfn_to_hva_memslot(slot, gfn) >> PAGE_SHIFT);
}

static int pin_and_map(struct kvm_vcpu *vcpu, struct sev_pins *pins, gpa_t gpa, u64 error_code,
		       void *insn, int insn_len)
{
	unsigned long seq = READ_ONCE(vcpu->kvm->mmu_invalidate_seq);
	unsigned long generation = READ_ONCE(pins->generation);
	int r, again;

	smp_rmb(); /* the numbers are older than what is looked up now */
	r = pin_gfn(vcpu, pins, gpa_to_gfn(gpa));
	if (r)
		return r;
	/*
	 * An asynchronous page fault maps the page later and without us: none is begun while
	 * their queue seems to be full. Only this vCPU's thread uses the queue's length.
	 */
	vcpu->async_pf.queued += ASYNC_PF_PER_VCPU;
	r = kvm_mmu_page_fault(vcpu, gpa, error_code, insn, insn_len);
	vcpu->async_pf.queued -= ASYNC_PF_PER_VCPU;
	smp_rmb();
	if (likely(READ_ONCE(vcpu->kvm->mmu_invalidate_seq) == seq &&
		   READ_ONCE(pins->generation) == generation))
		return r;
	/*
	 * Between pin and map, the process may have put another page there, or registered the
	 * region. What is there now is pinned before this vCPU goes on. The exit that r may stand
	 * for is not lost.
	 */
	do {
		again = pin_gfn(vcpu, pins, gpa_to_gfn(gpa));
	} while (again > 0);
	return again ? again : r;
}

int sev_pin_page_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error_code, void *insn, int insn_len)
{
	struct sev_pins *pins = sev_info(vcpu->kvm)->pins;

	if (likely(!pins))
		return kvm_mmu_page_fault(vcpu, gpa, error_code, insn, insn_len);
	return pin_and_map(vcpu, pins, gpa, error_code, insn, insn_len);
}
