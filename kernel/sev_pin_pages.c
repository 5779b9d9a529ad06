// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which pages of a process are pinned for an SEV guest: two sparse arrays, and the rules by which
 * a page enters, changes and leaves them. See docs/demand-pinning.md for why.
 */
#define pr_fmt(fmt) "SEV: " fmt

#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "sev_pin_pages.h"

static struct mutex *block_lock(struct sev_pins *pins, unsigned long index)
{
	return &pins->block_locks[(index >> SEV_PIN_BLOCK_ORDER) % SEV_PIN_LOCKS];
}

struct sev_pins *sev_pins_alloc(struct mm_struct *mm)
{
	struct sev_pins *pins = kzalloc(sizeof(*pins), GFP_KERNEL_ACCOUNT);
	int i;

	if (!pins)
		return NULL;
	pins->mm = mm;
	init_rwsem(&pins->regions_lock);
	pins->regions = RB_ROOT_CACHED;
	for (i = 0; i < SEV_PIN_LOCKS; i++)
		mutex_init(&pins->block_locks[i]);
	xa_init_flags(&pins->pages, XA_FLAGS_ACCOUNT);
	xa_init_flags(&pins->blocks, XA_FLAGS_ACCOUNT);
	return pins;
}

/* ---- regions, and what the host maps ---- */

bool sev_pins_run(struct sev_pins *pins, unsigned long first, unsigned long *last)
{
	struct interval_tree_node *region;
	bool inside;

	*last = min(*last, first | (SEV_PIN_BLOCK - 1));
	down_read(&pins->regions_lock);
	region = interval_tree_iter_first(&pins->regions, first, *last);
	inside = region && region->start <= first;
	if (region)
		*last = inside ? min(*last, region->last) : region->start - 1;
	up_read(&pins->regions_lock);
	return inside;
}

/* One region has them all. */
static bool covered(struct sev_pins *pins, unsigned long first, unsigned long last)
{
	struct interval_tree_node *region;

	region = interval_tree_iter_first(&pins->regions, first, last);
	return region && region->start <= first && region->last >= last;
}

static bool walk_tables(struct mm_struct *mm, unsigned long address, unsigned int *order)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, address));
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	*order = P4D_SHIFT - PAGE_SHIFT;
	if (!pgd_present(pgd))
		return false;
	p4d = READ_ONCE(*p4d_offset(&pgd, address));
	if (!p4d_present(p4d))
		return false;
	*order = PUD_SHIFT - PAGE_SHIFT;
	pud = READ_ONCE(*pud_offset(&p4d, address));
	if (!pud_present(pud) || pud_leaf(pud))
		return pud_present(pud);
	*order = PMD_SHIFT - PAGE_SHIFT;
	pmd = READ_ONCE(*pmd_offset(&pud, address));
	if (!pmd_present(pmd) || pmd_leaf(pmd))
		return pmd_present(pmd);
	*order = 0;
	return pte_present(READ_ONCE(*pte_offset_kernel(&pmd, address)));
}

bool sev_pins_mapped(struct mm_struct *mm, unsigned long index, unsigned int *order)
{
	unsigned long flags;
	bool mapped;

	/* As KVM does to find the level it may map: tables are not freed while interrupts are off.
	 */
	local_irq_save(flags);
	mapped = walk_tables(mm, index << PAGE_SHIFT, order);
	local_irq_restore(flags);
	return mapped;
}

/* ---- pins ---- */

/*
 * A long-term pin moves the page out of CMA and ZONE_MOVABLE first, which is why it must come
 * before KVM takes the page. For writing, because the zero page, or one shared with another
 * process, cannot become the guest's own; where the process may not write, as it is.
 */
static int get_pins(unsigned long first, unsigned long count, struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | FOLL_WRITE;
	unsigned long done = 0;
	int r;

	while (done < count) {
		r = pin_user_pages_fast((first + done) << PAGE_SHIFT, count - done, flags,
					pages + done);
		if (r == -EFAULT && flags & FOLL_WRITE) {
			flags &= ~FOLL_WRITE;
			continue;
		}
		if (r <= 0) {
			unpin_user_pages(pages, done);
			return r ? r : -EFAULT;
		}
		done += r;
	}
	return 0;
}

static void put_pins(struct page *page, unsigned long count)
{
	/* For a huge page, all at once. */
	unpin_user_page_range_dirty_lock(page, count, false);
}

static void release(struct sev_pins *pins, struct page *page, unsigned long count)
{
	put_pins(page, count);
	atomic_long_sub(count, &pins->pinned);
}

static void count_new(struct sev_pins *pins, unsigned long count)
{
	atomic_long_add(count, &pins->pinned);
	atomic_long_add(count, &pins->pinned_ever);
}

static int failed(struct sev_pins *pins, unsigned long index, int error)
{
	/* A process that is being killed is no failure. */
	if (fatal_signal_pending(current))
		return error;
	atomic_long_inc(&pins->failures);
	pr_warn_ratelimited("cannot pin guest memory at 0x%lx for process %d: error %d\n",
			    index << PAGE_SHIFT, task_tgid_nr(current), error);
	return error;
}

