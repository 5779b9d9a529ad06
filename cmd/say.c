// SPDX-License-Identifier: GPL-2.0-or-later
/* say: how the program speaks of failures. */
#include "say.h"

#include "exit_code.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	say(verb, "%s: %s", asked, text);
	if (f->hint[0])
		fprintf(stderr, "  %s\n", f->hint);
	return code_of(f->err);
}

int say_usage(const char *verb, const struct fault *f)
{
	say(verb, "%s: %s", f->op, f->object);
	if (f->hint[0])
		fprintf(stderr, "  %s\n", f->hint);
	fprintf(stderr, "  \"sevpinbench %s --help\" shows the usage\n", verb);
	return EXIT_USAGE;
}

int say_no_memory(const char *verb)
{
	say(verb, "out of memory");
	return EXIT_LACKS;
}

void say(const char *verb, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "sevpinbench%s%s: ", verb[0] ? " " : "", verb);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int say_flush(const char *verb)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	say(verb, "standard output: %s; what should stand there is lost, files are not",
	    strerror(errno));
	return EXIT_LACKS;
}
