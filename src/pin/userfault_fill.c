// SPDX-License-Identifier: GPL-2.0-or-later
/* userfault_fill: one chunk is made present and pinned, and whoever waits for it goes on. */
#include "sevpinbench/sys.h"
#include "sevpinbench/userfault.h"
#include <errno.h>
#include <linux/ioctl.h> /* the numbers of UFFDIO_*; the calls go through sys_ioctl() */
#include <linux/userfaultfd.h>
#include <sys/mman.h>

static unsigned char *host_of(const struct userfault *u, uint64_t chunk)
{
	return u->memory->host + chunk * u->ledger->chunk_bytes;
}

static int uffd_ioctl(const struct userfault *u, unsigned long request, const char *name, void *arg,
		      uint64_t chunk, struct fault *f)
{
	int r = sys_ioctl(u->fd, request, arg);

	if (r < 0)
		fault_set(f, -r, name, "chunk %llu", (unsigned long long)chunk);
	return r;
}

/* Anonymous memory: put zeroed pages there, without waking the vCPU that waits. */
static int fill_by_copy(struct userfault *u, uint64_t chunk, uint64_t bytes, struct fault *f)
{
	uint64_t done = 0;
	int r = 0;

	while (done < bytes && r == 0) {
		struct uffdio_copy copy = {
			.dst = (uint64_t)(uintptr_t)host_of(u, chunk) + done,
			.src = (uint64_t)(uintptr_t)u->zeros,
			.len = bytes - done < u->zeros_bytes ? bytes - done : u->zeros_bytes,
			.mode = UFFDIO_COPY_MODE_DONTWAKE,
		};

		r = sys_ioctl(u->fd, UFFDIO_COPY, &copy);
		if (copy.copy > 0)
			done += (uint64_t)copy.copy;
		if (r == -EAGAIN)
			r = 0; /* the address space changed meanwhile: go on with the rest */
	}
	if (r < 0) {
		fault_set(f, -r, "ioctl(UFFDIO_COPY)", "chunk %llu", (unsigned long long)chunk);
		if (r == -ENOMEM || r == -ENOSPC)
			fault_hint(f, "no memory for the guest: a memory limit, or an empty huge "
				      "page pool");
	}
	return r;
}

static int wake(struct userfault *u, uint64_t chunk, uint64_t bytes, struct fault *f)
{
	struct uffdio_range range = {(uint64_t)(uintptr_t)host_of(u, chunk), bytes};

	return uffd_ioctl(u, UFFDIO_WAKE, "ioctl(UFFDIO_WAKE)", &range, chunk, f);
}

static int pin_anonymous(struct userfault *u, uint64_t chunk, uint64_t bytes, struct fault *f)
{
	int r = fill_by_copy(u, chunk, bytes, f);

	return r < 0 ? r : u->ops->add(u->ops_state, host_of(u, chunk), bytes, f);
}

/* File memory: allocate and pin through the alias, then show it to the guest, which goes on by
 * that. */
static int pin_file(struct userfault *u, uint64_t chunk, uint64_t bytes, struct fault *f)
{
	unsigned char *alias = u->memory->alias + chunk * u->ledger->chunk_bytes;
	uint64_t done = 0;
	int r = sys_madvise(alias, bytes, MADV_POPULATE_WRITE);

	if (r < 0)
		return fault_set(f, -r, "madvise(MADV_POPULATE_WRITE)", "chunk %llu",
				 (unsigned long long)chunk);
	r = u->ops->add(u->ops_state, alias, bytes, f);
	while (r == 0 && done < bytes) {
		struct uffdio_continue show = {
			.range = {(uint64_t)(uintptr_t)host_of(u, chunk) + done, bytes - done},
		};

		r = sys_ioctl(u->fd, UFFDIO_CONTINUE, &show);
		if (show.mapped > 0)
			done += (uint64_t)show.mapped;
		if (r == -EAGAIN)
			r = 0;
		else if (r < 0)
			fault_set(f, -r, "ioctl(UFFDIO_CONTINUE)", "chunk %llu",
				  (unsigned long long)chunk);
	}
	return r;
}

int userfault_serve(struct userfault *u, uint64_t chunk, struct fault *f)
{
	uint64_t bytes = ledger_chunk_bytes(u->ledger, chunk);
	bool woken = false;
	int r = 0;

	pthread_mutex_lock(&u->lock);
	if (!ledger_has(u->ledger, chunk)) {
		woken = u->memory->alias != NULL;
		r = woken ? pin_file(u, chunk, bytes, f) : pin_anonymous(u, chunk, bytes, f);
		if (r == 0)
			ledger_add(u->ledger, chunk);
	}
	pthread_mutex_unlock(&u->lock);
	return r < 0 || woken ? r : wake(u, chunk, bytes, f);
}

int userfault_touch(struct userfault *u, uint64_t chunk, struct fault *f)
{
	bool there;

	pthread_mutex_lock(&u->lock);
	there = ledger_has(u->ledger, chunk); /* and so has been shown to who waited for it */
	pthread_mutex_unlock(&u->lock);
	return there ? 0 : userfault_serve(u, chunk, f);
}
