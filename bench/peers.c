// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peers: this program against QEMU, whole processes: from exec to the guest's first instruction to
 * a clean exit. QEMU starts a microvm with a ROM of 64 KiB whose first instructions end it through
 * isa-debug-exit; this program takes one sample of a guest that touches nothing, with all that
 * belongs to it: the host's facts, pins counted, journal and document written and synced.
 *
 * Both in turn, the first of the two alternating. Printed are the medians and the median of the
 * ratios pair by pair, with its 95% confidence interval.
 *
 * usage: peers [PAIRS [SIZE]]
 * Environment: SEVPINBENCH (build/sevpinbench), QEMU (qemu-system-x86_64).
 * Exit: 77 where there is no QEMU.
 */
#include "sevpinbench/clock.h"
#include "sevpinbench/stats.h"
#include "sevpinbench/units.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PAIRS   1000
#define ROM_BYTES   65536
#define ROM_ENTRY   0xfff0 /* the reset vector, 16 bytes below 4 GiB */
#define EXIT_PORT   0xf4
#define EXIT_VALUE  3
#define QEMU_STATUS (EXIT_VALUE << 1 | 1) /* hw/misc/debugexit.c; not that of an error, 1 */
#define PATH_ROOM   4096

/* One program that is timed. */
struct side {
	const char *name;
	char *argv[32];
	int status; /* with which it ends if all is well */
	double ns[MAX_PAIRS];
};

static char folder[] = "/tmp/sevpinbench-peers.XXXXXX";
static char rom[PATH_ROOM], result[PATH_ROOM], log_file[PATH_ROOM];

static void clean_up(void)
{
	unlink(rom);
	unlink(result);
	unlink(log_file);
	rmdir(folder);
}

__attribute__((noreturn)) static void give_up(const char *what, int err)
{
	fprintf(stderr, "peers: %s: %s\n", what, strerror(err));
	exit(3);
}

/* mov $EXIT_VALUE,%al; mov $EXIT_PORT,%dx; out %al,(%dx); hlt: in real mode, as at power-on. */
static void write_rom(void)
{
	static unsigned char image[ROM_BYTES];
	const unsigned char code[] = {0xb0, EXIT_VALUE, 0xba, EXIT_PORT, 0, 0xee, 0xf4};
	FILE *f = fopen(rom, "w");

	memcpy(image + ROM_ENTRY, code, sizeof(code));
	if (!f || fwrite(image, sizeof(image), 1, f) != 1 || fclose(f) != 0)
		give_up(rom, errno);
}

/* How long a side takes; its words go to the log, which is shown when it fails. */
static uint64_t time_ns(const struct side *s)
{
	posix_spawn_file_actions_t to_log;
	uint64_t start, took;
	int status, err;
	pid_t pid;

	posix_spawn_file_actions_init(&to_log);
	posix_spawn_file_actions_addopen(&to_log, 1, log_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&to_log, 1, 2);
	start = clock_now_ns();
	err = posix_spawnp(&pid, s->argv[0], &to_log, NULL, s->argv, environ);
	if (err)
		give_up(s->argv[0], err);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	took = clock_now_ns() - start;
	posix_spawn_file_actions_destroy(&to_log);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != s->status) {
		char text[PATH_ROOM] = "";
		FILE *f = fopen(log_file, "r");

		if (f && fread(text, 1, sizeof(text) - 1, f) > 0)
			fputs(text, stderr);
		fprintf(stderr, "peers: %s ended with wait status %#x\n", s->argv[0], status);
		exit(3);
	}
	return took;
}

