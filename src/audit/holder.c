// SPDX-License-Identifier: GPL-2.0-or-later
/* holder: guests that are held rather than run to their end. */
#include "holder.h"

#include "sevpinbench/sev.h"
#include "sevpinbench/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_TRIES   40
#define SETTLE_STEP_NS 50000000L

/* There are no vCPUs to be brought out. */
static void on_failure(void *arg)
{
	(void)arg;
}

static int make_vm(struct holder *h, struct audit_context *c, struct fault *f)
{
	enum pin_mode mode =
		c->cell.mechanism == PIN_MECHANISM_KVM_DEMAND ? PIN_MODE_DEMAND : PIN_MODE_EAGER;
	int r = vm_open(&h->vm, f);

	if (r < 0 || c->cell.guest_type == GUEST_TYPE_VM)
		return r < 0 ? r : vm_create(&h->vm, f);
	r = kernel_pinning_set(c->pinning, mode, f);
	if (r == 0)
		r = vm_create_sev(
			&h->vm, c->cell.guest_type == GUEST_TYPE_SEV_ES ? VM_TYPE_ES : VM_TYPE_SEV,
			f);
	if (r == 0) {
		h->sev_fd = sev_open(f);
		r = h->sev_fd < 0 ? h->sev_fd : sev_init(&h->vm, h->sev_fd, f);
	}
	return r;
}

int holder_open(struct holder *h, struct audit_context *c, struct fault *f)
{
	const struct cell *cell = &c->cell;
	bool chunks = pin_has_chunks(cell->mechanism);
	const struct pin_config pin = {.guest_type = cell->guest_type,
				       .mechanism = cell->mechanism,
				       .guest_bytes = cell->guest_bytes,
				       .chunk_bytes = cell->chunk_bytes,
				       .on_failure = on_failure};
	int r;

	*h = (struct holder){.vm = VM_CLOSED, .sev_fd = -1, .memory = GUEST_MEMORY_CLOSED};
	r = make_vm(h, c, f);
	if (r == 0)
		r = guest_memory_open(&h->memory, cell->backing, cell->guest_bytes, -1,
				      chunks && guest_memory_is_file(cell->backing), f);
	if (r == 0 && !chunks)
		r = guest_memory_prefault(&h->memory, NULL, f);
	if (r == 0)
		r = pin_open(&h->pin, &pin, f);
	if (r < 0)
		holder_close(h);
	return r;
}

int holder_pin(struct holder *h, struct fault *f)
{
	int r = pin_start(&h->pin, &h->memory, &h->vm, f);

	return r < 0 ? r : pin_before_host_write(&h->pin, 0, h->memory.bytes, f);
}

void holder_close(struct holder *h)
{
	pin_close(&h->pin);
	vm_close(&h->vm);
	sys_close(&h->sev_fd);
	guest_memory_close(&h->memory);
}

/* ---- hostages ---- */

struct ransom {
	int tell;
	bool then_exec;
};

static void hold_or_exec(void *arg, enum phase done, const struct launch_view *v)
{
	const struct ransom *r = arg;

	(void)v;
	if (done != PHASE_TOUCH)
		return;
	if (r->then_exec)
		execlp("cat", "cat", (char *)NULL); /* and the descriptor to tell by is closed */
	else
		sys_write(r->tell, "", 1);
	while (!r->then_exec)
		pause();
}

/* In the child. Ends only where the guest did not get so far, or there is no cat(1). */
static void live_as_hostage(struct audit_context *c, int tell, bool then_exec)
{
	struct ransom ransom = {tell, then_exec};
	const struct launch_options options = {
		.pinning = c->pinning, .pause = hold_or_exec, .pause_arg = &ransom};
	struct launch l = {0};
	struct sample_room room;

	/* Whoever is killed takes the hostage along: nobody else would end it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (launch_open(&l, &options, NULL) == 0)
		launch_run(&l, &c->cell, 0, &room);
	sys_write(tell, "failed", 6);
	_exit(1);
}

/* A pipe whose ends are both closed by exec(2). 0 or -errno. */
static int make_pipe(int *end)
{
	return pipe2(end, O_CLOEXEC) < 0 ? -errno : 0;
}

int hostage_take(struct hostage *h, struct audit_context *c, bool then_exec)
{
	int told[2] = {-1, -1}, input[2] = {-1, -1}, r = make_pipe(told);
	char said[8];
	ssize_t n;

	*h = (struct hostage){.pid = -1, .told = -1, .input = -1};
	if (r == 0)
		r = make_pipe(input);
	if (r == 0) {
		h->pid = fork();
		r = h->pid < 0 ? -errno : 0;
	}
	if (h->pid == 0) {
		dup2(input[0], STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		sys_close(&told[0]);
		sys_close(&input[1]);
		live_as_hostage(c, told[1], then_exec);
	}
	h->told = told[0];
	h->input = input[1];
	sys_close(&told[1]);
	sys_close(&input[0]);
	/* One byte: held. The end of the pipe: executed. More: failed. */
	do
		n = r < 0 ? r : sys_read(h->told, said, sizeof(said));
	while (n == -EINTR);
	if (r == 0 && n != (then_exec ? 0 : 1))
		r = n < 0 ? (int)n : -ECHILD;
	if (r < 0)
		hostage_end(h);
	return r;
}

void hostage_end(struct hostage *h)
{
	sys_close(&h->input);
	if (h->pid > 0) {
		kill(h->pid, SIGKILL);
		waitpid(h->pid, NULL, 0);
	}
	sys_close(&h->told);
	h->pid = -1;
}

int64_t settled_pages(struct audit_context *c, int64_t wanted)
{
	const struct timespec step = {.tv_nsec = SETTLE_STEP_NS};
	int64_t now = pin_counters_host_pages(&c->launch.counters);

	for (int i = 0; i < SETTLE_TRIES && now >= 0 && now != wanted; i++) {
		nanosleep(&step, NULL);
		now = pin_counters_host_pages(&c->launch.counters);
	}
	return now;
}