/* ---- records. All of these under the lock of their block. ---- */

/*
 * A block of which one page has become another is recorded page by page. Its pins are counted on
 * the huge page as a whole: any of them can be given back alone.
 */
static int split_block(struct sev_pins *pins, unsigned long block)
{
	unsigned long first = block << SEV_PIN_BLOCK_ORDER, i;
	struct page *page = xa_load(&pins->blocks, block);
	int r = 0;

	for (i = 0; i < SEV_PIN_BLOCK && !r; i++)
		r = xa_err(xa_store(&pins->pages, first + i, page + i, GFP_KERNEL_ACCOUNT));
	if (!r) {
		xa_erase(&pins->blocks, block);
		return 0;
	}
	while (i--)
		xa_erase(&pins->pages, first + i);
	return r;
}

/* Records a page with its pin. One that is recorded already has a pin; another was replaced. */
static int record_page(struct sev_pins *pins, unsigned long index, struct page *page)
{
	struct page *old = xa_load(&pins->blocks, index >> SEV_PIN_BLOCK_ORDER);
	int r = 0;

	if (old) {
		old += index & (SEV_PIN_BLOCK - 1);
		if (old != page)
			r = split_block(pins, index >> SEV_PIN_BLOCK_ORDER);
	} else {
		old = xa_load(&pins->pages, index);
	}
	if (!r && old != page)
		r = xa_err(xa_store(&pins->pages, index, page, GFP_KERNEL_ACCOUNT));
	if (r || old == page) {
		put_pins(page, 1);
		return r;
	}
	count_new(pins, 1);
	if (old)
		release(pins, old, 1);
	return 0;
}

static void drop_page(struct sev_pins *pins, unsigned long index)
{
	struct page *page = xa_erase(&pins->pages, index);

	if (page)
		release(pins, page, 1);
}

/* The same for the whole block; what was recorded of it page by page is given back. */
static int record_block(struct sev_pins *pins, unsigned long first, struct page *page)
{
	unsigned long block = first >> SEV_PIN_BLOCK_ORDER;
	struct page *old = xa_load(&pins->blocks, block), *small;
	unsigned long index;
	int r = 0;

	if (old != page)
		r = xa_err(xa_store(&pins->blocks, block, page, GFP_KERNEL_ACCOUNT));
	if (r || old == page) {
		put_pins(page, SEV_PIN_BLOCK);
		return r;
	}
	count_new(pins, SEV_PIN_BLOCK);
	if (old)
		release(pins, old, SEV_PIN_BLOCK);
	xa_for_each_range(&pins->pages, index, small, first, first + SEV_PIN_BLOCK - 1)
		drop_page(pins, index);
	return 0;
}

static bool is_block(struct page **pages, unsigned long count)
{
	unsigned long i;

	for (i = 1; i < count && pages[i] == pages[0] + i; i++)
		;
	return i == SEV_PIN_BLOCK;
}

/* Takes over the pins, also where it fails. */
static int record(struct sev_pins *pins, unsigned long first, unsigned long count,
		  struct page **pages)
{
	unsigned long i;
	int r = 0;

	if (is_block(pages, count))
		return record_block(pins, first, pages[0]);
	for (i = 0; i < count && !r; i++)
		r = record_page(pins, first + i, pages[i]);
	unpin_user_pages(pages + i, count - i);
	return r;
}

/* Records what is still registered: a region can go away while its pages are being pinned. */
static int record_registered(struct sev_pins *pins, unsigned long first, unsigned long count,
			     struct page **pages)
{
	int r;

	down_read(&pins->regions_lock);
	if (covered(pins, first, first + count - 1)) {
		mutex_lock(block_lock(pins, first));
		r = record(pins, first, count, pages);
		mutex_unlock(block_lock(pins, first));
	} else {
		unpin_user_pages(pages, count);
		r = 1;
	}
	up_read(&pins->regions_lock);
	return r;
}

/* ---- what the rest of kvm_amd asks for ---- */

