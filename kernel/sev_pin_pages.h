/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of a process are pinned for an SEV guest. Pages are named by their index in the
 * process' address space (address >> PAGE_SHIFT), as the regions are that userspace registers.
 */
#ifndef SEV_PIN_PAGES_H
#define SEV_PIN_PAGES_H

#include <linux/interval_tree.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/xarray.h>

/* A block is what one entry of a page middle directory maps. Its records are changed by one. */
#define SEV_PIN_BLOCK_ORDER (PMD_SHIFT - PAGE_SHIFT)
#define SEV_PIN_BLOCK	    (1ul << SEV_PIN_BLOCK_ORDER)
#define SEV_PIN_LOCKS	    32

/* Mark of a page that is in no region: it is charged to RLIMIT_MEMLOCK on its own. */
#define SEV_PIN_CHARGED XA_MARK_0

struct sev_pin_region {
	struct interval_tree_node pages; /* first and last index */
	u64 addr, size;			 /* as userspace gave them */
};

struct sev_pins {
	struct mm_struct *mm; /* to compare only: the VM that owns this holds it */

	/* Regions change under kvm->lock and this, for writing: either is enough to read. */
	struct rw_semaphore regions_lock;
	struct rb_root_cached regions;
	unsigned long generation; /* counts registrations */
	bool ran;		  /* the guest may have memory mapped */

	struct mutex block_locks[SEV_PIN_LOCKS]; /* by block; inside regions_lock */
	struct xarray pages;			 /* index -> page, one pin each */
	struct xarray blocks; /* index of block -> its first page, all of it pinned */

	/* In pages of 4 KiB. */
	atomic_long_t pinned, pinned_ever, failures;
	struct dentry *files[3];

	/* What came with the guest from other processes: held until unregistered. */
	struct sev_pins *inherited;
};

struct sev_pins *sev_pins_alloc(struct mm_struct *mm);

/* With all that it inherited. */
void sev_pins_free(struct sev_pins *pins);

/*
 * What lies at first is in a region, or not: returns which, with *last cut to the last page of
 * which the same is true within that block.
 */
bool sev_pins_run(struct sev_pins *pins, unsigned long first, unsigned long *last);

/* Is something mapped there? The order of the mapping, or of what is empty around it. */
bool sev_pins_mapped(struct mm_struct *mm, unsigned long index, unsigned int *order);

/*
 * Pins what must be pinned before KVM may map the page: if it is in a region, all that the same
 * entry of the host's page tables maps of regions. Returns 0, -errno, or 1 where the regions have
 * changed meanwhile: try again.
 */
int sev_pins_fault(struct sev_pins *pins, unsigned long index);

/* Pins pages of one block that are in a region. Returns as sev_pins_fault(). */
int sev_pins_add(struct sev_pins *pins, unsigned long first, unsigned long last);

/* Pins pages of one block that are in none. *fresh: how many of them were not charged before. */
int sev_pins_keep(struct sev_pins *pins, unsigned long first, unsigned long last,
		  unsigned long *fresh);

/* Unpins pages that are in no region any more. */
void sev_pins_drop(struct sev_pins *pins, unsigned long first, unsigned long last);

/* What was charged on its own is now charged with a region. Returns how many pages. */
unsigned long sev_pins_adopt(struct sev_pins *pins, unsigned long first, unsigned long last);

#endif
