// SPDX-License-Identifier: GPL-2.0-or-later
/* audit_pages: is it the guest's own pages that are pinned, for the long term, and do they stay? */
#include "context.h"

#include "sevpinbench/boot.h"
#include "sevpinbench/guest_memory.h"
#include "sevpinbench/pin.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAILBOX_PAGES (BOOT_MAILBOX_BYTES / UNITS_PAGE_BYTES)

/* Of this program itself: stacks, buffers of the C library. */
#define RESIDENT_SLACK_PAGES 64

#define GUP   "Documentation/core-api/pin_user_pages.rst: FOLL_PIN, FOLL_LONGTERM"
#define LWSEV "Documentation/virt/kvm/x86/amd-memory-encryption.rst; AMD APM vol. 2, 15.34.6"

/* ---- own pages ---- */

struct owned {
	uint64_t pages, missing, zero, shared, moved; /* of those that should be pinned */
};

/*
 * Pages that should be pinned from the moment on: are they there, not the shared page of zeros,
 * nobody else's, and still the same at the end? Files have a second mapping: theirs are not asked
 * the third.
 */
static struct owned count_owned(const struct cell *cell, const struct story *s, enum moment from)
{
	const struct host_page *first = s->page[from], *last = s->page[MOMENT_TOUCHED];
	struct owned o = {0};

	for (uint64_t i = 0; i < s->pages; i++) {
		if (expect_page(cell, s, from, i) != EXPECT_PINNED)
			continue;
		o.pages++;
		o.missing += first[i].frame == 0;
		o.zero += first[i].zero;
		o.shared +=
			first[i].shared && !first[i].zero && !guest_memory_is_file(cell->backing);
		o.moved += first[i].frame && first[i].frame != last[i].frame;
	}
	return o;
}

/* Demand pins are made at the touch: from then on a page must be its guest's. */
static enum moment first_pinned(const struct cell *cell)
{
	return cell->pin == PIN_MODE_EAGER ? MOMENT_REGISTERED : MOMENT_TOUCHED;
}

static void judge_owned(struct audit_context *c, struct audit_result *r, enum story_name name)
{
	const struct story *s;
	struct owned o;

	if (c->cell.pin == PIN_MODE_NONE) {
		audit_skip(r, "pin mode none pins nothing");
		return;
	}
	if (name != STORY_ASKED && pin_has_chunks(c->cell.mechanism)) {
		audit_skip(r, "userfault: what the guest must find missing cannot have been used");
		return;
	}
	s = context_seen_story(c, name, r);
	if (!s)
		return;
	o = count_owned(&c->cell, s, first_pinned(&c->cell));
	audit_expect(
		r,
		"%llu pages to be pinned: all there, none the page of zeros, none shared, none "
		"elsewhere at the end",
		(unsigned long long)o.pages);
	audit_judge(r, o.missing == 0 && o.zero == 0 && o.shared == 0 && o.moved == 0,
		    consequence_not_pinned,
		    "of %llu pages %llu not there, %llu the page of zeros, %llu shared, %llu "
		    "elsewhere at "
		    "the end",
		    (unsigned long long)o.pages, (unsigned long long)o.missing,
		    (unsigned long long)o.zero, (unsigned long long)o.shared,
		    (unsigned long long)o.moved);
}

static void test_own(struct audit_context *c, struct audit_result *r)
{
	judge_owned(c, r, STORY_ASKED);
}

static void test_own_read(struct audit_context *c, struct audit_result *r)
{
	judge_owned(c, r, STORY_READ);
}

static void test_own_written(struct audit_context *c, struct audit_result *r)
{
	judge_owned(c, r, STORY_WRITTEN);
}

/*
 * In the guest's mapping and in others, such as a second one of the same memory. It is not the
 * guest's doing where those others fell.
 */
static int64_t resident_rise(const struct story *s)
{
	int64_t elsewhere = s->resident.elsewhere_pages - s->resident_before.elsewhere_pages;

	return s->resident.here_pages - s->resident_before.here_pages +
	       (elsewhere > 0 ? elsewhere : 0);
}

/*
 * By the kernel's count of memory, which has nothing to do with page frames. What is pinned must be
 * there; what is there must be the guest's, but for some pages of this program's own. A second
 * mapping is counted once more.
 */
