// SPDX-License-Identifier: GPL-2.0-or-later
/* userfault: demand pinning in user space, on a stock kernel. */
#include "sevpinbench/userfault.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/sys.h"
#include "sevpinbench/thread.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h> /* the numbers of UFFDIO_*; the calls go through sys_ioctl() */
#include <linux/userfaultfd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define EVENTS_AT_ONCE 16

/* UFFDIO_COPY takes its zeros from here, so much at a time. */
#define ZEROS_BYTES (2 * UNITS_MIB)

/* One ioctl for each of the stretches that are ours: their faults come to us, or no more. */
static int each_stretch(const struct userfault *u, int (*ask)(int fd, struct uffdio_range stretch))
{
	const struct userfault_shares *s = u->shares;
	int r = 0;
	unsigned i;

	for (i = u->first; i < s->count && r == 0; i += s->handlers) {
		if (s->from[i] < s->from[i + 1])
			r = ask(u->fd, (struct uffdio_range){(uint64_t)(uintptr_t)u->memory->host +
								     s->from[i],
							     s->from[i + 1] - s->from[i]});
	}
	return r;
}

static int unregister(int fd, struct uffdio_range stretch)
{
	sys_ioctl(fd, UFFDIO_UNREGISTER, &stretch);
	return 0;
}

/*
 * Let every vCPU that waits for us run on unpinned rather than hang: the sample has failed, and
 * says so. Nothing may be registered yet; then userfault_start() sees that it failed.
 */
static void give_up(struct userfault *u)
{
	__atomic_store_n(&u->failed, true, __ATOMIC_RELEASE);
	if (u->on_failure)
		u->on_failure(u->on_failure_arg);
	pthread_mutex_lock(&u->lock);
	if (u->memory)
		each_stretch(u, unregister);
	pthread_mutex_unlock(&u->lock);
}

static int serve_events(struct userfault *u)
{
	struct uffd_msg event[EVENTS_AT_ONCE];
	ssize_t n = sys_read(u->fd, event, sizeof(event));
	uint64_t start = clock_now_ns();
	size_t i;

	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < (ssize_t)sizeof(event[0]))
		return fault_set(&u->failure, n < 0 ? (int)-n : EIO, "read", "userfaultfd");
	for (i = 0; i < (size_t)n / sizeof(event[0]); i++) {
		uint64_t offset;
		int r;

		if (event[i].event != UFFD_EVENT_PAGEFAULT)
			continue;
		offset = event[i].arg.pagefault.address - (uint64_t)(uintptr_t)u->memory->host;
		r = userfault_serve(u, offset / u->ledger->chunk_bytes, &u->failure);
		if (r < 0)
			return r;
		histogram_add(&u->times, clock_now_ns() - start);
	}
	return 0;
}

/*
 * Waits on an epoll set, to which userfault_start() adds the userfaultfd: that wakes nobody, where
 * letting a parked thread go would cost the start an interrupt to another CPU.
 */
static void *handler(void *arg)
{
	struct userfault *u = arg;
	struct epoll_event event;
	int n;

	for (;;) {
		n = epoll_wait(u->wait_fd, &event, 1, -1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && event.data.fd == u->stop_fd)
			break;
		if (n < 1)
			fault_set(&u->failure, n < 0 ? errno : EIO, "epoll_wait", "fault handler");
		if (n < 1 || serve_events(u) < 0) {
			give_up(u);
			break;
		}
	}
	return NULL;
}

