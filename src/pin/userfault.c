// SPDX-License-Identifier: GPL-2.0-or-later
/* userfault: demand pinning in user space, on a stock kernel. */
#include "sevpinbench/userfault.h"

#include "sevpinbench/clock.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h> /* the numbers of UFFDIO_*; the calls go through sys_ioctl() */
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define EVENTS_AT_ONCE 16

/* UFFDIO_COPY takes its zeros from here, so much at a time. */
#define ZEROS_BYTES (2 * UNITS_MIB)

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

/* File memory: allocate and pin through the alias, then show it to the guest. */
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
			.mode = UFFDIO_CONTINUE_MODE_DONTWAKE,
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

/* Make one chunk present and pinned, once, and let whoever waits for it go on. */
static int serve(struct userfault *u, uint64_t chunk, struct fault *f)
{
	uint64_t bytes = ledger_chunk_bytes(u->ledger, chunk);
	int r = 0;

	pthread_mutex_lock(&u->lock);
	if (!ledger_has(u->ledger, chunk)) {
		r = u->memory->alias ? pin_file(u, chunk, bytes, f)
				     : pin_anonymous(u, chunk, bytes, f);
		if (r == 0)
			ledger_add(u->ledger, chunk);
	}
	pthread_mutex_unlock(&u->lock);
	return r < 0 ? r : wake(u, chunk, bytes, f);
}

/*
 * Let every vCPU run on unpinned rather than hang: the sample has failed, and says so. Nothing may
 * be registered yet; then userfault_start() sees that it failed.
 */
static void give_up(struct userfault *u)
{
	struct uffdio_range all;

	__atomic_store_n(&u->failed, true, __ATOMIC_RELEASE);
	if (u->on_failure)
		u->on_failure(u->on_failure_arg);
	pthread_mutex_lock(&u->lock);
	if (u->memory) {
		all.start = (uint64_t)(uintptr_t)u->memory->host;
		all.len = u->memory->bytes;
		sys_ioctl(u->fd, UFFDIO_UNREGISTER, &all);
	}
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
		r = serve(u, offset / u->ledger->chunk_bytes, &u->failure);
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

/* The thread takes no signals: they are for the one that runs vCPU 0. */
static int make_thread(struct userfault *u)
{
	sigset_t all, old;
	cpu_set_t cpus;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&u->thread, NULL, handler, u);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err == 0 && u->cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(u->cpu, &cpus);
		pthread_setaffinity_np(u->thread, sizeof(cpus), &cpus);
	}
	return err;
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
	r = make_thread(u);
	return r ? fault_set(f, r, "pthread_create", "fault handler") : 0;
}

int userfault_open(struct userfault *u, const struct userfault_config *c, struct fault *f)
{
	int r;

	*u = (struct userfault){.fd = -1,
				.stop_fd = -1,
				.wait_fd = -1,
				.cpu = c->cpu,
				.ops = c->ops,
				.ops_state = c->ops_state,
				.ledger = c->ledger,
				.zeros_bytes =
					c->chunk_bytes < ZEROS_BYTES ? c->chunk_bytes : ZEROS_BYTES,
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

/* Register the memory and have the handler watch its faults; it may have failed by now. */
static int register_memory(struct userfault *u, const struct guest_memory *m, struct fault *f)
{
	struct uffdio_register reg = {
		.range = {(uint64_t)(uintptr_t)m->host, m->bytes},
		.mode = UFFDIO_REGISTER_MODE_MISSING | (m->alias ? UFFDIO_REGISTER_MODE_MINOR : 0),
	};
	int r = sys_ioctl(u->fd, UFFDIO_REGISTER, &reg);

	if (r < 0)
		return fault_set(f, -r, "ioctl(UFFDIO_REGISTER)", "guest memory");
	u->memory = m;
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

int userfault_touch(struct userfault *u, uint64_t offset, uint64_t bytes, struct fault *f)
{
	uint64_t chunk = offset / u->ledger->chunk_bytes;
	uint64_t last = (offset + bytes - 1) / u->ledger->chunk_bytes;
	int r = 0;

	for (; chunk <= last && r == 0; chunk++)
		r = serve(u, chunk, f);
	return r;
}

void userfault_settle(struct userfault *u)
{
	/* A page that was touched was copied, and that is done with the lock held until the pin. */
	pthread_mutex_lock(&u->lock);
	pthread_mutex_unlock(&u->lock);
}

void userfault_stop(struct userfault *u)
{
	const uint64_t one = 1;

	if (!u->opened)
		return;
	sys_write(u->stop_fd, &one, sizeof(one));
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