static void test_resident(struct audit_context *c, struct audit_result *r)
{
	const struct story *s = context_seen_story(c, STORY_ASKED, r);
	bool twice = pin_has_chunks(c->cell.mechanism) && guest_memory_is_file(c->cell.backing);
	int64_t least, most = 0, rise;

	if (!s)
		return;
	for (uint64_t i = 0; i < s->pages; i++) {
		const struct host_page *page = &s->page[MOMENT_TOUCHED][i];

		most += page->frame && !page->zero;
	}
	least = expect_pages(&c->cell, s, MOMENT_TOUCHED).least;
	rise = resident_rise(s);
	audit_expect(r, "%lld pages to be pinned are resident; %lld of the guest's pages are there",
		     (long long)least, (long long)most);
	if (s->resident.here_pages < 0 || s->resident_before.here_pages < 0)
		audit_unseen(r, -EACCES, "/proc/self/smaps");
	else if (rise + RESIDENT_SLACK_PAGES < least)
		audit_fail(r, consequence_not_pinned, "resident: %lld pages more than before",
			   (long long)rise);
	else
		audit_judge(r,
			    rise <= most + (twice ? (int64_t)s->pages : 0) + RESIDENT_SLACK_PAGES,
			    "the host spends more memory on a guest than the guest has",
			    "resident: %lld pages more than before", (long long)rise);
}

/* ---- long-term ---- */

struct copies {
	uint64_t pages, copied; /* of those that both parent and child had */
};

static struct copies count_copies(const struct cell *cell, const struct story *s,
				  enum expectation e, uint64_t from, uint64_t to)
{
	const struct host_page *here = s->page[MOMENT_TOUCHED];
	struct copies n = {0};

	for (uint64_t i = from; i < to; i++) {
		if (!here[i].frame || !s->child[i].frame ||
		    expect_page(cell, s, MOMENT_TOUCHED, i) != e)
			continue;
		n.pages++;
		n.copied += here[i].frame != s->child[i].frame;
	}
	return n;
}

static void test_long_term(struct audit_context *c, struct audit_result *r)
{
	struct copies pinned, others;
	const struct story *s;

	if (!context_is_private(c)) {
		audit_skip(r, "shared memory: fork(2) copies none of it, pinned or not");
		return;
	}
	s = context_seen_story(c, STORY_ASKED, r);
	if (!s)
		return;
	pinned = count_copies(&c->cell, s, EXPECT_PINNED, 0, s->pages);
	others = count_copies(&c->cell, s, EXPECT_FREE, 0, s->pages);
	audit_expect(r, "fork(2) copies %llu of %llu pages to be pinned, and 0 of %llu others",
		     (unsigned long long)pinned.pages, (unsigned long long)pinned.pages,
		     (unsigned long long)others.pages);
	audit_judge(r, pinned.copied == pinned.pages && others.copied == 0,
		    pinned.copied < pinned.pages ? consequence_not_pinned : consequence_too_much,
		    "copied: %llu of %llu pages to be pinned, %llu of %llu others",
		    (unsigned long long)pinned.copied, (unsigned long long)pinned.pages,
		    (unsigned long long)others.copied, (unsigned long long)others.pages);
}

/*
 * fork(2) tells pins from all else. Where there is no pin, there may still be a reference, which
 * keeps pages where they are for now: then small pages cannot be put together to a huge one.
 */
static void test_held(struct audit_context *c, struct audit_result *r)
{
	const struct story_probes *p;
	const struct story *s;

	if (!context_is_private(c)) {
		audit_skip(r,
			   "shared memory: its pages have a reference of the file, pinned or not");
		return;
	}
	s = context_seen_story(c, STORY_ASKED, r);
	if (!s)
		return;
	p = &s->probes;
	audit_expect(r, "0 of %llu blocks of 512 pages to be pinned can be made a huge page",
		     (unsigned long long)p->collapsed.tried);
	if (p->collapsed.tried == 0)
		audit_info(
			r,
			"no 512 small pages in a row are to be pinned: a reference cannot be told "
			"from no hold at all");
	else if (p->collapse_err || p->control_collapsed.moved == 0)
		audit_info(
			r,
			"this kernel makes no huge page of ours either (%s): a reference cannot be "
			"told from no hold at all",
			p->collapse_err ? strerror(-p->collapse_err) : "held");
	else
		audit_judge(
			r, p->collapsed.moved == 0,
			"nothing holds the guest's memory, not even a reference: the host moves it "
			"whenever it likes",
			"made a huge page: %llu of %llu blocks to be pinned, and our own",
			(unsigned long long)p->collapsed.moved,
			(unsigned long long)p->collapsed.tried);
}

/* ---- launch ---- */