static int watch(const struct userfault *u, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(u->wait_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* The thread and what it waits on. */
static int make_handler(struct userfault *u, struct fault *f)
{
	int r;

	u->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	if (u->wait_fd < 0)
		return fault_set(f, errno, "epoll_create1", "fault handler");
	u->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->stop_fd < 0)
		return fault_set(f, errno, "eventfd", "fault handler");
	r = watch(u, u->stop_fd);
	if (r < 0)
		return fault_set(f, -r, "epoll_ctl", "fault handler");
	r = thread_start(&u->thread, u->cpu, 0, handler, u);
	return r < 0 ? fault_set(f, -r, "pthread_create", "fault handler") : 0;
}

int userfault_open(struct userfault *u, const struct userfault_config *c, struct fault *f)
{
	int r;

	*u = (struct userfault){.fd = -1,
				.stop_fd = -1,
				.wait_fd = -1,
				.cpu = c->cpu,
				.shares = c->shares,
				.first = c->first,
				.ops = c->ops,
				.ops_state = c->ops_state,
				.ledger = c->ledger,
				.zeros_bytes = c->ledger->chunk_bytes < ZEROS_BYTES
						       ? c->ledger->chunk_bytes
						       : ZEROS_BYTES,
				.on_failure = c->on_failure,
				.on_failure_arg = c->on_failure_arg};
	pthread_mutex_init(&u->lock, NULL);
	histogram_reset(&u->times);
	/* Populated now: the first copy must not find its source absent. */
	r = sys_mmap(&u->zeros, u->zeros_bytes, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (r < 0)
		return fault_set(f, -r, "mmap", "zeros for a chunk");
	r = make_handler(u, f);
	if (r < 0) {
		userfault_close(u);
		return r;
	}
	u->opened = true;
	return 0;
}

static int open_fd(bool with_alias, struct fault *f)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = with_alias ? UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_MINOR_HUGETLBFS |
						 UFFD_FEATURE_MISSING_SHMEM |
						 UFFD_FEATURE_MISSING_HUGETLBFS
				       : 0,
	};
	int fd = sys_userfaultfd(O_NONBLOCK);
	int r;

	if (fd < 0) {
		fault_set(f, -fd, "userfaultfd", "for faults of the kernel");
		if (fd == -EPERM || fd == -EACCES)
			fault_hint(f,
				   "needs CAP_SYS_PTRACE, or sysctl vm.unprivileged_userfaultfd=1, "
				   "or permission on /dev/userfaultfd (Linux 6.1 and newer)");
		else if (fd == -ENOSYS)
			fault_hint(f,
				   "this kernel has no userfaultfd, or a seccomp profile hides it");
		return fd;
	}
	r = sys_ioctl(fd, UFFDIO_API, &api);
	if (r == 0)
		return fd;
	sys_close(&fd);
	fault_set(f, -r, "ioctl(UFFDIO_API)", "features %#llx", (unsigned long long)api.features);
	if (with_alias)
		fault_hint(f,
			   "minor faults on file memory need Linux 5.14 or newer; --backing anon "
			   "does without");
	return r;
}

static int register_missing(int fd, struct uffdio_range stretch)
{
	struct uffdio_register reg = {.range = stretch, .mode = UFFDIO_REGISTER_MODE_MISSING};

	return sys_ioctl(fd, UFFDIO_REGISTER, &reg);
}

static int register_file(int fd, struct uffdio_range stretch)
{
	struct uffdio_register reg = {
		.range = stretch,
		.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR,
	};

	return sys_ioctl(fd, UFFDIO_REGISTER, &reg);
}

/* Register the memory and have the handler watch its faults; it may have failed by now. */
static int register_memory(struct userfault *u, const struct guest_memory *m, struct fault *f)
{
	int r;

	u->memory = m;
	r = each_stretch(u, m->alias ? register_file : register_missing);
	if (r < 0)
		return fault_set(f, -r, "ioctl(UFFDIO_REGISTER)", "guest memory");
	r = watch(u, u->fd);
	if (r < 0)
		return fault_set(f, -r, "epoll_ctl", "userfaultfd");
	return userfault_failure(u, f);
}

int userfault_start(struct userfault *u, const struct guest_memory *m, struct fault *f)
{
	int r = open_fd(m->alias != NULL, f);

	if (r < 0)
		return r;
	pthread_mutex_lock(&u->lock);
	u->fd = r;
	r = register_memory(u, m, f);
	if (r < 0) {
		u->memory = NULL;
		sys_close(&u->fd); /* and with it what is registered ends */
	}
	pthread_mutex_unlock(&u->lock);
	return r;
}

int userfault_failure(const struct userfault *u, struct fault *f)
{
	if (!__atomic_load_n(&u->failed, __ATOMIC_ACQUIRE))
		return 0;
	*f = u->failure;
	return f->err ? -f->err : -EIO;
}

void userfault_settle(struct userfault *u)
{
	/* A page that was touched was copied, and that is done with the lock held until the pin. */
	pthread_mutex_lock(&u->lock);
	pthread_mutex_unlock(&u->lock);
}

/*
 * Whatever fails here, the handler must hear of it, or it is waited for without end: an eventfd
 * that nothing was written to cannot be read, but it can be written to, and that can be waited for,
 * too.
 */
static void wake_handler(const struct userfault *u)
{
	struct epoll_event writable = {.events = EPOLLIN | EPOLLOUT, .data.fd = u->stop_fd};
	const uint64_t one = 1;

	if (sys_write(u->stop_fd, &one, sizeof(one)) < 0)
		epoll_ctl(u->wait_fd, EPOLL_CTL_MOD, u->stop_fd, &writable);
}

void userfault_stop(struct userfault *u)
{
	if (!u->opened)
		return;
	wake_handler(u);
	pthread_join(u->thread, NULL);
	u->opened = false;
	sys_close(&u->fd);
}

void userfault_close(struct userfault *u)
{
	if (u->zeros_bytes == 0) /* zeroed: never opened */
		return;
	userfault_stop(u);
	sys_close(&u->stop_fd);
	sys_close(&u->wait_fd);
	sys_munmap(&u->zeros, u->zeros_bytes);
	pthread_mutex_destroy(&u->lock);
	u->zeros_bytes = 0;
}

int userfault_probe(bool with_alias, struct fault *f)
{
	int fd = open_fd(with_alias, f);

	if (fd < 0)
		return fd;
	sys_close(&fd);
	return 0;
}
