// SPDX-License-Identifier: GPL-2.0-or-later
/* say: how the program speaks of failures. */
#include "say.h"

#include "exit_code.h"
#include "sevpinbench/stop.h"
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How grave it is, for journald: sd-daemon(3). */
#define LEVEL_ERROR   "<3>"
#define LEVEL_WARNING "<4>"

/* Of a unit of systemd whose standard error journald reads; else nothing: people see no levels. */
static const char *for_journal(const char *level)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[48];
	struct stat file;

	if (!stream || fstat(STDERR_FILENO, &file) < 0)
		return "";
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	return strcmp(stream, ours) == 0 ? level : "";
}

static void __attribute__((format(printf, 3, 0)))
say_at(const char *level, const char *verb, const char *fmt, va_list args)
{
	fprintf(stderr, "%ssevpinbench%s%s: ", for_journal(level), verb[0] ? " " : "", verb);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

static void __attribute__((format(printf, 2, 3))) say_error(const char *verb, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_at(LEVEL_ERROR, verb, fmt, args);
	va_end(args);
}

static int code_of(int err)
{
	static const int unsupported[] = {ENOENT, ENODEV, ENXIO, ENOSYS, ENOTSUP, ENOTTY};
	size_t i;

	for (i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		if (err == unsupported[i])
			return EXIT_UNSUPPORTED;
	}
	return EXIT_LACKS;
}

int say_fault(const char *verb, const char *asked, const struct fault *f)
{
	char text[512];

	fault_text(f, text, sizeof(text));
	say_error(verb, "%s: %s", asked, text);
	if (f->hint[0])
		fprintf(stderr, "  %s\n", f->hint);
	return code_of(f->err);
}

int say_usage(const char *verb, const struct fault *f)
{
	say_error(verb, "%s: %s", f->op, f->object);
	if (f->hint[0])
		fprintf(stderr, "  %s\n", f->hint);
	fprintf(stderr, "  \"sevpinbench %s --help\" shows the usage\n", verb);
	return EXIT_USAGE;
}

int say_stopped(const char *verb)
{
	const char *name = sigabbrev_np(stop_signal());

	say_error(verb, "ended by SIG%s before there was anything to keep", name ? name : "?");
	return EXIT_SIGNAL + stop_signal();
}

int say_no_memory(const char *verb)
{
	say_error(verb, "out of memory");
	return EXIT_LACKS;
}

void say(const char *verb, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_at(LEVEL_WARNING, verb, fmt, args);
	va_end(args);
}

int say_flush(const char *verb)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	say_error(verb, "standard output: %s; what should stand there is lost, files are not",
		  strerror(errno));
	return EXIT_LACKS;
}