/* Not under any lock while it pins: that may wait for reclaim, or for a userfaultfd. */
int sev_pins_add(struct sev_pins *pins, unsigned long first, unsigned long last)
{
	unsigned long count = last - first + 1;
	struct page **pages = kmalloc_array(count, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	int r = -ENOMEM;

	if (pages)
		r = get_pins(first, count, pages);
	if (!r)
		r = record_registered(pins, first, count, pages);
	kfree(pages);
	return r < 0 ? failed(pins, first, r) : r;
}

/* All of regions in what one entry of the host's page tables maps. */
static int pin_mapping(struct sev_pins *pins, unsigned long index, unsigned int order)
{
	unsigned long first = round_down(index, 1ul << order), end = first + (1ul << order), last;
	int r;

	for (; first < end; first = last + 1) {
		last = end - 1;
		r = sev_pins_run(pins, first, &last) ? sev_pins_add(pins, first, last) : 0;
		if (r)
			return r;
		cond_resched();
	}
	return 0;
}

static bool registered(struct sev_pins *pins, unsigned long index)
{
	bool found;

	down_read(&pins->regions_lock);
	if (!READ_ONCE(pins->ran))
		WRITE_ONCE(pins->ran, true);
	found = interval_tree_iter_first(&pins->regions, index, index);
	up_read(&pins->regions_lock);
	return found;
}

static bool in_block(struct sev_pins *pins, unsigned long index, struct page *page)
{
	struct page *first = xa_load(&pins->blocks, index >> SEV_PIN_BLOCK_ORDER);

	return first && first + (index & (SEV_PIN_BLOCK - 1)) == page;
}

int sev_pins_fault(struct sev_pins *pins, unsigned long index)
{
	unsigned int order;
	struct page *page;
	bool known;
	int r;

	if (!registered(pins, index))
		return 0;
	r = get_pins(index, 1, &page);
	if (r)
		return failed(pins, index, r);
	/*
	 * The page is there now, and with it the entry that maps it. KVM follows that entry's
	 * size. It cannot grow any more around a pinned page, except for a huge page that was
	 * mapped in pieces, which this one pin holds already; and KVM hears of that.
	 */
	if (sev_pins_mapped(pins->mm, index, &order) && order) {
		/* KVM maps a huge page in pieces where guest and host disagree on alignment. */
		known = order == SEV_PIN_BLOCK_ORDER && in_block(pins, index, page);
		put_pins(page, 1);
		return known ? 0 : pin_mapping(pins, index, order);
	}
	r = record_registered(pins, index, 1, &page);
	return r < 0 ? failed(pins, index, r) : r;
}

int sev_pins_keep(struct sev_pins *pins, unsigned long first, unsigned long last,
		  unsigned long *fresh)
{
	unsigned long i, count = last - first + 1;
	struct page **pages = kmalloc_array(count, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	int r = pages ? get_pins(first, count, pages) : -ENOMEM;

	*fresh = 0;
	if (r) {
		kfree(pages);
		return failed(pins, first, r);
	}
	mutex_lock(block_lock(pins, first));
	for (i = 0; i < count && !r; i++) {
		r = record_page(pins, first + i, pages[i]);
		if (r || xa_get_mark(&pins->pages, first + i, SEV_PIN_CHARGED))
			continue;
		xa_set_mark(&pins->pages, first + i, SEV_PIN_CHARGED);
		++*fresh;
	}
	mutex_unlock(block_lock(pins, first));
	unpin_user_pages(pages + i, count - i);
	kfree(pages);
	return r ? failed(pins, first, r) : 0;
}

unsigned long sev_pins_adopt(struct sev_pins *pins, unsigned long first, unsigned long last)
{
	unsigned long index = first, adopted = 0;
	void *page;

	for (page = xa_find(&pins->pages, &index, last, SEV_PIN_CHARGED); page;
	     page = xa_find_after(&pins->pages, &index, last, SEV_PIN_CHARGED)) {
		xa_clear_mark(&pins->pages, index, SEV_PIN_CHARGED);
		adopted++;
		cond_resched();
	}
	return adopted;
}

/* A block that other regions still have in part is unpinned in part. */
static void drop_block(struct sev_pins *pins, unsigned long block)
{
	unsigned long first = block << SEV_PIN_BLOCK_ORDER, last = first + SEV_PIN_BLOCK - 1;
	struct page *page = NULL;

	mutex_lock(block_lock(pins, first));
	if (!interval_tree_iter_first(&pins->regions, first, last))
		page = xa_erase(&pins->blocks, block);
	else if (!covered(pins, first, last))
		/* Without memory for that it stays pinned as a whole, until the guest ends. */
		split_block(pins, block);
	mutex_unlock(block_lock(pins, first));
	if (page)
		release(pins, page, SEV_PIN_BLOCK);
}

void sev_pins_drop(struct sev_pins *pins, unsigned long first, unsigned long last)
{
	unsigned long index;
	struct page *page;

	xa_for_each_range(&pins->blocks, index, page, first >> SEV_PIN_BLOCK_ORDER,
			  last >> SEV_PIN_BLOCK_ORDER) {
		drop_block(pins, index);
		cond_resched();
	}
	xa_for_each_range(&pins->pages, index, page, first, last) {
		if (!interval_tree_iter_first(&pins->regions, index, index))
			drop_page(pins, index);
		cond_resched();
	}
}

static void free_one(struct sev_pins *pins)
{
	struct interval_tree_node *region;
	unsigned long index;
	struct page *page;

	xa_for_each(&pins->blocks, index, page) {
		put_pins(page, SEV_PIN_BLOCK);
		cond_resched();
	}
	xa_for_each(&pins->pages, index, page) {
		put_pins(page, 1);
		cond_resched();
	}
	xa_destroy(&pins->blocks);
	xa_destroy(&pins->pages);
	while ((region = interval_tree_iter_first(&pins->regions, 0, ULONG_MAX))) {
		interval_tree_remove(region, &pins->regions);
		kfree(container_of(region, struct sev_pin_region, pages));
	}
	kfree(pins);
}

void sev_pins_free(struct sev_pins *pins)
{
	struct sev_pins *next;

	for (; pins; pins = next) {
		next = pins->inherited;
		free_one(pins);
	}
}