static void compare(struct side *tool, struct side *peer, unsigned pairs)
{
	static double ratio[MAX_PAIRS];
	struct stats_summary st, sp, sr;
	unsigned i;

	for (i = 0; i < pairs + 1; i++) { /* the first pair warms up */
		unsigned at = i ? i - 1 : 0;

		if (i & 1)
			tool->ns[at] = (double)time_ns(tool);
		peer->ns[at] = (double)time_ns(peer);
		if (!(i & 1))
			tool->ns[at] = (double)time_ns(tool);
		ratio[at] = peer->ns[at] / tool->ns[at];
	}
	if (stats_summarise(tool->ns, pairs, &st) < 0 ||
	    stats_summarise(peer->ns, pairs, &sp) < 0 || stats_summarise(ratio, pairs, &sr) < 0)
		exit(3);
	printf("%-34s %5u %10.2f %10.2f %11.2f", peer->name, pairs, sp.median / 1e6,
	       st.median / 1e6, sr.median);
	if (sr.ci_low.known)
		printf("   %.2f .. %.2f", sr.ci_low.value, sr.ci_high.value);
	putchar('\n');
	fflush(stdout);
}

static bool can_run(char *program)
{
	char *const argv[] = {program, "--version", NULL};
	posix_spawn_file_actions_t quiet;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, program, &quiet, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&quiet);
	return status == 0;
}

static char *from_environment(const char *name, char *otherwise)
{
	char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* The first of these is QEMU's own choice of devices, the second has none that can be left out. */
#define MICROVM "microvm,accel=kvm"
#define LEAN	MICROVM ",pit=off,pic=off,rtc=off,isa-serial=off,x-option-roms=off"

static void set_qemu(struct side *s, char *qemu, const char *name, char *machine, char *mib)
{
	char *const argv[] = {qemu,	  "-M",		 machine,
			      "-cpu",	  "qemu64",	 "-m",
			      mib,	  "-nodefaults", "-no-user-config",
			      "-display", "none",	 "-bios",
			      rom,	  "-device",	 "isa-debug-exit,iobase=0xf4,iosize=1",
			      NULL};

	s->name = name;
	s->status = QEMU_STATUS;
	memcpy(s->argv, argv, sizeof(argv));
}

static void set_tool(struct side *s, char *program, char *size)
{
	char *const argv[] = {program,	    "run", "--guest-mem", size,	  "--pin",   "none",
			      "--runs",	    "1",   "--warmup",	  "0",	  "--touch", "0",
			      "--no-plots", "-q",  "-o",	  result, NULL};

	memcpy(s->argv, argv, sizeof(argv));
}

int main(int argc, char **argv)
{
	static struct side tool, usual, lean;
	uint64_t pairs = 30, bytes = UNITS_GIB;
	char *program = from_environment("SEVPINBENCH", "build/sevpinbench");
	char *qemu = from_environment("QEMU", "qemu-system-x86_64");
	char size[32], mib[32];

	if ((argc > 1 && units_parse_u64(argv[1], 1, MAX_PAIRS, &pairs) < 0) ||
	    (argc > 2 && (units_parse_size(argv[2], &bytes) < 0 || bytes % (2 * UNITS_MIB)))) {
		fputs("usage: peers [PAIRS [SIZE]]\n", stderr);
		return 2;
	}
	if (!can_run(qemu)) {
		fprintf(stderr, "peers: no %s here (Debian: qemu-system-x86)\n", qemu);
		return 77;
	}
	if (!mkdtemp(folder))
		give_up(folder, errno);
	atexit(clean_up);
	snprintf(rom, sizeof(rom), "%s/rom", folder);
	snprintf(result, sizeof(result), "%s/result.json", folder);
	snprintf(log_file, sizeof(log_file), "%s/log", folder);
	write_rom();
	units_format_size(bytes, size, sizeof(size));
	snprintf(mib, sizeof(mib), "%lluM", (unsigned long long)(bytes / UNITS_MIB));
	set_tool(&tool, program, size);
	set_qemu(&usual, qemu, "QEMU microvm", MICROVM, mib);
	set_qemu(&lean, qemu, "QEMU microvm, fewest devices", LEAN, mib);
	printf("a %s guest, from exec to clean exit, ms; both in turn\n", size);
	printf("%-34s %5s %10s %10s %11s   %s\n", "", "n", "peer", "tool", "peer/tool", "95% CI");
	compare(&tool, &usual, (unsigned)pairs);
	compare(&tool, &lean, (unsigned)pairs);
	return 0;
}
