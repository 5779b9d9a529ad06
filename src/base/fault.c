// SPDX-License-Identifier: GPL-2.0-or-later
/* fault: what went wrong, told once. */
#include "sevpinbench/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *f, int err, const char *op, const char *object_fmt, ...)
{
	va_list args;

	if (!f)
		return -err;
	*f = (struct fault){.err = err};
	snprintf(f->op, sizeof(f->op), "%s", op);
	va_start(args, object_fmt);
	vsnprintf(f->object, sizeof(f->object), object_fmt, args);
	va_end(args);
	return -err;
}

void fault_hint(struct fault *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	vsnprintf(f->hint, sizeof(f->hint), fmt, args);
	va_end(args);
}

bool fault_is_set(const struct fault *f)
{
	return f->op[0] != '\0';
}

void fault_text(const struct fault *f, char *buf, unsigned size)
{
	char fw[32] = "";

	if (f->has_fw)
		snprintf(fw, sizeof(fw), " (firmware status %#x)", f->fw);
	snprintf(buf, size, "%s%s%s%s%s%s", f->op, f->object[0] ? ": " : "", f->object,
		 f->err ? ": " : "", f->err ? strerror(f->err) : "", fw);
}