static void test_launch(struct audit_context *c, struct audit_result *r)
{
	uint64_t pages, moved = 0;
	const struct story *s;
	struct copies held = {0};

	if (c->cell.guest_type == GUEST_TYPE_VM) {
		audit_skip(r, "a vm guest's memory is not encrypted at launch");
		return;
	}
	s = context_seen_story(c, STORY_ASKED, r);
	if (!s)
		return;
	pages = s->boot_pages - MAILBOX_PAGES;
	for (uint64_t i = MAILBOX_PAGES; i < s->boot_pages; i++)
		moved += s->page[MOMENT_LAUNCHED][i].frame != s->page[MOMENT_TOUCHED][i].frame;
	if (c->cell.pin != PIN_MODE_NONE && context_is_private(c))
		held = count_copies(&c->cell, s, EXPECT_PINNED, MAILBOX_PAGES, s->boot_pages);
	audit_expect(r, "of %llu encrypted pages none elsewhere at the end, %llu of %llu pinned",
		     (unsigned long long)pages, (unsigned long long)held.pages,
		     (unsigned long long)held.pages);
	if (c->cell.pin == PIN_MODE_NONE && moved == 0)
		audit_info(r, "none moved; nothing but luck keeps them there: pin mode none");
	else
		audit_judge(
			r, moved == 0 && held.copied == held.pages, consequence_not_pinned,
			"of %llu encrypted pages %llu elsewhere at the end, %llu of %llu pinned",
			(unsigned long long)pages, (unsigned long long)moved,
			(unsigned long long)held.copied, (unsigned long long)held.pages);
}

static void test_huge(struct audit_context *c, struct audit_result *r)
{
	uint64_t before = 0, after = 0;
	const struct story *s;
	char pins[32];

	if (c->cell.backing == BACKING_ANON || c->cell.backing == BACKING_MEMFD) {
		audit_skip(r, "backing %s has small pages; --backing thp, hugetlb-2M or hugetlb-1G",
			   words_text(&words_backing, c->cell.backing));
		return;
	}
	s = context_seen_story(c, STORY_WRITTEN, r);
	if (!s)
		return;
	for (uint64_t i = 0; i < s->pages; i++) {
		before += s->page[MOMENT_BEFORE][i].huge;
		after += s->page[MOMENT_TOUCHED][i].huge;
	}
	snprintf(pins, sizeof(pins), "%lld",
		 (long long)story_rise(s, PIN_BOUNDARY_AFTER_TOUCH, false));
	audit_expect(r, "%llu pages in huge pages before and after", (unsigned long long)before);
	if (before == 0)
		audit_info(r, "the kernel made no huge pages for this guest");
	else
		audit_judge(
			r, after >= before,
			"pinning broke huge pages up: more faults, more TLB misses, for as long "
			"as the guest lives",
			"%llu pages in huge pages before, %llu at the end; %s pins by the "
			"host's count",
			(unsigned long long)before, (unsigned long long)after, pins);
}

static const struct audit_test tests[] = {
	{"own-pages",
	 "what is pinned are the guest's pages: there when pinned, not the page of zeros, and the "
	 "same to the end",
	 GUP, test_own},
	{"own-pages-read",
	 "memory that the host has only read before it is registered is pinned as the guest's own "
	 "pages, too",
	 GUP, test_own_read},
	{"own-pages-written",
	 "memory that the host has written before it is registered is pinned as the guest's own "
	 "pages, too",
	 GUP, test_own_written},
	{"own-pages-resident",
	 "this process has become resident in what is pinned, and in no more than the guest's "
	 "pages",
	 "Documentation/filesystems/proc.rst: Rss", test_resident},
	{"long-term",
	 "pins are pins (FOLL_PIN), not plain references: fork(2) copies the pages that should be "
	 "pinned, and no others",
	 GUP, test_long_term},
	{"long-term-held",
	 "pages that should be pinned are held at least by a reference: MADV_COLLAPSE cannot make "
	 "huge "
	 "pages of them",
	 "madvise(2): MADV_COLLAPSE; mm/khugepaged.c: is_refcount_suitable()", test_held},
	{"launch-pages",
	 "pages that were encrypted at launch stay where they are from then on, pinned in every "
	 "mode",
	 LWSEV, test_launch},
	{"huge", "registering and running a guest leaves its huge pages whole",
	 "Documentation/admin-guide/mm/transhuge.rst", test_huge},
};

const struct audit_subject audit_pages = {"pages", tests, LENGTH(tests)};
